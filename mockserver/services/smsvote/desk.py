"""What a test asks of sms-vote, and tells phones to do: the few words of which everything else is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

from mockserver.core.outbox import Sms
from mockserver.services.crowd import Crowd
from mockserver.services.smsvote.model import Account, IncomingSms, Rating, Vote


class Desk(Protocol):
    """Looks at one world's sms-vote and acts in it, whether it is in this process or behind a port.

    Every look first delivers the webhooks that wait, every act delivers those that it causes. Whoever has no such
    vote raises `NotFound`, what somebody may not do is a `Refusal`, what a test asks for and cannot have is
    `InvalidInput`.
    """

    def accounts(self) -> list[Account]:
        """Return the accounts; votes are created for the first one."""

    def change(self, wanted: Mapping[str, object]) -> None:
        """Change the first account, else settings."""

    def phone(self, number: str) -> str:
        """Return a phone's number as its digits."""

    def messages(self, phone: str = "") -> list[Sms]:
        """Return what was sent (to one phone), oldest first."""

    def incoming(self, phone: str = "") -> list[IncomingSms]:
        """Return what phones (or one of them) have sent, and what it became, oldest first."""

    def ratings(self) -> list[Rating]:
        """Return the ratings, those of each account oldest first."""

    def votes(self) -> list[Vote]:
        """Return the votes of every account, in the order of their creation."""

    def vote(self, account: int, nr: int) -> Vote:
        """Return one vote as it is now."""

    def counts(self, vote: Vote) -> dict[str, int]:
        """Return how many ballots each option of a vote has, by its code."""

    def run_vote(self, name: str, question: str, options: Sequence[str], multiple: bool) -> Vote:
        """Create a vote and start it; the codes of its options count from 1."""

    def finish_vote(self, vote: Vote) -> None:
        """End a vote."""

    def cast(self, vote: Vote, participant: str, code: str) -> bool:
        """Cast a participant's ballot; return whether it counts."""

    def send(self, phone: str, text: str, transport: str) -> IncomingSms:
        """Let a phone send a text message; return what it became."""

    def intend(self, phone: str, after: timedelta, text: str) -> None:
        """Decide what a phone's owner will answer to the last open request and to each to come."""

    def wait_for(self, find: Callable[[], list[Any]], seconds: float) -> list[Any]:
        """Look, and while nothing is found look again at each change, for so many real seconds."""

    def set_crowd(self, crowd: Crowd) -> None:
        """Decide what owners of phones will answer of whom nothing else is said."""
