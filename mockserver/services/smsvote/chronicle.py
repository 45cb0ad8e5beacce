"""The timeline of phones: what was sent to each, what it answered, and what is still to come."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice

from mockserver.core.agenda import Promise
from mockserver.core.outbox import Sms
from mockserver.core.world import World
from mockserver.services.lives import Foreseen, Life, Moment
from mockserver.services.smsvote.model import NAME, SmsVote
from mockserver.services.smsvote.phones import SendReply
from mockserver.services.smsvote.sending import SendRequest
from mockserver.services.smsvote.traffic import CastBallot, HoldVote, ServeCustomer


def lives_of_phones(world: World, most: int, contains: str) -> list[Life]:
    """Return the phones that were asked or have written last, the newest first; `contains` chooses by digits."""
    fitting = (phone for phone in _phones(world) if contains in phone)
    found: dict[str, list[Moment]] = {phone: [] for phone in islice(fitting, most)}
    for phone, moment in _moments(world, found):
        found[phone].append(moment)
    return [_life(world, phone, moments) for phone, moments in found.items()]


def _phones(world: World) -> Iterator[str]:
    """Return every phone once, the one that had to do with the service last before the others."""
    state = world.state(SmsVote)
    asked = {message.draft.phone: message.accepted_at for message in state.messages.values()}
    for sms in state.incoming:
        asked[sms.phone] = max(sms.at, asked.get(sms.phone, sms.at))
    return iter(sorted(asked, key=lambda phone: asked[phone], reverse=True))


def _life(world: World, phone: str, moments: list[Moment]) -> Life:
    waits = "waits for an answer" if phone in world.state(SmsVote).newest_request else "nothing open"
    return Life(phone, waits, tuple(sorted(moments, key=lambda moment: moment.at)), f"phones?phone={phone}")


def _moments(world: World, phones: Collection[str]) -> Iterator[tuple[str, Moment]]:
    """Return what happened to some phones, and what will."""
    state = world.state(SmsVote)
    for message in state.messages.values():
        if (phone := message.draft.phone) in phones:
            yield phone, Moment(message.accepted_at, "call", f"request {message.number} accepted")
    for sms in world.outbox.sent:
        if isinstance(sms, Sms) and sms.service == NAME and sms.recipient in phones:
            yield sms.recipient, Moment(sms.at, "sms", f"{sms.kind}: {sms.text[:60]}")
    for incoming in state.incoming:
        if incoming.phone in phones:
            became = f" ({incoming.became})" if incoming.became != "nothing" else ""
            yield incoming.phone, Moment(incoming.at, "person", f"wrote {incoming.text[:60]}{became}")
    for promise in world.upcoming():
        if (planned := _planned(state, promise)) and planned[0] in phones:
            yield planned


def foresee(world: World, promise: Promise) -> Foreseen | None:
    """Say what a promise of sms-vote's will bring about."""
    task, due = promise.task, promise.due
    if isinstance(task, ServeCustomer):
        return Foreseen(f"order {task.order}", Moment(due, "call", "a customer is served", is_planned=True))
    if isinstance(task, HoldVote):
        return Foreseen(task.name, Moment(due, "call", "the vote begins", is_planned=True))
    if isinstance(task, CastBallot):
        return Foreseen("somebody", Moment(due, "person", "votes", is_planned=True))
    if planned := _planned(world.state(SmsVote), promise):
        return Foreseen(*planned)
    return None


def _planned(state: SmsVote, promise: Promise) -> tuple[str, Moment] | None:
    task = promise.task
    if isinstance(task, SendRequest):
        phone = state.messages[task.number].draft.phone
        return phone, Moment(promise.due, "sms", f"request {task.number} is delivered", is_planned=True)
    if isinstance(task, SendReply):
        return task.phone, Moment(promise.due, "person", f"will write {task.text[:60]}", is_planned=True)
    return None
