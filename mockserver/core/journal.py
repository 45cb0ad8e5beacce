"""What came in, what was answered, and why; bounded, and honest about what it no longer holds."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from mockserver.core.instants import UTC


class Exchange(NamedTuple):
    """One call on a service and its answer; `notes` say what the caller could not see, such as why it was refused.

    `claims` are those that the answer rests on, `grade` the weakest of their grades; `refusal` is the service's code
    for a call it declined. Bodies are kept as text, up to a bound: `is_exact` where the request's is all that came.
    `at` is the world's instant, `began` the wall clock's in seconds since 1970; the answer took real `seconds`.
    """

    number: int
    at: datetime
    service: str
    operation: str
    method: str
    target: str
    request_body: str
    status: int
    reply_body: str
    notes: tuple[str, ...]
    crashed: bool
    refusal: str
    claims: tuple[str, ...]
    grade: str
    tenant: str
    origin: str
    request_type: str
    reply_type: str
    is_exact: bool
    began: float
    seconds: float

    @property
    def real_at(self) -> datetime:
        """The wall clock's instant."""
        return datetime.fromtimestamp(self.began, UTC)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened without a call, such as a text message that nobody waited for."""

    number: int
    at: datetime
    service: str
    what: str


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did through the control surface, kept so that it can be written down as a test.

    It was done after the journal's entry number `place`, from the instant `at` to the instant `by` (an advance takes
    time); `said` is the line of Python with which a test does it.
    """

    place: int
    at: datetime
    by: datetime
    said: str


class Journal:
    """The newest `capacity` entries, each under the number (from 1) it had from the start; and the newest deeds."""

    __slots__ = ("_entries", "capacity", "deeds", "written")

    def __init__(self, capacity: int = 1000) -> None:
        self.capacity = capacity
        self._entries: deque[Exchange | Event] = deque(maxlen=capacity)
        self.deeds: deque[Deed] = deque(maxlen=capacity)
        self.written = 0

    def note(self, at: datetime, service: str, what: str) -> None:
        """Write down an event."""
        self.write(Event(self.written + 1, at, service, what))

    def write(self, entry: Exchange | Event) -> None:
        """Write down an entry, made with `number=journal.written + 1`."""
        self.written += 1
        self._entries.append(entry)

    @property
    def evicted(self) -> int:
        """How many entries are no longer held: those up to this number."""
        return self.written - len(self._entries)

    def entries(self) -> list[Exchange | Event]:
        """Return what is held, oldest first."""
        return list(self._entries)

    def exchanges(self) -> list[Exchange]:
        """Return the exchanges that are held, oldest first."""
        return [entry for entry in self._entries if isinstance(entry, Exchange)]

    def copy(self, capacity: int | None = None) -> Journal:
        """Return a snapshot, which may be bounded anew."""
        twin = Journal(capacity or self.capacity)
        twin._entries.extend(self._entries)
        twin.deeds.extend(self.deeds)
        twin.written = self.written
        return twin
