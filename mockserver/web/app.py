"""The Flask application: every row of every service, and the control surface."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from flask import Flask, Response
from flask import request as flask_request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge

from mockserver.services.service import JSON, Reply
from mockserver.web.bridge import from_flask, to_flask
from mockserver.web.control import control_rows, guarded
from mockserver.web.gate import CONTROL, Gate, Row

CONTROL_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def create_app(gate: Gate) -> Flask:
    """Return the application whose every view ends in the gate; `flask routes` lists the rows."""
    app = Flask("mockserver", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = gate.max_body
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    by_path: dict[tuple[str, str], list[Row]] = {}
    for row in gate.rows:
        by_path.setdefault((row[1].method, row[1].path), []).append(row)
    for (method, path), rows in by_path.items():
        _mount(app, method, path, f"{rows[0][0].name} {rows[0][1].name}", _vendor_view(gate, rows))
    for control in control_rows(gate):
        _mount(app, control.method, CONTROL + control.path, control.about, _control_view(gate, control.handle))
    app.register_error_handler(HTTPException, _error_view(gate))
    app.before_request(_host_guard(gate))
    app.after_request(_add_headers)
    return app


def _host_guard(gate: Gate) -> Callable[[], Response | None]:
    def guard() -> Response | None:
        misdirected = gate.misdirected(from_flask(flask_request, {}, reads_body=False))
        return to_flask(misdirected) if misdirected else None

    return guard


def _mount(app: Flask, method: str, path: str, name: str, view: Callable[..., Response]) -> None:
    endpoint = f"{name} ({method} {path})".replace(".", " ")  # Flask reads a dot as a blueprint's name
    app.add_url_rule(path, endpoint, view, methods=[method], provide_automatic_options=False)


def _vendor_view(gate: Gate, rows: list[Row]) -> Callable[..., Response]:
    def view(**args: str) -> Response:
        request = from_flask(flask_request, args)
        if request.method == "HEAD":
            return to_flask(gate.no_such_call(request, ["GET"]))
        row = gate.choose(rows, request)
        response = to_flask(gate.answer_row(row, request) if row else gate.no_such_call(request))
        if "mockserver.port" not in flask_request.environ:
            response.call_on_close(gate.tenants.answered)  # under the port, it says itself when the answer has gone
        return response

    return view


def _control_view(gate: Gate, handle: Callable[..., Reply]) -> Callable[..., Response]:
    def view(**args: str) -> Response:
        return to_flask(_readable(guarded(gate, handle, from_flask(flask_request, args))))

    return view


def _readable(reply: Reply) -> Reply:
    """Lay JSON out over lines: people read the control surface too."""
    if reply.content_type != JSON:
        return reply
    return replace(reply, body=(json.dumps(json.loads(reply.body), ensure_ascii=False, indent=2) + "\n").encode())


def _error_view(gate: Gate) -> Callable[[HTTPException], Response]:
    def view(error: HTTPException) -> Response:
        if isinstance(error, RequestEntityTooLarge):
            unread = from_flask(flask_request, {}, reads_body=False)
            return to_flask(gate.too_large(unread, flask_request.content_length or 0))
        request = from_flask(flask_request, {}, reads_body=(flask_request.content_length or 0) <= gate.max_body)
        methods = set(error.valid_methods or ()) - {"HEAD"} if isinstance(error, MethodNotAllowed) else set()
        if request.path.startswith(f"{CONTROL}/") or not isinstance(error, (NotFound, MethodNotAllowed)):
            why = f"{' or '.join(sorted(methods))} expected" if methods else "GET /_mock/ lists what there is"
            refusal = Reply.json({"error": f"{request.method} {request.path}: {why}"}, error.code or 500)
            return to_flask(_readable(refusal))
        return to_flask(gate.no_such_call(request, methods))

    return view


def _add_headers(response: Response) -> Response:
    if flask_request.path.startswith(f"{CONTROL}/"):
        response.headers.update(CONTROL_HEADERS)
    return response
