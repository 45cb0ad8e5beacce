"""What a test should not pass over in silence."""

from __future__ import annotations

from typing import NamedTuple

from mockserver.core.journal import Exchange
from mockserver.core.webhooks import ACKNOWLEDGED, CAPTURED, WebhookCall
from mockserver.runtime.double import Double
from mockserver.services.service import NO_SUCH_CALL, WRONG_METHOD

UNKNOWN_CALLS, CRASHES, BAD_WEBHOOKS, UNUSED_FAULTS = "unknown-calls", "crashes", "bad-webhooks", "unused-faults"
KINDS = (UNKNOWN_CALLS, CRASHES, BAD_WEBHOOKS, UNUSED_FAULTS)


class Problem(NamedTuple):
    """One thing that went wrong; `kind` is the word that allows it."""

    kind: str
    what: str


def find_problems(double: Double, since: int = 0) -> list[Problem]:
    """Return what went wrong since the journal's entry `since`: calls nobody understands, crashes, bad webhooks."""
    with double.held() as world:
        exchanges = [exchange for exchange in world.journal.exchanges() if exchange.number > since]
        calls = list(world.webhooks.calls.values())
    problems = [problem for exchange in exchanges if (problem := _of_exchange(exchange))]
    problems += [problem for call in calls if (problem := _of_webhook(call))]
    if unused := len(double.delivery.failures):
        problems.append(Problem(UNUSED_FAULTS, f"{unused} of the failures arranged for webhooks never happened"))
    return problems


def _of_exchange(exchange: Exchange) -> Problem | None:
    said = f"{exchange.method} {exchange.target[:200]}"
    if exchange.crashed:
        return Problem(CRASHES, f"{said} crashed the double; the captured log has the traceback")
    if exchange.operation in {NO_SUCH_CALL, WRONG_METHOD}:
        return Problem(UNKNOWN_CALLS, f"{said}: {'; '.join(exchange.notes)}")
    return None


def _of_webhook(call: WebhookCall) -> Problem | None:
    if call.status in {ACKNOWLEDGED, CAPTURED} or not call.attempts:
        return None
    last = call.attempts[-1]
    if last.is_told:
        return None
    answer = last.error or f"{last.status} {last.body[:80]!r}"
    return Problem(BAD_WEBHOOKS, f"{call.step} to {call.url[:200]} was answered {answer}, ok or success expected")
