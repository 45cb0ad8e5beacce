"""Ratings, with and without request: what a text message is worth, and the report over a period."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort
from dataclasses import replace
from datetime import datetime

from mockserver.core.outbox import Sms
from mockserver.core.world import World
from mockserver.services.smsvote.model import NAME, IncomingSms, Message, Prefix, Rating, SmsVote
from mockserver.services.smsvote.rules import count_messages, pay, put_sms
from mockserver.services.smsvote.settings import SmsVoteSettings

LONGEST_PREFIX = 20

_DIGITS = frozenset("12345")


def find_rating(settings: SmsVoteSettings, text: str) -> int | None:
    """Read the digit 1 to 5 with which a rating begins; a comment may follow (SMS-F1)."""
    match = re.match(settings.rating_pattern, text)
    return int(match[1]) if match and match[1] in _DIGITS else None


def find_prefix(state: SmsVote, text: str) -> tuple[Prefix, str] | None:
    """Find the longest prefix that `text` begins with, whatever its case, and what follows it (SMS-F2)."""
    for length in range(min(LONGEST_PREFIX, len(text)), 0, -1):
        prefix = state.prefixes.get(text[:length].casefold())
        if prefix:
            return prefix, text[length:]
    return None


def rate_by_prefix(world: World, sms: IncomingSms) -> IncomingSms | None:
    """Take an SMS as a rating without request; None when it is none (SMS-F2)."""
    state = world.state(SmsVote)
    found = find_prefix(state, sms.text.lstrip())
    value = find_rating(state.settings, found[1]) if found else None
    if found is None or value is None:
        return None
    rated = replace(sms, account=found[0].account, became="rating", rating=value)
    add_rating(world, rated.account, Rating(sms.at, sms.phone, value, sms.text))
    if state.settings.final_text_without_request:
        _send_final_text(world, rated, state.accounts[rated.account].final_texts[value - 1])
    return rated


def rate_request(world: World, sms: IncomingSms) -> IncomingSms | None:
    """Take an SMS as the answer to a request; None when it is no rating, or no request waits on that phone (SMS-F3)."""
    state = world.state(SmsVote)
    value = find_rating(state.settings, sms.text)
    message = _find_request(state, sms.phone) if value else None
    if message is None or value is None:
        return None
    _settle(state, message, value)
    draft = message.draft
    rated = replace(sms, account=message.account, became="rating", rating=value)
    rating = Rating(sms.at, sms.phone, value, sms.text, draft.employee, draft.order, message.number)
    add_rating(world, message.account, rating)
    _send_final_text(world, rated, _final_text(state, message, value))
    return rated


def add_rating(world: World, account_id: int, rating: Rating) -> None:
    """Store a rating behind those of its instant."""
    insort(world.state(SmsVote).cabinets[account_id].ratings, rating, key=_instant)


def _instant(rating: Rating) -> datetime:
    return rating.at


def _find_request(state: SmsVote, phone: str) -> Message | None:
    message = state.messages.get(state.newest_request.get(phone, 0))
    if state.settings.reply_matches == "oldest":
        while message and message.below:
            message = state.messages[message.below]
    return message


def _settle(state: SmsVote, message: Message, value: int) -> None:
    """Note the answer; a request that is closed by it leaves the stack of its phone."""
    if not state.settings.one_rating_per_request:
        state.messages[message.number] = replace(message, rating=value)
        return
    state.messages[message.number] = replace(message, rating=value, below=0)
    top = state.newest_request[message.draft.phone]
    if top != message.number:
        _drop_bottom(state, top, message.number)
    elif message.below:
        state.newest_request[message.draft.phone] = message.below
    else:
        del state.newest_request[message.draft.phone]


def _drop_bottom(state: SmsVote, number: int, bottom: int) -> None:
    while state.messages[number].below != bottom:
        number = state.messages[number].below
    state.messages[number] = replace(state.messages[number], below=0)


def _final_text(state: SmsVote, message: Message, value: int) -> str:
    texts = (state.accounts[message.account].final_texts[value - 1], message.draft.text_final)
    wins, otherwise = texts if state.settings.account_final_text_wins else reversed(texts)
    return wins or otherwise


def _send_final_text(world: World, rated: IncomingSms, text: str) -> None:
    """Thank the customer, where there is a text and the account can pay for it (SMS-M4, SMS-M5, SMS-M8)."""
    account_id, phone = rated.account, rated.phone
    settings = world.state(SmsVote).settings
    if not text or (settings.final_texts_cost and not pay(world, account_id, f"final text to {phone}")):
        return
    if settings.final_texts_count:
        count_messages(world, account_id, 1)
    put_sms(world, account_id, Sms(world.clock.now, NAME, phone, "final", text, rated.transport))


def all_ratings(state: SmsVote) -> list[Rating]:
    """Return every rating, those of each account oldest first."""
    return [rating for cabinet in state.cabinets.values() for rating in cabinet.ratings]


def ratings_between(world: World, account_id: int, first: datetime, last: datetime) -> list[Rating]:
    """Return an account's ratings of a period, oldest first; the cost follows those returned, not those stored.

    `last` is a second of the vendor's clock, and all of it belongs to the period (SMS-F4).
    """
    state = world.state(SmsVote)
    ratings = state.cabinets[account_id].ratings
    end = bisect_right if state.settings.date_to_inclusive else bisect_left
    return ratings[bisect_left(ratings, first, key=_second) : end(ratings, last, key=_second)]


def _second(rating: Rating) -> datetime:
    return rating.at.replace(microsecond=0)
