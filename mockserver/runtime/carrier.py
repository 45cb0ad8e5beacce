"""Carries a webhook to a receiver on this machine, and to nowhere else."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterable
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from socket import SOCK_STREAM, getaddrinfo
from threading import Timer
from typing import Any, NamedTuple
from urllib.parse import SplitResult, quote, urlencode, urlsplit

from mockserver.core.webhooks import WebhookCall

LONGEST_ANSWER = 64 * 1024
LOCAL_ADDRESSES = ("127.0.0.1", "::1")


class Answer(NamedTuple):
    """What a receiver answered, or the error that kept it from answering."""

    status: int | None
    body: str = ""
    error: str = ""


class Carrier:
    """Sends webhooks to loopback, and to `hosts` that somebody listed.

    A name that is neither is not even looked up: nothing leaves the machine. `own_ports` are never called.
    """

    def __init__(self, hosts: Iterable[str] = (), seconds: float = 10.0) -> None:
        self._hosts = frozenset(hosts)
        self._seconds = seconds
        self.own_ports: set[int] = set()

    def objection(self, call: WebhookCall) -> str:
        """Return why a call is captured and not sent; empty when it may go."""
        parts = urlsplit(call.url)
        if parts.username or parts.password:
            return "an address with credentials in it"
        addresses = self._addresses(parts)
        if not addresses:
            return f"{parts.hostname} is not on this machine"
        if _port(parts) in self.own_ports:
            return "the address of the double itself"
        return ""

    def send(self, call: WebhookCall) -> Answer:
        """Call the receiver once, at the addresses of its name in turn; redirects are not followed."""
        parts = urlsplit(call.url)
        answer = Answer(None, error="OSError: no address")
        for address in self._addresses(parts):
            answer = self._try(call, parts, address)
            if not answer.error.startswith("ConnectionRefused"):
                break
        return answer

    def _try(self, call: WebhookCall, parts: SplitResult, address: str) -> Answer:
        try:
            return self._exchange(call, parts, address)
        except (OSError, HTTPException) as error:
            return Answer(None, error=f"{type(error).__name__}: {error}")

    def _addresses(self, parts: SplitResult) -> tuple[str, ...]:
        host = (parts.hostname or "").rstrip(".")
        if host == "localhost" or host.endswith(".localhost"):
            return LOCAL_ADDRESSES
        if host in self._hosts:
            return tuple(dict.fromkeys(str(found[4][0]) for found in _resolved(host, _port(parts))))
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return ()
        mapped = getattr(address, "ipv4_mapped", None) or address
        return (str(mapped),) if mapped.is_loopback else ()

    def _exchange(self, call: WebhookCall, parts: SplitResult, address: str) -> Answer:
        connection = _connection(parts, address, self._seconds)
        watchdog = Timer(self._seconds, _hang_up, (connection,))
        watchdog.daemon = True
        watchdog.start()
        try:
            method, target, body = _request_line(call, parts)
            headers = {"Host": parts.netloc, "User-Agent": f"{call.service} robot", "Connection": "close"}
            if body:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request(method, target, body or None, headers)
            response: HTTPResponse = connection.getresponse()
            return Answer(response.status, response.read(LONGEST_ANSWER).decode("utf-8", "replace"))
        finally:
            watchdog.cancel()
            connection.close()


def _connection(parts: SplitResult, address: str, seconds: float) -> HTTPConnection:
    if parts.scheme == "https":
        # A receiver on this machine has a certificate of its own making, and nobody stands between.
        context = ssl._create_unverified_context()  # noqa: S323
        return HTTPSConnection(address, _port(parts), timeout=seconds, context=context)
    return HTTPConnection(address, _port(parts), timeout=seconds)


def _request_line(call: WebhookCall, parts: SplitResult) -> tuple[str, str, str]:
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~?")
    added = urlencode(call.params)
    if call.policy.method == "POST":
        return "POST", f"{path}?{query}" if query else path, added
    return call.policy.method, f"{path}?{query}&{added}" if query else f"{path}?{added}", ""


def _port(parts: SplitResult) -> int:
    return parts.port or {"http": 80, "https": 443}[parts.scheme]


def _resolved(host: str, port: int) -> list[tuple[Any, ...]]:
    try:
        return [*getaddrinfo(host, port, type=SOCK_STREAM)]
    except (OSError, UnicodeError):
        return []


def _hang_up(connection: HTTPConnection) -> None:
    if connection.sock:
        connection.sock.shutdown(2)
