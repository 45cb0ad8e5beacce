"""The timeline of invitations: what was mailed, called and reviewed, and what will be."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice

from mockserver.core.agenda import Promise
from mockserver.core.outbox import Letter
from mockserver.core.webhooks import RetryWebhook, WebhookCall
from mockserver.core.world import World
from mockserver.services.lives import Foreseen, Life, Moment
from mockserver.services.securating.customers import GiveReview
from mockserver.services.securating.mailing import SendInvitation, SendRecall
from mockserver.services.securating.model import NAME, Invitation, Securating
from mockserver.services.securating.traffic import CancelOrder, OpenForm


def lives_of_invitations(world: World, most: int, contains: str) -> list[Life]:
    """Return the newest invitations with their moments, the newest first; `contains` chooses by e-mail and order."""
    invitations = world.state(Securating).invitations.values()
    fitting = (each for each in reversed(invitations) if contains.casefold() in _names_of(each))
    chosen = {each.token: each for each in islice(fitting, most)}
    found: dict[str, list[Moment]] = {token: [] for token in chosen}
    for token, moment in _moments(world, found):
        found[token].append(moment)
    return [_life(invitation, found[token]) for token, invitation in chosen.items()]


def _names_of(invitation: Invitation) -> str:
    return f"{invitation.asked.email} {invitation.asked.order}".casefold()


def _life(invitation: Invitation, moments: list[Moment]) -> Life:
    created = Moment(invitation.created_at, "call", "invitation created")
    order = f", order {invitation.asked.order}" if invitation.asked.order else ""
    in_order = tuple(sorted([created, *moments], key=lambda moment: moment.at))
    page = f"invitations?token={invitation.token}"
    return Life(invitation.asked.email, f"{invitation.status}{order}", in_order, page)


def _moments(world: World, tokens: Collection[str]) -> Iterator[tuple[str, Moment]]:
    """Return what happened to some invitations, and what will."""
    for letter in world.outbox.sent:
        if isinstance(letter, Letter) and isinstance(letter.about, Invitation) and letter.about.token in tokens:
            yield letter.about.token, Moment(letter.at, "mail", f"{letter.kind} mailed")
    for call in world.webhooks.calls.values():
        for moment in _attempts(call) if call.subject in tokens else ():
            yield call.subject, moment
    reviews = world.state(Securating).reviews
    for token in tokens:
        if review := reviews.get(token):
            rated = f"rated {review.rating}" if review.rating else "answered the survey"
            yield token, Moment(review.at, "person", rated)
    for promise in world.upcoming():
        if (planned := _planned(world, promise)) and planned[0] in tokens:
            yield planned


def _attempts(call: WebhookCall) -> Iterator[Moment]:
    for attempt in call.attempts:
        answer = attempt.error or f"answered {attempt.status}"
        yield Moment(attempt.at, "webhook", f"webhook {call.step}: {answer}")
    if not call.attempts:
        yield Moment(call.created_at, "webhook", f"webhook {call.step}: {call.status}")


def foresee(world: World, promise: Promise) -> Foreseen | None:
    """Say what a promise of Securating's will bring about."""
    if isinstance(promise.task, CancelOrder):
        moment = Moment(promise.due, "call", "the shop cancels the order", is_planned=True)
        return Foreseen(f"order {promise.task.order}", moment)
    if planned := _planned(world, promise):
        return Foreseen(world.state(Securating).invitations[planned[0]].asked.email, planned[1])
    return None


def _planned(world: World, promise: Promise) -> tuple[str, Moment] | None:
    task, due = promise.task, promise.due
    if isinstance(task, SendInvitation):
        return task.token, Moment(due, "mail", "invitation mail", is_planned=True)
    if isinstance(task, SendRecall):
        return task.token, Moment(due, "mail", f"recall {task.number}", is_planned=True)
    if isinstance(task, OpenForm):
        return task.token, Moment(due, "person", "opens the form", is_planned=True)
    if isinstance(task, GiveReview):
        return task.token, Moment(due, "person", "gives a review", is_planned=True)
    if isinstance(task, RetryWebhook) and (call := world.webhooks.calls[task.number]).service == NAME:
        return call.subject, Moment(due, "webhook", f"webhook {call.step} is tried again", is_planned=True)
    return None
