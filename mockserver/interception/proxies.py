"""Proxies: through one, a call to the vendors would go out unseen, for whoever looks names up is the proxy."""

from __future__ import annotations

import os
import re
import socket
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_EXCEPTIONS = ("no_proxy", "NO_PROXY")


def names_a_double() -> bool:
    """Say whether the proxy of the environment is a double itself: that of `mockserver run`."""
    return _DOUBLE in os.environ


class ProxyExceptions:
    """The vendors named in `no_proxy`, so that clients pass by the proxies of the environment.

    Where there is no proxy nothing is changed: some systems have settings of their own that the variable would disable.
    """

    def __init__(self) -> None:
        self._before: dict[str, str] = {}

    def name_vendors(self) -> None:
        """Name the vendors, unless they are named already."""
        if not any(map(os.environ.get, _PROXIES)):
            return
        for name in [*filter(os.environ.get, _EXCEPTIONS)] or _EXCEPTIONS[:1]:
            value = os.environ.get(name, "")
            if value not in self._before:
                now = ",".join([*([value] if value else []), *_domains()])
                self._before[now] = value
                os.environ[name] = now

    def take_back(self) -> None:
        """Put back what stood there, unless somebody has changed it since."""
        for name in _EXCEPTIONS:
            before = self._before.get(os.environ.get(name, ""))
            if before:
                os.environ[name] = before
            elif before is not None:
                del os.environ[name]
        self._before.clear()


def host_beyond(data: Any) -> str | None:
    """Return the host that a proxy is asked for, in what is about to be sent to it; None for anything else.

    Known by how it begins: CONNECT, a request line with a whole address, and a name that SOCKS is to look up.
    """
    try:
        if found := _ASKS_A_PROXY.match(data):
            return found[1].decode("ascii", "replace")
        if found := _ASKS_SOCKS.match(data):
            return found[2][: found[1][0]].decode("ascii", "replace")
    except (TypeError, BufferError, ValueError):
        pass  # whoever takes the data words what is wrong with it
    return None


def is_double(connection: socket.socket, homes: list[tuple[str, int]]) -> bool:
    """Say whether a connection leads to a double, which forwards nothing: at one of `homes`, or the environment's."""
    try:
        peer = connection.getpeername()[:2]
    except OSError:
        return False
    return peer in homes or peer in _addresses_of(os.environ.get(_DOUBLE, ""))


@lru_cache(8)
def _addresses_of(url: str) -> frozenset[tuple[str, int]]:
    try:
        parts = urlsplit(url)
        found = socket.getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)
    except (OSError, ValueError):  # nothing that anybody could be connected to
        return frozenset()
    return frozenset((str(address[0]), int(address[1])) for *_, address in found)


def _domains() -> tuple[str, ...]:
    from mockserver.services import DOMAINS  # noqa: PLC0415 - 40 ms, where there is a proxy

    return DOMAINS


_DOUBLE = "MOCKSERVER_URL"
_ASKS_A_PROXY = re.compile(
    rb"(?:CONNECT |[A-Z]+ (?i:https?)://(?:[^/?#\s@]*@)?)([\w.-]+|\[[\da-fA-F:.]+)[^\r\n]* HTTP/1\.[01]\r?\n"
)
_ASKS_SOCKS = re.compile(rb"\x05\x01\x00\x03([\x01-\xff])([\w.-]+)")
