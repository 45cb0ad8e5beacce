"""sms-vote in this process, as a test asks for it: looks and acts on the world itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from mockserver.core.outbox import Sms
from mockserver.core.world import World
from mockserver.services.crowd import Crowd
from mockserver.services.fields import Fields
from mockserver.services.finding import NotFound
from mockserver.services.service import Driver
from mockserver.services.smsvote import phones, ratings, votes
from mockserver.services.smsvote.adjusting import adjust
from mockserver.services.smsvote.incoming import receive_sms
from mockserver.services.smsvote.model import NAME, Account, IncomingSms, Rating, SmsVote, Vote
from mockserver.services.smsvote.reading import check_phone, take_line, take_question, take_sms, take_transport
from mockserver.services.smsvote.rules import find_account, messages_to


class DrivenDesk:
    """The `Desk` of the world that a driver holds."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self.wait_for = driver.wait_for

    def accounts(self) -> list[Account]:
        """Return the accounts; votes are created for the first one."""
        with self._driver.look() as world:
            return list(world.state(SmsVote).accounts.values())

    def change(self, wanted: Mapping[str, object]) -> None:
        """Change the first account, else settings. Raises `InvalidInput` or `Refusal`."""
        with self._driver.act() as world:
            adjust(world, wanted, NAME)

    def phone(self, number: str) -> str:
        """Return a phone's number as its digits. Raises `Refusal`."""
        with self._driver.look() as world:
            return _number(world, "phone", number)

    def messages(self, phone: str = "") -> list[Sms]:
        """Return what was sent (to one phone), oldest first."""
        with self._driver.look() as world:
            return messages_to(world, phone)

    def incoming(self, phone: str = "") -> list[IncomingSms]:
        """Return what phones (or one of them) have sent, and what it became, oldest first."""
        with self._driver.look() as world:
            return [sms for sms in world.state(SmsVote).incoming if phone in {"", sms.phone}]

    def ratings(self) -> list[Rating]:
        """Return the ratings, those of each account oldest first."""
        with self._driver.look() as world:
            return ratings.all_ratings(world.state(SmsVote))

    def votes(self) -> list[Vote]:
        """Return the votes of every account, in the order of their creation."""
        with self._driver.look() as world:
            return votes.all_votes(world.state(SmsVote))

    def vote(self, account: int, nr: int) -> Vote:
        """Return one vote as it is now. Raises `NotFound`."""
        with self._driver.look() as world:
            return _find(world, account, nr)

    def counts(self, vote: Vote) -> dict[str, int]:
        """Return how many ballots each option of a vote has, by its code."""
        with self._driver.look() as world:
            tally = world.state(SmsVote).tally
            return {option.code: tally[option.global_id] for option in vote.options}

    def run_vote(self, name: str, question: str, options: Sequence[str], multiple: bool) -> Vote:
        """Create a vote and start it. Raises `Refusal`."""
        fields = Fields({"name": name, "question": question, "options": list(options)})
        line, draft = take_line(fields, "name"), take_question(fields, "question")
        with self._driver.act() as world:
            account = find_account(world.state(SmsVote))
            vote = votes.create_vote(world, account.id, line, draft, multiple)
            return votes.start_vote(world, account.id, vote.nr)

    def finish_vote(self, vote: Vote) -> None:
        """End a vote. Raises `Refusal` when it is not running."""
        with self._driver.act() as world:
            votes.finish_vote(world, vote.account, vote.nr)

    def cast(self, vote: Vote, participant: str, code: str) -> bool:
        """Cast a participant's ballot; return whether it counts. Raises `Refusal`."""
        with self._driver.act() as world:
            phone = _number(world, "participant", participant)
            vote = _find(world, vote.account, vote.nr)
            return votes.cast_ballot(world, vote, phone, votes.chosen_option(vote, code))

    def send(self, phone: str, text: str, transport: str) -> IncomingSms:
        """Let a phone send a text message; return what it became. Raises `Refusal`."""
        fields = Fields({"text": text, "transport": transport})
        text, transport = take_sms(fields, "text"), take_transport(fields)
        with self._driver.act() as world:
            return receive_sms(world, phone, text, transport=transport)

    def intend(self, phone: str, after: timedelta, text: str) -> None:
        """Decide what a phone's owner will answer to the last open request and to each to come. Raises `Refusal`."""
        text = take_sms(Fields({"text": text}), "text")
        with self._driver.act() as world:
            phones.intend(world, phone, after, text)

    def set_crowd(self, crowd: Crowd) -> None:
        """Decide what owners of phones will answer of whom nothing else is said."""
        with self._driver.act() as world:
            phones.set_crowd(world, crowd)


def _number(world: World, name: str, number: str) -> str:
    return check_phone(Fields({}), name, number, world.state(SmsVote).settings)


def _find(world: World, account: int, nr: int) -> Vote:
    cabinet = world.state(SmsVote).cabinets.get(account)
    if cabinet is None or nr not in cabinet.votes:
        raise NotFound(f"nr: account {account} has no vote {nr}")
    return cabinet.votes[nr]
