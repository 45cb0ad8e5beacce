"""Sending requests for a rating: what is taken, what it costs, when it leaves (SPEC §2.2)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal, InvalidOperation

from mockserver.contract.case import Chapter
from mockserver.contract.chapters.commands import error_in, saw_order
from mockserver.contract.exchange import Exchange
from mockserver.contract.stage import Stage
from mockserver.contract.verdicts import Contradicted, UnknownShape, Unseen
from mockserver.services.smsvote.errors import ERRORS, NOT_ENOUGH_BALANCE, TOO_MANY_PER_DAY, TOO_MANY_PER_MONTH

CHAPTER = Chapter("smsvote")

LONGEST_ACKNOWLEDGEMENT = 2000
"""Characters; what is longer, or HTML, is the page of something else that is in the way."""

_LIMITS = {NOT_ENOUGH_BALANCE: "balance", TOO_MANY_PER_DAY: "day", TOO_MANY_PER_MONTH: "month"}


def _balance(stage: Stage) -> Decimal:
    seen = stage.command("balance")
    try:
        return Decimal(seen.answer.text)
    except InvalidOperation:
        raise UnknownShape("a decimal number", seen) from None


@CHAPTER.case("SMS-M1 SMS-M2 SMS-M8", spends=1, learns="success_body default_price")
def an_accepted_message_is_acknowledged_and_paid(stage: Stage) -> None:
    before = _balance(stage)
    seen = stage.send()
    _check_accepted(seen)
    stage.saw_status("smsvote.success_status", seen)
    stage.saw_content_type("smsvote.success_content_type", seen)
    stage.saw("smsvote.success_body", seen.answer.text, seen, stage.smsvote.success_body)
    paid = before - _balance(stage)
    if paid <= 0:
        raise Contradicted(f"a balance below {before}", stage.exchanges[-1])
    expected = f"a balance of {before - stage.smsvote.default_price}"
    stage.saw("smsvote.default_price", f"{paid.normalize():f}", stage.exchanges[-1], expected)


def _check_accepted(seen: Exchange) -> None:
    """Raise `Contradicted` for an error, and `UnknownShape` for what is neither that nor an acknowledgement."""
    text = seen.answer.text
    if text in ERRORS.values():
        raise Contradicted("a message that is accepted", seen)
    if seen.answer.status >= 300 or "<html" in text.lower() or len(text) > LONGEST_ACKNOWLEDGEMENT:
        raise UnknownShape("an acknowledgement", seen)


def _is_accepted(stage: Stage, seen: Exchange) -> bool:
    if seen.answer.text == stage.smsvote.success_body:
        return True
    if error_in(seen) != stage.smsvote.bad_fields_error:
        raise Unseen(f"it is refused for another reason: {seen.answer.text}")
    return False


@CHAPTER.case("SMS-M2", spends=1, learns="text_final_required")
def a_message_may_come_without_a_final_text(stage: Stage) -> None:
    seen = stage.send({"text_final": None})
    stage.saw("smsvote.text_final_required", not _is_accepted(stage, seen), seen)


@CHAPTER.case("SMS-M2", spends=1, learns="numbers_as_texts")
def an_order_may_be_a_number(stage: Stage) -> None:
    seen = stage.send({"order": 12345})
    stage.saw("smsvote.numbers_as_texts", _is_accepted(stage, seen), seen)


@CHAPTER.case("SMS-M1", spends=1, learns="transports")
def another_transport_is_not_admitted(stage: Stage) -> None:
    seen = stage.send(transport="whatsapp")
    stage.saw("smsvote.transports", ["sms", *(["whatsapp"] if _is_accepted(stage, seen) else [])], seen)


@CHAPTER.case("SMS-M7 SMS-G3 SMS-G5", spends=2, learns="batch_refused_whole check_order", balance="4.00")
def a_batch_that_cannot_be_paid_is_refused(stage: Stage) -> None:
    before, price, phone = _balance(stage), stage.smsvote.default_price, next(stage.place.phones)
    wanted = int(before / price) + 1
    if not 1 < wanted <= stage.smsvote.max_messages:
        raise Unseen(f"a balance of {before} takes a batch of {wanted} messages")
    seen = stage.send(*[{"phone": phone}] * wanted)
    refused_by = error_in(seen)
    if refused_by == stage.smsvote.bad_fields_error and refused_by not in _LIMITS:
        stage.settle(wanted, seen)
        raise Unseen(f"a command does not take as many as {wanted} messages, whoever pays them")
    stage.expect(refused_by in _LIMITS, ERRORS[NOT_ENOUGH_BALANCE], seen)
    if refused_by != NOT_ENOUGH_BALANCE:
        saw_order(stage, (_LIMITS[refused_by], "balance"), seen)
    is_whole = _balance(stage) == before
    if is_whole:
        stage.settle(wanted, seen)
    stage.saw("smsvote.batch_refused_whole", is_whole, seen)


@CHAPTER.case("SMS-M3", "control")
def a_line_break_may_be_spelled_out(stage: Stage) -> None:
    phone = next(stage.place.phones)
    seen = stage.send({"phone": phone, "text": "one\\r\\ntwo\r\nthree"})
    stage.expect(stage.double.smsvote.phone(phone).texts == ["one\ntwo\nthree"], "three lines", seen)


@CHAPTER.case("SMS-M4 SMS-M8", "control")
def the_final_text_follows_the_rating_and_is_paid(stage: Stage) -> None:
    phone, before = next(stage.place.phones), stage.double.smsvote.balance
    seen = stage.send({"phone": phone, "text": "1-5?", "text_final": "Merci"})
    stage.double.smsvote.phone(phone).reply("5")
    stage.expect(stage.double.smsvote.phone(phone).texts == ["1-5?", "Merci"], "the final text", seen)
    paid = stage.smsvote.default_price * (2 if stage.smsvote.final_texts_cost else 1)
    stage.expect(before - stage.double.smsvote.balance == paid, f"{paid} paid", seen)


@CHAPTER.case("SMS-M5", "control", final_texts={"5": "From the account"})
def a_final_text_of_the_account_wins(stage: Stage) -> None:
    phone = next(stage.place.phones)
    seen = stage.send({"phone": phone, "text_final": "From the call"})
    stage.double.smsvote.phone(phone).reply("5")
    expected = "From the account" if stage.smsvote.account_final_text_wins else "From the call"
    stage.expect(stage.double.smsvote.phone(phone).texts[-1] == expected, expected, seen)


@CHAPTER.case("SMS-M6 SMS-M9", "control", sending_delay="1h")
def an_account_may_delay_its_messages(stage: Stage) -> None:
    phone, before = next(stage.place.phones), stage.double.smsvote.balance
    seen = stage.send({"phone": phone})
    is_charged = stage.double.smsvote.balance < before
    stage.expect(is_charged is stage.smsvote.charged_on_acceptance, "a balance that has paid, or has yet to", seen)
    stage.expect(not stage.double.smsvote.phone(phone).texts, "no message yet", seen)
    stage.double.clock.advance(timedelta(hours=1))
    stage.expect(len(stage.double.smsvote.phone(phone).texts) == 1, "the message an hour later", seen)


@CHAPTER.case("SMS-M2", "control")
def a_phone_has_so_many_digits(stage: Stage) -> None:
    fewest, most = stage.smsvote.phone_digits
    for length in (fewest, most):
        _check_accepted(stage.send({"phone": "7" * length}))
    for length in (fewest - 1, most + 1):
        stage.error(stage.smsvote.bad_fields_error, stage.send({"phone": "7" * length}))


@CHAPTER.case("SMS-M2", "control")
def a_command_carries_one_message_or_more(stage: Stage) -> None:
    _check_accepted(stage.send({"order": "1"}, {"order": "2"}))
    seen = stage.command("send_message", transport="sms", message=[])
    stage.error(stage.smsvote.bad_fields_error, seen)
