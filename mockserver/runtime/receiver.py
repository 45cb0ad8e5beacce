"""One call on a webhook's receiver: what is asked, and what it answered."""

from __future__ import annotations

import ssl
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from mockserver.core.webhooks import Answer, WebhookCall
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
    connection = _connection(parts, address, seconds)
    watchdog = Timer(seconds, _hang_up, (connection,))
    watchdog.daemon = True
    watchdog.start()
    try:
        method, target, body, headers = request_of(call)
        connection.request(method, target, body or None, headers | {"Connection": "close"})
        response: HTTPResponse = connection.getresponse()
        return Answer(response.status, response.read(LONGEST_ANSWER).decode("utf-8", "replace"))
    finally:
        watchdog.cancel()
        connection.close()


def _connection(parts: SplitResult, address: str, seconds: float) -> HTTPConnection:
    if parts.scheme == "https":
        # A receiver on this machine has a certificate of its own making, and nobody stands between.
        context = ssl._create_unverified_context()  # noqa: S323
        return HTTPSConnection(address, port_of(parts), timeout=seconds, context=context)
    return HTTPConnection(address, port_of(parts), timeout=seconds)


def _hang_up(connection: HTTPConnection) -> None:
    with suppress(OSError, AttributeError):  # it may be closed, or not connected yet
        connection.sock.shutdown(2)
