"""How tenants come to a server: from a world file, or as a fork of what another tenant has lived."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Lock

from mockserver.core.errors import InvalidInput
from mockserver.core.world import World
from mockserver.runtime.double import Double
from mockserver.runtime.openings import Adjustments, Opening, open_world
from mockserver.runtime.pace import real_now
from mockserver.runtime.tenants import Tenants
from mockserver.runtime.worlds import begin

DoubleOf = Callable[[World, float, str, Opening], Double]
"""Makes a double of a world, its speed (0: time stands), its name, and how its world was opened."""


class Tenancy:
    """Opens tenants; each has a name, and credentials of its own. `answer` begins to answer for one.

    One whose world says nothing of that begins at `start`, or without it now.
    """

    def __init__(
        self,
        tenants: Tenants,
        double_of: DoubleOf,
        answer: Callable[[Double], None],
        overrides: tuple[str, ...],
        start: datetime | None,
    ) -> None:
        self._tenants = tenants
        self._double_of = double_of
        self._answer = answer
        self._overrides = overrides
        self._start = start
        self._opened, self._opening = 0, Lock()

    def open(self, *, world: str, start: datetime | None, seed: str, speed: float, adjustments: Adjustments) -> Double:
        """Open a tenant with the world in a file, or a shipped one.

        Raises `InvalidInput` or `Refusal` for what is wrong in the world or the adjustments, for a seed that gives the
        credentials of another tenant, and when there are too many tenants already.
        """
        with self._next_name() as name:
            opened, own_start = open_world(world, seed or name, adjustments, self._overrides, seed)
            if rival := self._tenants.find_like(opened):
                why = f"{seed!r:.80} gives the credentials of tenant {rival.name}, another one (or none) expected"
                raise InvalidInput("seed", why)
            begin(opened, start or own_start or self._start or real_now().replace(microsecond=0))
            begun_as = Opening(world, opened.clock.now, seed, adjustments)
            return self._answered_for(opened, speed, name, begun_as)

    def fork(self, double: Double, snapshot: str) -> Double:
        """Open a tenant that goes on from a snapshot of another; its time stands. Raises `Refusal`."""
        with self._next_name() as name:
            return self._answered_for(double.snapshots.fork(snapshot, name), 0, name, double.begun_as)

    @contextmanager
    def _next_name(self) -> Iterator[str]:
        """Hold the door for one more tenant."""
        with self._opening:
            self._tenants.check_room()
            yield f"t-{self._opened + 1}"
            self._opened += 1

    def _answered_for(self, world: World, speed: float, name: str, begun_as: Opening) -> Double:
        double = self._double_of(world, speed, name, begun_as)
        self._answer(double)
        return double
