"""Following and driving the freezer of a test: freezegun or time-machine, whichever the test itself uses."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from mockserver.core.instants import UTC


class Freezer(NamedTuple):
    """The freezer that is active: what time it says, and how to move it."""

    read: Callable[[], datetime]
    move_to: Callable[[datetime], None]


def active_freezer() -> Freezer | None:
    """Return the innermost active freezer of this process; neither library is imported to find out."""
    freezegun = getattr(sys.modules.get("freezegun.api"), "freeze_factories", None)
    if freezegun:
        return _freezegun(freezegun[-1])
    time_machine = sys.modules.get("time_machine")
    travellers = getattr(time_machine, "traveller_stack", None) or getattr(time_machine, "coordinates_stack", None)
    return _time_machine(travellers[-1]) if travellers else None


def _freezegun(factory: Any) -> Freezer:
    # The factory says UTC; `datetime.now(UTC)` would add freezegun's tz_offset even to an aware instant.
    def read() -> datetime:
        # Asking an auto-ticking factory would itself move the application's time.
        ticks_when_asked = type(factory).__name__ == "StepTickTimeFactory"
        instant: datetime = factory.time_to_freeze if ticks_when_asked else factory()
        return instant.replace(tzinfo=UTC)

    def move_to(instant: datetime) -> None:
        if hasattr(factory, "move_to"):
            factory.move_to(instant)
        else:
            factory.time_to_freeze += instant - read()

    return Freezer(read, move_to)


def _time_machine(traveller: Any) -> Freezer:
    def read() -> datetime:
        return datetime.now(UTC)

    def move_to(instant: datetime) -> None:
        # Not its own move_to, which sets the TZ of the process when the instant is aware.
        distance: timedelta = instant - read()
        traveller.shift(distance)

    return Freezer(read, move_to)
