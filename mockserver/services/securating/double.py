"""Securating as a test holds it: invitations and mails to look at, customers who act."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.core.errors import InvalidInput
from mockserver.core.instants import Duration, parse_duration
from mockserver.services.crowd import form_crowd
from mockserver.services.fields import shown
from mockserver.services.finding import Finder, NotFound
from mockserver.services.securating.desk import Desk
from mockserver.services.securating.live import Form, LiveInvitation, Mail
from mockserver.services.securating.model import Intention, Review, Website
from mockserver.services.securating.reviews import check_kinds


class SecuratingDouble:
    """Securating for one test: `url` and `key` are what the application needs to call it."""

    def __init__(self, desk: Desk, url: str) -> None:
        self._desk = desk
        self.url = url
        self.invitations = Finder(
            "invitation", LiveInvitation, self._list_invitations, str, LiveInvitation.anew, desk.wait_for
        )
        self.mails = Finder("mail", Mail, self._list_mails, str, watch=desk.wait_for)
        self.reviews = Finder("review", Review, desk.reviews, _describe_review, watch=desk.wait_for)

    @property
    def key(self) -> str:
        """The website's key: what the application sends as `keywebsite`."""
        return self._website.key

    @property
    def company_id(self) -> int:
        """The number of the website's company."""
        return self._website.company_id

    @property
    def website(self) -> str:
        """The website's own address, where an invitation without `url` leads."""
        return self._website.url

    @property
    def _website(self) -> Website:
        websites = self._desk.websites()
        if not websites:
            raise NotFound("this world has no website; its file names none")
        return websites[0]

    def _list_invitations(self) -> list[LiveInvitation]:
        return [LiveInvitation(self._desk, fact.token, fact) for fact in self._desk.invitations()]

    def _list_mails(self) -> list[Mail]:
        return [Mail(self._desk, envelope) for envelope in self._desk.letters()]

    def customer(self, email: str) -> Customer:
        """Return the customer with that address, whether or not anybody has invited them yet."""
        return Customer(self, self._desk, email)

    def crowd(self, *, answering: float, within: Duration, ratings: Mapping[int, float]) -> None:
        """Let customers of whom no test says otherwise be a crowd: `answering` of them (0 to 1) review their mail.

        They do so `within` a time, with `ratings` in proportion to their weights; the world's seed decides who.
        For open invitations whose mail is there already that time begins now; those of the past that the world began
        with are left as they are.
        Raises `InvalidInput`.
        """
        self._desk.set_crowd(form_crowd(answering, within, ratings))


def _describe_review(review: Review) -> str:
    return f"{review.rating} by {review.author}"


def _answers(thematics: Mapping[str, int] | None) -> Mapping[str, int]:
    if thematics is not None and not isinstance(thematics, Mapping):
        raise InvalidInput("thematics", f"{shown(thematics)}, such as {{'1000100': 4}} expected")
    return thematics or {}


class Customer:
    """A customer with one address."""

    def __init__(self, service: SecuratingDouble, desk: Desk, email: str) -> None:
        self._service = service
        self._desk = desk
        self.email = email

    @property
    def mails(self) -> list[Mail]:
        """What has arrived, oldest first."""
        return self._service.mails.all(recipient=self.email)

    @property
    def invitation(self) -> LiveInvitation:
        """The newest invitation. Raises `NotFound`."""
        invitations = self._service.invitations
        if found := invitations.all(email=self.email):
            return found[-1]
        raise invitations.miss(f"no invitation to {self.email}")

    def open_link(self) -> Form:
        """Open the newest mail's link. Raises `NotFound` when nothing has arrived."""
        mails = self.mails
        return (mails[-1] if mails else self.invitation.mail).open_link()

    def review(
        self, rating: int | None = None, comment: str = "", thematics: Mapping[str, int] | None = None
    ) -> Review:
        """Open the newest mail's link and give a review. Raises `InvalidInput` and `Refusal`."""
        check_kinds(rating, comment, _answers(thematics))
        return self.open_link().review(rating, comment, thematics)

    def will_review(
        self,
        rating: int | None = None,
        comment: str = "",
        thematics: Mapping[str, int] | None = None,
        *,
        after: Duration = 0,
    ) -> None:
        """Review by themselves, so long `after` each invitation mail.

        An open invitation whose mail is there already is reviewed so long after now. Raises `InvalidInput`.
        """
        answers = tuple(_answers(thematics).items())
        self._desk.intend(self.email, Intention(parse_duration(after, "after"), rating, comment, answers))

    def will_ignore_everything(self) -> None:
        """Never review, not even as one of a crowd."""
        self._desk.intend(self.email, None)
