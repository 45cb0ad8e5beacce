"""Opening a new world: a world as its file says, with credentials, adjustments, chance and a clock of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from stat import S_ISREG
from types import MappingProxyType
from typing import NamedTuple

from mockserver.core.errors import InvalidInput
from mockserver.core.instants import parse_instant
from mockserver.core.randomness import Randomness
from mockserver.core.world import World
from mockserver.runtime.worlds import read_world, shipped_worlds
from mockserver.services import SERVICES

MOST_TEMPLATES = 64
"""World files that are kept as they were read."""

Adjustments = Mapping[str, Mapping[str, object]]
"""Keywords by service, as the marks of pytest take them."""

AS_IT_COMES: Adjustments = MappingProxyType({})


class Opening(NamedTuple):
    """How a world was opened: whoever does the same gets the same, but for the credentials.

    `world` is a shipped one or a file; without a `seed` its chance is the file's own.
    """

    world: str
    start: datetime
    seed: str = ""
    adjustments: Adjustments = AS_IT_COMES


def open_world(
    name: str, owner: str, adjustments: Adjustments, overrides: tuple[str, ...] = (), seed: str = ""
) -> tuple[World, datetime | None]:
    """Return a new world like the one in a file (or the shipped one of that name), and the start that the file gives.

    It has yet to `begin`. Another `owner` has other credentials and tokens. `seed` gives it another chance than the
    file does; `overrides` are settings, as the command line takes them. Raises `InvalidInput` or `Refusal` for what is
    wrong with the `world`, or with the adjustments.
    """
    try:
        template, own_start = _template(name, _stamp(name), overrides)
    except InvalidInput as mistake:
        raise InvalidInput("world", str(mistake)) from None
    world = template.copy()
    world.names = Randomness(owner)
    if seed:
        world.randomness = Randomness(seed)
    for service in SERVICES:
        service.renew(world)
        if wanted := adjustments.get(service.name):
            service.adjust(world, wanted, service.name)
    return world, own_start


def _stamp(name: str) -> int:
    """Return what changes when the file does. Raises `InvalidInput` for what is no file, and might never end."""
    try:
        status = Path(name).stat()
    except (OSError, ValueError):
        return 0
    if name not in shipped_worlds() and not (S_ISREG(status.st_mode) and status.st_size):
        raise InvalidInput(name, "a file with something in it expected")
    return status.st_mtime_ns


@lru_cache(MOST_TEMPLATES)
def _template(name: str, _as_of: int, overrides: tuple[str, ...]) -> tuple[World, datetime | None]:
    unset = parse_instant("2000-01-01", "start")
    made = read_world(name, unset, overrides)
    return made, None if made.clock.now == unset else made.clock.now
