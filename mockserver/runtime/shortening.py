"""Secrets, shortened wherever something is shown: journal, reports, log and exports."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from mockserver.core.journal import Event, Exchange
from mockserver.core.world import World
from mockserver.runtime.encodings import pattern_of
from mockserver.services import SERVICES

SHORTEST_SECRET = 8
"""What has fewer characters may stand anywhere by accident, and is left as it is."""

_TELLING = 12
"""A text that begins with so many characters of a secret gives it away, whatever its end."""


Shorten = Callable[[str], str]


def shortener(world: World) -> Shorten:
    """Return what leaves of every secret of a world no more than its beginning, however it is encoded or ends."""
    pattern = _pattern(tuple(secret for service in SERVICES for secret in service.secrets(world)))
    return (lambda text: pattern.sub(_beginning, text)) if pattern else str


def shorten_secrets(world: World, text: str) -> str:
    """Shorten every secret of a world in one text."""
    return shortener(world)(text)


def shorten_entry(entry: Exchange | Event, shorten: Shorten) -> Exchange | Event:
    """Shorten the secrets in an entry of the journal."""
    if isinstance(entry, Event):
        return replace(entry, what=shorten(entry.what))
    return entry._replace(
        target=shorten(entry.target),
        request_body=shorten(entry.request_body),
        reply_body=shorten(entry.reply_body),
        notes=tuple(map(shorten, entry.notes)),
    )


@lru_cache(64)
def _pattern(secrets: tuple[str, ...]) -> re.Pattern[str] | None:
    long_enough = [secret for secret in secrets if len(secret) >= SHORTEST_SECRET]
    if not long_enough:
        return None
    alternatives = [f"{pattern_of(each)}|{pattern_of(each[:_TELLING])}[0-9A-Za-z]*" for each in long_enough]
    return re.compile("|".join(alternatives), re.IGNORECASE)


def _beginning(match: re.Match[str]) -> str:
    return f"{match[0][:6] if len(match[0]) >= 16 else match[0][:2]}…"
