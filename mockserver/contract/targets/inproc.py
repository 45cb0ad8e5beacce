"""The double in this process: no socket, and a world of its own for each case."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial

from mockserver.contract.case import Case
from mockserver.contract.exchange import Answer
from mockserver.contract.place import Place, Target
from mockserver.contract.receiver import DoublesReceiver
from mockserver.core.instants import UTC
from mockserver.core.world import World
from mockserver.runtime.double import Double
from mockserver.runtime.openings import open_world
from mockserver.runtime.tenants import Tenants
from mockserver.runtime.worlds import begin
from mockserver.services.service import Request
from mockserver.testing import MockServer
from mockserver.web.gate import Gate

BEGINNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""When every world of a case begins, a Monday: what is in the demo world has happened before."""


class InProcess(Target):
    """The double, called through its gate; `overrides` are settings as the command line takes them."""

    name = "inproc"

    def __init__(self, overrides: tuple[str, ...] = ()) -> None:
        self._overrides = overrides

    @contextmanager
    def place(self, case: Case) -> Iterator[Place]:
        """Open a world like the demo's."""
        opened = partial(_begun, case, self._overrides)
        double = Double(opened(), resets=False, explains=False)
        gate = Gate(Tenants(double))
        world = MockServer(double, "http://127.0.0.1", opened)
        yield Place(
            ask=partial(_ask, gate),
            key=world.securating.key,
            id=world.smsvote.id,
            secure=world.smsvote.secure,
            website=world.securating.website,
            double=world,
            receiver=DoublesReceiver(world),
        )


def _begun(case: Case, overrides: tuple[str, ...]) -> World:
    world, _ = open_world("demo", case.name, case.world, overrides)
    begin(world, BEGINNING)
    return world


def _ask(gate: Gate, _service: str, request: Request) -> Answer:
    request = replace(request, headers={**request.headers, "host": "127.0.0.1"})
    size = len(request.body)
    reply = gate.too_large(request, size) if size > gate.max_body else gate.answer(request)
    return Answer(reply.status, reply.content_type, reply.body)
