"""Votes: their course from created to deleted, and the ballots cast in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mockserver.core.errors import Refusal
from mockserver.core.world import World
from mockserver.services.fields import BAD_REQUEST
from mockserver.services.smsvote.errors import WRONG_VOTE
from mockserver.services.smsvote.model import (
    ACTIVE,
    DELETED,
    FINISHED,
    NOT_ACTIVE,
    Ballot,
    IncomingSms,
    Option,
    QuestionDraft,
    SmsVote,
    Vote,
)
from mockserver.services.smsvote.rules import note

HASH_LENGTH = 16


def new_options(state: SmsVote, options: Sequence[tuple[str, str]]) -> tuple[Option, ...]:
    """Give options (internal code and text) their global ids, in the order of their creation (SMS-V3)."""
    first = state.next_option_id
    state.next_option_id += len(options)
    return tuple(Option(first + index, code, text) for index, (code, text) in enumerate(options))


def create_vote(world: World, account_id: int, name: str, question: QuestionDraft, is_multiple: bool = False) -> Vote:
    """Create a vote, not active yet, under the account's next number (SMS-V2)."""
    state = world.state(SmsVote)
    nr = max(state.cabinets[account_id].votes, default=0) + 1
    vote_hash = world.names.token()[:HASH_LENGTH]
    options = new_options(state, question.options)
    vote = Vote(account_id, nr, state.next_vote_id, vote_hash, name, question.text, options, is_multiple)
    add_vote(state, vote)
    return vote


def add_vote(state: SmsVote, vote: Vote) -> None:
    """Enter a vote under its number and its hash; later votes and options get later global ids."""
    state.cabinets[vote.account].votes[vote.nr] = vote
    state.votes_by_hash[vote.hash] = (vote.account, vote.nr)
    state.tally.update((option.global_id, 0) for option in vote.options)
    state.next_vote_id = max(state.next_vote_id, vote.global_id + 1)
    state.next_option_id = max(state.next_option_id, *(option.global_id + 1 for option in vote.options))


def all_votes(state: SmsVote) -> list[Vote]:
    """Return the votes of every account, in the order of their creation."""
    votes = (state.cabinets[account].votes[nr] for account, nr in state.votes_by_hash.values())
    return sorted(votes, key=lambda vote: vote.global_id)


def find_vote(state: SmsVote, account_id: int, nr: int) -> Vote:
    """Return an account's vote; refuses a number it does not have."""
    votes = state.cabinets[account_id].votes
    if nr not in votes:
        numbers = ", ".join(map(str, list(votes)[-20:])) or "none"
        raise Refusal(WRONG_VOTE, f"account {account_id} has no vote {nr}; its votes: {numbers}", "vote_nr")
    return votes[nr]


def find_running_vote(state: SmsVote, account_id: int) -> Vote | None:
    """Find the newest by start date among an account's running votes (SMS-V1)."""
    votes = state.cabinets[account_id].votes
    running = [(vote.started_at, vote.nr) for vote in votes.values() if vote.status == ACTIVE and vote.started_at]
    return votes[max(running)[1]] if running else None


def reported_vote(state: SmsVote, account_id: int, nr: int | None) -> Vote:
    """Return the vote that a report is about, None for the newest running one; refuses as SMS-V8 says."""
    if nr is None:
        vote = find_running_vote(state, account_id)
        if vote is None:
            raise Refusal(WRONG_VOTE, f"account {account_id} has no running vote", "vote_nr")
        return vote
    vote = find_vote(state, account_id, nr)
    if vote.status not in state.settings.reported_statuses:
        raise Refusal(WRONG_VOTE, f"vote {nr} of account {account_id} is {vote.status}", "vote_nr")
    return vote


def start_vote(world: World, account_id: int, nr: int) -> Vote:
    """Let a vote run from now on; refuses one that was started before."""
    return _change(world, account_id, nr, (NOT_ACTIVE,), ACTIVE)


def finish_vote(world: World, account_id: int, nr: int) -> Vote:
    """End a running vote; refuses one that is not running."""
    return _change(world, account_id, nr, (ACTIVE,), FINISHED)


def delete_vote(world: World, account_id: int, nr: int) -> Vote:
    """Delete a vote; its number is not given again."""
    return _change(world, account_id, nr, (NOT_ACTIVE, ACTIVE, FINISHED), DELETED)


def _change(world: World, account_id: int, nr: int, before: tuple[str, ...], status: str) -> Vote:
    state = world.state(SmsVote)
    vote = find_vote(state, account_id, nr)
    if vote.status not in before:
        raise Refusal(BAD_REQUEST, f"vote {nr} is {vote.status}; to be {status} it must be {' or '.join(before)}", "nr")
    vote = replace(vote, status=status)
    if status == ACTIVE:
        vote = replace(vote, started_at=world.clock.now)
    if status == FINISHED:
        vote = replace(vote, ended_at=world.clock.now)
    state.cabinets[account_id].votes[nr] = vote
    return vote


def find_option(options: Sequence[Option], code: str) -> Option | None:
    """Find the option that a participant means by a text: its internal code, whatever its case."""
    wanted = code.strip().casefold()
    return next((option for option in options if option.code.casefold() == wanted), None)


def chosen_option(vote: Vote, chosen: int | str) -> Option:
    """Return the option that is meant: by its code, a text, or by its global id, a number. Refuses what is neither."""
    by_id = (option for option in vote.options if option.global_id == chosen)
    option = find_option(vote.options, chosen) if isinstance(chosen, str) else next(by_id, None)
    if option is None:
        codes = ", ".join(option.code for option in vote.options)
        ids = ", ".join(str(option.global_id) for option in vote.options)
        raise Refusal(BAD_REQUEST, f"{chosen!r}, one of {codes} expected, or the number of one of {ids}", "option")
    return option


def cast_ballot(world: World, vote: Vote, participant: str, option: Option) -> bool:
    """Cast a ballot in a running vote, and say whether it counts as a further one (SMS-V5).

    Where a participant has one ballot, a second one counts for nothing, or, under the setting
    `first_ballot_counts=false`, in place of the first. Refuses a vote that is not running.
    """
    if vote.status != ACTIVE:
        raise Refusal(BAD_REQUEST, f"vote {vote.nr} is {vote.status}; a ballot needs an active one", "nr")
    state = world.state(SmsVote)
    earlier = None if vote.is_multiple else state.ballots.get((vote.global_id, participant))
    if earlier and state.settings.first_ballot_counts:
        note(world, f"{participant} has voted in vote {vote.nr} already: {option.code!r} does not count")
        return False
    if earlier:
        state.tally[earlier.option] -= 1
    count_ballot(state, Ballot(vote.global_id, participant, option.global_id, world.clock.now))
    return True


def count_ballot(state: SmsVote, ballot: Ballot) -> None:
    """Count a ballot."""
    state.tally[ballot.option] += 1
    state.ballots[ballot.vote, ballot.participant] = ballot


def vote_by_sms(world: World, sms: IncomingSms) -> IncomingSms | None:
    """Take an SMS that is an option's code as a ballot in the account's newest running vote; None when it is none."""
    vote = find_running_vote(world.state(SmsVote), sms.account)
    option = find_option(vote.options, sms.text) if vote else None
    if vote is None or option is None:
        return None
    cast_ballot(world, vote, sms.phone, option)
    return replace(sms, became="ballot")
