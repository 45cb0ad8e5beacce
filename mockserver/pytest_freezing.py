"""Freezing a test, so that application and double have one clock from before its first fixture on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from inspect import signature
from typing import Any

import pytest
from freezegun import freeze_time

from mockserver.core.instants import parse_instant
from mockserver.pytest_marks import asked_of
from mockserver.pytest_worlds import FREEZER, OPENED, wider_nodes
from mockserver.runtime.double import Double
from mockserver.runtime.freezers import active_freezer
from mockserver.runtime.pace import Following
from mockserver.testing import MockServer, Server

_REMEDIES = {
    "module_mockserver": "give the mark of the module a start",
    "session_mockserver": "give that world a start by ini (mockserver_start)",
}


def freeze(item: pytest.Item, start: str | datetime | None) -> None:
    """Freeze a test at `start`, or where a wider world stands that it uses, whichever is later.

    A wider world that follows real time, and in which nothing has happened, stands nowhere. Raises `UsageError` or
    `InvalidInput`.
    """
    if start is None:
        raise pytest.UsageError("freeze=True needs start=…, the instant to freeze at")
    # pytest's own stop-watch goes on, and where freezegun can, the event loops of the application do too.
    real: dict[str, Any] = {"real_asyncio": True} if "real_asyncio" in signature(freeze_time).parameters else {}
    wanted = parse_instant(start, "start")
    freezer = freeze_time(max([wanted, *_presents(item, wanted)]), ignore=["_pytest.timing"], **real)
    freezer.start()
    item.config.stash[FREEZER] = freezer


def freeze_on_the_way(request: pytest.FixtureRequest, item: pytest.Item, start: str | datetime | None) -> None:
    """Freeze a test that has not named the fixture which it requests, unless something else has frozen it.

    Raises `UsageError` for a world that others share: the next test to request it so finds it open, and is not frozen.
    """
    if active_freezer():
        return
    if request.node is not item:
        said = f"freeze: {item.nodeid} is to be frozen before its first fixture"
        raise pytest.UsageError(f"{said}, and so has to name {request.fixturename} among those it uses")
    freeze(item, start)


def open_frozen(server: Server, *, start: str | datetime | None, **how: Any) -> MockServer:
    """Open a world for a test that is frozen, maybe later than at `start`: one clock for it and all its worlds.

    Afterwards a world without a `start` of its own follows real time. Raises `InvalidInput`.
    """
    freezer = active_freezer()
    if freezer is None:
        return server.open(start=start, **how)
    opened = server.open(start=freezer.read(), **how)
    opened.double.pace = Following(stands=start is not None)
    return opened


def _presents(item: pytest.Item, wanted: datetime) -> Iterator[datetime]:
    """Return where the wider worlds of a test stand, or will begin."""
    for name, node in wider_nodes(item).items():
        if OPENED in node.stash:
            yield from _present(name, node.stash[OPENED].double, wanted)
        elif start := asked_of(node)["start"]:
            yield parse_instant(start, "start")


def _present(name: str, double: Double, wanted: datetime) -> Iterator[datetime]:
    now, pace = double.world.clock.now, double.pace
    if isinstance(pace, Following) and not pace.stands:
        if double.world.is_untouched:
            return
        if pace.is_by_real_time and now > wanted:
            begun = f"freeze=True, start={wanted:%Y-%m-%d %H:%M}"
            lived = f"{name} has lived by real time until {now:%Y-%m-%d %H:%M}, and time never goes back"
            raise pytest.UsageError(f"{begun}: {lived}; {_REMEDIES[name]}, or use the fixture mockserver")
    yield now
