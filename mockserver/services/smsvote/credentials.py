"""Whose call it is, by the account ids and hashes in it, and whom it names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar
from urllib.parse import quote

from mockserver.core.world import World
from mockserver.services.fields import parse_object
from mockserver.services.service import Request
from mockserver.services.smsvote.model import IncomingSms, Message, Prefix, Questionnaire, SmsVote, Vote
from mockserver.services.smsvote.votes import HASH_LENGTH

Owned = TypeVar("Owned", Prefix, Message, IncomingSms, Vote, Questionnaire)


def credentials(world: World) -> dict[str, object]:
    """Return what a command authenticates with: `id` and `secure` of the first account (SMS-G2)."""
    return next(({"id": each.id, "secure": each.secure} for each in world.state(SmsVote).accounts.values()), {})


def secrets(world: World) -> tuple[str, ...]:
    """Return the `secure` of every account."""
    return tuple(account.secure for account in list(world.state(SmsVote).accounts.values()))


def example(world: World, base_url: str) -> str:
    """Return a command line that asks for the balance, quoted so that any shell takes it."""
    command = quote(json.dumps(credentials(world), separators=(",", ":")), safe="")
    return f'curl -g "{base_url.rstrip("/")}/api/command/balance.php?json={command}" -w "\\n"'


def credentials_in(request: Request) -> frozenset[str]:
    """Return the account id, or the hash of a vote, that a request names."""
    try:
        fields = _fields_of(request)
        command = parse_object(fields.get("json", "{}"))
    except ValueError:
        return frozenset()
    named = (command.get("id"), fields.get("v"), fields.get("x"))
    return frozenset(str(value) for value in named if value)


def persons_of(request: Request) -> frozenset[str]:
    """Return the phones that a command has messages for."""
    try:
        messages = parse_object(_fields_of(request).get("json", "{}")).get("message")
    except ValueError:
        return frozenset()
    drafts = [draft for draft in messages if isinstance(draft, dict)] if isinstance(messages, list) else []
    return frozenset(str(draft["phone"]) for draft in drafts if "phone" in draft)


def _fields_of(request: Request) -> dict[str, str]:
    return request.params() if request.method == "GET" else request.form()


def owns(world: World, credentials: frozenset[str]) -> bool:
    """Say whether one of these is this world's: an account's id, or a vote's hash."""
    state = world.state(SmsVote)
    return any(
        (each.isascii() and each.isdigit() and len(each) < 20 and int(each) in state.accounts)
        or each in state.votes_by_hash
        for each in credentials
    )


def renew(world: World) -> dict[str, str]:
    """Give accounts a number and a secret of their own, and votes a hash; whatever names them follows.

    Return new names for secrets and hashes, where they stand in other places.
    """
    state, token = world.state(SmsVote), world.names.token
    _renumber(state, _new_numbers(world, state))
    secures = {account.secure: token()[32:] for account in state.accounts.values()}
    hashes = {old: token()[:HASH_LENGTH] for old in state.votes_by_hash}
    state.accounts = {
        number: replace(account, secure=secures[account.secure]) for number, account in state.accounts.items()
    }
    state.votes_by_hash = {hashes[old]: vote for old, vote in state.votes_by_hash.items()}
    for cabinet in state.cabinets.values():
        cabinet.votes = {nr: replace(vote, hash=hashes[vote.hash]) for nr, vote in cabinet.votes.items()}
    return secures | hashes if world.journal.written else {}


def _new_numbers(world: World, state: SmsVote) -> dict[int, int]:
    numbers: dict[int, int] = {}
    for old in state.accounts:
        new = 0
        while not new or new in numbers.values():
            new = _LOWEST + world.names.number(9 * _LOWEST)
        numbers[old] = new
    return numbers


def _renumber(state: SmsVote, numbers: Mapping[int, int]) -> None:
    def moved(fact: Owned) -> Owned:
        return replace(fact, account=numbers[fact.account])

    state.accounts = {numbers[old]: replace(account, id=numbers[old]) for old, account in state.accounts.items()}
    state.cabinets = {numbers[old]: cabinet for old, cabinet in state.cabinets.items()}
    for cabinet in state.cabinets.values():
        cabinet.votes = {nr: moved(vote) for nr, vote in cabinet.votes.items()}
    state.votes_by_hash = {name: (numbers[old], nr) for name, (old, nr) in state.votes_by_hash.items()}
    state.prefixes = {word: moved(prefix) for word, prefix in state.prefixes.items()}
    state.messages = {number: moved(message) for number, message in state.messages.items()}
    state.questionnaires = {number: moved(each) for number, each in state.questionnaires.items()}
    state.incoming = [moved(sms) for sms in state.incoming]
    state.last_sender = {phone: numbers[old] for phone, old in state.last_sender.items()}


_LOWEST = 100_000_000
"""Account numbers drawn at random have nine digits, so that no two worlds behind one port are likely to meet."""
