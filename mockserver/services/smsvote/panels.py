"""What sms-vote brings to the dashboard."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from mockserver.services.panel import SEARCH, Panel, Query

FOLDER = Path(__file__).parent / "templates" / "panels"

ROWS = 50
"""Phones on one page, unless its address asks for more."""


def _phones(query: Query) -> dict[str, str]:
    wanted = {"limit": str(ROWS)} | _chosen({**query, "contains": query.get(SEARCH, "")}, "contains", "limit")
    sources = {"phones": _control_url("/smsvote/phones", wanted)}
    sources |= {"votes": "/smsvote/votes", "accounts": "/smsvote/accounts"}
    phone = query.get("phone", "")
    return sources | ({"conversation": f"/smsvote/phones/{phone}"} if phone.isascii() and phone.isdigit() else {})


def _votes(query: Query) -> dict[str, str]:
    account = _chosen(query, "account")
    lists = {name: _control_url(f"/smsvote/{name}", account) for name in ("votes", "questionnaires")}
    return {**lists, "accounts": "/smsvote/accounts"}


def _accounts(_query: Query) -> dict[str, str]:
    return {"accounts": "/smsvote/accounts"}


def _chosen(query: Query, *names: str) -> dict[str, str]:
    return {name: query[name] for name in names if query.get(name)}


def _control_url(path: str, fields: dict[str, str]) -> str:
    return f"{path}?{urlencode(fields)}".rstrip("?")


PANELS = (
    Panel("phones", "Phones", _phones, FOLDER),
    Panel("votes", "Votes", _votes, FOLDER),
    Panel("accounts", "Accounts", _accounts, FOLDER),
)
"""In the order of the menu."""
