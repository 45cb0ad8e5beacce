"""Answers that go on, are late, or were meant to fail on their way: how each ends on the wire."""

from __future__ import annotations

from collections.abc import Callable

from mockserver.services.service import CUT, DRIBBLED, RESET, SILENT, Reply
from mockserver.web.connection import Connection

_HEAD_END = b"\r\n\r\n"
_PIECES = 8


def send_ending(connection: Connection, message: bytes, reply: Reply, wait: Callable[[float], object]) -> bool:
    """Write the `message` that a reply would be as its `ending` and `delay` say; say whether the connection lives on.

    `wait` takes real seconds, and may return before they are over.
    """
    if reply.stream is not None:
        connection.send(message)
        for piece in reply.stream:
            if connection.is_left:
                break
            connection.send(piece)
        return False
    if reply.ending == DRIBBLED:
        _dribble(connection, message, reply.delay, wait)
        return True
    if reply.delay:
        wait(reply.delay)
    if reply.ending == CUT:
        body = _body_of(message)
        connection.send(message[: body + (len(message) - body) // 2])
    elif reply.ending == RESET:
        connection.abort()
    elif reply.ending != SILENT:
        connection.send(message)
        return True
    return False


def _dribble(connection: Connection, message: bytes, seconds: float, wait: Callable[[float], object]) -> None:
    """Send the head, then the body in pieces of about one size."""
    body = _body_of(message)
    size = max(1, -(-(len(message) - body) // _PIECES))
    connection.send(message[:body])
    for begin in range(body, len(message), size):
        if seconds:
            wait(seconds * size / (len(message) - body))
        connection.send(message[begin : begin + size])


def _body_of(message: bytes) -> int:
    """Return where the body begins."""
    return message.index(_HEAD_END) + len(_HEAD_END)
