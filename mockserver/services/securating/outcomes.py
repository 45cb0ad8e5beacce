"""What can come about at Securating, for a suite to say what of it its application has lived through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from mockserver.core.outbox import Letter
from mockserver.core.webhooks import ACKNOWLEDGED, GIVEN_UP, Attempt, WebhookCall
from mockserver.services.outcome import History, Outcome, Sight, answered, is_success, refused
from mockserver.services.securating.errors import (
    ALREADY_REVIEWED,
    BAD_PARAMETER,
    CANCELLED_LINK,
    GROUNDS,
    REFUSALS,
    UNKNOWN_LINK,
)
from mockserver.services.securating.model import CANCELLED, OPENED, REVIEWED, Invitation, Review, Securating
from mockserver.services.service import NO_SUCH_CALL

_DAY = timedelta(days=1)


def _invitations(history: History) -> list[Invitation]:
    invitations = history.world.state(Securating).invitations.values()
    return [invitation for invitation in invitations if invitation.created_at >= history.since]


def _invited(is_so: Callable[[Invitation], bool]) -> Sight:
    return lambda history: any(map(is_so, _invitations(history)))


def _reviewed(is_so: Callable[[Review], bool]) -> Sight:
    def is_met(history: History) -> bool:
        reviews = history.world.state(Securating).reviews.values()
        return any(review.at >= history.since and is_so(review) for review in reviews)

    return is_met


def _mailed(kind: str) -> Sight:
    return lambda history: any(message.kind == kind for message in history.messages)


def _recalls(history: History, token: str) -> list[Letter]:
    letters = (letter for letter in history.messages if isinstance(letter, Letter) and letter.kind == "recall")
    return [letter for letter in letters if isinstance(letter.about, Invitation) and letter.about.token == token]


def _recalled_to_the_end(history: History) -> bool:
    return any(
        0 < invitation.asked.recall_count == len(_recalls(history, invitation.token))
        for invitation in _invitations(history)
        if invitation.status != REVIEWED
    )


def _reviews_with_recalls(history: History) -> Iterator[tuple[Review, Invitation, list[Letter]]]:
    state = history.world.state(Securating)
    for review in state.reviews.values():
        if review.at >= history.since:
            yield review, state.invitations[review.token], _recalls(history, review.token)


def _recalls_stopped(history: History) -> bool:
    return any(
        len(recalls) < invitation.asked.recall_count for _, invitation, recalls in _reviews_with_recalls(history)
    )


def _reviewed_late(history: History) -> bool:
    return any(recalls and recalls[0].at <= review.at for review, _, recalls in _reviews_with_recalls(history))


def _invited_again(history: History) -> bool:
    last_by_email: dict[tuple[str, str], Invitation] = {}
    for invitation in _invitations(history):
        customer = (invitation.website_key, invitation.asked.email.lower())
        earlier = last_by_email.get(customer)
        if earlier and invitation.created_at - earlier.created_at >= _DAY:
            return True
        last_by_email[customer] = invitation
    return False


def _repeated(history: History) -> bool:
    return any(
        is_success(one) and one.operation == "create invitation" and "SEC-O7" in one.claims for one in history.exchanges
    )


def _cancelled(*, is_mailed: bool) -> Sight:
    def is_met(history: History) -> bool:
        mailed = {letter.about.token for letter in history.messages if _is_about_invitation(letter)}  # type: ignore[union-attr] # checked
        return any(
            invitation.status == CANCELLED and (invitation.token in mailed) is is_mailed
            for invitation in _invitations(history)
        )

    return is_met


def _is_about_invitation(message: object) -> bool:
    return isinstance(message, Letter) and isinstance(message.about, Invitation)


def _told(step: str) -> Sight:
    return _called(lambda call: call.step == step and call.status == ACKNOWLEDGED)


def _called(is_so: Callable[[WebhookCall], bool]) -> Sight:
    return lambda history: any(map(is_so, history.webhooks))


def _tried(is_so: Callable[[WebhookCall, Attempt], bool]) -> Sight:
    return _called(lambda call: any(is_so(call, attempt) for attempt in call.attempts))


def _is_refused(call: WebhookCall, attempt: Attempt) -> bool:
    return attempt.status is not None and not call.policy.accepts(attempt.status, attempt.body)


def _is_accepted(call: WebhookCall, attempt: Attempt) -> bool:
    return attempt.status is not None and call.policy.accepts(attempt.status, attempt.body)


_CALLS = (
    Outcome("invitation created", "A link is answered.", ("SEC-C1", "SEC-C2"), answered("create invitation")),
    Outcome("link without mail", "A link is answered that nobody mails.", ("SEC-C4",), answered("create link")),
    Outcome("order cancelled", "A cancel is accepted.", ("SEC-O1",), answered("cancel invitation")),
    Outcome("website registered", "A shop registers itself.", ("SEC-O2",), answered("live create")),
    Outcome(
        "website verified",
        "A website is found to be its owner's.",
        ("SEC-O3",),
        answered("live verification", ": true"),
    ),
    Outcome(
        "website not verified",
        "A website is not found to be its owner's.",
        ("SEC-O3",),
        answered("live verification", ": false"),
    ),
    Outcome("company id told", "A token's company is answered.", ("SEC-O4",), answered("company id")),
    Outcome("company unknown", "A token is nobody's: 404.", ("SEC-O4",), refused(NO_SUCH_CALL, operation="company id")),
    Outcome("widget shown", "The reviews of a product are shown.", ("SEC-O5",), answered("widget")),
    Outcome("script loaded", "The shop's page loads build.js.", ("SEC-O6",), answered("build.js")),
    Outcome("front page shown", "The shop's page frames the vendor's.", ("SEC-O6",), answered("front page")),
)

_REFUSED = (
    *(
        Outcome(f"refused: {name}", f"A call is refused: {refusal.why}.", GROUNDS[refusal.code], refused(refusal.code))
        for name, refusal in REFUSALS.items()
    ),
    Outcome(
        "refused: thematics",
        "Codes are too many, unknown, or missing from a survey.",
        ("SEC-C13", "SEC-C9", "SEC-T7"),
        refused(BAD_PARAMETER, "thematics"),
    ),
    Outcome(
        "refused: moderator",
        "A profile_id is nobody's.",
        ("SEC-C17",),
        refused(BAD_PARAMETER, "profile_id"),
    ),
    Outcome(
        "refused: cancelled order",
        "An order is invited again after its cancel.",
        ("SEC-O7",),
        refused(BAD_PARAMETER, "order", operation="create invitation"),
    ),
    Outcome("refused: unknown link", "A link is opened that is none.", ("SEC-R2",), refused(UNKNOWN_LINK)),
    Outcome("refused: cancelled link", "A link is opened after the cancel.", ("SEC-O1",), refused(CANCELLED_LINK)),
    Outcome("refused: second review", "A link is used for a second review.", ("SEC-R3",), refused(ALREADY_REVIEWED)),
)

_INVITATIONS = (
    Outcome("invitation mailed", "An invitation leaves after its days.", ("SEC-C1", "SEC-C14"), _mailed("invitation")),
    Outcome(
        "mail at once", "An invitation of days=0 is made.", ("SEC-C14",), _invited(lambda made: made.asked.days == 0)
    ),
    Outcome("recall sent", "A recall leaves while there is no review.", ("SEC-C15", "SEC-C16"), _mailed("recall")),
    Outcome(
        "recalls without an end", "The last recall has left, and no review came.", ("SEC-C15",), _recalled_to_the_end
    ),
    Outcome("recalls stopped", "A review comes before the last recall.", ("SEC-R1",), _recalls_stopped),
    Outcome(
        "force_invitation",
        "An invitation is made whatever was sent within a day.",
        ("SEC-C11",),
        _invited(lambda made: made.asked.force_invitation),
    ),
    Outcome("invited again", "A customer is invited again after a day.", ("SEC-C10", "SEC-C12"), _invited_again),
    Outcome("order repeated", "The same order is answered the same link.", ("SEC-O7",), _repeated),
    Outcome("cancelled before the mail", "An invitation never leaves.", ("SEC-O1",), _cancelled(is_mailed=False)),
    Outcome("cancelled after the mail", "Recalls never leave.", ("SEC-O1",), _cancelled(is_mailed=True)),
    Outcome(
        "survey only", "An invitation asks for no review.", ("SEC-C9",), _invited(lambda made: made.asked.survey_only)
    ),
    Outcome(
        "thematics asked", "An invitation asks questions.", ("SEC-C13",), _invited(lambda made: bool(made.thematics))
    ),
    Outcome("gift", "An invitation promises a gift.", ("SEC-C21",), _invited(lambda made: made.asked.with_gift)),
)

_REVIEWS = (
    Outcome(
        "link opened",
        "A customer opens the form.",
        ("SEC-W5", "SEC-R2"),
        _invited(lambda made: made.status in {OPENED, REVIEWED}),
    ),
    Outcome("good review", "A review of 4 or 5.", ("SEC-W6",), _reviewed(lambda given: (given.rating or 0) >= 4)),
    Outcome("bad review", "A review of 1 or 2.", ("SEC-W6",), _reviewed(lambda given: 0 < (given.rating or 0) <= 2)),
    Outcome(
        "survey answered",
        "A survey without a review comes back.",
        ("SEC-C9",),
        _reviewed(lambda given: not given.rating),
    ),
    Outcome("thematic rated", "A question is answered.", ("SEC-R2",), _reviewed(lambda given: bool(given.answers))),
    Outcome("late reply", "A review comes after a recall.", ("SEC-C15", "SEC-R1"), _reviewed_late),
    Outcome("review for a gift", "A review comes for a gift.", ("SEC-C21",), _reviewed(lambda given: bool(given.gift))),
)

_STEPS = {
    "invitation-created": "SEC-W2",
    "mail-send": "SEC-W3",
    "mail-recall": "SEC-W4",
    "link-opened": "SEC-W5",
    "review-saved": "SEC-W6",
}

_WEBHOOKS = (
    *(
        Outcome(f"webhook {step}", f"The application acknowledges {step}.", (claim, "SEC-W8"), _told(step))
        for step, claim in _STEPS.items()
    ),
    Outcome("webhook refused", "The application answers neither ok nor success.", ("SEC-W8",), _tried(_is_refused)),
    Outcome(
        "webhook unanswered",
        "The application cannot be reached.",
        ("SEC-W8",),
        _tried(lambda _, one: one.status is None),
    ),
    Outcome(
        "webhook retried",
        "A call that was not acknowledged is repeated.",
        ("SEC-W9",),
        _called(lambda call: call.tries > 1),
    ),
    Outcome(
        "webhook given up",
        "Nothing was acknowledged to the last.",
        ("SEC-W9",),
        _called(lambda call: call.status == GIVEN_UP),
    ),
    Outcome(
        "meta handed back",
        "A call brings meta_ parameters.",
        ("SEC-C19", "SEC-W7"),
        _called(lambda call: any(name.startswith("meta_") for name, _ in call.params)),
    ),
)

OUTCOMES = (*_CALLS, *_REFUSED, *_INVITATIONS, *_REVIEWS, *_WEBHOOKS)
"""Every outcome, in the order in which they are listed."""
