"""One client of the port: its socket, what it has sent so far, and how long it may take."""

from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import dataclass

from mockserver.runtime.pace import real_seconds
from mockserver.web.http1 import CONTINUE, Head, Unreadable, read_body, read_head

_RECEIVED = 64 << 10
_MOST_SWALLOWED = 16 << 20
_SWALLOW_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What clients may ask of a port: bytes of a body, seconds of patience, connections at a time.

    `idle_seconds` bounds the wait for a request, for the whole of a body, and for the client to take an answer;
    `head_seconds` the time a head takes from its first byte to its last; `finish_seconds` what `Port.stop` grants to
    answers in progress.
    """

    max_body: int = 1 << 20
    idle_seconds: float = 30.0
    head_seconds: float = 10.0
    max_connections: int = 512
    finish_seconds: float = 5.0


class Connection:
    """One client. `address` is the origin of a request that names no host.

    Whatever waits for the client raises `OSError` when it is gone, or too slow to be waited for.
    """

    __slots__ = ("_address", "_buffer", "_deadline", "_limits", "_seconds", "_socket")

    def __init__(self, client: socket.socket, limits: Limits, address: str) -> None:
        client.settimeout(limits.idle_seconds)
        self._socket = client
        self._limits = limits
        self._address = address
        self._buffer = bytearray()
        self._seconds = self._deadline = 0.0

    def awaits_request(self) -> bool:
        """Wait for the first byte of a request; False when the client has nothing more to ask."""
        self._buffer = self._buffer.lstrip(b"\r\n")
        while not self._buffer:
            piece = self._socket.recv(_RECEIVED)
            if not piece:
                return False
            self._buffer += piece.lstrip(b"\r\n")
        return True

    def read_head(self) -> Head:
        """Read a head. Raises `Unreadable`."""
        self._grant(self._limits.head_seconds)
        return read_head(self._buffer, self._more, self._address)

    def read_body(self, head: Head) -> bytes:
        """Read the body that `head` announces. Raises `Unreadable` or `TooLarge`."""
        self._grant(self._limits.idle_seconds)
        if head.awaits_continue and not self._buffer and head.length <= self._limits.max_body:
            self.send(CONTINUE)
        return read_body(head, self._buffer, self._more, self._limits.max_body)

    def send(self, message: bytes) -> None:
        """Hand the whole of `message` to the socket."""
        self._socket.sendall(message)

    def send_last(self, message: bytes) -> None:
        """Answer a request that was not read to its end.

        What the client goes on sending is swallowed for a while: closing on unread bytes would destroy the answer.
        """
        self._socket.sendall(message)
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
        with suppress(OSError):
            self._socket.shutdown(how)

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close()
