"""Whose call it is, by the keys and tokens in it, and whom it names."""

from __future__ import annotations

from dataclasses import replace

from mockserver.core.world import World
from mockserver.services.securating.model import Securating
from mockserver.services.service import Request


def credentials(world: World) -> dict[str, object]:
    """Return what a shop authenticates with: the key of the first website (SEC-C5)."""
    return {"keywebsite": next(iter(world.state(Securating).websites), "")}


def secrets(world: World) -> tuple[str, ...]:
    """Return the key of every website."""
    return tuple(world.state(Securating).websites)


def example(world: World, base_url: str) -> str:
    """Return a command line that creates an invitation, quoted so that any shell takes it."""
    key = credentials(world)["keywebsite"]
    given = f"-d keywebsite={key} -d email=anna@example.com -d first_name=Anna"
    return f'curl {base_url}/invitation/create {given} -w "\\n"'


def credentials_in(request: Request) -> frozenset[str]:
    """Return every key or token in a request, whatever the call it is for."""
    try:
        fields = request.params() | request.form()
    except ValueError:
        fields = {}
    named = {fields.get("keywebsite"), fields.get("token"), *request.args.values()}
    tokens = {value for value in fields.values() if len(value) == 64}
    return frozenset(value for value in named | tokens if value)


def persons_of(request: Request) -> frozenset[str]:
    """Return the e-mail addresses that a request names."""
    try:
        fields = request.form()
    except ValueError:
        return frozenset()
    return frozenset(fields[name] for name in ("email", "securating_email") if name in fields)


def owns(world: World, credentials: frozenset[str]) -> bool:
    """Say whether one of these is this world's: a website's key, or an invitation's token."""
    state = world.state(Securating)
    return any(each in state.websites or each in state.invitations for each in credentials)


def renew(world: World) -> dict[str, str]:
    """Give every website a key of its own; return new names for keys and tokens, where they stand in other places."""
    state, token = world.state(Securating), world.names.token
    keys = {key: token() for key in state.websites}
    state.websites = {keys[key]: replace(website, key=keys[key]) for key, website in state.websites.items()}
    has_lived = state.invitations or world.journal.written
    return keys | {invited: token() for invited in state.invitations} if has_lived else {}
