"""What organisers of votes and questionnaires do, as rows of the control surface.

`account` chooses among several accounts; without it the first one is meant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from urllib.parse import parse_qsl

from mockserver.core.errors import Refusal
from mockserver.core.world import World
from mockserver.services.facts import to_json
from mockserver.services.fields import Fields, read_object, read_query
from mockserver.services.service import NO_SUCH_CALL, Operation, Reply, Request
from mockserver.services.smsvote import retold
from mockserver.services.smsvote.model import Account, Questionnaire, SmsVote, Vote
from mockserver.services.smsvote.pages import export_votes
from mockserver.services.smsvote.questionnaires import (
    ask_questionnaire,
    create_questionnaire,
    find_questionnaire,
    interviews_of,
    phase_of,
)
from mockserver.services.smsvote.reading import (
    read_number,
    take_line,
    take_phone,
    take_question,
    take_questions,
    take_transport,
)
from mockserver.services.smsvote.rules import find_account
from mockserver.services.smsvote.votes import (
    cast_ballot,
    chosen_option,
    create_vote,
    delete_vote,
    find_vote,
    finish_vote,
    start_vote,
)


def list_votes(world: World, request: Request) -> Reply:
    """List an account's votes with their counts (SMS-V2)."""
    account = _queried_account(world, read_query(request, ("account",)))
    state = world.state(SmsVote)
    return Reply.json({"votes": [_vote(state, vote) for vote in state.cabinets[account.id].votes.values()]})


def export_table(world: World, request: Request) -> Reply:
    """Export votes as one Excel table (SMS-V7): those of `vote_nr` (`28,29`, or repeated), or all of them."""
    given, state = read_query(request, ("account", "vote_nr")), world.state(SmsVote)
    account = _queried_account(world, given)
    stated = [value for name, value in parse_qsl(request.query) if name == "vote_nr"]
    named = [nr for value in stated for nr in value.split(",") if nr.strip()]
    numbers = [read_number("vote_nr", nr.strip()) for nr in named] or list(state.cabinets[account.id].votes)
    return export_votes(world, [_find_vote(state, account, nr) for nr in numbers])


def show_vote(world: World, request: Request) -> Reply:
    """Show one vote of an account with its counts."""
    account, state = _queried_account(world, read_query(request, ("account",))), world.state(SmsVote)
    return Reply.json(_vote(state, _find_vote(state, account, read_number("nr", request.args["nr"]))))


def add_vote(world: World, request: Request) -> Reply:
    """Create a vote."""
    fields = read_object(request.body)
    account = _stated_account(world, fields)
    name, question = take_line(fields, "name"), take_question(fields, "question")
    is_multiple = fields.take("multiple", bool, False)
    fields.finish()
    vote = create_vote(world, account.id, name, question, is_multiple)
    return Reply.json(_vote(world.state(SmsVote), vote), 201)


def _changing(change: Callable[[World, int, int], Vote]) -> Callable[[World, Request], Reply]:
    """Return the handle of a row that starts, finishes or deletes a vote."""

    def handle(world: World, request: Request) -> Reply:
        fields, state = read_object(request.body), world.state(SmsVote)
        account = _stated_account(world, fields)
        fields.finish()
        vote = _find_vote(state, account, read_number("nr", request.args["nr"]))
        return Reply.json(_vote(state, change(world, account.id, vote.nr)))

    return handle


def add_ballot(world: World, request: Request) -> Reply:
    """Let a participant vote: `option` is a global id (a number) or an internal code (a text)."""
    fields, state = read_object(request.body), world.state(SmsVote)
    account = _stated_account(world, fields)
    participant, chosen = take_phone(fields, "participant", state.settings), fields.take_any("option", (int, str))
    fields.finish()
    vote = _find_vote(state, account, read_number("nr", request.args["nr"]))
    counted = cast_ballot(world, vote, participant, chosen_option(vote, chosen))
    return Reply.json({"counted": counted, "vote": _vote(state, vote)}, 201)


def _find_vote(state: SmsVote, account: Account, nr: int) -> Vote:
    """Return a vote; here a number that does not exist is a wrong address, not one of the seven errors."""
    try:
        return find_vote(state, account.id, nr)
    except Refusal as refusal:
        raise Refusal(NO_SUCH_CALL, refusal.why, "nr") from None


def _vote(state: SmsVote, vote: Vote) -> dict[str, object]:
    options = [asdict(option) | {"votes": state.tally[option.global_id]} for option in vote.options]
    shown: dict[str, object] = to_json(vote)
    return shown | {"options": options, "multiple": vote.is_multiple}


def add_questionnaire(world: World, request: Request) -> Reply:
    """Create a questionnaire (SMS-V9)."""
    fields = read_object(request.body)
    account = _stated_account(world, fields)
    name, questions = take_line(fields, "name"), take_questions(fields)
    fields.finish()
    questionnaire = create_questionnaire(world, account.id, name, questions)
    return Reply.json(_questionnaire(world.state(SmsVote), questionnaire), 201)


def ask_participant(world: World, request: Request) -> Reply:
    """Begin to ask a participant the questions of a questionnaire."""
    fields, state = read_object(request.body), world.state(SmsVote)
    phone, transport = take_phone(fields, "phone", state.settings), take_transport(fields)
    fields.finish()
    number = read_number("id", request.args["id"])
    ask_questionnaire(world, number, phone, transport)
    return Reply.json(_questionnaire(state, find_questionnaire(state, number)))


def list_questionnaires(world: World, request: Request) -> Reply:
    """List an account's questionnaires with the answers collected so far."""
    account, state = _queried_account(world, read_query(request, ("account",))), world.state(SmsVote)
    theirs = [each for each in state.questionnaires.values() if each.account == account.id]
    return Reply.json({"questionnaires": [_questionnaire(state, each) for each in theirs]})


def show_questionnaire(world: World, request: Request) -> Reply:
    """Show a questionnaire with the answers collected so far."""
    read_query(request, ())
    state = world.state(SmsVote)
    return Reply.json(_questionnaire(state, find_questionnaire(state, read_number("id", request.args["id"]))))


def _questionnaire(state: SmsVote, questionnaire: Questionnaire) -> dict[str, object]:
    questions = [asdict(question) for question in questionnaire.questions]
    participants = [
        {"phone": interview.phone, "phase": phase_of(state, interview), "answers": interview.answers}
        for interview in interviews_of(state, questionnaire.number)
    ]
    about = {"id": questionnaire.number, "account": questionnaire.account, "name": questionnaire.name}
    return {**about, "questions": questions, "participants": participants}


def _queried_account(world: World, given: Mapping[str, str]) -> Account:
    text = given.get("account", "")
    return find_account(world.state(SmsVote), read_number("account", text) if text else None)


def _stated_account(world: World, fields: Fields) -> Account:
    return find_account(world.state(SmsVote), fields.take_any("account", (int,), None))


_SAID = retold.say_organised

CONTROLS = (
    Operation("an account's votes and their counts; ?account=", "GET", "/votes", list_votes),
    Operation("votes as an Excel table; ?vote_nr=28,29", "GET", "/votes.xlsx", export_table),
    Operation("a vote and its counts; ?account=", "GET", "/votes/<nr>", show_vote),
    Operation('a new vote: {"name": …, "question": …, "options": ["…", "…"]}', "POST", "/votes", add_vote, said=_SAID),
    Operation("a vote is started", "POST", "/votes/<nr>/start", _changing(start_vote), said=_SAID),
    Operation("a vote is finished", "POST", "/votes/<nr>/finish", _changing(finish_vote), said=retold.say_finished),
    Operation("a vote is deleted", "POST", "/votes/<nr>/delete", _changing(delete_vote), said=_SAID),
    Operation(
        'a participant votes: {"participant": …, "option": "1"}',
        "POST",
        "/votes/<nr>/ballots",
        add_ballot,
        said=retold.say_voted,
    ),
    Operation("questionnaires and the answers so far; ?account=", "GET", "/questionnaires", list_questionnaires),
    Operation(
        'a new questionnaire: {"name": …, "questions": [{"text": …, "options": […]}]}',
        "POST",
        "/questionnaires",
        add_questionnaire,
        said=_SAID,
    ),
    Operation('a participant is asked: {"phone": …}', "POST", "/questionnaires/<id>/ask", ask_participant, said=_SAID),
    Operation("a questionnaire and the answers so far", "GET", "/questionnaires/<id>", show_questionnaire),
)
"""The control rows of organisers; a name says what somebody does, and the fields it takes."""
