"""Every magic input of both services, over a real port."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection, HTTPException, IncompleteRead, RemoteDisconnected
from urllib.parse import urlencode

import pytest

from mockserver.core.world import World
from mockserver.runtime.double import Double
from mockserver.runtime.fault_catalogue import CATALOGUE, FaultKind
from mockserver.runtime.magic_inputs import find_magic, magic_input
from mockserver.runtime.tenants import Tenants
from mockserver.services import SERVICES
from mockserver.services.securating.model import Securating
from mockserver.services.service import Request, Service
from mockserver.services.smsvote.errors import ERRORS
from mockserver.services.smsvote.model import SmsVote
from mockserver.web.gate import Gate
from mockserver.web.port import Port

SECONDS = 5.0
SECURE = "05ea83436373cae23787455c5fd1de87"
SECURATING, SMSVOTE = SERVICES
EACH = [(service, kind) for service in SERVICES for kind in CATALOGUE.values() if kind.is_of(service)]
STATUSES = {"bad parameter": 400, "unknown key": 403, "within 24 hours": 429, "wrong method": 405,
            "wrong media": 400, "too large": 413, "no such call": 404}  # fmt: skip


@pytest.fixture
def port(double: Double) -> Iterator[Port]:
    gate = Gate(Tenants(double))
    with Port(gate.answer, gate.tenants.answered) as port:
        yield port


def request_about(world: World, service: Service, person: str) -> Request:
    if service is SECURATING:
        fields = {**SECURATING.credentials(world), "email": person}
        return Request("POST", "/invitation/create", body=urlencode(fields).encode())
    said = {"id": 52, "secure": SECURE, "transport": "sms", "message": [{"phone": int(person), "text": "?"}]}
    return Request("GET", "/api/command/send_message.php", urlencode({"json": json.dumps(said)}))


def ask(double: Double, port: Port, service: Service, person: str) -> tuple[int, bytes]:
    """Return status and body of the answer; what keeps it from arriving is raised."""
    request = request_about(double.world, service, person)
    with closing(HTTPConnection("127.0.0.1", port.port, SECONDS)) as connection:
        connection.request(request.method, request.target, request.body or None)
        answer = connection.getresponse()
        return answer.status, answer.read()


def effects(world: World) -> tuple[object, ...]:
    account = world.state(SmsVote).accounts[52]
    return len(world.state(Securating).invitations), len(world.state(SmsVote).messages), account, world.agenda.promised


@pytest.mark.parametrize(("service", "kind"), EACH, ids=lambda each: each.name)
def test_a_magic_input_brings_its_fault_each_time(
    double: Double, port: Port, service: Service, kind: FaultKind
) -> None:
    person, before, began = magic_input(service, kind), effects(double.world), double.world.clock.now
    if kind.name == "reset":
        with pytest.raises(ConnectionResetError):
            ask(double, port, service, person)
    elif kind.name in {"empty", "lost"}:
        with pytest.raises(RemoteDisconnected):
            ask(double, port, service, person)
    elif kind.name == "truncated":
        with pytest.raises(IncompleteRead):
            ask(double, port, service, person)
    else:
        status, body = ask(double, port, service, person)
        assert is_as_meant(kind, status, body), body
    late = timedelta(seconds=kind.parameters.get("seconds", 0))
    assert double.world.clock.now == began + late
    assert (effects(double.world) != before) == kind.has_effect
    assert double.world.journal.exchanges()[-1].notes[-1] == f"{person} asks for this fault ({kind.name})"


def is_as_meant(kind: FaultKind, status: int, body: bytes) -> bool:
    if kind.service == "smsvote":
        return (status, body) == (200, ERRORS[kind.name].encode())
    if kind.service:
        return status == STATUSES[kind.name] and body.startswith(b"error: ")
    expected = {"status": 503}.get(kind.name, 200)
    marks = {"html": b"<!DOCTYPE html>", "charset": b"\xff\xfe", "status": b"503"}
    if kind.name in marks:
        return status == expected and body.startswith(marks[kind.name])
    return status == 200 and (body == b"OK" or body.startswith(b"https://"))


def test_the_documented_addresses_and_numbers_mean_what_is_documented() -> None:
    def meant(service: Service, person: str) -> tuple[object, ...] | None:
        fault = find_magic(service, person)
        return (fault.name, fault.status or fault.seconds, fault.real) if fault else None

    assert [meant(SMSVOTE, f"7000000{number:04}") for number in range(1, 8)] == [
        (name, 0, False) for name in SMSVOTE.refusals
    ]
    assert meant(SMSVOTE, "70000000008") is meant(SMSVOTE, "70000000000") is None
    assert meant(SMSVOTE, "70000001503") == ("status", 503, False)
    assert meant(SMSVOTE, "70000001399") is meant(SMSVOTE, "70000001600") is None
    assert [find_magic(SMSVOTE, f"7000000{number}").name for number in range(2001, 2009)] == [  # type: ignore[union-attr]
        "html", "truncated", "charset", "slow", "dribble", "reset", "empty", "lost",
    ]  # fmt: skip
    assert meant(SMSVOTE, "70000003002") == ("slow", 2, True)
    assert meant(SMSVOTE, "70000004300") == ("dribble", 300, True)
    assert meant(SMSVOTE, "70000003301") is meant(SMSVOTE, "70000003000") is None
    assert meant(SMSVOTE, "700000015030") is meant(SMSVOTE, "lost@fault.test.example") is None
    assert meant(SECURATING, "within-24-hours@fault.test") == ("within 24 hours", 0, False)
    assert meant(SECURATING, "status-418@fault.test") == ("status", 418, False)
    assert meant(SECURATING, "slow-5@fault.test") == ("slow", 5, False)
    assert meant(SECURATING, "dribble-2-real@fault.test") == ("dribble", 2, True)
    assert meant(SECURATING, "html-502@fault.test") == ("html", 502, False)
    assert meant(SECURATING, "not-enough-balance@fault.test") is None
    assert meant(SECURATING, "status-200@fault.test") is meant(SECURATING, "slow-301-real@fault.test") is None
    assert meant(SECURATING, "status-503-real@fault.test") is None


def test_a_magic_input_may_be_one_of_several_and_written_large(double: Double, port: Port) -> None:
    assert ask(double, port, SECURATING, "STATUS-418@fault.test")[0] == 418
    said = [{"phone": phone, "text": "?"} for phone in ("71234567890", "70000000003")]
    command = {"id": 52, "secure": SECURE, "transport": "sms", "message": said}
    with closing(HTTPConnection("127.0.0.1", port.port, SECONDS)) as connection:
        connection.request("GET", "/api/command/send_message.php?" + urlencode({"json": json.dumps(command)}))
        assert connection.getresponse().read() == b"Error: not enough balance"
    assert not double.world.state(SmsVote).messages


def test_what_looks_like_magic_and_is_none_works_and_leaves_a_note(double: Double, port: Port) -> None:
    assert ask(double, port, SECURATING, "nobody@fault.test")[0] == 200
    assert ask(double, port, SMSVOTE, "70000009999") == (200, b"OK")
    for exchange in double.world.journal.exchanges():
        assert exchange.notes[-1].endswith("asks for no fault that there is")


def test_an_armed_fault_goes_before_a_magic_input(double: Double, port: Port) -> None:
    from mockserver.runtime.fault_controls import FaultControls

    FaultControls(double).arm("status")
    assert ask(double, port, SECURATING, "lost@fault.test")[0] == 503
    with pytest.raises((OSError, HTTPException)):
        ask(double, port, SECURATING, "lost@fault.test")
