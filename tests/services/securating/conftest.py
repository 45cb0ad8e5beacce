"""A shop that calls Securating, without HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from mockserver.core.errors import Refusal
from mockserver.core.outbox import Letter
from mockserver.core.world import World
from mockserver.services import securating
from mockserver.services.securating.model import Invitation, Securating
from mockserver.services.service import Reply, Request

FORM = {"content-type": "application/x-www-form-urlencoded"}


class Shop:
    """Calls the service's rows as the gate does, and lets time pass."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.key = next(iter(self.state.websites))

    @property
    def state(self) -> Securating:
        return self.world.state(Securating)

    def call(self, method: str, path: str, query: str = "", args: dict[str, str] | None = None, **how: object) -> Reply:
        """Call the row with that path template."""
        request = Request(method, path, query, args=args or {}, **how)  # type: ignore[arg-type]
        rows = securating.SERVICE.operations(self.state.settings)
        row = next(row for row in rows if (row.method, row.path) == (method, path))
        try:
            reply = row.handle(self.world, request)
        except Refusal as refusal:
            reply = securating.SERVICE.refuse(self.world, request, refusal)
        self.wait()
        return reply

    def post(self, path: str, fields: dict[str, str]) -> Reply:
        return self.call("POST", path, body=urlencode(fields).encode(), headers=FORM)

    def create(self, path: str = "/invitation/create", **parameters: str) -> Reply:
        """Create an invitation for Anna unless `parameters` say otherwise."""
        return self.post(path, {"keywebsite": self.key, "email": "anna@example.com"} | parameters)

    def invite(self, **parameters: str) -> Invitation:
        """Create an invitation that must succeed."""
        reply = self.create(**parameters)
        assert reply.status == 200, reply.body.decode()
        return list(self.state.invitations.values())[-1]

    def now(self, invitation: Invitation) -> Invitation:
        """Return the invitation as it is now."""
        return self.state.invitations[invitation.token]

    def open(self, invitation: Invitation) -> Reply:
        return self.call("GET", "/review", f"securating_token={invitation.token}")

    def review(self, invitation: Invitation, **fields: str) -> Reply:
        query = f"securating_token={invitation.token}"
        return self.call("POST", "/review", query, body=urlencode(fields).encode(), headers=FORM)

    def wait(self, **how: float) -> None:
        """Let time pass."""
        until = self.world.clock.now + timedelta(**how)
        while self.world.step(until):
            pass

    @property
    def letters(self) -> list[Letter]:
        return [message for _, message in self.world.outbox.to() if isinstance(message, Letter)]

    def steps(self, invitation: Invitation) -> list[str]:
        """Return the steps that the webhook was told, acknowledging each."""
        return [call.step for call in self.world.webhooks.calls.values() if call.subject == invitation.token]

    def facts(self) -> object:
        """Return everything that a refusal must leave as it was."""
        world = self.world
        return self.state.copy(), len(world.outbox), world.agenda.promised, len(world.webhooks.calls)


@pytest.fixture
def shop(world: World) -> Shop:
    return Shop(world)


@pytest.fixture
def shop_with(world_with: Callable[..., World]) -> Callable[..., Shop]:
    return lambda *overrides: Shop(world_with(*overrides))
