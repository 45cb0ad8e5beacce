"""Invitations, mails and forms as a test holds them: looked at anew each time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8

from mockserver.core.webhooks import WebhookCall
from mockserver.services.finding import NotFound
from mockserver.services.securating.desk import Content, Desk, Envelope
from mockserver.services.securating.model import Invitation, Review, Solicitation


class LiveInvitation:
    """An invitation, as it is at each look."""

    __slots__ = ("_desk", "_listed", "token")

    def __init__(self, desk: Desk, token: str, listed: Invitation | None = None) -> None:
        self._desk = desk
        self._listed = listed
        self.token = token

    def anew(self) -> LiveInvitation:
        """Return one that always shows the present, of one that a list holds as it was when that was made."""
        return LiveInvitation(self._desk, self.token)

    @property
    def fact(self) -> Invitation:
        """The invitation as it is now."""
        return self._listed or self._desk.invitation(self.token)

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
        due = self._desk.mailing_is_due(self.token)
        when = f"it is due on {due:%Y-%m-%d %H:%M} UTC" if due else "and never will be"
        raise NotFound(f"the {self} has not been mailed; {when}")

    @property
    def recalls(self) -> list[Mail]:
        """The recalls that have left."""
        return self._mails("recall")

    def _mails(self, kind: str) -> list[Mail]:
        letters = self._desk.letters(self.token)
        return [Mail(self._desk, letter) for letter in letters if letter.kind == kind]

    @property
    def webhooks(self) -> list[WebhookCall]:
        """The calls about it that the shop is owed, each with its `step` and its attempts."""
        return self._desk.webhooks(self.token)

    @property
    def review(self) -> Review | None:
        """The review that was given."""
        return next(iter(self._desk.reviews(self.token)), None)

    def open_link(self) -> Form:
        """Open the form, as the customer. Raises `Refusal` for a link that no longer works."""
        self._desk.open_link(self.token)
        return Form(self._desk, self.token)

    def __str__(self) -> str:
        return f"invitation to {self.email} ({self.status})"

    def __repr__(self) -> str:
        return f"<{self}>"


@dataclass(frozen=True, slots=True)
class Mail:
    """A letter that left: `kind` is `invitation` or `recall`."""

    _desk: Desk
    _envelope: Envelope

    @property
    def number(self) -> int:
        """Its number in the outbox."""
        return self._envelope.number

    @property
    def at(self) -> datetime:
        """When it left."""
        return self._envelope.at

    @property
    def recipient(self) -> str:
        """The address it went to."""
        return self._envelope.recipient

    @property
    def email(self) -> str:
        """The same address, under the name that invitations and reviews have for it."""
        return self.recipient

    @property
    def kind(self) -> str:
        """`invitation` or `recall`."""
        return self._envelope.kind

    @property
    def token(self) -> str:
        """The token of its invitation."""
        return self._envelope.token

    @property
    def link(self) -> str:
        """The link in it."""
        return self._envelope.link

    @property
    def _content(self) -> Content:
        return self._desk.content(self.number)

    @property
    def message(self) -> EmailMessage:
        """The whole MIME message."""
        return _parsed(self._content.source)

    @property
    def subject(self) -> str:
        """Its subject."""
        return self._content.subject

    @property
    def text(self) -> str:
        """Its text part."""
        return self._content.text

    @property
    def html(self) -> str:
        """Its HTML part."""
        return self._content.html

    def open_link(self) -> Form:
        """Click on the link, as the customer."""
        return LiveInvitation(self._desk, self.token).open_link()

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient} on {self.at:%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Form:
    """The form that a customer has opened."""

    _desk: Desk
    token: str

    def review(
        self, rating: int | None = None, comment: str = "", thematics: Mapping[str, int] | None = None
    ) -> Review:
        """Send it: a rating and a comment, and a rating by thematic code. Raises `Refusal`, as the form would."""
        return self._desk.give_review(self.token, rating, comment, dict(thematics or {}))


def _parsed(source: str) -> EmailMessage:
    message = message_from_bytes(source.encode(), policy=SMTPUTF8)
    for name, value in list(message.raw_items()):
        if not value.isascii():  # the parser takes headers for ASCII, which those about an address like anná@… are not
            whole = "".join(value.splitlines()).encode("utf-8", "surrogateescape")
            message.replace_header(name, whole.decode())
    return message
