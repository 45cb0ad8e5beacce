"""What leaves by itself: the invitation mail and its recalls (SPEC §1.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from mockserver.core.agenda import Task
from mockserver.core.outbox import Letter
from mockserver.core.world import World
from mockserver.services.securating.customers import expect_review
from mockserver.services.securating.desk import Envelope
from mockserver.services.securating.model import NAME, OVER, SCHEDULED, SENT, Invitation, Securating
from mockserver.services.securating.steps import tell


@dataclass(frozen=True, slots=True)
class SendInvitation(Task):
    """Mail an invitation (SEC-C14)."""

    token: str

    def is_still_wanted(self, world: World) -> bool:
        """Nobody is invited who has given a review, or whose order was cancelled."""
        return world.state(Securating).invitations[self.token].status not in OVER

    def perform(self, world: World) -> None:
        """Let the letter leave, and tell the webhook."""
        invitations = world.state(Securating).invitations
        invitation = invitations[self.token]
        if invitation.status == SCHEDULED:
            invitation = invitations[self.token] = replace(invitation, status=SENT)
        mail(world, invitation, "invitation", "mail-send")
        expect_review(world, invitation)


@dataclass(frozen=True, slots=True)
class SendRecall(Task):
    """Remind the customer, for the `number`th time (SEC-C15, SEC-C16)."""

    token: str
    number: int

    def is_still_wanted(self, world: World) -> bool:
        """Recalls stop once a review is given (SEC-R1) or the order is cancelled (SEC-O1)."""
        return world.state(Securating).invitations[self.token].status not in OVER

    def perform(self, world: World) -> None:
        """Let the letter leave, and tell the webhook."""
        mail(world, world.state(Securating).invitations[self.token], "recall", "mail-recall")


def mail(world: World, invitation: Invitation, kind: str, step: str) -> None:
    """Let a letter about an invitation leave, and tell the webhook."""
    world.outbox.put(Letter(world.clock.now, NAME, invitation.asked.email, kind, invitation))
    tell(world, invitation, step)


def mailing_of(world: World, token: str) -> datetime | None:
    """Return when an invitation's mail will leave, None when it never will (any more)."""
    mailing = SendInvitation(token)
    return next((promise.due for promise in world.upcoming() if promise.task == mailing), None)


def envelopes(world: World, token: str = "") -> list[Envelope]:
    """Return what there is to see of the letters that left (about one invitation), oldest first."""
    return [
        Envelope(number, letter.at, letter.recipient, letter.kind, about.token, about.link)
        for number, letter in world.outbox.to()
        if isinstance(letter, Letter) and letter.service == NAME
        if isinstance(about := letter.about, Invitation) and token in {"", about.token}
    ]
