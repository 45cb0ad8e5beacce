"""Phones whose owners answer by themselves: what a test says they will do, and crowds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from mockserver.core.agenda import Task
from mockserver.core.outbox import Sms
from mockserver.core.world import World
from mockserver.services.crowd import Crowd
from mockserver.services.smsvote.incoming import receive_sms
from mockserver.services.smsvote.model import NAME, Message, SmsVote

_AMONG_DIGITS = re.compile(r"[\s+().\u2010-\u2015-]+")


@dataclass(frozen=True, slots=True)
class SendReply(Task):
    """Let a phone send a text message; `request` is the number of the one that made its owner answer, 0 for none."""

    phone: str
    text: str
    transport: str = "sms"
    request: int = field(default=0, compare=False)

    def perform(self, world: World) -> None:
        """Send it."""
        receive_sms(world, self.phone, self.text, transport=self.transport)


def dialled(number: str) -> str:
    """Return a phone number as it is dialled, without what people write among its digits: `+7 (123) 456-78-90`."""
    return _AMONG_DIGITS.sub("", number)


def intend(world: World, phone: str, after: timedelta, text: str) -> None:
    """Decide what a phone's owner will answer to the last request, if it is open, and to each one from now on.

    They answer so long `after` it has arrived; the one that is there already, so long after now. It is open, however
    old it is, while nothing has come from that phone since: whoever has written anything has answered.
    """
    world.state(SmsVote).will_reply[phone] = (after, text)
    _think_again(world, [phone])


def set_crowd(world: World, crowd: Crowd) -> None:
    """Decide what owners of phones will answer, to open requests too, of whom nothing else is said.

    Those whom the world's own past asked last have decided in that past, and stay with it.
    """
    state = world.state(SmsVote)
    state.crowd, past = crowd, state.past_until
    newest = {phone: state.messages[number] for phone, number in state.newest_request.items()}
    asked = [phone for phone, message in newest.items() if past is None or message.accepted_at > past]
    _think_again(world, [phone for phone in asked if phone not in state.will_reply])


def _think_again(world: World, phones: Iterable[str]) -> None:
    """Have owners of phones answer their last request as is known now, not as they were about to; if it is open."""
    state = world.state(SmsVote)
    requests = {state.newest_request[phone]: phone for phone in phones if phone in state.newest_request}
    if requests:
        world.agenda.withdraw(SendReply, lambda task: task.request in requests)
    answered = {sms.phone: sms.after for sms in state.incoming}
    asked = {phone: place for place, phone in _askings(world)}
    for number, phone in requests.items():
        if asked[phone] > answered.get(phone, 0):
            expect_reply(world, state.messages[number])


def _askings(world: World) -> Iterator[tuple[int, str]]:
    """Every request that has left: its place among all that was sent, and the phone."""
    for place, sms in enumerate(world.outbox.sent, 1):
        if isinstance(sms, Sms) and sms.service == NAME and sms.kind == "request":
            yield place, sms.recipient


def expect_reply(world: World, request: Message) -> None:
    """Promise what the owner of a phone will answer to a request, reckoned from now, if anything is known."""
    state, phone = world.state(SmsVote), request.draft.phone
    if phone in state.will_reply:
        delay, text = state.will_reply[phone]
    elif state.crowd and (answer := state.crowd.decide(world.randomness)):
        delay, text = answer[0], str(answer[1])
    else:
        return
    world.promise(delay, SendReply(phone, text, request.transport, request.number))
