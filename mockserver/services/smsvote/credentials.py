"""Whose call it is: the account ids and hashes by which a request belongs to one world."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import quote

from mockserver.core.world import World
from mockserver.services.fields import parse_object
from mockserver.services.service import Request
from mockserver.services.smsvote.model import SmsVote


def credentials(world: World) -> dict[str, object]:
    """Return what a command authenticates with: `id` and `secure` of the first account (SMS-G2)."""
    return next(({"id": each.id, "secure": each.secure} for each in world.state(SmsVote).accounts.values()), {})


def example(world: World, base_url: str) -> str:
    """Return a command line that asks for the balance, quoted so that any shell takes it."""
    command = quote(json.dumps(credentials(world), separators=(",", ":")), safe="")
    return f'curl -g "{base_url.rstrip("/")}/api/command/balance.php?json={command}"'


def claims_of(request: Request) -> frozenset[str]:
    """Return the account id, or the hash of a vote, that a request names."""
    try:
        fields = request.params() if request.method == "GET" else request.form()
        command = parse_object(fields.get("json", "{}"))
    except ValueError:
        return frozenset()
    named = (command.get("id"), fields.get("v"), fields.get("x"))
    return frozenset(str(value) for value in named if value)


def owns(world: World, claims: frozenset[str]) -> bool:
    """Say whether a request with these claims is this world's."""
    state = world.state(SmsVote)
    return any(
        (claim.isascii() and claim.isdigit() and len(claim) < 20 and int(claim) in state.accounts)
        or claim in state.votes_by_hash
        for claim in claims
    )


def renew(world: World) -> None:
    """Give every account of a new world an id and a secret of its own; whatever names the account follows."""
    state = world.state(SmsVote)
    for old in list(state.accounts.values()):
        token = world.randomness.token()
        new = replace(old, id=_LOWEST + int(token[:8], 16) % _LOWEST, secure=token[32:])
        state.accounts[new.id] = new
        del state.accounts[old.id]
        cabinet = state.cabinets.pop(old.id)
        cabinet.votes = {nr: replace(vote, account=new.id) for nr, vote in cabinet.votes.items()}
        state.cabinets[new.id] = cabinet
        state.votes_by_hash.update((vote.hash, (new.id, vote.nr)) for vote in cabinet.votes.values())
        state.questionnaires = {
            number: replace(each, account=new.id) if each.account == old.id else each
            for number, each in state.questionnaires.items()
        }
        mine = [prefix for prefix in state.prefixes.values() if prefix.account == old.id]
        state.prefixes.update((prefix.word.casefold(), replace(prefix, account=new.id)) for prefix in mine)


_LOWEST = 100_000
"""Account ids drawn at random have six digits; two of one world meeting is a matter of a hundred thousand to one."""
