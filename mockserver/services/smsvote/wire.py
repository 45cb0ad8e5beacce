"""The commands of sms-vote: reads the vendor's words, calls one rule, words the answer."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from types import NoneType
from typing import NamedTuple

from mockserver.core.errors import Refusal
from mockserver.core.world import World
from mockserver.services.fields import Fields, shown
from mockserver.services.saying import say_nothing
from mockserver.services.service import NO_SUCH_CALL, TOO_LARGE, WRONG_METHOD, Operation, Reply, Request
from mockserver.services.settings import Settings
from mockserver.services.smsvote.commands import read_command
from mockserver.services.smsvote.errors import ERRORS, NO_SUCH_PAGE, WRONG_JSON
from mockserver.services.smsvote.localtime import write_local
from mockserver.services.smsvote.model import Draft, Rating, SmsVote, Vote
from mockserver.services.smsvote.pages import export, no_such_page, screen
from mockserver.services.smsvote.ratings import ratings_between
from mockserver.services.smsvote.reading import break_lines, take_date, take_phone
from mockserver.services.smsvote.rules import SEND_MESSAGE
from mockserver.services.smsvote.sending import send_messages
from mockserver.services.smsvote.settings import SmsVoteSettings
from mockserver.services.smsvote.votes import reported_vote

MOST_RECENT_ACTIVE = "most_recent_active"


class _Sending(NamedTuple):
    transport: str
    drafts: list[Draft]
    unread: tuple[str, ...]


class _Period(NamedTuple):
    format: str
    first: datetime
    last: datetime


def send_message(world: World, request: Request) -> Reply:
    """Accept messages that ask customers for a rating (SMS-M1 to SMS-M9)."""
    command = read_command(world, request, SEND_MESSAGE, _read_sending)
    transport, drafts, unread = command.asked
    refusal = send_messages(world, command.account.id, drafts, transport)
    if refusal:
        return refuse(world, request, refusal)
    settings = command.settings
    body = settings.success_body.encode("utf-8", "replace")
    notes = command.notes + unread
    return Reply(settings.success_status, body, settings.success_content_type, notes=notes)


def _read_sending(settings: SmsVoteSettings, fields: Fields) -> _Sending:
    transport = fields.take("transport", str)
    if transport not in settings.transports:
        fields.refuse("transport", f"{shown(transport)}, {' or '.join(settings.transports)} expected")
    messages = fields.take_objects("message")
    if not 0 < len(messages) <= settings.max_messages:
        fields.refuse("message", f"{len(messages)} messages, 1 to {settings.max_messages} expected")
    drafts = [_read_message(settings, message) for message in messages]
    return _Sending(transport, drafts, tuple(note for message in messages for note in message.unread()))


def _read_message(settings: SmsVoteSettings, fields: Fields) -> Draft:
    phone, text = take_phone(fields, "phone", settings), break_lines(fields.take("text", str))
    if not text:
        fields.refuse("text", "empty, a text expected")
    if settings.text_final_required:
        text_final = fields.take("text_final", str)
    else:
        text_final = fields.take_any("text_final", (str, NoneType), "") or ""
    kinds = (str, int, NoneType) if settings.numbers_as_texts else (str, NoneType)
    employee, order = (fields.take_any(name, kinds, None) for name in ("employee", "order"))
    return Draft(phone, text, break_lines(text_final), _as_text(employee), _as_text(order))


def _as_text(value: object) -> str:
    return "" if value is None else str(value)


def feedback_report(world: World, request: Request) -> Reply:
    """Answer the ratings of a period, as JSON or CSV (SMS-F4 to SMS-F6)."""
    command = read_command(world, request, "feedback_report", _read_period)
    settings, period = command.settings, command.asked
    ratings = ratings_between(world, command.account.id, period.first, period.last)
    rows = (_rating_row(settings, rating) for rating in ratings)
    if period.format == "csv":
        return Reply(200, _csv(settings, rows), settings.csv_content_type, notes=command.notes)
    names = [settings.report_fields[name] for name in _REPORT_COLUMNS]
    return _json(settings, [dict(zip(names, row, strict=True)) for row in rows], command.notes)


def _read_period(settings: SmsVoteSettings, fields: Fields) -> _Period:
    report_format = fields.take("format", str)
    if report_format not in {"json", "csv"}:
        fields.refuse("format", f"{shown(report_format)}, json or csv expected")
    return _Period(report_format, *(take_date(fields, name, settings) for name in ("date_from", "date_to")))


_REPORT_COLUMNS = ("phone", "rating", "employee", "order", "date", "text")


def _rating_row(settings: SmsVoteSettings, rating: Rating) -> tuple[str | int, ...]:
    date = write_local(settings, rating.at)
    return rating.phone, rating.value, rating.employee, rating.order, date, rating.text


def _csv(settings: SmsVoteSettings, rows: Iterator[tuple[str | int, ...]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=settings.csv_separator, lineterminator=settings.csv_line_end)
    if settings.csv_header:
        writer.writerow([settings.report_fields[name] for name in _REPORT_COLUMNS])
    writer.writerows(rows)
    return text.getvalue().encode(settings.csv_encoding, "replace")


def vote_report(world: World, request: Request) -> Reply:
    """Answer a vote and its counts (SMS-V1 to SMS-V4, SMS-V8)."""
    command = read_command(world, request, "vote_report", _read_vote_nr)
    state = world.state(SmsVote)
    vote = reported_vote(state, command.account.id, command.asked)
    return _json(state.settings, _vote_report(state, vote), command.notes)


def _read_vote_nr(_: SmsVoteSettings, fields: Fields) -> int | None:
    vote_nr = fields.take_any("vote_nr", (int, str))
    if vote_nr == MOST_RECENT_ACTIVE:
        return None
    text = str(vote_nr)
    if isinstance(vote_nr, str) and not (text.isascii() and text.isdigit() and len(text) < 20):
        fields.refuse("vote_nr", f"{shown(vote_nr)}, a number or {MOST_RECENT_ACTIVE} expected")
    return int(text)


def _vote_report(state: SmsVote, vote: Vote) -> dict[str, object]:
    settings = state.settings
    key = settings.vote_keys
    return {
        key["id"]: vote.nr,
        key["name"]: vote.name,
        key["hash"]: vote.hash,
        key["multiple"]: int(vote.is_multiple) if settings.multiple_is_number else vote.is_multiple,
        key["status"]: vote.status,
        key["date_start"]: write_local(settings, vote.started_at),
        key["date_end"]: write_local(settings, vote.ended_at),
        key["question"]: vote.question,
        key["answers"]: [
            {
                key["option_global_id"]: option.global_id,
                key["option_id"]: option.code,
                key["option_text"]: option.text,
                key["option_votes"]: state.tally[option.global_id],
            }
            for option in vote.options
        ],
    }


def balance(world: World, request: Request) -> Reply:
    """Answer the account's balance, plain (SMS-B1)."""
    command = read_command(world, request, "balance", _read_nothing)
    settings = command.settings
    body = f"{command.account.balance:.{settings.balance_places}f}".encode()
    return Reply(settings.success_status, body, settings.success_content_type, notes=command.notes)


def _read_nothing(_: SmsVoteSettings, fields: Fields) -> None:
    """A command with no fields but `id` and `secure`."""


def _json(settings: SmsVoteSettings, value: object, notes: tuple[str, ...]) -> Reply:
    body = json.dumps(value, ensure_ascii=False).encode()
    return Reply(200, body, settings.json_content_type, notes=notes)


_COMMANDS = {
    "/api/command/send_message.php": (SEND_MESSAGE, send_message, ("SMS-M1", "SMS-M2", "SMS-M8")),
    "/api/command/feedback_report.php": ("feedback_report", feedback_report, ("SMS-F4", "SMS-F5", "SMS-F6")),
    "/api/command/vote_report.php": ("vote_report", vote_report, ("SMS-V1", "SMS-V3", "SMS-V4")),
    "/api/command/votereport.php": ("vote_report", vote_report, ("SMS-V1", "SMS-V3", "SMS-V4")),
    "/api/command/balance.php": ("balance", balance, ("SMS-B1",)),
}
_EVERY_COMMAND = ("SMS-G1", "SMS-G2")

_PAGES = (
    Operation("vote screen", "GET", "/", screen, query="v", claims=("SMS-V6",), said=say_nothing),
    Operation("vote export", "GET", "/", export, query="x", claims=("SMS-V6",), said=say_nothing),
)


def operations(settings: Settings) -> tuple[Operation, ...]:
    """Return the rows of sms-vote: every command by GET, and by POST where the settings accept it (SMS-G1)."""
    if not isinstance(settings, SmsVoteSettings):
        raise TypeError(f"SmsVoteSettings expected, not {type(settings).__name__}")
    methods = ("GET", "POST") if settings.accepts_post else ("GET",)
    commands = (
        Operation(name, method, path, handle, claims=(*claims, *_EVERY_COMMAND))
        for path, (name, handle, claims) in _COMMANDS.items()
        for method in methods
    )
    return (*commands, *_PAGES)


def refuse(world: World, _request: Request, refusal: Refusal) -> Reply:
    """Word a refusal as sms-vote does (SMS-G3, SMS-G4); why goes to the journal only."""
    settings = world.state(SmsVote).settings
    if refusal.code == NO_SUCH_PAGE:
        return no_such_page().because(refusal)
    if refusal.code == NO_SUCH_CALL:
        return Reply(404, b"Not Found").because(refusal)
    if refusal.code == WRONG_METHOD:
        return Reply(405, f"Method Not Allowed: {refusal.why}".encode("utf-8", "replace")).because(refusal)
    error = ERRORS[WRONG_JSON if refusal.code == TOO_LARGE else refusal.code]
    return Reply(settings.error_status, error.encode(), settings.error_content_type).because(refusal)
