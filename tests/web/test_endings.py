from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPSConnection, IncompleteRead, RemoteDisconnected
from pathlib import Path
from threading import Event

import pytest

from mockserver.core.webhooks import Answer, WebhookCall
from mockserver.runtime.double import Double
from mockserver.runtime.fault_controls import FaultControls
from mockserver.runtime.pace import real_seconds
from mockserver.runtime.tenants import Tenants
from mockserver.services import SERVICES
from mockserver.services.service import CUT, DRIBBLED, RESET, SILENT, Reply
from mockserver.web.authority import ca_pem_path, server_context
from mockserver.web.connection import Connection
from mockserver.web.endings import send_ending
from mockserver.web.gate import Gate
from mockserver.web.port import Port

SECONDS = 5.0
MESSAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" + b"0123456789" * 2
Connect = Callable[[], HTTPConnection]


@pytest.fixture
def gate(double: Double) -> Gate:
    return Gate(Tenants(double))


@pytest.fixture
def port(gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Port]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with Port(gate.answer, gate.tenants.answered, tls=lambda: server_context(lambda _name: True)) as port:
        yield port


@pytest.fixture(params=["plain", "TLS"])
def connect(request: pytest.FixtureRequest, port: Port) -> Iterator[Connect]:
    """Connect to the port, without and with TLS."""
    opened: list[HTTPConnection] = []

    def connect() -> HTTPConnection:
        if request.param == "plain":
            opened.append(HTTPConnection("127.0.0.1", port.port, SECONDS))
        else:
            trusting = ssl.create_default_context(cafile=str(ca_pem_path()))
            opened.append(HTTPSConnection("127.0.0.1", port.port, timeout=SECONDS, context=trusting))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


def paths(double: Double) -> list[str]:
    """Return a call that the gate finds in its dictionary, and one that goes through Flask."""
    key = SERVICES[0].credentials(double.world)["keywebsite"]
    return [f"/widgets?token={key}", f"/widgets/company/{key}/id"]


def test_no_answer_comes_over_a_connection_that_is_reset(double: Double, connect: Connect) -> None:
    FaultControls(double).arm("reset", times=0)
    for path in paths(double):
        connection = connect()
        connection.request("GET", path)
        with pytest.raises(ConnectionResetError) as reset:
            connection.getresponse()
        # Python's TLS takes the reset, which is one on the wire, for an end.
        assert isinstance(reset.value, RemoteDisconnected) == isinstance(connection, HTTPSConnection)


@pytest.mark.parametrize("name", ["empty", "lost"])
def test_no_byte_comes_over_a_connection_that_is_closed(double: Double, connect: Connect, name: str) -> None:
    FaultControls(double).arm(name, times=0)
    for path in paths(double):
        connection = connect()
        connection.request("GET", path)
        with pytest.raises(RemoteDisconnected):
            connection.getresponse()


def test_a_truncated_answer_announces_the_whole(double: Double, connect: Connect) -> None:
    FaultControls(double).arm("truncated", times=0)
    for path in paths(double):
        connection = connect()
        connection.request("GET", path)
        answer = connection.getresponse()
        with pytest.raises(IncompleteRead) as cut:
            answer.read()
        whole = double.world.journal.exchanges()[-1].reply_body.encode()
        assert answer.getheader("Content-Length") == str(len(whole))
        assert cut.value.partial == whole[: len(whole) // 2]


def test_pieces_make_the_whole_and_the_connection_lives_on(double: Double, connect: Connect) -> None:
    FaultControls(double).arm("dribble", times=0)
    connection = connect()
    for path in paths(double):
        connection.request("GET", path)
        answer = connection.getresponse()
        assert answer.read().decode() == double.world.journal.exchanges()[-1].reply_body
        socket = connection.sock
    assert connection.sock is socket


def test_a_really_late_answer_ends_when_the_server_does(double: Double, port: Port) -> None:
    FaultControls(double).arm("slow", seconds=200, real=True)
    FaultControls(double).arm("dribble", seconds=200, real=True)
    clients = [HTTPConnection("127.0.0.1", port.port, SECONDS) for _ in range(2)]
    for client in clients:
        client.request("GET", paths(double)[1])
    assert double.changes.wait_for(lambda: len(double.world.journal.exchanges()) == 2, SECONDS)
    began = real_seconds()
    port.stop()
    assert real_seconds() - began < SECONDS
    for client in clients:
        with closing(client):
            assert client.getresponse().read().isdigit()


def test_an_answer_is_as_late_as_it_was_told_to_be(double: Double, port: Port) -> None:
    FaultControls(double).arm("slow", seconds=0.05, real=True)
    began = real_seconds()
    with closing(HTTPConnection("127.0.0.1", port.port, SECONDS)) as connection:
        connection.request("GET", paths(double)[1])
        assert connection.getresponse().status == 200
    assert real_seconds() - began >= 0.05


@pytest.mark.parametrize("name", ["lost", "truncated"])
def test_webhooks_of_a_call_whose_answer_never_arrives_go_out(double: Double, port: Port, name: str) -> None:
    class Receiver:
        was_called = Event()

        def objection(self, _call: WebhookCall) -> str:
            return ""

        def send(self, _call: WebhookCall) -> Answer:
            self.was_called.set()
            return Answer(200, "ok")

    receiver = double.delivery.target = Receiver()
    FaultControls(double).arm(name)
    key = SERVICES[0].credentials(double.world)["keywebsite"]
    double.start()
    try:
        with closing(HTTPConnection("127.0.0.1", port.port, SECONDS)) as connection:
            connection.request(
                "POST", "/invitation/create", f"keywebsite={key}&email=anna@example.com&webhook=http://127.0.0.1:9/w"
            )
            with pytest.raises((RemoteDisconnected, IncompleteRead)):
                connection.getresponse().read()
        assert receiver.was_called.wait(SECONDS)
    finally:
        double.stop()


class Wire:
    """Stands for a connection, and keeps what was sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.waits: list[float] = []
        self.is_aborted = False

    def send(self, message: bytes) -> None:
        self.sent.append(message)

    def abort(self) -> None:
        self.is_aborted = True

    def end(self, reply: Reply) -> bool:
        connection: Connection = self  # type: ignore[assignment] # all that an ending needs of it
        return send_ending(connection, MESSAGE, reply, self.waits.append)


def test_each_ending_writes_what_it_says() -> None:
    late, cut, dribbled, silent, reset = (Wire() for _ in range(5))
    assert late.end(Reply(200, b"", delay=2))
    assert (late.waits, late.sent) == ([2], [MESSAGE])
    assert not cut.end(Reply(200, b"", ending=CUT))
    assert cut.sent == [MESSAGE[:-10]]
    assert not silent.end(Reply(200, b"", ending=SILENT))
    assert (silent.sent, silent.is_aborted) == ([], False)
    assert not reset.end(Reply(200, b"", ending=RESET))
    assert (reset.sent, reset.is_aborted) == ([], True)
    assert dribbled.end(Reply(200, b"", ending=DRIBBLED, delay=4))
    assert b"".join(dribbled.sent) == MESSAGE
    assert len(dribbled.sent) == 8
    assert sum(dribbled.waits) == pytest.approx(4, rel=0.1)


def test_a_test_client_is_shown_what_can_be_shown_without_a_wire(double: Double, gate: Gate) -> None:
    client, faults = gate.application.test_client(), FaultControls(double)
    path = paths(double)[1]
    whole = client.get(path).get_data()
    for name in ("reset", "empty", "lost"):
        fault = faults.arm(name)
        with pytest.raises(ConnectionResetError, match=rf"no answer was to arrive: fault {fault.number} \({name}\)"):
            client.get(path)
    faults.arm("truncated")
    answer = client.get(path)
    assert (answer.get_data(), answer.content_length) == (whole[: len(whole) // 2], len(whole))
    for name in ("slow", "dribble"):
        faults.arm(name, seconds=200, real=True)
        assert client.get(path).get_data() == whole
    assert [fault.used for fault in faults] == [1] * 6
