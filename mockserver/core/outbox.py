"""What left a service for a person: e-mails and text messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from mockserver.core.tables import Tables


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail that left; its text is composed when somebody looks (`Service.compose`), from `about` as it was."""

    at: datetime
    service: str
    recipient: str
    kind: str
    about: object


@dataclass(frozen=True, slots=True)
class Sms:
    """A text message that reached a phone; `transport` is `sms` or another the service admits."""

    at: datetime
    service: str
    recipient: str
    kind: str
    text: str
    transport: str = "sms"

    @property
    def phone(self) -> str:
        """The phone that it reached, under the name that what comes from there has for it."""
        return self.recipient


@dataclass(slots=True)
class Outbox(Tables):
    """Everything that was sent, oldest first; a number (from 1) names each for good."""

    sent: list[Letter | Sms] = field(default_factory=list)

    def put(self, message: Letter | Sms) -> None:
        """Let a message leave."""
        self.sent.append(message)

    def __len__(self) -> int:
        return len(self.sent)

    def get(self, number: int) -> Letter | Sms | None:
        """Return the message with that number, or None."""
        return self.sent[number - 1] if 0 < number <= len(self.sent) else None

    def to(self, recipient: str = "") -> list[tuple[int, Letter | Sms]]:
        """Return the messages to one recipient (or all of them) with their numbers."""
        return [
            (number, message)
            for number, message in enumerate(self.sent, 1)
            if not recipient or message.recipient == recipient
        ]
