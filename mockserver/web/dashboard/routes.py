"""The addresses of the dashboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.core.errors import Refusal
from mockserver.runtime.tenants import MAIN
from mockserver.services.service import NOT_MODIFIED, TEXT, Reply, Request
from mockserver.services.templates import render
from mockserver.web.dashboard.live import live
from mockserver.web.dashboard.panels import FOLDER, PANELS
from mockserver.web.dashboard.shell import Dashboard, address_of, leading_to
from mockserver.web.dashboard.zones import ZONE_COOKIE
from mockserver.web.gate import CONTROL, TOKEN_COOKIE, is_foreign

if TYPE_CHECKING:
    from mockserver.web.gate import Gate

STATIC = Path(__file__).parent / "static"

ICON = "icon.svg"

_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

_ZONE = re.compile(r"UTC([+-]\d\d:\d\d)?", re.ASCII)
_ON_THE_DASHBOARD = re.compile(rf"{CONTROL}/[!-~]*", re.ASCII)

Route = tuple[str, str, str, Callable[[Request], Reply]]


def dashboard_rows(gate: Gate) -> list[Route]:
    """Return method, path, name and handle of every address."""
    dashboard = Dashboard(gate)
    home = address_of(MAIN, PANELS[0].name)
    tenant = f"{CONTROL}/<tenant:tenant>"
    return [
        ("GET", "/favicon.ico", "icon", lambda request: _static(request, ICON)),
        ("GET", f"{CONTROL}/", "dashboard", lambda _request: _see(home)),
        ("GET", f"{CONTROL}/static/<name>", "dashboard static", lambda request: _static(request, request.args["name"])),
        ("POST", f"{CONTROL}/token", "dashboard token", _keep_token(gate, home)),
        ("POST", f"{CONTROL}/zone", "dashboard zone", lambda request: _keep_zone(request, home)),
        *(("GET", f"{CONTROL}/{panel.name}", "dashboard of main", leading_to(panel.name)) for panel in PANELS),
        ("GET", f"{tenant}/live", "dashboard live", _live(gate)),
        ("GET", f"{tenant}/mail-body", "dashboard mail", dashboard.mail_body),
        ("GET", f"{tenant}/<page>", "dashboard page", dashboard.page),
        ("POST", f"{tenant}/<page>", "dashboard act", dashboard.act),
    ]


def _see(address: str, *headers: tuple[str, str]) -> Reply:
    return Reply(303, b"", headers=(("Location", address), *headers))


def _static(request: Request, name: str) -> Reply:
    path = STATIC / name
    if path.parent != STATIC or path.suffix not in _TYPES or not path.is_file():
        return Reply(404, b"There is no such file.", TEXT)
    content = path.read_bytes()
    headers = (("Cache-Control", "no-cache"), ("ETag", f'"{sha256(content).hexdigest()[:16]}"'))
    if request.headers.get("if-none-match") == headers[1][1]:
        return Reply(NOT_MODIFIED, b"", _TYPES[path.suffix], headers)
    return Reply(200, content, _TYPES[path.suffix], headers)


def _keep_token(gate: Gate, home: str) -> Callable[[Request], Reply]:
    def keep(request: Request) -> Reply:
        given = _field(request, "token").strip()
        if not gate.is_token(given) or is_foreign(request):
            return Reply.page(render(FOLDER, "token.html", is_wrong=True), 401)
        return _see(home, _cookie(TOKEN_COOKIE, given))

    return keep


def _keep_zone(request: Request, home: str) -> Reply:
    """Keep in which zone somebody wants to see dates, and go back to where that was said."""
    zone, back = _field(request, "zone"), _field(request, "back")
    if is_foreign(request) or not _ZONE.fullmatch(zone):
        return Reply(403, b"This comes from a page of another origin, or is no zone such as UTC+03:00.", TEXT)
    return _see(back if _ON_THE_DASHBOARD.fullmatch(back) else home, _cookie(ZONE_COOKIE, zone))


def _field(request: Request, name: str) -> str:
    try:
        return request.form().get(name, "")
    except ValueError:
        return ""


def _cookie(name: str, value: str) -> tuple[str, str]:
    return "Set-Cookie", f"{name}={value}; HttpOnly; SameSite=Strict; Path={CONTROL}/"


def _live(gate: Gate) -> Callable[[Request], Reply]:
    def listen(request: Request) -> Reply:
        if is_foreign(request):
            return Reply(403, b"This comes from a page of another origin.", TEXT)
        if not gate.admits(request):
            return Reply(401, b"The token is missing or wrong.", TEXT)
        try:
            return live(gate.tenants.named(request.args["tenant"]))
        except Refusal as refusal:
            return Reply(404, refusal.why.encode(), TEXT)

    return listen
