"""Whole worlds as versioned JSON, and back: what was saved goes on exactly as the world it was taken from."""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from mockserver import __version__
from mockserver.core.agenda import Agenda
from mockserver.core.errors import InvalidInput
from mockserver.core.faults import Faults
from mockserver.core.journal import Deed, Event, Exchange, Journal
from mockserver.core.outbox import Outbox
from mockserver.core.randomness import Randomness
from mockserver.core.tables import Tables
from mockserver.core.webhooks import Webhooks
from mockserver.core.world import Cascade, World
from mockserver.services import SERVICES
from mockserver.services.facts import from_json, to_json
from mockserver.services.fields import shown

FORMAT = "mockserver-snapshot/2"

MOST_DRAWN, MOST_ENTRIES = 1 << 63, 1 << 31

_ROOT = "snapshot"


class _Chance(NamedTuple):
    seed: str
    drawn: int


class _Written(NamedTuple):
    capacity: int
    written: int
    entries: list[Exchange | Event]
    deeds: list[Deed]


@dataclass(frozen=True, slots=True)
class _File:
    """What a file holds, in its order; each service's state under the service's name, its settings included."""

    format: str
    version: str
    now: datetime
    names: _Chance
    randomness: _Chance
    services: dict[str, Any]
    agenda: Agenda
    cascade: Cascade
    outbox: Outbox
    webhooks: Webhooks
    faults: Faults
    journal: _Written


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Let the garbage be: looking for it among so many new things, none of which is any, takes half of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@_without_collecting()
def write_snapshot(world: World) -> str:
    """Return a world as JSON, one line for each part of it."""
    journal, names, chance = world.journal, world.names, world.randomness
    file = _File(
        format=FORMAT,
        version=__version__,
        now=world.clock.now,
        names=_Chance(names.seed, names.drawn),
        randomness=_Chance(chance.seed, chance.drawn),
        services={service.name: world.state(service.state) for service in SERVICES},
        agenda=Agenda(world.agenda.promises(), world.agenda.promised),
        cascade=world.cascade,
        outbox=world.outbox,
        webhooks=world.webhooks,
        faults=world.faults,
        journal=_Written(journal.capacity, journal.written, journal.entries(), list(journal.deeds)),
    )
    parts = (f'"{name}": {json.dumps(part, separators=(",", ":"))}' for name, part in to_json(file).items())
    return "{\n" + ",\n".join(parts) + "\n}\n"


@_without_collecting()
def read_snapshot(text: str) -> World:
    """Read what `write_snapshot` wrote. Raises `InvalidInput` saying where it is damaged, and how."""
    try:
        written = json.loads(text, parse_constant=int)  # int refuses NaN and Infinity, which are no JSON
    except json.JSONDecodeError as error:
        raise InvalidInput(f"{_ROOT}:{error.lineno}:{error.colno}", f"not JSON: {error.msg}") from None
    except (ValueError, RecursionError):
        raise InvalidInput(_ROOT, "nested too deeply, or a number out of all bounds") from None
    return read_world_of(written)


@_without_collecting()
def read_world_of(written: object) -> World:
    """Return the world in a file that was read as JSON already. Raises `InvalidInput`."""
    _check_format(written)
    file: _File = from_json(_File, written, _ROOT)
    world = World(file.now, "", _states(file.services))
    world.names, world.randomness = _randomness(file.names, "names"), _randomness(file.randomness, "randomness")
    world.agenda, world.cascade, world.outbox = file.agenda, file.cascade, file.outbox
    world.webhooks, world.faults, world.journal = file.webhooks, file.faults, _journal(file.journal)
    for path, problem in _contradictions(world):
        raise InvalidInput(f"{_ROOT}.{path}", problem)
    world.agenda.heap.sort()
    return world


def _check_format(written: object) -> None:
    if not isinstance(written, dict):
        raise InvalidInput(_ROOT, f"{'a list' if isinstance(written, list) else shown(written)}, an object expected")
    given = written.get("format")
    if given == FORMAT:
        return
    if isinstance(given, str) and re.fullmatch(f"{FORMAT.partition('/')[0]}/[0-9]{{1,9}}", given):
        made_by = from_json(str, written.get("version"), f"{_ROOT}.version")
        way_out = "load it with the version that wrote it, or take the snapshot anew with this one"
        problem = f"{given!r} was written by mockserver {made_by[:40]}; {__version__} reads {FORMAT!r}: {way_out}"
        raise InvalidInput(f"{_ROOT}.format", problem)
    found = shown(given) if isinstance(given, str) else "no text"
    raise InvalidInput(f"{_ROOT}.format", f"{found}, {FORMAT!r} expected")


def _states(sections: dict[str, Any]) -> Iterator[Tables]:
    names = [service.name for service in SERVICES]
    if unknown := sections.keys() - set(names):
        raise InvalidInput(f"{_ROOT}.services.{min(unknown)[:80]}", f"no such service; there are: {', '.join(names)}")
    for service in SERVICES:
        path = f"{_ROOT}.services.{service.name}"
        if service.name not in sections:
            raise InvalidInput(path, "missing, its state expected")
        yield from_json(service.state, sections[service.name], path)


def _randomness(chance: _Chance, name: str) -> Randomness:
    if not 0 <= chance.drawn < MOST_DRAWN:
        raise InvalidInput(f"{_ROOT}.{name}.drawn", f"a count from 0 below {MOST_DRAWN} expected")
    try:
        return Randomness(chance.seed, chance.drawn)
    except UnicodeEncodeError:
        raise InvalidInput(f"{_ROOT}.{name}.seed", "half of a surrogate pair in it") from None


def _journal(written: _Written) -> Journal:
    held = len(written.entries)
    numbers = range(written.written - held + 1, written.written + 1)
    if not held <= min(written.capacity, written.written) or written.capacity > MOST_ENTRIES:
        raise InvalidInput(
            f"{_ROOT}.journal", f"{held} entries, of {written.written} written and {written.capacity} held"
        )
    if any(entry.number != number for entry, number in zip(written.entries, numbers, strict=True)):
        raise InvalidInput(f"{_ROOT}.journal.entries", f"numbers up to {written.written} expected, in their order")
    journal = Journal(written.capacity)
    for entry in written.entries:
        journal.write(entry)
    journal.written = written.written
    journal.deeds.extend(written.deeds)
    return journal


def _contradictions(world: World) -> Iterator[tuple[str, str]]:
    """Find what the parts of a world say against each other."""
    for service in SERVICES:
        service.settings_of(world).override({}, f"{_ROOT}.services.{service.name}.settings")
    webhooks, promises = world.webhooks, world.agenda.heap
    if [call.number for call in webhooks.calls.values()] != list(range(1, len(webhooks.calls) + 1)):
        yield "webhooks.calls", "numbers from 1 expected, in their order"
    named = {*webhooks.ready, *webhooks.out_of_turn, *(number for line in webhooks.lines.values() for number in line)}
    if unknown := named - webhooks.calls.keys():
        yield "webhooks", f"there is no call {min(unknown)}"
    if (highest := max([0, *world.faults.armed])) > world.faults.numbered:
        yield "faults.numbered", f"{world.faults.numbered}, {highest} or more expected"
    orders = {promise.order for promise in promises}
    if len(orders) < len(promises) or (orders and max(orders) > world.agenda.promised):
        yield "agenda", f"{world.agenda.promised} promised; different orders up to that expected"
    for index, promise in enumerate(promises):
        try:
            promise.task.is_still_wanted(world)
        except LookupError as error:
            yield f"agenda.heap[{index}].task", f"about {str(error)[:80]}, which this snapshot does not hold"
