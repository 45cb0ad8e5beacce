"""Accounts: what they may send, what it costs, what they have sent."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Context
from typing import NamedTuple

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
from mockserver.services.smsvote.model import NAME, Account, Cabinet, Prefix, SmsVote

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


def put_sms(world: World, account_id: int, sms: Sms) -> None:
    """Let a text message leave; the phone belongs to the account that sent to it last."""
    world.outbox.put(sms)
    world.state(SmsVote).last_sender[sms.recipient] = account_id


def messages_to(world: World, phone: str = "") -> list[Sms]:
    """Return what was sent (to one phone), oldest first."""
    return [sms for _, sms in world.outbox.to(phone) if isinstance(sms, Sms) and sms.service == NAME]


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
