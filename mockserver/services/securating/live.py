"""Invitations, mails and forms as a test holds them: looked at anew each time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from mockserver.core.outbox import Letter
from mockserver.core.webhooks import WebhookCall
from mockserver.core.world import World
from mockserver.services.finding import NotFound
from mockserver.services.securating import reviews
from mockserver.services.securating.letters import compose_letter
from mockserver.services.securating.mailing import SendInvitation
from mockserver.services.securating.model import NAME, Invitation, Review, Securating, Solicitation
from mockserver.services.service import Driver


class LiveInvitation:
    """An invitation, as it is at each look."""

    def __init__(self, driver: Driver, token: str) -> None:
        self._driver = driver
        self.token = token

    @property
    def fact(self) -> Invitation:
        """The invitation as it is now."""
        with self._driver.look() as world:
            return world.state(Securating).invitations[self.token]

    @property
    def asked(self) -> Solicitation:
        """Everything that the shop asked for."""
        return self.fact.asked

    @property
    def email(self) -> str:
        """The customer's address."""
        return self.asked.email

    @property
    def order(self) -> str:
        """The shop's order, where it was given."""
        return self.asked.order

    @property
    def status(self) -> str:
        """`scheduled`, `sent`, `issued`, `opened`, `reviewed` or `cancelled`."""
        return self.fact.status

    @property
    def link(self) -> str:
        """The page on which the review is collected."""
        return self.fact.link

    @property
    def mail(self) -> Mail:
        """The invitation mail. Raises `NotFound` when it has not left, saying when it will."""
        for mail in self._mails("invitation"):
            return mail
        with self._driver.look() as world:
            task = SendInvitation(self.token)
            due = [promise.due for promise in world.upcoming() if promise.task == task]
        when = f"it is due on {due[0]:%Y-%m-%d %H:%M} UTC" if due else "and never will be"
        raise NotFound(f"the {self} has not been mailed; {when}")

    @property
    def recalls(self) -> list[Mail]:
        """The recalls that have left."""
        return self._mails("recall")

    def _mails(self, kind: str) -> list[Mail]:
        with self._driver.look() as world:
            letters = [letter for letter in letters_of(world) if letter.kind == kind]
        return [mail for mail in (Mail(self._driver, letter) for letter in letters) if mail.token == self.token]

    @property
    def webhooks(self) -> list[WebhookCall]:
        """The calls about it that the shop is owed, each with its `step` and its attempts."""
        with self._driver.look() as world:
            return [call for call in world.webhooks.calls.values() if call.subject == self.token]

    @property
    def review(self) -> Review | None:
        """The review that was given."""
        with self._driver.look() as world:
            return world.state(Securating).reviews.get(self.token)

    def open_link(self) -> Form:
        """Open the form, as the customer. Raises `Refusal` for a link that no longer works."""
        with self._driver.act() as world:
            reviews.open_link(world, self.token)
        return Form(self._driver, self.token)

    def __str__(self) -> str:
        return f"invitation to {self.email} ({self.status})"

    def __repr__(self) -> str:
        return f"<{self}>"


@dataclass(frozen=True, slots=True)
class Mail:
    """A letter that left: `kind` is `invitation` or `recall`."""

    _driver: Driver
    _letter: Letter

    @property
    def at(self) -> datetime:
        """When it left."""
        return self._letter.at

    @property
    def recipient(self) -> str:
        """The address it went to."""
        return self._letter.recipient

    @property
    def kind(self) -> str:
        """`invitation` or `recall`."""
        return self._letter.kind

    @property
    def token(self) -> str:
        """The token of its invitation."""
        return self._invitation.token

    @property
    def link(self) -> str:
        """The link in it."""
        return self._invitation.link

    @property
    def _invitation(self) -> Invitation:
        invitation = self._letter.about
        if not isinstance(invitation, Invitation):
            raise TypeError(f"a letter about {type(invitation).__name__}")
        return invitation

    @property
    def message(self) -> EmailMessage:
        """The whole MIME message."""
        return compose_letter(self._letter)

    @property
    def subject(self) -> str:
        """Its subject."""
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """Its text part."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """Its HTML part."""
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        content: str = part.get_content() if part else ""
        return content

    def open_link(self) -> Form:
        """Click on the link, as the customer."""
        return LiveInvitation(self._driver, self.token).open_link()

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient} on {self.at:%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Form:
    """The form that a customer has opened."""

    _driver: Driver
    token: str

    def review(
        self, rating: int | None = None, comment: str = "", thematics: Mapping[str, int] | None = None
    ) -> Review:
        """Send it: a rating and a comment, and a rating by thematic code. Raises `Refusal`, as the form would."""
        with self._driver.act() as world:
            return reviews.give_review(world, self.token, rating, comment, dict(thematics or {}))


def letters_of(world: World) -> list[Letter]:
    """Return every letter that left, oldest first."""
    return [message for _, message in world.outbox.to() if isinstance(message, Letter) and message.service == NAME]
