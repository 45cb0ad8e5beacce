"""What has been promised: tasks that fall due at an instant, kept as data so that they can be copied and shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.core.tables import Tables

if TYPE_CHECKING:
    from mockserver.core.world import World


class Task:
    """What a service has promised to do at an instant: a frozen, slotted dataclass named as an order, `SendRecall`."""

    __slots__ = ()

    def perform(self, world: World) -> None:
        """Do it; `world.clock.now` is the instant it fell due."""
        raise NotImplementedError

    def is_still_wanted(self, world: World) -> bool:  # noqa: ARG002 - most promises are kept whatever happens
        """Say whether the reason for the promise is still there; a task that is not wanted is dropped."""
        return True


class Promise(NamedTuple):
    """One line of the agenda. `order` counts promises, and decides between those due at one instant."""

    due: datetime
    order: int
    task: Task


@dataclass(slots=True)
class Agenda(Tables):
    """Promises by (due, order of promise)."""

    heap: list[Promise] = field(default_factory=list)
    promised: int = 0

    def promise(self, due: datetime, task: Task) -> None:
        """Have `task` performed at `due`."""
        self.promised += 1
        heappush(self.heap, Promise(due, self.promised, task))

    def first(self) -> Promise | None:
        """Return the promise that falls due first; None when nothing is promised."""
        return self.heap[0] if self.heap else None

    def take(self) -> Promise:
        """Remove the promise that falls due first, and return it."""
        return heappop(self.heap)

    def withdraw(self, kind: type[Task], is_withdrawn: Callable[[Any], bool]) -> None:
        """Drop every promise of such a task of that kind."""
        kept = [each for each in self.heap if type(each.task) is not kind or not is_withdrawn(each.task)]
        if len(kept) < len(self.heap):
            self.heap = kept
            heapify(self.heap)

    def promises(self) -> list[Promise]:
        """Every promise, in the order in which they will be kept."""
        return sorted(self.heap)
