"""The Flask application: every row of every service, and the control surface."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from flask import Flask, Response
from flask import request as flask_request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import BaseConverter

from mockserver.services.nearness import find_near_word
from mockserver.services.service import JSON, Reply, Request
from mockserver.web.bridge import ENDED, from_flask, show_ending, to_flask
from mockserver.web.control import control_rows, guarded
from mockserver.web.control.control import Control
from mockserver.web.control.problems import PROBLEM, problem
from mockserver.web.dashboard.routes import dashboard_rows
from mockserver.web.dashboard.shell import missing
from mockserver.web.gate import API, CONTROL, UPLOADS, Gate, host_of
from mockserver.web.near_calls import MountedOperation

CONTROL_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def create_app(gate: Gate) -> Flask:
    """Return the application whose every view ends in the gate; `flask routes` lists the rows."""
    app = Flask("mockserver", static_folder=None)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.url_map.converters["tenant"] = _TenantConverter
    by_path: dict[tuple[str, str], list[MountedOperation]] = {}
    for row in gate.rows:
        by_path.setdefault((row[1].method, row[1].path), []).append(row)
    for (method, path), rows in by_path.items():
        _mount(app, method, path, f"{rows[0][0].name} {rows[0][1].name}", _vendor_view(gate, rows))
    for control in control_rows(gate):
        _mount(app, control.method, API + control.path, control.about, _control_view(gate, control))
    for method, path, name, handle in dashboard_rows(gate):
        _mount(app, method, path, name, _page_view(gate, handle))
    app.register_error_handler(HTTPException, _error_view(gate))
    app.before_request(_guard_of(gate))
    app.after_request(_add_headers)
    app.after_request(_teller_of(gate))
    app.wsgi_app = show_ending(app.wsgi_app)  # type: ignore[assignment, method-assign]
    return app


class _TenantConverter(BaseConverter):
    """The part of a dashboard's address that names a tenant: anything but what has a meaning of its own there."""

    regex = "(?!v1/|static/)[^/]+"


def _guard_of(gate: Gate) -> Callable[[], Response | None]:
    def guard() -> Response | None:
        unread, size = from_flask(flask_request, {}, reads_body=False), flask_request.content_length or 0
        refusal = gate.misdirected(unread)
        if refusal is None and size > gate.max_body and unread.path != UPLOADS:
            refusal = gate.too_large(unread, size)
        return to_flask(refusal) if refusal else None

    return guard


def _mount(app: Flask, method: str, path: str, name: str, view: Callable[..., Response]) -> None:
    endpoint = f"{name} ({method} {path})".replace(".", " ")  # Flask reads a dot as a blueprint's name
    app.add_url_rule(path, endpoint, view, methods=[method], provide_automatic_options=False)


def _vendor_view(gate: Gate, rows: list[MountedOperation]) -> Callable[..., Response]:
    def view(**args: str) -> Response:
        request = from_flask(flask_request, args)
        if request.method == "HEAD":
            return to_flask(gate.no_such_call(request, ["GET"]))
        row = gate.choose(rows, request)
        reply = gate.answer_row(row, request) if row else gate.no_such_call(request)
        response = to_flask(reply)
        if reply.ending or reply.delay:
            flask_request.environ[ENDED] = reply
        return response

    return view


def _control_view(gate: Gate, control: Control) -> Callable[..., Response]:
    def view(**args: str) -> Response:
        return to_flask(_readable(guarded(gate, control, from_flask(flask_request, args))))

    return view


def _page_view(gate: Gate, handle: Callable[[Request], Reply]) -> Callable[..., Response]:
    def view(**args: str) -> Response:
        request = from_flask(flask_request, args)
        if gate.service_at(host_of(request)):
            return to_flask(gate.no_such_call(request))
        reply = handle(request)
        if reply.stream:
            flask_request.environ[ENDED] = reply
        return to_flask(reply)

    return view


def _readable(reply: Reply) -> Reply:
    """Lay JSON out over lines: people read the control surface too."""
    if reply.content_type not in {JSON, PROBLEM}:
        return reply
    return replace(reply, body=(json.dumps(json.loads(reply.body), ensure_ascii=False, indent=2) + "\n").encode())


def _error_view(gate: Gate) -> Callable[[HTTPException], Response]:
    def view(error: HTTPException) -> Response:
        methods = set(error.valid_methods or ()) - {"HEAD"} if isinstance(error, MethodNotAllowed) else set()
        is_unknown = isinstance(error, (NotFound, MethodNotAllowed))
        request = from_flask(flask_request, {}, reads_body=is_unknown)  # it says whose call this is
        if request.path.startswith(f"{CONTROL}/"):
            return to_flask(_readable(_unknown(gate, request, methods) if is_unknown else _failed(request)))
        if not is_unknown:
            return to_flask(_failed(request))
        return to_flask(gate.no_such_call(request, methods))

    return view


def _unknown(gate: Gate, request: Request, methods: set[str]) -> Reply:
    """Refuse a call on the control surface that it does not have; to somebody's browser, say it on a page."""
    said = f"{request.method} {request.path}"
    if methods:
        allowed = " or ".join(sorted(methods))
        return replace(problem("wrong-method", f"{said}: {allowed} expected"), headers=(("Allow", allowed),))
    if not request.path.startswith(API) and request.headers.get("accept", "").startswith("text/html"):
        return missing(f"There is nothing at {request.path[:80]}.")
    near = find_near_word(request.path.removeprefix(API), [control.path for control in control_rows(gate)])
    hint = f"did you mean {API}{near}?" if near else f"GET {API}/ lists what there is"
    return problem("not-found", f"{said}: {hint}")


def _failed(request: Request) -> Reply:
    return problem("internal", f"{request.method} {request.path[:80]} crashed the double; its log says how")


def _teller_of(gate: Gate) -> Callable[[Response], Response]:
    """Tell the gate when an answer has gone, whichever view made it; the port does so itself."""

    def tell(response: Response) -> Response:
        if "mockserver.port" not in flask_request.environ:
            response.call_on_close(gate.tenants.answered)
        return response

    return tell


def _add_headers(response: Response) -> Response:
    if flask_request.path.startswith(f"{CONTROL}/"):
        for name, value in CONTROL_HEADERS.items():
            response.headers.setdefault(name, value)
    return response
