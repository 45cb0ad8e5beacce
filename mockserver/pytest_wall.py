"""The wall in a pytest run: put up before the application is imported, and met by every test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mockserver.interception.wall import Wall
    from mockserver.testing import Server

STANDING: pytest.StashKey[Wall] = pytest.StashKey()
"""Where a run has its wall."""


def add_offline(parser: pytest.Parser, name: str) -> None:
    """Declare, under a name that nobody has, the option that puts the wall up against everybody."""
    what = "reach nothing but this machine (--offline too, unless that is another's)"
    parser.getgroup("mockserver").addoption(name, action="store_true", dest="mockserver_offline", help=what)


def put_up_wall(config: pytest.Config, *, is_offline: bool) -> None:
    """Put the wall up as ini or options say; once, unless they say otherwise than before. Raises `UsageError`."""
    from mockserver.interception.wall import MODES, WALL  # noqa: PLC0415 - the one thing that every run needs

    mode = "all" if is_offline else config.getini("mockserver_offline")
    if mode not in MODES:
        raise pytest.UsageError(f"mockserver_offline: {mode!r}; one of {', '.join(MODES)} expected")
    if STANDING in config.stash and WALL.mode == mode:
        return
    WALL.put_up(mode)
    config.stash[STANDING] = WALL
    config.add_cleanup(WALL.take_down)


def stand_before(item: pytest.Item, server: Server | None) -> None:
    """Have a test find the wall, and where it asks for no world, no connection that an earlier one has kept."""
    wall = item.config.stash[STANDING]
    wall.hold()  # from which pytest-socket takes away after each test
    if server and wall.home is None and "mockserver_server" not in getattr(item, "fixturenames", ()):
        server.hang_up()
