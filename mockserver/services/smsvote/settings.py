"""What the documentation of sms-vote leaves open, with the answer assumed until somebody has seen the real one."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from mockserver.services.service import JSON, TEXT
from mockserver.services.settings import Demand, Settings, assumed
from mockserver.services.smsvote.errors import ERRORS, WRONG_JSON

CHECKS = {
    "json": (),
    "account": ("json",),
    "api": ("account",),
    "fields": ("json",),
    "balance": ("account", "fields"),
    "day": ("account", "fields"),
    "month": ("account", "fields"),
}
"""Every check of a command, with the checks that must have gone before it."""

COMMANDS = ("send_message", "feedback_report", "vote_report", "balance")
TRANSPORTS = ("sms", "whatsapp")
ROUTES = ("prefix", "request", "questionnaire", "vote")
STATUSES = ("not active", "active", "finished", "deleted")

_REPORT_FIELDS = {name: name for name in ("phone", "rating", "employee", "order", "date", "text")}
_VOTE_KEYS = {
    "id": "id", "name": "name", "hash": "hash", "multiple": "multiple", "status": "status",
    "date_start": "date_start", "date_end": "date_end", "question": "question", "answers": "answers",
    "option_global_id": "global_id", "option_id": "id", "option_text": "text", "option_votes": "votes",
}  # fmt: skip

_PHONE = "it takes somebody with a phone who answers"


@dataclass(frozen=True, slots=True)
class SmsVoteSettings(Settings):
    """The assumptions about sms-vote; `override` replaces those that proved wrong."""

    accepts_post: bool = assumed(
        True,
        "SMS-G1",
        "whether the object is also taken from a POST field `json`",
        learned_by="a command may come by post",
    )
    error_status: int = assumed(
        200, "SMS-G4", "HTTP status of the seven errors", learned_by="a wrong secret is told so"
    )
    error_content_type: str = assumed(
        TEXT, "SMS-G4", "content type of the seven errors", learned_by="a wrong secret is told so"
    )
    check_order: tuple[str, ...] = assumed(
        tuple(CHECKS), "SMS-G5", "which of several errors a command is told", learned_by="of two mistakes one is told"
    )
    api_needed_for: tuple[str, ...] = assumed(
        ("send_message",),
        "SMS-G5",
        "commands that `API not allowed` stops; the documentation speaks of sending",
        hidden="it takes an account that the API is denied to",
    )
    bad_fields_error: str = assumed(
        WRONG_JSON,
        "SMS-G6",
        "which error answers a missing or mistyped field",
        learned_by="a field that makes no sense is an error of its own",
    )
    utc_offset: timedelta = assumed(
        timedelta(hours=3),
        "SMS-G7",
        "Moscow's distance from UTC, also for dates before 2014-10-26, when it was another",
        hidden="it takes a rating whose instant is known",
    )
    date_format: str = assumed(
        "%Y-%m-%d %H:%M:%S",
        "SMS-G7",
        "how dates are written, in strftime's letters",
        learned_by="the running vote is reported",
    )

    transports: tuple[str, ...] = assumed(
        ("sms",), "SMS-M1", "values of `transport` that are admitted", learned_by="another transport is not admitted"
    )
    text_final_required: bool = assumed(
        False,
        "SMS-M2",
        "whether a message without `text_final` is an error",
        learned_by="a message may come without a final text",
    )
    phone_digits: tuple[int, ...] = assumed(
        (11, 15),
        "SMS-M2",
        "fewest and most digits of a phone number",
        hidden="a number of another length is somebody else's",
    )
    numbers_as_texts: bool = assumed(
        True,
        "SMS-M2",
        "whether `employee` and `order` may also be whole numbers, as PHP reads them",
        learned_by="an order may be a number",
    )
    max_messages: int = assumed(
        1000,
        "SMS-M2",
        "how many messages one command may carry",
        hidden="a batch that large would be sent if it were taken",
    )
    account_final_text_wins: bool = assumed(
        True, "SMS-M5", "whether the account's final text for a rating wins over the request's", hidden=_PHONE
    )
    final_text_without_request: bool = assumed(
        False, "SMS-M5", "whether a rating without request is answered with the account's final text", hidden=_PHONE
    )
    batch_refused_whole: bool = assumed(
        True,
        "SMS-M7",
        "whether a batch that does not fit is refused whole; otherwise what fits is sent all the same",
        learned_by="a batch that cannot be paid is refused",
    )
    success_status: int = assumed(
        200, "SMS-M8 SMS-B1", "HTTP status of success", learned_by="the balance is a plain decimal"
    )
    success_body: str = assumed(
        "OK",
        "SMS-M8",
        "answer to messages that were accepted",
        learned_by="an accepted message is acknowledged and paid",
    )
    success_content_type: str = assumed(
        TEXT,
        "SMS-M8 SMS-B1",
        "content type of that answer, and of the balance",
        learned_by="the balance is a plain decimal",
    )
    default_price: Decimal = assumed(
        Decimal("1.00"),
        "SMS-M8",
        "price of a message where the account names none",
        learned_by="an accepted message is acknowledged and paid",
    )
    final_texts_cost: bool = assumed(True, "SMS-M8", "whether a final text costs the price of a message", hidden=_PHONE)
    questions_cost: bool = assumed(True, "SMS-M8", "whether a question of a questionnaire costs it too", hidden=_PHONE)
    charged_on_acceptance: bool = assumed(
        True,
        "SMS-M9",
        "whether a delayed message is paid when accepted; otherwise when it leaves, if it can be paid",
        hidden="it takes an account that delays its messages",
    )
    final_texts_count: bool = assumed(
        False, "SMS-M9", "whether final texts count towards the two limits", hidden=_PHONE
    )

    rating_pattern: str = assumed(
        r"\s*([1-5])(?!\d|[.,]\d)",
        "SMS-F3",
        "what begins a rating: a regular expression whose first group is the digit",
        hidden=_PHONE,
    )
    reply_matches: str = assumed(
        "newest", "SMS-F3", "which unanswered request a reply answers: `newest` or `oldest`", hidden=_PHONE
    )
    one_rating_per_request: bool = assumed(
        True,
        "SMS-F3",
        "whether a request is closed by its rating; otherwise further replies rate it again",
        hidden=_PHONE,
    )
    sms_routes: tuple[str, ...] = assumed(
        ROUTES, "SMS-F3", "what an incoming SMS is tried as, in this order", hidden=_PHONE
    )
    date_to_inclusive: bool = assumed(
        True,
        "SMS-F4",
        "whether the second of `date_to` belongs to the report",
        learned_by="the last second belongs to the report",
    )
    report_fields: dict[str, str] = assumed(
        _REPORT_FIELDS, "SMS-F6", "names of a rating's fields, JSON and CSV", learned_by="ratings are reported as json"
    )
    json_content_type: str = assumed(
        JSON, "SMS-F6 SMS-V4", "content type of a report in JSON", learned_by="the running vote is reported"
    )
    csv_content_type: str = assumed(
        "text/csv; charset=utf-8", "SMS-F6", "content type of a report in CSV", learned_by="ratings are reported as csv"
    )
    csv_separator: str = assumed(";", "SMS-F6", "what separates columns", learned_by="ratings are reported as csv")
    csv_encoding: str = assumed(
        "utf-8-sig",
        "SMS-F6",
        "Python's name of the encoding; `utf-8-sig` writes a BOM",
        learned_by="ratings are reported as csv",
    )
    csv_header: bool = assumed(
        True, "SMS-F6", "whether the first line names the columns", learned_by="ratings are reported as csv"
    )
    csv_line_end: str = assumed("\r\n", "SMS-F6", "what ends a line", learned_by="ratings are reported as csv")

    vote_keys: dict[str, str] = assumed(
        _VOTE_KEYS,
        "SMS-V4",
        "names of the keys of a vote and of its options",
        learned_by="the running vote is reported",
    )
    multiple_is_number: bool = assumed(
        False,
        "SMS-V4",
        "whether `multiple` is 1 or 0 instead of true or false",
        learned_by="the running vote is reported",
    )
    zero_date: str = assumed(
        "0000-00-00 00:00:00", "SMS-V4", "the date of what has not happened", learned_by="the running vote is reported"
    )
    first_ballot_counts: bool = assumed(
        True, "SMS-V5", "whether the first ballot of a participant counts; otherwise the last one does", hidden=_PHONE
    )
    reported_statuses: tuple[str, ...] = assumed(
        ("not active", "active", "finished"),
        "SMS-V8",
        "statuses under which a vote is reported and shown",
        hidden="a vote that is not reported cannot be told from one that is not there",
    )
    balance_places: int = assumed(
        2, "SMS-B1", "decimal places of the balance", learned_by="the balance is a plain decimal"
    )

    def demands(self) -> Sequence[Demand]:
        """Return what keeps a setting from making no sense, such as an order of checks that cannot be followed."""
        return _DEMANDS


def _is_possible(order: tuple[str, ...]) -> bool:
    return sorted(order) == sorted(CHECKS) and all(
        set(CHECKS[name]) <= set(order[:position]) for position, name in enumerate(order)
    )


def _is_choice(chosen: tuple[str, ...], among: tuple[str, ...]) -> bool:
    return len(set(chosen)) == len(chosen) and set(chosen) <= set(among)


def _is_rating_pattern(pattern: str) -> bool:
    try:
        return re.compile(pattern).groups > 0
    except re.error:
        return False


def _is_date_format(text: str) -> bool:
    example = datetime(2015, 11, 21, 22, 33, 44)  # noqa: DTZ001 - a written date has no zone
    try:
        return datetime.strptime(example.strftime(text), text) == example  # noqa: DTZ007
    except ValueError:
        return False


def _is_encoding(name: str) -> bool:
    try:
        return bool("text".encode(codecs.lookup(name).name))
    except (LookupError, ValueError):
        return False


_DEMANDS = (
    Demand("check_order", lambda s: _is_possible(s.check_order), f"{', '.join(CHECKS)}, each after those it needs,"),
    Demand("api_needed_for", lambda s: _is_choice(s.api_needed_for, COMMANDS), f"some of {', '.join(COMMANDS)}"),
    Demand("bad_fields_error", lambda s: s.bad_fields_error in ERRORS, f"one of {', '.join(ERRORS)}"),
    Demand("error_status", lambda s: 200 <= s.error_status <= 599, "an HTTP status from 200 to 599"),
    Demand("success_status", lambda s: 200 <= s.success_status <= 599, "an HTTP status from 200 to 599"),
    Demand(
        "utc_offset",
        lambda s: timedelta(minutes=1) <= s.utc_offset < timedelta(days=1),
        "a duration such as 3h, of less than a day",
    ),
    Demand("date_format", lambda s: _is_date_format(s.date_format), "a format that loses nothing"),
    Demand("transports", lambda s: _is_choice(s.transports, TRANSPORTS), f"some of {', '.join(TRANSPORTS)}"),
    Demand("phone_digits", lambda s: len(s.phone_digits) == 2, "the fewest and the most digits"),
    Demand("rating_pattern", lambda s: _is_rating_pattern(s.rating_pattern), "a regular expression with a group"),
    Demand("reply_matches", lambda s: s.reply_matches in {"newest", "oldest"}, "newest or oldest"),
    Demand("sms_routes", lambda s: _is_choice(s.sms_routes, ROUTES), f"some of {', '.join(ROUTES)}"),
    Demand("csv_separator", lambda s: len(s.csv_separator) == 1 and s.csv_separator not in '"\r\n', "one character"),
    Demand("csv_encoding", lambda s: _is_encoding(s.csv_encoding), "an encoding that Python knows"),
    Demand("reported_statuses", lambda s: _is_choice(s.reported_statuses, STATUSES), f"some of {', '.join(STATUSES)}"),
    Demand("balance_places", lambda s: 0 <= s.balance_places <= 6, "from 0 to 6"),
)
