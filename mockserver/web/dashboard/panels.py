"""The pages of the dashboard that are the double's own, and those that the services bring."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote, urlencode

from mockserver.services import SERVICES
from mockserver.services.panel import SEARCH, Panel, Query

FOLDER = Path(__file__).parent / "templates"

ROWS = 50
"""Rows of a list on one page."""


def _time(query: Query) -> dict[str, str]:
    return {"timeline": _control_url("/timeline", query, "contains", "limit")}


def _listing(name: str, *filters: str) -> Callable[[Query], Mapping[str, str]]:
    """Return the sources of a list that `filters` choose from, and of one row where the address has its `number`."""

    def sources(query: Query) -> dict[str, str]:
        found = {name: _control_url(f"/{name}", {"limit": str(ROWS)} | dict(query), "limit", *filters, "before")}
        return found | ({"one": f"/{name}/{query['number']}"} if query.get("number", "").isdecimal() else {})

    return sources


_list_journal = _listing("journal", "service", "operation", "status", "refused", "contains")


def _journal(query: Query) -> dict[str, str]:
    found = {**_list_journal(query), "known": "/"}
    if "one" in found:
        found["curl"] = _control_url(f"{found['one']}/curl", query, "secrets")
        found["one"] = _control_url(found["one"], query, "secrets")
    return found


def _worlds(query: Query) -> dict[str, str]:
    found = {"everybody": "/tenants", "snapshots": "/snapshots"}
    return found | ({"one": f"/tenants/{quote(query['id'], '')}"} if query.get("id") else {})


def _control_url(path: str, query: Query, *names: str) -> str:
    """Return a control call with those of the page's parameters that it takes."""
    meant = {**query, "contains": query.get(SEARCH, "")}
    chosen = urlencode({name: meant[name] for name in names if meant.get(name)})
    return f"{path}?{chosen}" if chosen else path


PANELS = (
    Panel("time", "Time", _time, FOLDER),
    Panel("mail", "Mailbox", _listing("outbox", "to", "service", "kind", "contains"), FOLDER),
    *(panel for service in SERVICES for panel in service.panels),
    Panel("webhooks", "Webhooks", _listing("webhooks", "step", "status", "subject"), FOLDER),
    Panel("journal", "Journal", _journal, FOLDER, spare=frozenset({"curl"})),
    Panel("as-test", "As a test", lambda _query: {"told": "/test"}, FOLDER),
    Panel("faults", "Faults", lambda _query: {"faults": "/faults", "catalogue": "/faults/catalogue"}, FOLDER),
    Panel("worlds", "Worlds", _worlds, FOLDER),
    Panel("claims", "Claims", lambda _query: {"claims": "/claims"}, FOLDER),
    Panel("differences", "Differences", lambda _query: {"differences": "/differences"}, FOLDER),
)
"""In the order of the menu."""
