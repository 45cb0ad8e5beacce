"""The nouns of sms-vote: what an account has, what was sent and received, what was voted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from mockserver.core.tables import Tables
from mockserver.services.crowd import Crowd
from mockserver.services.smsvote.settings import SmsVoteSettings

NAME = "smsvote"
"""The service in outbox and journal."""

NO_FINAL_TEXTS = ("", "", "", "", "")

NOT_ACTIVE, ACTIVE, FINISHED, DELETED = "not active", "active", "finished", "deleted"
"""The statuses of a vote, as `vote_report.php` words them (SMS-V3)."""


@dataclass(frozen=True, slots=True)
class Account:
    """A customer of sms-vote. A limit of None is no limit; `final_texts` are those for ratings 1 to 5 (SMS-M5)."""

    id: int
    secure: str
    balance: Decimal
    price: Decimal
    daily_limit: int | None = None
    monthly_limit: int | None = None
    is_api_allowed: bool = True
    sending_delay: timedelta = timedelta(0)
    final_texts: tuple[str, ...] = NO_FINAL_TEXTS


@dataclass(frozen=True, slots=True)
class Prefix:
    """A word with which ratings without request begin, allocated to one account (SMS-F2)."""

    word: str
    account: int


@dataclass(frozen=True, slots=True)
class Draft:
    """One message of a command, read but not accepted yet."""

    phone: str
    text: str
    text_final: str = ""
    employee: str = ""
    order: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A request for a rating; accepted, then delivered, then rated.

    `below` is the number of the request that was the newest unanswered one on this phone at its delivery, 0 for none:
    the unanswered requests of a phone form a stack, whose top is in `SmsVote.newest_request`.
    """

    number: int
    account: int
    draft: Draft
    transport: str
    accepted_at: datetime
    delivered_at: datetime | None = None
    rating: int | None = None
    below: int = 0


@dataclass(frozen=True, slots=True)
class Rating:
    """A customer's judgement from 1 to 5; `request` is the message it answers, 0 when nobody asked."""

    at: datetime
    phone: str
    value: int
    text: str
    employee: str = ""
    order: str = ""
    request: int = 0


@dataclass(frozen=True, slots=True)
class IncomingSms:
    """A text message from a phone, and what it became: `rating`, `answer`, `ballot`, or `nothing`.

    `after` is how many messages the service had sent by then: the order of a conversation within one instant.
    """

    at: datetime
    phone: str
    text: str
    to: str
    transport: str
    after: int
    account: int
    became: str = "nothing"
    rating: int | None = None


class QuestionDraft(NamedTuple):
    """A question to be asked, and its possible answers: internal code and text of each."""

    text: str
    options: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Option:
    """One possible answer: its global id, its internal code (what a participant sends), and its text."""

    global_id: int
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Vote:
    """A poll. `nr` counts within the account, `global_id` over the whole service (SMS-V2)."""

    account: int
    nr: int
    global_id: int
    hash: str
    name: str
    question: str
    options: tuple[Option, ...]
    is_multiple: bool = False
    status: str = NOT_ACTIVE
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ballot:
    """The choice of one participant in one vote that counts (in a multiple vote: the latest of them)."""

    vote: int
    participant: str
    option: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a questionnaire."""

    text: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """Questions that are asked of one participant, one after the other (SMS-V9)."""

    number: int
    account: int
    name: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Interview:
    """How far one participant has come with a questionnaire: the codes answered so far."""

    questionnaire: int
    phone: str
    transport: str
    asked_at: datetime
    answers: tuple[str, ...] = ()


@dataclass(slots=True)
class Cabinet(Tables):
    """What one account finds in its personal cabinet.

    `ratings` stand in the order of their instants; the counters are kept by local day, and by the local month's first.
    """

    ratings: list[Rating] = field(default_factory=list)
    votes: dict[int, Vote] = field(default_factory=dict)
    sent_on_day: dict[date, int] = field(default_factory=dict)
    sent_in_month: dict[date, int] = field(default_factory=dict)


@dataclass(slots=True)
class SmsVote(Tables):
    """Everything sms-vote remembers, and the assumptions it is run under."""

    settings: SmsVoteSettings = field(default_factory=SmsVoteSettings)
    pinned: set[str] = field(default_factory=set)  # settings that somebody has set, be it to the default
    accounts: dict[int, Account] = field(default_factory=dict)
    cabinets: dict[int, Cabinet] = field(default_factory=dict)
    prefixes: dict[str, Prefix] = field(default_factory=dict)  # by the case-folded word
    messages: dict[int, Message] = field(default_factory=dict)
    newest_request: dict[str, int] = field(default_factory=dict)  # phone: number of its newest unanswered message
    last_sender: dict[str, int] = field(default_factory=dict)  # phone: account that sent to it last
    incoming: list[IncomingSms] = field(default_factory=list)
    votes_by_hash: dict[str, tuple[int, int]] = field(default_factory=dict)  # account and number
    tally: dict[int, int] = field(default_factory=dict)  # global option id: ballots that count
    ballots: dict[tuple[int, str], Ballot] = field(default_factory=dict)  # by global vote id and participant
    questionnaires: dict[int, Questionnaire] = field(default_factory=dict)
    interviews: dict[tuple[int, str], Interview] = field(default_factory=dict)  # by questionnaire and phone
    current_interview: dict[str, int] = field(default_factory=dict)  # phone: questionnaire it is being asked
    will_reply: dict[str, tuple[timedelta, str]] = field(default_factory=dict)  # phone: delay after a request, and what
    crowd: Crowd | None = None
    past_until: datetime | None = None  # what was asked until then belongs to the past that the world began with
    next_vote_id: int = 1
    next_option_id: int = 1
