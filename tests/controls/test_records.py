"""What was sent, what came in, what is planned and what was kept, in process and over HTTP."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from threading import Thread

import pytest
import requests

from mockserver.core.errors import InvalidInput
from mockserver.services.finding import NotFound
from tests.controls.conftest import PHONE, Mock, ask, command, invite

UTC = dt.timezone.utc


def test_the_outbox_holds_what_both_services_sent(mock: Mock) -> None:
    link = invite(mock, days="0")
    ask(mock)
    letter, sms = mock.outbox.all()
    assert (letter.number, letter.service, letter.channel, letter.kind) == (1, "securating", "email", "invitation")
    assert (letter.recipient, letter.link, letter.at) == ("anna@example.com", link, mock.clock.now)
    assert letter.subject.startswith("Anna, votre avis")
    assert link in letter.text
    assert (sms.number, sms.channel, sms.recipient, sms.text) == (2, "sms", PHONE, "Оцените нас")
    assert (sms.subject, sms.link) == ("", "")
    with pytest.raises(NotFound, match=r"no message has recipient='bob'; there are: invitation to anna@example.com"):
        mock.outbox.one(recipient="bob")


def test_calls_show_what_was_asked_and_answered(mock: Mock) -> None:
    assert len(mock.calls) == 0
    assert command(mock, "balance") == "1000.00"
    call = mock.calls.one(operation="balance")
    assert (call.number, call.service, call.method, call.status) == (1, "smsvote", "GET", 200)
    assert call.reply_body == "1000.00"
    assert mock.smsvote.secure in call.target  # not shortened: it is the test's own
    assert call.at == mock.clock.now


def test_a_refused_call_says_why(mock: Mock) -> None:
    data = {"keywebsite": mock.securating.key, "email": "nobody"}
    answer = requests.post(f"{mock.url}/invitation/create", data=data, timeout=5)
    call = mock.calls.one(status=answer.status_code)
    assert call.status >= 400
    assert any("nobody" in note for note in call.notes)
    with pytest.raises(NotFound, match=r"no call has status=200; there is: POST /invitation/create: 4\d\d"):
        mock.calls.one(status=200)


def test_what_happened_without_a_call_is_no_call(mock: Mock) -> None:
    mock.smsvote.phone(PHONE).send("кто вы?")
    assert mock.calls.all() == []


def test_a_failure_is_armed_happens_and_is_counted(mock: Mock) -> None:
    fault = mock.faults.arm("not enough balance", phone=PHONE)
    assert (fault.number, fault.name, fault.phone, fault.times, fault.used) == (1, "not enough balance", PHONE, 1, 0)
    messages = [{"phone": PHONE, "text": "?"}]
    answer = command(mock, "send_message", transport="sms", message=messages)
    assert answer == "Error: not enough balance"
    assert mock.faults.one(name="not enough balance").used == 1
    assert command(mock, "send_message", transport="sms", message=messages) == "OK"


def test_failures_are_disarmed(mock: Mock) -> None:
    first, second = mock.faults.arm("reset", times=0), mock.faults.arm("empty", times=2)
    mock.faults.disarm(first)
    assert mock.faults.all() == [second]
    with pytest.raises(InvalidInput, match="1, the number of one that is armed expected; there are: 2") as refused:
        mock.faults.disarm(first.number)
    assert refused.value.path == "fault"
    mock.faults.clear()
    assert len(mock.faults) == 0


def test_a_service_arms_its_own_failures_only(mock: Mock) -> None:
    mine, others = mock.smsvote.faults.arm("reset"), mock.securating.faults.arm("reset")
    assert (mine.service, others.service) == ("smsvote", "securating")
    assert mock.smsvote.faults.all() == [mine]
    with pytest.raises(InvalidInput, match="'securating', 'smsvote' expected"):
        mock.smsvote.faults.arm("empty", service="securating")
    assert mock.faults.all() == [mine, others]


@pytest.mark.parametrize(("name", "wanted", "path"), [("no such fault", {}, "name"), ("reset", {"colour": 1}, "colour"),
                                                      ("reset", {"times": -1}, "times"),
                                                      ("reset", {"probability": 2}, "probability")])  # fmt: skip
def test_a_failure_that_cannot_be_is_refused(mock: Mock, name: str, wanted: dict[str, object], path: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        mock.faults.arm(name, **wanted)
    assert refused.value.path == path
    assert len(mock.faults) == 0


def test_a_world_goes_back_to_a_snapshot(mock: Mock) -> None:
    invite(mock)
    mock.snapshots.take("before")
    mock.clock.advance(days=6)
    mock.securating.customer("anna@example.com").review(5)
    mock.snapshots.restore("before")
    assert mock.clock.now == dt.datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert (mock.securating.invitations.one().status, len(mock.outbox)) == ("scheduled", 0)
    mock.clock.advance(days=6)
    mock.snapshots.restore("before")
    assert len(mock.clock.agenda) == 4


def test_a_snapshot_has_a_name(mock: Mock) -> None:
    name = mock.snapshots.take()
    assert name == "snapshot-1"
    with pytest.raises(InvalidInput) as refused:
        mock.snapshots.take("a/b")
    assert refused.value.path == "name"
    with pytest.raises(NotFound, match=r"name.*nowhere.*; there are: snapshot-1"):
        mock.snapshots.restore("nowhere")


def test_a_world_is_saved_to_a_file_and_loaded_again(mock: Mock, tmp_path: Path) -> None:
    invite(mock)
    mock.snapshots.save(tmp_path / "world.json")
    mock.clock.advance(days=6)
    mock.snapshots.load(tmp_path / "world.json")
    assert len(mock.outbox) == 0
    assert mock.securating.invitations.one().status == "scheduled"


def test_a_damaged_file_is_refused_and_nothing_changes(mock: Mock, tmp_path: Path) -> None:
    invite(mock)
    (tmp_path / "half.json").write_text("{", encoding="utf-8")
    (tmp_path / "other.json").write_text('{"format": "something else"}', encoding="utf-8")
    for name in ("half.json", "other.json", "missing.json"):
        with pytest.raises(InvalidInput):
            mock.snapshots.load(tmp_path / name)
    assert mock.securating.invitations.one().status == "scheduled"


@pytest.mark.smsvote(balance="2.00")
def test_a_world_begins_again_as_it_was_given(mock: Mock) -> None:
    key = mock.securating.key
    invite(mock)
    ask(mock)
    mock.clock.advance(days=6)
    mock.reset()
    assert (len(mock.outbox), len(mock.calls), len(mock.securating.invitations)) == (0, 0, 0)
    assert (mock.securating.key, str(mock.smsvote.balance)) == (key, "2.00")
    assert mock.clock.now == dt.datetime(2026, 3, 1, 10, tzinfo=UTC)


def test_what_has_not_come_yet_is_waited_for(mock: Mock) -> None:
    worker = Thread(target=invite, args=(mock, "bob@example.com"))
    invite(mock)
    worker.start()
    assert mock.securating.invitations.wait_for(email="bob@example.com").status == "scheduled"
    assert mock.calls.wait_for(number=2).status == 200
    worker.join()


def test_what_is_there_is_not_waited_for(mock: Mock) -> None:
    invite(mock, days="0")
    ask(mock)
    assert mock.outbox.wait_for(kind="invitation", timeout=0).number == 1
    assert mock.securating.mails.wait_for(kind="invitation").number == 1
    assert mock.smsvote.messages.wait_for(recipient=PHONE).kind == "request"


def test_what_never_comes_is_waited_for_no_longer_than_said(mock: Mock) -> None:
    with pytest.raises(NotFound, match="no rating has phone='71234567890'; there are: none at all"):
        mock.smsvote.ratings.wait_for(0.05, phone=PHONE)
    with pytest.raises(NotFound, match="no webhook has step='mail-send'"):
        mock.webhooks.wait_for(0, step="mail-send")


def test_two_worlds_on_one_port_never_see_each_other(mock: Mock, request: pytest.FixtureRequest) -> None:
    remote = request.getfixturevalue("remote")
    invite(mock)
    with remote.tenant(start="2026-03-01 10:00") as other:
        assert len(other.securating.invitations) == len(other.calls) == 0
        assert other.securating.key != mock.securating.key
        other.clock.advance(days=6)
        assert mock.clock.now == dt.datetime(2026, 3, 1, 10, tzinfo=UTC)
