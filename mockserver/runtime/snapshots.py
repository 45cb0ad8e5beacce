"""Snapshots of one double: taken, gone back to, forked, saved and loaded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING

from mockserver.core.errors import InvalidInput, Refusal
from mockserver.core.webhooks import RetryWebhook
from mockserver.core.world import World
from mockserver.runtime.forks import fork_world
from mockserver.runtime.snapshot_file import read_snapshot, read_world_of, write_snapshot
from mockserver.services.fields import shown
from mockserver.services.service import NO_SUCH_CALL

if TYPE_CHECKING:
    from mockserver.runtime.double import Double

MOST_SNAPSHOTS = 100
"""Snapshots of one double that are held at a time."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A world as it was, under a name; `taken_at` is its own instant. Nobody drives or changes `world`."""

    name: str
    taken_at: datetime
    world: World


class Snapshots:
    """The snapshots of one double, by name; a new one takes the place of one that had its name."""

    def __init__(self, double: Double) -> None:
        self._double = double
        self._held: dict[str, Snapshot] = {}

    def take(self, name: str = "") -> Snapshot:
        """Hold the world as it is now; without a name, under the first `snapshot-1`, `snapshot-2`, … that is free.

        Raises `InvalidInput` for a name that is none, and when too many are held.
        """
        with self._double.present() as world:
            return self._keep(name, world)

    def list(self) -> list[Snapshot]:
        """Return what is held, oldest first."""
        with self._double.held():
            return [*self._held.values()]

    def get(self, name: str) -> Snapshot:
        """Return one of them. Raises `Refusal` for a name that none has."""
        with self._double.held():
            if name not in self._held:
                there = ", ".join(self._held) or "none"
                raise Refusal(NO_SUCH_CALL, f"{shown(name)}; there are: {there}", "name")
            return self._held[name]

    def restore(self, name: str) -> None:
        """Go on from a snapshot, at its instant, as often as wanted. Raises `Refusal`, and `ClockBusy` in an advance.

        A webhook that is on its way meanwhile was sent by the world that is left; what comes of it stays there.
        """
        self._double.restore(self.get(name).world)

    def drop(self, name: str) -> None:
        """Forget a snapshot. Raises `Refusal`."""
        self.get(name)
        with self._double.held():
            self._held.pop(name, None)

    def fork(self, name: str, seed: str) -> World:
        """Return a world like a snapshot that can live beside it; see `fork_world`. Raises `Refusal`."""
        return fork_world(self.get(name).world, seed)

    def save(self, name: str) -> str:
        """Return a snapshot as versioned JSON. Raises `Refusal`."""
        return write_snapshot(self.get(name).world)

    def load(self, saved: object, name: str = "") -> Snapshot:
        """Hold what was saved, as text or as the JSON in it, with as much of its journal as this double holds.

        Raises `InvalidInput` saying where it is damaged.
        """
        world = read_snapshot(saved) if isinstance(saved, str) else read_world_of(saved)
        with self._double.held() as present:
            world.journal = world.journal.copy(present.journal.capacity)
            return self._keep(name, world)

    def _keep(self, name: str, world: World) -> Snapshot:
        snapshot = Snapshot(name or self._next_name(), world.clock.now, _at_rest(world))
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", snapshot.name):
            raise InvalidInput("name", f"{shown(name)}, 1 to 64 letters, digits, dots, dashes and underscores expected")
        if len(self._held) == MOST_SNAPSHOTS and snapshot.name not in self._held:
            raise InvalidInput("name", f"{MOST_SNAPSHOTS} snapshots are held already; drop one, or use its name again")
        self._held.pop(snapshot.name, None)
        self._held[snapshot.name] = snapshot
        return snapshot

    def _next_name(self) -> str:
        return next(name for number in count(1) if (name := f"snapshot-{number}") not in self._held)


def _at_rest(world: World) -> World:
    """Return a copy of a world in which no webhook is on its way: those that are wait again, first of all."""
    copy = world.copy()
    webhooks = copy.webhooks
    webhooks.out_of_turn.clear()
    retried = {promise.task.number for promise in copy.agenda.heap if isinstance(promise.task, RetryWebhook)}
    on_their_way = {line[0] for line in webhooks.lines.values()} - retried - set(webhooks.ready)
    webhooks.ready.extendleft(sorted(on_their_way, reverse=True))
    return copy
