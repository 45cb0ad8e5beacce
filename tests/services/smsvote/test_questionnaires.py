"""Questionnaires: several questions asked of one participant, one after the other."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.core.errors import Refusal
from mockserver.core.outbox import Sms
from mockserver.services.smsvote.model import Option
from mockserver.services.smsvote.questionnaires import find_answer

if TYPE_CHECKING:
    from tests.services.smsvote.conftest import Integrator

PHONE = "71234567890"
FIRST = ("question", "Как вы о нас узнали?\n1 - От друзей\n2 - Из рекламы")
SECOND = ("question", "Придёте ещё?\n1 - Да\n2 - Нет")

Make = Callable[..., "Integrator"]


def ask(integrator: Integrator, phone: str = PHONE, number: str = "1", **fields: object) -> Any:
    body = {"phone": phone} | fields
    return json.loads(integrator.control("POST", "/questionnaires/<id>/ask", body, id=number).body)


def participants(integrator: Integrator) -> Any:
    return json.loads(integrator.control("GET", "/questionnaires/<id>", id="1").body)["participants"]


@pytest.mark.claim("SMS-V9")
def test_questions_are_asked_one_after_the_other_and_the_answers_collected(integrator: Integrator) -> None:
    ask(integrator)
    assert integrator.texts() == [FIRST]
    assert integrator.phone_sends("2")["became"] == "answer"
    assert integrator.texts() == [FIRST, SECOND]
    assert participants(integrator) == [{"phone": PHONE, "phase": "answering", "answers": ["2"]}]
    assert integrator.phone_sends(" 1 ")["became"] == "answer"
    assert integrator.texts() == [FIRST, SECOND]
    assert participants(integrator) == [{"phone": PHONE, "phase": "finished", "answers": ["2", "1"]}]


@pytest.mark.claim("SMS-V9", "SMS-F1")
@pytest.mark.parametrize("text", ["2 потому", "2, но долго", "2потому", "2.", "2\nпотому"])
def test_a_comment_may_follow_the_code_of_an_option(integrator: Integrator, text: str) -> None:
    ask(integrator)
    assert integrator.phone_sends(text)["became"] == "answer"
    assert participants(integrator)[0]["answers"] == ["2"]
    assert integrator.state.incoming[-1].text == text


@pytest.mark.claim("SMS-V9")
@pytest.mark.parametrize(
    ("text", "code"),
    [("Да, конечно", "да"), ("да", "да"), ("данет", None), ("2б или нет", "2б"), ("2 б", "2"), ("22", None),
     ("2.5", None), ("2,5", None), ("потому 2", None), ("", None)],
)  # fmt: skip
def test_an_answer_begins_with_the_longest_code_that_is_a_word_of_its_own(text: str, code: str | None) -> None:
    options = [Option(number, each, "…") for number, each in enumerate(("2", "2б", "да"), 1)]
    assert getattr(find_answer(options, text), "code", None) == code


@pytest.mark.claim("SMS-V9")
def test_what_is_no_option_leaves_the_question_open(integrator: Integrator) -> None:
    ask(integrator)
    assert integrator.phone_sends("не помню")["became"] == "nothing"
    assert participants(integrator)[0]["answers"] == []
    assert integrator.phone_sends("1")["became"] == "answer"


@pytest.mark.claim("SMS-V9")
def test_once_finished_the_phone_votes_again(integrator: Integrator) -> None:
    ask(integrator)
    became = [integrator.phone_sends(text)["became"] for text in ("1", "1", "1")]
    assert became == ["answer", "answer", "ballot"]


@pytest.mark.claim("SMS-V9", "SMS-F3")
def test_an_open_request_comes_before_the_questionnaire(integrator: Integrator) -> None:
    ask(integrator)
    integrator.send()
    assert [integrator.phone_sends("1")["became"] for _ in range(2)] == ["rating", "answer"]


@pytest.mark.claim("SMS-V9")
def test_questions_go_by_whatsapp_where_the_participant_is_asked_there(integrator: Integrator) -> None:
    ask(integrator, transport="whatsapp")
    integrator.phone_sends("1", transport="whatsapp")
    sent = [message for _, message in integrator.world.outbox.to(PHONE) if isinstance(message, Sms)]
    assert [sms.transport for sms in sent] == ["whatsapp", "whatsapp"]


@pytest.mark.claim("SMS-V9")
def test_participants_answer_independently(integrator: Integrator) -> None:
    ask(integrator)
    ask(integrator, "71234567891")
    integrator.phone_sends("2")
    assert [(one["phone"], one["answers"]) for one in participants(integrator)] == [(PHONE, ["2"]), ("71234567891", [])]


@pytest.mark.claim("SMS-V9")
def test_nobody_is_asked_twice_or_two_things_at_once(integrator: Integrator) -> None:
    body = {"name": "Второй", "questions": [{"text": "Да?", "options": ["Да"]}]}
    made = json.loads(integrator.control("POST", "/questionnaires", body).body)
    assert (made["id"], made["questions"][0]["options"][0]["code"]) == (2, "1")
    ask(integrator)
    for number in ("1", "2"):
        before = integrator.facts()
        with pytest.raises(Refusal, match="is still answering questionnaire 1"):
            ask(integrator, number=number)
        assert integrator.facts() == before
    integrator.phone_sends("1")
    integrator.phone_sends("1")
    with pytest.raises(Refusal, match="has answered questionnaire 1 already"):
        ask(integrator)
    assert ask(integrator, number="2")["participants"][0]["phase"] == "answering"


@pytest.mark.claim("SMS-V9", "SMS-M8")
def test_a_question_costs_and_is_asked_again_once_it_can_be_paid(integrator: Integrator) -> None:
    integrator.change(balance="0.00")
    before = integrator.facts()
    with pytest.raises(Refusal, match="a question costs"):
        ask(integrator)
    assert integrator.facts() == before
    integrator.change(balance="1.00")
    ask(integrator)
    integrator.phone_sends("1")
    assert participants(integrator) == [{"phone": PHONE, "phase": "broken off", "answers": ["1"]}]
    assert "question 2 of questionnaire 1 to 71234567890 not sent" in integrator.notes()[0]
    integrator.change(balance="1.00")
    ask(integrator)
    assert integrator.texts() == [FIRST, SECOND]
    integrator.phone_sends("2")
    assert participants(integrator) == [{"phone": PHONE, "phase": "finished", "answers": ["1", "2"]}]


@pytest.mark.claim("SMS-M8")
def test_whether_questions_cost_is_a_setting(integrator_with: Make) -> None:
    integrator = integrator_with("questions_cost=false")
    integrator.change(balance="0.00")
    ask(integrator)
    assert integrator.texts() == [FIRST]
    assert integrator.ask("balance").body == b"0.00"


@pytest.mark.claim("SMS-V9")
@pytest.mark.parametrize("number", ["2", "0", "x", "-1", "9" * 30])
def test_an_unknown_questionnaire_is_refused(integrator: Integrator, number: str) -> None:
    with pytest.raises(Refusal):
        ask(integrator, number=number)
