"""`send_message.php`: what is accepted, what it costs, when it leaves."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from decimal import Decimal, getcontext, localcontext
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.core.errors import InvalidInput, Refusal
from mockserver.core.outbox import Sms
from mockserver.services.smsvote.model import Draft
from mockserver.services.smsvote.sending import SendRequest, send_messages

if TYPE_CHECKING:
    from tests.services.smsvote.conftest import Integrator

PHONE = "71234567890"
JSON_ERROR = b"Error: json has wrong format, and cannot be decoded"

Make = Callable[..., "Integrator"]


@pytest.mark.claim("SMS-G1", "SMS-M1", "SMS-M2", "SMS-M8")
def test_the_documented_url_sends_the_documented_message(integrator: Integrator) -> None:
    query = (
        'json={"id":52,"transport":"sms","message":[{"phone":71234567890,"employee":"Иван Петров","order":"12345",'
        '"text":"Пожалуйста, оцените наш сервис от 1 до 5 в ответном сообщении","text_final":"Спасибо за оценку!"}],'
        '"secure":"05ea83436373cae23787455c5fd1de87"}'
    )
    reply = integrator.call("GET", "/api/command/send_message.php", query)
    assert (reply.status, reply.body, reply.content_type) == (200, b"OK", "text/plain; charset=utf-8")
    ((_, sms),) = integrator.world.outbox.to()
    text = "Пожалуйста, оцените наш сервис от 1 до 5 в ответном сообщении"
    assert sms == Sms(integrator.world.clock.now, "smsvote", PHONE, "request", text, "sms")
    assert integrator.state.messages[1].draft == Draft(PHONE, text, "Спасибо за оценку!", "Иван Петров", "12345")
    assert integrator.ask("balance").body == b"999.00"


@pytest.mark.claim("SMS-M8")
def test_the_answer_to_success_is_a_setting(integrator_with: Make) -> None:
    integrator = integrator_with("success_status=201", "success_body=принято", "success_content_type=text/html")
    reply = integrator.send()
    assert (reply.status, reply.body.decode(), reply.content_type) == (201, "принято", "text/html")


@pytest.mark.claim("SMS-M1")
def test_whatsapp_is_refused_until_a_setting_admits_it(integrator: Integrator, integrator_with: Make) -> None:
    reply = integrator.send(transport="whatsapp")
    assert (reply.body, reply.notes) == (JSON_ERROR, ('json: transport: "whatsapp", sms expected',))
    assert len(integrator.world.outbox) == 0

    integrator = integrator_with("transports=sms,whatsapp")
    integrator.send({"text_final": "Спасибо"}, transport="whatsapp")
    integrator.phone_sends("5", transport="whatsapp")
    sent = [message for _, message in integrator.world.outbox.to(PHONE) if isinstance(message, Sms)]
    assert [(sms.kind, sms.transport) for sms in sent] == [("request", "whatsapp"), ("final", "whatsapp")]


@pytest.mark.claim("SMS-M2")
def test_one_command_sends_several_messages_in_their_order(integrator: Integrator) -> None:
    phones = [71234567890, "71234567891", "491701234567890"]
    assert integrator.send(*({"phone": phone, "text": str(phone)} for phone in phones)).body == b"OK"
    sent = [message.recipient for _, message in integrator.world.outbox.to()]
    assert sent == [str(phone) for phone in phones]
    assert integrator.ask("balance").body == b"997.00"


@pytest.mark.claim("SMS-M2", "SMS-G6")
@pytest.mark.parametrize(
    ("field", "value", "note"),
    [
        ("phone", "7123", 'json: message[1].phone: "7123", 11–15 digits expected'),
        ("phone", 7123, "json: message[1].phone: 7123, 11–15 digits expected"),
        ("phone", "+71234567890", 'json: message[1].phone: "+71234567890", 11–15 digits expected'),
        ("phone", "7" * 16, 'json: message[1].phone: "7777777777777777", 11–15 digits expected'),
        ("phone", "７１２３４５６７８９０", 'json: message[1].phone: "７１２３４５６７８９０", 11–15 digits expected'),
        ("phone", 71234567890.5, "json: message[1].phone: 71234567890.5, a whole number or a text expected"),
        ("phone", True, "json: message[1].phone: true, a whole number or a text expected"),
        ("phone", -71234567890, "json: message[1].phone: -71234567890, 11–15 digits expected"),
        ("phone", None, "json: message[1].phone: null, a whole number or a text expected"),
        ("text", 5, "json: message[1].text: 5, a text expected"),
        ("text", "", "json: message[1].text: empty, a text expected"),
        ("text", "bell \x07", 'json: message[1].text: "bell \\u0007", a text without control characters expected'),
        ("text", "nul \x00", 'json: message[1].text: "nul \\u0000", a text without control characters expected'),
        ("text_final", ["Спасибо"], 'json: message[1].text_final: ["Спасибо"], a text or null expected'),
        ("employee", {}, "json: message[1].employee: {}, a text or a whole number or null expected"),
        ("order", 1.5, "json: message[1].order: 1.5, a text or a whole number or null expected"),
    ],
)
def test_a_field_of_the_wrong_kind_is_the_json_error_and_nothing_is_sent(
    integrator: Integrator, field: str, value: object, note: str
) -> None:
    before = integrator.facts()
    reply = integrator.send({}, {field: value})
    assert (reply.body, reply.notes) == (JSON_ERROR, (note,))
    assert integrator.facts() == before


@pytest.mark.claim("SMS-M2", "SMS-G6")
@pytest.mark.parametrize("wrong", [[], {}, {"phone": 71234567890, "text": "?"}, "text", [[]], ["?"], [None]])
def test_what_is_no_array_of_messages_is_the_json_error(integrator: Integrator, wrong: object) -> None:
    before = integrator.facts()
    reply = integrator.send(message=wrong)
    assert reply.body == JSON_ERROR
    assert reply.notes[0].startswith("json: message")
    assert integrator.facts() == before


@pytest.mark.claim("SMS-M2")
@pytest.mark.parametrize("missing", ["phone", "text"])
def test_phone_and_text_must_be_there(integrator: Integrator, missing: str) -> None:
    message = {"phone": PHONE, "text": "?"}
    del message[missing]
    reply = integrator.ask("send_message", transport="sms", message=[message])
    assert reply.body == JSON_ERROR
    assert reply.notes[0].startswith(f"json: message[0].{missing}: missing")


@pytest.mark.claim("SMS-M2")
def test_optional_fields_may_be_null_and_an_order_a_number(integrator: Integrator, integrator_with: Make) -> None:
    message: dict[str, object] = {"employee": None, "text_final": None, "order": 12345}
    assert integrator.send(message).body == b"OK"
    assert integrator.state.messages[1].draft.order == "12345"
    assert integrator_with("numbers_as_texts=false").send(message).body == JSON_ERROR


@pytest.mark.claim("SMS-M2")
def test_what_a_message_must_hold_and_how_many_there_may_be_are_settings(integrator_with: Make) -> None:
    assert integrator_with("text_final_required=true").send().body == JSON_ERROR
    assert integrator_with("text_final_required=true").send({"text_final": "Спасибо"}).body == b"OK"
    assert integrator_with("phone_digits=4,4").send({"phone": "7123"}).body == b"OK"
    integrator = integrator_with("max_messages=2")
    assert integrator.send({}, {}).body == b"OK"
    assert integrator.send({}, {}, {}).notes == ("json: message: 3 messages, 1 to 2 expected",)


@pytest.mark.claim("SMS-M3")
@pytest.mark.parametrize("written", ["\\r\\n", "\r\n"], ids=["four characters", "a real line break"])
def test_a_line_break_is_a_line_break_however_it_is_written(integrator: Integrator, written: str) -> None:
    integrator.send({"text": f"Оцените нас{written}от 1 до 5", "text_final": f"Спасибо{written}{written}Приходите"})
    integrator.phone_sends("5")
    assert integrator.texts() == [("request", "Оцените нас\nот 1 до 5"), ("final", "Спасибо\n\nПриходите")]


@pytest.mark.claim("SMS-M3")
def test_the_line_break_as_the_documentation_writes_it_in_a_url(integrator: Integrator) -> None:
    query = (
        r'json={"id":52,"transport":"sms","message":[{"phone":71234567890,"text":"Привет\r\nОцените"}],'
        r'"secure":"05ea83436373cae23787455c5fd1de87"}'
    )
    integrator.call("GET", "/api/command/send_message.php", query)
    assert integrator.texts() == [("request", "Привет\nОцените")]


@pytest.mark.claim("SMS-M6")
def test_a_delay_keeps_the_message_until_its_instant(integrator: Integrator) -> None:
    integrator.change(sending_delay="2h")
    assert integrator.send().body == b"OK"
    assert integrator.texts() == []
    ((due, _, task),) = integrator.world.upcoming()
    assert task == SendRequest(1)
    integrator.wait(hours=1, minutes=59)
    assert integrator.texts() == []
    integrator.wait(minutes=1)
    ((_, sms),) = integrator.world.outbox.to(PHONE)
    assert sms.at == due == integrator.world.clock.now == integrator.state.messages[1].delivered_at


@pytest.mark.claim("SMS-M7", "SMS-G3")
@pytest.mark.parametrize(
    ("changes", "error", "why"),
    [
        ({"balance": "1.99"}, "not enough balance", "2 wanted at 1.00 each, the balance of 1.99 pays for 1"),
        ({"balance": "-5"}, "not enough balance", "2 wanted at 1.00 each, the balance of -5 pays for 0"),
        ({"daily_limit": 1}, "too many messages per day", "2 wanted, 1 left today of 1"),
        ({"monthly_limit": 1}, "too many messages per month", "2 wanted, 1 left this month of 1"),
    ],
)
def test_a_batch_that_does_not_fit_is_refused_whole(
    integrator: Integrator, changes: dict[str, object], error: str, why: str
) -> None:
    integrator.change(**changes)
    before = integrator.facts()
    reply = integrator.send({}, {})
    assert reply.body.decode() == f"Error: {error}"
    assert reply.notes == (f"message: {why}",)
    assert integrator.facts() == before
    assert integrator.send().body == (b"Error: not enough balance" if changes.get("balance") == "-5" else b"OK")


@pytest.mark.claim("SMS-M7")
def test_under_a_setting_what_fits_of_a_batch_is_sent_and_the_error_told_all_the_same(integrator_with: Make) -> None:
    integrator = integrator_with("batch_refused_whole=false")
    integrator.change(daily_limit=3, monthly_limit=2)
    reply = integrator.send(*({"text": str(number)} for number in range(1, 6)))
    assert reply.body == b"Error: too many messages per day"
    assert integrator.texts() == [("request", "1"), ("request", "2")]
    assert integrator.ask("balance").body == b"998.00"
    assert integrator.send().body == b"Error: too many messages per month"
    integrator.change(monthly_limit=None)
    assert integrator.send().body == b"OK"
    integrator.change(api_allowed=False)
    assert integrator.send().body == b"Error: API not allowed"
    assert len(integrator.texts()) == 3


@pytest.mark.claim("SMS-M7")
def test_the_rule_itself_refuses_before_it_changes_anything(integrator: Integrator) -> None:
    integrator.change(api_allowed=False)
    before = integrator.facts()
    with pytest.raises(Refusal, match="is not allowed the API"):
        send_messages(integrator.world, 52, [Draft(PHONE, "?")])
    assert integrator.facts() == before


@pytest.mark.claim("SMS-M8")
def test_each_message_costs_the_accounts_price_to_the_last_digit(integrator: Integrator) -> None:
    integrator.change(balance="0.3", price="0.1")
    assert integrator.send({}, {}, {}).body == b"OK"
    assert integrator.account.balance == Decimal(0)
    assert integrator.send().body == b"Error: not enough balance"


@pytest.mark.claim("SMS-M8")
def test_money_is_exact_whatever_the_application_does_to_its_own_decimals(integrator: Integrator) -> None:
    integrator.change(balance="123456789.99")
    with localcontext() as context:
        context.prec = 3
        integrator.send()
        assert getcontext().prec == 3
    assert integrator.account.balance == Decimal("123456788.99")
    assert integrator.ask("balance").body == b"123456788.99"


@pytest.mark.claim("SMS-M8")
def test_a_price_of_nothing_needs_no_balance(integrator: Integrator) -> None:
    integrator.change(balance="0", price="0")
    assert integrator.send({}, {}).body == b"OK"


@pytest.mark.claim("SMS-M8")
def test_an_account_without_a_price_has_the_price_of_the_settings(integrator_with: Make) -> None:
    section = {"settings": {"default_price": "2.50"}, "accounts": [{"id": 7, "secure": "s", "balance": "10"}]}
    integrator = integrator_with()
    from mockserver.core.world import World
    from mockserver.services import smsvote

    world = World(integrator.world.clock.now, "", [smsvote.SERVICE.state()])
    smsvote.SERVICE.seed(world, section, "smsvote")
    assert world.state(type(integrator.state)).accounts[7].price == Decimal("2.50")


@pytest.mark.claim("SMS-M9")
def test_balance_and_limits_are_taken_at_acceptance_not_when_the_message_leaves(integrator: Integrator) -> None:
    integrator.change(sending_delay="1d", daily_limit=1, balance="1.00")
    assert integrator.send().body == b"OK"
    assert integrator.ask("balance").body == b"0.00"
    assert integrator.send().body == b"Error: not enough balance"
    integrator.wait(days=1)
    assert len(integrator.texts()) == 1
    integrator.change(balance="1.00")
    assert integrator.send().body == b"OK"


@pytest.mark.claim("SMS-M9")
def test_under_a_setting_a_delayed_message_is_paid_when_it_leaves_if_it_can_be(integrator_with: Make) -> None:
    integrator = integrator_with("charged_on_acceptance=false")
    integrator.change(sending_delay="1h", balance="1.00")
    integrator.send()
    integrator.send({"phone": "71234567891"})
    assert integrator.ask("balance").body == b"1.00"
    integrator.wait(hours=1)
    assert integrator.ask("balance").body == b"0.00"
    assert [message.recipient for _, message in integrator.world.outbox.to()] == [PHONE]
    assert integrator.notes() == ["request 2 to 71234567891 not sent: it costs 1.00, account 52 has 0.00"]


def at(integrator: Integrator, *moment: int) -> None:
    """Wait until an instant (UTC)."""
    instant = datetime(*moment, tzinfo=timezone.utc)  # type: ignore[misc, arg-type]
    integrator.wait(seconds=(instant - integrator.world.clock.now).total_seconds())


@pytest.mark.claim("SMS-G7", "SMS-G3")
def test_the_day_of_the_limit_ends_at_midnight_in_moscow(integrator: Integrator) -> None:
    integrator.change(daily_limit=1)
    at(integrator, 2026, 3, 2, 20, 59, 59)
    assert integrator.send().body == b"OK"
    assert integrator.send().body == b"Error: too many messages per day"
    at(integrator, 2026, 3, 2, 21, 0, 0)
    assert integrator.send().body == b"OK"
    at(integrator, 2026, 3, 3, 20, 59, 59)
    assert integrator.send().body == b"Error: too many messages per day"


@pytest.mark.claim("SMS-G7", "SMS-G3")
@pytest.mark.parametrize(
    ("last", "first"),
    [
        ((2026, 3, 31, 20, 59, 59), (2026, 3, 31, 21, 0, 0)),
        ((2026, 4, 30, 20, 59, 59), (2026, 4, 30, 21, 0, 0)),
        ((2027, 2, 28, 20, 59, 59), (2027, 2, 28, 21, 0, 0)),
        ((2028, 2, 29, 20, 59, 59), (2028, 2, 29, 21, 0, 0)),
        ((2026, 12, 31, 20, 59, 59), (2026, 12, 31, 21, 0, 0)),
    ],
)
def test_the_month_of_the_limit_is_a_calendar_month_in_moscow(
    integrator: Integrator, last: tuple[int, ...], first: tuple[int, ...]
) -> None:
    integrator.change(monthly_limit=2)
    at(integrator, *last[:2], 9)
    integrator.send()
    at(integrator, *last)
    assert integrator.send().body == b"OK"
    assert integrator.send().body == b"Error: too many messages per month"
    at(integrator, *first)
    assert integrator.send().body == b"OK"
    assert integrator.send().body == b"OK"


@pytest.mark.claim("SMS-G7")
def test_another_offset_moves_the_midnight(integrator_with: Make) -> None:
    integrator = integrator_with("utc_offset=5h")
    integrator.change(daily_limit=1)
    integrator.send()
    at(integrator, 2026, 3, 2, 18, 59, 59)
    assert integrator.send().body == b"Error: too many messages per day"
    at(integrator, 2026, 3, 2, 19, 0, 0)
    assert integrator.send().body == b"OK"


@pytest.mark.claim("SMS-G7", "SMS-M2", "SMS-M1")
@pytest.mark.parametrize(
    "override",
    [
        "utc_offset=25h",
        "date_format=%Y",
        "date_format=%",
        "transports=sms,fax",
        "phone_digits=11",
        "bad_fields_error=nothing",
        "rating_pattern=(",
        "rating_pattern=[1-5]",
        "reply_matches=any",
        "sms_routes=prefix,prefix",
        "csv_separator=;;",
        "csv_encoding=klingon",
        "reported_statuses=lost",
        "balance_places=7",
        "error_status=99",
        "api_needed_for=everything",
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_its_name(integrator_with: Make, override: str) -> None:
    with pytest.raises(InvalidInput, match=f"smsvote.settings.{override.split('=', maxsplit=1)[0]}.* expected"):
        integrator_with(override)


@settings(max_examples=60)
@given(
    batches=st.lists(st.integers(1, 6), max_size=8),
    cents=st.integers(0, 2000),
    limit=st.integers(0, 12),
    delay=st.sampled_from(["0s", "3h"]),
)
@pytest.mark.claim("SMS-M7", "SMS-M8", "SMS-M9")
def test_what_was_paid_and_counted_is_what_was_sent(
    integrator_with: Make, batches: list[int], cents: int, limit: int, delay: str
) -> None:
    integrator = integrator_with()
    integrator.put(replace(integrator.account, balance=Decimal(cents) / 100, daily_limit=limit))
    integrator.change(sending_delay=delay)
    accepted = sum(size for size in batches if integrator.send(*[{}] * size).body == b"OK")
    assert integrator.account.balance == Decimal(cents) / 100 - accepted
    assert sum(integrator.cabinet.sent_on_day.values()) == accepted <= limit
    assert integrator.account.balance >= 0
    integrator.wait(hours=3)
    assert len(integrator.texts()) == accepted


@pytest.mark.claim("SMS-M2")
def test_a_snapshot_goes_its_own_way(integrator: Integrator) -> None:
    integrator.send()
    twin = type(integrator)(integrator.world.copy())
    before = integrator.facts()
    twin.send()
    twin.phone_sends("5")
    twin.change(balance="3.00", prefixes=["ДРУГОЙ"])
    assert integrator.facts() == before
    assert json.loads(twin.control("GET", "/accounts").body)["accounts"][0]["balance"] == "3.00"
