"""Time: invitations created, then sixty days of mails and recalls, beside the bare heap that holds them."""

from __future__ import annotations

import gc
import tracemalloc
from datetime import datetime, timedelta, timezone
from heapq import heappop, heappush
from time import perf_counter

from peers import say
from table import Options, Table

from mockserver.core.agenda import Promise
from mockserver.core.world import World
from mockserver.runtime.double import Double
from mockserver.runtime.worlds import load_world
from mockserver.services.securating.model import Securating, Solicitation
from mockserver.services.securating.rules import create_invitation

START = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)
SIZES = (10_000, 100_000)
AIM = (
    "An invitation has a mail and three recalls: four tasks, no webhook. Bare: the same promises pushed and popped.",
    "Must (moonshot): a task 4 (2) times the bare heap's; under 2,048 bytes an invitation; both sizes alike.",
    "Reset: a world of 1,000 invitations copied back. Must (moonshot): 100 (10) µs.",
)


def run(options: Options) -> Table:
    """Measure both sizes; memory is taken in a run of its own, as tracing slows everything."""
    rows = {}
    for size in SIZES[:1] if options.quick else SIZES:
        say(f"time: {size:,} invitations")
        created, fired, bare = _times(size)
        say(f"time: {size:,} invitations, memory")
        scheduled, done = _memory(size)
        rows[f"{size:,} invitations"] = [created, fired, bare, fired / bare, scheduled, done, _reset()]
    columns = ["create µs", "task µs", "bare µs", "ratio", "bytes before", "bytes after", "reset µs"]
    return Table("Sixty days of invitations", columns, rows, AIM)


def world_of(size: int) -> World:
    """Return the demo world with so many invitations scheduled."""
    world = load_world("demo", START)
    website = next(iter(world.state(Securating).websites.values()))
    for number in range(size):
        asked = Solicitation(
            email=f"customer{number}@example.com",
            first_name="Anna",
            last_name="Petit",
            url="https://shop.example/avis",
        )
        create_invitation(world, website, asked, mailed=True)
    return world


def _times(size: int) -> tuple[float, float, float]:
    """Return microseconds an invitation created, a task performed, and a promise pushed and popped."""
    begin = perf_counter()
    world = world_of(size)
    created = perf_counter() - begin
    promises = sorted(world.agenda.promises(), key=lambda promise: promise.order)
    begin = perf_counter()
    heap: list[Promise] = []
    for promise in promises:
        heappush(heap, promise)
    while heap:
        heappop(heap)
    bare = perf_counter() - begin
    del promises, heap
    gc.collect()
    double = Double(world)
    begin = perf_counter()
    fired = double.advance_to(START + timedelta(days=60))
    performed = perf_counter() - begin
    assert len(fired) == 4 * size
    return created / size * 1e6, performed / len(fired) * 1e6, bare / len(fired) * 1e6


def _memory(size: int) -> tuple[float, float]:
    """Return bytes an invitation, scheduled and after everything was mailed."""
    gc.collect()
    tracemalloc.start()
    world = world_of(size)
    scheduled, _ = tracemalloc.get_traced_memory()
    while world.step(START + timedelta(days=60)):
        pass
    done, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return scheduled / size, done / size


def _reset() -> float:
    world = world_of(1000)
    rounds = 200
    begin = perf_counter()
    for _ in range(rounds):
        world.copy()
    return (perf_counter() - begin) / rounds * 1e6
