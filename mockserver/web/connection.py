"""One client of the port: its socket, what it has sent so far, and how long it may take."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from struct import pack
from typing import TYPE_CHECKING

from mockserver.runtime.pace import real_seconds
from mockserver.web.http1 import CONTINUE, ESTABLISHED, Head, Unreadable, read_body, read_head

if TYPE_CHECKING:
    from ssl import SSLContext, SSLSocket

_TLS_HELLO = b"\x16"

_RECEIVED = 64 << 10
_AT_ONCE = pack("ii", 1, 0)
_MOST_SWALLOWED = 16 << 20
_SWALLOW_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What clients may ask of a port: bytes of a body, seconds of patience, connections at a time.

    `idle_seconds` bounds the wait for a request, for the whole of a body, and for the client to take an answer;
    `head_seconds` the time that a head or a TLS handshake takes from its first byte to its last; `finish_seconds` what
    `Port.stop` grants to answers in progress.
    """

    max_body: int = 1 << 20
    max_upload: int = 1 << 29
    upload_path: str = ""
    idle_seconds: float = 30.0
    head_seconds: float = 10.0
    max_connections: int = 512
    finish_seconds: float = 5.0

    def most_for(self, path: str) -> int:
        """Return how many bytes a body may have that is sent to `path`."""
        return self.max_upload if path == self.upload_path else self.max_body


class Connection:
    """One client. `address` is the origin of a request that names no host.

    It speaks TLS where the client does, from the beginning or within a tunnel. It `is_idle` from the moment its client
    can know the whole of an answer until it asks again.

    Whatever waits for the client raises `OSError` when it is gone, or too slow to be waited for.
    """

    __slots__ = (
        "_address",
        "_buffer",
        "_deadline",
        "_is_hung_up",
        "_is_tunnel",
        "_limits",
        "_seconds",
        "_socket",
        "_tls",
        "is_idle",
    )

    def __init__(self, client: socket.socket, limits: Limits, address: str) -> None:
        client.settimeout(limits.idle_seconds)
        self._socket = client
        self._tls: SSLSocket | None = None
        self._is_tunnel = self._is_hung_up = self.is_idle = False
        self._limits = limits
        self._address = address
        self._buffer = bytearray()
        self._seconds = self._deadline = 0.0

    def begin(self, tls: Callable[[], SSLContext]) -> None:
        """Wait for the client's first byte; when TLS begins so, agree on it."""
        if self._socket.recv(1, socket.MSG_PEEK) != _TLS_HELLO:
            return
        context = tls()
        self._socket.settimeout(self._limits.head_seconds)
        self._tls = self._socket = context.wrap_socket(self._socket, server_side=True, do_handshake_on_connect=False)
        if self._is_hung_up:  # perhaps at the very moment when there was neither socket
            raise ConnectionAbortedError
        self._tls.do_handshake()
        self._tls.settimeout(self._limits.idle_seconds)
        self._address = self._address.replace("http:", "https:", 1)

    def open_tunnel(self, end: str) -> None:
        """Grant a CONNECT: what follows is meant for `end`, a `host:port`. Raises `Unreadable`."""
        if self._is_tunnel or self._tls:
            raise Unreadable(400, "CONNECT within a tunnel or TLS, a proxy address that begins with http:// expected")
        if self._buffer:
            raise Unreadable(400, "bytes before the tunnel was open, a client that waits for the answer expected")
        self.send(ESTABLISHED)
        self._is_tunnel = True
        self._address = f"http://{end.removesuffix(':80').removesuffix(':443')}"

    def awaits_request(self) -> bool:
        """Wait for the first byte of a request; False when the client has nothing more to ask."""
        self._buffer = self._buffer.lstrip(b"\r\n")
        while not self._buffer:
            self.is_idle = True
            piece = self._socket.recv(_RECEIVED)
            if not piece:
                return False
            self._buffer += piece.lstrip(b"\r\n")
        self.is_idle = False
        return True

    def read_head(self) -> Head:
        """Read a head. Raises `Unreadable`."""
        self._grant(self._limits.head_seconds)
        return read_head(self._buffer, self._more, self._address)

    def read_body(self, head: Head) -> bytes:
        """Read the body that `head` announces. Raises `Unreadable` or `TooLarge`."""
        self._grant(self._limits.idle_seconds)
        most = self._limits.most_for(head.path)
        if head.awaits_continue and not self._buffer and head.length <= most:
            self.send(CONTINUE)
        return read_body(head, self._buffer, self._more, most)

    def send(self, message: bytes) -> None:
        """Hand the whole of `message` to the socket."""
        self._socket.sendall(message)

    @property
    def is_left(self) -> bool:
        """Whether the client has gone: it has ended the connection, and left nothing to read."""
        self._socket.settimeout(0)
        try:  # of the plain socket, for one of TLS does not look ahead
            return not socket.socket.recv(self._socket, 1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        finally:
            self._socket.settimeout(self._limits.idle_seconds)

    def send_last(self, message: bytes) -> None:
        """Answer a request that was not read to its end.

        What the client goes on sending is swallowed for a while: closing on unread bytes would destroy the answer.
        """
        self._socket.sendall(message)
        self._say_goodbye()
        self._socket.shutdown(socket.SHUT_WR)
        self._grant(_SWALLOW_SECONDS)
        swallowed = 0
        with suppress(OSError, Unreadable):
            while swallowed < _MOST_SWALLOWED:
                self._buffer.clear()
                self._more()
                swallowed += len(self._buffer)

    def _grant(self, seconds: float) -> None:
        self._seconds, self._deadline = seconds, 0.0

    def _more(self) -> None:
        """Wait for more bytes, up to a deadline that begins with the first wait."""
        now = real_seconds()
        self._deadline = self._deadline or now + self._seconds
        try:
            piece = self._receive_within(self._deadline - now)
        except TimeoutError:
            raise Unreadable(408, f"the request took longer than {self._seconds:g} seconds") from None
        if not piece:
            raise ConnectionAbortedError
        self._buffer += piece

    def _receive_within(self, seconds: float) -> bytes:
        if seconds <= 0:
            raise TimeoutError
        self._socket.settimeout(seconds)
        try:
            return self._socket.recv(_RECEIVED)
        finally:
            self._socket.settimeout(self._limits.idle_seconds)

    def hang_up(self, how: int = socket.SHUT_RD) -> None:
        """End the wait for the client, from another thread; unless `how` says so, an answer still goes out."""
        self._is_hung_up = True
        with suppress(OSError):
            socket.socket.shutdown(self._socket, how)  # that of a TLS socket would go on without TLS

    def abort(self) -> None:
        """Have `close` reset the connection, without a goodbye."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self._tls = None

    def close(self) -> None:
        """Give the socket back."""
        self._say_goodbye()
        self._socket.close()

    def _say_goodbye(self) -> None:
        """Tell a TLS client that nothing more will come; its own goodbye is not waited for."""
        if self._tls:
            with suppress(OSError, ValueError):
                self._tls.settimeout(0)
                self._tls.unwrap()
