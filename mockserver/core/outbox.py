"""What left a service for a person: e-mails and text messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


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


class Outbox:
    """Everything that was sent, oldest first; a number (from 1) names each for good."""

    __slots__ = ("_sent",)

    def __init__(self) -> None:
        self._sent: list[Letter | Sms] = []

    def put(self, message: Letter | Sms) -> None:
        """Let a message leave."""
        self._sent.append(message)

    def __len__(self) -> int:
        return len(self._sent)

    def get(self, number: int) -> Letter | Sms | None:
        """Return the message with that number, or None."""
        return self._sent[number - 1] if 0 < number <= len(self._sent) else None

    def to(self, recipient: str = "") -> list[tuple[int, Letter | Sms]]:
        """Return the messages to one recipient (or all of them) with their numbers."""
        return [
            (number, message)
            for number, message in enumerate(self._sent, 1)
            if not recipient or message.recipient == recipient
        ]

    def copy(self) -> Outbox:
        """Return a snapshot."""
        twin = Outbox()
        twin._sent = self._sent.copy()
        return twin
