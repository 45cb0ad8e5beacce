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
from mockserver.pytest_worlds import OPENED, wider_nodes


def freeze(item: pytest.Item, start: str | datetime | None) -> Any:
    """Freeze time at `start`, or where a wider world stands that the test uses, whichever is later.

    Return what can be stopped. Raises `UsageError` or `InvalidInput`.
    """
    if start is None:
        raise pytest.UsageError("freeze=True needs start=…, the instant to freeze at")
    # pytest's own stop-watch goes on, and where freezegun can, the event loops of the application do too.
    real: dict[str, Any] = {"real_asyncio": True} if "real_asyncio" in signature(freeze_time).parameters else {}
    instant = max([parse_instant(start, "start"), *_presents(item)])
    freezer = freeze_time(instant, ignore=["_pytest.timing"], **real)
    freezer.start()
    return freezer


def _presents(item: pytest.Item) -> Iterator[datetime]:
    """Return where the wider worlds of a test stand, or will begin."""
    for node in wider_nodes(item).values():
        if OPENED in node.stash:
            yield node.stash[OPENED].double.world.clock.now
        elif start := asked_of(node)["start"]:
            yield parse_instant(start, "start")
