"""sms-vote as a test holds it: phones whose owners answer, votes to run, ratings to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mockserver.core.crowd import Crowd
from mockserver.core.errors import Refusal
from mockserver.core.instants import Duration, parse_duration
from mockserver.core.outbox import Sms
from mockserver.core.world import World
from mockserver.services.fields import BAD_REQUEST, Fields
from mockserver.services.finding import Finder, NotFound
from mockserver.services.service import Driver
from mockserver.services.smsvote import votes
from mockserver.services.smsvote.incoming import receive_sms
from mockserver.services.smsvote.model import (
    NAME,
    Account,
    IncomingSms,
    Option,
    QuestionDraft,
    Rating,
    SmsVote,
    Vote,
)
from mockserver.services.smsvote.reading import take_account, take_phone, take_prefixes
from mockserver.services.smsvote.rules import change_account
from mockserver.services.smsvote.settings import SmsVoteSettings


class SmsVoteDouble:
    """sms-vote for one test: `url`, `id` and `secure` are what the application needs to call it."""

    def __init__(self, driver: Driver, url: str) -> None:
        self._driver = driver
        self.url = url
        self.messages = Finder("message", self._list_messages, _describe_message)
        self.ratings = Finder("rating", self._list_ratings, lambda rating: f"{rating.value} from {rating.phone}")
        self.votes = Finder("vote", self._list_votes, str)

    @property
    def account(self) -> Account:
        """The account as it is now."""
        with self._driver.look() as world:
            accounts = list(world.state(SmsVote).accounts.values())
        if not accounts:
            raise NotFound("this world has no account; its file names none")
        return accounts[0]

    @property
    def id(self) -> int:
        """The account's id."""
        return self.account.id

    @property
    def secure(self) -> str:
        """The account's secret."""
        return self.account.secure

    @property
    def balance(self) -> Decimal:
        """What is left on the account."""
        return self.account.balance

    def change(self, **wanted: object) -> None:
        """Change the account as the administration does: `balance`, `daily_limit`, `prefixes`, `final_texts` …"""
        with self._driver.act() as world:
            adjust(world, wanted, NAME)

    def _list_messages(self) -> list[Sms]:
        with self._driver.look() as world:
            return [sms for _, sms in world.outbox.to() if isinstance(sms, Sms)]

    def _list_ratings(self) -> list[Rating]:
        with self._driver.look() as world:
            return [rating for cabinet in world.state(SmsVote).cabinets.values() for rating in cabinet.ratings]

    def _list_votes(self) -> list[LiveVote]:
        with self._driver.look() as world:
            state = world.state(SmsVote)
            return [LiveVote(self._driver, *place) for place in state.votes_by_hash.values()]

    def phone(self, number: str | int) -> Phone:
        """Return the phone with that number. Raises `Refusal` for what is no number."""
        with self._driver.look() as world:
            named = Fields({"phone": str(number).lstrip("+")})
            return Phone(self._driver, take_phone(named, "phone", world.state(SmsVote).settings))

    def crowd(self, *, answering: float, within: Duration, ratings: Mapping[int, float]) -> None:
        """Let phones of which no test says otherwise be a crowd: `answering` of them (0 to 1) rate a request.

        They do so `within` a time, with `ratings` in proportion to their weights; the world's seed decides who.
        Raises `InvalidInput`.
        """
        crowd = Crowd(answering, parse_duration(within, "within"), tuple(ratings.items()))
        with self._driver.act() as world:
            world.state(SmsVote).crowd = crowd

    def create_vote(self, name: str, question: str, options: Sequence[str], *, multiple: bool = False) -> LiveVote:
        """Create a vote and start it; participants choose `1`, `2` … in the order of `options`."""
        draft = QuestionDraft(question, [(str(code), text) for code, text in enumerate(options, 1)])
        account_id = self.id
        with self._driver.act() as world:
            vote = votes.create_vote(world, account_id, name, draft, multiple)
            votes.start_vote(world, account_id, vote.nr)
        return LiveVote(self._driver, account_id, vote.nr)


@dataclass(frozen=True, slots=True)
class Phone:
    """A customer's phone."""

    _driver: Driver
    number: str

    @property
    def inbox(self) -> list[Sms]:
        """What it has received, oldest first."""
        with self._driver.look() as world:
            return [sms for _, sms in world.outbox.to(self.number) if isinstance(sms, Sms)]

    @property
    def texts(self) -> list[str]:
        """The texts that it has received, oldest first."""
        return [sms.text for sms in self.inbox]

    def send(self, text: str, *, transport: str = "sms") -> IncomingSms:
        """Send a text message to the service, asked or not; returns what it became."""
        with self._driver.act() as world:
            return receive_sms(world, self.number, text, transport=transport)

    def reply(self, text: str) -> IncomingSms:
        """Answer the newest message. Raises `Refusal` when nothing has arrived to be answered."""
        inbox = self.inbox
        if not inbox:
            raise Refusal(BAD_REQUEST, f"nothing has arrived on {self.number}; send() sends unasked", "phone")
        return self.send(text, transport=inbox[-1].transport)

    def ballot(self, vote: LiveVote, code: str | int) -> bool:
        """Cast this phone's ballot for the option with that code; returns whether it counts. Raises `Refusal`."""
        return vote.cast(self.number, code)

    def will_reply(self, text: str, *, after: Duration = 0) -> None:
        """Answer by itself, so long `after` each request that arrives from now on."""
        delay = parse_duration(after, "after")
        with self._driver.act() as world:
            world.state(SmsVote).will_reply[self.number] = (delay, text)


@dataclass(frozen=True, slots=True)
class LiveVote:
    """A vote, as it is at each look."""

    _driver: Driver
    _account: int
    nr: int

    @property
    def fact(self) -> Vote:
        """The vote as it is now."""
        with self._driver.look() as world:
            return world.state(SmsVote).cabinets[self._account].votes[self.nr]

    @property
    def name(self) -> str:
        """Its name."""
        return self.fact.name

    @property
    def hash(self) -> str:
        """What `/?v=` and `/?x=` take."""
        return self.fact.hash

    @property
    def status(self) -> str:
        """`not active`, `active`, `finished` or `deleted`."""
        return self.fact.status

    @property
    def counts(self) -> dict[str, int]:
        """How many ballots each option has, by its code."""
        options = self.fact.options
        with self._driver.look() as world:
            return {option.code: world.state(SmsVote).tally[option.global_id] for option in options}

    def cast(self, participant: str | int, code: str | int) -> bool:
        """Cast a participant's ballot for the option with that code; returns whether it counts. Raises `Refusal`."""
        vote = self.fact
        option = votes.find_option(vote.options, str(code)) or _no_option(vote.options, code)
        with self._driver.act() as world:
            return votes.cast_ballot(world, vote, str(participant), option)

    def finish(self) -> None:
        """End it. Raises `Refusal` when it is not running."""
        with self._driver.act() as world:
            votes.finish_vote(world, self._account, self.nr)

    def __str__(self) -> str:
        return f"vote {self.nr} {self.name!r} ({self.status})"


def _no_option(options: Sequence[Option], code: object) -> Option:
    known = ", ".join(option.code for option in options)
    raise Refusal(BAD_REQUEST, f"{code!r}, one of {known} expected", "option")


def _describe_message(sms: Sms) -> str:
    return f"{sms.kind} to {sms.recipient}: {sms.text[:40]!r}"


def adjust(world: World, wanted: Mapping[str, object], path: str) -> None:
    """Adjust the first account (`balance`, `daily_limit`, `prefixes` …), else settings.

    Raises `InvalidInput` or `Refusal`.
    """
    state = world.state(SmsVote)
    account = next(iter(state.accounts.values()))
    given = {name: str(value) if isinstance(value, Decimal) else value for name, value in wanted.items()}
    fields = Fields({name: list(value) if isinstance(value, tuple) else value for name, value in given.items()})
    changed, prefixes = take_account(fields, account), take_prefixes(fields)
    settings = {name: given[name] for name in fields.left()}
    if any(name not in SmsVoteSettings.__slots__ for name in settings):
        fields.finish()
    if settings:
        state.settings = state.settings.override(settings, path)
    change_account(world, changed, prefixes)
