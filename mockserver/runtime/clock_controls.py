"""The clock of a world in this process, as a test holds it."""

from __future__ import annotations

from datetime import datetime, timedelta

from mockserver.controls.clock import AnyClock, length_of
from mockserver.core.agenda import Promise
from mockserver.core.errors import EndlessCascade, InvalidInput
from mockserver.core.instants import LAST_INSTANT, Duration, parse_instant
from mockserver.runtime.advances import Course
from mockserver.runtime.double import Double
from mockserver.services.facts import to_json

MOST_UNTIL_IDLE = 100_000
"""Tasks after which nobody believes any more that the agenda will be empty one day."""


class ClockControls(AnyClock):
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

    async def advance_async(self, duration: Duration | None = None, **units: float) -> list[Promise]:
        """Do as `advance` does, in a test that is a coroutine."""
        return await self._double.advance_to_async(self._after(length_of(duration, units)), relative=True)

    async def advance_to_async(self, instant: datetime | str) -> list[Promise]:
        """Do as `advance_to` does, in a test that is a coroutine."""
        return await self._double.advance_to_async(parse_instant(instant, "instant"))

    def next_event(self) -> list[Promise]:
        """Let time pass until something happens; returns it, and whatever else happens at that instant."""
        due = self._double.next_due()
        return [] if due is None else self._double.advance_to(due, relative=True)

    async def next_event_async(self) -> list[Promise]:
        """Do as `next_event` does, in a test that is a coroutine."""
        due = self._double.next_due()
        return [] if due is None else await self._double.advance_to_async(due, relative=True)

    def run_until_idle(self) -> list[Promise]:
        """Let time pass until nothing is left to happen; returns everything that did. Raises `EndlessCascade`."""
        course = Course()
        run_until_idle(self._double, course)
        return course.fired

    async def run_until_idle_async(self) -> list[Promise]:
        """Do as `run_until_idle` does, in a test that is a coroutine."""
        fired: list[Promise] = []
        while happened := await self.next_event_async():
            fired += happened
            _check_bound(len(fired))
        return fired

    def _advance(self, length: timedelta) -> list[Promise]:
        return self._double.advance_to(self._after(length), relative=True)

    def _advance_to(self, instant: datetime) -> list[Promise]:
        return self._double.advance_to(instant)

    def _after(self, length: timedelta) -> datetime:
        with self._double.present() as world:
            instant = world.clock.now + length
        if instant > LAST_INSTANT:
            raise InvalidInput("duration", f"{to_json(instant)}, an instant before the year 9000 expected")
        return instant

    def __repr__(self) -> str:
        return f"<clock at {self._double.world.clock.now:%Y-%m-%d %H:%M:%S} UTC>"


def run_until_idle(double: Double, course: Course) -> None:
    """Let time pass until nothing is left to happen, or the course is cancelled. Raises `EndlessCascade`."""
    while not course.is_cancelled and (due := double.next_due()):
        double.advance_to(due, relative=True, course=course)
        _check_bound(course.count)


def _check_bound(performed: int) -> None:
    if performed > MOST_UNTIL_IDLE:
        raise EndlessCascade(f"more than {MOST_UNTIL_IDLE} tasks were performed, and no end is in sight")
