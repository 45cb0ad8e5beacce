"""Proxies: through one, a call to the vendors would go out unseen, for whoever looks names up is the proxy."""

from __future__ import annotations

import os
import re
import socket
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

    Known by their first bytes: CONNECT, a request that names a whole address, and a name that SOCKS is to look up.
    """
    try:
        found = _ASKS_A_PROXY.match(data)
    except (TypeError, BufferError, ValueError):
        return None  # whoever takes the data words what is wrong with it
    return found[1].decode("ascii", "replace") if found else None


def is_double(connection: socket.socket, homes: list[tuple[str, int]]) -> bool:
    """Say whether a connection leads to a double, which forwards nothing: at one of `homes`, or the environment's."""
    try:
        peer = connection.getpeername()[:2]
    except OSError:
        return False
    run = urlsplit(os.environ.get(_DOUBLE, ""))
    return peer in (*homes, (run.hostname, run.port))


def _domains() -> tuple[str, ...]:
    from mockserver.services import DOMAINS  # noqa: PLC0415 - 40 ms, where there is a proxy

    return DOMAINS


_DOUBLE = "MOCKSERVER_URL"
_ASKS_A_PROXY = re.compile(
    rb"(?:CONNECT |[A-Z]+ https?://(?:[^/?#\s@]*@)?|\x05\x01\x00\x03[\x01-\xff])([\w.-]+|\[[\da-f:.]+)", re.IGNORECASE
)
