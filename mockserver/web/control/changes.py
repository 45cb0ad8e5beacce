"""Waiting over HTTP until anything at all has happened."""

from __future__ import annotations

from mockserver.runtime.double import Double
from mockserver.runtime.pace import real_seconds
from mockserver.services.fields import read_query
from mockserver.services.service import Reply, Request
from mockserver.web.control.control import Control, found_within, read_number


def show_changes(double: Double, request: Request) -> Reply:
    """Count what has changed; `real_seconds` is the server's stop-watch, for whoever waits several times."""
    given = read_query(request, ("after", "wait"))
    after = read_number(given, "after")
    found_within(double, given, lambda: [told] if (told := double.changes.told) > after else [])
    return Reply.json({"changes": double.changes.told, "real_seconds": real_seconds()})


CONTROLS = (
    Control("GET", "/changes", "how often anything has changed, once that is more than ?after=; ?wait=", show_changes),
)
