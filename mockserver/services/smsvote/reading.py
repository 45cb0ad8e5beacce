"""Reading what developers write about sms-vote, in world files and in control calls: accounts, votes, questionnaires.

Everything here raises `Refusal` naming the field; a world file's mistakes are the same refusals under its own path.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from types import NoneType

from mockserver.core.errors import InvalidInput, Refusal
from mockserver.core.instants import UTC, parse_duration
from mockserver.services.fields import BAD_REQUEST, Fields, shown
from mockserver.services.smsvote.localtime import parse_local, write_local
from mockserver.services.smsvote.model import NO_FINAL_TEXTS, Account, QuestionDraft
from mockserver.services.smsvote.ratings import LONGEST_PREFIX
from mockserver.services.smsvote.settings import TRANSPORTS, SmsVoteSettings

LONGEST_TEXT = 1000
LONGEST_SMS = 255 * 153
"""Characters of the longest text message that phones send: so many parts of so many."""

_EXAMPLE_DATE = datetime(2015, 5, 1, tzinfo=UTC)
_RICHEST = 10**12
_FINEST = 6
_BREAKS = re.compile(r"\\r\\n|\r\n")


def break_lines(text: str) -> str:
    r"""Turn the documented `\r\n` into a line break, spelled out in four characters or real (SMS-M3)."""
    return _BREAKS.sub("\n", text)


def take_phone(fields: Fields, name: str, settings: SmsVoteSettings) -> str:
    """Take a phone number: a number, or a text of digits (SMS-M2)."""
    return check_phone(fields, name, fields.take_any(name, (int, str)), settings)


def check_phone(fields: Fields, name: str, value: object, settings: SmsVoteSettings) -> str:
    """Return a phone number as its digits; refuses what is none."""
    digits = str(value)
    fewest, most = settings.phone_digits
    if not (digits.isascii() and digits.isdigit() and fewest <= len(digits) <= most):
        fields.refuse(name, f"{shown(value)}, {fewest}–{most} digits expected")
    return digits


def read_number(name: str, text: str) -> int:
    """Read a number in a path or a query."""
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise Refusal(BAD_REQUEST, f"{text[:80]!r}, a number expected", name)
    return int(text)


def take_date(fields: Fields, name: str, settings: SmsVoteSettings) -> datetime:
    """Take a date as the vendor writes it, in the vendor's zone (SMS-G7)."""
    text = fields.take(name, str)
    try:
        return parse_local(settings, text)
    except ValueError:
        fields.refuse(name, f"{shown(text)}, a date such as {write_local(settings, _EXAMPLE_DATE)} expected")


def take_line(fields: Fields, name: str) -> str:
    """Take a text that says something."""
    text = fields.take(name, str)
    if not text.strip() or len(text) > LONGEST_TEXT:
        fields.refuse(name, f"{shown(text)}, a text of 1 to {LONGEST_TEXT} characters expected")
    return text


def take_sms(fields: Fields, name: str) -> str:
    """Take what a phone sends."""
    text = fields.take(name, str)
    if len(text) > LONGEST_SMS:
        fields.refuse(name, f"{len(text)} characters, at most the {LONGEST_SMS} of a text message expected")
    return text


def take_transport(fields: Fields) -> str:
    """Take the way a message goes: participants vote by SMS and by WhatsApp (SMS-V9)."""
    transport = fields.take("transport", str, "sms")
    if transport not in TRANSPORTS:
        fields.refuse("transport", f"{shown(transport)}, one of {', '.join(TRANSPORTS)} expected")
    return transport


def take_account(fields: Fields, account: Account) -> Account:
    """Take what is said about an account, the rest being as in `account`."""
    return replace(
        account,
        balance=_money(fields, "balance", account.balance),
        price=_money(fields, "price", account.price, lowest=0),
        daily_limit=_limit(fields, "daily_limit", account.daily_limit),
        monthly_limit=_limit(fields, "monthly_limit", account.monthly_limit),
        is_api_allowed=fields.take("api_allowed", bool, account.is_api_allowed),
        sending_delay=_delay(fields, account.sending_delay),
        final_texts=_final_texts(fields, account.final_texts),
    )


def _money(fields: Fields, name: str, default: Decimal, lowest: int = -_RICHEST) -> Decimal:
    value = fields.take_any(name, (str, int, float), default)
    try:
        amount = Decimal(str(value))
        exponent = amount.as_tuple().exponent
        is_right = isinstance(exponent, int) and abs(exponent) <= _FINEST and lowest <= amount <= _RICHEST
    except InvalidOperation:
        is_right = False
    if not is_right:
        fields.refuse(name, f'{shown(value)}, an amount such as "1000.00" expected')
    return amount


def _limit(fields: Fields, name: str, default: int | None) -> int | None:
    limit: int | None = fields.take_any(name, (int, NoneType), default)
    if limit is not None and limit < 0:
        fields.refuse(name, f"{limit}, a number of messages or null expected")
    return limit


def _delay(fields: Fields, default: timedelta) -> timedelta:
    if "sending_delay" not in fields:
        return default
    value = fields.take_any("sending_delay", (str, int, float, dict))
    try:
        return parse_duration(value, "sending_delay")
    except InvalidInput as wrong:
        fields.refuse("sending_delay", wrong.problem)


def _final_texts(fields: Fields, default: tuple[str, ...]) -> tuple[str, ...]:
    if "final_texts" not in fields:
        return default
    texts = Fields(fields.take("final_texts", dict), fields.path_of("final_texts"))
    taken = [break_lines(texts.take(str(rating), str, "")) for rating in range(1, len(NO_FINAL_TEXTS) + 1)]
    texts.finish()
    return tuple(taken)


def take_prefixes(fields: Fields) -> list[str] | None:
    """Take the words allocated to an account; None when nothing is said about them (SMS-F2)."""
    if "prefixes" not in fields:
        return None
    words = fields.take("prefixes", list)
    for word in words:
        if not isinstance(word, str) or not _is_word(word):
            fields.refuse("prefixes", f"{shown(word)}, a word of 1 to {LONGEST_PREFIX} characters expected")
    return words


def _is_word(text: str) -> bool:
    return 0 < len(text) <= LONGEST_PREFIX and text == text.strip() and text.isprintable()


def take_question(fields: Fields, name: str) -> QuestionDraft:
    """Take a question: its text under `name`, and its `options`.

    An option is a text, or an object with an internal code `id` and a `text`; codes count from 1.
    """
    text = take_line(fields, name)
    options = []
    for index, value in enumerate(fields.take("options", list)):
        stated = {"text": value} if isinstance(value, str) else value
        options.append(_take_option(Fields(stated, f"{fields.path_of('options')}[{index}]"), str(index + 1)))
    codes = [code.casefold() for code, _ in options]
    if not options or len(set(codes)) < len(codes):
        fields.refuse("options", f"{shown(codes)}, at least one option and different ids expected")
    return QuestionDraft(text, options)


def _take_option(fields: Fields, default_code: str) -> tuple[str, str]:
    code = str(fields.take_any("id", (int, str), default_code))
    if not _is_word(code):
        fields.refuse("id", f"{shown(code)}, a code of 1 to {LONGEST_PREFIX} characters expected")
    text = take_line(fields, "text")
    fields.finish()
    return code, text


def take_questions(fields: Fields) -> list[QuestionDraft]:
    """Take the questions of a questionnaire."""
    questions = []
    for question in fields.take_objects("questions"):
        questions.append(take_question(question, "text"))
        question.finish()
    if not questions:
        fields.refuse("questions", "empty, at least one question expected")
    return questions
