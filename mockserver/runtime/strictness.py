"""What a test should not pass over in silence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mockserver.core.faults import Fault
from mockserver.core.journal import Exchange
from mockserver.core.webhooks import CAPTURED, WebhookCall
from mockserver.core.world import World
from mockserver.runtime.double import Double
from mockserver.runtime.shortening import shorten_secrets
from mockserver.services.service import NO_SUCH_CALL, WRONG_METHOD

UNKNOWN_CALLS, CRASHES, BAD_WEBHOOKS, UNUSED_FAULTS = "unknown-calls", "crashes", "bad-webhooks", "unused-faults"
UNJUDGED_CALLS, ESCAPED_CALLS, ASSUMED = "unjudged-calls", "escaped-calls", "assumed"
KINDS = (UNKNOWN_CALLS, CRASHES, BAD_WEBHOOKS, UNUSED_FAULTS, UNJUDGED_CALLS, ESCAPED_CALLS, ASSUMED)


class Problem(NamedTuple):
    """One thing that went wrong; `kind` is the word, one of `KINDS`, by which a test allows it."""

    kind: str
    what: str


class Baseline(NamedTuple):
    """How far a double had come when a test began: what is older is not that test's, and strictness leaves it alone.

    It is taken for each test, in a world that several share too (`Beginning` is taken once for each world): the
    journal's `entries`, the `attempts` at each webhook, webhook failures still `armed`, and the number of `faults`.
    """

    entries: int = 0
    attempts: Mapping[int, int] = {}
    armed: int = 0
    faults: int = 0

    @staticmethod
    def of(double: Double) -> Baseline:
        """Return how far the world of a double has come."""
        with double.held() as world:
            attempts = {number: len(call.attempts) for number, call in world.webhooks.calls.items()}
            return Baseline(world.journal.written, attempts, _armed(double), world.faults.numbered)


NOTHING_YET = Baseline()


def find_problems(double: Double, since: Baseline = NOTHING_YET) -> list[Problem]:
    """Return what went wrong: calls nobody understands, crashes, webhooks answered badly, faults never used."""
    with double.held() as world:
        exchanges = [exchange for exchange in world.journal.exchanges() if exchange.number > since.entries]
        calls = list(world.webhooks.calls.values())
        problems = [problem for exchange in exchanges if (problem := _of_exchange(world, exchange))]
        unjudged = world.journal.evicted - since.entries
        faults = [fault for fault in world.faults.armed.values() if fault.number > since.faults]
        problems += [problem for call in calls for problem in _of_webhook(call, since.attempts.get(call.number, 0))]
    problems += [problem for fault in faults if (problem := _of_fault(fault))]
    if unjudged > 0:
        what = f"no longer held of this test's first entries: {unjudged}; nobody knows whether they were in order"
        problems.append(Problem(UNJUDGED_CALLS, what))
    if (unused := _armed(double) - since.armed) > 0:
        problems.append(Problem(UNUSED_FAULTS, f"{unused} failures or duplicates arranged for webhooks never happened"))
    return problems


def _armed(double: Double) -> int:
    return len(double.delivery.failures) + double.delivery.repeats


def _of_exchange(world: World, exchange: Exchange) -> Problem | None:
    said = f"{exchange.method} {shorten_secrets(world, exchange.target)[:200]}"
    if exchange.crashed:
        return Problem(CRASHES, f"{said} crashed the double; the captured log has the traceback")
    if exchange.operation in {NO_SUCH_CALL, WRONG_METHOD}:
        return Problem(UNKNOWN_CALLS, f"{said}: {'; '.join(exchange.notes)}")
    return None


def _of_fault(fault: Fault) -> Problem | None:
    if fault.used or not fault.times or fault.probability < 1:
        return None
    missing = f"calls that fitted: {fault.seen}, nth={fault.nth}" if fault.seen else "no call fitted"
    return Problem(UNUSED_FAULTS, f"fault {fault.number} ({fault.name}) was armed and never happened: {missing}")


def _of_webhook(call: WebhookCall, seen: int) -> list[Problem]:
    if call.status == CAPTURED:
        return []
    bad = [
        attempt
        for attempt in call.attempts[seen:]
        if not attempt.is_told and (attempt.status is None or not call.policy.accepts(attempt.status, attempt.body))
    ]
    said, expected = f"{call.step} to {call.url[:200]} was answered", f"{' or '.join(call.policy.words)} expected"
    answers = [attempt.error or f"{attempt.status} {attempt.body[:80]!r}" for attempt in bad]
    return [Problem(BAD_WEBHOOKS, f"{said} {answer}, {expected}") for answer in answers]
