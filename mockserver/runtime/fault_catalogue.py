"""The catalogue of faults, all that can be made to go wrong with a call: what each does, and what it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.core.errors import InvalidInput
from mockserver.services import SERVICES
from mockserver.services.service import Service

MOST_SECONDS, MOST_REAL_SECONDS = 86_400, 300

LATE: Mapping[str, float] = {"seconds": 30.0, "real": False}


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One fault there is to plan: what happens, whether the call has its effect all the same, its parameters.

    `parameters` holds their defaults; `service` is empty where the calls of every service can fail so.
    """

    name: str
    meaning: str
    has_effect: bool = False
    parameters: Mapping[str, float] = field(default_factory=dict)
    service: str = ""

    def is_of(self, service: Service) -> bool:
        """Say whether the calls of a service can fail so."""
        return self.service in {"", service.name}

    def read_parameters(self, given: Mapping[str, object]) -> dict[str, Any]:
        """Return all its parameters, the given ones checked. Raises `InvalidInput`."""
        for name, value in given.items():
            if name not in self.parameters:
                raise InvalidInput(name, f"{self.name} takes {' and '.join(self.parameters) or 'no parameters'}")
            if name == "status" and not self._is_status(value):
                raise InvalidInput(name, f"{value!r}, an HTTP status from 400 to 599 expected")
            if name == "seconds" and not _is_between(value, 0.001, MOST_SECONDS):
                raise InvalidInput(name, f"{value!r}, seconds from 0.001 to {MOST_SECONDS} expected")
            if name == "real" and not isinstance(value, bool):
                raise InvalidInput(name, f"{value!r}, true or false expected")
        read: dict[str, Any] = dict(self.parameters) | dict(given)
        if read.get("real") and read["seconds"] > MOST_REAL_SECONDS:
            raise InvalidInput("seconds", f"{read['seconds']:g} real ones, at most {MOST_REAL_SECONDS} expected")
        return read

    def _is_status(self, value: object) -> bool:
        return isinstance(value, int) and (_is_between(value, 400, 599) or value == self.parameters["status"])


def _is_between(value: object, least: float, most: float) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and least <= value <= most


_REFUSAL_FAULTS = [
    FaultKind(name, f"{service.title} refuses: {refusal.why}", service=service.name)
    for service in SERVICES
    for name, refusal in service.refusals.items()
]

_STATUS_FAULT = FaultKind("status", "an HTTP error instead of the answer", parameters={"status": 503})

ANSWER_FAULTS = (
    FaultKind("html", "an HTML page in place of JSON or text", parameters={"status": 200}),
    FaultKind("truncated", "the answer is cut in the middle; its length announces the whole", has_effect=True),
    FaultKind("charset", "the answer is in another encoding (windows-1251) than its header says", has_effect=True),
    FaultKind("slow", "the answer comes late, by the clock; by your patience if `real`", True, LATE),
    FaultKind("dribble", "the answer comes in pieces, the last of them late", True, LATE),
    FaultKind("reset", "the connection is reset"),
    FaultKind("empty", "the connection is closed without a byte"),
    FaultKind("lost", "the connection is closed without a byte, after the call had its effect", has_effect=True),
)
"""Faults that any answer can have, in the order of the magic phone numbers."""

CATALOGUE: Mapping[str, FaultKind] = {kind.name: kind for kind in (*_REFUSAL_FAULTS, _STATUS_FAULT, *ANSWER_FAULTS)}
