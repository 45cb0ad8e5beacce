"""Calls that a service owes to the application: their attempts, their retries and their order."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from mockserver.core.agenda import Task
from mockserver.core.tables import Tables

if TYPE_CHECKING:
    from mockserver.core.world import World

WAITING, ACKNOWLEDGED, GIVEN_UP, CAPTURED = "waiting", "acknowledged", "given up", "captured, not sent"


@dataclass(frozen=True, slots=True)
class Policy:
    """How a service calls and what it takes for an acknowledgement; every field comes from its settings."""

    method: str
    words: tuple[str, ...]
    ignores_case: bool
    statuses: tuple[int, int]
    retries: tuple[timedelta, ...]
    in_order: bool

    def accepts(self, status: int, body: str) -> bool:
        """Say whether an answer acknowledges the call."""
        lowest, highest = self.statuses
        if self.ignores_case:
            body = body.casefold()
        return lowest <= status <= highest and any(
            (word.casefold() if self.ignores_case else word) in body for word in self.words
        )


class Answer(NamedTuple):
    """What a receiver answered, or the error that kept it from answering; `is_told` when the test knows of it."""

    status: int | None
    body: str = ""
    error: str = ""
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a call: an `Answer`, and the instant of the try."""

    at: datetime
    status: int | None = None
    body: str = ""
    error: str = ""
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class WebhookCall:
    """One call owed to `url` with `params` added, about one `subject` (for Securating: an invitation's token).

    `attempts` are all deliveries. `tries` counts the first, and each that came when it was the call's turn: after
    these the policy says when the next one follows.
    """

    number: int
    created_at: datetime
    service: str
    subject: str
    step: str
    url: str
    params: tuple[tuple[str, str], ...]
    policy: Policy
    attempts: tuple[Attempt, ...] = ()
    tries: int = 0
    status: str = WAITING
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RetryWebhook(Task):
    """Try a call again that was not acknowledged."""

    number: int

    def is_still_wanted(self, world: World) -> bool:
        """A call that was acknowledged meanwhile, out of turn, is not tried again."""
        return world.webhooks.calls[self.number].status == WAITING

    def perform(self, world: World) -> None:
        """Put the call at the door again."""
        world.webhooks.make_ready(self.number)


@dataclass(slots=True)
class Webhooks(Tables):
    """Every call, and the line in which the calls about one subject wait for each other.

    `lines` names, by subject, the calls not settled yet, oldest first: only the first of a line has its turn. `ready`
    are those whose turn it is now, in the order in which they go out. `out_of_turn` are those being delivered although
    it is not their turn: they wait for others of their line, or for their next try, or they were settled before.
    """

    calls: dict[int, WebhookCall] = field(default_factory=dict)
    lines: dict[str, tuple[int, ...]] = field(default_factory=dict)
    ready: deque[int] = field(default_factory=deque)
    out_of_turn: set[int] = field(default_factory=set)

    def owe(self, call: WebhookCall) -> None:
        """Take on a call made with `number=len(webhooks.calls) + 1`."""
        self.calls[call.number] = call
        line = self.lines.get(_line_of(call), ())
        self.lines[_line_of(call)] = (*line, call.number)
        if not line:
            self.make_ready(call.number)

    def make_ready(self, number: int) -> None:
        """Let a call go out, behind those that are ready already, as soon as somebody carries it."""
        self.ready.append(number)

    @property
    def is_waiting(self) -> bool:
        """Whether a call could go out now."""
        return bool(self.ready)

    def __len__(self) -> int:
        """How many calls could go out now."""
        return len(self.ready)

    def set_aside(self, ready: int) -> list[int]:
        """Take back what could go out beyond the first `ready` calls; give it back with `make_ready`."""
        return [self.ready.pop() for _ in range(len(self.ready) - ready)][::-1]

    def take(self, number: int | None = None) -> WebhookCall | None:
        """Take the next call whose turn it is, or the one of that number, be it its turn or not, to carry it.

        Tell `settle` what came of it, or `put_back` that nothing is known.
        """
        if number is None:
            waiting = (self.calls[self.ready.popleft()] for _ in range(len(self.ready)))
            return next((call for call in waiting if call.status == WAITING), None)
        if number in self.ready:
            self.ready.remove(number)
        else:
            self.out_of_turn.add(number)
        return self.calls[number]

    def put_back(self, number: int) -> None:
        """Undo `take` for a call whose delivery was interrupted: it goes out next, if it waits and had its turn."""
        if number not in self.out_of_turn and self.calls[number].status == WAITING:
            self.ready.appendleft(number)
        self.out_of_turn.discard(number)

    def capture(self, number: int, reason: str) -> None:
        """Keep a call that is not to be sent at all, because of `reason`."""
        self._close(replace(self.calls[number], status=CAPTURED, reason=reason))

    def settle(self, world: World, number: int, attempt: Attempt) -> None:
        """Record an attempt: the call is acknowledged, promised again, or given up (SEC-W8, SEC-W9).

        A call that was acknowledged, given up or captured before stays so. A delivery out of turn, unless it was the
        first, may acknowledge the call and changes nothing else: the next try is promised already.
        """
        call = self.calls[number]
        is_extra = number in self.out_of_turn and call.tries > 0
        self.out_of_turn.discard(number)
        call = replace(call, attempts=(*call.attempts, attempt), tries=call.tries + (not is_extra))
        self.calls[number] = call
        if call.status != WAITING:
            return
        if attempt.status is not None and call.policy.accepts(attempt.status, attempt.body):
            self._close(replace(call, status=ACKNOWLEDGED))
        elif not is_extra and call.tries > len(call.policy.retries):
            self._close(replace(call, status=GIVEN_UP))
        elif not is_extra:
            later = call.attempts[0].at + call.policy.retries[call.tries - 1]
            world.agenda.promise(max(later, world.clock.now), RetryWebhook(number))

    def _close(self, call: WebhookCall) -> None:
        self.calls[call.number] = call
        line = self.lines.pop(_line_of(call))
        rest = tuple(number for number in line if number != call.number)
        if not rest:
            return
        self.lines[_line_of(call)] = rest
        if line[0] == call.number and not self.calls[rest[0]].tries:  # else its next try is promised already
            self.make_ready(rest[0])


def _line_of(call: WebhookCall) -> str:
    return call.subject if call.policy.in_order else f"{call.subject} {call.number}"
