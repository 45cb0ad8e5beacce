"""What a customer does with a link: opens the form, and gives a review (SPEC §1.4)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice

from mockserver.core.errors import InvalidInput, Refusal
from mockserver.core.world import World
from mockserver.services.nearness import MOST_COMPARED, difference, find_nearest
from mockserver.services.securating.errors import ALREADY_REVIEWED, BAD_PARAMETER, CANCELLED_LINK, UNKNOWN_LINK
from mockserver.services.securating.model import (
    CANCELLED,
    OPENED,
    REVIEWED,
    Invitation,
    Review,
    Securating,
    Shelf,
    product_key,
)
from mockserver.services.securating.parameters import read_text
from mockserver.services.securating.settings import SecuratingSettings
from mockserver.services.securating.steps import tell

BEST = 5
"""The rating that the best have from whoever knows nothing of a world's settings."""

_FORM = ("SEC-R2",)


def find_invitation(world: World, token: str) -> Invitation:
    """Return the invitation a link belongs to. Raises `Refusal`."""
    invitation = world.state(Securating).invitations.get(token)
    if invitation is None:
        raise Refusal(UNKNOWN_LINK, "no invitation has this token", "securating_token", _near_token(world, token))
    if invitation.status == CANCELLED:
        raise Refusal(CANCELLED_LINK, "this invitation was cancelled", "securating_token")
    return invitation


def _near_token(world: World, token: str) -> str:
    if not token:
        return "it is missing, the parameter of the link expected"
    invitations = world.state(Securating).invitations
    near = find_nearest(token, islice(reversed(invitations), MOST_COMPARED))
    return f"it {difference(token, near, f'the one of {invitations[near].asked.email}')}" if near else ""


def open_link(world: World, token: str) -> Invitation:
    """Show the form to the customer; `link-opened` is told the first time (SEC-W5, SEC-R3). Raises `Refusal`."""
    state = world.state(Securating)
    invitation = find_invitation(world, token)
    if invitation.status in {OPENED, REVIEWED} and state.settings.link_opened_once:
        return invitation
    if invitation.status != REVIEWED:
        invitation = state.invitations[token] = replace(invitation, status=OPENED)
    tell(world, invitation, "link-opened")
    return invitation


def give_review(world: World, token: str, rating: int | None, comment: str, answers: dict[str, int]) -> Review:
    """Store a review (SEC-R2) and tell the webhook (SEC-W6). Raises `Refusal`."""
    state = world.state(Securating)
    invitation = check_review(world, token, rating, comment, answers)
    asked = invitation.asked
    if asked.survey_only:
        rating, comment = None, ""
    review = Review(
        token=token,
        at=world.clock.now,
        email=asked.email,
        author=f"{asked.first_name} {asked.last_name[:1]}".strip() or "Client",
        rating=rating,
        comment=comment,
        answers=tuple(answers.items()),
        hashtag=asked.hashtag,
        gift=asked.gift_description if asked.with_gift else "",
    )
    _keep(state, invitation, review)
    given = (("rating", str(rating)), ("comment", b64encode(comment.encode()).decode())) if rating else ()
    tell(world, state.invitations[token], "review-saved", *given)
    return review


def open_and_review(world: World, token: str, rating: int | None, comment: str, answers: dict[str, int]) -> Review:
    """Open the form, where nobody has yet, and give a review (SEC-W5, SEC-W6). Raises `Refusal` before either."""
    if check_review(world, token, rating, comment, answers).status not in {OPENED, REVIEWED}:
        open_link(world, token)
    return give_review(world, token, rating, comment, answers)


def check_kinds(rating: object, comment: object, answers: Mapping[str, object], best: int = BEST) -> None:
    """Refuse what no form could send, which only code can say. Raises `InvalidInput` naming the argument."""
    for name, value in {"rating": rating, **{f"thematic_{code}": answer for code, answer in answers.items()}}.items():
        if type(value) is not int and (value is not None or name != "rating"):
            raise InvalidInput(name, f"{value!r}, a whole number from 1 to {best} expected")
    if not isinstance(comment, str):
        raise InvalidInput("comment", f"{comment!r}, a text expected")


def check_review(world: World, token: str, rating: int | None, comment: str, answers: dict[str, int]) -> Invitation:
    """Return the invitation that is reviewed.

    Raises `Refusal` for what its form would not take (SEC-R2), and `InvalidInput` for what none could.
    """
    state, invitation = world.state(Securating), find_invitation(world, token)
    best = state.settings.highest_rating
    check_kinds(rating, comment, answers, best)
    expected = f"a rating from 1 to {best} expected"
    if invitation.status == REVIEWED and state.settings.second_review_is_refused:
        raise Refusal(ALREADY_REVIEWED, "a review was given through this link already", "securating_token")
    if not invitation.asked.survey_only and (rating is None or not 1 <= rating <= best):
        raise Refusal(BAD_PARAMETER, f"{rating or 'missing'}, {expected}", "rating", claims=_FORM)
    if not invitation.asked.survey_only:
        _check_comment(state.settings, comment)
    for code, answer in answers.items():
        if code not in invitation.asked.thematics:
            raise Refusal(BAD_PARAMETER, "this thematic was not asked", f"thematic_{code}", claims=_FORM)
        if not 1 <= answer <= best:
            raise Refusal(BAD_PARAMETER, f"{answer}, {expected}", f"thematic_{code}", claims=_FORM)
    if invitation.asked.survey_only and not answers:
        why = "missing, an answer to at least one thematic expected"
        raise Refusal(BAD_PARAMETER, why, "thematics", claims=("SEC-C9", *_FORM))
    return invitation


def _check_comment(settings: SecuratingSettings, comment: str) -> None:
    try:
        read_text(comment, settings)
    except ValueError as error:
        raise Refusal(BAD_PARAMETER, str(error), "comment", claims=_FORM) from None


def _keep(state: Securating, invitation: Invitation, review: Review) -> None:
    token = invitation.token
    is_first = token not in state.reviews
    state.reviews[token] = review
    state.invitations[token] = replace(invitation, status=REVIEWED)
    if invitation.asked.product and review.rating and is_first:
        key = product_key(state.websites[invitation.website_key], invitation.asked.product)
        state.shelves.setdefault(key, Shelf()).tokens.append(token)
