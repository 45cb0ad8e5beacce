"""Securating as a test holds it: invitations and mails to look at, customers who act."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from mockserver.core.crowd import Crowd
from mockserver.core.errors import InvalidInput
from mockserver.core.instants import Duration, parse_duration
from mockserver.core.world import World
from mockserver.services.finding import Finder, NotFound
from mockserver.services.securating.live import Form, LiveInvitation, Mail, letters_of
from mockserver.services.securating.model import Intention, Review, Securating, Website
from mockserver.services.securating.parameters import read_parameter, read_url
from mockserver.services.service import Driver


class SecuratingDouble:
    """Securating for one test: `url` and `key` are what the application needs to call it."""

    def __init__(self, driver: Driver, url: str) -> None:
        self._driver = driver
        self.url = url
        self.invitations = Finder("invitation", self._list_invitations, str)
        self.mails = Finder("mail", self._list_mails, str)
        self.reviews = Finder("review", self._list_reviews, lambda review: f"{review.rating} by {review.author}")

    @property
    def key(self) -> str:
        """The website's key: what the application sends as `keywebsite`."""
        return self._website.key

    @property
    def company_id(self) -> int:
        """The number of the website's company."""
        return self._website.company_id

    @property
    def _website(self) -> Website:
        with self._driver.look() as world:
            websites = list(world.state(Securating).websites.values())
        if not websites:
            raise NotFound("this world has no website; its file names none")
        return websites[0]

    def _list_invitations(self) -> list[LiveInvitation]:
        with self._driver.look() as world:
            tokens = list(world.state(Securating).invitations)
        return [LiveInvitation(self._driver, token) for token in tokens]

    def _list_mails(self) -> list[Mail]:
        with self._driver.look() as world:
            return [Mail(self._driver, letter) for letter in letters_of(world)]

    def _list_reviews(self) -> list[Review]:
        with self._driver.look() as world:
            return list(world.state(Securating).reviews.values())

    def customer(self, email: str) -> Customer:
        """Return the customer with that address, whether or not anybody has invited them yet."""
        return Customer(self, self._driver, email)

    def crowd(self, *, answering: float, within: Duration, ratings: Mapping[int, float]) -> None:
        """Let customers of whom no test says otherwise be a crowd: `answering` of them (0 to 1) review their mail.

        They do so `within` a time, with `ratings` in proportion to their weights; the world's seed decides who.
        Raises `InvalidInput`.
        """
        crowd = Crowd(answering, parse_duration(within, "within"), tuple(ratings.items()))
        with self._driver.act() as world:
            _check_ratings(world, ratings)
            world.state(Securating).crowd = crowd


class Customer:
    """A customer with one address."""

    def __init__(self, service: SecuratingDouble, driver: Driver, email: str) -> None:
        self._service = service
        self._driver = driver
        self.email = email

    @property
    def mails(self) -> list[Mail]:
        """What has arrived, oldest first."""
        return self._service.mails.all(recipient=lambda address: address.lower() == self.email.lower())

    @property
    def invitation(self) -> LiveInvitation:
        """The newest invitation. Raises `NotFound`."""
        return self._service.invitations.latest(email=re.compile(f"^{re.escape(self.email)}$", re.IGNORECASE))

    def open_link(self) -> Form:
        """Open the newest mail's link. Raises `NotFound` when nothing has arrived."""
        mails = self.mails
        return (mails[-1] if mails else self.invitation.mail).open_link()

    def review(
        self, rating: int | None = None, comment: str = "", thematics: Mapping[str, int] | None = None
    ) -> Review:
        """Open the newest mail's link and give a review."""
        return self.open_link().review(rating, comment, thematics)

    def will_review(
        self,
        rating: int | None = None,
        comment: str = "",
        thematics: Mapping[str, int] | None = None,
        *,
        after: Duration = 0,
    ) -> None:
        """Review by themselves, so long `after` each invitation mail that arrives from now on."""
        answers = tuple((thematics or {}).items())
        intention = Intention(parse_duration(after, "after"), rating, comment, answers)
        with self._driver.act() as world:
            _check_ratings(world, [given for given in (rating, *dict(answers).values()) if given is not None])
            world.state(Securating).intentions[self.email.lower()] = intention

    def will_ignore_everything(self) -> None:
        """Never review, not even as one of a crowd."""
        with self._driver.act() as world:
            world.state(Securating).intentions[self.email.lower()] = None


def _check_ratings(world: World, ratings: Iterable[int]) -> None:
    best = world.state(Securating).settings.highest_rating
    for rating in ratings:
        if not 1 <= rating <= best:
            raise InvalidInput("rating", f"{rating}, a rating from 1 to {best} expected")


def adjust(world: World, wanted: Mapping[str, object], path: str) -> None:
    """Adjust a new world: `url` of its website, `company_name`, else settings. Raises `InvalidInput` or `Refusal`."""
    state = world.state(Securating)
    settings = dict(wanted)
    website = next(iter(state.websites.values()))
    if url := settings.pop("url", None):
        address = read_parameter("url", str(url), read_url, state.settings)
        state.websites[website.key] = replace(website, url=address)
    if name := settings.pop("company_name", None):
        company = state.companies[website.company_id]
        state.companies[company.id] = replace(company, name=str(name))
    if settings:
        state.settings = state.settings.override(settings, path)
