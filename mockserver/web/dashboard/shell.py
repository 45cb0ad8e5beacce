"""What every page of the dashboard has in common: it is a client of the control surface, with a menu and a clock."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from mockserver.core.errors import Refusal
from mockserver.runtime.double import Double
from mockserver.runtime.tenants import MAIN
from mockserver.runtime.worlds import shipped_worlds
from mockserver.services import SERVICES
from mockserver.services.panel import Panel
from mockserver.services.service import Reply, Request
from mockserver.services.templates import render
from mockserver.web.bridge import through_wsgi
from mockserver.web.dashboard.forms import Form, read_form
from mockserver.web.dashboard.heading import Heading, heading_of
from mockserver.web.dashboard.panels import FOLDER, PANELS, ROWS
from mockserver.web.dashboard.reading import in_short, indent_json, parameters_of, unturned
from mockserver.web.dashboard.scale import ticks
from mockserver.web.dashboard.zones import ZONE_COOKIE, Zone
from mockserver.web.gate import API, CONTROL, cookie_of, token_of

if TYPE_CHECKING:
    from mockserver.web.gate import Gate

Answer = tuple[int, Any]

MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""In the frame of a mail nothing runs and nothing is loaded; what is clicked opens in a window of its own."""

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


class Dashboard:
    """Makes pages of what the control surface answers, and control calls of the forms on them."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._panels = {panel.name: panel for panel in PANELS}

    def page(self, request: Request) -> Reply:
        """Show one page of one tenant."""
        panel = self._panels.get(request.args["page"])
        return self._show(request, panel, _query(request)) if panel else _no_page(request)

    def act(self, request: Request) -> Reply:
        """Do what a form says, and show its page again: anew when it is done, with the problem when it is not."""
        panel = self._panels.get(request.args["page"])
        if panel is None:
            return _no_page(request)
        form = read_form(request)
        status, answer = self._ask(request, form.method, form.path, form.body)
        if status >= 400:
            return self._show(request, panel, form.query, (status, answer), form)
        where = address_of(request.args["tenant"], panel.name, form.query)
        return Reply(303, b"", headers=(("Location", where),))

    def mail_body(self, request: Request) -> Reply:
        """Show the HTML of a mail as it looks, for a frame on the page Mailbox."""
        number = _query(request).get("number", "")
        status, answer = self._ask(request, "GET", f"/outbox/{number if number.isdecimal() else 0}")
        body = answer.get("html") or "" if status == 200 else f"<p>{answer['title']}.</p>"
        aimed = body.replace("<head>", '<head><base target="_blank">', 1)
        return replace(Reply.page(aimed, status), headers=(("Content-Security-Policy", MAIL_POLICY),))

    def _show(
        self,
        request: Request,
        panel: Panel,
        query: Mapping[str, str],
        refused: Answer = (200, None),
        form: Form | None = None,
    ) -> Reply:
        if not self._gate.admits(request):
            return Reply.page(render(FOLDER, "token.html", is_wrong=False), 401)
        try:
            double = self._gate.tenants.named(request.args["tenant"])
        except Refusal as refusal:
            return missing(refusal.why)
        heading = heading_of(double, cookie_of(request, ZONE_COOKIE))
        frame = self._frame(request, double, panel, heading)
        sources = panel.sources(query)
        answers = {name: self._ask(request, "GET", path) for name, path in sources.items()}
        problems = [answer for name, (code, answer) in answers.items() if code != 200 and name not in panel.spare]
        page = render(
            (FOLDER, panel.folder),
            f"{panel.name}.html",
            **{name: answer if code == 200 else None for name, (code, answer) in answers.items()},
            **frame,
            **_words(query),
            problem=_in_zone(heading.zone, refused[1] or next(iter(problems), None)),
            sent=form,
            twin=_twin(next(iter(sources.values())), double.name),
        )
        return Reply.page(page, refused[0])

    def _frame(self, request: Request, double: Double, panel: Panel, heading: Heading) -> dict[str, object]:
        tenant = double.name
        clock = self._ask(request, "GET", "/clock")[1]
        menu = [(each.title, address_of(tenant, each.name), each is panel) for each in PANELS]
        tenants = [(each.name, address_of(each.name, panel.name)) for each in self._gate.tenants.doubles]
        shown = {"heading": heading, "clock": clock, "zone": heading.zone, "local": heading.zone.local}
        return shown | {"panel": panel, "menu": menu, "tenant": tenant, "tenants": tenants, "base": _base(tenant)}

    def _ask(self, request: Request, method: str, path: str, body: object = None) -> Answer:
        """Call the control surface for the tenant of a page."""
        asked, _, query = path.partition("?")
        headers = dict(request.headers) | {"x-mock-tenant": request.args["tenant"], "x-mock-token": token_of(request)}
        sent = b"" if body is None else json.dumps(body).encode()
        asking = replace(request, method=method, path=API + asked, query=query, headers=headers, body=sent, args={})
        reply = through_wsgi(self._gate.application, asking)
        is_json = "json" in reply.content_type
        return reply.status, json.loads(reply.body) if is_json else reply.body.decode("utf-8", "replace")


def _in_zone(zone: Zone, problem: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return a problem that names instants as the page above it does."""
    if problem is None:
        return None
    return problem | {"detail": _INSTANT.sub(lambda at: f"{zone.local(at[0])} {zone.name}", problem["detail"])}


def _words(query: Mapping[str, str]) -> dict[str, object]:
    """Return what templates say things with; `same` is the address of the page with some parameters changed."""

    def same(**changes: object) -> str:
        stated = {name: value for name, value in {**query, **changes}.items() if value not in {None, ""}}
        return _query_string(stated) or "?"

    reading: dict[str, Callable[..., object]] = {
        "parameters_of": parameters_of,
        "in_short": in_short,
        "indent_json": indent_json,
        "unturned": unturned,
        "ticks": ticks,
    }
    services = [(service.name, service.title) for service in SERVICES]
    known = {"services": services, "worlds": shipped_worlds()}
    return {"query": query, "same": same, "rows_on_a_page": ROWS, **known, **reading}


def _query(request: Request) -> dict[str, str]:
    try:
        return request.params()
    except ValueError:
        return {}


def _query_string(query: Mapping[str, object]) -> str:
    return f"?{urlencode(query)}" if query else ""


def _base(tenant: str) -> str:
    return f"{CONTROL}/{quote(tenant, '')}"


def leading_to(page: str) -> Callable[[Request], Reply]:
    """Return what leads from the address of a page without a tenant to that page of the first one."""
    return lambda request: Reply(303, b"", headers=(("Location", address_of(MAIN, page, _query(request))),))


def address_of(tenant: str, page: str, query: Mapping[str, object] = {}) -> str:
    """Return where a page is."""
    return f"{_base(tenant)}/{page}{_query_string(query)}"


def _twin(source: str, tenant: str) -> str:
    """Return the address of what a page shows, in JSON."""
    return f"{API}{source}{'&' if '?' in source else '?'}{urlencode({'tenant': tenant})}"


def _no_page(request: Request) -> Reply:
    return missing(f"There is no page {request.args['page'][:80]!r}.")


def missing(why: str) -> Reply:
    """Return the page that says what is not there, with the way to the dashboard."""
    return Reply.page(render(FOLDER, "missing.html", why=why, home=address_of(MAIN, PANELS[0].name)), 404)
