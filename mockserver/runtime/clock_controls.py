"""The clock as a test holds it: what time it is, what will happen, and moving there."""

from __future__ import annotations

from datetime import datetime

from mockserver.core.agenda import Promise
from mockserver.core.errors import EndlessCascade, InvalidInput
from mockserver.core.instants import Duration, parse_duration, parse_instant
from mockserver.runtime.double import Double

MOST_UNTIL_IDLE = 100_000
"""Tasks after which nobody believes any more that the agenda will be empty one day."""


class ClockControls:
    """Moves time, and with it the freezer that is active; every method with `_async` awaits the application.

    Without freezegun or time-machine only the double moves: the application goes on seeing real time.
    """

    def __init__(self, double: Double) -> None:
        self._double = double

    @property
    def now(self) -> datetime:
        """The present instant (aware, UTC)."""
        with self._double.look() as world:
            return world.clock.now

    @property
    def agenda(self) -> list[Promise]:
        """What will happen if nobody acts: each with its `due` instant and its `task`."""
        with self._double.look() as world:
            return world.upcoming()

    def advance(self, duration: Duration | None = None, **units: float) -> list[Promise]:
        """Let time pass: `advance(days=6)`, `advance("6d")`, `advance(timedelta(days=6))`; returns what fired.

        Every due task is performed at its own instant and its webhooks are delivered before time goes on.
        Raises `InvalidInput`, and `ClockBusy` from within an advance.
        """
        return self._double.advance_to(self._target(duration, units), relative=True)

    async def advance_async(self, duration: Duration | None = None, **units: float) -> list[Promise]:
        """Do as `advance` does, in a test that is a coroutine."""
        return await self._double.advance_to_async(self._target(duration, units), relative=True)

    def _target(self, duration: Duration | None, units: dict[str, float]) -> datetime:
        if (duration is None) == (not units):
            raise InvalidInput("duration", 'one expected, such as advance(days=6) or advance("6d")')
        length = parse_duration(units if duration is None else duration, "duration")
        with self._double.present() as world:
            return world.clock.now + length

    def advance_to(self, instant: datetime | str) -> list[Promise]:
        """Let time pass until `instant`: a datetime, or `"2026-03-07 10:00"` (UTC). Raises `BackwardsInTime`."""
        return self._double.advance_to(parse_instant(instant, "instant"))

    async def advance_to_async(self, instant: datetime | str) -> list[Promise]:
        """Do as `advance_to` does, in a test that is a coroutine."""
        return await self._double.advance_to_async(parse_instant(instant, "instant"))

    def next_event(self) -> list[Promise]:
        """Let time pass until something happens; returns it, and whatever else happens at that instant."""
        due = self._next_due()
        return [] if due is None else self._double.advance_to(due, relative=True)

    async def next_event_async(self) -> list[Promise]:
        """Do as `next_event` does, in a test that is a coroutine."""
        due = self._next_due()
        return [] if due is None else await self._double.advance_to_async(due, relative=True)

    def run_until_idle(self) -> list[Promise]:
        """Let time pass until nothing is left to happen; returns everything that did. Raises `EndlessCascade`."""
        fired: list[Promise] = []
        while happened := self.next_event():
            fired += _bounded(fired, happened)
        return fired

    async def run_until_idle_async(self) -> list[Promise]:
        """Do as `run_until_idle` does, in a test that is a coroutine."""
        fired: list[Promise] = []
        while happened := await self.next_event_async():
            fired += _bounded(fired, happened)
        return fired

    def _next_due(self) -> datetime | None:
        self._double.drain()
        with self._double.present() as world:
            due = world.next_due()
            return None if due is None else max(due, world.clock.now)

    def __repr__(self) -> str:
        return f"<clock at {self._double.world.clock.now:%Y-%m-%d %H:%M:%S} UTC>"


def _bounded(fired: list[Promise], happened: list[Promise]) -> list[Promise]:
    if len(fired) + len(happened) > MOST_UNTIL_IDLE:
        raise EndlessCascade(f"{MOST_UNTIL_IDLE} tasks were performed, and more are promised")
    return happened
