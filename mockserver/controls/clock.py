"""The clock as a test holds it: what time it is, what will happen, and moving there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime, timedelta

from mockserver.core.agenda import Promise
from mockserver.core.errors import InvalidInput
from mockserver.core.instants import Duration, parse_duration, parse_instant, parse_units


class AnyClock(ABC):
    """Moves the time of one world; every move returns what fired on the way."""

    @property
    @abstractmethod
    def now(self) -> datetime:
        """The present instant (aware, UTC)."""

    @property
    @abstractmethod
    def agenda(self) -> list[Promise]:
        """What will happen if nobody acts: each with its `due` instant and its `task`."""

    def advance(self, duration: Duration | None = None, **units: float) -> list[Promise]:
        """Let time pass: `advance(days=6)`, `advance("6d")`, `advance(timedelta(days=6))`; returns what fired.

        Every due task is performed at its own instant and its webhooks are delivered before time goes on.
        Raises `InvalidInput`, and `ClockBusy` from within an advance.
        """
        return self._advance(length_of(duration, units))

    def advance_to(self, instant: datetime | str) -> list[Promise]:
        """Let time pass until `instant`: a datetime, or `"2026-03-07 10:00"` (UTC). Raises `BackwardsInTime`."""
        return self._advance_to(parse_instant(instant, "instant"))

    @abstractmethod
    def next_event(self) -> list[Promise]:
        """Let time pass until something happens; returns it, and whatever else happens at that instant."""

    @abstractmethod
    def run_until_idle(self) -> list[Promise]:
        """Let time pass until nothing is left to happen; returns everything that did. Raises `EndlessCascade`."""

    @abstractmethod
    def _advance(self, length: timedelta) -> list[Promise]:
        """Let so much time pass."""

    @abstractmethod
    def _advance_to(self, instant: datetime) -> list[Promise]:
        """Let time pass until then."""


def length_of(duration: Duration | None, units: dict[str, float]) -> timedelta:
    """Return how much time is to pass, said in one way or the other. Raises `InvalidInput`."""
    if (duration is None) == (not units):
        raise InvalidInput("duration", 'one expected, such as advance(days=6) or advance("6d")')
    return parse_units(units, "duration") if duration is None else parse_duration(duration, "duration")
