"""What can come about at sms-vote, for a suite to say what of it its application has lived through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import unquote_plus

from mockserver.core.journal import Exchange
from mockserver.core.outbox import Sms
from mockserver.services.outcome import History, Outcome, Sight, answered, is_success, refused
from mockserver.services.service import NO_SUCH_CALL, WRONG_METHOD
from mockserver.services.smsvote.errors import ERRORS, GROUNDS, NO_SUCH_PAGE, REFUSALS, WRONG_VOTE
from mockserver.services.smsvote.model import ACTIVE, FINISHED, NOT_ACTIVE, IncomingSms, Message, Rating, SmsVote
from mockserver.services.smsvote.questionnaires import phase_of
from mockserver.services.smsvote.ratings import all_ratings
from mockserver.services.smsvote.rules import SEND_MESSAGE
from mockserver.services.smsvote.wire import MOST_RECENT_ACTIVE

LATE = timedelta(days=1)
"""So long after a request a reply is a late one."""


def _commanded(operation: str, *words: str, code: str = "") -> Sight:
    """Return the sight of a command with `words` in it that was answered, or refused with a code."""

    def is_met(history: History) -> bool:
        return any(
            one.operation == operation
            and (one.refusal == code if code else is_success(one))
            and all(word in _text_of(one) for word in words)
            for one in history.exchanges
        )

    return is_met


def _text_of(exchange: Exchange) -> str:
    return unquote_plus(exchange.target + exchange.request_body)


def _misread(history: History) -> bool:
    return any(one.refusal and "SMS-G6" in one.claims for one in history.exchanges)


def _messages(history: History) -> list[Message]:
    messages = history.world.state(SmsVote).messages.values()
    return [message for message in messages if message.accepted_at >= history.since]


def _sent(is_so: Callable[[Sms], bool]) -> Sight:
    return lambda history: any(isinstance(message, Sms) and is_so(message) for message in history.messages)


def _delayed(history: History) -> bool:
    return any(message.delivered_at and message.delivered_at > message.accepted_at for message in _messages(history))


def _rated(is_so: Callable[[Rating], bool]) -> Sight:
    return lambda history: any(map(is_so, _ratings(history)))


def _ratings(history: History) -> list[Rating]:
    return [rating for rating in all_ratings(history.world.state(SmsVote)) if rating.at >= history.since]


def _rated_late(history: History) -> bool:
    messages = history.world.state(SmsVote).messages
    asked = ((rating, messages[rating.request]) for rating in _ratings(history) if rating.request in messages)
    return any(message.delivered_at and rating.at - message.delivered_at >= LATE for rating, message in asked)


def _received(is_so: Callable[[IncomingSms], bool]) -> Sight:
    return lambda history: any(map(is_so, _incoming(history)))


def _incoming(history: History) -> Iterator[IncomingSms]:
    return (sms for sms in history.world.state(SmsVote).incoming if sms.at >= history.since)


def _thanked(rating: int) -> Sight:
    """Return the sight of the final text that follows a rating: the next message after it, to the same phone."""

    def is_met(history: History) -> bool:
        outbox = history.world.outbox
        answers = (outbox.get(sms.after + 1) for sms in _incoming(history) if sms.rating == rating)
        return any(answer and answer.kind == "final" for answer in answers)

    return is_met


def _interviewed(phase: str) -> Sight:
    def is_met(history: History) -> bool:
        state = history.world.state(SmsVote)
        ours = (interview for interview in state.interviews.values() if interview.asked_at >= history.since)
        return any(phase_of(state, interview) == phase for interview in ours)

    return is_met


_CALLS = (
    Outcome("messages accepted", "Requests for a rating are accepted.", ("SMS-M8",), answered(SEND_MESSAGE)),
    Outcome(
        "several at once",
        "One command brings several messages.",
        ("SMS-M2",),
        lambda history: any(
            one.operation == SEND_MESSAGE and is_success(one) and _text_of(one).count('"phone"') > 1
            for one in history.exchanges
        ),
    ),
    Outcome("ratings as json", "Ratings are reported.", ("SMS-F4", "SMS-F6"), _commanded("feedback_report", '"json"')),
    Outcome("ratings as csv", "Ratings are reported.", ("SMS-F4", "SMS-F6"), _commanded("feedback_report", '"csv"')),
    Outcome("vote reported", "A vote is reported.", ("SMS-V1", "SMS-V3"), answered("vote_report")),
    Outcome(
        "newest running vote",
        "The newest vote that runs is reported.",
        ("SMS-V1",),
        _commanded("vote_report", MOST_RECENT_ACTIVE),
    ),
    *(
        Outcome(
            f"vote {status}", f"A vote is reported as {status}.", ("SMS-V3",), answered("vote_report", f'"{status}"')
        )
        for status in (NOT_ACTIVE, ACTIVE, FINISHED)
    ),
    Outcome("balance told", "The balance is answered.", ("SMS-B1",), answered("balance")),
    Outcome("vote shown", "A vote is shown on a screen.", ("SMS-V6",), answered("vote screen")),
    Outcome("vote exported", "A vote's result is exported.", ("SMS-V6",), answered("vote export")),
)

_REFUSED = (
    *(
        Outcome(
            f"refused: {ERRORS[code].removeprefix('Error: ')}",
            f"A command is refused: {refusal.why}.",
            GROUNDS[code],
            refused(code),
        )
        for code, refusal in REFUSALS.items()
    ),
    Outcome(
        "refused: no active vote",
        "The newest running vote is asked for, and none runs.",
        ("SMS-V1", "SMS-V8"),
        _commanded("vote_report", MOST_RECENT_ACTIVE, code=WRONG_VOTE),
    ),
    Outcome("refused: a field", "A field is missing or makes no sense.", ("SMS-G6",), _misread),
    Outcome("refused: no such call", "An address is none of the service's.", ("SMS-G1",), refused(NO_SUCH_CALL)),
    Outcome("refused: wrong method", "An address is called otherwise.", ("SMS-G1",), refused(WRONG_METHOD)),
    Outcome("refused: no such page", "A hash is no vote's.", ("SMS-V6",), refused(NO_SUCH_PAGE)),
)

_RATINGS = (
    Outcome("request delivered", "A request reaches a phone.", ("SMS-M2",), _sent(lambda sms: sms.kind == "request")),
    Outcome("delayed sending", "A request leaves after the account's delay.", ("SMS-M6",), _delayed),
    Outcome("WhatsApp", "A message goes over WhatsApp.", ("SMS-M1",), _sent(lambda sms: sms.transport == "whatsapp")),
    Outcome("rating", "A customer answers a request.", ("SMS-F1",), _rated(lambda given: given.request > 0)),
    Outcome(
        "comment",
        "A rating comes with a comment.",
        ("SMS-F1",),
        _rated(lambda given: given.request > 0 and len(given.text.strip()) > 1),
    ),
    Outcome("unsolicited rating", "A rating comes by prefix.", ("SMS-F2",), _rated(lambda given: not given.request)),
    Outcome("late reply", "A rating comes a day or more after its request.", ("SMS-F3",), _rated_late),
    Outcome(
        "no rating",
        "A text is nothing that anybody waits for.",
        ("SMS-F3",),
        _received(lambda sms: sms.became == "nothing"),
    ),
    *(
        Outcome(
            f"final text after {rating}",
            f"A rating of {rating} is thanked for.",
            ("SMS-M4", "SMS-M5"),
            _thanked(rating),
        )
        for rating in range(1, 6)
    ),
)

_VOTES = (
    Outcome(
        "ballot",
        "A participant votes.",
        ("SMS-V9",),
        lambda history: any(one.at >= history.since for one in history.world.state(SmsVote).ballots.values()),
    ),
    Outcome("questionnaire answered", "Every question is answered.", ("SMS-V9",), _interviewed("finished")),
    Outcome("questionnaire broken off", "A question cannot be paid.", ("SMS-V9",), _interviewed("broken off")),
)

OUTCOMES = (*_CALLS, *_REFUSED, *_RATINGS, *_VOTES)
"""Every outcome, in the order in which they are listed."""
