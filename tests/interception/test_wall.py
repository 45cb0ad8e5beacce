"""The wall: who is answered by a double, who is refused, who goes by, and that nothing of it stays."""

from __future__ import annotations

import _socket
import asyncio
import os
import pickle
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mockserver.interception.escapes import EscapedCall
from mockserver.interception.wall import ALL, OFF, TOKEN, VENDORS, WALL, Home, Wall

HERE = __file__


def standing() -> list[object]:
    functions = [vars(socket)[name] for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "socket")]
    methods = ("connect", "connect_ex", "send", "sendall", "sendmsg")
    # pytest-socket leaves the inherited ones as the class's own.
    return [*functions, _socket.getaddrinfo, *(getattr(socket.socket, name) for name in methods)]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        yield listener


@pytest.fixture
def home(listener: socket.socket) -> Home:
    return Home(listener.getsockname(), lambda: "")


@pytest.fixture
def wall() -> Iterator[Wall]:
    """A wall of the test's own, in the place of the one that the plugin has put up."""
    WALL.take_down()
    before = standing()
    yield Wall()
    after = standing()
    WALL.put_up(VENDORS)
    assert after == before


@pytest.fixture
def refusing(wall: Wall, request: pytest.FixtureRequest) -> Iterator[Wall]:
    wall.put_up(getattr(request, "param", VENDORS))
    yield wall
    wall.take_down()


NAMES: list[Any] = [
    "sms-vote.ru",
    "api.securating.io",
    "deep.below.securating.io",
    "SMS-Vote.RU.",
    b"sms-vote.ru",
    "ｓms-vote.ru",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_vendors_name_is_refused_where_no_double_answers(refusing: Wall, name: Any) -> None:
    for ask in (lambda: socket.getaddrinfo(name, 443), lambda: socket.create_connection((name, 80), 1)):
        with pytest.raises(EscapedCall, match="never reached from tests"):
            ask()
    assert refusing.take_escapes()
    assert not refusing.take_escapes()


def test_the_old_ways_of_looking_up_and_connecting_are_refused_too(refusing: Wall) -> None:
    with socket.socket() as client:
        for ask in (
            lambda: socket.gethostbyname("sms-vote.ru"),
            lambda: socket.gethostbyname_ex("sms-vote.ru"),
            lambda: client.connect(("sms-vote.ru", 80)),
            lambda: client.connect_ex(("sms-vote.ru", 80)),
            lambda: client.connect((TOKEN, 80)),  # kept from a test in which a double answered
            lambda: asyncio.run(asyncio.open_connection("sms-vote.ru", 80)),
        ):
            with pytest.raises(EscapedCall):
                ask()


def test_a_refusal_names_test_line_and_way_out(refusing: Wall, request: pytest.FixtureRequest) -> None:
    with pytest.raises(OSError, match="mockserver: ") as refusal:
        socket.getaddrinfo("www.sms-vote.ru", 443)
    said = str(refusal.value)
    assert "www.sms-vote.ru was called" in said
    assert request.node.nodeid in said
    assert f"{HERE}:" in said
    assert "ask for the fixture 'smsvote'" in said
    assert isinstance(refusal.value, socket.gaierror)
    assert [f"mockserver: {why}" for why in refusing.take_escapes()] == [refusal.value.args[1]]
    assert pickle.loads(pickle.dumps(refusal.value)).args == refusal.value.args  # as workers hand errors on


def test_a_refusal_in_an_event_loop_names_the_line_too(refusing: Wall) -> None:
    with pytest.raises(EscapedCall, match=rf"{HERE}:\d+"):
        asyncio.run(asyncio.open_connection("sms-vote.ru", 80))


def test_refusals_without_end_are_not_kept_without_end(refusing: Wall) -> None:
    for number in range(200):
        with pytest.raises(EscapedCall):
            socket.getaddrinfo(f"n{number}.sms-vote.ru", 80)
    assert len(refusing.take_escapes()) == 20


@pytest.mark.parametrize("name", ["xsms-vote.ru", "sms-vote.ru.example", "securating.example", "example.org"])
def test_other_names_are_nothing_to_the_wall(refusing: Wall, name: str) -> None:
    assert refusing.token_for(name) is None
    assert refusing.way(name) is None
    assert not refusing.escapes


@pytest.mark.parametrize("refusing", [ALL], indirect=True)
@pytest.mark.parametrize("name", ["example.org", "10.0.0.1", "2001:db8::1", b"example.org", "::ffff:10.0.0.1"])
def test_offline_nothing_but_this_machine_is_reached(refusing: Wall, name: Any) -> None:
    with pytest.raises(EscapedCall, match=r"only this machine.*mockserver_offline = vendors"):
        refusing.way(name)
    with pytest.raises(EscapedCall):
        socket.create_connection((name, 9), 1)


@pytest.mark.parametrize("refusing", [ALL], indirect=True)
@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "a.localhost", ""])
def test_offline_this_machine_is_reached(refusing: Wall, name: str) -> None:
    assert refusing.token_for(name) is None
    assert refusing.way(name) is None
    assert refusing.token_for(socket.gethostname()) is None


@pytest.mark.parametrize("refusing", [ALL], indirect=True)
def test_offline_unix_sockets_datagrams_and_numeric_lookups_go_by(refusing: Wall, tmp_path: Any) -> None:
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(path)
        server.listen()
        client.connect(path)
    assert refusing.way("10.0.0.1", is_stream=False) is None
    assert socket.getaddrinfo("10.0.0.1", 9, type=socket.SOCK_STREAM)[0][4] == ("10.0.0.1", 9)
    with pytest.raises(socket.gaierror) as asked:
        socket.getaddrinfo("sms-vote.ru", 80, flags=socket.AI_NUMERICHOST)  # is it an address? No: nothing leaves
    assert not isinstance(asked.value, EscapedCall)
    assert not refusing.escapes


def test_a_double_answers_while_it_is_led_to(refusing: Wall, home: Home, listener: socket.socket) -> None:
    with refusing.leading_to(home):
        for name in NAMES:
            assert socket.gethostbyname(name) == TOKEN
            with socket.create_connection((name, 443), 5) as client:
                listener.accept()[0].close()
                assert client.getpeername() == home.address
        with socket.socket() as client:
            assert client.connect_ex((TOKEN, 80)) == 0
    with pytest.raises(EscapedCall):
        socket.getaddrinfo("sms-vote.ru", 80)


def test_doubles_overlap_in_any_order(wall: Wall, home: Home) -> None:
    other = Home(("127.0.0.1", 1), lambda: "")
    first, second = wall.leading_to(home), wall.leading_to(other)
    first.__enter__()
    assert wall.home is home
    second.__enter__()
    with wall.leading_to(other):
        assert wall.way("sms-vote.ru") == other.address
    first.__exit__(None, None, None)
    assert wall.way("sms-vote.ru") == other.address
    second.__exit__(None, None, None)
    assert wall.home is None
    assert wall.way("sms-vote.ru") is None


def test_what_others_put_on_top_and_take_away_does_no_harm(
    refusing: Wall, home: Home, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect, seen = socket.socket.connect, []

    def spy(client: socket.socket, address: Any) -> None:
        seen.append(address)
        connect(client, address)

    with refusing.leading_to(home):
        with monkeypatch.context() as patch:
            patch.setattr(socket.socket, "connect", spy)  # as a mock does
            socket.create_connection(("sms-vote.ru", 80), 5).close()
            assert seen == [home.address]
        socket.create_connection(("sms-vote.ru", 80), 5).close()
        monkeypatch.delattr(socket.socket, "connect")  # as pytest-socket does, which puts back what it found at import
        socket.create_connection(("sms-vote.ru", 80), 5).close()
    for _ in range(3):
        listener.accept()[0].close()
    refusing.hold()
    monkeypatch.undo()


@pytest.fixture
def own_proxies(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("no_proxy", "NO_PROXY", "MOCKSERVER_URL"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_proxies_are_passed_by_but_for_a_double(wall: Wall, home: Home, own_proxies: pytest.MonkeyPatch) -> None:
    own_proxies.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    wall.put_up(VENDORS)
    assert os.environ["no_proxy"] == "securating.io,sms-vote.ru"
    wall.take_down()
    own_proxies.setenv("MOCKSERVER_URL", "http://127.0.0.1:8052")  # as within `mockserver run`
    wall.put_up(VENDORS)
    assert "no_proxy" not in os.environ
    with wall.leading_to(home):
        assert "no_proxy" in os.environ
    assert "no_proxy" not in os.environ
    wall.take_down()


def test_proxies_and_exceptions_that_are_named_later_are_found_before_each_test(
    refusing: Wall, own_proxies: pytest.MonkeyPatch
) -> None:
    own_proxies.setenv("http_proxy", "http://proxy.example:3128")
    own_proxies.setenv("NO_PROXY", "a.example")
    refusing.hold()
    refusing.hold()
    assert os.environ["NO_PROXY"] == "a.example,securating.io,sms-vote.ru"
    assert "no_proxy" not in os.environ  # which would hide the other
    own_proxies.setenv("NO_PROXY", "b.example")
    refusing.hold()
    assert os.environ["NO_PROXY"] == "b.example,securating.io,sms-vote.ru"
    refusing.take_down()
    assert os.environ["NO_PROXY"] == "b.example"
    refusing.put_up(VENDORS)


ASKED_OF_A_PROXY = {
    "a whole address": b"GET http://sms-vote.ru/api/command/balance.php HTTP/1.1\r\n",
    "in capitals, with a user and a port": b"POST HTTPS://anna:secret@API.Securating.IO:443/ HTTP/1.1\r\n",
    "a tunnel": b"CONNECT api.securating.io:443 HTTP/1.1\r\n",
    "a name for SOCKS": b"\x05\x01\x00\x03\x0bsms-vote.ru\x00\x50",
}


SENDERS: dict[str, Callable[[socket.socket, bytes], object]] = {
    "send": lambda connection, data: connection.send(data),
    "sendall": lambda connection, data: connection.sendall(data),
    "sendmsg": lambda connection, data: connection.sendmsg([data, b"more"]),
}


@pytest.mark.parametrize("asked", ASKED_OF_A_PROXY.values(), ids=ASKED_OF_A_PROXY)
@pytest.mark.parametrize("send", SENDERS.values(), ids=SENDERS)
def test_a_proxy_that_the_application_names_is_asked_for_no_vendor(
    refusing: Wall, listener: socket.socket, asked: bytes, send: Callable[[socket.socket, bytes], object]
) -> None:
    with socket.create_connection(listener.getsockname(), 5) as connection:
        with pytest.raises(EscapedCall, match="was called through a proxy, which would reach the real one"):
            send(connection, asked)
        assert connection.recv(1000) == b""
    with listener.accept()[0] as proxy:
        assert proxy.recv(1000) == b""
    assert len(refusing.take_escapes()) == 1


NOT_ASKED_OF_A_PROXY = {
    "another host": b"GET http://sms-vote.ru.example/ HTTP/1.1\r\n",
    "an address in a text": b"Visitez https://securating.io/ HTTP/1.1",
    "a text about a request": b"GET http://sms-vote.ru/ is what we call\r\n",
    "words that look like a method": b"connect securating.io now\r\n",
    "bytes that look like SOCKS": b"\x05\x01\x00\x03\x03sms-vote.ru",
}


@pytest.mark.parametrize("asked", NOT_ASKED_OF_A_PROXY.values(), ids=NOT_ASKED_OF_A_PROXY)
def test_what_asks_no_proxy_for_a_vendor_is_sent(refusing: Wall, listener: socket.socket, asked: bytes) -> None:
    with socket.create_connection(listener.getsockname(), 5) as connection:
        connection.sendall(asked)
        with listener.accept()[0] as proxy:
            assert proxy.recv(1000) == asked
    assert not refusing.take_escapes()


@pytest.mark.parametrize("refusing", [ALL], indirect=True)
def test_offline_a_proxy_on_this_machine_is_asked_for_this_machine_only(
    refusing: Wall, listener: socket.socket
) -> None:
    for host in (b"example.org", b"93.184.216.34", b"[2606:2800::1]"):
        refused = pytest.raises(EscapedCall, match="only this machine is reached offline")
        with socket.create_connection(listener.getsockname(), 5) as connection, refused:
            connection.sendall(b"CONNECT " + host + b":443 HTTP/1.1\r\n")
    with socket.create_connection(listener.getsockname(), 5) as connection:
        for host in (b"localhost", b"[::1]", b"127.0.0.2"):
            connection.sendall(b"CONNECT " + host + b":443 HTTP/1.1\r\n")
    assert len(refusing.take_escapes()) == 3


def test_a_double_may_be_asked_as_a_proxy(wall: Wall, home: Home, own_proxies: pytest.MonkeyPatch) -> None:
    asked = ASKED_OF_A_PROXY["a tunnel"]
    with socket.create_connection(home.address, 5) as connection:
        with wall.leading_to(home):
            connection.sendall(asked)
        wall.put_up(VENDORS)
        with own_proxies.context() as run:
            for name in ("127.0.0.1", "localhost"):
                run.setenv("MOCKSERVER_URL", f"http://{name}:{home.address[1]}")
                connection.sendall(asked)
            run.setenv("MOCKSERVER_URL", f"http://{name}:port")
            with pytest.raises(EscapedCall):
                connection.sendall(asked)
        wall.take_down()


def test_what_cannot_be_sent_is_refused_in_the_sockets_own_words(refusing: Wall, listener: socket.socket) -> None:
    with socket.create_connection(listener.getsockname(), 5) as connection:
        with pytest.raises(TypeError, match="bytes-like object"):
            connection.sendall("text")  # type: ignore[arg-type]
        assert connection.send(memoryview(b"abcdef")[::1]) == 6
        assert connection.sendmsg([]) == 0


def test_a_wall_that_is_off_holds_nothing(wall: Wall) -> None:
    before = standing()
    wall.put_up(OFF)
    assert standing() == before
    wall.take_down()


def test_where_the_wall_was_everything_is_as_it_was() -> None:
    program = """
import _socket, os, socket, ssl, sys, warnings
def standing():
    kinds = [socket.socket, ssl.SSLContext, aiohttp.AsyncResolver, *([uvloop.Loop] if uvloop else [])]
    state = [vars(_socket), vars(socket), os.environ, *map(vars, kinds)]
    return [*map(dict, state), [*warnings.filters], [*sys.meta_path]]
import aiohttp, urllib.request, urllib3
try:
    import uvloop
except ImportError:
    uvloop = None
before = standing()
from mockserver.testing import Server
server = Server()
server.start()
with server.intercepting(), server.intercepting():
    urllib.request.urlopen("https://api.securating.io/resource/build.js").close()
    assert standing() != before
server.stop()
print(standing() == before)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout == "True\n", done.stderr


def test_the_plugin_has_the_wall_up_in_this_very_test() -> None:
    assert WALL.mode == VENDORS
    with pytest.raises(EscapedCall):
        socket.getaddrinfo("sms-vote.ru", 80)
    assert len(WALL.take_escapes()) == 1
