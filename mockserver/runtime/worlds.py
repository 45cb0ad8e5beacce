"""Worlds from files: who is known to each service, and what has happened already."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from mockserver.core.errors import InvalidInput, Refusal
from mockserver.core.instants import parse_instant
from mockserver.core.world import World
from mockserver.services import SERVICES
from mockserver.services.fields import Fields
from mockserver.shipped import FOLDER

FORMAT = "mockserver-world/1"


def load_world(name: str, start: datetime, overrides: Iterable[str] = ()) -> World:
    """Return the world in a file, or the shipped one of that name (`demo`).

    It begins at the file's own `start`, else at `start`. `overrides` are settings such as
    `securating.recall_interval=2d`. Raises `InvalidInput` saying where the mistake is and what was expected.
    """
    written = _read(name)
    for override in overrides:
        _override(written, override)
    try:
        return _build(Fields(written), start)
    except Refusal as refusal:
        raise InvalidInput(f"{name}: {refusal.field or 'world'}", refusal.why) from None
    except InvalidInput as mistake:
        raise InvalidInput(f"{name}: {mistake.path}", mistake.problem) from None


def _build(fields: Fields, start: datetime) -> World:
    if (version := fields.take("format", str, "")) != FORMAT:
        fields.refuse("format", f"{version!r}, {FORMAT!r} expected")
    if own_start := fields.take("start", str, ""):
        start = parse_instant(own_start, "start")
    world = World(start, fields.take("seed", str, ""), [service.new_state() for service in SERVICES])
    sections = {service: fields.take(service.name, dict, {}) for service in SERVICES}
    fields.finish()
    for service, section in sections.items():
        service.seed(world, section, service.name)
    return world


def _read(name: str) -> dict[str, object]:
    shipped = FOLDER / "worlds" / f"{name}.json"
    path = shipped if name.isidentifier() and shipped.is_file() else Path(name)
    try:
        written = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        known = ", ".join(sorted(file.stem for file in (FOLDER / "worlds").glob("*.json")))
        raise InvalidInput(name, f"{error.strerror}; a file, or one of {known} expected") from None
    except UnicodeDecodeError:
        raise InvalidInput(name, "not UTF-8") from None
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
    if not (equals and dot) or service not in {known.name for known in SERVICES}:
        raise InvalidInput(override, "SERVICE.SETTING=VALUE expected; `mockserver claims` lists the settings")
    section = written.setdefault(service, {})
    settings = section.setdefault("settings", {}) if isinstance(section, dict) else None
    if not isinstance(settings, dict):
        raise InvalidInput(f"{service}.settings", "an object expected")
    settings[setting] = value
