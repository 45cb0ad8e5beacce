"""Every client of this process reaches the double under the vendors' own addresses, and verifies its certificate."""

from __future__ import annotations

import asyncio
import http.client
import os
import socket
import ssl
import urllib.request
from collections.abc import Callable, Coroutine, Iterator
from threading import Thread
from urllib.parse import urlsplit

import aiohttp
import certifi
import httpx
import pytest
import requests
import truststore
import urllib3
from freezegun import freeze_time

from mockserver.testing import MockServer, Server

SCRIPT = "https://api.securating.io/resource/build.js"
BALANCE = "http://sms-vote.ru/api/command/balance.php"

BORN_WITH_THE_MODULE = requests.Session()
POOL_BORN_WITH_THE_MODULE = urllib3.PoolManager()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def intercepted(server: Server) -> Iterator[MockServer]:
    with server.intercepting():
        opened = server.open(start="2026-03-02 09:00", seed="interception")
        yield opened
        server.close(opened)


def by_old_session(url: str) -> bytes:
    return BORN_WITH_THE_MODULE.get(url, timeout=5).content


def by_requests(url: str) -> bytes:
    return requests.get(url, timeout=5).content


def by_urllib3(url: str) -> bytes:
    return POOL_BORN_WITH_THE_MODULE.request("GET", url).data


def by_httpx(url: str) -> bytes:
    with httpx.Client() as client:
        return client.get(url).content


async def _by_async_httpx(url: str) -> bytes:
    async with httpx.AsyncClient() as client:
        return (await client.get(url)).content


async def _by_aiohttp(url: str, resolver: type[aiohttp.abc.AbstractResolver]) -> bytes:
    connector = aiohttp.TCPConnector(resolver=resolver())
    async with aiohttp.ClientSession(connector=connector) as session, session.get(url) as response:
        return await response.read()


def by_async_httpx(url: str) -> bytes:
    return asyncio.run(_by_async_httpx(url))


def by_aiohttp(url: str) -> bytes:
    return asyncio.run(_by_aiohttp(url, aiohttp.ThreadedResolver))


def by_aiohttp_and_aiodns(url: str) -> bytes:
    return asyncio.run(_by_aiohttp(url, aiohttp.AsyncResolver))


def _on_uvloop(call: Callable[[str], Coroutine[None, None, bytes]]) -> Callable[[str], bytes]:
    def ask(url: str) -> bytes:
        uvloop = pytest.importorskip("uvloop")
        loop = uvloop.new_event_loop()
        try:
            content: bytes = loop.run_until_complete(call(url))
        finally:
            loop.close()
        return content

    return ask


def by_urllib(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as response:
        content: bytes = response.read()
        return content


def by_http_client(url: str) -> bytes:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", timeout=5)
    connection.request("GET", parts.path)
    try:
        return connection.getresponse().read()
    finally:
        connection.close()


def by_a_bare_socket(url: str) -> bytes:
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    with socket.socket() as plain:
        plain.settimeout(5)
        plain.connect((host, 443 if secure else 80))
        connection = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if secure else plain
        with connection:
            connection.sendall(f"GET {parts.path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
            return connection.makefile("rb").read().partition(b"\r\n\r\n")[2]


def in_a_thread(url: str) -> bytes:
    answers: list[bytes] = []
    thread = Thread(target=lambda: answers.append(by_requests(url)))
    thread.start()
    thread.join(10)
    return answers[0]


CLIENTS = {
    "requests.Session made at import": by_old_session,
    "requests.get": by_requests,
    "urllib3": by_urllib3,
    "httpx": by_httpx,
    "httpx, async": by_async_httpx,
    "aiohttp": by_aiohttp,
    "aiohttp with aiodns": by_aiohttp_and_aiodns,
    "httpx on uvloop": _on_uvloop(_by_async_httpx),
    "aiohttp on uvloop": _on_uvloop(lambda url: _by_aiohttp(url, aiohttp.ThreadedResolver)),
    "urllib.request": by_urllib,
    "http.client": by_http_client,
    "a bare socket": by_a_bare_socket,
    "a thread of the application": in_a_thread,
}


@pytest.mark.parametrize("ask", CLIENTS.values(), ids=CLIENTS)
def test_hard_coded_addresses_are_answered(ask: Callable[[str], bytes], intercepted: MockServer) -> None:
    assert b"securating" in ask(SCRIPT)
    assert ask(BALANCE).startswith(b"Error: json")
    assert b"securating" in ask(SCRIPT.replace("api.", "eu."))
    assert ask(BALANCE.replace("sms-", "www.sms-")).startswith(b"Error: json")


@pytest.mark.parametrize("ask", [by_requests, by_httpx, by_urllib])
def test_calls_reach_the_world_that_their_credentials_name(ask: Callable[[str], bytes], server: Server) -> None:
    one, other = (server.open(start="2026-03-02 09:00", seed=seed) for seed in ("one", "other"))
    with server.intercepting():
        for opened, count in ((one, 1), (other, 2)):
            credentials = f'{{"id":{opened.smsvote.id},"secure":"{opened.smsvote.secure}"}}'
            for _ in range(count):
                assert ask(f"{BALANCE}?json={credentials.replace(chr(34), '%22')}") == b"1000.00"
    assert [len(opened.calls.all()) for opened in (one, other)] == [1, 2]
    server.close(one)
    server.close(other)


@freeze_time("2020-02-03")
@pytest.mark.filterwarnings("error")
def test_a_clock_set_back_does_not_make_urllib3_warn() -> None:
    assert b"securating" in by_requests(SCRIPT)
    assert b"securating" in by_urllib3(SCRIPT)


CONTEXTS: dict[str, Callable[[], ssl.SSLContext]] = {
    "default": ssl.create_default_context,
    "certifi's": lambda: ssl.create_default_context(cafile=certifi.where()),
    "one that trusts nobody": lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
    "the system's own": lambda: truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
}


@pytest.mark.parametrize("make", CONTEXTS.values(), ids=CONTEXTS)
def test_contexts_of_the_application_do_and_are_left_as_they_are(make: Callable[[], ssl.SSLContext]) -> None:
    context = make()
    with urllib.request.urlopen(SCRIPT, timeout=5, context=context) as response:
        assert response.status == 200
    assert httpx.get(SCRIPT, verify=context).status_code == 200
    store = getattr(context, "_ctx", context)  # truststore wraps one of the standard library's
    assert "mockserver" not in str(store.get_ca_certs())
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


def test_the_certificate_is_verified(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.testing.trusted_file", certifi.where)
    with server.intercepting(), pytest.raises(requests.exceptions.SSLError, match="self-signed certificate"):
        requests.get(SCRIPT, timeout=5)


def test_other_names_trust_nobody_new(server: Server) -> None:
    with pytest.raises(requests.exceptions.SSLError, match="self-signed certificate"):
        requests.get(server.url.replace("http:", "https:"), timeout=5)


def test_a_proxy_of_the_environment_is_passed_by(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        for name in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        monkeypatch.setenv("no_proxy", "example.org")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.setattr(urllib.request, "_opener", None)  # it keeps the proxies that it has found first
        with server.intercepting():
            for ask in (by_requests, by_httpx, by_urllib):
                assert b"securating" in ask(SCRIPT)
                assert ask(BALANCE).startswith(b"Error: json")
            assert not requests.utils.should_bypass_proxies("http://example.com/", None)
        assert os.environ["no_proxy"] == "example.org,securating.io,sms-vote.ru"  # the wall of this very run stands
        assert "NO_PROXY" not in os.environ
        proxy.settimeout(0)
        with pytest.raises(BlockingIOError):
            proxy.accept()
