"""The port as a proxy and under TLS, its bad clients included."""

import json
import re
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from functools import cache, partial
from http.client import HTTPConnection, HTTPResponse
from time import perf_counter

import pytest
from freezegun import freeze_time

from mockserver.core.errors import InvalidInput
from mockserver.interception.wall import OFF, WALL
from mockserver.services.service import CUT, DRIBBLED, RESET, SILENT, Reply, Request
from mockserver.web.authority import ca_pem_path, server_context
from mockserver.web.connection import Limits
from mockserver.web.port import Port

SECONDS = 5.0
"""How long a test waits for what must come."""

HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
GET = b"GET /path HTTP/1.1\r\nHost: sms-vote.ru\r\n\r\n"
CONNECT = b"CONNECT api.securating.io:443 HTTP/1.1\r\nHost: api.securating.io:443\r\n\r\n"
SERVED = {"api.securating.io", "sms-vote.ru"}


def echo(request: Request) -> Reply:
    """Answer with what was understood."""
    return Reply.json({"origin": request.origin, "target": request.target, "body": request.body.decode()})


def turn_away(end: str, _own_port: int) -> Reply | None:
    return None if end.partition(":")[0] in SERVED else Reply(403, f"{end} is not here".encode())


# The port's own context; each costs some milliseconds.
context = cache(partial(server_context, SERVED.__contains__))


@cache
def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(ca_pem_path()))


@pytest.fixture(autouse=True)
def no_wall() -> Iterator[None]:
    """Let the vendors be asked of the ports here as of any proxy."""
    WALL.put_up(OFF)
    yield
    WALL.take_down()


@pytest.fixture
def start() -> Iterator[Callable[..., Port]]:
    """Start ports that are stopped, and must have given everything back, in the end."""
    before = set(threading.enumerate())
    ports: list[Port] = []

    def start(answer: Callable[[Request], Reply] = echo, **limits: float) -> Port:
        ports.append(Port(answer, limits=Limits(**limits), turn_away=turn_away, tls=context))  # type: ignore[arg-type]
        ports[-1].start()
        return ports[-1]

    yield start
    for port in ports:
        port.stop()
    assert set(threading.enumerate()) == before


class Dial:
    """Connects to a port: plainly, under TLS for a name, or with either in a tunnel; closes all in the end."""

    def __init__(self) -> None:
        self.clients: list[socket.socket] = []

    def __call__(self, port: Port, name: str = "") -> socket.socket:
        self.clients.append(socket.create_connection((port.host, port.port), SECONDS))
        return self._secured(self.clients[-1], name)

    def tunnel(self, port: Port, name: str = "", version: bytes = b"1.1") -> socket.socket:
        client = self(port)
        client.sendall(CONNECT.replace(b"1.1", version))
        assert client.recv(4096) == b"HTTP/1.1 200 Connection established\r\n\r\n"
        return self._secured(client, name)

    def _secured(self, client: socket.socket, name: str) -> socket.socket:
        """Speak TLS; that it ends without a goodbye is an error."""
        if not name:
            return client
        self.clients.append(trusting().wrap_socket(client, server_hostname=name, suppress_ragged_eofs=False))
        return self.clients[-1]


@pytest.fixture
def dial() -> Iterator[Dial]:
    dial = Dial()
    yield dial
    for client in dial.clients:
        client.close()


def answer_to(client: socket.socket, message: bytes = b"") -> tuple[int, str]:
    """Send a message; return the answer's status and body."""
    client.sendall(message)
    response = HTTPResponse(client)
    response.begin()
    return response.status, response.read().decode()


def seen_by(client: socket.socket, message: bytes = GET) -> dict[str, str]:
    status, body = answer_to(client, message)
    assert status == 200, body
    seen: dict[str, str] = json.loads(body)
    return seen


def is_hung_up_on(client: socket.socket) -> bool:
    try:
        return client.recv(4096) == b""
    except ConnectionResetError:
        return True


Start = Callable[..., Port]


# All that one port speaks


def test_https_and_http_are_spoken_on_one_port_and_connections_live_on(start: Start, dial: Dial) -> None:
    port = start()
    secure, plain = dial(port, "api.securating.io"), dial(port)

    for _ in range(3):
        assert (
            seen_by(secure, GET.replace(b"sms-vote.ru", b"api.securating.io"))["origin"] == "https://api.securating.io"
        )
        assert seen_by(plain)["origin"] == "http://sms-vote.ru"


@pytest.mark.parametrize(
    ("host", "origin"),
    [("api.securating.io:443", "https://api.securating.io"), ("api.securating.io:80", "https://api.securating.io:80")],
)
def test_the_port_that_a_scheme_has_anyway_is_no_part_of_an_origin(
    start: Start, dial: Dial, host: str, origin: str
) -> None:
    assert seen_by(dial(start(), "sms-vote.ru"), GET.replace(b"sms-vote.ru", host.encode()))["origin"] == origin


def test_http_1_0_under_tls_gets_a_whole_answer_and_a_goodbye(start: Start, dial: Dial) -> None:
    port = start()
    client = dial(port, "sms-vote.ru")

    assert seen_by(client, b"GET / HTTP/1.0\r\n\r\n")["origin"] == port.url.replace("http:", "https:")
    assert client.recv(1) == b""


def test_requests_that_come_together_under_tls_are_answered_in_order(start: Start, dial: Dial) -> None:
    bodies = ["a" * size for size in range(20)]
    client = dial(start(), "sms-vote.ru")

    client.sendall(
        b"".join(f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode() for body in bodies)
    )

    received = b""
    while received.count(b"}") < len(bodies):
        received += client.recv(65536)
    assert re.findall(r'"body": "(a*)"', received.decode()) == bodies


@pytest.mark.parametrize("size", [0, 16384, 3_000_000])
def test_bodies_of_any_size_pass_under_tls(start: Start, dial: Dial, size: int) -> None:
    client = dial(start(lambda request: Reply(200, request.body), max_body=size), "sms-vote.ru")

    status, body = answer_to(client, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size)

    assert (status, len(body)) == (200, size)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        (b"http://sms-vote.ru/path", "http://sms-vote.ru"),
        (b"http://SMS-VOTE.RU:80/path", "http://SMS-VOTE.RU"),
        (b"https://api.securating.io/path", "https://api.securating.io"),
    ],
)
def test_a_proxys_client_is_answered_and_its_connection_lives_on(
    start: Start, dial: Dial, url: bytes, origin: str
) -> None:
    client = dial(start())

    for _ in range(2):
        seen = seen_by(client, b"GET " + url + b" HTTP/1.1\r\nHost: other\r\nProxy-Connection: keep-alive\r\n\r\n")
        assert seen == {"origin": origin, "target": "/path", "body": ""}


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_a_tunnel_holds_https(start: Start, dial: Dial, version: bytes) -> None:
    client = dial.tunnel(start(), "api.securating.io", version)

    for _ in range(2):
        seen = seen_by(client, GET.replace(b"sms-vote.ru", b"api.securating.io"))
        assert seen["origin"] == "https://api.securating.io"
    assert seen_by(client, b"GET / HTTP/1.0\r\n\r\n")["origin"] == "https://api.securating.io"


def test_a_tunnel_holds_http_too(start: Start, dial: Dial) -> None:
    client = dial(start())
    client.sendall(b"CONNECT sms-vote.ru:80 HTTP/1.1\r\nHost: sms-vote.ru:80\r\n\r\n")
    assert client.recv(4096).startswith(b"HTTP/1.1 200 ")

    assert seen_by(client)["origin"] == "http://sms-vote.ru"
    assert seen_by(client, b"GET / HTTP/1.0\r\n\r\n")["origin"] == "http://sms-vote.ru"


def test_a_frozen_clock_does_not_stop_a_handshake(start: Start, dial: Dial) -> None:
    port = start()
    with freeze_time("2019-05-01"):
        assert seen_by(dial(port, "sms-vote.ru"))["origin"] == "https://sms-vote.ru"


@pytest.mark.parametrize(
    ("ending", "received"), [(CUT, b"12345"), (SILENT, b""), (RESET, None), (DRIBBLED, b"1234567890")]
)
def test_answers_that_fail_on_their_way_do_so_under_tls(
    start: Start, dial: Dial, ending: str, received: bytes | None
) -> None:
    client = dial(start(lambda _: Reply(200, b"1234567890", ending=ending, delay=0.01)), "sms-vote.ru")
    client.sendall(GET.replace(b"Host", b"Connection: close\r\nHost"))

    if received is None:
        with pytest.raises((ConnectionResetError, ssl.SSLEOFError)):
            client.recv(4096)
    else:
        message = b"".join(iter(lambda: client.recv(4096), b""))
        assert message.partition(b"\r\n\r\n")[2] == received


# Clients that ask for what is not here


@pytest.mark.parametrize("method", [b"GET", b"POST", b"HEAD"])
def test_a_proxys_client_that_wants_somebody_else_is_told_so(start: Start, dial: Dial, method: bytes) -> None:
    asked: list[Request] = []
    client = dial(start(lambda request: asked.append(request) or Reply(200, b"")))  # type: ignore[func-returns-value]

    client.sendall(method + b" http://other.example/ HTTP/1.1\r\nHost: other.example\r\n\r\n")
    response = HTTPResponse(client, method=method.decode())
    response.begin()

    assert (response.status, response.read()) == (403, b"" if method == b"HEAD" else b"other.example:80 is not here")
    assert not asked
    assert answer_to(client, GET)[0] == 200


@pytest.mark.parametrize(
    ("message", "status", "said"),
    [
        (CONNECT.replace(b"api.securating.io", b"other.example"), 403, "other.example:443 is not here"),
        (CONNECT.replace(b"api.securating.io:443 ", b"api.securating.io "), 400, "HOST:PORT"),
        (CONNECT.replace(b"api.securating.io:443 ", b"/path "), 400, "HOST:PORT"),
        (CONNECT + HELLO, 400, "before the tunnel was open"),
        (b"GET ftp://sms-vote.ru/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "neither a path nor a URL"),
    ],
)
def test_a_tunnel_that_is_not_granted_says_why_and_ends(
    start: Start, dial: Dial, message: bytes, status: int, said: str
) -> None:
    client = dial(start())

    answer = answer_to(client, message)

    assert answer[0] == status
    assert said in answer[1]
    assert is_hung_up_on(client)


@pytest.mark.parametrize("name", ["", "api.securating.io"])
def test_a_tunnel_within_a_tunnel_is_not_granted(start: Start, dial: Dial, name: str) -> None:
    client = dial.tunnel(start(), name)

    assert answer_to(client, CONNECT)[0] == 400
    assert is_hung_up_on(client)


def test_garbage_in_a_tunnel_is_refused(start: Start, dial: Dial) -> None:
    client = dial.tunnel(start())

    assert answer_to(client, b"\0\1\2\3")[0] == 400
    assert is_hung_up_on(client)


def test_tls_for_a_name_that_is_not_served_gets_its_alert_and_the_end(start: Start, dial: Dial) -> None:
    port = start()

    with pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
        dial(port, "other.example")


@pytest.mark.parametrize("strange", ["..", "*.*", "a..b", "-.-", "a.b/../c", "\t.\n'", "a." * 100, "x" * 100 + ".y"])
def test_tls_for_a_strange_name_below_a_service_disturbs_nobody(
    dial: Dial, strange: str, caplog: pytest.LogCaptureFixture
) -> None:
    stand_in = ("a." * len(strange))[: len(strange) - 1] + "a"
    greeting = ssl.MemoryBIO()
    asking = trusting().wrap_bio(ssl.MemoryBIO(), greeting, server_hostname=f"{stand_in}.securating.io")
    with pytest.raises(ssl.SSLWantReadError):
        asking.do_handshake()
    hello = greeting.read().replace(stand_in.encode(), strange.encode())

    with Port(echo, turn_away=turn_away, tls=partial(server_context, lambda _: True)) as port:
        client = dial(port)
        client.sendall(hello)
        assert client.recv(1) == b"\x16"  # a handshake's, and what the name is worth is the client's to say
        assert seen_by(dial(port, "a.b.securating.io"))["target"] == "/path"

    assert not caplog.records


@pytest.mark.parametrize("instant", ["2019-05-01", ""])
def test_a_handshake_must_come_to_its_end_however_it_is_dribbled(start: Start, dial: Dial, instant: str) -> None:
    client = dial(start(head_seconds=0.1))
    before = perf_counter()

    with freeze_time(instant or None):
        client.sendall(HELLO)
        for byte in [b"\0"] * 500:
            if select.select([client], [], [], 0.005)[0]:
                break
            client.sendall(byte)

        assert is_hung_up_on(client)
    assert perf_counter() - before < SECONDS


def test_a_client_that_is_silent_in_its_tunnel_is_let_go(start: Start, dial: Dial) -> None:
    port = start(idle_seconds=0.05)

    assert is_hung_up_on(dial.tunnel(port))
    assert is_hung_up_on(dial.tunnel(port, "api.securating.io"))


def test_an_authority_that_cannot_be_read_ends_the_connection_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def unreadable() -> ssl.SSLContext:
        raise InvalidInput("folder", "broken")

    with Port(echo, tls=unreadable) as port, socket.create_connection((port.host, port.port), SECONDS) as client:
        client.sendall(HELLO)
        assert is_hung_up_on(client)
        with socket.create_connection((port.host, port.port), SECONDS) as plain:
            assert seen_by(plain)["target"] == "/path"

    assert "folder: broken" in caplog.text


def test_bad_clients_all_at_once_leave_a_good_one_alone(start: Start, dial: Dial) -> None:
    port = start(head_seconds=0.3, idle_seconds=0.5)
    others = [
        b"",
        HELLO,
        b"GET / HT",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 10_000,
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        GET * 50,
        CONNECT,
        CONNECT + b"garbage",
        CONNECT + CONNECT,
        CONNECT.replace(b"api.securating.io", b"other.example"),
        b"GET http://other.example/ HTTP/1.1\r\nHost: a\r\n\r\n",
    ]
    good, secure = dial(port), dial(port, "sms-vote.ru")
    bad = [dial(port) for _ in others]

    for client, message in zip(bad, others, strict=True):
        client.sendall(message)
        for one in (good, secure):
            assert seen_by(one)["target"] == "/path"

    while bad:  # each is answered or let go within its bound
        assert {seen_by(one)["target"] for one in (good, secure)} == {"/path"}
        bad = [client for client in bad if not (select.select([client], [], [], 0.005)[0] and is_hung_up_on(client))]


def test_a_stop_waits_for_nobody_who_is_silent_under_tls(start: Start, dial: Dial) -> None:
    port = start()
    clients = [dial(port), dial.tunnel(port), dial(port, "sms-vote.ru"), dial.tunnel(port, "sms-vote.ru")]
    clients[0].sendall(HELLO)
    assert answer_to(clients[2], GET)[0] == 200

    before = perf_counter()
    port.stop()

    assert perf_counter() - before < SECONDS  # which it grants those who are being answered
    assert [client.recv(4096) for client in clients] == [b""] * 4


def test_a_stop_lets_an_answer_under_tls_finish(start: Start, dial: Dial) -> None:
    is_asked, may_answer = threading.Event(), threading.Event()

    def answer(_: Request) -> Reply:
        is_asked.set()
        may_answer.wait(SECONDS)
        return Reply(200, b"x" * 1_000_000)

    port = start(answer)
    client = dial(port, "sms-vote.ru")
    client.sendall(GET)
    assert is_asked.wait(SECONDS)
    stop = threading.Thread(target=port.stop)
    stop.start()
    may_answer.set()

    assert len(answer_to(client)[1]) == 1_000_000
    assert is_hung_up_on(client)
    stop.join(SECONDS)


def test_connections_of_http_client_live_on_too(start: Start) -> None:
    port = start()
    client = HTTPConnection(port.host, port.port, timeout=SECONDS)

    for _ in range(3):
        client.request("GET", "http://sms-vote.ru/path")
        assert json.loads(client.getresponse().read())["origin"] == "http://sms-vote.ru"

    client.close()
