"""The page's own news: one server-sent event for each change of a tenant's world."""

from __future__ import annotations

import os
from collections.abc import Iterator

from mockserver.runtime.double import Double
from mockserver.services.service import Reply

EVENTS = "text/event-stream"

HEARTBEAT = 5.0
"""Real seconds after which a silent stream says that it is still there, and finds out whether anybody listens."""

REST = 0.1
"""Real seconds between two events, however much happens."""

_THIS_SERVER = os.urandom(4).hex()


def state_of(double: Double) -> str:
    """Return what changes with the double; it is another one after a restart of the server."""
    return f"{_THIS_SERVER}-{double.changes.told}"


def live(double: Double) -> Reply:
    """Return an answer that goes on as long as somebody listens."""
    return Reply(200, b"", EVENTS, (("Cache-Control", "no-store"),), stream=_events(double))


def _events(double: Double) -> Iterator[bytes]:
    changes, told = double.changes, ""
    yield b"retry: 1000\n\n"
    while not changes.is_over:
        state = state_of(double)
        yield f"event: change\ndata: {state}\n\n".encode() if state != told else b": still there\n\n"
        told = state
        changes.rest(REST)
        changes.wait_for(lambda told=told: state_of(double) != told, HEARTBEAT)  # type: ignore[misc] # bound at once
