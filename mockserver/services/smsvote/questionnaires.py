"""Questionnaires: several questions asked of one participant by SMS, one after the other (SMS-V9)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from mockserver.core.errors import Refusal
from mockserver.core.outbox import Sms
from mockserver.core.world import World
from mockserver.services.fields import BAD_REQUEST
from mockserver.services.service import NO_SUCH_CALL
from mockserver.services.smsvote.errors import NOT_ENOUGH_BALANCE
from mockserver.services.smsvote.model import (
    NAME,
    IncomingSms,
    Interview,
    Option,
    Question,
    QuestionDraft,
    Questionnaire,
    SmsVote,
)
from mockserver.services.smsvote.rules import messages_paid_for, note, pay, put_sms
from mockserver.services.smsvote.votes import new_options


def create_questionnaire(world: World, account_id: int, name: str, questions: Sequence[QuestionDraft]) -> Questionnaire:
    """Create a questionnaire."""
    state = world.state(SmsVote)
    asked = tuple(Question(text, new_options(state, options)) for text, options in questions)
    questionnaire = Questionnaire(len(state.questionnaires) + 1, account_id, name, asked)
    state.questionnaires[questionnaire.number] = questionnaire
    return questionnaire


def find_questionnaire(state: SmsVote, number: int) -> Questionnaire:
    """Return a questionnaire; refuses a number that does not exist."""
    if number not in state.questionnaires:
        numbers = ", ".join(map(str, list(state.questionnaires)[-20:])) or "none"
        raise Refusal(NO_SUCH_CALL, f"no questionnaire {number}; there are: {numbers}", "id")
    return state.questionnaires[number]


def ask_questionnaire(world: World, number: int, phone: str, transport: str = "sms") -> Interview:
    """Begin to ask a participant, or go on where it broke off.

    Refuses one who has answered or is answering a questionnaire, and an account that cannot pay for the first question.
    """
    state = world.state(SmsVote)
    questionnaire = find_questionnaire(state, number)
    if phone in state.current_interview:
        raise Refusal(
            BAD_REQUEST, f"{phone} is still answering questionnaire {state.current_interview[phone]}", "phone"
        )
    interview = state.interviews.get((number, phone), Interview(number, phone, transport, world.clock.now))
    if len(interview.answers) == len(questionnaire.questions):
        raise Refusal(BAD_REQUEST, f"{phone} has answered questionnaire {number} already", "phone")
    account = state.accounts[questionnaire.account]
    if state.settings.questions_cost and not messages_paid_for(world, account):
        raise Refusal(NOT_ENOUGH_BALANCE, f"a question costs {account.price}, the balance is {account.balance}", "id")
    state.interviews[number, phone] = interview
    _ask_next(world, interview)
    return interview


def answer_question(world: World, sms: IncomingSms) -> IncomingSms | None:
    """Take an SMS as the answer to the question a phone was asked; None when it was asked none.

    What is no option's code leaves the question open, and is not tried as anything else.
    """
    state = world.state(SmsVote)
    number = state.current_interview.get(sms.phone)
    if number is None:
        return None
    interview = state.interviews[number, sms.phone]
    questionnaire = state.questionnaires[number]
    option = find_answer(questionnaire.questions[len(interview.answers)].options, sms.text)
    if option is None:
        note(world, f"{sms.text[:80]!r} from {sms.phone} is no answer to the question it was asked")
        return replace(sms, account=questionnaire.account)
    interview = replace(interview, answers=(*interview.answers, option.code))
    state.interviews[number, sms.phone] = interview
    _ask_next(world, interview)
    return replace(sms, account=questionnaire.account, became="answer")


def find_answer(options: Sequence[Option], text: str) -> Option | None:
    """Find the option whose code an answer begins with; a comment may follow, as it may a rating (SMS-F1)."""
    said = text.strip().casefold()
    begun = [option for option in options if _begins(said, option.code.casefold())]
    return max(begun, key=lambda option: len(option.code), default=None)


def _begins(said: str, code: str) -> bool:
    """Say whether a code, and no longer word or number, is what an answer begins with."""
    longer = r"\w" if code[-1].isalpha() else r"[.,]?\d"
    return said.startswith(code) and re.match(longer, said[len(code) :]) is None


def _ask_next(world: World, interview: Interview) -> None:
    """Ask the next question, or end the interview: after the last one, or when the account cannot pay."""
    state = world.state(SmsVote)
    questionnaire = state.questionnaires[interview.questionnaire]
    position, phone = len(interview.answers), interview.phone
    state.current_interview.pop(phone, None)
    if position == len(questionnaire.questions):
        return
    purpose = f"question {position + 1} of questionnaire {questionnaire.number} to {phone}"
    if state.settings.questions_cost and not pay(world, questionnaire.account, purpose):
        return
    state.current_interview[phone] = questionnaire.number
    text = question_text(questionnaire.questions[position])
    put_sms(world, questionnaire.account, Sms(world.clock.now, NAME, phone, "question", text, interview.transport))


def question_text(question: Question) -> str:
    """Write a question as its SMS: the text, and a line for each option beginning with the code to answer."""
    return "\n".join([question.text, *(f"{option.code} - {option.text}" for option in question.options)])


def interviews_of(state: SmsVote, number: int) -> list[Interview]:
    """Return how far every participant of a questionnaire has come."""
    return [interview for interview in state.interviews.values() if interview.questionnaire == number]


def phase_of(state: SmsVote, interview: Interview) -> str:
    """Say where an interview stands: `answering`, `finished`, or `broken off` when the account could not pay."""
    if state.current_interview.get(interview.phone) == interview.questionnaire:
        return "answering"
    asked = len(state.questionnaires[interview.questionnaire].questions)
    return "finished" if len(interview.answers) == asked else "broken off"
