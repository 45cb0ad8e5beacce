"""The one gate: every call on either service and on the control surface passes here, whichever way it came."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from ipaddress import ip_address
from typing import TYPE_CHECKING

from mockserver.core.errors import Refusal
from mockserver.core.settings import Settings
from mockserver.core.world import World
from mockserver.runtime.double import Double
from mockserver.runtime.tenants import Tenants
from mockserver.services import SERVICES
from mockserver.services.service import (
    NO_SUCH_CALL,
    TOO_LARGE,
    WRONG_METHOD,
    Handle,
    Operation,
    Reply,
    Request,
    Service,
)

if TYPE_CHECKING:
    from flask import Flask

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
CONTROL = "/_mock"

MAX_BODY = 1 << 20
"""Bytes of a request body that are read, unless the gate is told otherwise."""

Row = tuple[Service, Operation]


class Gate:
    """Finds the row a request is for and answers it.

    Rows without a variable part are found in a dictionary; everything else goes through the Flask application, which
    is built when it is first needed and ends in the same `answer_row`. Only the hosts of the services and the names
    of this machine are served, the control surface under the latter alone. With a `token`, for a port that others can
    reach, numeric addresses are served too, and the control surface wants the token.
    """

    def __init__(self, double: Double, hosts: Iterable[str] = (), max_body: int = MAX_BODY, token: str = "") -> None:
        self.token = token
        self.tenants = Tenants(double)
        self.max_body = max_body
        self.own_hosts = LOOPBACK | {f"[{host}]" if ":" in host else host.lower() for host in hosts}
        self.vendor_hosts = {host: service for service in SERVICES for host in service.hosts}
        self.rows: list[Row] = []
        self._mounted: list[Settings] = []
        self._found: dict[tuple[str, str], list[Row]] = {}
        self._mount(double)

    def add(self, double: Double) -> None:
        """Answer for one more double, also at the addresses that its settings give some calls."""
        self._mount(double)
        self.tenants.add(double)

    def _mount(self, double: Double) -> None:
        for service in SERVICES:
            settings = service.settings_of(double.world)
            if any(settings is mounted for mounted in self._mounted):
                continue
            self._mounted.append(settings)
            for operation in service.operations(settings):
                rows = self._found.setdefault((operation.method, operation.path), [])
                if all(row[1].name != operation.name for row in rows):
                    rows.append((service, operation))
                    self.rows.append((service, operation))

    def answer(self, request: Request) -> Reply:
        """Answer any request."""
        if misdirected := self.misdirected(request):
            return misdirected
        rows = self._found.get((request.method, request.path))
        if rows:
            row = self.choose(rows, request)
            if row:
                return self.answer_row(row, request)
        from mockserver.web.bridge import through_wsgi  # noqa: PLC0415 - Flask is imported when a page needs it

        return through_wsgi(self.application, request)

    def misdirected(self, request: Request) -> Reply | None:
        """Refuse a request for a host that is not served; None for one that is."""
        host = host_of(request)
        if host in self.own_hosts or host in self.vendor_hosts or (self.token and _is_address(host)):
            return None
        why = f"mockserver: the host {host[:80]!r} is not served here; --serve-host {host[:80]} would serve it"
        return Reply(421, why.encode("utf-8", "replace"))

    def answer_row(self, row: Row, request: Request) -> Reply:
        """Answer a request by the row it is for."""
        return self.tenants.of(row[0], request).answer(*row, request)

    def choose(self, rows: list[Row], request: Request) -> Row | None:
        """Choose among rows of one path: by host where it is a vendor's, and by the parameter a row asks for."""
        service = self.vendor_hosts.get(host_of(request))
        if len(rows) == 1 and service in {None, rows[0][0]}:
            return rows[0]
        try:
            params = request.params()
        except ValueError:
            params = {}
        fitting = [row for row in rows if (service is None or row[0] is service) and row[1].query in {"", *params}]
        return max(fitting, key=lambda row: bool(row[1].query), default=None)

    def refuse(self, code: str, why: str, request: Request, methods: Iterable[str] = ()) -> Reply:
        """Refuse in the words of the service that the request seems meant for."""
        service = self._meant(request)
        refusing = Operation(code, request.method, request.path, _refuser(code, why))
        reply = self.tenants.of(service, request).answer(service, refusing, request)
        if not methods:
            return reply
        return Reply(
            reply.status, reply.body, reply.content_type, (*reply.headers, ("Allow", ", ".join(sorted(methods))))
        )

    def too_large(self, request: Request, size: int) -> Reply:
        """Refuse a body of `size` bytes that was not read."""
        if misdirected := self.misdirected(request):
            return misdirected
        if request.path.startswith(f"{CONTROL}/"):
            return Reply.json({"error": f"a body of {size} bytes, at most {self.max_body} expected"}, 413)
        return self.refuse(TOO_LARGE, f"a body of {size} bytes, at most {self.max_body} expected", request)

    def no_such_call(self, request: Request, methods: Iterable[str] = ()) -> Reply:
        """Refuse a path nobody knows, or one that is known under other `methods`."""
        if methods:
            why = f"{request.method} is not answered here, {' or '.join(sorted(methods))} expected"
            return self.refuse(WRONG_METHOD, why, request, methods)
        from difflib import get_close_matches  # noqa: PLC0415 - costs 5 ms of a start

        near = get_close_matches(request.path, [operation.path for _, operation in self.rows], 1)
        hint = f"did you mean {near[0]}?" if near else "GET /_mock/ lists what there is"
        return self.refuse(NO_SUCH_CALL, f"no such call; {hint}", request)

    def _meant(self, request: Request) -> Service:
        by_host = self.vendor_hosts.get(host_of(request))
        first_part = request.path.split("/")[1] if "/" in request.path else ""
        by_path = (service for service, operation in self.rows if operation.path.split("/")[1] == first_part)
        return by_host or next(by_path, SERVICES[0])

    @cached_property
    def application(self) -> Flask:
        """The Flask application with every row, the pages and the control surface."""
        from mockserver.web.app import create_app  # noqa: PLC0415 - Flask is imported when a page needs it

        return create_app(self)


def _refuser(code: str, why: str) -> Handle:
    def refuse(_world: World, _request: Request) -> Reply:
        raise Refusal(code, why)

    return refuse


def host_of(request: Request) -> str:
    """Return the host a request names, lower-case, without its port."""
    host = request.headers.get("host", "").lower()
    return host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host


def _is_address(host: str) -> bool:
    try:
        return bool(ip_address(host.strip("[]")))
    except ValueError:
        return False


def is_foreign(request: Request) -> bool:
    """Say whether a browser sent this for a page of another origin (Fetch Metadata, else Origin)."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site:
        return site not in {"same-origin", "none"}
    return origin is not None and origin.partition("://")[2] != request.headers.get("host")
