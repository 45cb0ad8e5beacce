"""The parameters of `/invitation/create`: how each is read, and what is refused (SPEC §1.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from mockserver.core.errors import Refusal
from mockserver.services.nearness import did_you_mean, find_near_word
from mockserver.services.securating.errors import BAD_PARAMETER
from mockserver.services.securating.model import MOST_THEMATICS, Solicitation
from mockserver.services.securating.settings import SecuratingSettings

Reader = Callable[[str, SecuratingSettings], object]

_ATOM = r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]"
_EMAIL = re.compile(rf"{_ATOM}{{1,64}}@(?:{_ATOM}+)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_BUT_BREAKS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_NOT_IN_A_URL = re.compile(r"[\s\"'<>\\^`{|}\x00-\x1f\x7f]")


def read_email(value: str, _settings: SecuratingSettings) -> str:
    """Read one e-mail address."""
    host = value.rpartition("@")[2]
    if len(value) > 254 or not _EMAIL.fullmatch(value) or "" in host.split("."):
        raise ValueError(f"{_quoted(value)}, an e-mail address expected: {_what_is_wrong(value)}")
    return value


def _what_is_wrong(email: str) -> str:
    local, at, host = email.rpartition("@")
    if not at:
        return "no @ in it"
    if "@" in local:
        return f"{email.count('@')} @ in it"
    if not local or not host:
        return f"nothing {'after' if local else 'before'} the @"
    if email != email.strip() or " " in email:
        return "white space in it"
    if "" in host.split("."):
        return f"an empty part between the dots of {_quoted(host)}"
    return f"{len(email)} characters" if len(email) > 254 or len(local) > 64 else "a character that none may have"


def read_url(value: str, settings: SecuratingSettings) -> str:
    """Read an absolute address that can stand in an `href` as it is; a host is written in ASCII."""
    if wrong := _what_is_wrong_with_url(value, settings.longest_url):
        raise ValueError(f"{_quoted(value)}, an address such as https://shop.example/page expected: {wrong}")
    return value


def _what_is_wrong_with_url(value: str, longest: int) -> str:
    if len(value) > longest:
        return f"{len(value)} characters, at most {longest} expected"
    if found := _NOT_IN_A_URL.search(value):
        return f"{found[0]!r} in it, which an address has as {quote(found[0])}"
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port
    except ValueError as problem:
        return str(problem)
    if parts.scheme not in {"http", "https"}:
        return "no http:// or https:// before it"
    if not host:
        return "no host in it"
    strange = next((letter for letter in parts.netloc if not letter.isascii()), "")
    return f"{strange!r} in its host, which is written in ASCII, as xn--…" if strange else ""


def _line(value: str, settings: SecuratingSettings) -> str:
    if _CONTROL.search(value) or len(value) > settings.longest_line:
        raise ValueError(f"{_quoted(value)}, one line of text of at most {settings.longest_line} characters expected")
    return value


def read_text(value: str, settings: SecuratingSettings) -> str:
    """Read a description or a comment: lines of text."""
    if _CONTROL_BUT_BREAKS.search(value) or len(value) > settings.longest_text:
        limit = settings.longest_text
        raise ValueError(f"{_quoted(value)}, a text without control characters, of at most {limit}, expected")
    return value


def _flag(value: str, _settings: SecuratingSettings) -> bool:
    if value not in {"0", "1"}:
        raise ValueError(f"{_quoted(value)}, 0 or 1 expected")
    return value == "1"


def _whole(value: str, most: int) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10 and int(value) <= most):
        raise ValueError(f"{_quoted(value)}, a whole number from 0 to {most} expected")
    return int(value)


def _item_type(value: str, _settings: SecuratingSettings) -> str:
    if value not in {"product", "service"}:
        raise ValueError(f"{_quoted(value)}, product or service expected")
    return value


def _codes(value: str, _settings: SecuratingSettings) -> tuple[str, ...]:
    codes = tuple(code.strip() for code in value.split(","))
    if len(codes) > MOST_THEMATICS:
        raise ValueError(f"{len(codes)} codes, at most {MOST_THEMATICS} expected")
    return tuple(dict.fromkeys(codes))


READERS: dict[str, Reader] = {
    "email": read_email,
    "first_name": _line,
    "last_name": _line,
    "company_name": _line,
    "product": _line,
    "product_ean": _line,
    "product_desc": read_text,
    "survey_only": _flag,
    "force_invitation": lambda _value, _settings: True,
    "thematics": _codes,
    "url": read_url,
    "days": lambda value, settings: _whole(value, settings.most_days),
    "recall_count": lambda value, settings: _whole(value, settings.most_recalls),
    "profile_id": _line,
    "webhook": read_url,
    "customer_gender": _line,
    "customer_bio": read_text,
    "customer_link": read_url,
    "customer_avatar": read_url,
    "hashtag": _line,
    "with_gift": _flag,
    "gift_description": read_text,
    "from_order": _flag,
    "order": _line,
    "order_date": _line,
    "order_number": _line,
    "order_item_type": _item_type,
    "order_item_code": _line,
    "order_item_desc": read_text,
    "order_service_start": _line,
    "order_service_end": _line,
}


_CUSTOMER, _GIFT, _ORDER = ("SEC-C18",), ("SEC-C21",), ("SEC-C22",)

CLAIMS: dict[str, tuple[str, ...]] = {
    "keywebsite": ("SEC-C5",),
    "email": ("SEC-C6",),
    "first_name": ("SEC-C6",),
    "last_name": ("SEC-C6",),
    "company_name": ("SEC-C6",),
    "product": ("SEC-C7",),
    "product_ean": ("SEC-C8",),
    "product_desc": ("SEC-C8",),
    "survey_only": ("SEC-C9",),
    "force_invitation": ("SEC-C11",),
    "thematics": ("SEC-C13",),
    "url": ("SEC-C6",),
    "days": ("SEC-C14",),
    "recall_count": ("SEC-C15",),
    "profile_id": ("SEC-C17",),
    "webhook": ("SEC-W1",),
    "customer_gender": _CUSTOMER,
    "customer_bio": _CUSTOMER,
    "customer_link": _CUSTOMER,
    "customer_avatar": _CUSTOMER,
    "hashtag": ("SEC-C20",),
    "with_gift": _GIFT,
    "gift_description": _GIFT,
    "from_order": _ORDER,
    "order": ("SEC-C23", "SEC-O7"),
    "order_date": _ORDER,
    "order_number": _ORDER,
    "order_item_type": _ORDER,
    "order_item_code": _ORDER,
    "order_item_desc": _ORDER,
    "order_service_start": _ORDER,
    "order_service_end": _ORDER,
    "securating_email": ("SEC-O2",),
    "securating_website": ("SEC-O2",),
    "token": ("SEC-O4",),
    "type": ("SEC-O5",),
}
"""The claims behind the refusal of each parameter, beside those of its code."""


def read_solicitation(fields: Mapping[str, str], settings: SecuratingSettings) -> Solicitation:
    """Read what a shop asks for; an empty parameter counts as absent (SEC-C26).

    Raises `Refusal` naming the parameter, what was wrong and what was expected (SEC-C24).
    """
    meta = {name: value for name, value in fields.items() if name.startswith("meta_")}
    given = {name: value for name, value in fields.items() if value and name not in meta}
    for name in settings.required_parameters:
        if name not in given:
            raise Refusal(BAD_PARAMETER, "missing, a value expected", name, misspelt(name, fields))
    given.pop("keywebsite", None)
    unknown = {name: given.pop(name) for name in list(given) if name not in READERS}
    if unknown and not settings.unknown_parameters_are_accepted:
        first = next(iter(unknown))
        raise Refusal(BAD_PARAMETER, "no such parameter", first, did_you_mean(first, READERS), ("SEC-C24",))
    known: dict[str, Any] = {
        name: read_parameter(name, value, READERS[name], settings) for name, value in given.items()
    }
    return Solicitation(**({"email": ""} | known), meta=tuple(meta.items()), unknown=tuple(unknown.items()))


def read_parameter(name: str, value: str, reader: Reader, settings: SecuratingSettings) -> Any:
    """Read one parameter. Raises `Refusal` naming it."""
    try:
        return reader(value, settings)
    except ValueError as error:
        raise Refusal(BAD_PARAMETER, str(error), name) from None


def misspelt(name: str, fields: Mapping[str, str]) -> str:
    """Ask whether a parameter that is missing has come under another name."""
    near = find_near_word(name, (given for given in fields if given not in READERS))
    return f"is {near[:80]} misspelt?" if near and near != name else ""


def unknown_parameter(name: str) -> str:
    """Return what the journal says about a parameter that nobody knows."""
    near = did_you_mean(name, READERS)
    return f"unknown parameter {name[:80]}{near and '; '}{near}"


def _quoted(value: str) -> str:
    return repr(value if len(value) <= 80 else f"{value[:77]}...")
