"""One call on a webhook's receiver: what is asked, and what it answered."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from socket import SHUT_RDWR, socket
from threading import Event, Timer
from urllib.parse import SplitResult, urlsplit

from mockserver.core.webhooks import Answer, WebhookCall
from mockserver.runtime.pace import real_seconds
from mockserver.runtime.webhook_request import port_of, request_of

LONGEST_ANSWER = 64 * 1024
"""Bytes of an answer that are read."""


def call_receiver(call: WebhookCall, address: str, seconds: float) -> Answer:
    """Call the receiver at `address` once, within `seconds` altogether; redirects are not followed."""
    try:
        return _exchange(call, urlsplit(call.url), address, seconds)
    except (OSError, HTTPException, ValueError) as error:
        return Answer(None, error=f"{type(error).__name__}: {error}")


def _exchange(call: WebhookCall, parts: SplitResult, address: str, seconds: float) -> Answer:
    deadline = real_seconds() + seconds
    connection = _connection(parts, address, seconds)
    try:
        connection.connect()
        with _hung_up_at(deadline, connection.sock, f"no answer within {seconds:g} s"):
            method, target, body, headers = request_of(call)
            connection.request(method, target, body or None, headers | {"Connection": "close"})
            with connection.getresponse() as response:
                return Answer(response.status, response.read(LONGEST_ANSWER).decode("utf-8", "replace"))
    finally:
        connection.close()


def _connection(parts: SplitResult, address: str, seconds: float) -> HTTPConnection:
    if parts.scheme == "https":
        # A receiver on this machine has a certificate of its own making, and nobody stands between.
        context = ssl._create_unverified_context()  # noqa: S323
        return HTTPSConnection(address, port_of(parts), timeout=seconds, context=context)
    return HTTPConnection(address, port_of(parts), timeout=seconds)


@contextmanager
def _hung_up_at(deadline: float, stream: socket, why: str) -> Iterator[None]:
    """End what is said on `stream` at a deadline, however slowly it comes; raise `TimeoutError` if that was needed."""
    is_over = Event()

    def hang_up() -> None:
        is_over.set()
        with suppress(OSError):  # the receiver may have hung up itself
            socket.shutdown(stream, SHUT_RDWR)  # TLS has a `shutdown` of its own, which may not meet a read

    watchdog = Timer(max(deadline - real_seconds(), 0), hang_up)
    watchdog.daemon = True
    watchdog.start()
    try:
        yield
    except (OSError, HTTPException, ValueError):
        if not is_over.is_set():
            raise
    finally:
        watchdog.cancel()
    if is_over.is_set():
        raise TimeoutError(why)
