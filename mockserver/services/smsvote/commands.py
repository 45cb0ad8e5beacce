"""Reading a command: its JSON, its account and its fields, checked in the order of the settings (SMS-G5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.core.errors import Refusal
from mockserver.core.world import World
from mockserver.services.fields import BAD_REQUEST, Fields, parse_object, shown
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
        return notes_on(self.fields.left())


def notes_on(unread: Iterable[str]) -> tuple[str, ...]:
    """Return what the journal should say about fields that nobody read."""
    return tuple(f"{path}: no such field, not read" for path in unread)


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
        raise Refusal(command.settings.bad_fields_error, refusal.why, refusal.field) from None
    return command


def _read_json(command: Command) -> None:
    request, given = command.request, {}
    try:
        given = request.params() if request.method == "GET" else request.form()
        command.fields = Fields(parse_object(_json_of(request, given)))
    except ValueError as problem:
        beside = next((name for name in given if name != "json"), None)
        hint = "" if beside is None else f"; beside json came {shown(beside)}: is there a bare & in the JSON?"
        raise Refusal(WRONG_JSON, f"{problem}{hint}", "json") from None


def _json_of(request: Request, given: Mapping[str, str]) -> str:
    if "json" in given:
        return given["json"]
    if request.method == "GET":
        raise ValueError("no such parameter in the query")
    media_type = request.headers.get("content-type", "")
    raise ValueError(f"no such field in a form body; the content type is {shown(media_type)}")


def _authenticate(command: Command) -> None:
    given, secure = command.fields.take_any("id", (int, str)), command.fields.take("secure", str)
    digits = str(given)
    if isinstance(given, str) and not (digits.isascii() and digits.isdigit() and len(digits) < 20):
        command.fields.refuse("id", f"{shown(given)}, a number or a text of digits expected")
    accounts = command.world.state(SmsVote).accounts
    account = accounts.get(int(digits))
    if account is None:
        known = ", ".join(map(str, list(accounts)[:20])) or "none"
        raise Refusal(WRONG_USER, f"no account {digits}; there are: {known}", "id")
    if account.secure != secure:
        raise Refusal(WRONG_USER, _difference(secure, account), "secure")
    command.account = account


def _difference(given: str, account: Account) -> str:
    """Say how near a wrong secret comes, without giving the right one away."""
    right, whose = account.secure, f"account {account.id}'s"
    if given.strip() == right:
        return f"differs from {whose} by white space around it"
    if given.casefold() == right.casefold():
        return f"differs from {whose} in upper and lower case"
    if len(given) != len(right):
        return f"has {len(given)} characters, {whose} has {len(right)}"
    places = [index for index, pair in enumerate(zip(given, right, strict=True), 1) if pair[0] != pair[1]]
    if places == [len(right)]:
        return f"differs from {whose} in its last character"
    return f"differs from {whose} in {len(places)} of {len(right)} characters, the first of them character {places[0]}"


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
