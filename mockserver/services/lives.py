"""What happened, and what will, to each thing a service looks after: the rows of a timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened, or `is_planned`; `kind` chooses its sign: `call`, `mail`, `sms`, `person`, `webhook`."""

    at: datetime
    kind: str
    label: str
    is_planned: bool = False


@dataclass(frozen=True, slots=True)
class Life:
    """One row of a timeline, such as an invitation's; `about` is its state in words, `page` links to its own page."""

    title: str
    about: str
    moments: tuple[Moment, ...]
    page: str


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a promise will bring about, in words, and to `who`: an address, a phone, the number of an order."""

    who: str
    moment: Moment
