"""How a world's time relates to real time; the one place that reads a real clock."""

from __future__ import annotations

import sys
import time
from datetime import datetime, timedelta
from typing import Protocol

from mockserver.core.errors import BackwardsInTime
from mockserver.core.instants import LAST_INSTANT, UTC
from mockserver.core.world import World
from mockserver.runtime.freezers import active_freezer


def real_seconds() -> float:
    """Return seconds on a clock that no time-freezing library stops."""
    if hasattr(time, "clock_gettime"):
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return time.monotonic()


def real_now() -> datetime:
    """Return the wall clock's instant, for a world whose time starts with the day it is run."""
    return datetime.now(UTC)


def wall_seconds() -> float:
    """Return seconds since 1970 by the wall clock as it is, also while a test freezes time."""
    library = sys.modules.get("time_machine")
    if library and library.escape_hatch.is_travelling():
        real: float = library.escape_hatch.time.time()
        return real
    return time.clock_gettime(time.CLOCK_REALTIME) if hasattr(time, "clock_gettime") else time.time()


class Pace(Protocol):
    """Where a world's clock should stand."""

    mode: str
    """`frozen`, `following` or `running`."""

    rate: float
    """Virtual seconds to a real second; 0 when time moves only by command."""

    def present(self, now: datetime) -> datetime:
        """Return the instant to catch up with, for a clock that stands at `now`."""

    def move_to(self, instant: datetime) -> None:
        """Go on from `instant`."""

    def real_seconds_until(self, instant: datetime, now: datetime) -> float | None:
        """Return how long to wait for `instant`; None when it never comes by itself."""

    def is_frozen_before(self, now: datetime) -> bool:
        """Whether a freezer shows the application a time before `now`."""


class Frozen:
    """Time moves only by command."""

    mode = "frozen"
    rate = 0.0

    def present(self, now: datetime) -> datetime:
        """Return `now`: nothing to catch up with."""
        return now

    def move_to(self, instant: datetime) -> None:
        """Do nothing: the clock itself holds the instant."""

    def real_seconds_until(self, instant: datetime, now: datetime) -> float | None:  # noqa: ARG002 - a Pace
        """Return None."""
        return None

    def is_frozen_before(self, now: datetime) -> bool:  # noqa: ARG002 - a Pace
        """Return False: no freezer is asked."""
        return False


class Following:
    """Time is the test's: of the freezer that is active, else real time; `move_to` drives whichever it is.

    With `stands`, time stands until it is advanced where no freezer is active. `is_by_real_time` says whether it is
    real time, and no freezer, that has brought the clock to where it stands.
    """

    mode = "following"
    rate = 1.0

    def __init__(self, *, stands: bool = False) -> None:
        self.stands = stands
        self.is_by_real_time = False
        self._ahead = timedelta(0)

    def present(self, now: datetime) -> datetime:
        """Return what the freezer says, or real time and how far it was advanced."""
        freezer = active_freezer()
        if freezer:
            self.is_by_real_time = False
            return freezer.read()
        if self.stands:
            return now
        instant = real_now() + self._ahead
        self.is_by_real_time = self.is_by_real_time or instant >= now
        return instant

    def move_to(self, instant: datetime) -> None:
        """Move the freezer, so that the application sees the instant too."""
        freezer = active_freezer()
        if freezer is None:
            self._ahead = instant - real_now()
        elif instant != freezer.read():
            freezer.move_to(instant)

    def real_seconds_until(self, instant: datetime, now: datetime) -> float | None:
        """Return None: a test waits for nothing."""

    def is_frozen_before(self, now: datetime) -> bool:
        """Ask the freezer that is active, if one is."""
        freezer = active_freezer()
        return freezer is not None and freezer.read() < now


class Running:
    """Time runs by itself, `rate` virtual seconds to a real one."""

    mode = "running"

    def __init__(self, start: datetime, rate: float = 1.0) -> None:
        self.rate = rate
        self.move_to(start)

    def present(self, now: datetime) -> datetime:
        """Return the instant that real time has reached."""
        elapsed = min((real_seconds() - self._since) * self.rate, (LAST_INSTANT - self._anchor).total_seconds())
        return max(now, self._anchor + timedelta(seconds=elapsed))

    def move_to(self, instant: datetime) -> None:
        """Go on from `instant`."""
        self._anchor, self._since = instant, real_seconds()

    def real_seconds_until(self, instant: datetime, now: datetime) -> float | None:
        """Return how long real time takes to reach `instant`."""
        return max(0.0, (instant - self.present(now)).total_seconds() / self.rate)

    def is_frozen_before(self, now: datetime) -> bool:  # noqa: ARG002 - a Pace
        """Return False: no freezer is asked."""
        return False


def check_freezer(world: World, pace: Pace) -> None:
    """Refuse a freezer that shows the application a time before what the world has lived. Raises `BackwardsInTime`."""
    now = world.clock.now
    if not world.is_untouched and pace.is_frozen_before(now):
        raise BackwardsInTime(f"the double has lived until {now.isoformat()}, and the freezer stands before that")
