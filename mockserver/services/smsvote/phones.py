"""Phones whose owners answer by themselves: what a test says they will do, and crowds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from mockserver.core.agenda import Task
from mockserver.core.world import World
from mockserver.services.crowd import Crowd
from mockserver.services.smsvote.incoming import receive_sms
from mockserver.services.smsvote.model import SmsVote


@dataclass(frozen=True, slots=True)
class SendReply(Task):
    """Let a phone send a text message."""

    phone: str
    text: str
    transport: str = "sms"

    def perform(self, world: World) -> None:
        """Send it."""
        receive_sms(world, self.phone, self.text, transport=self.transport)


def intend(world: World, phone: str, after: timedelta, text: str) -> None:
    """Decide what a phone's owner will answer to each request from now on, so long after it."""
    world.state(SmsVote).will_reply[phone] = (after, text)


def set_crowd(world: World, crowd: Crowd) -> None:
    """Decide what owners of phones will answer of whom nothing else is said."""
    world.state(SmsVote).crowd = crowd


def expect_reply(world: World, phone: str, transport: str) -> None:
    """Promise what the owner of a phone will answer to the request that has just arrived, if anything is known."""
    state = world.state(SmsVote)
    if phone in state.will_reply:
        delay, text = state.will_reply[phone]
        world.promise(delay, SendReply(phone, text, transport))
    elif state.crowd and (answer := state.crowd.decide(world.randomness)):
        delay, rating = answer
        world.promise(delay, SendReply(phone, str(rating), transport))
