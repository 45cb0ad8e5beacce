"""Phones whose owners answer by themselves: what a test says they will do, and crowds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from mockserver.core.agenda import Task
from mockserver.core.world import World
from mockserver.services.crowd import Crowd
from mockserver.services.smsvote.incoming import receive_sms
from mockserver.services.smsvote.model import Message, SmsVote


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


def intend(world: World, phone: str, after: timedelta, text: str) -> None:
    """Decide what a phone's owner will answer to the last request, if it is open, and to each one from now on.

    They answer so long `after` it has arrived; the one that is there already, so long after now.
    """
    world.state(SmsVote).will_reply[phone] = (after, text)
    _think_again(world, [phone])


def set_crowd(world: World, crowd: Crowd) -> None:
    """Decide what owners of phones will answer, to open requests too, of whom nothing else is said."""
    state = world.state(SmsVote)
    state.crowd = crowd
    _think_again(world, [phone for phone in state.newest_request if phone not in state.will_reply])


def _think_again(world: World, phones: Iterable[str]) -> None:
    """Have owners of phones answer their last request as is known now, not as they were about to; if it is open."""
    state = world.state(SmsVote)
    newest = (state.messages[state.newest_request[phone]] for phone in phones if phone in state.newest_request)
    requests = {message.number: message for message in newest if message.rating is None}
    if requests:
        world.agenda.withdraw(lambda task: isinstance(task, SendReply) and task.request in requests)
    for message in requests.values():
        expect_reply(world, message)


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
