"""What every command of sms-vote has in common, and the balance (SPEC §2.1, §2.5)."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

from mockserver.contract.case import Chapter
from mockserver.contract.exchange import Exchange
from mockserver.contract.stage import Stage
from mockserver.contract.verdicts import UnknownShape, Unseen
from mockserver.services.smsvote.errors import (
    API_NOT_ALLOWED,
    ERRORS,
    NOT_ENOUGH_BALANCE,
    TOO_MANY_PER_DAY,
    TOO_MANY_PER_MONTH,
    WRONG_JSON,
    WRONG_USER,
)

CHAPTER = Chapter("smsvote")


@CHAPTER.case("SMS-B1 SMS-M8", learns="success_status success_content_type balance_places")
def the_balance_is_a_plain_decimal(stage: Stage) -> None:
    seen = stage.command("balance")
    number = _read_balance(seen)
    stage.saw_status("smsvote.success_status", seen)
    stage.saw_content_type("smsvote.success_content_type", seen)
    assumed = f"{Decimal(number[0]):.{stage.smsvote.balance_places}f}"
    expected = seen.answer._replace(body=assumed.encode())
    stage.saw("smsvote.balance_places", len(number[1] or ""), seen, str(expected))


@CHAPTER.case("SMS-G1", learns="accepts_post")
def a_command_may_come_by_post(stage: Stage) -> None:
    by_get = stage.command("balance")
    _read_balance(by_get)
    by_post = stage.command("balance", "POST")
    stage.saw("smsvote.accepts_post", by_post.answer == by_get.answer, by_post, str(by_get.answer))


def _read_balance(seen: Exchange) -> re.Match[str]:
    number = re.fullmatch(r"-?\d+(?:\.(\d+))?", seen.answer.text)
    if number is None:
        raise UnknownShape("a decimal number", seen)
    return number


@CHAPTER.case("SMS-G6 SMS-F4", learns="bad_fields_error")
def a_field_that_makes_no_sense_is_an_error_of_its_own(stage: Stage) -> None:
    seen = _senseless(stage)
    stage.saw("smsvote.bad_fields_error", error_in(seen), seen, ERRORS[stage.smsvote.bad_fields_error])


@CHAPTER.case("SMS-G5", learns="check_order")
def of_two_mistakes_one_is_told(stage: Stage) -> None:
    senseless, stranger = error_in(_senseless(stage)), error_in(stage.command("balance", secure="wrong"))
    if senseless == stranger:
        raise Unseen("both mistakes are told by the same error")
    seen = _senseless(stage, secure="wrong")
    pair = ("fields", "account") if error_in(seen) == senseless else ("account", "fields")
    saw_order(stage, pair, seen)


def _senseless(stage: Stage, **fields: str) -> Exchange:
    dates = {"date_from": "2015-01-01 00:00:00", "date_to": "2015-01-02 00:00:00"}
    return stage.command("feedback_report", format="telegraph", **{**dates, **fields})


def error_in(seen: Exchange) -> str:
    """Return the code of the error in an answer. Raises `UnknownShape` for anything else."""
    for code, line in ERRORS.items():
        if seen.answer.text == line:
            return code
    raise UnknownShape("one of the seven errors", seen)


def saw_order(stage: Stage, pair: tuple[str, str], seen: Exchange) -> None:
    """Take down that the first of a pair of checks goes before the second."""
    order = list(stage.smsvote.check_order)
    first, second = map(order.index, pair)
    if first > second:
        order.insert(second, order.pop(first))
    stage.saw("smsvote.check_order", order, seen)


@CHAPTER.case("SMS-G3 SMS-G5", "control", api_allowed=False)
def an_account_without_the_api_is_told_so(stage: Stage) -> None:
    stage.error(API_NOT_ALLOWED, stage.send())


@CHAPTER.case("SMS-G3 SMS-M7", "control", balance="0.00")
def an_account_without_money_is_told_so(stage: Stage) -> None:
    stage.error(NOT_ENOUGH_BALANCE, stage.send())


@CHAPTER.case("SMS-G3 SMS-M7", "control", daily_limit=1)
def a_second_message_a_day_may_be_too_many(stage: Stage) -> None:
    stage.send()
    stage.error(TOO_MANY_PER_DAY, stage.send())


@CHAPTER.case("SMS-G3 SMS-M7", "control", monthly_limit=1)
def a_second_message_a_month_may_be_too_many(stage: Stage) -> None:
    stage.send()
    stage.error(TOO_MANY_PER_MONTH, stage.send())


@CHAPTER.case("SMS-G7", "control", daily_limit=1)
def the_day_ends_at_midnight_in_moscow(stage: Stage) -> None:
    local = stage.double.clock.now + stage.smsvote.utc_offset
    today = local.replace(hour=0, minute=0, second=0, microsecond=0)
    midnight = today + timedelta(days=1) - stage.smsvote.utc_offset
    stage.double.clock.advance_to(midnight - timedelta(seconds=1))
    stage.send()
    stage.error(TOO_MANY_PER_DAY, stage.send())
    stage.double.clock.advance_to(midnight)
    seen = stage.send()
    stage.expect(seen.answer.text == stage.smsvote.success_body, stage.smsvote.success_body, seen)


@CHAPTER.case("SMS-G2")
def an_account_that_nobody_has_is_told_so(stage: Stage) -> None:
    stage.error(WRONG_USER, stage.command("balance", id=1))


@CHAPTER.case("SMS-G6")
def a_missing_field_is_an_error(stage: Stage) -> None:
    stage.error(stage.smsvote.bad_fields_error, stage.command("vote_report"))


@CHAPTER.case("SMS-G3")
def a_list_is_no_command(stage: Stage) -> None:
    stage.error(WRONG_JSON, stage.ask("smsvote", "GET", "/api/command/balance.php", query="json=[]"))
