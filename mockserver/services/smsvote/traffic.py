"""A past for an account: requests sent and answered, ratings that nobody asked for, votes held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from mockserver.core.agenda import Task
from mockserver.core.errors import Refusal
from mockserver.core.randomness import Randomness
from mockserver.core.world import World
from mockserver.services.crowd import Crowd
from mockserver.services.fields import Fields
from mockserver.services.smsvote.incoming import receive_sms
from mockserver.services.smsvote.model import Account, Draft, QuestionDraft, SmsVote
from mockserver.services.smsvote.phones import SendReply
from mockserver.services.smsvote.reading import take_line, take_question
from mockserver.services.smsvote.rules import note, prefixes_of
from mockserver.services.smsvote.sending import send_messages
from mockserver.services.smsvote.votes import cast_ballot, create_vote, find_running_vote, finish_vote, start_vote
from mockserver.services.traffic import (
    Traffic,
    one_of,
    take_count,
    take_share,
    take_texts,
    take_texts_by_rating,
    take_traffic,
)


def account_at(world: World, place: int) -> Account:
    """Return the account at a place of the file: its number may be another one in each tenant."""
    return list(world.state(SmsVote).accounts.values())[place]


@dataclass(frozen=True, slots=True)
class Customs:
    """How an account and its customers go about it; `unasked` is the share of ratings that nobody asked for."""

    crowd: Crowd
    text: str
    employees: tuple[str, ...]
    replies: tuple[tuple[str, ...], ...]
    unasked: float

    def reply(self, rating: int, randomness: Randomness) -> str:
        """Return what a customer writes who gives a rating."""
        replies = self.replies[rating - 1]
        return f"{rating} {one_of(replies, randomness)}" if replies else str(rating)


@dataclass(frozen=True, slots=True)
class ServeCustomer(Task):
    """Let a customer be asked for a rating, or give one unasked."""

    place: int
    order: str
    customs: Customs

    def perform(self, world: World) -> None:
        """Ask, and promise the reply; the journal says what the account could not send."""
        account, randomness, customs = account_at(world, self.place), world.randomness, self.customs
        phone, answer = _phone(randomness), customs.crowd.decide(randomness)
        prefixes = prefixes_of(world.state(SmsVote), account.id)
        if answer and prefixes and randomness.fraction() < customs.unasked:
            text = f"{one_of(prefixes, randomness)} {customs.reply(answer[1], randomness)}"
            receive_sms(world, phone, text, account_id=account.id)
            return
        employee = one_of(customs.employees, randomness) if customs.employees else ""
        world.state(SmsVote).past_until = world.clock.now
        try:
            send_messages(world, account.id, [Draft(phone, customs.text, employee=employee, order=self.order)])
        except Refusal as refusal:
            note(world, f"{phone} was not asked: {refusal.why}")
            return
        if answer:
            reply = SendReply(phone, customs.reply(answer[1], randomness), request=len(world.state(SmsVote).messages))
            world.promise(account.sending_delay + answer[0], reply)


@dataclass(frozen=True, slots=True)
class HoldVote(Task):
    """Let an account create a vote and start it, in place of the one that is running."""

    place: int
    name: str
    question: QuestionDraft

    def perform(self, world: World) -> None:
        """Finish what runs, and start the new one."""
        account = account_at(world, self.place)
        if running := find_running_vote(world.state(SmsVote), account.id):
            finish_vote(world, account.id, running.nr)
        vote = create_vote(world, account.id, self.name, self.question)
        start_vote(world, account.id, vote.nr)


@dataclass(frozen=True, slots=True)
class CastBallot(Task):
    """Let somebody vote; the first options have the most friends."""

    place: int

    def perform(self, world: World) -> None:
        """Vote in what is running."""
        randomness = world.randomness
        vote = find_running_vote(world.state(SmsVote), account_at(world, self.place).id)
        if vote:
            option = vote.options[min(randomness.number(len(vote.options)), randomness.number(len(vote.options)))]
            cast_ballot(world, vote, _phone(randomness), option)


def _phone(randomness: Randomness) -> str:
    return f"79{randomness.number(10**9):09}"


def promise_past(world: World, place: int, fields: Fields) -> None:
    """Promise the past of the account at a place of the file, for the days before the present of a new world."""
    traffic, randomness = take_traffic(world, fields), world.randomness
    customs = Customs(
        traffic.crowd,
        take_line(fields, "text"),
        take_texts(fields, "employees"),
        take_texts_by_rating(fields, "replies"),
        take_share(fields, "unasked"),
    )
    votes = [_take_vote(place, vote) for vote in fields.take_objects("votes", [])]
    ballots = take_count(fields, "ballots_per_day") if "ballots_per_day" in fields else 0
    fields.finish()
    for number, before in enumerate(traffic.instants(randomness), 20001):
        world.agenda.promise(world.clock.now - before, ServeCustomer(place, str(number), customs))
    for number, vote in enumerate(votes):
        world.agenda.promise(world.clock.now - timedelta(days=traffic.days) * (1 - number / len(votes)), vote)
    for before in Traffic(traffic.days, ballots, traffic.crowd).instants(randomness) if votes else ():
        world.agenda.promise(world.clock.now - before, CastBallot(place))


def _take_vote(place: int, fields: Fields) -> HoldVote:
    vote = HoldVote(place, take_line(fields, "name"), take_question(fields, "question"))
    fields.finish()
    return vote
