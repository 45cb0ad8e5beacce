"""The present instant of one world."""

from __future__ import annotations

from datetime import datetime

from mockserver.core.errors import BackwardsInTime


class Clock:
    """Holds the present instant (aware, UTC), which moves only forward.

    It reads no other clock: whoever drives the world (`mockserver.runtime`) says where to move it.
    """

    __slots__ = ("now",)

    def __init__(self, start: datetime) -> None:
        self.now = start

    def move_to(self, instant: datetime) -> None:
        """Make `instant` the present. Raises `BackwardsInTime` when it is already past."""
        if instant < self.now:
            raise BackwardsInTime(
                f"the clock stands at {self.now.isoformat()} and moves only forward, not to {instant.isoformat()}"
            )
        self.now = instant
