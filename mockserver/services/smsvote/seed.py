"""Reading the section of a world file that describes sms-vote; every mistake is refused with its path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from mockserver.core.errors import Refusal
from mockserver.core.instants import UTC
from mockserver.core.world import World
from mockserver.services.fields import Fields, shown
from mockserver.services.smsvote.model import ACTIVE, FINISHED, NOT_ACTIVE, Account, Ballot, Rating, SmsVote, Vote
from mockserver.services.smsvote.questionnaires import create_questionnaire
from mockserver.services.smsvote.ratings import add_rating
from mockserver.services.smsvote.reading import (
    take_account,
    take_date,
    take_line,
    take_phone,
    take_prefixes,
    take_question,
    take_questions,
)
from mockserver.services.smsvote.rules import open_account
from mockserver.services.smsvote.settings import STATUSES, SmsVoteSettings
from mockserver.services.smsvote.traffic import promise_past
from mockserver.services.smsvote.votes import HASH_LENGTH, add_vote, count_ballot, find_option, new_options


def seed(world: World, section: Mapping[str, Any], path: str) -> None:
    """Give a new world the settings and accounts of a world file's section.

    Raises `InvalidInput` or `Refusal` naming the place of a mistake.
    """
    state = world.state(SmsVote)
    fields = Fields(section, path)
    settings = fields.take("settings", dict, {})
    state.settings = state.settings.override(settings, f"{path}.settings")
    state.pinned.update(settings)
    spelling = _spelling(state.settings)
    for account in fields.take_objects("accounts", []):
        _seed_account(world, account, spelling)
    fields.finish()


def _spelling(settings: SmsVoteSettings) -> SmsVoteSettings:
    """Return the settings under which a file is read: its spelling stays, whatever the settings make of answers."""
    documented = SmsVoteSettings()
    digits = (*settings.phone_digits, *documented.phone_digits)
    return replace(settings, date_format=documented.date_format, phone_digits=(min(digits), max(digits)))


def _seed_account(world: World, fields: Fields, spelling: SmsVoteSettings) -> None:
    account_id, secure = fields.take("id", int), take_line(fields, "secure")
    account = take_account(fields, Account(account_id, secure, Decimal(0), spelling.default_price))
    prefixes = take_prefixes(fields) or ()
    try:
        open_account(world, account, prefixes)
    except Refusal as refusal:
        fields.refuse(refusal.field, refusal.why)
    for rating in fields.take_objects("ratings", []):
        add_rating(world, account_id, _take_rating(rating, spelling))
    for vote in fields.take_objects("votes", []):
        _seed_vote(world, account_id, vote, spelling)
    for questionnaire in fields.take_objects("questionnaires", []):
        create_questionnaire(world, account_id, take_line(questionnaire, "name"), take_questions(questionnaire))
        questionnaire.finish()
    if "traffic" in fields:
        traffic = Fields(fields.take("traffic", dict), fields.path_of("traffic"))
        promise_past(world, len(world.state(SmsVote).accounts) - 1, traffic)
    fields.finish()


def _take_rating(fields: Fields, spelling: SmsVoteSettings) -> Rating:
    phone, value, text = take_phone(fields, "phone", spelling), fields.take("rating", int), fields.take("text", str)
    if not 1 <= value <= 5:
        fields.refuse("rating", f"{value}, a number from 1 to 5 expected")
    employee, order = fields.take("employee", str, ""), fields.take("order", str, "")
    at = _take_instant(fields, "date", spelling)
    fields.finish()
    return Rating(at, phone, value, text, employee, order)


def _take_instant(fields: Fields, name: str, spelling: SmsVoteSettings) -> datetime:
    try:
        return take_date(fields, name, spelling).astimezone(UTC)
    except OverflowError:
        fields.refuse(name, "a date within the calendar of UTC expected")


def _find_instant(fields: Fields, name: str, spelling: SmsVoteSettings) -> datetime | None:
    return _take_instant(fields, name, spelling) if name in fields else None


def _seed_vote(world: World, account_id: int, fields: Fields, spelling: SmsVoteSettings) -> None:
    state = world.state(SmsVote)
    votes = state.cabinets[account_id].votes
    state.next_option_id = _take_number(fields, "first_option_id", state.next_option_id)
    question, (status, started_at, ended_at) = take_question(fields, "question"), _take_course(fields, spelling)
    vote = Vote(
        account_id,
        _take_number(fields, "nr", max(votes, default=0) + 1),
        _take_number(fields, "global_id", state.next_vote_id),
        _take_hash(world, fields),
        take_line(fields, "name"),
        question.text,
        new_options(state, question.options),
        fields.take("multiple", bool, False),
        status,
        started_at,
        ended_at,
    )
    add_vote(state, vote)
    for ballot in fields.take_objects("ballots", []):
        _seed_ballot(state, vote, ballot, spelling)
    fields.finish()


def _take_number(fields: Fields, name: str, lowest: int) -> int:
    """Take a number of a vote or option; they count up, so that one is free if it is above those before it."""
    number = fields.take(name, int, lowest)
    if number < lowest:
        fields.refuse(name, f"{number}, at least {lowest} expected: numbers count up, in the order of the file")
    return number


def _take_hash(world: World, fields: Fields) -> str:
    vote_hash = fields.take("hash", str, "") or world.names.token()[:HASH_LENGTH]
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", vote_hash) or vote_hash in world.state(SmsVote).votes_by_hash:
        fields.refuse("hash", f"{shown(vote_hash)}, up to 64 letters and digits that no other vote has expected")
    return vote_hash


_DATES = {NOT_ACTIVE: ("neither date", False, False), ACTIVE: ("date_start", True, False),
          FINISHED: ("date_start and date_end", True, True)}  # fmt: skip
"""The dates that go with a status; a deleted vote may have either."""


def _take_course(fields: Fields, spelling: SmsVoteSettings) -> tuple[str, datetime | None, datetime | None]:
    status = fields.take("status", str, NOT_ACTIVE)
    if status not in STATUSES:
        fields.refuse("status", f"{shown(status)}, one of {', '.join(STATUSES)} expected")
    started_at, ended_at = (_find_instant(fields, name, spelling) for name in ("date_start", "date_end"))
    dates, has_start, has_end = _DATES.get(status, ("", started_at is not None, ended_at is not None))
    if (started_at is not None, ended_at is not None) != (has_start, has_end):
        fields.refuse("status", f"{status} goes with {dates}")
    if started_at and ended_at and ended_at < started_at:
        fields.refuse("date_end", "before date_start")
    return status, started_at, ended_at


def _seed_ballot(state: SmsVote, vote: Vote, fields: Fields, spelling: SmsVoteSettings) -> None:
    participant, code = take_phone(fields, "participant", spelling), str(fields.take_any("option", (int, str)))
    at = _find_instant(fields, "date", spelling) or vote.started_at
    fields.finish()
    option = find_option(vote.options, code)
    if option is None:
        fields.refuse("option", f"{shown(code)}, one of {', '.join(each.code for each in vote.options)} expected")
    if at is None:
        fields.refuse("date", "missing; the vote was never started")
    if not vote.is_multiple and (vote.global_id, participant) in state.ballots:
        fields.refuse("participant", f"{participant} has voted already, and the vote is not multiple")
    count_ballot(state, Ballot(vote.global_id, participant, option.global_id, at))
