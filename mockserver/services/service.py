"""What a service is to the rest of the house: a table of calls, each from a request to a reply."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl

from mockserver.core.errors import Refusal
from mockserver.core.outbox import Letter, Sms
from mockserver.core.settings import Settings
from mockserver.core.tables import Tables
from mockserver.core.world import World

TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
JSON = "application/json"

MAX_FIELDS = 1000
"""How many parameters one request may carry."""

NO_SUCH_CALL, WRONG_METHOD, TOO_LARGE = "no such call", "wrong method", "too large"
"""Refusal codes that the gate itself raises; every service has words for them."""

NO_ARGS: Mapping[str, str] = {}

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Request:
    """What a service sees of an HTTP request.

    `query` is everything after the first `?`, undecoded except from UTF-8 (other bytes as surrogate escapes);
    header names are lower-case; `args` are the variable parts of the path.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    args: Mapping[str, str] = field(default_factory=lambda: NO_ARGS)
    origin: str = ""

    @property
    def target(self) -> str:
        """Path and query, as they were asked for."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def params(self) -> dict[str, str]:
        """Return the parameters of the query; see `read_fields`."""
        return read_fields(self.query)

    def form(self) -> dict[str, str]:
        """Return the parameters of a form body, `multipart/form-data` included; see `read_fields`."""
        kind = self.headers.get("content-type", "")
        if kind.lower().startswith("multipart/form-data"):
            from mockserver.services.multipart import read_multipart  # noqa: PLC0415 - imports the e-mail parser

            return read_multipart(kind, self.body)
        return read_fields(self.body.decode("utf-8", "surrogateescape"))


def read_fields(text: str) -> dict[str, str]:
    """Read `a=1&b=2` as PHP does, which both vendors run: percent and plus decoded, the last of a name wins.

    Raises `ValueError` saying what is wrong: too many parameters, or bytes that are not UTF-8.
    """
    if text.count("&") >= MAX_FIELDS:
        raise ValueError(f"{text.count('&') + 1} parameters, at most {MAX_FIELDS} expected")
    fields = dict(parse_qsl(text, keep_blank_values=True, errors="surrogateescape"))
    for name, value in fields.items():
        if not (name.isascii() and value.isascii()) and _SURROGATE.search(name + value):
            raise ValueError(f"{name[:80]!r} is not UTF-8")
    return fields


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `notes` go to the journal, not to the caller."""

    status: int
    body: bytes
    content_type: str = TEXT
    headers: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    @staticmethod
    def json(value: object, status: int = 200) -> Reply:
        """Return an answer of JSON, letters as they are."""
        return Reply(status, json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace"), JSON)

    @staticmethod
    def page(html: str, status: int = 200) -> Reply:
        """Return an answer that is an HTML page."""
        return Reply(status, html.encode("utf-8", "replace"), HTML)


Handle = Callable[[World, Request], Reply]


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of a service's table: a call under its method and path.

    `path` may hold variable parts (`/widgets/<version>`). `query` names a parameter whose presence chooses this row
    among several under one path (`/?v=…`, `/?x=…`).
    """

    name: str
    method: str
    path: str
    handle: Handle
    query: str = ""


class Driver(Protocol):
    """Whoever drives the world, for the objects that a test holds."""

    def look(self) -> AbstractContextManager[World]:
        """Hold the world to look at it: what waits for the application is delivered before."""

    def act(self) -> AbstractContextManager[World]:
        """Hold the world to act on it: what the act causes is delivered after."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service that is doubled. `SERVICES` lists them; every room above loops over that list and names none."""

    name: str
    title: str
    hosts: tuple[str, ...]
    settings: type[Settings]
    new_state: Callable[[], Tables]
    settings_of: Callable[[World], Settings]
    operations: Callable[[Settings], tuple[Operation, ...]]
    controls: tuple[Operation, ...]
    refuse: Callable[[World, Request, Refusal], Reply]
    seed: Callable[[World, Mapping[str, Any], str], None]
    compose: Callable[[World, Letter | Sms], dict[str, str]]
    credentials: Callable[[World], dict[str, object]]
    example: Callable[[World, str], str]
    claims_of: Callable[[Request], frozenset[str]]
    owns: Callable[[World, frozenset[str]], bool]
    renew: Callable[[World], None]
