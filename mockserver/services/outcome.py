"""What can come about at a service, and how one sees that it has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from mockserver.core.journal import Exchange
from mockserver.core.outbox import Letter, Sms
from mockserver.core.webhooks import WebhookCall
from mockserver.core.world import World


class Beginning(NamedTuple):
    """How far a world had come when a test was given it: what is older came with the world file, or by itself.

    `MockServer` takes it once, when it opens; `entries`, `messages` and `webhooks` count what there was then.
    """

    at: datetime
    entries: int
    messages: int
    webhooks: int

    @staticmethod
    def of(world: World) -> Beginning:
        """Return how far a world has come."""
        return Beginning(world.clock.now, world.journal.written, len(world.outbox), len(world.webhooks.calls))


class History(NamedTuple):
    """What has come about at one service since a beginning, for its outcomes to be looked for in.

    It is made anew for each look: the calls on the service, what it sent, and the webhooks that it owes. The rest is in
    the state of `world`, where what came after the beginning has an instant not before `since`.
    """

    world: World
    since: datetime
    exchanges: list[Exchange]
    messages: list[Letter | Sms]
    webhooks: list[WebhookCall]

    @staticmethod
    def of(world: World, service: str, beginning: Beginning) -> History:
        """Return the history of one service."""
        exchanges = [one for one in world.journal.exchanges() if one.number > beginning.entries]
        messages = world.outbox.sent[beginning.messages :]
        calls = list(world.webhooks.calls.values())[beginning.webhooks :]
        # A freezer may have taken a world that was still untouched to a time before.
        since = min(beginning.at, world.clock.now, *(one.at for one in (*exchanges[:1], *messages[:1])))
        return History(
            world,
            since,
            [one for one in exchanges if one.service == service],
            [message for message in messages if message.service == service],
            [call for call in calls if call.service == service],
        )


Sight = Callable[[History], bool]
"""Says of a history whether something has come about in it."""


class Outcome(NamedTuple):
    """Something that can come about, under the name that people know it by, in one sentence, with its claims."""

    name: str
    sentence: str
    claims: tuple[str, ...]
    is_met: Sight


def answered(operation: str, *words: str) -> Sight:
    """Return the sight of a call that was answered and not refused, with `words` in its answer."""

    def is_met(history: History) -> bool:
        return any(
            one.operation == operation and is_success(one) and all(word in one.reply_body for word in words)
            for one in history.exchanges
        )

    return is_met


def refused(code: str, *fields: str, operation: str = "") -> Sight:
    """Return the sight of a call (of `operation`) that was refused with a code (because of one of `fields`)."""
    places = tuple(f"{name}:" for name in fields)

    def is_met(history: History) -> bool:
        return any(
            one.refusal == code
            and operation in {"", one.operation}
            and (not places or any(note.startswith(places) for note in one.notes))
            for one in history.exchanges
        )

    return is_met


def is_success(exchange: Exchange) -> bool:
    """Say whether a call was answered as its operation answers: not refused, nor by a fault in its place."""
    return bool(exchange.claims) and not exchange.refusal and 200 <= exchange.status < 400
