"""Worlds from files: who is known to each service, and what has happened already."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import is_dataclass
from datetime import datetime, timedelta
from pathlib import Path

from mockserver.core.agenda import Promise
from mockserver.core.errors import InvalidInput, Refusal
from mockserver.core.instants import parse_instant
from mockserver.core.tables import Tables
from mockserver.core.webhooks import Attempt
from mockserver.core.world import World
from mockserver.runtime.places import place_of
from mockserver.services import SERVICES
from mockserver.services.fields import Fields, each_once, shown
from mockserver.services.nearness import did_you_mean
from mockserver.shipped import FOLDER

FORMAT = "mockserver-world/1"

ACKNOWLEDGED = 0.8
"""The share of webhook attempts before a world's beginning that an application acknowledged."""


def load_world(name: str, start: datetime, overrides: Iterable[str] = ()) -> World:
    """Return the world in a file, or the shipped one of that name (`demo`), as it is when it begins.

    It begins at the file's own `start`, else at `start`. `overrides` are settings such as
    `securating.recall_interval=2d`. Raises `InvalidInput` saying where the mistake is and what was expected.
    """
    world = read_world(name, start, overrides)
    begin(world, world.clock.now)
    return world


def read_world(name: str, start: datetime, overrides: Iterable[str] = ()) -> World:
    """Do as `load_world` does, but for the past: it is promised still, so that a copy may `begin` at any instant."""
    text, overrides = _read(name), tuple(overrides)
    written = _decoded(name, text)
    for override in overrides:
        _override(written, override)
    try:
        return _build(Fields(written), start)
    except (Refusal, InvalidInput) as mistake:
        path, why = (mistake.field, mistake.said) if isinstance(mistake, Refusal) else (mistake.path, mistake.problem)
        setting = path.replace(".settings.", ".", 1)
        if any(override.startswith(f"{setting}=") for override in overrides):
            raise InvalidInput(path, why) from None  # the file is not at fault
        raise InvalidInput(f"{name}:{place_of(text, path)}: {path or 'world'}", why) from None


def begin(world: World, start: datetime) -> None:
    """Let a world that was just read begin at `start`: its past, the time before, is lived through.

    Raises `InvalidInput` for a start with no room for that past in the calendar.
    """
    past = _moved(world.agenda.promises(), start - world.clock.now)
    for _ in past:
        world.agenda.take()
    for promise in past:
        world.agenda.promise(promise.due, promise.task)
    world.clock.now = min([start, *(promise.due for promise in past[:1])])
    while world.step(start):
        while call := world.webhooks.take():
            answer = (200, "ok") if world.randomness.fraction() < ACKNOWLEDGED else (503, "Service Unavailable")
            world.webhooks.settle(world, call.number, Attempt(world.clock.now, *answer))


def _moved(promises: list[Promise], ahead: timedelta) -> list[Promise]:
    try:
        return [promise._replace(due=promise.due + ahead) for promise in promises]
    except OverflowError:
        raise InvalidInput("start", "the past of this world does not fit before it into the calendar") from None


def census(world: World) -> dict[str, dict[str, int]]:
    """Return how many of each kind of thing there are in a world, by service."""
    return {service.name: _census(world.state(service.state)) for service in SERVICES}


def _census(tables: Tables) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for name in tables.__slots__:
        table = getattr(tables, name)
        if not isinstance(table, (dict, list)):
            continue
        rows = [*table.values()] if isinstance(table, dict) else table
        if all(isinstance(row, Tables) for row in rows):
            for inner in rows:
                counts.update(_census(inner))
        elif all(is_dataclass(row) for row in rows):
            counts[name] += len(rows)
    return dict(counts)


def shipped_worlds() -> list[str]:
    """Return the names of the worlds that come with the package."""
    return sorted(file.stem for file in (FOLDER / "worlds").glob("*.json"))


def _build(fields: Fields, start: datetime) -> World:
    if (version := fields.take("format", str, "")) != FORMAT:
        fields.refuse("format", f"{version!r}, {FORMAT!r} expected")
    if own_start := fields.take("start", str, ""):
        start = parse_instant(own_start, "start")
    world = World(start, fields.take("seed", str, ""), [service.state() for service in SERVICES])
    sections = {service: fields.take(service.name, dict, {}) for service in SERVICES}
    fields.finish()
    for service, section in sections.items():
        service.seed(world, section, service.name)
    return world


def _read(name: str) -> str:
    shipped = FOLDER / "worlds" / f"{name}.json"
    path = shipped if name.isidentifier() and shipped.is_file() else Path(name)
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        known = ", ".join(shipped_worlds())
        raise InvalidInput(name, f"{error.strerror}; a file, or one of {known} expected") from None
    except ValueError:
        raise InvalidInput(name, "not UTF-8") from None


def _decoded(name: str, text: str) -> dict[str, object]:
    try:
        written = json.loads(text, object_pairs_hook=each_once)
    except Refusal as twice:
        raise InvalidInput(name, f"{shown(twice.field)} {twice.why}") from None
    except json.JSONDecodeError as error:
        raise InvalidInput(f"{name}:{error.lineno}:{error.colno}", f"not JSON: {error.msg}") from None
    except (ValueError, RecursionError):
        raise InvalidInput(name, "nested too deeply, or a number out of all bounds") from None
    if not isinstance(written, dict):
        raise InvalidInput(name, "an object expected")
    return written


def _override(written: dict[str, object], override: str) -> None:
    name, equals, value = override.partition("=")
    service, dot, setting = name.partition(".")
    known = [each.name for each in SERVICES]
    if not (equals and dot) or service not in known:
        hint = did_you_mean(service, known) or "`mockserver claims` lists the settings"
        raise InvalidInput(override, f"SERVICE.SETTING=VALUE expected; {hint}")
    section = written.setdefault(service, {})
    settings = section.setdefault("settings", {}) if isinstance(section, dict) else None
    if not isinstance(settings, dict):
        raise InvalidInput(f"{service}.settings", "an object expected")
    settings[setting] = value
