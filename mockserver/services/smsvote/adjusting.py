"""What a test wants otherwise in its world: the account, settings."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.core.world import World
from mockserver.services.facts import to_json
from mockserver.services.fields import Fields
from mockserver.services.smsvote.model import SmsVote
from mockserver.services.smsvote.reading import take_account, take_prefixes
from mockserver.services.smsvote.rules import change_account, find_account
from mockserver.services.smsvote.settings import SmsVoteSettings


def adjust(world: World, wanted: Mapping[str, object], path: str) -> None:
    """Adjust the first account (`balance`, `daily_limit`, `prefixes` …), else settings.

    Raises `InvalidInput` or `Refusal`.
    """
    state = world.state(SmsVote)
    account = find_account(state)
    fields = Fields(to_json(dict(wanted)), path)
    changed, prefixes = take_account(fields, account), take_prefixes(fields)
    settings = {name: value for name, value in wanted.items() if fields.path_of(name) in fields.left()}
    if any(name not in SmsVoteSettings.__slots__ for name in settings):
        fields.finish()
    overridden = state.settings.override(settings, path) if settings else state.settings
    change_account(world, changed, prefixes)
    state.settings = overridden
    state.pinned.update(settings)
