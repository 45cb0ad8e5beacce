"""sms-vote as a test holds it."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
import requests

from mockserver.core.errors import Refusal
from mockserver.services.finding import NotFound
from mockserver.testing import MockServer, SmsVote

pytestmark = pytest.mark.mockserver(start="2026-03-01 10:00")

PHONE = "71234567890"


def command(smsvote: SmsVote, name: str, **more: object) -> str:
    given = json.dumps({"id": smsvote.id, "secure": smsvote.secure, **more})
    return requests.get(f"{smsvote.url}/api/command/{name}.php", params={"json": given}, timeout=5).text


def ask(smsvote: SmsVote, *phones: str) -> None:
    messages = [{"phone": phone, "text": "Оцените нас", "text_final": "Спасибо!", "order": "17"} for phone in phones]
    assert command(smsvote, "send_message", transport="sms", message=messages) == "OK"


def test_a_phone_answers_and_gets_its_final_text(smsvote: SmsVote) -> None:
    ask(smsvote, PHONE)
    phone = smsvote.phone(PHONE)
    assert phone.reply("5 отлично").rating == 5
    assert phone.texts == ["Оцените нас", "Спасибо!"]
    assert smsvote.messages.one(kind="final").recipient == PHONE
    assert smsvote.ratings.one(phone=PHONE).order == "17"
    assert smsvote.balance == Decimal("998.00")


@pytest.mark.parametrize("number", ["+71234567890", 71234567890])
def test_a_number_may_be_written_as_people_do(smsvote: SmsVote, number: str | int) -> None:
    assert smsvote.phone(number).number == PHONE


def test_what_is_no_number_and_an_answer_to_nothing_are_refused(smsvote: SmsVote) -> None:
    with pytest.raises(Refusal, match="11–15 digits expected"):
        smsvote.phone("12")
    with pytest.raises(Refusal, match=r"send\(\) sends unasked"):
        smsvote.phone(PHONE).reply("5")
    with pytest.raises(NotFound, match="none at all"):
        smsvote.messages.latest(recipient=PHONE)


def test_a_phone_answers_by_itself_in_virtual_time(smsvote: SmsVote) -> None:
    smsvote.phone(PHONE).will_reply("4, но долго", after="2h")
    ask(smsvote, PHONE)
    smsvote.clock.advance(minutes=119)
    assert len(smsvote.ratings) == 0
    smsvote.clock.advance(minutes=1)
    assert smsvote.ratings.one().text == "4, но долго"


def test_an_unasked_message_with_a_prefix_is_a_rating(smsvote: SmsVote) -> None:
    assert smsvote.phone(PHONE).send("кафе5 вкусно").rating == 5
    assert smsvote.phone(PHONE).send("привет").became == ""


def test_a_crowd_answers_in_its_time(smsvote: SmsVote) -> None:
    smsvote.crowd(answering=0.5, within="1d", ratings={5: 1, 1: 1})
    ask(smsvote, *(f"7900000{number:04}" for number in range(200)))
    smsvote.clock.advance(days=1)
    values = [rating.value for rating in smsvote.ratings]
    assert 70 < len(values) < 130
    assert set(values) == {5, 1}
    assert smsvote.clock.agenda == []


def test_a_vote_counts_ballots_cast_by_hand_and_by_sms(smsvote: SmsVote) -> None:
    vote = smsvote.create_vote("Спектакль", "Какой лучший?", ["Чайка", "Ревизор"])
    assert smsvote.phone(PHONE).ballot(vote, 1)
    assert not vote.cast(PHONE, 2)
    smsvote.phone("79990000000").send("2")
    assert vote.counts == {"1": 1, "2": 1}
    assert json.loads(command(smsvote, "vote_report", vote_nr="most_recent_active"))["name"] == "Спектакль"
    with pytest.raises(Refusal, match="one of 1, 2 expected"):
        vote.cast(PHONE, 3)
    vote.finish()
    assert (vote.status, smsvote.votes.one(nr=vote.nr).name) == ("finished", "Спектакль")
    assert command(smsvote, "vote_report", vote_nr="most_recent_active").startswith("Error: wrong vote id")


def test_the_account_can_be_changed_on_the_way(smsvote: SmsVote) -> None:
    smsvote.change(balance="1.50", sending_delay="30m")
    ask(smsvote, PHONE)
    assert smsvote.phone(PHONE).inbox == []
    smsvote.clock.advance(minutes=30)
    assert len(smsvote.phone(PHONE).inbox) == 1
    assert smsvote.balance == Decimal("0.50")


def test_two_worlds_on_one_port_never_see_each_other(mockserver: MockServer, module_mockserver: MockServer) -> None:
    ask(mockserver.smsvote, PHONE)
    assert len(module_mockserver.smsvote.messages) == 0
    ask(module_mockserver.smsvote, PHONE)
    mockserver.smsvote.phone(PHONE).reply("5")
    assert len(module_mockserver.smsvote.ratings) == 0
    assert mockserver.smsvote.id != module_mockserver.smsvote.id
