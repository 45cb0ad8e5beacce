"""What goes wrong on the control surface, as problem details (RFC 9457) whose `type` a program can rely on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mockserver.core.errors import (
    BackwardsInTime,
    ClockBusy,
    EndlessCascade,
    Evicted,
    InvalidInput,
    MockServerError,
    Refusal,
)
from mockserver.runtime.tenants import TOO_MANY
from mockserver.services.fields import BAD_REQUEST, INVALID_INPUT
from mockserver.services.service import NO_SUCH_CALL, Reply

PROBLEM = "application/problem+json"

TITLES = {
    "invalid-input": (400, "Something in the call is not as it should be"),
    "refused": (400, "A rule of the service declines this"),
    "unauthorized": (401, "The token is missing or wrong"),
    "foreign-origin": (403, "A page of another origin may not change anything here"),
    "not-found": (404, "There is no such thing"),
    "wrong-method": (405, "The path is known, under another method"),
    "clock-busy": (409, "The clock is being advanced"),
    "backwards-in-time": (409, "Time moves only forward"),
    "endless-cascade": (409, "Tasks go on promising tasks for the same instant"),
    "evicted": (410, "This is no longer held"),
    "too-large": (413, "The body is too large"),
    "too-many": (429, "There are too many already"),
    "internal": (500, "The double itself failed"),
}
"""Every kind of problem: its status and its title."""

_BY_ERROR: dict[type[MockServerError], str] = {
    ClockBusy: "clock-busy",
    BackwardsInTime: "backwards-in-time",
    EndlessCascade: "endless-cascade",
    Evicted: "evicted",
}

_BAD_INPUT = {BAD_REQUEST, "bad parameter"}


def problem(kind: str, detail: str, field: str = "", **more: object) -> Reply:
    """Return the answer for a problem of one kind: `detail` says what was wrong and what was expected."""
    return _answer(_details(kind, detail, field, **more))


def problem_of(error: MockServerError) -> Reply:
    """Return the answer for what a call has run into."""
    return _answer(details_of(error))


def details_of(error: Exception) -> dict[str, Any]:
    """Return the problem that an error is, as an answer has it that is about something else besides."""
    if isinstance(error, InvalidInput):
        return _details("invalid-input", error.problem, error.path, code=INVALID_INPUT)
    if not isinstance(error, Refusal):
        kind = _BY_ERROR.get(type(error), "refused") if isinstance(error, MockServerError) else "internal"
        return _details(kind, str(error))
    if error.code == NO_SUCH_CALL:
        return _details("not-found", error.said, error.field)
    if error.code == TOO_MANY:
        return _details("too-many", error.said)
    kind = "invalid-input" if error.code in _BAD_INPUT else "refused"
    return _details(kind, error.said, error.field, code=error.code)


def _details(kind: str, detail: str, field: str = "", **more: object) -> dict[str, Any]:
    status, title = TITLES[kind]
    told = {"type": f"urn:mockserver:{kind}", "title": title, "status": status, "detail": detail}
    return told | ({"field": field} if field else {}) | more


def _answer(details: dict[str, Any]) -> Reply:
    return replace(Reply.json(details, details["status"]), content_type=PROBLEM)
