"""Accounts and what they send: what a command may send, what it costs, when it leaves."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Context
from typing import NamedTuple

from mockserver.core.agenda import Task
from mockserver.core.errors import Refusal
from mockserver.core.outbox import Sms
from mockserver.core.world import World
from mockserver.services.fields import BAD_REQUEST
from mockserver.services.smsvote.errors import (
    API_NOT_ALLOWED,
    NOT_ENOUGH_BALANCE,
    TOO_MANY_PER_DAY,
    TOO_MANY_PER_MONTH,
)
from mockserver.services.smsvote.localtime import local_day
from mockserver.services.smsvote.model import NAME, Account, Cabinet, Draft, Message, Prefix, SmsVote

SEND_MESSAGE = "send_message"

_EXACT = Context(prec=40)
"""Money is reckoned in a context of its own: the application's may round to a few digits."""


def note(world: World, what: str) -> None:
    """Tell the journal what nobody was told."""
    world.journal.note(world.clock.now, NAME, what)


def open_account(world: World, account: Account, prefixes: Sequence[str] = ()) -> None:
    """Take on an account with its prefixes (SMS-F2). Refuses an id or a prefix that is taken."""
    state = world.state(SmsVote)
    if account.id in state.accounts:
        raise Refusal(BAD_REQUEST, f"account {account.id} exists", "id")
    _check_prefixes(state, account.id, prefixes)
    state.accounts[account.id] = account
    state.cabinets[account.id] = Cabinet()
    _allocate(state, account.id, prefixes)


def change_account(world: World, account: Account, prefixes: Sequence[str] | None = None) -> None:
    """Put `account` in place of the account with its id; prefixes, where given, in place of its prefixes."""
    state = world.state(SmsVote)
    if prefixes is not None:
        _check_prefixes(state, account.id, prefixes)
        _allocate(state, account.id, prefixes)
    state.accounts[account.id] = account


def find_account(state: SmsVote, account_id: int | None = None) -> Account:
    """Return an account, the first one for None; refuses an id that does not exist."""
    wanted = next(iter(state.accounts), None) if account_id is None else account_id
    if wanted not in state.accounts:
        known = ", ".join(map(str, list(state.accounts)[:20])) or "none"
        raise Refusal(BAD_REQUEST, f"no account {wanted}; there are: {known}", "account")
    return state.accounts[wanted]


def prefixes_of(state: SmsVote, account_id: int) -> list[str]:
    """Return the words allocated to an account."""
    return [prefix.word for prefix in state.prefixes.values() if prefix.account == account_id]


def _check_prefixes(state: SmsVote, account_id: int, words: Sequence[str]) -> None:
    for word in words:
        taken = state.prefixes.get(word.casefold())
        if taken and taken.account != account_id:
            raise Refusal(BAD_REQUEST, f"{word!r} belongs to account {taken.account}", "prefixes")


def _allocate(state: SmsVote, account_id: int, words: Sequence[str]) -> None:
    others = {key: prefix for key, prefix in state.prefixes.items() if prefix.account != account_id}
    state.prefixes = others | {word.casefold(): Prefix(word, account_id) for word in words}


def check_permission(world: World, account: Account, command: str) -> None:
    """Refuse a command of the API to an account that may not use it (SMS-G5)."""
    if command in world.state(SmsVote).settings.api_needed_for and not account.is_api_allowed:
        raise Refusal(API_NOT_ALLOWED, f"account {account.id} is not allowed the API for {command}")


class _Limit(NamedTuple):
    code: str
    room: Callable[[World, Account], int]
    why: str


def _permission(world: World, account: Account) -> int:
    needed = SEND_MESSAGE in world.state(SmsVote).settings.api_needed_for
    return 0 if needed and not account.is_api_allowed else sys.maxsize


def messages_paid_for(_: World, account: Account) -> int:
    """Return how many messages an account's balance covers."""
    if account.price <= 0:
        return sys.maxsize
    return max(0, int(_EXACT.divide_int(account.balance, account.price)))


def _left_today(world: World, account: Account) -> int:
    sent, _ = sent_so_far(world, account.id)
    return sys.maxsize if account.daily_limit is None else max(0, account.daily_limit - sent)


def _left_this_month(world: World, account: Account) -> int:
    _, sent = sent_so_far(world, account.id)
    return sys.maxsize if account.monthly_limit is None else max(0, account.monthly_limit - sent)


LIMITS = {
    "api": _Limit(API_NOT_ALLOWED, _permission, "account {account.id} is not allowed the API for send_message"),
    "balance": _Limit(
        NOT_ENOUGH_BALANCE,
        messages_paid_for,
        "{wanted} wanted at {account.price} each, the balance of {account.balance} pays for {room}",
    ),
    "day": _Limit(TOO_MANY_PER_DAY, _left_today, "{wanted} wanted, {room} left today of {account.daily_limit}"),
    "month": _Limit(
        TOO_MANY_PER_MONTH, _left_this_month, "{wanted} wanted, {room} left this month of {account.monthly_limit}"
    ),
}
"""What keeps an account from sending, by the names of `check_order`; `room` says how many messages it leaves."""


def sent_so_far(world: World, account_id: int) -> tuple[int, int]:
    """Return how many messages an account has had accepted on this local day, and in this local month."""
    cabinet = world.state(SmsVote).cabinets[account_id]
    day, month = _today(world)
    return cabinet.sent_on_day.get(day, 0), cabinet.sent_in_month.get(month, 0)


def _today(world: World) -> tuple[date, date]:
    day = local_day(world.state(SmsVote).settings, world.clock.now)
    return day, day.replace(day=1)


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


def put_sms(world: World, account_id: int, sms: Sms) -> None:
    """Let a text message leave; the phone belongs to the account that sent to it last."""
    world.outbox.put(sms)
    world.state(SmsVote).last_sender[sms.recipient] = account_id


def count_messages(world: World, account_id: int, count: int) -> None:
    """Count messages towards the limits of the local day and month (SMS-G7)."""
    cabinet = world.state(SmsVote).cabinets[account_id]
    day, month = _today(world)
    cabinet.sent_on_day[day] = cabinet.sent_on_day.get(day, 0) + count
    cabinet.sent_in_month[month] = cabinet.sent_in_month.get(month, 0) + count


def charge(world: World, account_id: int, count: int = 1) -> None:
    """Take the price of `count` messages off the balance."""
    accounts = world.state(SmsVote).accounts
    account = accounts[account_id]
    balance = _EXACT.subtract(account.balance, _EXACT.multiply(account.price, count))
    accounts[account_id] = replace(account, balance=balance)


def pay(world: World, account_id: int, purpose: str) -> bool:
    """Charge one message if the balance covers it; otherwise the journal says what was not sent, and False."""
    account = world.state(SmsVote).accounts[account_id]
    if messages_paid_for(world, account) < 1:
        note(world, f"{purpose} not sent: it costs {account.price}, account {account_id} has {account.balance}")
        return False
    charge(world, account_id)
    return True
