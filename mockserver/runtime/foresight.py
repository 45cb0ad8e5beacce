"""What a promise will bring about, in the words that every door uses for it."""

from __future__ import annotations

from contextlib import suppress

from mockserver.core.agenda import Promise
from mockserver.core.world import World
from mockserver.services import SERVICES
from mockserver.services.lives import Foreseen, Moment


def foreseen(world: World, promise: Promise) -> Foreseen:
    """Say in words what a promise is; one that no service knows goes by the name of its task."""
    for service in SERVICES:
        with suppress(KeyError):  # one that was kept before a reset may be about what is no more
            if known := service.foresee(world, promise):
                return known
    return Foreseen("", Moment(promise.due, "call", type(promise.task).__name__, is_planned=True))
