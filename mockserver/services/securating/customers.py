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
    intention = state.intentions.get(invitation.asked.email.lower())
    if intention is None and state.crowd and (answer := state.crowd.decide(world.randomness)):
        delay, rating = answer
        survey = invitation.asked.survey_only
        answers = tuple((code, rating) for code in invitation.asked.thematics) if survey else ()
        intention = Intention(delay, None if survey else rating, answers=answers)
    if intention:
        world.promise(intention.after, GiveReview(invitation.token, intention))
