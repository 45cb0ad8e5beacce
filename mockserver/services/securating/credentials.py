"""Whose call it is: the keys and tokens by which a request belongs to one world."""

from __future__ import annotations

from dataclasses import replace

from mockserver.core.world import World
from mockserver.services.securating.model import Securating
from mockserver.services.service import Request


def credentials(world: World) -> dict[str, object]:
    """Return what a shop authenticates with: the key of the first website (SEC-C5)."""
    return {"keywebsite": next(iter(world.state(Securating).websites), "")}


def example(world: World, base_url: str) -> str:
    """Return a command line that creates an invitation, quoted so that any shell takes it."""
    key = credentials(world)["keywebsite"]
    given = f"-d keywebsite={key} -d email=anna@example.com -d first_name=Anna -d days=0"
    return f"curl {base_url}/invitation/create {given}"


def claims_of(request: Request) -> frozenset[str]:
    """Return every key or token in a request, whatever the call it is for."""
    try:
        fields = request.params() | request.form()
    except ValueError:
        fields = {}
    named = {fields.get("keywebsite"), fields.get("token"), *request.args.values()}
    tokens = {value for value in fields.values() if len(value) == 64}
    return frozenset(value for value in named | tokens if value)


def owns(world: World, claims: frozenset[str]) -> bool:
    """Say whether a request with these claims is this world's."""
    state = world.state(Securating)
    return any(claim in state.websites or claim in state.invitations for claim in claims)


def renew(world: World) -> None:
    """Give every website of a new world a key of its own."""
    state = world.state(Securating)
    websites = [replace(website, key=world.randomness.token()) for website in state.websites.values()]
    state.websites = {website.key: website for website in websites}
