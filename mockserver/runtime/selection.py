"""Choosing among the entries of a journal, and saying so where what was asked for is no longer held."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from mockserver.core.errors import Evicted
from mockserver.core.journal import Event, Exchange, Journal
from mockserver.runtime.encodings import pattern_of


@dataclass(frozen=True, slots=True)
class Selection:
    """Which entries: with numbers above `after` and below `before`, and fitting whatever else is said.

    `refused` is true for calls that a service declined, false for all others. `contains` is looked for in target,
    bodies and notes (of an event: in what happened), whatever its case, and however it is encoded.
    """

    after: int | None = None
    before: int | None = None
    service: str = ""
    operation: str = ""
    status: int | None = None
    refused: bool | None = None
    contains: str = ""

    def admits(self, entry: Exchange | Event) -> bool:
        """Say whether an entry fits, whatever its number."""
        if self.service and entry.service != self.service:
            return False
        if isinstance(entry, Event):
            asks_for_calls = self.operation or self.status is not None or self.refused is not None
            return not asks_for_calls and self.contains.casefold() in entry.what.casefold()
        return (
            (not self.operation or entry.operation == self.operation)
            and (self.status is None or entry.status == self.status)
            and (self.refused is None or bool(entry.refusal) == self.refused)
            and (not self.contains or _holds(entry, self.contains))
        )


def select(journal: Journal, selection: Selection) -> list[Exchange | Event]:
    """Return the entries that a selection admits, oldest first. Raises `Evicted` when some of its range are gone."""
    if gap := _gap(journal, selection):
        raise Evicted(
            f"entries {gap[0]} to {gap[-1]} are no longer held; "
            f"the journal holds the newest {journal.written - journal.evicted}, from {journal.evicted + 1} on"
        )
    after = 0 if selection.after is None else selection.after
    before = journal.written + 1 if selection.before is None else selection.before
    return [entry for entry in journal.entries() if after < entry.number < before and selection.admits(entry)]


def check_none_evicted(journal: Journal, selection: Selection) -> None:
    """Refuse to say that nothing fits where what is no longer held may have. Raises `Evicted`."""
    begins_before = (selection.after or 0) < journal.evicted
    if begins_before and (selection.before is None or selection.before > 1):
        raise Evicted(
            f"none of the newest {journal.written - journal.evicted} entries fits, and whether an older one did is no "
            f"longer known: those up to {journal.evicted} are not held"
        )


def _gap(journal: Journal, selection: Selection) -> range:
    """Return the numbers that are asked for and no longer held."""
    first_held = journal.evicted + 1
    end = first_held if selection.before is None else min(selection.before, first_held)
    if selection.after is not None:
        return range(selection.after + 1, end)
    # Without `after`, what is held is all that is asked for; unless none of what lies before `before` is held.
    holds_some = selection.before is None or selection.before > first_held
    return range(0) if holds_some else range(1, end)


def find_entry(journal: Journal, number: int) -> Exchange | Event | None:
    """Find one entry by its number; None for one that was never written. Raises `Evicted`."""
    found = select(journal, Selection(after=number - 1, before=number + 1)) if number > 0 else []
    return found[0] if found else None


def _holds(exchange: Exchange, wanted: str) -> bool:
    search = _searcher(wanted)
    return bool(
        search(exchange.target)
        or search(exchange.request_body)
        or search(exchange.reply_body)
        or any(map(search, exchange.notes))
    )


@lru_cache(16)
def _searcher(wanted: str) -> Callable[[str], re.Match[str] | None]:
    return re.compile(pattern_of(wanted), re.IGNORECASE).search
