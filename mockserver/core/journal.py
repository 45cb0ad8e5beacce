"""What came in, what was answered, and why; bounded, and honest about what it no longer holds."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime

BODY_KEPT = 4096
"""How many characters of a request or an answer an exchange keeps."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call on a service and its answer. `notes` say what the caller could not see, such as why it was refused."""

    number: int
    at: datetime
    service: str
    operation: str
    method: str
    target: str
    request_body: str
    status: int
    reply_body: str
    notes: tuple[str, ...] = ()
    crashed: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened without a call, such as a text message that nobody waited for."""

    number: int
    at: datetime
    service: str
    what: str


class Journal:
    """The newest `capacity` entries, each under the number (from 1) it had from the start."""

    __slots__ = ("_entries", "written")

    def __init__(self, capacity: int = 1000) -> None:
        self._entries: deque[Exchange | Event] = deque(maxlen=capacity)
        self.written = 0

    def note(self, at: datetime, service: str, what: str) -> None:
        """Write down an event."""
        self.written += 1
        self._entries.append(Event(self.written, at, service, what))

    def write(self, exchange: Exchange) -> None:
        """Write down an exchange, made with `number=journal.written + 1`."""
        self.written += 1
        self._entries.append(exchange)

    @property
    def evicted(self) -> int:
        """How many entries are no longer held."""
        return self.written - len(self._entries)

    def entries(self) -> list[Exchange | Event]:
        """Return what is held, oldest first."""
        return list(self._entries)

    def exchanges(self) -> list[Exchange]:
        """Return the exchanges that are held, oldest first."""
        return [entry for entry in self._entries if isinstance(entry, Exchange)]

    def copy(self) -> Journal:
        """Return a snapshot."""
        twin = Journal()
        twin._entries = self._entries.copy()
        twin.written = self.written
        return twin
