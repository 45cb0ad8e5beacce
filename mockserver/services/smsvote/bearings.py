"""When an assumption about sms-vote bears on an answer that rests on its claim; what is not named always does.

The documentation's own example has a phone number of eleven digits, as a number, an order as a text, and a final text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import unquote_plus

from mockserver.core.journal import Exchange
from mockserver.services.fields import parse_object
from mockserver.services.service import Bearing, read_fields
from mockserver.services.smsvote.errors import API_NOT_ALLOWED

DOCUMENTED_DIGITS = 11

FEW = 20
"""Messages in one command that any service would take."""


def _command(exchange: Exchange) -> Mapping[str, object] | None:
    """Return what a command asked for; None where the journal has no more of it than its beginning."""
    given = exchange.target.partition("?")[2] if exchange.method == "GET" else exchange.request_body
    try:
        return parse_object(read_fields(given).get("json", ""))
    except ValueError:
        return None


def _batch(is_so: Callable[[list[dict[str, object]]], bool]) -> Bearing:
    """Return what is so of the messages of a command; of a command that cannot be read, everything is."""

    def bears(exchange: Exchange) -> bool:
        command = _command(exchange)
        messages = command.get("message") if command else None
        return not isinstance(messages, list) or is_so([one for one in messages if isinstance(one, dict)])

    return bears


def _any_message(is_so: Callable[[dict[str, object]], bool]) -> Bearing:
    return _batch(lambda messages: any(map(is_so, messages)))


def _has_other_phone(message: dict[str, object]) -> bool:
    phone = message.get("phone")
    return not isinstance(phone, int) or len(str(phone)) != DOCUMENTED_DIGITS


def _has_numbers(message: dict[str, object]) -> bool:
    return any(isinstance(message.get(name), int) for name in ("employee", "order"))


def _is_sent_otherwise(exchange: Exchange) -> bool:
    command = _command(exchange)
    return command is None or command.get("transport") != "sms"


def _reports_as(name: str) -> Bearing:
    def bears(exchange: Exchange) -> bool:
        return exchange.operation != "feedback_report" or f'"{name}"' in unquote_plus(
            exchange.target + exchange.request_body
        )

    return bears


def _never(_exchange: Exchange) -> bool:
    """Say that a setting decides nothing that stands in an answer, only what comes of the call."""
    return False


_csv = _reports_as("csv")

BEARINGS: Mapping[str, Bearing] = {
    "accepts_post": lambda exchange: exchange.method == "POST",
    "api_needed_for": lambda exchange: exchange.refusal == API_NOT_ALLOWED,
    "transports": _is_sent_otherwise,
    "text_final_required": _any_message(lambda message: not message.get("text_final")),
    "phone_digits": _any_message(_has_other_phone),
    "numbers_as_texts": _any_message(_has_numbers),
    "max_messages": _batch(lambda messages: len(messages) > FEW),
    "batch_refused_whole": _batch(lambda messages: len(messages) > 1),
    "default_price": _never,
    "final_texts_cost": _never,
    "questions_cost": _never,
    "json_content_type": _reports_as("json"),
    "csv_content_type": _csv,
    "csv_separator": _csv,
    "csv_encoding": _csv,
    "csv_header": _csv,
    "csv_line_end": _csv,
}
