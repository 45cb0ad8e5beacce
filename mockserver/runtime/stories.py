"""Gathering what was done to a world, so that it can be told again as a test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from mockserver.core.journal import Exchange
from mockserver.core.world import World
from mockserver.runtime.double import Double
from mockserver.runtime.requests_calls import Credentials, as_requests
from mockserver.runtime.retelling import Story, told_in_order
from mockserver.runtime.strictness import BAD_WEBHOOKS, UNJUDGED_CALLS, find_problems
from mockserver.services import SERVICES
from mockserver.services.facts import to_json
from mockserver.services.service import Operation, Request

_OF_BROWSERS = {"/favicon.ico"}
"""What browsers ask for by themselves."""


def story_of(double: Double) -> Story:
    """Return the story of a double, from its beginning."""
    problems = [each for each in find_problems(double) if not any(path in each.what for path in _OF_BROWSERS)]
    beginning = double.beginning
    with double.present() as world:
        rows, credentials = _rows(world), Credentials.of(world)
        exchanges = [(each, _lines(world, each, rows, credentials)) for each in world.journal.exchanges()]
        steps = told_in_order(exchanges, list(world.journal.deeds))
        return Story(
            world=_name_of(double.begun_as),
            start=min([beginning.clock.now, *(step.at for step in steps)]).replace(microsecond=0),
            end=world.clock.now,
            settings={name: changed for name, changed in _settings(beginning) if changed},
            steps=steps,
            sent=_sent(beginning, world),
            outcomes=[line for service in SERVICES for line in service.outcomes(beginning, world)],
            allowed=sorted({problem.kind for problem in problems} - {BAD_WEBHOOKS, UNJUDGED_CALLS}),
            has_webhooks=len(world.webhooks.calls) > len(beginning.webhooks.calls),
            left_out=world.journal.evicted,
        )


def _name_of(world: str) -> str:
    """Return what a mark calls a world: a shipped one by its name, a file by where it is."""
    return world if world.isidentifier() else str(Path(world).resolve())


def _settings(world: World) -> Iterator[tuple[str, dict[str, object]]]:
    """Return by service what is set otherwise than by default."""
    for service in SERVICES:
        settings, default = to_json(service.settings_of(world)), to_json(service.settings())
        yield service.name, {name: value for name, value in settings.items() if value != default[name]}


def _sent(beginning: World, world: World) -> list[datetime]:
    return [message.at for _, message in world.outbox.to()[len(beginning.outbox) :]]


Rows = Mapping[tuple[str, str, str], Operation]


def _rows(world: World) -> Rows:
    return {
        (service.name, row.name, row.method): row
        for service in SERVICES
        for row in service.operations(service.settings_of(world))
    }


def _lines(world: World, exchange: Exchange, rows: Rows, credentials: Credentials) -> tuple[str, ...]:
    if exchange.target in _OF_BROWSERS:
        return ()
    row = rows.get((exchange.service, exchange.operation, exchange.method))
    if row is None or row.said is None:
        return as_requests(exchange, credentials)
    if exchange.status >= 400:
        return ()
    path, _, query = exchange.target.partition("?")
    headers = {"content-type": exchange.request_type}
    said = row.said(world, Request(exchange.method, path, query, headers, exchange.request_body.encode()))
    return (said,) if said else ()
