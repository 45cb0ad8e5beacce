"""Everything that is true for one tenant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from mockserver.core.agenda import Agenda, Promise, Task
from mockserver.core.clock import Clock
from mockserver.core.errors import EndlessCascade
from mockserver.core.faults import Faults
from mockserver.core.journal import Journal
from mockserver.core.outbox import Outbox
from mockserver.core.randomness import Randomness
from mockserver.core.tables import Tables
from mockserver.core.webhooks import Webhooks

State = TypeVar("State", bound=Tables)

LONGEST_CASCADE = 100_000
"""How many tasks may be promised by tasks for the instant at which these are performed themselves."""


@dataclass(slots=True)
class Cascade(Tables):
    """Counts tasks that tasks of one `instant` promised for that same instant, so that `World.step` notices a loop.

    Each instant has a new one. `born` are the orders of the promises that its tasks made, `length` counts those of them
    that it has performed.
    """

    instant: datetime | None = None
    born: set[int] = field(default_factory=set)
    length: int = 0


class World:
    """A clock, what is promised, what was sent, what was said, what goes wrong, and one state per service.

    Keys, tokens and numbers that others must not have are drawn from `names`, all else from `randomness`: worlds that
    are told apart by their names may be under the same chance. Two worlds share nothing that changes; `copy()` is a
    snapshot.
    """

    __slots__ = (
        "agenda",
        "cascade",
        "clock",
        "faults",
        "journal",
        "names",
        "outbox",
        "randomness",
        "states",
        "webhooks",
    )

    def __init__(self, start: datetime, seed: str = "", states: Iterable[Tables] = ()) -> None:
        self.clock = Clock(start)
        self.agenda = Agenda()
        self.outbox = Outbox()
        self.webhooks = Webhooks()
        self.faults = Faults()
        self.journal = Journal()
        self.names = Randomness(seed)
        self.randomness = Randomness(seed)
        self.states: dict[type[Tables], Tables] = {type(state): state for state in states}
        self.cascade = Cascade()

    def state(self, kind: type[State]) -> State:
        """Return the state of one service, by its type."""
        return self.states[kind]  # type: ignore[return-value] # kept under its own type; this is called a lot

    def promise(self, delay: timedelta, task: Task) -> None:
        """Have `task` performed `delay` from now."""
        self.agenda.promise(self.clock.now + delay, task)

    def step(self, until: datetime) -> Promise | None:
        """Perform the next task due up to `until`, at its own instant; when there is none, make `until` the present.

        Returns the promise that was kept, None when there was none. Raises `EndlessCascade` when tasks go on promising
        tasks for the same instant.
        """
        due, promise = self.next_due(), self.agenda.first()
        if due is None or promise is None or due > until:
            self.clock.move_to(until)
            return None
        self._watch(promise)
        self.agenda.take()
        promised = self.agenda.promised
        promise.task.perform(self)
        if self.agenda.promised > promised:
            self.cascade.born.update(range(promised + 1, self.agenda.promised + 1))
        return promise

    def _watch(self, promise: Promise) -> None:
        """Count the tasks of an instant that tasks of the same instant have promised."""
        cascade = self.cascade
        if promise.due != cascade.instant:
            self.cascade = Cascade(promise.due)
            self.clock.move_to(max(promise.due, self.clock.now))
        elif promise.order in cascade.born:
            if cascade.length >= LONGEST_CASCADE:
                raise EndlessCascade(
                    f"tasks go on promising tasks for {promise.due.isoformat()}, for that very instant"
                )
            cascade.length += 1

    @property
    def is_untouched(self) -> bool:
        """Whether nothing has happened yet, so that its time may begin anywhere."""
        return not (self.journal.written or self.agenda.promised or len(self.outbox))

    def upcoming(self) -> list[Promise]:
        """Return what will happen if nobody acts, in its order: every promise that is still wanted."""
        return [promise for promise in self.agenda.promises() if promise.task.is_still_wanted(self)]

    def next_due(self) -> datetime | None:
        """When something will happen next; promises that nobody wants any more are dropped on the way."""
        while (first := self.agenda.first()) is not None and not first.task.is_still_wanted(self):
            self.agenda.take()
        return first and first.due

    def copy(self) -> World:
        """Return a snapshot that goes its own way from here: containers copied, facts shared (DESIGN, law 2)."""
        twin = World.__new__(World)
        twin.clock = Clock(self.clock.now)
        twin.agenda = self.agenda.copy()
        twin.outbox = self.outbox.copy()
        twin.webhooks = self.webhooks.copy()
        twin.faults = self.faults.copy()
        twin.journal = self.journal.copy()
        twin.names = self.names.copy()
        twin.randomness = self.randomness.copy()
        twin.states = {kind: state.copy() for kind, state in self.states.items()}
        twin.cascade = self.cascade.copy()
        return twin
