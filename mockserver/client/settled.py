"""A wire on which a test in another process sees what a test in this one would."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from mockserver.client.wire import Wire
from mockserver.core.errors import ClockBusy

LONGEST_WAIT = 30.0
"""Real seconds that one call waits for news; whoever waits longer asks again."""


class SettledWire:
    """Has webhooks delivered before each look, and after each act, as they are in process; `unsettled` does not.

    Whoever looks from within a receiver that the server waits for does so after three seconds, when that gives up.
    """

    def __init__(self, wire: Wire) -> None:
        self.unsettled = wire

    def get(self, path: str, **query: object) -> Any:
        """Ask for what is there."""
        self.settle()
        return self.unsettled.get(path, **query)

    def post(self, path: str, body: Mapping[str, object] | None = None, **query: object) -> Any:
        """Have something done."""
        answer = self.unsettled.post(path, body, **query)
        self.settle()
        return answer

    def delete(self, path: str, **query: object) -> Any:
        """Have something removed."""
        answer = self.unsettled.delete(path, **query)
        self.settle()
        return answer

    def settle(self) -> None:
        """Have delivered what waits."""
        with suppress(ClockBusy):
            self.unsettled.post("/webhooks/drain")

    def wait_for(self, find: Callable[[], list[Any]], seconds: float) -> list[Any]:
        """Look, and while nothing is found look again at each change, for so many real seconds."""
        news = self.unsettled.get("/changes")
        began, left = news["real_seconds"], seconds
        while not (found := find()) and left > 0:
            news = self.unsettled.get("/changes", after=news["changes"], wait=min(left, LONGEST_WAIT))
            left = began + seconds - news["real_seconds"]
        return found
