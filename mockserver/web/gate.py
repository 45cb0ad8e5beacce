"""The one gate: every call on either service and on the control surface passes here, whichever way it came."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from functools import cached_property
from hmac import compare_digest
from ipaddress import ip_address
from typing import TYPE_CHECKING

from mockserver.core.errors import Refusal
from mockserver.runtime.double import Double
from mockserver.runtime.tenants import Tenants
from mockserver.services import SERVICES, service_at
from mockserver.services.service import (
    NO_SUCH_CALL,
    TOO_LARGE,
    WRONG_METHOD,
    Operation,
    Reply,
    Request,
    Service,
)
from mockserver.services.settings import Settings
from mockserver.web.near_calls import MountedOperation, ask_back, find_stranger

if TYPE_CHECKING:
    from ssl import SSLContext

    from flask import Flask

    from mockserver.web.tenancy import Tenancy

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
CONTROL = "/_mock"
"""Everything of the double's own is below this path, which neither vendor uses."""

API = f"{CONTROL}/v1"
"""The control surface for programs."""

UPLOADS = f"{API}/snapshots"
"""The one path that takes whole worlds, and with them bodies of any reasonable size."""

MOST_SHOWN = 200
"""Characters of a path that an explanation quotes."""

TOKEN_COOKIE = "mock-token"  # noqa: S105 - its name
"""Holds the token of a port that others can reach, once somebody has typed it into the dashboard."""

MAX_BODY = 1 << 20
"""Bytes of a request body that are read, unless the gate is told otherwise."""

MOST_TURNED_AWAY = 1000
"""Refusals to be a proxy that are remembered."""


class Gate:
    """Finds the row a request is for and answers it.

    Rows without a variable part are found in a dictionary; everything else goes through the Flask application, which
    is built when it is first needed and ends in the same `answer_row`. Only the hosts of the services and the names
    of this machine are served, the control surface under the latter alone. With a `token`, for a port that others can
    reach, numeric addresses are served too, and the control surface wants the token. `turned_away` is what it was
    last asked for as a proxy and refused.
    """

    def __init__(
        self,
        tenants: Tenants,
        hosts: Iterable[str] = (),
        max_body: int = MAX_BODY,
        token: str = "",
        tenancy: Tenancy | None = None,
    ) -> None:
        self.token = token
        self.tenants = tenants
        self.tenancy = tenancy
        self.url = ""
        self.max_body = max_body
        self.own_hosts = LOOPBACK | {f"[{host}]" if ":" in host else host.lower() for host in hosts}
        self.turned_away: deque[str] = deque(maxlen=MOST_TURNED_AWAY)
        self.rows: list[MountedOperation] = []
        self._mounted: list[Settings] = []
        self._found: dict[tuple[str, str], list[MountedOperation]] = {}
        for double in tenants.doubles:
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
            known = len(self.rows)
            for operation in service.operations(settings):
                rows = self._found.setdefault((operation.method, operation.path), [])
                if all(row[1].name != operation.name for row in rows):
                    rows.append((service, operation))
                    self.rows.append((service, operation))
            if len(self.rows) > known:
                self._mounted.append(settings)

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
        if self.serves(host):
            return None
        why = f"mockserver: the host {host[:80]!r} is not served here; --serve-host {host[:80]} would serve it"
        if not host:
            wanted = " or ".join(f"Host: {service.hosts[0]}" for service in SERVICES)
            why = f"mockserver: a Host header that names whom the call is for is needed, such as {wanted}"
        return Reply(421, why.encode("utf-8", "replace"))

    def serves(self, host: str) -> bool:
        """Say whether a host is answered here: a service's, or a name of this machine."""
        is_ours = host in self.own_hosts or bool(self.token and _is_address(host))
        return is_ours or self.service_at(host) is not None

    def turn_away(self, end: str, own_port: int) -> Reply | None:
        """Refuse to be the proxy for `end`, a `host:port` of somebody else; None for what is answered here."""
        host, _, port = end.rpartition(":")
        if self.serves(host) and (port == str(own_port) or (port in {"80", "443"} and self.service_at(host))):
            return None
        self.turned_away.append(end)
        names = ", ".join(service.title for service in SERVICES)
        why = (
            f"mockserver: {end[:80]} is not answered here, and nothing is ever forwarded: this is a double of {names}."
            f" To let a client reach it, name it in NO_PROXY (such as NO_PROXY={host[:80]}), or where the client lists"
            " what needs no proxy.\n"
        )
        return Reply(403, why.encode("utf-8", "replace"))

    def tls(self) -> SSLContext:
        """Return what speaks TLS for the hosts served. Raises `InvalidInput` when the authority cannot be read."""
        from mockserver.web.authority import server_context  # noqa: PLC0415 - a start needs no TLS

        return server_context(self.serves)

    def service_at(self, host: str) -> Service | None:
        """Return the service that is called by this name, unless the name was given to the double itself."""
        return service_at(host, apart_from=self.own_hosts)

    def admits(self, request: Request) -> bool:
        """Say whether a request may use the control surface: it brings the token, where one is wanted."""
        return not self.token or self.is_token(token_of(request))

    def is_token(self, text: str) -> bool:
        """Say whether a text is the token; how long that takes tells nothing of it."""
        return compare_digest(text.encode("utf-8", "replace"), self.token.encode())

    def answer_row(self, row: MountedOperation, request: Request) -> Reply:
        """Answer a request by the row it is for."""
        return self.tenants.of(row[0], request).answer(*row, request)

    def choose(self, rows: list[MountedOperation], request: Request) -> MountedOperation | None:
        """Choose among rows of one path: by host where it is a vendor's, and by the parameter a row asks for."""
        service = self.service_at(host_of(request))
        if len(rows) == 1 and service in {None, rows[0][0]}:
            return rows[0]
        try:
            params = request.params()
        except ValueError:
            params = {}
        fitting = [row for row in rows if (service is None or row[0] is service) and row[1].query in {"", *params}]
        return max(fitting, key=lambda row: bool(row[1].query), default=None)

    def refuse(self, refusal: Refusal, request: Request, methods: Iterable[str] = ()) -> Reply:
        """Refuse in the words of the service that the request seems meant for."""
        service = self._meant(request)
        refusing = Operation(
            refusal.code, request.method, request.path, lambda world, asked: service.refuse(world, asked, refusal)
        )
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
            from mockserver.web.control.problems import problem  # noqa: PLC0415 - which knows the gate

            return problem("too-large", f"a body of {size} bytes, at most {self.max_body} expected")
        return self.refuse(
            Refusal(TOO_LARGE, f"a body of {size} bytes, at most {self.max_body} expected", "body"), request
        )

    def no_such_call(self, request: Request, methods: Iterable[str] = ()) -> Reply:
        """Refuse a path nobody knows, or one that is known under other `methods`."""
        service = self.service_at(host_of(request))
        if methods and not find_stranger(request.path, service, self.rows):
            why = f"{request.method} is not answered here, {' or '.join(sorted(methods))} expected"
            return self.refuse(Refusal(WRONG_METHOD, why), request, methods)
        hint = ask_back(request.path, service, self.rows) or f"GET {API}/ lists what there is"
        return self.refuse(Refusal(NO_SUCH_CALL, "no such call", request.path[:MOST_SHOWN], hint), request)

    def _meant(self, request: Request) -> Service:
        by_host = self.service_at(host_of(request))
        first_part = request.path.split("/")[1] if "/" in request.path else ""
        by_path = (service for service, operation in self.rows if operation.path.split("/")[1] == first_part)
        return by_host or next(by_path, SERVICES[0])

    @cached_property
    def application(self) -> Flask:
        """The Flask application with every row, the pages and the control surface."""
        from mockserver.web.app import create_app  # noqa: PLC0415 - Flask is imported when a page needs it

        return create_app(self)


def host_of(request: Request) -> str:
    """Return the host a request names, lower-case, without its port."""
    host = request.headers.get("host", "").lower()
    return host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host


def token_of(request: Request) -> str:
    """Return the token that a program sends with a call, or that a browser has kept."""
    return request.headers.get("x-mock-token", "") or cookie_of(request, TOKEN_COOKIE)


def cookie_of(request: Request, name: str) -> str:
    """Return what a browser has kept under a name."""
    pairs = (pair.strip().partition("=") for pair in request.headers.get("cookie", "").split(";"))
    return next((value for found, _, value in pairs if found == name), "")


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
