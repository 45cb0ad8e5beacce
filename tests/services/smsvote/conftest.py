"""An integrator who calls sms-vote, its customers and participants, without HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from mockserver.core.errors import Refusal
from mockserver.core.journal import Event
from mockserver.core.outbox import Sms
from mockserver.core.world import World
from mockserver.services import smsvote
from mockserver.services.service import Reply, Request
from mockserver.services.smsvote.model import Account, Cabinet, SmsVote
from mockserver.services.smsvote.rules import change_account, open_account

PHONE = "71234567890"
SECURE = "05ea83436373cae23787455c5fd1de87"


class Integrator:
    """Calls the service's rows as the gate does, lets phones answer, and lets time pass."""

    def __init__(self, world: World) -> None:
        self.world = world

    @property
    def state(self) -> SmsVote:
        return self.world.state(SmsVote)

    @property
    def account(self) -> Account:
        return self.state.accounts[52]

    @property
    def cabinet(self) -> Cabinet:
        return self.state.cabinets[52]

    def call(self, method: str, path: str, query: str = "", body: bytes = b"", **headers: str) -> Reply:
        """Call the row with that path."""
        request = Request(method, path, query, headers, body)
        rows = smsvote.SERVICE.operations(self.state.settings)
        there = [row for row in rows if (row.method, row.path) == (method, path)]
        row = next(row for row in there if row.query == "" or f"{row.query}=" in query)
        try:
            return row.handle(self.world, request)
        except Refusal as refusal:
            return smsvote.SERVICE.refuse(self.world, request, refusal)

    def ask(self, command: str, **fields: object) -> Reply:
        """Give a command by GET, with the demo account's credentials unless `fields` say otherwise."""
        stated = {"id": 52, "secure": SECURE} | fields
        return self.say(command, json.dumps(stated, ensure_ascii=False))

    def say(self, command: str, text: str) -> Reply:
        """Give a command by GET with that text as its `json`."""
        return self.call("GET", f"/api/command/{command}.php", f"json={quote(text)}")

    def send(self, *messages: Mapping[str, object], **fields: object) -> Reply:
        """Send messages, one to the usual phone when none is given."""
        drafts = [{"phone": PHONE, "text": "Оцените нас от 1 до 5", **message} for message in messages or ({},)]
        return self.ask("send_message", **({"transport": "sms", "message": drafts} | fields))

    def report(self, **fields: object) -> Any:
        """Return the ratings of all time."""
        period = {"date_from": "2000-01-01 00:00:00", "date_to": "2100-01-01 00:00:00"}
        return json.loads(self.ask("feedback_report", **({"format": "json"} | period | fields)).body)

    def vote(self, vote_nr: object = 29) -> Any:
        """Return what the report says of a vote."""
        return json.loads(self.ask("vote_report", vote_nr=vote_nr).body)

    def control(self, method: str, path: str, body: object = None, query: str = "", **args: str) -> Reply:
        """Call the control row with that path template; a refusal is raised."""
        row = next(row for row in smsvote.SERVICE.controls if (row.method, row.path) == (method, path))
        sent = b"" if body is None else json.dumps(body).encode()
        return row.handle(self.world, Request(method, path, query, {}, sent, args))

    def phone_sends(self, text: str, phone: str = PHONE, **fields: object) -> Any:
        """Let a phone send a text message; return what became of it."""
        reply = self.control("POST", "/phones/<phone>/send", {"text": text} | fields, phone=phone)
        return json.loads(reply.body)

    def texts(self, phone: str = PHONE) -> list[tuple[str, str]]:
        """Return kind and text of what a phone has received."""
        return [(sms.kind, sms.text) for _, sms in self.world.outbox.to(phone) if isinstance(sms, Sms)]

    def notes(self) -> list[str]:
        """Return what the journal was told without a call."""
        return [entry.what for entry in self.world.journal.entries() if isinstance(entry, Event)]

    def wait(self, **how: float) -> None:
        """Let time pass."""
        until = self.world.clock.now + timedelta(**how)
        while self.world.step(until):
            pass

    def change(self, **changes: object) -> None:
        """Change the account as the administration does."""
        self.control("POST", "/accounts/<id>", changes, id="52")

    def open(self, account: Account, *prefixes: str) -> None:
        """Have another account opened."""
        open_account(self.world, account, prefixes)

    def put(self, account: Account) -> None:
        """Put an account in place of the one with its id."""
        change_account(self.world, account)

    def facts(self) -> object:
        """Return everything that a refusal must leave as it was."""
        state = self.state
        tables = [getattr(state, name) for name in state.__slots__ if name not in {"settings", "cabinets"}]
        cabinets = [[getattr(one, name) for name in one.__slots__] for one in state.cabinets.values()]
        copied = [table.copy() if hasattr(table, "copy") else table for table in tables]
        kept = [[table.copy() for table in cabinet] for cabinet in cabinets]
        return copied, kept, len(self.world.outbox), self.world.agenda.promised, self.world.journal.written


@pytest.fixture
def integrator(world: World) -> Integrator:
    return Integrator(world)


@pytest.fixture
def integrator_with(world_with: Callable[..., World]) -> Callable[..., Integrator]:
    """Make an integrator of a world with settings such as `"smsvote.accepts_post=false"`."""
    return lambda *overrides: Integrator(world_with(*(f"smsvote.{override}" for override in overrides)))
