from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from threading import Thread
from typing import Any

import pytest

from mockserver.client.wire import Declined, Unreachable, Wire, quoted
from mockserver.core.errors import BackwardsInTime, ClockBusy, Evicted, InvalidInput, Refusal
from mockserver.services.finding import NotFound
from mockserver.web.server import Server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server(port=0, start="2026-03-02T09:00:00Z", speed=0)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def wire(server: Server) -> Iterator[Wire]:
    with Wire(server.url) as wire:
        yield wire


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[HTTPConnection]:
    """Every connection that is opened."""
    opened: list[HTTPConnection] = []
    connect = HTTPConnection.connect

    def noting(connection: HTTPConnection) -> None:
        opened.append(connection)
        connect(connection)

    monkeypatch.setattr(HTTPConnection, "connect", noting)
    return opened


Answering = Callable[..., str]


@pytest.fixture
def answering() -> Iterator[Answering]:
    """Listen at an address that gives each connection one of these answers, in their order, and closes it."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[Thread] = []

    def answer(answers: tuple[bytes, ...]) -> None:
        for each in answers:
            client, _ = listener.accept()
            with client:
                client.recv(65536)
                client.sendall(each)

    def start(*answers: bytes) -> str:
        threads.append(Thread(target=answer, args=(answers,), daemon=True))
        threads[-1].start()
        return f"127.0.0.1:{listener.getsockname()[1]}"

    yield start
    listener.close()
    for thread in threads:
        thread.join(5)


def problem(kind: str, status: int, **more: Any) -> bytes:
    import json

    body = json.dumps({"type": f"urn:mockserver:{kind}", "title": "t", "status": status, "detail": "why"} | more)
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + body).encode()


def test_calls_go_over_one_connection(wire: Wire, connections: list[HTTPConnection]) -> None:
    assert wire.get("/clock")["now"] == "2026-03-02T09:00:00Z"
    assert wire.post("/reset")["mode"] == "frozen"
    assert wire.get("/outbox", to="nobody@example.com", limit=5, kind=None)["count"] == 0
    assert len(connections) == 1


def test_a_connection_that_the_server_has_closed_is_opened_anew(wire: Wire, connections: list[HTTPConnection]) -> None:
    wire.get("/clock")
    connections[0].sock.shutdown(socket.SHUT_WR)  # the server answers the end with its own
    assert connections[0].sock.recv(1, socket.MSG_PEEK) == b""
    assert wire.post("/reset")["mode"] == "frozen"
    assert len(connections) == 2


def test_threads_may_share_a_wire(wire: Wire, connections: list[HTTPConnection]) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: wire.get("/agenda", limit=number), range(1, 81)))
    assert {answer["count"] for answer in answers} == {0}
    assert len(connections) <= 8


def test_a_wire_acts_for_its_tenant(server: Server, wire: Wire) -> None:
    made = wire.post("/tenants", {"world": "empty", "start": "2027-01-01"})
    with Wire(server.url, tenant=made["id"]) as other:
        assert other.get("/clock")["now"] == "2027-01-01T00:00:00Z"
    assert wire.get("/clock")["now"] == "2026-03-02T09:00:00Z"
    wire.delete(f"/tenants/{quoted(made['id'])}")
    with Wire(server.url, tenant=made["id"]) as gone, pytest.raises(NotFound, match="is no tenant"):
        gone.get("/clock")


def test_what_the_server_declines_has_its_class(wire: Wire) -> None:
    with pytest.raises(Refusal) as unknown:
        wire.post("/clock/advance", {"dayz": 6})
    assert unknown.value.field == "dayz"
    with pytest.raises(InvalidInput) as wrong:
        wire.post("/clock/advance", {"duration": "6x"})
    assert wrong.value.path == "duration"
    with pytest.raises(BackwardsInTime, match="09:00:00Z already; a later instant expected"):
        wire.post("/clock/advance", {"to": "2020-01-01T00:00:00Z"})
    with pytest.raises(NotFound):
        wire.get(f"/outbox/{quoted('a/b?c')}")
    assert wire.get("/clock")["now"] == "2026-03-02T09:00:00Z"


@pytest.mark.parametrize(
    ("kind", "status", "error"),
    [("clock-busy", 409, ClockBusy), ("evicted", 410, Evicted), ("not-found", 404, NotFound)],
)
def test_every_kind_of_problem_has_its_class(
    answering: Answering, kind: str, status: int, error: type[Exception]
) -> None:
    with Wire(answering(problem(kind, status))) as wire, pytest.raises(error, match="why"):
        wire.get("/anything")


def test_a_refusal_keeps_its_code_and_its_field(answering: Answering) -> None:
    url = answering(problem("refused", 400, code="too soon", field="email"))
    with Wire(url) as wire, pytest.raises(Refusal) as refused:
        wire.post("/anything")
    assert (refused.value.code, refused.value.why, refused.value.field) == ("too soon", "why", "email")


def test_what_has_no_class_of_its_own_is_declined(answering: Answering) -> None:
    with Wire(answering(problem("unauthorized", 401))) as wire, pytest.raises(Declined) as declined:
        wire.get("/clock")
    assert (declined.value.kind, declined.value.status) == ("unauthorized", 401)
    assert str(declined.value) == "why (401 unauthorized)"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "closed connection without response; is that a mockserver?"),
        (b"SSH-2.0-OpenSSH\r\n", "is that a mockserver?"),
        (b"HTTP/1.1 502 Bad\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<h1>", "status 502 that is no JSON"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n{", "that is no JSON"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", "IncompleteRead"),
    ],
)
def test_a_stranger_at_the_address_is_said_to_be_one(answering: Answering, answer: bytes, said: str) -> None:
    with Wire(answering(answer)) as wire, pytest.raises(Unreachable, match=said):
        wire.get("/clock")


def test_nobody_at_the_address_is_said_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with Wire(f"http://127.0.0.1:{port}") as wire, pytest.raises(Unreachable, match="start it with `mockserver serve`"):
        wire.get("/clock")


@pytest.mark.parametrize(
    "url", ["", "ftp://x", "http://", "http://x:99999", "http://x:a", "http://x/path", "https://x"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match="an address such as"):
        Wire(url)


def test_no_header_can_be_smuggled_in() -> None:
    with pytest.raises(InvalidInput, match="X-Mock-Token: 'a"):
        Wire("http://x", token="a\r\nb: c")
