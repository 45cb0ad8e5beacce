"""What Securating brings to the dashboard."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from mockserver.services.panel import Panel, Query

FOLDER = Path(__file__).parent / "templates" / "panels"

ROWS = 50
"""Invitations on one page, unless its address asks for more."""


def _invitations(query: Query) -> dict[str, str]:
    chosen = {name: query[name] for name in ("email", "order", "status", "limit") if query.get(name)}
    lists = {"invitations": f"/securating/invitations?{urlencode({'limit': str(ROWS)} | chosen)}"}
    lists |= {"companies": "/securating/companies", "thematics": "/securating/thematics"}
    token = query.get("token", "")
    return lists | ({"one": f"/securating/invitations/{token}"} if token.isascii() and token.isalnum() else {})


def _shops(_query: Query) -> dict[str, str]:
    return {"companies": "/securating/companies"}


PANELS = (
    Panel("invitations", "Invitations", _invitations, FOLDER),
    Panel("shops", "Shops", _shops, FOLDER),
)
"""In the order of the menu."""
