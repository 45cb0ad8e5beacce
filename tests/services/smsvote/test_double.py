"""sms-vote as a test holds it."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
import requests

from mockserver.core.errors import InvalidInput, Refusal
from mockserver.services.finding import NotFound
from mockserver.services.smsvote.phones import SendReply
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


@pytest.mark.parametrize("number", ["+71234567890", 71234567890, "+7 123 456-78-90"])
def test_a_number_may_be_written_as_people_do(smsvote: SmsVote, number: str | int) -> None:
    assert smsvote.phone(number).number == PHONE


def test_what_is_no_number_and_an_answer_to_nothing_are_refused(smsvote: SmsVote) -> None:
    with pytest.raises(Refusal, match="11–15 digits expected"):
        smsvote.phone("12")
    with pytest.raises(Refusal, match=r"send\(\) sends unasked"):
        smsvote.phone(PHONE).reply("5")
    with pytest.raises(NotFound, match="none at all"):
        smsvote.messages.latest(recipient=PHONE)


@pytest.mark.parametrize("text", ["5\x00", "5\ud800", "5" * 39_016])
def test_what_no_text_message_says_is_refused_now_and_for_later(smsvote: SmsVote, text: str) -> None:
    phone = smsvote.phone(PHONE)
    with pytest.raises(Refusal, match="text: "):
        phone.send(text)
    with pytest.raises(Refusal, match="text: "):
        phone.will_reply(text)
    assert len(smsvote.incoming) == 0
    ask(smsvote, PHONE)
    assert smsvote.clock.agenda == []


def test_a_phone_answers_by_itself_in_virtual_time(smsvote: SmsVote) -> None:
    smsvote.phone(PHONE).will_reply("4, но долго", after="2h")
    ask(smsvote, PHONE)
    smsvote.clock.advance(minutes=119)
    assert len(smsvote.ratings) == 0
    smsvote.clock.advance(minutes=1)
    assert smsvote.ratings.one().text == "4, но долго"


def test_a_phone_that_was_asked_already_answers_so_long_after_now(smsvote: SmsVote) -> None:
    ask(smsvote, PHONE)
    smsvote.clock.advance(days=1)
    smsvote.phone(PHONE).will_reply("5", after="2h")
    smsvote.clock.advance(minutes=119)
    assert len(smsvote.ratings) == 0
    smsvote.clock.advance(minutes=1)
    assert smsvote.ratings.one(phone=int(PHONE)).value == 5
    assert smsvote.messages.one(phone=int(PHONE), kind="final").phone == PHONE
    smsvote.phone(PHONE).will_reply("1")
    assert smsvote.clock.agenda == []


def test_whoever_changes_their_mind_answers_the_last_request_once(smsvote: SmsVote) -> None:
    phone = smsvote.phone(PHONE)
    phone.will_reply("5", after="5h")
    ask(smsvote, PHONE)
    smsvote.clock.advance(hours=1)
    ask(smsvote, PHONE)
    phone.will_reply("1", after="1h")
    smsvote.clock.advance(days=1)
    assert [(rating.value, rating.request) for rating in smsvote.ratings] == [(1, 2), (5, 1)]


def test_a_crowd_answers_what_it_was_asked_already_and_the_same_in_every_run(mockserver: MockServer) -> None:
    smsvote, weeks = mockserver.smsvote, []
    for _ in range(2):
        mockserver.reset()
        smsvote.phone("79000000000").will_reply("3", after="1h")
        ask(smsvote, *(f"7900000{number:04}" for number in range(100)))
        smsvote.phone("79000000001").reply("2")
        for share in (1, 0.4):  # the first of them does not wait for what the second would do
            smsvote.crowd(answering=share, within="1d", ratings={5: 1, 4: 1})
        smsvote.clock.advance(days=1)
        weeks.append([(rating.at, rating.phone, rating.value) for rating in smsvote.ratings])
    assert weeks[0] == weeks[1]
    assert 25 < len(weeks[0]) < 55
    values = {phone: value for _, phone, value in weeks[0]}
    assert (values["79000000000"], values["79000000001"], {4, 5} < set(values.values())) == (3, 2, True)


@pytest.mark.smsvote(final_texts={5: "five"})
def test_final_texts_are_said_by_the_number_of_their_rating(smsvote: SmsVote) -> None:
    assert smsvote.account.final_texts[4] == "five"
    smsvote.change(final_texts={1: "one"})
    assert smsvote.account.final_texts == ("one", "", "", "", "")
    with pytest.raises(Refusal, match=r"final_texts\.6: no such field"):
        smsvote.change(final_texts={6: "six"})
    assert smsvote.account.final_texts[0] == "one"


def test_an_unasked_message_with_a_prefix_is_a_rating(smsvote: SmsVote) -> None:
    assert smsvote.phone(PHONE).send("кафе5 вкусно").rating == 5
    assert smsvote.phone(PHONE).send("привет").became == "nothing"


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


def test_whoever_has_written_anything_since_the_last_request_has_answered_it(smsvote: SmsVote) -> None:
    phone = smsvote.phone(PHONE)
    phone.send("5")  # before anybody asked, at the same instant
    ask(smsvote, PHONE)
    phone.will_reply("4", after="1h")
    assert len(smsvote.clock.agenda) == 1
    phone.send("call me back")
    phone.will_reply("5", after="2h")
    assert smsvote.clock.agenda == []
    smsvote.crowd(answering=1, within="1d", ratings={5: 1})
    smsvote.clock.advance(days=2)
    assert len(smsvote.ratings) == 0
    ask(smsvote, PHONE)
    smsvote.clock.advance(hours=2)
    assert smsvote.ratings.one().value == 5


@pytest.mark.mockserver(world="busy", start="2026-03-01 10:00")
def test_a_crowd_leaves_those_alone_who_were_asked_in_the_past_of_the_world(mockserver: MockServer) -> None:
    smsvote, pending = mockserver.smsvote, mockserver.clock.agenda
    silent = next(sms for sms in smsvote.messages.all(kind="request") if not smsvote.incoming.all(phone=sms.phone))
    smsvote.crowd(answering=1, within="1d", ratings={1: 1})
    assert mockserver.clock.agenda == pending
    smsvote.phone(silent.phone).will_reply("2", after="1h")
    smsvote.change(sending_delay="0s")
    ask(smsvote, PHONE)
    added = [promise.task for promise in mockserver.clock.agenda if promise not in pending]
    assert sorted(task.phone for task in added if isinstance(task, SendReply)) == [PHONE, silent.phone]


@pytest.mark.parametrize(("how", "why"), [({"ratings": [5, 4]}, r"ratings: \[5, 4\], such as {5: 3, 4: 1} expected"),
                                          ({"ratings": {"5": 3}}, r"ratings: .*, such as {5: 3, 4: 1} expected"),
                                          ({"ratings": {5: "3"}}, r"ratings: .*, such as {5: 3, 4: 1} expected"),
                                          ({"ratings": {True: 3}}, r"ratings: .*, such as {5: 3, 4: 1} expected"),
                                          ({"answering": "all"}, "answering: 'all', a share from 0 to 1 expected"),
                                          ({"answering": None}, "answering: None, a share")])  # fmt: skip
def test_what_is_no_crowd_is_refused(mockserver: MockServer, how: dict[str, object], why: str) -> None:
    for service in (mockserver.smsvote, mockserver.securating):
        with pytest.raises(InvalidInput, match=f"^{why}"):
            service.crowd(**{"answering": 1, "within": "1d", "ratings": {5: 1}, **how})  # type: ignore[arg-type]
    ask(mockserver.smsvote, PHONE)
    assert mockserver.clock.agenda == []


@pytest.mark.parametrize("text", [5, None, ["5"], b"5"])
def test_what_is_no_text_is_refused_now_and_for_later(smsvote: SmsVote, text: str) -> None:
    ask(smsvote, PHONE)
    for say in (smsvote.phone(PHONE).send, smsvote.phone(PHONE).reply, smsvote.phone(PHONE).will_reply):
        with pytest.raises(InvalidInput, match=r"^text: .*, a text expected"):
            say(text)
    assert len(smsvote.incoming) == 0
    assert smsvote.clock.agenda == []
