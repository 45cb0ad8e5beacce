"""The control surface under `/_mock/v1/`: everything that a test can do in Python, for any language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from mockserver import __version__
from mockserver.core.errors import MockServerError
from mockserver.runtime.claims import claims_as_rows
from mockserver.runtime.differences import differences
from mockserver.runtime.double import Double
from mockserver.services import SERVICES
from mockserver.services.fields import read_object, read_query
from mockserver.services.saying import say_nothing
from mockserver.services.service import Operation, Reply, Request
from mockserver.web.control import changes, clock, deeds, faults, journal, outbox, snapshots, webhooks
from mockserver.web.control.control import Control
from mockserver.web.control.openapi import document
from mockserver.web.control.problems import problem, problem_of
from mockserver.web.control.tenants import TenantRows, introduction
from mockserver.web.gate import API, Gate, host_of, is_foreign


def guarded(gate: Gate, control: Control, request: Request) -> Reply:
    """Answer a control call, unless it comes under a vendor's name or from a page of another origin."""
    if gate.service_at(host_of(request)):
        return gate.no_such_call(request)
    if not gate.admits(request):
        return problem("unauthorized", "X-Mock-Token must be the token that the server printed when it started")
    if request.method != "GET" and is_foreign(request):
        return problem("foreign-origin", "the call came from a page of another origin")
    try:
        name, request = _tenant_of(request)
        if request.method != "GET":
            read_query(request, ())
        if request.method != "POST":
            read_object(request.body).finish()
        return deeds.answer_and_record(gate.tenants.named(name), control, request)
    except MockServerError as error:
        return problem_of(error)


def _tenant_of(request: Request) -> tuple[str, Request]:
    """Return the tenant that a call names, by header or query, and the call without that parameter."""
    name = request.headers.get("x-mock-tenant", "")
    if "tenant=" not in request.query:
        return name, request
    try:
        name = request.params().get("tenant", name)
    except ValueError:
        return name, request
    others = [pair for pair in parse_qsl(request.query, keep_blank_values=True) if pair[0] != "tenant"]
    return name, replace(request, query=urlencode(others))


def control_rows(gate: Gate) -> list[Control]:
    """Return the rows of the control surface: the double's own, and those of every service."""
    rows = [
        Control("GET", "/", "this list", _index(gate)),
        Control("GET", "/openapi.json", "the same as an OpenAPI document", _openapi),
        Control("GET", "/ready", "whether the server answers, where, and as whom to call", _ready(gate)),
        *changes.CONTROLS,
        *clock.CONTROLS,
        *outbox.CONTROLS,
        *webhooks.CONTROLS,
        *snapshots.CONTROLS,
        snapshots.restoring(gate.tenants),
        *journal.CONTROLS,
        *deeds.CONTROLS,
        *faults.CONTROLS,
        Control("GET", "/claims", "every claim of the two documents, graded", _claims),
        Control("GET", "/differences", "where the double differs from the services, or may", _differences),
        Control("POST", "/reset", "begin again with the world as it was given", _reset, say_nothing),
    ]
    if gate.tenancy:
        rows += TenantRows(gate.tenants, gate.tenancy, lambda: gate.url).controls()
    for service in SERVICES:
        rows += [
            Control(row.method, f"/{service.name}{row.path}", row.name, _handle_of(row), row.said)
            for row in service.controls
        ]
    return rows


def _index(gate: Gate) -> Callable[[Double, Request], Reply]:
    def index(_double: Double, request: Request) -> Reply:
        read_query(request, ())
        controls = [{"method": row.method, "path": API + row.path, "about": row.about} for row in control_rows(gate)]
        calls = [
            {"service": service.name, "method": row.method, "path": row.path, "about": row.name}
            for service, row in gate.rows
        ]
        return Reply.json({"control": controls, "services": calls})

    return index


def _openapi(_double: Double, request: Request) -> Reply:
    read_query(request, ())
    return Reply.json(document())


def _ready(gate: Gate) -> Callable[[Double, Request], Reply]:
    def ready(double: Double, request: Request) -> Reply:
        read_query(request, ())
        return Reply.json({"ready": True, "version": __version__} | introduction(double, gate.url))

    return ready


def _claims(_double: Double, request: Request) -> Reply:
    read_query(request, ())
    return Reply.json({"claims": claims_as_rows()})


def _differences(_double: Double, request: Request) -> Reply:
    read_query(request, ())
    return Reply.json(differences())


def _reset(double: Double, request: Request) -> Reply:
    read_object(request.body).finish()
    double.reset()
    return Reply.json(clock.clock_of(double))


def _handle_of(row: Operation) -> Callable[[Double, Request], Reply]:
    def handle(double: Double, request: Request) -> Reply:
        with double.present() as world:
            return row.handle(world, request)

    return handle
