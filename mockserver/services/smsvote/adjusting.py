"""What a test wants otherwise in its world: the account, settings."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.core.world import World
from mockserver.services.facts import keywords_to_json
from mockserver.services.fields import Fields
from mockserver.services.smsvote.model import SmsVote
from mockserver.services.smsvote.reading import take_account, take_prefixes
from mockserver.services.smsvote.rules import change_account
from mockserver.services.smsvote.settings import SmsVoteSettings


def adjust(world: World, wanted: Mapping[str, object], path: str) -> None:
    """Adjust the first account (`balance`, `daily_limit`, `prefixes` …), else settings.

    Raises `InvalidInput` or `Refusal`.
    """
    state = world.state(SmsVote)
    settings = {name: value for name, value in wanted.items() if name in SmsVoteSettings.__slots__}
    overridden = state.settings.override(settings, path)
    if others := {name: value for name, value in wanted.items() if name not in settings}:
        _change(world, others, path)
    state.settings = overridden
    state.pinned.update(settings)


def _change(world: World, wanted: Mapping[str, object], path: str) -> None:
    fields, account = Fields(keywords_to_json(wanted), path), next(iter(world.state(SmsVote).accounts.values()), None)
    if account is None:
        fields.refuse(next(iter(wanted)), "this world has no account, one to change expected")
    changed, prefixes = take_account(fields, account), take_prefixes(fields)
    for setting in SmsVoteSettings.__slots__:
        fields.take(setting, str, "")  # none is among them, but one may be what a misspelt name was meant to be
    fields.finish()
    change_account(world, changed, prefixes)
