"""Customers who act by themselves: what a test says they will do, and crowds."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.core.agenda import Task
from mockserver.core.world import World
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
