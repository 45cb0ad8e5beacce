"""Customers who act by themselves: what a test says they will do, and crowds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mockserver.core.agenda import Task
from mockserver.core.errors import InvalidInput
from mockserver.core.world import World
from mockserver.services.crowd import Crowd
from mockserver.services.securating.model import OVER, Intention, Invitation, Securating
from mockserver.services.securating.reviews import give_review, open_link


@dataclass(frozen=True, slots=True)
class GiveReview(Task):
    """Let a customer open their link and give a review."""

    token: str
    intention: Intention

    def still_stands(self, world: World) -> bool:
        """A customer who has given a review, or whose order was cancelled, gives no other."""
        return world.state(Securating).invitations[self.token].status not in OVER

    def perform(self, world: World) -> None:
        """Open and review."""
        open_link(world, self.token)
        intention = self.intention
        give_review(world, self.token, intention.rating, intention.comment, dict(intention.answers))


def intend(world: World, email: str, intention: Intention | None) -> None:
    """Decide what a customer will do with each mail from now on; None is nothing, not even as one of a crowd.

    Raises `InvalidInput` for what the form would not take.
    """
    given = () if intention is None else (intention.rating, *dict(intention.answers).values())
    _check_ratings(world, (rating for rating in given if rating is not None))
    world.state(Securating).intentions[email.lower()] = intention


def set_crowd(world: World, crowd: Crowd) -> None:
    """Decide what customers will do of whom nothing else is said. Raises `InvalidInput`."""
    _check_ratings(world, (rating for rating, _ in crowd.ratings))
    world.state(Securating).crowd = crowd


def _check_ratings(world: World, ratings: Iterable[int]) -> None:
    best = world.state(Securating).settings.highest_rating
    for rating in ratings:
        if not 1 <= rating <= best:
            raise InvalidInput("rating", f"{rating}, a rating from 1 to {best} expected")


def expect_review(world: World, invitation: Invitation) -> None:
    """Promise what the customer will do with the invitation that was just mailed, if anything is known."""
    state = world.state(Securating)
    email = invitation.asked.email.lower()
    intention = state.intentions[email] if email in state.intentions else _one_of_a_crowd(world, invitation)
    if intention:
        world.promise(intention.after, GiveReview(invitation.token, intention))


def _one_of_a_crowd(world: World, invitation: Invitation) -> Intention | None:
    crowd = world.state(Securating).crowd
    decision = crowd.decide(world.randomness) if crowd else None
    if decision is None:
        return None
    after, rating = decision
    if invitation.asked.survey_only:
        return Intention(after, None, answers=tuple((code, rating) for code in invitation.asked.thematics))
    return Intention(after, rating)
