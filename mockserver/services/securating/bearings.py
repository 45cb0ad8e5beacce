"""When an assumption of Securating's bears on an answer that rests on its claim; what is not named always does."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.core.journal import Exchange
from mockserver.services.securating.errors import BAD_PARAMETER, WRONG_MEDIA
from mockserver.services.service import WRONG_METHOD, Bearing, read_fields

LONG = 200
"""Characters (in numbers: 100) up to which no service would think a value too long."""


def _is_refused(exchange: Exchange) -> bool:
    return bool(exchange.refusal)


def _is_bad_parameter(exchange: Exchange) -> bool:
    return exchange.refusal == BAD_PARAMETER


def _names_something_long(exchange: Exchange) -> bool:
    return _is_bad_parameter(exchange) and any(len(value) > LONG for value in _sent(exchange).values())


def _names_a_high(name: str) -> Bearing:
    def bears(exchange: Exchange) -> bool:
        value = _sent(exchange).get(name, "")
        return _is_bad_parameter(exchange) and value.isdigit() and len(value) > 2

    return bears


def _sent(exchange: Exchange) -> dict[str, str]:
    try:
        return read_fields(exchange.request_body)
    except ValueError:
        return {}


BEARINGS: Mapping[str, Bearing] = {
    "longest_line": _names_something_long,
    "longest_text": _names_something_long,
    "longest_url": _names_something_long,
    "most_days": _names_a_high("days"),
    "most_recalls": _names_a_high("recall_count"),
    "unknown_parameters_are_accepted": _is_bad_parameter,
    "wrong_method_status": lambda exchange: exchange.refusal == WRONG_METHOD,
    "wrong_media_status": lambda exchange: exchange.refusal == WRONG_MEDIA,
    "required_parameters": _is_bad_parameter,
    "cancelled_order_is_invited_again": _is_refused,
    "repeated_order_gets_its_link": lambda exchange: "order was cancelled" not in exchange.reply_body,
}
