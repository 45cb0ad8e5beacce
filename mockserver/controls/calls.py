"""Calls that came in, as a test holds them."""

from __future__ import annotations

from mockserver.core.journal import Exchange


def describe_call(call: Exchange) -> str:
    """Return a call in a line."""
    return f"{call.method} {call.target[:80]}: {call.status}"
