"""Requests for a rating: accepted whole within the account's limits, and delivered after its delay (SPEC §2.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mockserver.core.agenda import Task
from mockserver.core.errors import Refusal
from mockserver.core.outbox import Sms
from mockserver.core.world import World
from mockserver.services.smsvote.model import NAME, Account, Draft, Message, SmsVote
from mockserver.services.smsvote.phones import expect_reply
from mockserver.services.smsvote.rules import LIMITS, charge, count_messages, pay, put_sms


def send_messages(world: World, account_id: int, drafts: Sequence[Draft], transport: str = "sms") -> Refusal | None:
    """Accept messages: count and charge them, and have them delivered after the account's delay (SMS-M6 to SMS-M9).

    Refuses a batch that does not fit, whole; under the setting `batch_refused_whole=false` it accepts as many as fit,
    the first ones, and returns the refusal of the others.
    """
    state = world.state(SmsVote)
    account = state.accounts[account_id]
    rooms = {name: LIMITS[name].room(world, account) for name in state.settings.check_order if name in LIMITS}
    refusal = _refusal(account, rooms, len(drafts))
    if refusal and state.settings.batch_refused_whole:
        raise refusal
    accepted = drafts[: min(rooms.values())]
    count_messages(world, account_id, len(accepted))
    if state.settings.charged_on_acceptance:
        charge(world, account_id, len(accepted))
    for draft in accepted:
        _accept(world, account, draft, transport)
    return refusal


def _refusal(account: Account, rooms: dict[str, int], wanted: int) -> Refusal | None:
    for name, room in rooms.items():
        if room < wanted:
            limit = LIMITS[name]
            return Refusal(limit.code, limit.why.format(account=account, wanted=wanted, room=room), "message")
    return None


def _accept(world: World, account: Account, draft: Draft, transport: str) -> None:
    messages = world.state(SmsVote).messages
    number = len(messages) + 1
    messages[number] = Message(number, account.id, draft, transport, world.clock.now)
    if account.sending_delay:
        world.promise(account.sending_delay, SendRequest(number))
    else:
        deliver_request(world, number)


@dataclass(frozen=True, slots=True)
class SendRequest(Task):
    """Let an accepted message leave, once the account's delay is over (SMS-M6)."""

    number: int

    def perform(self, world: World) -> None:
        """Deliver it."""
        deliver_request(world, self.number)


def deliver_request(world: World, number: int) -> None:
    """Deliver an accepted message: from now on it is the newest request of its phone."""
    state = world.state(SmsVote)
    message = state.messages[number]
    phone = message.draft.phone
    if not state.settings.charged_on_acceptance and not pay(world, message.account, f"request {number} to {phone}"):
        return
    below = state.newest_request.get(phone, 0)
    state.messages[number] = replace(message, delivered_at=world.clock.now, below=below)
    state.newest_request[phone] = number
    put_sms(world, message.account, Sms(world.clock.now, NAME, phone, "request", message.draft.text, message.transport))
    expect_reply(world, message)
