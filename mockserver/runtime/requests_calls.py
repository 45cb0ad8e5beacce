"""A call on a service as a test makes it: with requests, and in the name of its own fixtures."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from mockserver.core.journal import Exchange
from mockserver.core.world import World
from mockserver.runtime.shortening import SHORTEST_SECRET
from mockserver.services import SERVICES
from mockserver.services.saying import Code, call, literal
from mockserver.services.service import FORM

_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}
_NO_ANSWER = re.compile(r"fault \d* ?\((reset|empty|lost|truncated)\)")
_OF_THE_MOMENT = re.compile(r"[A-Za-z0-9]{16}|\d\d:\d\d")
"""What another run words otherwise: tokens, and times of the day."""

LONGEST_ANSWER = 200
"""Characters of an answer that a test compares whole."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """How a test says the credentials of a world: `securating.key` in place of the key itself.

    `by_name` has the code for a parameter's name and value, `anywhere` for a value that is too long to stand anywhere
    by chance; `others` are secrets of the world that no fixture knows.
    """

    by_name: Mapping[tuple[str, str], Code]
    anywhere: Mapping[str, Code]
    others: tuple[str, ...]

    @staticmethod
    def of(world: World) -> Credentials:
        """Return how the credentials of a world are said."""
        by_name = {
            (name, str(value)): Code(f"{service.name}.{service.fixture[name]}")
            for service in SERVICES
            for name, value in service.credentials(world).items()
        }
        anywhere = {value: code for (_, value), code in by_name.items() if len(value) >= SHORTEST_SECRET}
        secrets = {secret for service in SERVICES for secret in service.secrets(world)}
        return Credentials(by_name, anywhere, tuple(secrets - anywhere.keys()))

    def told(self, value: object, name: str = "") -> object:
        """Return a value of JSON with the code for each credential in its place."""
        if isinstance(value, Mapping):
            return {key: self.told(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [self.told(item) for item in value]
        if not isinstance(value, Code) and (known := self.by_name.get((name, str(value)))):
            return known
        return self._text(value) if isinstance(value, str) and not isinstance(value, Code) else value

    def _text(self, text: str) -> Code:
        if not any(secret in text for secret in self.anywhere):
            return literal(text)
        parts = re.split(f"({'|'.join(map(re.escape, self.anywhere))})", text)
        return Code(" + ".join(self.anywhere.get(part) or literal(part) for part in parts if part))


def as_requests(exchange: Exchange, credentials: Credentials) -> tuple[str, ...]:
    """Return the lines that make a call and say what was answered; one remark for what no test can make."""
    said = f"{exchange.method} {exchange.target.partition('?')[0]}"
    if not exchange.is_exact:
        return (f"# {literal(said)[1:-1]} is left out: it is no text, or was too long to be kept whole.",)
    line = _request(exchange, credentials)
    if any(secret in line for secret in credentials.others):
        return (f"# {literal(said)[1:-1]} is left out: it has credentials that no fixture knows.",)
    if exchange.status == 0 or any(_NO_ANSWER.search(note) for note in exchange.notes):
        return "with pytest.raises(requests.RequestException):", f"    {line}"
    return f"answer = {line}", *_expected(exchange)


def _request(exchange: Exchange, credentials: Credentials) -> str:
    path, _, query = exchange.target.partition("?")
    address = Code(f"{exchange.service}.url + {credentials.told(path)}")
    named: dict[str, object] = {}
    if query:
        named["params"] = _fields(query, credentials)
    if exchange.request_body:
        named |= _body(exchange, credentials)
    if exchange.method in _METHODS:
        return call(f"requests.{exchange.method.lower()}", address, **named, timeout=5)
    return call("requests.request", exchange.method, address, **named, timeout=5)


def _body(exchange: Exchange, credentials: Credentials) -> dict[str, object]:
    kind = exchange.request_type
    if kind.partition(";")[0].strip().lower() == FORM:
        return {"data": _fields(exchange.request_body, credentials)}
    written = Code(f"({credentials.told(exchange.request_body)}).encode()")
    return {"data": written} | ({"headers": {"Content-Type": kind}} if kind else {})


def _fields(text: str, credentials: Credentials) -> dict[str, object]:
    """Return the parameters of a query or a form; an object of JSON among them as what is in it."""
    return {name: _value(name, value, credentials) for name, value in parse_qsl(text, keep_blank_values=True)}


def _value(name: str, text: str, credentials: Credentials) -> object:
    try:
        value = json.loads(text, parse_constant=int) if text.startswith("{") else None
    except (ValueError, RecursionError):
        value = None
    return Code(f"json.dumps({literal(credentials.told(value))})") if value else credentials.told(text, name)


def _expected(exchange: Exchange) -> list[str]:
    lines, text = [f"assert answer.status_code == {exchange.status}"], exchange.reply_body
    is_plain = exchange.reply_type.startswith("text/plain") and 0 < len(text) <= LONGEST_ANSWER
    if is_plain and not _OF_THE_MOMENT.search(text) and not any("fault" in note for note in exchange.notes):
        lines.append(f"assert answer.text == {literal(text)}")
    return lines
