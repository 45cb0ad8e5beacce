"""What a test asks of Securating, and tells its customers to do: the few words of which everything else is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from mockserver.core.webhooks import WebhookCall
from mockserver.services.crowd import Crowd
from mockserver.services.securating.model import Intention, Invitation, Review, Website


@dataclass(frozen=True, slots=True)
class Envelope:
    """What there is to see of a letter without opening it; `number` is its own in the outbox."""

    number: int
    at: datetime
    recipient: str
    kind: str
    token: str
    link: str


@dataclass(frozen=True, slots=True)
class Content:
    """What there is to read in a letter; `source` is the whole MIME message."""

    subject: str
    text: str
    html: str
    source: str


class Desk(Protocol):
    """Looks at one world's Securating and acts in it, whether it is in this process or behind a port.

    Every look first delivers the webhooks that wait, every act delivers those that it causes. Whoever has no such
    invitation or letter raises `NotFound`, what a service would refuse a customer is a `Refusal`, what a test asks
    for and cannot have is `InvalidInput`.
    """

    def websites(self) -> list[Website]:
        """Return the websites, oldest first."""

    def invitations(self) -> list[Invitation]:
        """Return every invitation, oldest first."""

    def invitation(self, token: str) -> Invitation:
        """Return one invitation as it is now."""

    def mailing_is_due(self, token: str) -> datetime | None:
        """Return when an invitation's mail will leave, None when it never will (any more)."""

    def letters(self, token: str = "") -> list[Envelope]:
        """Return the letters that left (about one invitation), oldest first."""

    def content(self, number: int) -> Content:
        """Open a letter."""

    def webhooks(self, token: str) -> list[WebhookCall]:
        """Return the calls about one invitation that the shop is owed."""

    def reviews(self, token: str = "") -> list[Review]:
        """Return the reviews (given through one invitation), oldest first."""

    def open_link(self, token: str) -> Invitation:
        """Open the form, as the customer."""

    def give_review(self, token: str, rating: int | None, comment: str, answers: dict[str, int]) -> Review:
        """Send the form, as the customer."""

    def intend(self, email: str, intention: Intention | None) -> None:
        """Decide what a customer will do with open mails and with each to come; None is nothing, ever."""

    def wait_for(self, find: Callable[[], list[Any]], seconds: float) -> list[Any]:
        """Look, and while nothing is found look again at each change, for so many real seconds."""

    def set_crowd(self, crowd: Crowd) -> None:
        """Decide what customers will do of whom nothing else is said."""
