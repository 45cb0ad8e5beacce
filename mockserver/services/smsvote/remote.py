"""sms-vote behind a port, as a test asks for it: every word is a row of the control surface."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from mockserver.core.outbox import Sms
from mockserver.services.crowd import Crowd
from mockserver.services.facts import keywords_to_json, to_json
from mockserver.services.remote import Wire, list_of, part, read
from mockserver.services.smsvote.model import NO_FINAL_TEXTS, Account, IncomingSms, Rating, Vote


class RemoteDesk:
    """The `Desk` of the world at the other end of a wire."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.wait_for = wire.wait_for

    def accounts(self) -> list[Account]:
        """Return the accounts; votes are created for the first one."""
        return [_account(row) for row in self._wire.get("/smsvote/accounts")["accounts"]]

    def change(self, wanted: Mapping[str, object]) -> None:
        """Change the first account, else settings. Raises `InvalidInput` or `Refusal`."""
        self._wire.post("/smsvote/change", keywords_to_json(wanted))

    def phone(self, number: str) -> str:
        """Return a phone's number as its digits. Raises `Refusal`."""
        self._wire.get("/smsvote/messages", phone=number, limit=1)
        return number

    def messages(self, phone: str = "") -> list[Sms]:
        """Return what was sent (to one phone), oldest first."""
        return list_of(Sms, self._wire, "/smsvote/messages", phone=phone or None)

    def incoming(self, phone: str = "") -> list[IncomingSms]:
        """Return what phones (or one of them) have sent, and what it became, oldest first."""
        return list_of(IncomingSms, self._wire, "/smsvote/incoming", phone=phone or None)

    def ratings(self) -> list[Rating]:
        """Return the ratings, those of each account oldest first."""
        return list_of(Rating, self._wire, "/smsvote/ratings")

    def votes(self) -> list[Vote]:
        """Return the votes of every account, in the order of their creation."""
        rows = [
            row for account in self.accounts() for row in self._wire.get("/smsvote/votes", account=account.id)["votes"]
        ]
        return sorted((read(Vote, row) for row in rows), key=lambda vote: vote.global_id)

    def vote(self, account: int, nr: int) -> Vote:
        """Return one vote as it is now. Raises `NotFound`."""
        return read(Vote, self._wire.get(f"/smsvote/votes/{nr}", account=account))

    def counts(self, vote: Vote) -> dict[str, int]:
        """Return how many ballots each option of a vote has, by its code."""
        row = self._wire.get(f"/smsvote/votes/{vote.nr}", account=vote.account)
        return {option["code"]: option["votes"] for option in row["options"]}

    def run_vote(self, name: str, question: str, options: Sequence[str], multiple: bool) -> Vote:
        """Create a vote and start it. Raises `Refusal`."""
        asked = {"name": name, "question": question, "options": list(options), "multiple": multiple}
        vote = read(Vote, self._wire.post("/smsvote/votes", asked))
        return read(Vote, self._wire.post(f"/smsvote/votes/{vote.nr}/start", {"account": vote.account}))

    def finish_vote(self, vote: Vote) -> None:
        """End a vote. Raises `Refusal` when it is not running."""
        self._wire.post(f"/smsvote/votes/{vote.nr}/finish", {"account": vote.account})

    def cast(self, vote: Vote, participant: str, code: str) -> bool:
        """Cast a participant's ballot; return whether it counts. Raises `Refusal`."""
        ballot = {"account": vote.account, "participant": participant, "option": code}
        return read(bool, self._wire.post(f"/smsvote/votes/{vote.nr}/ballots", ballot)["counted"])

    def send(self, phone: str, text: str, transport: str) -> IncomingSms:
        """Let a phone send a text message; return what it became. Raises `Refusal`."""
        row = self._wire.post(f"/smsvote/phones/{part(phone)}/send", {"text": text, "transport": transport})
        return read(IncomingSms, row["sms"])

    def intend(self, phone: str, after: timedelta, text: str) -> None:
        """Decide what a phone's owner will answer to the last open request and to each to come."""
        self._wire.post(f"/smsvote/phones/{part(phone)}/will-reply", {"text": text, "after": to_json(after)})

    def set_crowd(self, crowd: Crowd) -> None:
        """Decide what owners of phones will answer of whom nothing else is said."""
        self._wire.post("/smsvote/crowd", crowd.described())


def _account(row: dict[str, Any]) -> Account:
    texts = [row["final_texts"].get(str(rating), "") for rating, _ in enumerate(NO_FINAL_TEXTS, 1)]
    return read(Account, row | {"is_api_allowed": row["api_allowed"], "final_texts": texts})
