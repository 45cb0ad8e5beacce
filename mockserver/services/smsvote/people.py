"""What people do at sms-vote, as rows of the control surface: phones, organisers of votes, the administration.

A mistake in a control call raises a `Refusal` that names the field. `account` chooses among several; without it the
first one is meant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

from mockserver.core.errors import Refusal
from mockserver.core.outbox import Sms
from mockserver.core.world import World
from mockserver.services.fields import BAD_REQUEST, Fields, read_object
from mockserver.services.service import NO_SUCH_CALL, Operation, Reply, Request
from mockserver.services.smsvote.incoming import receive_sms
from mockserver.services.smsvote.model import NAME, Account, IncomingSms, Option, Questionnaire, SmsVote, Vote
from mockserver.services.smsvote.pages import export_votes
from mockserver.services.smsvote.questionnaires import (
    ask_questionnaire,
    create_questionnaire,
    find_questionnaire,
    interviews_of,
    phase_of,
)
from mockserver.services.smsvote.reading import (
    check_phone,
    take_account,
    take_line,
    take_phone,
    take_prefixes,
    take_question,
    take_questions,
    take_transport,
)
from mockserver.services.smsvote.rules import change_account, find_account, prefixes_of, sent_so_far
from mockserver.services.smsvote.votes import (
    cast_ballot,
    create_vote,
    delete_vote,
    find_option,
    find_vote,
    finish_vote,
    start_vote,
)


def send_sms(world: World, request: Request) -> Reply:
    """Let a phone send a text message to the service."""
    phone, fields = _phone(world, request), read_object(request.body)
    text, to, transport = fields.take("text", str), fields.take("to", str, ""), take_transport(fields)
    account_id = fields.take_any("account", (int,), None)
    fields.finish()
    return Reply.json(_incoming(receive_sms(world, phone, text, to=to, transport=transport, account_id=account_id)))


def show_conversation(world: World, request: Request) -> Reply:
    """Show what a phone has received and sent, in the order in which it happened."""
    phone, incoming = _phone(world, request), world.state(SmsVote).incoming
    lines = [((sms.after, 1), _incoming(sms)) for sms in incoming if sms.phone == phone]
    lines += [
        ((number, 0), _outgoing(message))
        for number, message in world.outbox.to(phone)
        if isinstance(message, Sms) and message.service == NAME
    ]
    lines.sort(key=lambda line: line[0])
    return Reply.json({"phone": phone, "messages": [line for _, line in lines]})


def _outgoing(sms: Sms) -> dict[str, object]:
    about = {"text": sms.text, "transport": sms.transport, "kind": sms.kind}
    return {"direction": "to the phone", "at": _instant(sms.at), **about}


def _incoming(sms: IncomingSms) -> dict[str, object]:
    about = {"text": sms.text, "transport": sms.transport, "to": sms.to}
    became = {"account": sms.account, "became": sms.became or "nothing", "rating": sms.rating}
    return {"direction": "from the phone", "at": _instant(sms.at), **about, **became}


def list_votes(world: World, request: Request) -> Reply:
    """List an account's votes with their counts (SMS-V2)."""
    fields = _query(request)
    account = _queried_account(world, fields)
    fields.finish()
    state = world.state(SmsVote)
    return Reply.json({"votes": [_vote(state, vote) for vote in state.cabinets[account.id].votes.values()]})


def export_table(world: World, request: Request) -> Reply:
    """Export the votes named in `vote_nr` (`28,29`; all of them when it is missing) as one Excel table (SMS-V7)."""
    fields, state = _query(request), world.state(SmsVote)
    account = _queried_account(world, fields)
    named = [nr for nr in fields.take("vote_nr", str, "").split(",") if nr]
    fields.finish()
    numbers = [_number("vote_nr", nr.strip()) for nr in named] or list(state.cabinets[account.id].votes)
    return export_votes(world, [_find_vote(state, account, nr) for nr in numbers])


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
        vote = _find_vote(state, account, _number("nr", request.args["nr"]))
        return Reply.json(_vote(state, change(world, account.id, vote.nr)))

    return handle


def add_ballot(world: World, request: Request) -> Reply:
    """Let a participant vote: `option` is a global id (a number) or an internal code (a text)."""
    fields, state = read_object(request.body), world.state(SmsVote)
    account = _stated_account(world, fields)
    participant, chosen = take_phone(fields, "participant", state.settings), fields.take_any("option", (int, str))
    fields.finish()
    vote = _find_vote(state, account, _number("nr", request.args["nr"]))
    option = _find_option(vote, chosen)
    counted = cast_ballot(world, vote, participant, option)
    return Reply.json({"counted": counted, "vote": _vote(state, vote)}, 201)


def _find_option(vote: Vote, chosen: int | str) -> Option:
    if isinstance(chosen, str):
        option = find_option(vote.options, chosen)
    else:
        option = next((option for option in vote.options if option.global_id == chosen), None)
    if option is None:
        there = ", ".join(f'{option.global_id} or "{option.code}"' for option in vote.options)
        raise Refusal(BAD_REQUEST, f"vote {vote.nr} has no such option; it has {there}", "option")
    return option


def _find_vote(state: SmsVote, account: Account, nr: int) -> Vote:
    """Return a vote; here a number that does not exist is a wrong address, not one of the seven errors."""
    try:
        return find_vote(state, account.id, nr)
    except Refusal as refusal:
        raise Refusal(NO_SUCH_CALL, refusal.why, "nr") from None


def _vote(state: SmsVote, vote: Vote) -> dict[str, object]:
    options = [asdict(option) | {"votes": state.tally[option.global_id]} for option in vote.options]
    dates = {"started_at": _instant(vote.started_at), "ended_at": _instant(vote.ended_at)}
    about = {"account": vote.account, "nr": vote.nr, "global_id": vote.global_id, "hash": vote.hash, "name": vote.name}
    course = {"question": vote.question, "multiple": vote.is_multiple, "status": vote.status}
    return {**about, **course, **dates, "options": options}


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
    number = _number("id", request.args["id"])
    ask_questionnaire(world, number, phone, transport)
    return Reply.json(_questionnaire(state, find_questionnaire(state, number)))


def show_questionnaire(world: World, request: Request) -> Reply:
    """Show a questionnaire with the answers collected so far."""
    state = world.state(SmsVote)
    return Reply.json(_questionnaire(state, find_questionnaire(state, _number("id", request.args["id"]))))


def _questionnaire(state: SmsVote, questionnaire: Questionnaire) -> dict[str, object]:
    questions = [asdict(question) for question in questionnaire.questions]
    participants = [
        {"phone": interview.phone, "phase": phase_of(state, interview), "answers": interview.answers}
        for interview in interviews_of(state, questionnaire.number)
    ]
    about = {"id": questionnaire.number, "account": questionnaire.account, "name": questionnaire.name}
    return {**about, "questions": questions, "participants": participants}


def list_accounts(world: World, request: Request) -> Reply:
    """List the accounts: balance, limits and what is used of them, settings, prefixes."""
    _query(request).finish()
    return Reply.json({"accounts": [_account(world, account) for account in world.state(SmsVote).accounts.values()]})


def edit_account(world: World, request: Request) -> Reply:
    """Change what the administration, or the customer's settings page, can change about an account."""
    fields, state = read_object(request.body), world.state(SmsVote)
    account = find_account(state, _number("account", request.args["id"]))
    changed, prefixes = take_account(fields, account), take_prefixes(fields)
    fields.finish()
    change_account(world, changed, prefixes)
    return Reply.json(_account(world, changed))


def _account(world: World, account: Account) -> dict[str, object]:
    today, month = sent_so_far(world, account.id)
    texts = {str(rating): text for rating, text in enumerate(account.final_texts, 1) if text}
    money = {"balance": str(account.balance), "price": str(account.price)}
    limits = {"daily_limit": account.daily_limit, "monthly_limit": account.monthly_limit}
    return {
        "id": account.id,
        **money,
        **limits,
        "sent_today": today,
        "sent_this_month": month,
        "api_allowed": account.is_api_allowed,
        "sending_delay": account.sending_delay.total_seconds(),
        "final_texts": texts,
        "prefixes": prefixes_of(world.state(SmsVote), account.id),
    }


def _phone(world: World, request: Request) -> str:
    return check_phone(Fields({}), "phone", request.args["phone"], world.state(SmsVote).settings)


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise Refusal(BAD_REQUEST, f"{text[:80]!r}, a number expected", name)
    return int(text)


def _query(request: Request) -> Fields:
    try:
        return Fields(request.params())
    except ValueError as problem:
        raise Refusal(BAD_REQUEST, str(problem), "query") from None


def _queried_account(world: World, fields: Fields) -> Account:
    text = fields.take("account", str, "")
    return find_account(world.state(SmsVote), _number("account", text) if text else None)


def _stated_account(world: World, fields: Fields) -> Account:
    return find_account(world.state(SmsVote), fields.take_any("account", (int,), None))


def _instant(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


CONTROLS = (
    Operation('a phone sends an SMS: {"text": "5 отлично"}', "POST", "/phones/<phone>/send", send_sms),
    Operation("what a phone has received and sent", "GET", "/phones/<phone>", show_conversation),
    Operation("an account's votes and their counts; ?account=", "GET", "/votes", list_votes),
    Operation("votes as an Excel table; ?vote_nr=28,29", "GET", "/votes.xlsx", export_table),
    Operation('a new vote: {"name": …, "question": …, "options": ["…", "…"]}', "POST", "/votes", add_vote),
    Operation("a vote is started", "POST", "/votes/<nr>/start", _changing(start_vote)),
    Operation("a vote is finished", "POST", "/votes/<nr>/finish", _changing(finish_vote)),
    Operation("a vote is deleted", "POST", "/votes/<nr>/delete", _changing(delete_vote)),
    Operation('a participant votes: {"participant": …, "option": "1"}', "POST", "/votes/<nr>/ballots", add_ballot),
    Operation(
        'a new questionnaire: {"name": …, "questions": [{"text": …, "options": […]}]}',
        "POST",
        "/questionnaires",
        add_questionnaire,
    ),
    Operation('a participant is asked: {"phone": …}', "POST", "/questionnaires/<id>/ask", ask_participant),
    Operation("a questionnaire and the answers so far", "GET", "/questionnaires/<id>", show_questionnaire),
    Operation("the accounts: balance, limits, prefixes", "GET", "/accounts", list_accounts),
    Operation('an account is changed: {"balance": "10.00", …}', "POST", "/accounts/<id>", edit_account),
)
"""The control rows of sms-vote; a name says what somebody does, and the fields it takes."""
