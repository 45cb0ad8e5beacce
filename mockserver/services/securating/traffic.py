"""A past for a shop: orders that were invited to review, customers who did, links opened, orders cancelled."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from mockserver.core.agenda import Task
from mockserver.core.errors import Refusal
from mockserver.core.randomness import Randomness
from mockserver.core.world import World
from mockserver.services.crowd import Crowd
from mockserver.services.fields import Fields
from mockserver.services.securating.customers import GiveReview
from mockserver.services.securating.model import (
    MOST_THEMATICS,
    NAME,
    OVER,
    Intention,
    Invitation,
    Securating,
    Solicitation,
)
from mockserver.services.securating.parameters import read_url
from mockserver.services.securating.reviews import open_link
from mockserver.services.securating.rules import cancel_order, create_invitation
from mockserver.services.traffic import one_of, take_share, take_texts, take_texts_by_rating, take_traffic


@dataclass(frozen=True, slots=True)
class Customs:
    """How a shop and its customers go about it; shares are of all invitations."""

    crowd: Crowd
    comments: tuple[tuple[str, ...], ...]
    opening: float
    cancelling: float
    linking: float
    webhook: str


@dataclass(frozen=True, slots=True)
class InviteCustomer(Task):
    """Let a shop invite the customer of an order, and the customer do something or nothing about it."""

    company: int
    order: str
    customer: str
    before: timedelta
    customs: Customs

    def perform(self, world: World) -> None:
        """Create the invitation, and promise what becomes of it; the journal says where the shop was refused one."""
        state, randomness, customs = world.state(Securating), world.randomness, self.customs
        websites = [website for website in state.websites.values() if website.company_id == self.company]
        website = one_of(websites, randomness)
        mailed = randomness.fraction() >= customs.linking
        asked = self._draw_solicitation(state, randomness)
        state.past_until = world.clock.now
        try:
            invitation = create_invitation(world, website, asked, mailed=mailed)
        except Refusal as refusal:
            world.journal.note(world.clock.now, NAME, f"{asked.email} was not invited: {refusal}")
            return
        wait = timedelta(days=invitation.asked.days) if mailed else timedelta(0)
        answer = customs.crowd.decide(randomness)
        if randomness.fraction() < customs.cancelling:
            self._promise(world, wait * randomness.fraction(), CancelOrder(website.key, self.order))
        elif answer is not None:
            delay, rating = answer
            world.promise(wait + delay, GiveReview(invitation.token, self._intention(invitation, rating, randomness)))
        elif randomness.fraction() < customs.opening:
            self._promise(world, wait + customs.crowd.within * randomness.fraction(), OpenForm(invitation.token))

    def _promise(self, world: World, delay: timedelta, task: Task) -> None:
        """Promise what belongs to the past only: the agenda of a new world holds what customers do, and no more."""
        if delay < self.before:
            world.promise(delay, task)

    def _draw_solicitation(self, state: Securating, randomness: Randomness) -> Solicitation:
        products = [product for product in state.products.values() if product.company_id == self.company]
        codes = [code for company, code in state.custom_thematics if company == self.company][:MOST_THEMATICS]
        first, _, last = self.customer.partition(" ")
        return Solicitation(
            email=address_of(self.customer, self.order),
            first_name=first,
            last_name=last,
            product=one_of(products, randomness).sku if products else "",
            order=self.order,
            thematics=tuple(codes) if randomness.fraction() < 0.3 else (),
            webhook=self.customs.webhook,
            meta=(("meta_order", self.order),) if self.customs.webhook else (),
        )

    def _intention(self, invitation: Invitation, rating: int, randomness: Randomness) -> Intention:
        comments = self.customs.comments[rating - 1]
        comment = one_of(comments, randomness) if comments else ""
        answers = tuple((thematic.code, rating) for thematic in invitation.thematics)
        return Intention(timedelta(0), rating, comment, answers)


@dataclass(frozen=True, slots=True)
class OpenForm(Task):
    """Let a customer open the form and leave it at that."""

    token: str

    def is_still_wanted(self, world: World) -> bool:
        """Nobody opens the form of an order that was cancelled."""
        return world.state(Securating).invitations[self.token].status not in OVER

    def perform(self, world: World) -> None:
        """Open it."""
        open_link(world, self.token)


@dataclass(frozen=True, slots=True)
class CancelOrder(Task):
    """Let a shop cancel an order."""

    website_key: str
    order: str

    def perform(self, world: World) -> None:
        """Cancel it."""
        cancel_order(world, world.state(Securating).websites[self.website_key], self.order)


def address_of(customer: str, order: str) -> str:
    """Return the e-mail address of a customer: `zoe.petit.1007@example.com`."""
    plain = unicodedata.normalize("NFKD", customer).encode("ascii", "ignore").decode().lower()
    return ".".join([*re.findall("[a-z]+", plain)[:3], re.sub("[^0-9]", "", order)]) + "@example.com"


def promise_past(world: World, company: int, fields: Fields) -> None:
    """Promise the invitations of a company's past, for the days before the present of a new world."""
    if not any(website.company_id == company for website in world.state(Securating).websites.values()):
        fields.refuse("days", "this company has no website, one to invite for expected")
    traffic, customers = take_traffic(world, fields), take_texts(fields, "customers") or ("Anna Martin",)
    customs = Customs(
        traffic.crowd,
        take_texts_by_rating(fields, "comments"),
        take_share(fields, "opening"),
        take_share(fields, "cancelling"),
        take_share(fields, "linking"),
        _take_webhook(world, fields),
    )
    fields.finish()
    for number, before in enumerate(traffic.instants(world.randomness), 1001):
        customer = one_of(customers, world.randomness)
        task = InviteCustomer(company, f"C{company}-{number}", customer, before, customs)
        world.agenda.promise(world.clock.now - before, task)


def _take_webhook(world: World, fields: Fields) -> str:
    webhook = fields.take("webhook", str, "")
    try:
        return read_url(webhook, world.state(Securating).settings) if webhook else ""
    except ValueError as error:
        fields.refuse("webhook", str(error))
