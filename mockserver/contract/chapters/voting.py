"""Votes, their reports and their pages (SPEC §2.4)."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from mockserver.contract.case import Chapter
from mockserver.contract.exchange import MOST_SHOWN, Exchange
from mockserver.contract.stage import Stage
from mockserver.contract.verdicts import UnknownShape, Unseen
from mockserver.services.smsvote.errors import ERRORS, WRONG_VOTE

CHAPTER = Chapter("smsvote")

_DAYS = tuple(
    mark.join(f"%{letter}" for letter in letters)
    for letters in ("Ymd", "dmY", "mdY", "ymd", "dmy", "mdy")
    for mark in ("-", ".", "/", "")
)
_TIMES = ("%H:%M:%S", "%H.%M.%S", "%H%M%S")

FORMATS = (
    *(f"{day}{gap}{time}" for day in _DAYS for gap in (" ", "T", ", ", "") for time in _TIMES),
    *(f"{time} {day}" for day in _DAYS for time in _TIMES),
)
"""How a date may be written."""

_PERIOD = (datetime(2001, 1, 13), datetime(2037, 12, 31))  # noqa: DTZ001 - of days, wherever they are
"""Days that are none where day, month or year is taken for another of them."""

_VOTE = ("id", "name", "hash", "multiple", "status", "date_start", "date_end", "question", "answers")
_OPTION = ("option_global_id", "option_id", "option_text", "option_votes")
_SEEN = "vote_keys multiple_is_number zero_date date_format json_content_type"


@CHAPTER.case("SMS-V1 SMS-V3 SMS-V4 SMS-G7", learns=_SEEN)
def the_running_vote_is_reported(stage: Stage) -> None:
    seen = stage.command("vote_report", vote_nr="most_recent_active")
    if seen.answer.text == ERRORS[WRONG_VOTE]:
        raise Unseen("the account has no running vote")
    values, options = _read(seen)
    vote = dict(zip(_VOTE, values.values(), strict=True))
    keys = dict(zip(_VOTE, values, strict=True)) | dict(zip(_OPTION, options, strict=True))
    stage.saw_content_type("smsvote.json_content_type", seen)
    assumed = {stage.smsvote.vote_keys[name]: value for name, value in vote.items()}
    stage.saw("smsvote.vote_keys", keys, seen, json.dumps(assumed, ensure_ascii=False)[:MOST_SHOWN])
    stage.saw("smsvote.multiple_is_number", type(vote["multiple"]) is int, seen)
    stage.saw("smsvote.zero_date", vote["date_end"], seen)
    stage.saw("smsvote.date_format", _format_of(stage, vote["date_start"], seen), seen)
    stage.expect(vote["status"] == "active", "the status active", seen)


def _read(seen: Exchange) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a vote and one of its options. Raises `UnknownShape` for what is none."""
    try:
        values = json.loads(seen.answer.body)
        options = list(values.values())[-1]
        kinds = [type(value) for value in values.values()]
        fits = kinds[:3] == [int, str, str] and kinds[3] in {bool, int} and kinds[4:] == [str] * 4 + [list]
        option = options[0]
        fits = fits and [type(value) for value in option.values()] == [int, str, str, int]
    except (ValueError, LookupError, AttributeError, TypeError):
        fits = False
    if not fits:
        shape = "id, name, hash, multiple, status, two dates, question, options of global id, id, text, votes"
        raise UnknownShape(f"JSON of a vote: {shape}", seen)
    return values, option


def _format_of(stage: Stage, date: str, seen: Exchange) -> str:
    """Return how a date is written; of several ways, the one in which the service understands dates too.

    Raises `UnknownShape` where it is written in none of those that are known, `Unseen` where that stays open.
    """
    ways = [way for way in FORMATS if is_written(date, way)]
    if not ways:
        raise UnknownShape("a date that is written in one of the known ways", seen)
    if len(ways) > 1:
        ways = [way for way in ways if _is_understood(stage, way)]
    if len(ways) != 1:
        raise Unseen(f"{date} may be written in more than one way")
    return ways[0]


def _is_understood(stage: Stage, way: str) -> bool:
    first, last = (day.strftime(way) for day in _PERIOD)
    seen = stage.command("feedback_report", format="json", date_from=first, date_to=last)
    return seen.answer.text not in ERRORS.values()


def is_written(date: str, way: str) -> bool:
    """Say whether a date is written in that way."""
    if _shape(date) != _shape(_PERIOD[0].strftime(way)):
        return False
    try:
        return datetime.strptime(date, way).strftime(way) == date  # noqa: DTZ007 - as the vendor writes it
    except ValueError:
        return False


def _shape(date: str) -> str:
    return re.sub(r"[0-9]", "0", date)


def report(stage: Stage, vote_nr: object) -> tuple[dict[str, Any], Exchange]:
    """Return a vote's report under the keys of the settings. Raises `Contradicted` where there is none."""
    seen = stage.command("vote_report", vote_nr=vote_nr)
    names = {key: name for name, key in stage.smsvote.vote_keys.items() if not name.startswith("option_")}
    try:
        values = json.loads(seen.answer.body)
        return {names[key]: value for key, value in values.items()}, seen
    except (ValueError, LookupError, AttributeError):
        stage.expect(False, "JSON of a vote", seen)
        raise


@CHAPTER.case("SMS-V6")
def a_vote_has_a_screen_and_an_export(stage: Stage) -> None:
    seen = stage.command("vote_report", vote_nr="most_recent_active")
    if seen.answer.text == ERRORS[WRONG_VOTE]:
        raise Unseen("the account has no running vote")
    vote, _ = report(stage, "most_recent_active")
    for name in ("v", "x"):
        page = stage.ask("smsvote", "GET", "/", query=f"{name}={vote['hash']}")
        right = page.answer.status == 200 and page.answer.content_type.startswith("text/html")
        stage.expect(right and vote["question"] in page.answer.text, "a page with the question", page)


@CHAPTER.case("SMS-V2", "control")
def votes_count_up(stage: Stage) -> None:
    before, seen = report(stage, "most_recent_active")
    stage.expect(before["id"] == 29, "vote 29 of the demo account", seen)
    vote = stage.double.smsvote.create_vote("New", "Which?", ["One", "Two"])
    after, seen = report(stage, "most_recent_active")
    stage.expect(after["id"] == vote.nr == 30, "vote 30 after vote 29", seen)
    stage.expect(after["question"] == "Which?", "the question", seen)


@CHAPTER.case("SMS-V1", "control")
def the_newest_running_vote_is_the_most_recent(stage: Stage) -> None:
    stage.double.clock.advance(hours=1)
    vote = stage.double.smsvote.create_vote("New", "Which?", ["One", "Two"])
    newest, seen = report(stage, "most_recent_active")
    stage.expect(newest["hash"] == vote.hash, "the newest vote", seen)
    vote.finish()
    newest, seen = report(stage, "most_recent_active")
    stage.expect(newest["id"] == 29, "the one that runs still", seen)


@CHAPTER.case("SMS-V3 SMS-V8", "control")
def a_finished_vote_is_reported(stage: Stage) -> None:
    if "finished" not in stage.smsvote.reported_statuses:
        stage.error(WRONG_VOTE, stage.command("vote_report", vote_nr=28))
        return
    vote, seen = report(stage, 28)
    options = stage.smsvote.vote_keys["option_votes"]
    stage.expect(vote["status"] == "finished", "the status finished", seen)
    stage.expect([option[options] for option in vote["answers"]] == [1, 2], "1 and 2 votes", seen)


@CHAPTER.case("SMS-V5 SMS-V9", "control")
def one_participant_has_one_ballot(stage: Stage) -> None:
    vote = stage.double.smsvote.create_vote("New", "Which?", ["One", "Two"])
    for code in ("1", "2"):
        stage.double.smsvote.phone("79010009999").ballot(vote, code)
    reported, seen = report(stage, vote.nr)
    counts = [option[stage.smsvote.vote_keys["option_votes"]] for option in reported["answers"]]
    stage.expect(counts == ([1, 0] if stage.smsvote.first_ballot_counts else [0, 1]), "one ballot", seen)


@CHAPTER.case("SMS-V5", "control")
def in_a_multiple_vote_every_ballot_counts(stage: Stage) -> None:
    vote = stage.double.smsvote.create_vote("New", "Which?", ["One", "Two"], multiple=True)
    for code in ("1", "2", "2"):
        stage.double.smsvote.phone("79010009999").ballot(vote, code)
    reported, seen = report(stage, vote.nr)
    counts = [option[stage.smsvote.vote_keys["option_votes"]] for option in reported["answers"]]
    stage.expect(counts == [1, 2], "every ballot", seen)


@CHAPTER.case("SMS-V9", "control")
def voting_works_over_sms(stage: Stage) -> None:
    if "vote" not in stage.smsvote.sms_routes:
        return
    phone = next(stage.place.phones)
    stage.send({"phone": phone})
    stage.double.smsvote.phone(phone).send("5")
    became = stage.double.smsvote.phone(phone).send("2").became
    reported, seen = report(stage, 29)
    votes = stage.smsvote.vote_keys["option_votes"]
    stage.expect(became == "ballot" and reported["answers"][1][votes] == 2, "a ballot for the second option", seen)
