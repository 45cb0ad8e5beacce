"""What follows once an answer has left: webhooks go out, and nobody holds on to the double that answered."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from http.client import HTTPConnection
from queue import Empty, Queue
from typing import NamedTuple
from urllib.parse import urlencode

import pytest

from mockserver.core.webhooks import Answer, WebhookCall
from mockserver.core.world import World
from mockserver.runtime.carrier import Carrier
from mockserver.runtime.double import Double
from mockserver.runtime.pace import Frozen
from mockserver.runtime.tenants import Tenants
from mockserver.services import SERVICES
from mockserver.testing import Server
from mockserver.web.connection import Limits
from mockserver.web.gate import MAX_BODY, Gate
from mockserver.web.port import Port

SECONDS = 5.0
"""How long a test waits for what must come."""

HOOK = "http://127.0.0.1:9/w"


class Receiver(Carrier):
    """Takes each webhook instead of sending it."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: Queue[str] = Queue()

    def send(self, call: WebhookCall) -> Answer:
        self.taken.put(call.step)
        return Answer(200, "ok")

    def next(self) -> str:
        try:
            return self.taken.get(timeout=SECONDS)
        except Empty:
            return "nothing came"


class Jumping(Frozen):
    """A time that goes on while nobody looks: no dispatcher knows how long it would have to sleep."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def present(self, now: datetime) -> datetime:
        """Return the instant that the test has set."""
        return max(self.at, now)


@pytest.fixture
def pace(world: World) -> Jumping:
    return Jumping(world.clock.now)


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def gate(world: World, pace: Jumping, receiver: Receiver) -> Iterator[Gate]:
    double = Double(world, pace, receiver)
    double.start()
    yield Gate(Tenants(double))
    double.stop()


def created(world: World) -> dict[str, str]:
    """Return the form of an invitation whose mail leaves days later."""
    key = str(SERVICES[0].credentials(world)["keywebsite"])
    return {"keywebsite": key, "email": "anna@example.com", "webhook": HOOK}


def let_days_pass(gate: Gate, pace: Jumping) -> None:
    """Let the mail fall due while the dispatcher sleeps."""
    gate.tenants.default.drain()
    pace.at += timedelta(days=10)


class Call(NamedTuple):
    method: str
    path: str
    status: int
    host: str = "127.0.0.1"
    size: int = 0


CALLS = [
    Call("GET", "/nowhere", 404),
    Call("GET", "/invitation/create", 405),
    Call("HEAD", "/invitation/create", 405),
    Call("POST", "/invitation/create", 413, size=MAX_BODY + 1),
    Call("GET", "/favicon.ico", 404, host="api.securating.io"),
    Call("GET", "/_mock/v1/clock", 404, host="api.securating.io"),
    Call("GET", "/_mock/v1/clock", 200),
    Call("GET", "/_mock/main/time", 200),
]


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_under_any_server_a_webhook_that_fell_due_goes_out_after_whatever_call_comes(
    gate: Gate, world: World, pace: Jumping, receiver: Receiver, call: Call
) -> None:
    client = gate.application.test_client()
    assert client.post("/invitation/create", data=created(world), buffered=True).status_code == 200
    assert receiver.next() == "invitation-created"
    let_days_pass(gate, pace)

    answer = client.open(
        call.path, method=call.method, data=b"x" * call.size, headers={"Host": call.host}, buffered=True
    )

    assert answer.status_code == call.status
    assert receiver.next() == "mail-send"


def test_at_the_port_a_webhook_that_fell_due_goes_out_after_a_body_that_is_too_large(
    gate: Gate, world: World, pace: Jumping, receiver: Receiver
) -> None:
    tenants, limits = gate.tenants, Limits(max_body=1000)
    with Port(gate.answer, tenants.answered, limits=limits, too_large=gate.too_large) as port:
        assert asked(port.url, "POST", "/invitation/create", urlencode(created(world))) == 200
        assert receiver.next() == "invitation-created"
        let_days_pass(gate, pace)

        assert asked(port.url, "POST", "/invitation/create", "x" * 1001) == 413

        assert receiver.next() == "mail-send"
        tenants.default.drain()
    assert [call.status for call in world.webhooks.calls.values()] == ["acknowledged", "acknowledged"]


def test_no_world_of_a_test_is_held_by_the_thread_that_answered_for_it() -> None:
    server = Server()
    server.start()
    try:
        world = server.open()
        with closing(HTTPConnection(server.url.removeprefix("http://"), timeout=SECONDS)) as connection:
            asked_over(connection, "POST", "/invitation/create", urlencode(created(world.double.world)))
            server.close(world)
            asked_over(connection, "GET", "/nowhere")  # by the same thread, which has done with the first by now
            kept = weakref.ref(world.double)
            del world
            gc.collect()
            assert kept() is None
    finally:
        server.stop()


def asked(url: str, method: str, path: str, body: str = "") -> int:
    with closing(HTTPConnection(url.removeprefix("http://"), timeout=SECONDS)) as connection:
        return asked_over(connection, method, path, body)


def asked_over(connection: HTTPConnection, method: str, path: str, body: str = "") -> int:
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    connection.request(method, path, body or None, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status
