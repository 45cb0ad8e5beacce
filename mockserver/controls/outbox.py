"""Everything that left for somebody, letters and text messages alike, as a test holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """An e-mail or a text message that left; `channel` is `email`, `sms` or another that the service admits.

    `subject` and `link` are a letter's.
    """

    number: int
    at: datetime
    service: str
    channel: str
    kind: str
    recipient: str
    text: str
    subject: str = ""
    link: str = ""

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient}: {self.subject or self.text[:40]!r}"
