"""Between our requests and WSGI: into the Flask application, and out of it."""

from __future__ import annotations

import sys
from io import BytesIO
from typing import TYPE_CHECKING, Any

from mockserver.services.service import CUT, RESET, SILENT, TEXT, Reply, Request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from flask import Request as FlaskRequest
    from flask import Response


def through_wsgi(application: WSGIApplication, request: Request) -> Reply:
    """Ask a WSGI application, and read its whole answer."""
    started: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> Any:
        started.update(status=int(status.split(" ", 1)[0]), headers=headers)
        return lambda _written: None

    environ = _environ(request)
    chunks = application(environ, start_response)
    try:
        body = b"".join(chunks)
    finally:
        getattr(chunks, "close", lambda: None)()
    if ENDED in environ:
        ended: Reply = environ[ENDED]
        return ended
    headers = tuple((name, value) for name, value in started["headers"] if name.lower() not in _WRITTEN_BY_PORT)
    types = [value for name, value in started["headers"] if name.lower() == "content-type"]
    return Reply(started["status"], body, types[0] if types else TEXT, headers)


def show_ending(application: WSGIApplication) -> WSGIApplication:
    """Wrap the application for servers other than the port, and for test clients, which write every answer whole.

    Where no answer was to arrive, `ConnectionResetError` is raised; one that was to be cut is cut, and one that was to
    be late, or in pieces, is there at once.
    """

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        chunks = application(environ, start_response)
        if "mockserver.port" not in environ and ENDED in environ:
            ended: Reply = environ[ENDED]
            if ended.ending in {RESET, SILENT}:
                getattr(chunks, "close", lambda: None)()
                raise ConnectionResetError(f"no answer was to arrive: {'; '.join(ended.notes)}")
        return chunks

    return answer


ENDED = "mockserver.ended"
"""Where the environment of a call keeps an answer that is to fail on its way."""

_WRITTEN_BY_PORT = {"content-type", "content-length", "connection"}


_SAID_OTHERWISE = {"content-type", "content-length", "transfer-encoding"}
"""Headers that a WSGI environment holds under names of their own, or that the port has dealt with."""


def _environ(request: Request) -> dict[str, Any]:
    scheme, _, authority = (request.origin or "http://127.0.0.1").partition("://")
    name, _, port = (
        authority.rpartition(":")
        if authority.rpartition(":")[2].isdigit()
        else (authority, "", "443" if scheme == "https" else "80")
    )
    environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": request.query.encode("utf-8", "surrogateescape").decode("latin-1"),
        "SERVER_NAME": name,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.input": BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "mockserver.port": True,
    }
    for header, value in request.headers.items():
        if header not in _SAID_OTHERWISE:
            environ["HTTP_" + header.upper().replace("-", "_")] = value
    return environ


def from_flask(request: FlaskRequest, args: dict[str, str], *, reads_body: bool = True) -> Request:
    """Make our request of Flask's; `args` are the variable parts of its path."""
    return Request(
        method=request.method,
        path=request.path,
        query=request.query_string.decode("utf-8", "surrogateescape"),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.get_data() if reads_body else b"",
        args=args,
        origin=request.host_url.rstrip("/"),
    )


def to_flask(reply: Reply) -> Response:
    """Make Flask's answer of ours."""
    from flask import Response  # noqa: PLC0415

    length = len(reply.body)
    body = reply.body[: length // 2] if reply.ending == CUT else reply.body
    response = Response(body, reply.status, content_type=reply.content_type)
    response.headers.extend(reply.headers)
    response.headers["Content-Length"] = str(length)
    return response
