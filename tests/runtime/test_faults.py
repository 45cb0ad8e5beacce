from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from freezegun import freeze_time

from mockserver.core.errors import InvalidInput
from mockserver.core.webhooks import Answer
from mockserver.core.world import World
from mockserver.runtime.double import Double
from mockserver.runtime.fault_catalogue import CATALOGUE
from mockserver.runtime.fault_controls import FaultControls
from mockserver.runtime.pace import Following, Running
from mockserver.runtime.strictness import UNUSED_FAULTS, Baseline, find_problems
from mockserver.services import SERVICES
from mockserver.services.securating.model import Securating
from mockserver.services.service import CUT, DRIBBLED, RESET, SILENT, Operation, Reply, Request, Service
from mockserver.services.smsvote.model import SmsVote
from mockserver.testing import MockServer

SECURATING, SMSVOTE = SERVICES
SECURE = "05ea83436373cae23787455c5fd1de87"
WITHOUT_EFFECT = [kind.name for kind in CATALOGUE.values() if not kind.has_effect]


@pytest.fixture
def faults(double: Double) -> FaultControls:
    return FaultControls(double)


def row_of(double: Double, service: Service, name: str) -> Operation:
    return next(row for row in service.operations(service.settings_of(double.world)) if row.name == name)


def invite(double: Double, email: str = "anna@example.com", **parameters: str) -> Reply:
    row = row_of(double, SECURATING, "create invitation")
    fields = {**SECURATING.credentials(double.world), "email": email, "recall_count": "0"} | parameters
    return double.answer(SECURATING, row, Request("POST", row.path, body=urlencode(fields).encode()))


def command(double: Double, name: str, **fields: object) -> Reply:
    row = row_of(double, SMSVOTE, name)
    said = json.dumps({"id": 52, "secure": SECURE} | fields)
    return double.answer(SMSVOTE, row, Request("GET", row.path, urlencode({"json": said})))


def send(double: Double, *phones: object) -> Reply:
    messages = [{"phone": phone, "text": "?"} for phone in phones or (71234567890,)]
    return command(double, "send_message", transport="sms", message=messages)


def call(double: Double, service: Service) -> Reply:
    return invite(double) if service is SECURATING else send(double)


def state_of(world: World) -> list[object]:
    """Return everything that a call without effect must leave as it was."""
    facts: list[object] = [world.clock.now, world.agenda.promised, len(world.outbox), len(world.webhooks.calls)]
    for kind, names in ((Securating, ("invitations", "latest_by_email")), (SmsVote, ("accounts", "messages"))):
        facts += [dict(getattr(world.state(kind), name)) for name in names]
    return facts


def notes_of(double: Double) -> tuple[str, ...]:
    return double.world.journal.exchanges()[-1].notes


@pytest.mark.parametrize("name", WITHOUT_EFFECT)
def test_a_fault_without_effect_leaves_the_world_as_it_was(double: Double, faults: FaultControls, name: str) -> None:
    before = state_of(double.world)
    armed = faults.arm(name)
    service = next(service for service in SERVICES if CATALOGUE[name].is_of(service))
    call(double, service)
    assert state_of(double.world) == before
    assert notes_of(double) == (f"fault 1 ({name}) was armed for this",)
    assert faults.one(number=armed.number).used == 1
    assert call(double, service).status == 200


@pytest.mark.claim("SMS-G3")
@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("wrong user", b"Error: wrong user id or token"),
        ("api not allowed", b"Error: API not allowed"),
        ("not enough balance", b"Error: not enough balance"),
        ("too many per day", b"Error: too many messages per day"),
        ("too many per month", b"Error: too many messages per month"),
        ("wrong json", b"Error: json has wrong format, and cannot be decoded"),
        ("wrong vote", b"Error: wrong vote id or vote is inactive"),
    ],
)
def test_each_of_the_seven_errors_comes_to_the_letter(
    double: Double, faults: FaultControls, name: str, line: bytes
) -> None:
    before = state_of(double.world)
    faults.arm(name)
    reply = send(double)
    assert (reply.status, reply.body) == (200, line)
    assert state_of(double.world) == before


@pytest.mark.claim("SEC-C24", "SEC-C25")
@pytest.mark.parametrize(
    ("name", "status", "field"),
    [
        ("bad parameter", 400, b"email"),
        ("unknown key", 403, b"keywebsite"),
        ("within 24 hours", 429, b"email"),
        ("wrong method", 405, b"/invitation/create"),
        ("wrong media", 400, b"content-type"),
        ("too large", 413, b"/invitation/create"),
        ("no such call", 404, b"/invitation/create"),
    ],
)
def test_each_refusal_of_securating_comes_in_its_own_words(
    double: Double, faults: FaultControls, name: str, status: int, field: bytes
) -> None:
    before = state_of(double.world)
    faults.arm(name)
    reply = invite(double)
    assert reply.status == status
    assert reply.body.startswith(b"error: " + field + b": ")
    assert state_of(double.world) == before


def test_every_refusal_is_in_the_catalogue_under_its_service() -> None:
    for service in SERVICES:
        assert [*service.refusals] == [kind.name for kind in CATALOGUE.values() if kind.service == service.name]


def test_a_status_and_a_page_take_the_place_of_the_answer(double: Double, faults: FaultControls) -> None:
    faults.arm("status")
    faults.arm("status", status=418)
    faults.arm("html")
    faults.arm("html", status=599)
    first, second, third, fourth = (invite(double) for _ in range(4))
    assert (first.status, first.body) == (503, b"503 Service Unavailable")
    assert second.status == 418
    assert (third.status, fourth.status) == (200, 599)
    assert third.content_type.startswith("text/html")
    assert third.body.startswith(b"<!DOCTYPE html>")
    assert not double.world.state(Securating).invitations


@pytest.mark.parametrize(
    ("name", "ending"), [("truncated", CUT), ("dribble", DRIBBLED), ("lost", SILENT), ("slow", ""), ("charset", "")]
)
def test_a_fault_with_effect_lets_the_call_have_it(
    double: Double, faults: FaultControls, name: str, ending: str
) -> None:
    faults.arm(name)
    reply = invite(double)
    assert (reply.status, reply.ending) == (200, ending)
    assert len(double.world.state(Securating).invitations) == 1
    assert notes_of(double)[-1] == f"fault 1 ({name}) was armed for this"


def test_no_answer_has_no_status_in_the_journal(double: Double, faults: FaultControls) -> None:
    faults.arm("reset")
    faults.arm("empty")
    assert [invite(double).ending for _ in range(2)] == [RESET, SILENT]
    assert [exchange.status for exchange in double.world.journal.exchanges()] == [0, 0]


def test_another_encoding_shows_in_every_body(double: Double, faults: FaultControls) -> None:
    faults.arm("charset", times=0)
    assert send(double).body == "OK".encode("utf-16")
    double.world.state(SmsVote).settings = double.world.state(SmsVote).settings.override(
        {"success_body": "Принято"}, "smsvote"
    )
    reply = send(double)
    assert reply.body == "Принято".encode("cp1251")
    assert reply.content_type == "text/plain; charset=utf-8"


@pytest.mark.parametrize("name", ["slow", "dribble"])
def test_a_late_answer_moves_the_clock_and_what_falls_due_on_the_way_happens(
    double: Double, faults: FaultControls, name: str
) -> None:
    invite(double, days="1", webhook="http://127.0.0.1:9/w")
    seen: list[str] = []
    double.delivery.target = _Noting(seen)
    began = double.world.clock.now
    faults.arm(name, service="smsvote", seconds=86_400)
    assert send(double).delay == 0
    assert double.world.clock.now == began + timedelta(days=1)
    assert [letter.kind for _, letter in double.world.outbox.to("anna@example.com")] == ["invitation"]
    assert not seen  # webhooks wait until the answer is there
    double.drain()
    assert seen == ["invitation-created", "mail-send"]


class _Noting:
    def __init__(self, seen: list[str]) -> None:
        self._seen = seen

    def objection(self, _call: Any) -> str:
        return ""

    def send(self, call: Any) -> Answer:
        self._seen.append(call.step)
        return Answer(200, "ok")


def test_a_running_clock_goes_on_from_where_a_late_answer_has_moved_it(world: World) -> None:
    began = world.clock.now
    double = Double(world, Running(began, rate=1e-6))
    FaultControls(double).arm("slow", seconds=60)
    send(double)
    with double.present() as present:
        assert timedelta(seconds=60) <= present.clock.now - began < timedelta(seconds=61)


def test_the_application_sees_how_late_an_answer_is_where_its_clock_is_frozen(world: World) -> None:
    with freeze_time("2026-03-02 09:00:00") as freezer:
        double = Double(world, Following())
        FaultControls(double).arm("slow", seconds=30)
        send(double)
        assert freezer().isoformat() == "2026-03-02T09:00:30"


def test_a_really_late_answer_leaves_the_clock_alone(double: Double, faults: FaultControls) -> None:
    began = double.world.clock.now
    faults.arm("slow", seconds=2.5, real=True)
    assert send(double).delay == 2.5
    assert double.world.clock.now == began


def test_only_calls_that_name_the_person_fail(double: Double, faults: FaultControls) -> None:
    faults.arm("not enough balance", phone=71111111111)
    faults.arm("within 24 hours", email="Anna@Example.com")
    assert send(double, 72222222222).body == b"OK"
    assert send(double, 72222222222, "71111111111").body == b"Error: not enough balance"
    assert invite(double, "berta@example.com").status == 200
    assert invite(double, "anna@example.COM").status == 429


def test_only_the_operation_that_is_named_fails(double: Double, faults: FaultControls) -> None:
    faults.arm("status", operation="balance")
    assert send(double).body == b"OK"
    assert command(double, "balance").status == 503


def test_what_nobody_understands_meets_no_fault(double: Double, faults: FaultControls) -> None:
    faults.arm("reset")
    refusing = Operation("no such call", "GET", "/nowhere", lambda _world, _request: Reply(404, b"nothing"))
    assert double.answer(SMSVOTE, refusing, Request("GET", "/nowhere")).status == 404
    assert faults.one().used == 0


@pytest.mark.parametrize(
    ("name", "wanted", "message"),
    [
        ("not enough balanse", {}, "name: 'not enough balanse', did you mean 'not enough balance'"),
        ("Error: not enough balance", {}, "did you mean 'not enough balance'"),
        ("reset", {"time": 2}, "time: no such parameter, did you mean 'times'"),
        ("reset", {"xyz": 2}, "xyz: no such parameter, one of email, nth, operation"),
        ("reset", {"status": 503}, "status: reset takes no parameters"),
        ("slow", {"status": 503}, "status: slow takes seconds and real"),
        ("status", {"status": 200}, "status: 200, an HTTP status from 400 to 599 expected"),
        ("status", {"status": "503"}, "status: '503', an HTTP status"),
        ("status", {"status": True}, "status: True, an HTTP status"),
        ("slow", {"seconds": 0}, "seconds: 0, seconds from"),
        ("x" * 1000, {}, f"name: '{'x' * 79}, one of "),
        ("slow", {"seconds": float("nan")}, "seconds: nan, seconds from"),
        ("slow", {"seconds": 301, "real": True}, "seconds: 301 real ones, at most 300 expected"),
        ("slow", {"real": 1}, "real: 1, true or false expected"),
        ("reset", {"times": -1}, "times: -1, a whole number from 0"),
        ("reset", {"times": True}, "times: True, a whole number"),
        ("reset", {"nth": 0}, "nth: 0, a whole number from 1"),
        ("reset", {"probability": 1.1}, "probability: 1.1, a number from 0 to 1 expected"),
        ("reset", {"phone": "seven"}, "phone: 'seven', a phone number expected"),
        ("reset", {"email": "anna"}, "email: 'anna', an e-mail address expected"),
        ("reset", {"email": "a@b.example", "phone": "71"}, "email: no call names both"),
        ("not enough balance", {"email": "a@b.example"}, "email: sms-vote reaches people by phone"),
        ("reset", {"service": "smsvot"}, "service: 'smsvot', did you mean 'smsvote'"),
        ("within 24 hours", {"service": "smsvote"}, "service: 'smsvote', one of securating expected"),
        ("reset", {"operation": "send mesage"}, "operation: 'send mesage', did you mean 'send_message'"),
        ("reset", {"operation": ""}, "operation: '', a text expected"),
        ("wrong vote", {"operation": "create invitation"}, "operation: 'create invitation', "),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(
    double: Double, faults: FaultControls, name: str, wanted: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        faults.arm(name, **wanted)
    assert message in str(refused.value)
    assert (double.world.faults.armed, double.world.faults.numbered) == ({}, 0)


def test_the_controls_of_a_service_arm_and_see_its_own_faults_only(double: Double, faults: FaultControls) -> None:
    smsvote = FaultControls(double, "smsvote")
    mine, others = smsvote.arm("reset"), faults.arm("within 24 hours")
    with pytest.raises(InvalidInput, match="service: 'smsvote', one of securating expected"):
        smsvote.arm("within 24 hours")
    with pytest.raises(InvalidInput, match="service: 'securating', 'smsvote' expected"):
        smsvote.arm("reset", service="securating")
    assert smsvote.all() == [mine]
    with pytest.raises(InvalidInput, match="there are: 1"):
        smsvote.disarm(others)
    smsvote.clear()
    assert faults.all() == [others]
    assert invite(double).status == 429


def test_a_test_holds_the_faults_of_both_services_and_of_each(mockserver: MockServer) -> None:
    both = mockserver.faults.arm("reset")
    securating, smsvote = mockserver.securating.faults.arm("reset"), mockserver.smsvote.faults.arm("reset")
    assert [fault.service for fault in mockserver.faults] == ["", "securating", "smsvote"]
    assert mockserver.securating.faults.all() == [securating]
    assert mockserver.smsvote.faults.all() == [smsvote]
    assert [problem.kind for problem in mockserver.problems()] == [UNUSED_FAULTS] * 3
    mockserver.faults.clear()
    assert not mockserver.problems()
    assert both.used == 0


def test_a_fault_that_was_taken_back_does_not_happen(double: Double, faults: FaultControls) -> None:
    first, second = faults.arm("reset", times=0), faults.arm("empty", times=0)
    faults.disarm(first)
    faults.disarm(second.number)
    with pytest.raises(InvalidInput, match="there are: none"):
        faults.disarm(second)
    assert send(double).body == b"OK"
    assert len(faults) == 0


def test_a_fault_that_never_happened_is_a_problem_of_the_test_that_armed_it(
    double: Double, faults: FaultControls
) -> None:
    faults.arm("reset", phone="79999999999")
    since = Baseline.of(double)
    faults.arm("not enough balance", nth=3)
    faults.arm("reset", times=0)
    faults.arm("reset", probability=0.5, phone="79999999999")
    faults.disarm(faults.arm("empty"))
    send(double)
    problems = find_problems(double, since)
    assert [problem.kind for problem in problems] == [UNUSED_FAULTS]
    assert "fault 2 (not enough balance) was armed and never happened: calls that fitted: 1, nth=3" in problems[0].what
    assert find_problems(double)[0].what.endswith("(reset) was armed and never happened: no call fitted")
    command(double, "balance")
    command(double, "balance")
    assert not find_problems(double, since)
