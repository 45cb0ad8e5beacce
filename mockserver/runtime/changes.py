"""Waiting until something new has happened in a world."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition, Event
from typing import TypeVar

from mockserver.runtime.pace import real_seconds

T = TypeVar("T")


class Changes:
    """Wakes those who wait until something happens in the world of one double, such as a call or a text message.

    The double and its delivery `tell` after each thing that happened; `told` counts how often. It `is_over` when the
    double stops: nobody waits any more. Telling costs next to nothing while nobody waits.
    """

    def __init__(self) -> None:
        self.told = 0
        self._waiting = 0
        self._over = Event()
        self._condition = Condition()

    @property
    def is_over(self) -> bool:
        """Whether nobody is to wait any more."""
        return self._over.is_set()

    def tell(self) -> None:
        """Have everybody who waits look again."""
        self.told += 1
        if self._waiting:
            with self._condition:
                self._condition.notify_all()

    def end(self) -> None:
        """Let nobody wait any more."""
        self._over.set()
        self.tell()

    def rest(self, seconds: float) -> None:
        """Let so many real seconds pass without listening, fewer when it is over."""
        self._over.wait(seconds)

    def wait_for(self, find: Callable[[], T], seconds: float) -> T:
        """Return what `find` finds as soon as that is something, or nothing once so many real seconds have passed."""
        deadline = real_seconds() + seconds
        # Counted before the first look: what happens from then on is told.
        with self._condition:
            self._waiting += 1
        try:
            while True:
                told = self.told
                found = find()
                if found or self.is_over or real_seconds() >= deadline:
                    return found
                with self._condition:
                    # `find` holds the world, and whoever holds the world may tell: so it is never called in here.
                    while told == self.told and (left := deadline - real_seconds()) > 0:
                        self._condition.wait(left)
        finally:
            with self._condition:
                self._waiting -= 1
