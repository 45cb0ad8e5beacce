"""The wall: what this process looks up and connects to under a vendor's name goes to the double, or nowhere.

Names are answered below `socket.getaddrinfo`, where the standard library itself asks, so that it does not matter who
else has replaced or imported that. They are answered with an address that leads nowhere (`TOKEN`), which `connect`
turns into the double's port: some clients keep of an answer the address alone. What is sent is looked at for requests
to a proxy: there the name would be looked up elsewhere.
"""

from __future__ import annotations

import _socket
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from mockserver.interception.domains import LOCAL, address_of, is_local, service_called, text_of
from mockserver.interception.hooks import Hook
from mockserver.interception.latecomers import EXPECTED, Doorman
from mockserver.interception.proxies import ProxyExceptions, host_beyond, is_double, names_a_double

OFF, VENDORS, ALL = "off", "vendors", "all"
MODES = (VENDORS, ALL, OFF)
"""Whom the wall refuses where no double answers: the vendors, every host but this machine, nobody."""

TOKEN = "127.83.77.1"  # noqa: S105 - it stands for a name
"""What a vendor's name is looked up as: of loopback, so that whoever comes past the wall finds nobody there."""

_MOST_ESCAPES = 20


class Home(NamedTuple):
    """Where a double answers: its address, and the file (PEM) of whom to trust for its TLS."""

    address: tuple[str, int]
    trusted_file: Callable[[], str]


class Wall:
    """What stands between this process and the rest of the world; there is one, `WALL`."""

    def __init__(self) -> None:
        self.escapes: dict[str, None] = {}
        self._modes: list[str] = []
        self._exceptions = ProxyExceptions()
        self._homes: list[Home] = []
        self._doorman = Doorman(self._hold_resolvers)
        self._hooks = [
            Hook(lambda: _socket, "getaddrinfo", self._answering_names),
            Hook(lambda: socket.socket, "connect", self._turning),
            Hook(lambda: socket.socket, "connect_ex", self._turning),
            Hook(lambda: socket.socket, "send", self._watching),
            Hook(lambda: socket.socket, "sendall", self._watching),
        ]
        if hasattr(socket.socket, "sendmsg"):  # which Windows has not
            self._hooks.append(Hook(lambda: socket.socket, "sendmsg", self._watching_pieces))
        self._old_hooks = {
            name: Hook(lambda: socket, name, self._answering_old_names)
            for name in ("gethostbyname", "gethostbyname_ex")
        }

    @property
    def home(self) -> Home | None:
        """Where the double answers that has been led to last."""
        return self._homes[-1] if self._homes else None

    @property
    def mode(self) -> str:
        """Whom it refuses where no double answers, one of `MODES`."""
        return self._modes[-1] if self._modes else OFF

    def put_up(self, mode: str) -> None:
        """Refuse from now on, until `take_down`."""
        self._modes.append(mode)
        self.hold()

    def take_down(self) -> None:
        """Refuse as before the last `put_up`."""
        self._modes.pop()
        self._let_go()

    @contextmanager
    def leading_to(self, home: Home) -> Iterator[None]:
        """Have a double answer for the vendors."""
        self._homes.append(home)
        try:
            self.hold()
            yield
        finally:
            self._homes.remove(home)
            self._let_go()

    def hold(self) -> None:
        """Put our hooks over whatever others have put there since, where anybody is to be answered or refused."""
        if not (self._homes or self.mode != OFF):
            return
        self._mind_proxies()
        for hook in self._hooks:
            hook.hold()
        for name, hook in self._old_hooks.items():
            # Over the standard library's only: pytest-socket puts its own away again only where it finds it.
            if getattr(socket, name) is getattr(_socket, name):
                hook.hold()
        self._doorman.stand()
        if not sys.modules.keys().isdisjoint(EXPECTED):  # in this order: the other would go through all modules
            self._hold_resolvers()

    @staticmethod
    def _hold_resolvers() -> None:
        from mockserver.interception.resolvers import hold  # noqa: PLC0415 - for those who use them

        hold()

    def _mind_proxies(self) -> None:
        # What `mockserver run` names as proxy is a double too, and may answer where no nearer one does.
        if self._homes or (self.mode != OFF and not names_a_double()):
            self._exceptions.name_vendors()
        else:
            self._exceptions.take_back()

    def _let_go(self) -> None:
        self._mind_proxies()
        if self._homes or self.mode != OFF:
            return
        self._doorman.leave()
        for hook in (*self._hooks, *self._old_hooks.values()):
            hook.let_go()
        for name in ("resolvers", "trust"):
            if module := sys.modules.get(f"mockserver.interception.{name}"):
                module.let_go()

    def take_escapes(self) -> list[str]:
        """Return what has been refused since this was last asked."""
        taken, self.escapes = list(self.escapes), {}
        return taken

    def token_for(self, host: Any) -> str | None:
        """Return what a name is looked up as; None where it is nothing to the wall.

        Raises `EscapedCall` for a name that must not be reached.
        """
        if host in LOCAL:
            return None
        if service := service_called(host):
            if self._homes:
                self.hold()  # the connection comes next
                return TOKEN
            if self.mode != OFF:
                raise self._escape(host, service)
        elif self.mode == ALL and not is_local(host) and not address_of(text_of(host)):
            raise self._escape(host, None)
        return None

    def way(self, host: Any, *, is_stream: bool = True) -> tuple[str, int] | None:
        """Return the address that a connection to `host` goes to instead; None for the host's own.

        Raises `EscapedCall` for a host that must not be reached.
        """
        if host in LOCAL:
            return None
        service = "mockserver" if host == TOKEN else service_called(host)
        if service:
            if home := self.home:
                from mockserver.interception.trust import hold  # noqa: PLC0415 - TLS may come next

                hold()
                return home.address
            if self.mode != OFF:
                raise self._escape(host, service)
        elif self.mode == ALL and is_stream and not is_local(host):
            raise self._escape(host, None)
        return None

    def _guard(self, connection: socket.socket, data: Any) -> None:
        """Raise `EscapedCall` where what is about to be sent asks a proxy for a host that must not be reached."""
        host = host_beyond(data) if self._homes or self.mode != OFF else None
        if host is None or is_double(connection, [home.address for home in self._homes]):
            return
        service = service_called(host)
        if service or (self.mode == ALL and not is_local(host.strip("["))):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)  # httpx would wait for the answer all the same
            raise self._escape(host, service, by_proxy=True)

    def _escape(self, host: str | bytes, service: str | None, *, by_proxy: bool = False) -> OSError:
        from mockserver.interception.escapes import EscapedCall, describe  # noqa: PLC0415 - for those who try

        why = describe(text_of(host), service, by_proxy=by_proxy)
        if len(self.escapes) < _MOST_ESCAPES:
            self.escapes[why] = None
        return EscapedCall(socket.EAI_NONAME, f"mockserver: {why}")

    def _answering_names(self, below: Callable[..., Any]) -> Callable[..., Any]:
        def getaddrinfo(host: Any, port: Any, family: int = 0, kind: int = 0, proto: int = 0, flags: int = 0) -> Any:
            asked = bytes(host) if isinstance(host, bytearray) else host
            token = None if flags & socket.AI_NUMERICHOST else self.token_for(asked)
            return below(token, port, 0, kind, proto, 0) if token else below(host, port, family, kind, proto, flags)

        return getaddrinfo

    def _answering_old_names(self, below: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda host: below(self.token_for(host) or host)

    def _turning(self, below: Callable[..., Any]) -> Callable[..., Any]:
        def connect(self_: socket.socket, address: Any) -> Any:
            if self_.family in _INTERNET and isinstance(address, tuple) and address:
                host = bytes(address[0]) if isinstance(address[0], bytearray) else address[0]
                address = self.way(host, is_stream=self_.type == socket.SOCK_STREAM) or address
            return below(self_, address)

        return connect

    def _watching(self, below: Callable[..., Any]) -> Callable[..., Any]:
        def send(self_: socket.socket, data: Any, *rest: Any) -> Any:
            self._guard(self_, data)
            return below(self_, data, *rest)

        return send

    def _watching_pieces(self, below: Callable[..., Any]) -> Callable[..., Any]:
        def sendmsg(self_: socket.socket, pieces: Any, *rest: Any) -> Any:
            pieces = list(pieces)
            self._guard(self_, pieces[0] if pieces else b"")
            return below(self_, pieces, *rest)

        return sendmsg


_INTERNET = (socket.AF_INET, socket.AF_INET6)

WALL = Wall()
