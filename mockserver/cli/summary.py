"""What came of a run, in a few lines: calls by kind, refusals with their reasons, hosts that were refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from mockserver.core.journal import Exchange
from mockserver.runtime.shortening import shorten_secrets
from mockserver.web.server import Server


def summary(server: Server) -> Iterator[str]:
    """Yield the lines."""
    with server.double.held() as world:
        exchanges = world.journal.exchanges()
        evicted = world.journal.evicted
        reasons = [shorten_secrets(world, line) for exchange in exchanges for line in _reasons(exchange)]
    yield f"mockserver: {len(exchanges)} call{'' if len(exchanges) == 1 else 's'}" + (
        f", and {evicted} before them" if evicted else ""
    )
    yield from _counted(f"{exchange.service}: {exchange.operation}" for exchange in exchanges)
    if reasons:
        yield "refused:"
        yield from _counted(reasons)
    if server.gate.turned_away:
        yield "not doubled here, and refused to the proxy's clients (NO_PROXY lets them out):"
        yield from _counted(server.gate.turned_away)


def _reasons(exchange: Exchange) -> Iterator[str]:
    if exchange.refusal or exchange.crashed:
        why = "; ".join(exchange.notes) or exchange.reply_body.strip()
        yield f"{exchange.service}: {exchange.operation}: {exchange.status} {why}"


def _counted(lines: Iterable[str]) -> Iterator[str]:
    for line, count in Counter(lines).items():
        yield f"{count:>6}  {line}"
