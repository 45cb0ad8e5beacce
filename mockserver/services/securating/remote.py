"""Securating behind a port, as a test asks for it: every word is a row of the control surface."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mockserver.core.webhooks import WebhookCall
from mockserver.services.crowd import Crowd
from mockserver.services.facts import to_json
from mockserver.services.remote import Wire, list_of, part, read
from mockserver.services.securating.desk import Content, Envelope
from mockserver.services.securating.model import Intention, Invitation, Review, Website


class RemoteDesk:
    """The `Desk` of the world at the other end of a wire."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.wait_for = wire.wait_for

    def websites(self) -> list[Website]:
        """Return the websites, oldest first."""
        return list_of(Website, self._wire, "/securating/websites")

    def invitations(self) -> list[Invitation]:
        """Return every invitation, oldest first."""
        return list_of(Invitation, self._wire, "/securating/invitations")

    def invitation(self, token: str) -> Invitation:
        """Return one invitation as it is now. Raises `NotFound`."""
        return read(Invitation, self._row_of(token))

    def mailing_is_due(self, token: str) -> datetime | None:
        """Return when an invitation's mail will leave, None when it never will (any more)."""
        due = self._row_of(token)["mailing"]
        return read(datetime, due) if due else None

    def _row_of(self, token: str) -> Any:
        return self._wire.get(f"/securating/invitations/{part(token)}")

    def letters(self, token: str = "") -> list[Envelope]:
        """Return the letters that left (about one invitation), oldest first."""
        return list_of(Envelope, self._wire, "/securating/letters", token=token or None)

    def content(self, number: int) -> Content:
        """Open a letter. Raises `NotFound`."""
        return read(Content, self._wire.get(f"/outbox/{number}"))

    def webhooks(self, token: str) -> list[WebhookCall]:
        """Return the calls about one invitation that the shop is owed."""
        return list_of(WebhookCall, self._wire, "/webhooks", subject=token)

    def reviews(self, token: str = "") -> list[Review]:
        """Return the reviews (given through one invitation), oldest first."""
        return list_of(Review, self._wire, "/securating/reviews", token=token or None)

    def open_link(self, token: str) -> Invitation:
        """Open the form, as the customer. Raises `Refusal`."""
        return read(Invitation, self._wire.post("/securating/open", {"token": token}))

    def give_review(self, token: str, rating: int | None, comment: str, answers: dict[str, int]) -> Review:
        """Send the form, as the customer. Raises `Refusal`."""
        form = {"token": token, "rating": rating, "comment": comment, "thematics": answers}
        return read(Review, self._wire.post("/securating/review", form)["review"])

    def intend(self, email: str, intention: Intention | None) -> None:
        """Decide what a customer will do with open mails and with each to come. Raises `InvalidInput`."""
        if intention is None:
            self._wire.post("/securating/will-ignore", {"email": email})
            return
        will = {"rating": intention.rating, "comment": intention.comment, "thematics": dict(intention.answers)}
        self._wire.post("/securating/will-review", {"email": email, "after": to_json(intention.after), **will})

    def set_crowd(self, crowd: Crowd) -> None:
        """Decide what customers will do of whom nothing else is said. Raises `InvalidInput`."""
        self._wire.post("/securating/crowd", crowd.described())
