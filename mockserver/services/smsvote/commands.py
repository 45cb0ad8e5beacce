"""Reading a command: its JSON, its account and its fields, checked in the order of the settings (SMS-G5)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.core.errors import Refusal
from mockserver.core.world import World
from mockserver.services.fields import BAD_REQUEST, Fields, parse_object, shown
from mockserver.services.nearness import difference
from mockserver.services.service import Request
from mockserver.services.smsvote.errors import WRONG_JSON, WRONG_USER
from mockserver.services.smsvote.model import Account, SmsVote
from mockserver.services.smsvote.rules import SEND_MESSAGE, check_permission
from mockserver.services.smsvote.settings import SmsVoteSettings

ReadFields = Callable[[SmsVoteSettings, Fields], Any]
"""Reads the fields that a command has beside `id` and `secure`."""


@dataclass(slots=True)
class Command:
    """A command as far as it has been read: every check fills in what it found."""

    name: str
    world: World
    request: Request
    read: ReadFields
    fields: Fields = field(init=False)
    account: Account = field(init=False)
    asked: Any = field(init=False)

    @property
    def settings(self) -> SmsVoteSettings:
        """The assumptions it is read under."""
        return self.world.state(SmsVote).settings

    @property
    def notes(self) -> tuple[str, ...]:
        """What the journal should say about it although it was not refused."""
        return tuple(self.fields.unread())


def read_command(world: World, request: Request, name: str, read: ReadFields) -> Command:
    """Read a command; the first check that fails raises its `Refusal`.

    Reading messages to send ends where the limits begin: `send_messages` weighs them, and goes on in the same order.
    """
    command = Command(name, world, request, read)
    try:
        for check in command.settings.check_order:
            if check in _CHECKS:
                _CHECKS[check](command)
            elif name == SEND_MESSAGE:
                break
    except Refusal as refusal:
        if refusal.code != BAD_REQUEST:
            raise
        code, field = command.settings.bad_fields_error, f"json: {refusal.field}"
        raise Refusal(code, refusal.why, field, refusal.hint, ("SMS-G6",)) from None
    return command


def _read_json(command: Command) -> None:
    request, given = command.request, {}
    try:
        given = request.params() if request.method == "GET" else request.form()
        command.fields = Fields(parse_object(_json_of(request, given)))
    except ValueError as problem:
        beside = next((name for name in given if name != "json"), None) if "json" in given else None
        hint = "" if beside is None else f"beside json came {shown(beside)}: is there a bare & in the JSON?"
        raise Refusal(WRONG_JSON, _place_of(problem), "json", hint) from None


def _place_of(problem: ValueError) -> str:
    """Say what is wrong with the JSON, and where."""
    if not isinstance(problem, json.JSONDecodeError):
        return str(problem)
    if problem.pos >= len(problem.doc):
        return f"{problem.msg}, at its end, after {shown(problem.doc[-20:])}"
    around = problem.doc[max(problem.pos - 20, 0) : problem.pos + 20]
    return f"{problem.msg}, at character {problem.pos + 1} of {len(problem.doc)}, near {shown(around)}"


def _json_of(request: Request, given: Mapping[str, str]) -> str:
    if "json" in given:
        return given["json"]
    near = ", ".join(shown(name) for name in given) or "nothing"
    if request.method == "GET":
        raise ValueError(f"no such parameter in the query, a JSON object expected; there is: {near[:200]}")
    media_type = request.headers.get("content-type", "")
    raise ValueError(
        f"no such field in a form body, a JSON object expected; the content type is {shown(media_type)}, "
        f"there is: {near[:200]}"
    )


def _authenticate(command: Command) -> None:
    given, secure = command.fields.take_any("id", (int, str)), command.fields.take("secure", str)
    digits = str(given)
    if isinstance(given, str) and not (digits.isascii() and digits.isdigit() and len(digits) < 20):
        command.fields.refuse("id", f"{shown(given)}, a number or a text of digits expected")
    accounts = command.world.state(SmsVote).accounts
    account = accounts.get(int(digits))
    if account is None:
        known = ", ".join(map(str, list(accounts)[:20])) or "none"
        owner = next((each.id for each in accounts.values() if each.secure == secure), None)
        hint = "" if owner is None else f"secure is account {owner}'s"
        raise Refusal(WRONG_USER, f"no account {digits}; there are: {known}", "id", hint)
    if account.secure != secure:
        whose = f"account {account.id}'s"
        raise Refusal(WRONG_USER, f"secure {difference(secure, account.secure, whose)}")
    command.account = account


def _check_api(command: Command) -> None:
    check_permission(command.world, command.account, command.name)


def _read_fields(command: Command) -> None:
    command.asked = command.read(command.settings, command.fields)


_CHECKS: dict[str, Callable[[Command], None]] = {
    "json": _read_json,
    "account": _authenticate,
    "api": _check_api,
    "fields": _read_fields,
}
