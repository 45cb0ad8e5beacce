"""Calls that nobody can make again, since the journal did not keep them whole, and what rests on them."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from mockserver.core.journal import Exchange
from mockserver.core.world import World

_NAME = re.compile("[A-Za-z0-9]{64}")


class Unkept(NamedTuple):
    """The `numbers` of accepted calls that cannot be made again, what they made, and what they were about, by names."""

    numbers: frozenset[int]
    made: frozenset[str]
    meant: frozenset[str]

    @staticmethod
    def of(world: World) -> Unkept:
        """Return those that a world's journal still holds."""
        calls = [each for each in world.journal.exchanges() if not each.is_exact and _is_accepted(each)]
        made = frozenset(name for each in calls for name in _NAME.findall(each.reply_body))
        meant = frozenset(name for each in calls for name in _NAME.findall(each.target))
        return Unkept(frozenset(each.number for each in calls), made, meant)

    def without(self, world: World) -> World:
        """Return a world as it is for a test that leaves them out: what they made is not in it."""
        if not self.made:
            return world
        copy = world.copy()
        for table in _tables(copy):
            for name in self.made & table.keys():
                del table[name]
        return copy

    def foregone(self, beginning: World, world: World) -> World:
        """Return the beginning of a world with what they were about in it as it became: nobody asks what became."""
        if not self.meant:
            return beginning
        copy = beginning.copy()
        for table, later in zip(_tables(copy), _tables(world), strict=True):
            table.update({name: later[name] for name in self.meant & later.keys()})
        return copy

    def are_named_in(self, *texts: str) -> bool:
        """Say whether a text is about what they made."""
        return bool(self.made) and any(not self.made.isdisjoint(_NAME.findall(text)) for text in texts)


def _tables(world: World) -> list[dict[str, Any]]:
    values = [getattr(state, name) for state in world.states.values() for name in state.__slots__]
    return [value for value in values if isinstance(value, dict)]


def _is_accepted(exchange: Exchange) -> bool:
    return exchange.status < 400 and not exchange.refusal


def remark_on(method: str, path: str) -> str:
    """Return what a test says in place of a call that rests on one that is left out."""
    return f"# {method} {path} is left out: it rests on a call that is."
