"""What people did at sms-vote, and what came of it, in the words of a test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.core.errors import Refusal
from mockserver.core.outbox import Sms
from mockserver.core.world import World
from mockserver.services.fields import read_object
from mockserver.services.saying import THE_CALL_ITSELF, Code, call, literal, over_http
from mockserver.services.service import Request
from mockserver.services.smsvote.model import NAME, Cabinet, SmsVote, Vote
from mockserver.services.smsvote.reading import read_number, take_transport
from mockserver.services.smsvote.rules import find_account
from mockserver.services.smsvote.votes import chosen_option, find_vote

FIXTURE: Mapping[str, str] = {"id": "id", "secure": "secure"}
"""What the fixture calls each credential."""

MOST_OUTCOMES = 20
"""Phones, and votes, of which a test says what became of them."""


def say_sent(_world: World, request: Request) -> str | None:
    """Say that a phone sent a text message; of one that the fixture's phones cannot send, the call itself."""
    fields = read_object(request.body)
    text, transport = fields.take("text", str), take_transport(fields)
    if fields.left():
        return THE_CALL_ITSELF
    named = {} if transport == "sms" else {"transport": transport}
    return call(f"{_phone(request)}.send", text, **named)


def say_will_reply(_world: World, request: Request) -> str:
    """Say what a phone's owner will answer."""
    fields = read_object(request.body)
    text, after = fields.take("text", str), fields.take_any("after", (str, int, float, dict), 0)
    return call(f"{_phone(request)}.will_reply", text, **({"after": after} if after else {}))


def _phone(request: Request) -> str:
    return call(f"{NAME}.phone", request.args["phone"])


def say_changed(_world: World, request: Request) -> str:
    """Say that the first account, or settings, were changed."""
    return call(f"{NAME}.change", **read_object(request.body).take_rest())


def say_account_changed(world: World, request: Request) -> str:
    """Say that an account was changed; the fixture knows the first one."""
    first = next(iter(world.state(SmsVote).accounts), None)
    if request.args["id"] == str(first):
        return say_changed(world, request)
    return f"# Account {read_number('account', request.args['id'])} was changed; the fixture knows the first one only."


def say_organised(world: World, request: Request) -> str | None:
    """Say what an organiser did by the call itself, which is about the first account."""
    stated, first = read_object(request.body).take_rest(), next(iter(world.state(SmsVote).accounts), None)
    if stated.pop("account", first) != first:
        return THE_CALL_ITSELF
    return over_http(request, stated)


def say_finished(world: World, request: Request) -> str | None:
    """Say that a vote was finished."""
    vote = _vote(world, request)
    return f"{_found(vote)}.finish()" if vote else THE_CALL_ITSELF


def say_voted(world: World, request: Request) -> str | None:
    """Say that a participant voted."""
    fields, vote = read_object(request.body), _vote(world, request)
    participant, chosen = fields.take_any("participant", (int, str)), fields.take_any("option", (int, str))
    return call(f"{_found(vote)}.cast", str(participant), chosen_option(vote, chosen).code) if vote else THE_CALL_ITSELF


def _vote(world: World, request: Request) -> Vote | None:
    """Return the vote that a call is about, where it is the first account's."""
    state = world.state(SmsVote)
    account, first = read_object(request.body).take_any("account", (int,), None), find_account(state)
    if account not in {None, first.id}:
        return None
    return find_vote(state, first.id, read_number("nr", request.args["nr"]))


def _found(vote: Vote) -> str:
    return call(f"{NAME}.votes.one", nr=vote.nr)


def assertions(beginning: World, world: World) -> list[str]:
    """Say what has come about since the beginning, in assertions: texts, ratings, the balance, votes."""
    was, now = beginning.state(SmsVote), world.state(SmsVote)
    lines = [line for phone in list(_phones(beginning, world))[:MOST_OUTCOMES] for line in _of_phone(world, phone)]
    try:
        before, after = find_account(was), find_account(now)
    except Refusal:
        return lines
    if before.balance != after.balance:
        lines.append(f"assert str({NAME}.balance) == {literal(str(after.balance))}")
    changed = (vote for vote in now.cabinets[after.id].votes.values() if _has_changed(was, now, vote))
    return lines + [line for vote in list(changed)[:MOST_OUTCOMES] for line in _of_vote(now, vote)]


def _phones(beginning: World, world: World) -> Iterator[str]:
    """Return every phone that was written to, or that wrote, since the beginning, once."""
    sent = [sms.recipient for _, sms in world.outbox.to()[len(beginning.outbox) :] if isinstance(sms, Sms)]
    wrote = [sms.phone for sms in world.state(SmsVote).incoming[len(beginning.state(SmsVote).incoming) :]]
    return iter(dict.fromkeys((*sent, *wrote)))


def _of_phone(world: World, phone: str) -> list[str]:
    texts = [sms.text for _, sms in world.outbox.to(phone) if isinstance(sms, Sms) and sms.service == NAME]
    cabinets = world.state(SmsVote).cabinets.values()
    ratings = [rating.value for cabinet in cabinets for rating in _ratings_of(cabinet, phone)]
    told = call(f"{NAME}.ratings.all", phone=phone)
    return [
        f"assert {call(f'{NAME}.phone', phone)}.texts == {literal(texts)}",
        *([f"assert [rating.value for rating in {told}] == {literal(ratings)}"] if ratings else ()),
    ]


def _ratings_of(cabinet: Cabinet, phone: str) -> list[Any]:
    return [rating for rating in cabinet.ratings if rating.phone == phone]


def _has_changed(was: SmsVote, now: SmsVote, vote: Vote) -> bool:
    known = was.cabinets.get(vote.account, Cabinet()).votes.get(vote.nr)
    return known != vote or any(was.tally[option.global_id] != now.tally[option.global_id] for option in vote.options)


def _of_vote(state: SmsVote, vote: Vote) -> list[str]:
    counts = {option.code: state.tally[option.global_id] for option in vote.options}
    return [
        Code(f"vote = {_found(vote)}"),
        f"assert (vote.status, vote.counts) == ({literal(vote.status)}, {literal(counts)})",
    ]
