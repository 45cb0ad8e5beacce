"""Answers that rest on an assumption which nobody has confirmed: for tests that are to rest on none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from mockserver.core.journal import Exchange
from mockserver.core.world import World
from mockserver.runtime.claims import Claim, ledger
from mockserver.runtime.double import Double
from mockserver.runtime.shortening import shorten_secrets
from mockserver.runtime.strictness import ASSUMED, NOTHING_YET, Baseline, Problem
from mockserver.services import SERVICE_BY_NAME


class Reliance(NamedTuple):
    """An exchange that rests on a claim, which is assumed as long as nobody sets these settings (`NAME=VALUE`)."""

    exchange: Exchange
    claim: Claim
    open_settings: tuple[str, ...]


def find_assumed(double: Double, since: Baseline = NOTHING_YET) -> list[Problem]:
    """Return a problem for each assumed claim that an answer since then rests on, unless its settings are pinned."""
    with double.held() as world:
        exchanges = [exchange for exchange in world.journal.exchanges() if exchange.number > since.entries]
        found: dict[str, list[Reliance]] = {}
        for reliance in reliances(world, exchanges):
            found.setdefault(reliance.claim.id, []).append(reliance)
        return [Problem(ASSUMED, shorten_secrets(world, _told(each))) for each in found.values()]


def reliances(world: World, exchanges: Iterable[Exchange]) -> Iterator[Reliance]:
    """Find what answers rest on that is neither documented, nor observed, nor pinned by a setting.

    Of a claim that is documented in part, each setting counts where it bears on the answer (`Service.bearings`).
    """
    claims = _assumed()
    for exchange in exchanges:
        service = SERVICE_BY_NAME[exchange.service]
        pinned, bearings = service.pinned(world), service.bearings()
        for claim in (claims[name] for name in dict.fromkeys(exchange.claims) if name in claims):
            open_settings = tuple(
                f"{setting.name}={setting.default}"
                for setting in claim.settings
                if (name := setting.name.partition(".")[2]) not in pinned
                if name not in bearings or bearings[name](exchange)
            )
            if open_settings:
                yield Reliance(exchange, claim, open_settings)


@cache
def _assumed() -> dict[str, Claim]:
    return {claim.id: claim for claim in ledger() if "A" in claim.grade}


def _told(resting: list[Reliance]) -> str:
    first = resting[0]
    calls = f"{first.exchange.method} {first.exchange.target.partition('?')[0][:200]}"
    calls += f" and {len(resting) - 1} more" if len(resting) > 1 else ""
    settings = dict.fromkeys(setting for reliance in resting for setting in reliance.open_settings)
    return (
        f"{calls}: the answer rests on {first.claim.id}, which is assumed ({first.claim.statement}); "
        f"what you have seen of it, set: {', '.join(map(repr, settings))}"
    )
