from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from socket import create_server
from threading import Event, Thread
from urllib.parse import parse_qsl, urlsplit

import pytest

from mockserver.core.instants import UTC, parse_instant
from mockserver.core.webhooks import Policy, WebhookCall
from mockserver.runtime.carrier import Carrier


def call(url: str, method: str = "GET", **params: str) -> WebhookCall:
    policy = Policy(method, ("ok",), True, (200, 299), (), True)
    now = parse_instant("2026-03-02", "x").astimezone(UTC)
    return WebhookCall(1, now, "securating", "t", "s", url, tuple(params.items()), policy)


class Receiver(HTTPServer):
    """Keeps what it is asked."""

    seen: list[tuple[str, str, bytes, str]]


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append((self.command, self.path, body, self.headers["Host"]))
        self.send_response(302 if self.path.startswith("/moved") else 200)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(b"ok" * (100_000 if self.path.startswith("/huge") else 1))

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver(("127.0.0.1", 0), Handler)
    server.seen = []
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.claim("SEC-W1")
def test_the_urls_own_query_survives_and_the_parameters_are_added(receiver: Receiver) -> None:
    url = f"http://127.0.0.1:{receiver.server_port}/securating?id=123456&note=é t"
    answer = Carrier().send(call(url, step="mail-send", meta_x="a&b é"))
    assert (answer.status, answer.body) == (200, "ok")
    ((method, path, _, host),) = receiver.seen
    assert method == "GET"
    assert host == f"127.0.0.1:{receiver.server_port}"
    assert parse_qsl(urlsplit(path).query) == [
        ("id", "123456"),
        ("note", "é t"),
        ("step", "mail-send"),
        ("meta_x", "a&b é"),
    ]


@pytest.mark.claim("SEC-W1")
def test_by_post_the_parameters_are_a_form(receiver: Receiver) -> None:
    url = f"http://localhost:{receiver.server_port}/w?id=1"
    Carrier().send(call(url, "POST", step="mail-send"))
    ((method, path, body, _),) = receiver.seen
    assert (method, path, body) == ("POST", "/w?id=1", b"step=mail-send")


def test_a_redirect_is_an_answer_and_is_not_followed(receiver: Receiver) -> None:
    assert Carrier().send(call(f"http://127.0.0.1:{receiver.server_port}/moved")).status == 302
    assert len(receiver.seen) == 1


def test_of_a_huge_answer_the_beginning_is_read(receiver: Receiver) -> None:
    answer = Carrier().send(call(f"http://127.0.0.1:{receiver.server_port}/huge"))
    assert 0 < len(answer.body) <= 64 * 1024


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/h", "http://localhost/h", "http://[::1]:80/", "https://127.9.9.9/",
                                 "http://shop.localhost/", "http://[::ffff:127.0.0.1]/"])  # fmt: skip
def test_this_machine_may_be_called(url: str) -> None:
    assert Carrier().objection(call(url)) == ""


@pytest.mark.parametrize(
    "url",
    ["http://169.254.169.254/latest", "http://10.0.0.5/", "http://0.0.0.0:80/", "http://2130706433/",
     "http://[::ffff:10.0.0.1]/", "http://user@127.0.0.1/", "http://shop.invalid/", "https://ws.monsite.com/securating",
     "http://127.0.0.1.nip.io/", "http://[::]/"],
)  # fmt: skip
def test_everything_else_is_captured_and_not_even_looked_up(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.runtime.carrier.getaddrinfo", lambda *_: pytest.fail("a name was looked up"))
    assert Carrier().objection(call(url))


def test_a_listed_host_is_looked_up_and_called(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(2, 1, 6, "", ("127.0.0.1", receiver.server_port))]
    monkeypatch.setattr("mockserver.runtime.carrier.getaddrinfo", lambda *_, **__: found)
    carrier = Carrier(["shop.test"])
    wanted = call(f"http://shop.test:{receiver.server_port}/w")
    assert carrier.objection(wanted) == ""
    assert carrier.send(wanted).status == 200
    assert receiver.seen[0][3] == f"shop.test:{receiver.server_port}"


def test_the_double_never_calls_itself() -> None:
    carrier = Carrier()
    carrier.own_ports.add(8052)
    assert carrier.objection(call("http://127.0.0.1:8052/w")) == "the address of the double itself"


@pytest.mark.parametrize("user", ["", "user@"])
def test_what_may_not_be_sent_is_not_sent_when_it_is_asked_for_either(receiver: Receiver, user: str) -> None:
    carrier = Carrier()
    carrier.own_ports.add(0 if user else receiver.server_port)
    wanted = call(f"http://{user}127.0.0.1:{receiver.server_port}/w")
    answer = carrier.send(wanted)
    assert (answer.status, answer.error) == (None, f"OSError: {carrier.objection(wanted)}")
    assert receiver.seen == []


def test_nobody_there_is_an_error_and_not_an_answer() -> None:
    answer = Carrier().send(call("http://127.0.0.1:1/w"))
    assert answer.status is None
    assert answer.error.startswith("ConnectionRefusedError")


@pytest.mark.parametrize(
    ("scheme", "beginning", "piece"),
    [
        ("http", b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        ("http", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok", b"ok"),
        ("http", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nok", b"ok"),
        ("https", b"\x16\x03\x03\x40\x00", b"\x02"),
    ],
    ids=["headers", "body", "body of known length", "handshake"],
)
def test_a_receiver_that_dribbles_is_given_up_within_a_bound(scheme: str, beginning: bytes, piece: bytes) -> None:
    listener = create_server(("127.0.0.1", 0))
    over, left = Event(), Event()

    def dribble() -> None:
        client, _ = listener.accept()
        with client:
            client.recv(4096)
            client.sendall(beginning)
            try:
                for _ in range(90):
                    over.wait(0.02)
                    client.sendall(piece)
            except OSError:
                left.set()

    thread = Thread(target=dribble)
    thread.start()
    answer = Carrier(seconds=0.2).send(call(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/w"))
    assert left.wait(1)  # the caller has hung up, well before all was said
    over.set()
    thread.join()
    listener.close()
    assert (answer.status, answer.body) == (None, "")
    assert answer.error.startswith("TimeoutError")
