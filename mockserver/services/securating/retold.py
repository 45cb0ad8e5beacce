"""What customers did at Securating, and what came of it, in the words of a test."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from mockserver.core.outbox import Letter
from mockserver.core.world import World
from mockserver.services.fields import Fields, read_object
from mockserver.services.saying import NOTHING, Code, call, literal
from mockserver.services.securating.invitations import found_invitation, meant_invitation
from mockserver.services.securating.model import NAME, Invitation, Review, Securating
from mockserver.services.service import Request

FIXTURE: Mapping[str, str] = {"keywebsite": "key"}
"""What the fixture calls each credential."""

MOST_OUTCOMES = 20
"""Invitations of which a test says what became of them."""


def say_opened(world: World, request: Request) -> str:
    """Say that a customer opened a link."""
    return f"{found_invitation(world, meant_invitation(world, read_object(request.body)))}.open_link()"


def say_reviewed(world: World, request: Request) -> str:
    """Say that a customer gave a review."""
    fields = read_object(request.body)
    invitation = meant_invitation(world, fields)
    return f"{found_invitation(world, invitation)}.open_link(){_review('.review', fields)}"


def say_will_review(_world: World, request: Request) -> str:
    """Say what a customer will do."""
    fields = read_object(request.body)
    customer = call(f"{NAME}.customer", fields.take("email", str))
    after = fields.take_any("after", (str, int, float, dict), 0)
    return f"{customer}{_review('.will_review', fields, after)}"


def say_will_ignore(_world: World, request: Request) -> str:
    """Say that a customer will do nothing."""
    return f"{call(f'{NAME}.customer', read_object(request.body).take('email', str))}.will_ignore_everything()"


def _review(function: str, fields: Fields, after: object = 0) -> str:
    rating = fields.take_any("rating", (int, type(None)), None)
    comment, thematics = fields.take("comment", str, ""), fields.take("thematics", dict, {})
    return _given(function, rating, comment, thematics, after)


def _given(function: str, rating: int | None, comment: str, thematics: Mapping[str, object], after: object = 0) -> str:
    named = {"rating": rating, "comment": comment, "thematics": thematics, "after": after}
    return call(function, **{name: value for name, value in named.items() if value})


def say_form_opened(world: World, request: Request) -> str:
    """Say that the form's own page was opened."""
    invitation = _of_link(world, request)
    return f"{found_invitation(world, invitation)}.open_link()" if invitation else NOTHING


def say_form_sent(world: World, request: Request) -> str:
    """Say that the form's own page was filled in, as it was sent."""
    invitation = _of_link(world, request)
    if invitation is None:
        return NOTHING
    filled, prefix = request.form(), "thematic_"
    answers = {
        name.removeprefix(prefix): int(text) for name, text in filled.items() if name.startswith(prefix) and text
    }
    rating = int(filled["rating"]) if filled.get("rating") else None
    comment = filled.get("comment", "").replace("\r\n", "\n")
    return f"{found_invitation(world, invitation)}.open_link(){_given('.review', rating, comment, answers)}"


def _of_link(world: World, request: Request) -> Invitation | None:
    state = world.state(Securating)
    return state.invitations.get(request.params().get(state.settings.link_parameter, ""))


def assertions(beginning: World, world: World) -> list[str]:
    """Say what became of the invitations made since the beginning, in assertions."""
    old = beginning.state(Securating).invitations
    new = (each for token, each in world.state(Securating).invitations.items() if token not in old)
    return [line for invitation in islice(new, MOST_OUTCOMES) for line in _outcome(world, invitation)]


def _outcome(world: World, invitation: Invitation) -> list[str]:
    from mockserver.services.securating.letters import describe  # noqa: PLC0415 - costs 13 ms of a start

    token = invitation.token
    lines = [
        f"invitation = {found_invitation(world, invitation)}",
        f"assert invitation.status == {literal(invitation.status)}",
    ]
    letters = [letter for _, letter in world.outbox.to(invitation.asked.email) if _is_about(letter, token)]
    if letters:
        lines.append(f"assert invitation.mail.subject == {literal(describe(world, letters[0])['subject'])}")
    if recalls := len(letters) - 1 if letters else 0:
        lines.append(f"assert len(invitation.recalls) == {recalls}")
    if review := world.state(Securating).reviews.get(token):
        lines += _judgement(review)
    if steps := [one.step for one in world.webhooks.calls.values() if one.subject == token]:
        lines.append(f"assert [call.step for call in invitation.webhooks] == {literal(steps)}")
    return lines


def _is_about(letter: object, token: str) -> bool:
    return isinstance(letter, Letter) and isinstance(letter.about, Invitation) and letter.about.token == token


def _judgement(review: Review) -> list[str]:
    if review.rating is None:
        return [f"assert dict(invitation.review.answers) == {literal(dict(review.answers))}"]
    given = Code(f"({literal(review.rating)}, {literal(review.comment)})")
    return [f"assert (invitation.review.rating, invitation.review.comment) == {given}"]
