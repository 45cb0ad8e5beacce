"""Securating in this process, as a test asks for it: looks and acts on the world itself."""

from __future__ import annotations

from datetime import datetime

from mockserver.core.outbox import Letter
from mockserver.core.webhooks import WebhookCall
from mockserver.core.world import World
from mockserver.services.crowd import Crowd
from mockserver.services.finding import NotFound
from mockserver.services.securating import customers, reviews
from mockserver.services.securating.desk import Content, Envelope
from mockserver.services.securating.letters import describe
from mockserver.services.securating.mailing import envelopes, mailing_of
from mockserver.services.securating.model import Intention, Invitation, Review, Securating, Website
from mockserver.services.service import Driver


class DrivenDesk:
    """The `Desk` of the world that a driver holds."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self.wait_for = driver.wait_for

    def websites(self) -> list[Website]:
        """Return the websites, oldest first."""
        with self._driver.look() as world:
            return list(world.state(Securating).websites.values())

    def invitations(self) -> list[Invitation]:
        """Return every invitation, oldest first."""
        with self._driver.look() as world:
            return list(world.state(Securating).invitations.values())

    def invitation(self, token: str) -> Invitation:
        """Return one invitation as it is now. Raises `NotFound`."""
        with self._driver.look() as world:
            return _find(world, token)

    def mailing_is_due(self, token: str) -> datetime | None:
        """Return when an invitation's mail will leave, None when it never will (any more)."""
        with self._driver.look() as world:
            return mailing_of(world, token)

    def letters(self, token: str = "") -> list[Envelope]:
        """Return the letters that left (about one invitation), oldest first."""
        with self._driver.look() as world:
            return envelopes(world, token)

    def content(self, number: int) -> Content:
        """Open a letter."""
        with self._driver.look() as world:
            letter = world.outbox.get(number)
        if not isinstance(letter, Letter):
            raise NotFound(f"number: {number} is no letter that has left")
        described = describe(world, letter)
        return Content(described["subject"], described["text"], described["html"], described["source"])

    def webhooks(self, token: str) -> list[WebhookCall]:
        """Return the calls about one invitation that the shop is owed."""
        with self._driver.look() as world:
            return [call for call in world.webhooks.calls.values() if call.subject == token]

    def reviews(self, token: str = "") -> list[Review]:
        """Return the reviews (given through one invitation), oldest first."""
        with self._driver.look() as world:
            return [review for review in world.state(Securating).reviews.values() if token in {"", review.token}]

    def open_link(self, token: str) -> Invitation:
        """Open the form, as the customer. Raises `Refusal`."""
        with self._driver.act() as world:
            return reviews.open_link(world, token)

    def give_review(self, token: str, rating: int | None, comment: str, answers: dict[str, int]) -> Review:
        """Send the form, as the customer. Raises `Refusal`."""
        with self._driver.act() as world:
            return reviews.give_review(world, token, rating, comment, answers)

    def intend(self, email: str, intention: Intention | None) -> None:
        """Decide what a customer will do with open mails and with each to come. Raises `InvalidInput`."""
        with self._driver.act() as world:
            customers.intend(world, email, intention)

    def set_crowd(self, crowd: Crowd) -> None:
        """Decide what customers will do of whom nothing else is said. Raises `InvalidInput`."""
        with self._driver.act() as world:
            customers.set_crowd(world, crowd)


def _find(world: World, token: str) -> Invitation:
    invitations = world.state(Securating).invitations
    if token not in invitations:
        raise NotFound(f"token: no invitation has the token {token[:80]!r}; there are {len(invitations)}")
    return invitations[token]
