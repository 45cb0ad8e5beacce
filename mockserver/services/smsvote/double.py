"""sms-vote as a test holds it: phones whose owners answer, votes to run, ratings to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mockserver.core.errors import InvalidInput, Refusal
from mockserver.core.instants import Duration, parse_duration
from mockserver.core.outbox import Sms
from mockserver.services.crowd import form_crowd
from mockserver.services.fields import BAD_REQUEST
from mockserver.services.finding import Finder, NotFound
from mockserver.services.smsvote.desk import Desk
from mockserver.services.smsvote.model import Account, IncomingSms, Rating, Vote
from mockserver.services.smsvote.phones import dialled


class SmsVoteDouble:
    """sms-vote for one test: `url`, `id` and `secure` are what the application needs to call it."""

    def __init__(self, desk: Desk, url: str) -> None:
        self._desk = desk
        self.url = url
        watch = desk.wait_for
        self.messages = Finder("message", Sms, desk.messages, _describe_message, watch=watch)
        self.incoming = Finder("incoming message", IncomingSms, desk.incoming, _describe_incoming, watch=watch)
        self.ratings = Finder("rating", Rating, desk.ratings, _describe_rating, watch=watch)
        self.votes = Finder("vote", LiveVote, self._list_votes, str, LiveVote.anew, watch)

    @property
    def account(self) -> Account:
        """The account as it is now."""
        accounts = self._desk.accounts()
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
        """Change the account as the administration does: `balance`, `daily_limit`, `prefixes`, `final_texts` …

        Anything else is a setting. Raises `InvalidInput` or `Refusal`.
        """
        self._desk.change(wanted)

    def _list_votes(self) -> list[LiveVote]:
        return [LiveVote(self._desk, vote.account, vote.nr, vote) for vote in self._desk.votes()]

    def phone(self, number: str | int) -> Phone:
        """Return the phone with that number, as people write it: `+7 123 456-78-90`. Raises `Refusal` for none."""
        return Phone(self._desk, self._desk.phone(dialled(str(number))))

    def crowd(self, *, answering: float, within: Duration, ratings: Mapping[int, float]) -> None:
        """Let phones of which no test says otherwise be a crowd: `answering` of them (0 to 1) rate a request.

        They do so `within` a time, with `ratings` in proportion to their weights; the world's seed decides who.
        For the last request of each phone, where nothing has come from there since, that time begins now; those who
        were asked in the past that the world began with are left as they are.
        Raises `InvalidInput`.
        """
        self._desk.set_crowd(form_crowd(answering, within, ratings))

    def create_vote(self, name: str, question: str, options: Sequence[str], *, multiple: bool = False) -> LiveVote:
        """Create a vote and start it; participants choose `1`, `2` … in the order of `options`. Raises `Refusal`."""
        vote = self._desk.run_vote(name, question, options, multiple)
        return LiveVote(self._desk, vote.account, vote.nr)


def _describe_message(sms: Sms) -> str:
    return f"{sms.kind} to {sms.recipient}: {sms.text[:40]!r}"


def _describe_incoming(sms: IncomingSms) -> str:
    return f"{sms.text[:40]!r} from {sms.phone}"


def _describe_rating(rating: Rating) -> str:
    return f"{rating.value} from {rating.phone}"


def _text(text: object) -> str:
    if not isinstance(text, str):
        raise InvalidInput("text", f"{text!r}, a text expected")
    return text


@dataclass(frozen=True, slots=True)
class Phone:
    """A customer's phone."""

    _desk: Desk
    number: str

    @property
    def inbox(self) -> list[Sms]:
        """What it has received, oldest first."""
        return self._desk.messages(self.number)

    @property
    def texts(self) -> list[str]:
        """The texts that it has received, oldest first."""
        return [sms.text for sms in self.inbox]

    def send(self, text: str, *, transport: str = "sms") -> IncomingSms:
        """Send a text message to the service, asked or not; returns what it became. Raises as `will_reply` does."""
        return self._desk.send(self.number, _text(text), transport)

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
        """Answer by itself, so long `after` each request that arrives.

        The last one that is there already is answered so long after now, however old it is, where nothing has been
        sent from this phone since. Raises `InvalidInput` for what is no text, `Refusal` for one that no message can be.
        """
        self._desk.intend(self.number, parse_duration(after, "after"), _text(text))


@dataclass(frozen=True, slots=True)
class LiveVote:
    """A vote, as it is at each look."""

    _desk: Desk
    _account: int
    nr: int
    _listed: Vote | None = None

    def anew(self) -> LiveVote:
        """Return one that always shows the present, of one that a list holds as it was when that was made."""
        return LiveVote(self._desk, self._account, self.nr)

    @property
    def fact(self) -> Vote:
        """The vote as it is now."""
        return self._listed or self._desk.vote(self._account, self.nr)

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
        return self._desk.counts(self.fact)

    def cast(self, participant: str | int, code: str | int) -> bool:
        """Cast a participant's ballot for the option with that code; returns whether it counts. Raises `Refusal`."""
        return self._desk.cast(self.fact, dialled(str(participant)), str(code))

    def finish(self) -> None:
        """End it. Raises `Refusal` when it is not running."""
        self._desk.finish_vote(self.fact)

    def __str__(self) -> str:
        return f"vote {self.nr} {self.fact.name!r} ({self.fact.status})"
