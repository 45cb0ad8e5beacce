"""A second world like the first, under credentials of its own, so that one port may answer for both."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mockserver.core.randomness import Randomness
from mockserver.core.world import World
from mockserver.runtime.snapshot_file import read_snapshot, write_snapshot
from mockserver.services import SERVICES

SHORTEST = 16
"""Characters of a name that stands nowhere by chance."""


def fork_world(world: World, seed: str) -> World:
    """Return a copy of a world that can live beside it, with other keys, tokens, hashes and account numbers.

    They are drawn from the seed of its names and this one, and follow into links, letters, tasks and webhooks. Forks
    that live beside each other need different seeds; their chance is that of the world.
    """
    fork = world.copy()
    fork.names = Randomness(f"{world.names.seed}/{seed}")
    return renewed(fork)


def renewed(world: World) -> World:
    """Return a world with credentials of its own wherever the old ones stood; the given world has changed too."""
    names: dict[str, str] = {}
    for service in SERVICES:
        names |= service.renew(world)
    names = {old: new for old, new in names.items() if len(old) >= SHORTEST}
    return read_snapshot(_renamed(write_snapshot(world), names)) if names else world


def _renamed(text: str, names: Mapping[str, str]) -> str:
    """Put new names in place of old ones: letters, digits, `-` and `_`, too long to stand anywhere by chance."""
    lengths = {len(name) for name in names}

    def rename(run: re.Match[str]) -> str:
        word = run[0]
        if word in names:
            return names[word]
        for length in lengths:
            for start in range(len(word) - length + 1):
                if new := names.get(word[start : start + length]):
                    word = word[:start] + new + word[start + length :]
        return word

    return re.sub(rf"[A-Za-z0-9_-]{{{min(lengths)},}}", rename, text)
