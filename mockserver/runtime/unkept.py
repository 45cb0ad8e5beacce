"""Calls that nobody can make again, since the journal did not keep them whole, and what rests on them."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from mockserver.core.journal import Exchange
from mockserver.core.world import World

_NAME = re.compile("[A-Za-z0-9]{64}")


class Unkept(NamedTuple):
    """Accepted calls that a test cannot make again, since the journal holds only a part of each request.

    `numbers` are those of their entries; `made` are the tokens in their answers, `meant` those in their addresses.
    """

    numbers: frozenset[int]
    made: frozenset[str]
    meant: frozenset[str]

    @staticmethod
    def of(world: World) -> Unkept:
        """Return those in a world's journal."""
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
        """Return the beginning of a world with what they were about as it became: so nothing is asserted of that."""
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
