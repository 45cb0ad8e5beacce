"""Carries a webhook to a receiver on this machine, and to nowhere else."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from socket import SOCK_STREAM, getaddrinfo
from typing import Any
from urllib.parse import SplitResult, urlsplit

from mockserver.core.webhooks import Answer, WebhookCall
from mockserver.runtime.webhook_request import port_of

LOCAL_ADDRESSES = ("127.0.0.1", "::1")


class Carrier:
    """Sends webhooks to loopback, and to `hosts` that somebody listed.

    A name that is neither is not even looked up: nothing leaves the machine. `own_ports` are never called.
    """

    def __init__(self, hosts: Iterable[str] = (), seconds: float = 10.0) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)
        self._seconds = seconds
        self.own_ports: set[int] = set()

    def objection(self, call: WebhookCall) -> str:
        """Return why a call is captured and not sent; empty when it may go."""
        parts = urlsplit(call.url)
        if parts.username or parts.password:
            return "an address with credentials in it"
        if (parts.hostname or "") not in self._hosts and not _local(parts):
            return f"{parts.hostname} is not on this machine"
        if port_of(parts) in self.own_ports:
            return "the address of the double itself"
        return ""

    def send(self, call: WebhookCall) -> Answer:
        """Call the receiver once, at the addresses of its name in turn; redirects are not followed.

        Where there is an objection nobody is called: a test may ask for what was captured to be delivered.
        """
        from mockserver.runtime.receiver import call_receiver  # noqa: PLC0415 - costs 25 ms of a start

        if objection := self.objection(call):
            return Answer(None, error=f"OSError: {objection}")
        parts = urlsplit(call.url)
        answer = Answer(None, error="OSError: no address")
        for address in self._addresses(parts):
            answer = call_receiver(call, address, self._seconds)
            if not answer.error.startswith("ConnectionRefused"):
                break
        return answer

    def _addresses(self, parts: SplitResult) -> tuple[str, ...]:
        host = parts.hostname or ""
        if host in self._hosts:
            return tuple(dict.fromkeys(str(found[4][0]) for found in _resolved(host, port_of(parts))))
        return _local(parts)


def _local(parts: SplitResult) -> tuple[str, ...]:
    """Return the addresses of a name that can only mean this machine, none for any other; nothing is looked up."""
    host = (parts.hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return LOCAL_ADDRESSES
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ()
    mapped = getattr(address, "ipv4_mapped", None) or address
    return (str(mapped),) if mapped.is_loopback else ()


def _resolved(host: str, port: int) -> list[tuple[Any, ...]]:
    try:
        return [*getaddrinfo(host, port, type=SOCK_STREAM)]
    except (OSError, UnicodeError):
        return []
