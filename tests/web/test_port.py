import errno
import json
import logging
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from time import perf_counter
from typing import NamedTuple

import pytest
from freezegun import freeze_time

from mockserver.services.service import Reply, Request
from mockserver.web import connection
from mockserver.web import port as port_module
from mockserver.web.connection import Limits
from mockserver.web.port import Port

SECONDS = 5.0
"""How long a test waits for what must come."""

GET = b"GET /path?a=%20b HTTP/1.1\r\nHost: sms-vote.ru\r\n\r\n"
ENDLESS = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class Client:
    """A client that sends the bytes it is told to, and reads answers by their length."""

    def __init__(self, port: Port) -> None:
        self.socket = socket.create_connection((port.host, port.port), SECONDS)
        self._buffer = b""

    def send(self, message: bytes) -> "Client":
        self.socket.sendall(message)
        return self

    def answer(self, method: str = "GET") -> Answer:
        while b"\r\n\r\n" not in self._buffer:
            self._read()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        line, *fields = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (field.split(": ", 1) for field in fields)}
        length = 0 if method == "HEAD" else int(headers.get("content-length", 0))
        while len(self._buffer) < length:
            self._read()
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        return Answer(int(line.split(" ")[1]), headers, body)

    def _read(self) -> None:
        piece = self.socket.recv(65536)
        assert piece, f"the port closed the connection after {self._buffer!r}"
        self._buffer += piece

    def is_hung_up_on(self) -> bool:
        """Read to the end of the connection; True when nothing more came."""
        with suppress(ConnectionResetError):
            self._buffer += self.socket.recv(65536)
        return not self._buffer

    def reset(self) -> None:
        """Go without a word of goodbye."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()


class House:
    """Ports and clients of one test."""

    def __init__(self) -> None:
        self.ports: list[Port] = []
        self.clients: list[Client] = []

    def port(self, answer: Callable[[Request], Reply], limits: Limits = Limits(), **options: object) -> Port:  # noqa: B008
        port = Port(answer, limits=limits, **options)  # type: ignore[arg-type]
        port.start()
        self.ports.append(port)
        return port

    def client(self, port: Port | None = None) -> Client:
        client = Client(port or self.ports[0])
        self.clients.append(client)
        return client

    def close(self) -> None:
        for port in self.ports:
            port.stop()
        for client in self.clients:
            client.socket.close()


@pytest.fixture
def house() -> Iterator[House]:
    before = set(threading.enumerate())
    house = House()
    yield house
    house.close()
    assert set(threading.enumerate()) == before


def echo(request: Request) -> Reply:
    """Answer with what was understood."""
    seen = {
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": dict(request.headers),
        "body": request.body.decode(),
        "origin": request.origin,
    }
    return Reply.json(seen)


def refuse_body(request: Request, size: int) -> Reply:
    return Reply(413, f"{request.method} {request.path} {size} {request.body!r}".encode())


# What a request becomes


def test_a_request_reaches_the_answer_whole(house: House) -> None:
    house.port(echo)
    body = "поле=значение".encode()
    head = f"POST /a%20b?c=%20 HTTP/1.1\r\nHost: sms-vote.ru\r\nX-A: 1\r\nX-a: 2\r\nContent-Length: {len(body)}\r\n\r\n"

    answer = house.client().send(head.encode() + body).answer()

    assert json.loads(answer.body) == {
        "method": "POST",
        "path": "/a b",
        "query": "c=%20",
        "headers": {"host": "sms-vote.ru", "x-a": "1, 2", "content-length": str(len(body))},
        "body": "поле=значение",
        "origin": "http://sms-vote.ru",
    }


def test_an_answer_carries_nothing_from_the_wall_clock(house: House) -> None:
    house.port(lambda _: Reply(200, b"ok"))

    headers = house.client().send(GET).answer().headers

    assert set(headers) == {"connection", "content-type", "content-length"}


def test_a_head_of_dribbled_bytes_is_put_together(house: House) -> None:
    house.port(echo)
    client = house.client()

    for byte in GET:
        client.send(bytes([byte]))

    assert json.loads(client.answer().body)["path"] == "/path"


def test_a_body_in_chunks_is_decoded(house: House) -> None:
    house.port(echo)

    answer = house.client().send(ENDLESS + b"5\r\na=%20\r\n3\r\n&b=\r\n0\r\n\r\n").answer()

    assert json.loads(answer.body)["body"] == "a=%20&b="


def test_a_client_that_asks_first_is_told_to_go_on(house: House) -> None:
    house.port(echo)
    client = house.client().send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n")

    assert client.answer().status == 100
    assert json.loads(client.send(b"hello").answer().body)["body"] == "hello"


# Connections that live on


def test_one_connection_carries_many_requests(house: House) -> None:
    house.port(echo)
    client = house.client()

    for _ in range(20):
        assert client.send(GET).answer().status == 200


def test_pipelined_requests_are_answered_in_order(house: House) -> None:
    house.port(echo)
    bodies = [b"a" * size for size in range(20)]

    client = house.client().send(
        b"\r\n".join(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body) for body in bodies
        )
    )

    assert [json.loads(client.answer().body)["body"].encode() for _ in bodies] == bodies


def test_the_next_request_waits_for_the_answer_before(house: House) -> None:
    seen: list[str] = []
    first_may_go = threading.Event()

    def answer(request: Request) -> Reply:
        seen.append(request.path)
        first_may_go.wait(SECONDS)
        return Reply(200, request.path.encode())

    house.port(answer)
    client = house.client().send(GET.replace(b"/path", b"/first") + GET.replace(b"/path", b"/second"))
    other = house.client().send(GET.replace(b"/path", b"/other"))
    first_may_go.set()

    assert [client.answer().body, client.answer().body] == [b"/first", b"/second"]
    assert other.answer().body == b"/other"
    assert seen.index("/first") < seen.index("/second")


def test_an_answer_to_head_has_no_body(house: House) -> None:
    house.port(lambda _: Reply(200, b"body"))
    client = house.client()

    answer = client.send(GET.replace(b"GET", b"HEAD")).answer("HEAD")

    assert answer.headers["content-length"] == "4"
    assert client.send(GET).answer().body == b"body"


@pytest.mark.claim("SEC-O9")
def test_http_1_0_gets_a_complete_answer_and_the_end(house: House) -> None:
    house.port(echo)
    client = house.client().send(b"GET / HTTP/1.0\r\n\r\n")

    answer = client.answer()

    assert json.loads(answer.body)["origin"] == house.ports[0].url
    assert "transfer-encoding" not in answer.headers
    assert client.is_hung_up_on()


def test_http_1_0_may_ask_for_more(house: House) -> None:
    house.port(echo)
    client = house.client()

    for _ in range(2):
        answer = client.send(b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").answer()
        assert answer.headers["connection"] == "keep-alive"


def test_a_client_that_wants_the_end_gets_it(house: House) -> None:
    house.port(echo)
    client = house.client().send(GET.replace(b"Host", b"Connection: close\r\nHost"))

    assert client.answer().headers["connection"] == "close"
    assert client.is_hung_up_on()


def test_a_client_that_has_said_all_still_gets_its_answer(house: House) -> None:
    house.port(echo)
    client = house.client().send(GET)
    client.socket.shutdown(socket.SHUT_WR)

    assert client.answer().status == 200
    assert client.is_hung_up_on()


# Bugs, and what follows an answer


@pytest.mark.parametrize(
    "reply", [Reply(200, b"", headers=(("X", "a\r\nb"),)), Reply(200, b"", headers=(("X", "\ud800"),))]
)
def test_an_answer_that_cannot_be_written_is_a_bug(
    house: House, caplog: pytest.LogCaptureFixture, reply: Reply
) -> None:
    house.port(lambda _: reply)

    assert house.client().send(GET).answer().status == 500
    assert caplog.records


def test_a_bug_is_a_logged_500_and_the_connection_goes_on(house: House, caplog: pytest.LogCaptureFixture) -> None:
    def answer(request: Request) -> Reply:
        return Reply(200, b"%d" % (1 // len(request.body)))

    house.port(answer)
    client = house.client()

    assert client.send(GET).answer().status == 500
    assert client.send(GET.replace(b"\r\n\r\n", b"\r\nContent-Length: 1\r\n\r\n1")).answer().body == b"1"
    assert [(record.name, record.levelno) for record in caplog.records] == [("mockserver", logging.ERROR)]
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_exit_from_an_answer_takes_nobody_else_along(house: House) -> None:
    def answer(request: Request) -> Reply:
        if request.path == "/exit":
            raise SystemExit
        return Reply(200, b"ok")

    house.port(answer)

    for _ in range(3):
        assert house.client().send(GET.replace(b"/path", b"/exit")).is_hung_up_on()
        assert house.client().send(GET).answer().status == 200


def test_what_follows_an_answer_begins_when_the_answer_is_out(house: House) -> None:
    has_begun, may_end = threading.Event(), threading.Event()

    def answered() -> None:
        has_begun.set()
        may_end.wait(SECONDS)

    house.port(lambda _: Reply(200, b"whole" * 1000), answered=answered)

    answer = house.client().send(GET).answer()

    assert answer.body == b"whole" * 1000
    assert has_begun.wait(SECONDS)
    may_end.set()


def test_what_follows_an_answer_follows_though_the_client_is_gone(house: House) -> None:
    is_asked, is_gone, has_followed = threading.Event(), threading.Event(), threading.Event()

    def answer(_: Request) -> Reply:
        is_asked.set()
        is_gone.wait(SECONDS)
        return Reply(200, b"x" * 1_000_000)

    house.port(answer, answered=has_followed.set)
    client = house.client().send(GET)
    assert is_asked.wait(SECONDS)
    client.reset()
    is_gone.set()

    assert has_followed.wait(SECONDS)


def test_a_bug_in_what_follows_is_logged_and_the_connection_goes_on(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    def answered() -> None:
        raise ZeroDivisionError

    house.port(echo, answered=answered)
    client = house.client()

    assert [client.send(GET).answer().status for _ in range(2)] == [200, 200]
    assert "ZeroDivisionError" in caplog.text


# Requests that are refused


@pytest.mark.parametrize(
    ("message", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (ENDLESS + b"z\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"GET /" + b"a" * 65536 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 100 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * (128 << 10) + b"\r\n\r\n", 431),
    ],
)
def test_what_cannot_be_read_is_refused_and_the_connection_ends(house: House, message: bytes, status: int) -> None:
    asked: list[Request] = []
    house.port(lambda request: asked.append(request) or Reply(200, b""))  # type: ignore[func-returns-value]
    client = house.client().send(message + GET)

    answer = client.answer()

    assert (answer.status, answer.headers["connection"]) == (status, "close")
    assert answer.body
    assert client.is_hung_up_on()
    assert not asked


@pytest.mark.parametrize(
    ("message", "size"),
    [
        (b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 5),
        (b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999\r\n\r\nhello", 999999999999),
        (b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\n", 6),
        (b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n", 5),
    ],
)
def test_a_body_that_is_too_large_is_not_read_but_answered(house: House, message: bytes, size: int) -> None:
    house.port(echo, Limits(max_body=4), too_large=refuse_body)
    client = house.client().send(message)

    answer = client.answer()

    assert (answer.status, answer.body.decode()) == (413, f"POST /a {size} b''")
    assert answer.headers["connection"] == "close"
    assert client.is_hung_up_on()


def test_a_client_that_sends_it_all_can_still_read_why_it_was_too_large(house: House) -> None:
    house.port(echo)
    size = 8 << 20

    client = house.client().send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size + b"a" * size)

    assert client.answer().status == 413


def send_for_ever(client: Client) -> None:
    while True:
        client.send(b"a" * 65536)


@pytest.mark.parametrize("bound", [("_MOST_SWALLOWED", 1 << 20), ("_SWALLOW_SECONDS", 0.05)])
def test_a_client_that_goes_on_for_ever_is_cut_off(
    house: House, monkeypatch: pytest.MonkeyPatch, bound: tuple[str, float]
) -> None:
    monkeypatch.setattr(connection, *bound)
    house.port(echo)
    client = house.client().send(ENDLESS + b"nonsense\r\n")

    assert client.answer().status == 400
    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        send_for_ever(client)


def test_a_bug_in_wording_the_refusal_of_a_body_is_a_500(house: House, caplog: pytest.LogCaptureFixture) -> None:
    def crash(_request: Request, size: int) -> Reply:
        raise ZeroDivisionError(size)

    house.port(echo, Limits(max_body=4), too_large=crash)

    assert house.client().send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n").answer().status == 500
    assert "ZeroDivisionError" in caplog.text


# Clients that are slow, silent, or too many


def dribble_until_answered(client: Client, byte: bytes = b"a") -> None:
    """Send a byte every few milliseconds until the port has something to say."""
    for _ in range(2000):
        with suppress(OSError):
            client.send(byte)
        if select.select([client.socket], [], [], 0.005)[0]:
            return
    pytest.fail("the port went on listening")


@pytest.mark.parametrize("instant", [None, "2019-05-01"])
def test_a_silent_client_is_let_go(house: House, instant: str | None) -> None:
    house.port(echo, Limits(idle_seconds=0.05))
    with freeze_time(instant) if instant else nullcontext():
        assert house.client().is_hung_up_on()
        client = house.client().send(GET)
        assert client.answer().status == 200
        assert client.is_hung_up_on()


@pytest.mark.parametrize("instant", [None, "2019-05-01"])
def test_a_head_must_come_to_its_end_however_it_is_dribbled(house: House, instant: str | None) -> None:
    house.port(echo, Limits(head_seconds=0.1))
    with freeze_time(instant) if instant else nullcontext():
        client = house.client().send(b"GET /")
        dribble_until_answered(client)
        assert client.answer().status == 408


@pytest.mark.parametrize("head", [b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\n", ENDLESS + b"fff\r\n"])
def test_a_body_must_come_to_its_end_however_it_is_dribbled(house: House, head: bytes) -> None:
    house.port(echo, Limits(idle_seconds=0.1))
    client = house.client().send(head)
    dribble_until_answered(client)

    assert client.answer().status == 408


def test_a_line_break_after_a_body_is_not_the_beginning_of_a_head(house: House) -> None:
    house.port(echo, Limits(head_seconds=0.01, idle_seconds=0.1))
    client = house.client().send(GET + b"\r\n")

    assert client.answer().status == 200
    assert client.is_hung_up_on()


def test_a_client_that_does_not_take_its_answer_is_let_go(house: House) -> None:
    has_followed = threading.Event()
    house.port(lambda _: Reply(200, b"x" * 50_000_000), Limits(idle_seconds=0.1), answered=has_followed.set)

    house.client().send(GET)

    assert has_followed.wait(SECONDS)


def test_clients_beyond_the_bound_are_turned_away_until_others_go(house: House) -> None:
    house.port(echo, Limits(max_connections=2))
    stays = house.client()
    goes = house.client()
    assert stays.send(GET).answer().status == 200
    assert goes.send(GET).answer().status == 200

    turned_away = house.client()

    assert turned_away.answer().status == 503
    assert turned_away.is_hung_up_on()
    goes.send(GET.replace(b"Host", b"Connection: close\r\nHost"))
    assert goes.answer().status == 200
    assert goes.is_hung_up_on()
    assert 200 in (house.client().send(GET).answer().status for _ in range(1000))
    assert stays.send(GET).answer().status == 200


def test_a_well_behaved_client_is_served_while_others_misbehave(house: House) -> None:
    house.port(echo, Limits(max_connections=64))
    good = house.client()
    for beginning in (
        b"",
        b"GET /",
        ENDLESS,
        ENDLESS + b"5\r\na",
        b"\x16\x03\x01",
        b"GET / HTTP/1.1\nHost: a\n\n",
        b"\r\n",
    ):
        for _ in range(4):
            house.client().send(beginning)
            assert good.send(GET).answer().status == 200
    for client in house.clients[1::2]:
        client.reset()
        assert good.send(GET).answer().status == 200
    assert house.client().send(GET).answer().status == 200


def test_many_clients_at_a_time_are_served(house: House) -> None:
    house.port(echo)
    clients = [house.client() for _ in range(50)]

    for client in clients:
        client.send(GET)

    assert {client.answer().status for client in clients} == {200}


def test_threads_of_a_rush_do_not_stay(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port_module, "_MOST_WAITING", 2)
    before = set(threading.enumerate())
    house.port(echo)
    for _ in range(3):
        clients = [house.client().send(GET) for _ in range(20)]
        assert {client.answer().status for client in clients} == {200}
        rush = set(threading.enumerate()) - before
        assert len(rush) > 20
        for client in clients:
            client.reset()
        for _ in range(2000):
            rush = {thread for thread in rush if thread.is_alive()}
            if len(rush) <= 4:
                break
            next(iter(rush)).join(0.005)
        assert 1 <= len(rush) <= 4


# Beginning and end


def test_a_port_that_is_taken_is_an_error(house: House) -> None:
    taken = house.port(echo)

    with pytest.raises(OSError, match="in use"):
        Port(echo, port=taken.port).start()


def test_a_port_can_be_taken_again_at_once(house: House) -> None:
    with Port(echo) as first:
        client = house.client(first).send(GET)
        assert client.answer().status == 200
    with Port(echo, port=first.port) as second:
        assert house.client(second).send(GET).answer().status == 200


def test_the_url_names_the_port_that_was_free(house: House) -> None:
    port = house.port(echo)

    assert port.url == f"http://127.0.0.1:{port.port}"
    assert port.port


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="no IPv6 on this machine")
def test_the_port_may_be_one_of_ipv6(house: House) -> None:
    port = house.port(echo, host="::1")

    assert port.url == f"http://[::1]:{port.port}"
    assert json.loads(house.client().send(b"GET / HTTP/1.0\r\n\r\n").answer().body)["origin"] == port.url


def test_a_stop_waits_for_nobody_who_is_silent(house: House) -> None:
    port = house.port(echo)
    clients = [house.client().send(beginning) for beginning in (b"", b"GET /", ENDLESS, GET)]
    assert clients[-1].answer().status == 200

    before = perf_counter()
    port.stop()

    assert perf_counter() - before < SECONDS  # which it grants those who are being answered
    assert all(client.is_hung_up_on() for client in clients[:3])
    with pytest.raises(ConnectionRefusedError):
        house.client(port)


def test_a_stop_lets_an_answer_in_progress_finish(house: House) -> None:
    is_asked, may_answer = threading.Event(), threading.Event()

    def answer(_: Request) -> Reply:
        is_asked.set()
        may_answer.wait(SECONDS)
        return Reply(200, b"x" * 1_000_000)

    port = house.port(answer)
    client = house.client().send(GET + GET)
    assert is_asked.wait(SECONDS)
    stop = threading.Thread(target=port.stop)
    stop.start()
    may_answer.set()

    assert len(client.answer().body) == 1_000_000
    assert client.is_hung_up_on()
    stop.join(SECONDS)


def test_a_stop_does_not_wait_for_an_answer_for_ever(house: House, caplog: pytest.LogCaptureFixture) -> None:
    is_asked, may_answer = threading.Event(), threading.Event()
    others = set(threading.enumerate())

    def answer(_: Request) -> Reply:
        is_asked.set()
        may_answer.wait(SECONDS)
        return Reply(200, b"late")

    port = house.port(answer, Limits(finish_seconds=0.01))
    house.client().send(GET)
    assert is_asked.wait(SECONDS)
    threads = set(threading.enumerate()) - others

    port.stop()

    assert "still being made" in caplog.text
    may_answer.set()
    for thread in threads:
        thread.join(SECONDS)


def test_a_stop_ends_an_answer_that_nobody_takes(house: House, caplog: pytest.LogCaptureFixture) -> None:
    is_asked = threading.Event()

    def answer(_: Request) -> Reply:
        is_asked.set()
        return Reply(200, b"x" * 50_000_000)

    port = house.port(answer, Limits(finish_seconds=0.05))
    house.client().send(GET)
    assert is_asked.wait(SECONDS)

    port.stop()

    assert not caplog.records


def test_a_stop_may_be_asked_for_twice(house: House) -> None:
    port = house.port(echo)

    port.stop()
    port.stop()


class ListenerElsewhere(socket.socket):
    """A listener on a system where shutting it down wakes nobody, and where accepting may fail for a while."""

    failures = 1

    def shutdown(self, _how: int) -> None:
        raise OSError(errno.ENOTCONN, "not connected")

    def accept(self) -> tuple[socket.socket, object]:
        if self.failures:
            self.failures -= 1
            raise OSError(errno.EMFILE, "too many open files")
        return super().accept()


def test_a_system_short_of_descriptors_or_slow_to_wake_is_lived_with(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def create_server(address: tuple[str, int], **_: object) -> socket.socket:
        listener = ListenerElsewhere()
        listener.bind(address)
        listener.listen()
        return listener

    monkeypatch.setattr(socket, "create_server", create_server)
    house.port(echo)

    assert [house.client().send(GET).answer().status for _ in range(3)] == [200, 200, 200]


def test_no_thread_to_be_had_makes_the_next_client_wait_its_turn(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    house.port(echo)
    monkeypatch.setattr(threading.Thread, "start", start)
    first = house.client().send(GET)
    assert first.answer().status == 200
    second = house.client().send(GET)
    first.socket.close()

    assert second.answer().status == 200
