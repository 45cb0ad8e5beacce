"""Customers who act by themselves: what a test says they will do, and crowds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from mockserver.core.agenda import Task
from mockserver.core.errors import InvalidInput, Refusal
from mockserver.core.outbox import Letter
from mockserver.core.world import World
from mockserver.services.crowd import Crowd
from mockserver.services.securating.model import NAME, OVER, Intention, Invitation, Securating
from mockserver.services.securating.parameters import read_text
from mockserver.services.securating.reviews import check_kinds, check_review, give_review, open_link


@dataclass(frozen=True, slots=True)
class GiveReview(Task):
    """Let a customer open their link and give a review."""

    token: str
    intention: Intention

    def is_still_wanted(self, world: World) -> bool:
        """A customer who has given a review, or whose order was cancelled, gives no other."""
        return world.state(Securating).invitations[self.token].status not in OVER

    def perform(self, world: World) -> None:
        """Open and review; the journal says what the form would not take."""
        rating, answers = self.intention.rating, dict(self.intention.answers)
        try:
            check_review(world, self.token, rating, self.intention.comment, answers)
        except Refusal as refusal:
            email = world.state(Securating).invitations[self.token].asked.email
            world.journal.note(world.clock.now, NAME, f"{email} gave no review: {refusal}")
            return
        open_link(world, self.token)
        give_review(world, self.token, rating, self.intention.comment, answers)


def intend(world: World, email: str, intention: Intention | None) -> None:
    """Decide what a customer will do with invitations: those mailed and still open, and those mailed from now on.

    They do it so long `after` the mail, or after now where it is there already; None is nothing, not even as one of a
    crowd. Raises `InvalidInput` for what the form would not take.
    """
    if intention:
        answers, best = dict(intention.answers), world.state(Securating).settings.highest_rating
        check_kinds(intention.rating, intention.comment, answers, best)
        _check_ratings(world, (rating for rating in (intention.rating, *answers.values()) if rating is not None))
        _check_comment(world, intention.comment)
    email = email.lower()
    world.state(Securating).intentions[email] = intention
    _think_again(world, list(_open_invitations(world, lambda recipient: recipient.lower() == email)))


def set_crowd(world: World, crowd: Crowd) -> None:
    """Decide what customers will do, with open invitations too, of whom nothing else is said.

    The customers of the world's own past have decided in that past, and stay with it. Raises `InvalidInput`.
    """
    _check_ratings(world, (rating for rating, _ in crowd.ratings))
    state = world.state(Securating)
    state.crowd, past = crowd, state.past_until
    others = _open_invitations(world, lambda recipient: recipient.lower() not in state.intentions)
    _think_again(world, [each for each in others if past is None or each.created_at > past])


def _open_invitations(world: World, is_meant: Callable[[str], bool]) -> Iterator[Invitation]:
    """Every invitation whose mail has arrived at an address, in the order of the mails, where no review was given."""
    invitations = world.state(Securating).invitations
    for letter in world.outbox.sent:
        if isinstance(letter, Letter) and is_meant(letter.recipient) and letter.kind == "invitation":
            invitation = invitations[letter.about.token] if isinstance(letter.about, Invitation) else None
            if invitation and invitation.status not in OVER:
                yield invitation


def _think_again(world: World, invitations: list[Invitation]) -> None:
    """Have customers do with these invitations what is known now, and not what they were about to."""
    if tokens := {invitation.token for invitation in invitations}:
        world.agenda.withdraw(GiveReview, lambda task: task.token in tokens)
    for invitation in invitations:
        expect_review(world, invitation)


def _check_ratings(world: World, ratings: Iterable[int]) -> None:
    best = world.state(Securating).settings.highest_rating
    for rating in ratings:
        if not 1 <= rating <= best:
            raise InvalidInput("rating", f"{rating}, a rating from 1 to {best} expected")


def _check_comment(world: World, comment: str) -> None:
    try:
        read_text(comment, world.state(Securating).settings)
    except ValueError as error:
        raise InvalidInput("comment", str(error)) from None


def expect_review(world: World, invitation: Invitation) -> None:
    """Promise what the customer will do with an invitation, reckoned from now, if anything is known."""
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
