"""Tenants over HTTP: worlds of their own behind one port, for suites that share a server."""

from __future__ import annotations

from collections.abc import Callable

from mockserver.core.errors import Refusal
from mockserver.core.instants import parse_instant
from mockserver.runtime.double import Double
from mockserver.runtime.tenants import MAIN, Tenants
from mockserver.services import SERVICES
from mockserver.services.facts import to_json
from mockserver.services.fields import read_object, read_query
from mockserver.services.saying import say_nothing
from mockserver.services.service import Reply, Request
from mockserver.web.control.control import Control
from mockserver.web.tenancy import Tenancy

HIGHEST_SPEED = 1e9


class TenantRows:
    """The rows by which tenants come and go; `url` says where the server answers."""

    def __init__(self, tenants: Tenants, tenancy: Tenancy, url: Callable[[], str]) -> None:
        self._tenants = tenants
        self._tenancy = tenancy
        self._url = url

    def controls(self) -> list[Control]:
        """Return them."""
        about = 'a world of its own: {"world": "empty", "start": …, "seed": …, "speed": 0, "smsvote": {"balance": "1"}}'
        return [
            Control("POST", "/tenants", about, self._create, say_nothing),
            Control("GET", "/tenants", "every tenant", self._list),
            Control("GET", "/tenants/<id>", "one tenant, with its credentials", self._show),
            Control("DELETE", "/tenants/<id>", "forget a tenant", self._drop, say_nothing),
            Control(
                "POST",
                "/snapshots/<name>/fork",
                "open a tenant that goes on from a snapshot",
                self._fork,
                said=say_nothing,
            ),
        ]

    def _create(self, _double: Double, request: Request) -> Reply:
        fields = read_object(request.body)
        world, seed, begin = (fields.take(name, str, default) for name, default in _TEXTS)
        speed = fields.take_any("speed", (int, float), 0)
        adjustments = {service.name: fields.take(service.name, dict, {}) for service in SERVICES}
        fields.finish()
        if not 0 <= speed <= HIGHEST_SPEED:
            fields.refuse("speed", f"{speed}, virtual seconds to a real one from 0 to {HIGHEST_SPEED:g} expected")
        start = parse_instant(begin, "start") if begin else None
        double = self._tenancy.open(world=world, start=start, seed=seed, speed=speed, adjustments=adjustments)
        return Reply.json(introduction(double, self._url()), 201)

    def _fork(self, double: Double, request: Request) -> Reply:
        read_object(request.body).finish()
        return Reply.json(introduction(self._tenancy.fork(double, request.args["name"]), self._url()), 201)

    def _list(self, _double: Double, request: Request) -> Reply:
        read_query(request, ())
        self._tenants.sweep()
        doubles = self._tenants.doubles
        return Reply.json({"tenants": [_row(self._tenants, each) for each in doubles], "count": len(doubles)})

    def _show(self, _double: Double, request: Request) -> Reply:
        read_query(request, ())
        double = self._tenants.named(request.args["id"])
        return Reply.json(introduction(double, self._url()) | _row(self._tenants, double))

    def _drop(self, _double: Double, request: Request) -> Reply:
        read_query(request, ())
        double = self._tenants.named(request.args["id"])
        if double is self._tenants.doubles[0]:
            raise Refusal("bad parameter", f"{MAIN} is the server's own, any other tenant expected", "id")
        self._tenants.close(double)
        return Reply.json({"dropped": double.name})


_TEXTS = (("world", "empty"), ("seed", ""), ("start", ""))


def introduction(double: Double, url: str) -> dict[str, object]:
    """Return what a test needs to begin with a tenant: the address, and each service's credentials."""
    with double.held() as world:
        return {"id": double.name, "url": url} | {service.name: service.credentials(world) for service in SERVICES}


def _row(tenants: Tenants, double: Double) -> dict[str, object]:
    with double.present() as world:
        now, written = to_json(world.clock.now), world.journal.written
    return {"id": double.name, "now": now, "idle_seconds": round(tenants.idle(double), 3), "exchanges": written}
