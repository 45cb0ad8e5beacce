"""The clock of a world behind a port."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from mockserver.client.settled import LONGEST_WAIT, SettledWire
from mockserver.client.wire import error_of
from mockserver.controls.clock import AnyClock
from mockserver.core.agenda import Promise
from mockserver.services.facts import to_json
from mockserver.services.remote import list_of, read


class RemoteClock(AnyClock):
    """Moves the time of a world in another process; a move returns the first thousand tasks that fired.

    However long a move takes, it is waited for.
    """

    def __init__(self, wire: SettledWire) -> None:
        self._wire = wire

    @property
    def now(self) -> datetime:
        """The present instant (aware, UTC)."""
        return read(datetime, self._wire.get("/clock")["now"])

    @property
    def agenda(self) -> list[Promise]:
        """What will happen if nobody acts: each with its `due` instant and its `task`."""
        return list_of(Promise, self._wire, "/agenda")

    def next_event(self) -> list[Promise]:
        """Let time pass until something happens; returns it, and whatever else happens at that instant."""
        return self._move({"until": "next-event"})

    def run_until_idle(self) -> list[Promise]:
        """Let time pass until nothing is left to happen; returns everything that did."""
        return self._move({"until": "idle"})

    def _advance(self, length: timedelta) -> list[Promise]:
        return self._move({"duration": to_json(length)})

    def _advance_to(self, instant: datetime) -> list[Promise]:
        return self._move({"to": to_json(instant)})

    def _move(self, how: dict[str, Any]) -> list[Promise]:
        # Not settled before or after: the server delivers at every step of a move, the first and the last too.
        course = self._wire.unsettled.post("/clock/advance", how | {"wait": LONGEST_WAIT})
        while not course["done"]:
            course = self._wire.unsettled.get("/clock/advance", wait=LONGEST_WAIT)
        if "problem" in course:
            raise error_of(course["problem"], course["problem"]["status"])
        return [read(Promise, fired) for fired in course["fired"]]

    def __repr__(self) -> str:
        return f"<clock at {self.now:%Y-%m-%d %H:%M:%S} UTC>"
