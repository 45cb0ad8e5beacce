"""Gathering what was done to a world, so that it can be told again as a test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from mockserver.core.journal import Exchange
from mockserver.core.world import World
from mockserver.runtime.double import Double
from mockserver.runtime.openings import Adjustments
from mockserver.runtime.requests_calls import Credentials, as_requests
from mockserver.runtime.retelling import Story, told_in_order
from mockserver.runtime.strictness import BAD_WEBHOOKS, UNJUDGED_CALLS, find_problems
from mockserver.runtime.unkept import Unkept, remark_on
from mockserver.services import SERVICES
from mockserver.services.facts import to_json
from mockserver.services.saying import literal
from mockserver.services.service import Operation, Request

_OF_BROWSERS = {"/favicon.ico"}
"""What browsers ask for by themselves."""


def story_of(double: Double) -> Story:
    """Return the story of a double, from its beginning."""
    begun, beginning = double.begun_as, double.beginning
    problems = [each for each in find_problems(double) if not any(path in each.what for path in _OF_BROWSERS)]
    with double.present() as world:
        telling = _Telling.of(world)
        asked_of = telling.unkept.foregone(beginning, world)
        exchanges = [(each, telling.lines(each)) for each in world.journal.exchanges()]
        steps = told_in_order(exchanges, list(world.journal.deeds))
        return Story(
            world=_name_of(begun.world),
            start=min([begun.start, *(step.at for step in steps)]),
            end=world.clock.now,
            settings={name: changed for name, changed in _settings(beginning, begun.adjustments) if changed},
            steps=steps,
            sent=_sent(beginning, world),
            outcomes=[line for service in SERVICES for line in service.assertions(asked_of, telling.world)],
            allowed=sorted({problem.kind for problem in problems} - {BAD_WEBHOOKS, UNJUDGED_CALLS}),
            has_webhooks=len(world.webhooks.calls) > len(beginning.webhooks.calls),
            left_out=world.journal.evicted,
            unkept=len(telling.unkept.numbers),
            seed=begun.seed,
        )


def _name_of(world: str) -> str:
    """Return what a mark calls a world: a shipped one by its name, a file by where it is."""
    return world if world.isidentifier() else str(Path(world).resolve())


def _settings(world: World, adjustments: Adjustments) -> Iterator[tuple[str, dict[str, object]]]:
    """Return by service what is set otherwise than by default, and what else its world was adjusted by."""
    for service in SERVICES:
        settings, default = to_json(service.settings_of(world)), to_json(service.settings())
        changed = {name: value for name, value in settings.items() if value != default[name]}
        adjusted = to_json(dict(adjustments.get(service.name, {})))
        yield service.name, changed | {name: value for name, value in adjusted.items() if name not in settings}


def _sent(beginning: World, world: World) -> list[datetime]:
    return [message.at for _, message in world.outbox.to()[len(beginning.outbox) :]]


Rows = Mapping[tuple[str, str, str], Operation]


def _rows(world: World) -> Rows:
    return {
        (service.name, row.name, row.method): row
        for service in SERVICES
        for row in service.operations(service.settings_of(world))
    }


class _Telling(NamedTuple):
    """What calls are told by: their rows, the names of credentials, and the world without what cannot be made again."""

    world: World
    rows: Rows
    credentials: Credentials
    unkept: Unkept

    @staticmethod
    def of(world: World) -> _Telling:
        """Return what the calls of a world are told by."""
        unkept = Unkept.of(world)
        return _Telling(unkept.without(world), _rows(world), Credentials.of(world), unkept)

    def lines(self, exchange: Exchange) -> tuple[str, ...]:
        """Return the lines that tell a call."""
        if exchange.target in _OF_BROWSERS:
            return ()
        path, _, query = exchange.target.partition("?")
        if self._rests_on_unkept(exchange):
            return (remark_on(exchange.method, literal(path)[1:-1]),)
        row = self.rows.get((exchange.service, exchange.operation, exchange.method))
        if row is None or row.said is None:
            return as_requests(exchange, self.credentials)
        if exchange.status >= 400:
            return ()
        if not exchange.is_exact:
            return as_requests(exchange, self.credentials)
        headers = {"content-type": exchange.request_type}
        request = Request(exchange.method, path, query, headers, exchange.request_body.encode())
        said = row.said(self.world, request)
        return (said,) if said else ()

    def _rests_on_unkept(self, exchange: Exchange) -> bool:
        if exchange.number in self.unkept.numbers:
            return False
        return self.unkept.are_named_in(exchange.target, exchange.request_body, exchange.reply_body)
