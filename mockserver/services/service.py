"""What a service is to the rest of the house: a table of calls, each from a request to a reply."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from urllib.parse import parse_qsl

from mockserver.core.agenda import Promise
from mockserver.core.errors import Refusal
from mockserver.core.journal import Exchange
from mockserver.core.outbox import Letter, Sms
from mockserver.core.tables import Tables
from mockserver.core.world import World
from mockserver.services.lives import Foreseen, Life
from mockserver.services.outcome import Outcome
from mockserver.services.panel import Panel
from mockserver.services.settings import Settings

TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

MAX_FIELDS = 1000
"""How many parameters one request may carry."""

NO_SUCH_CALL, WRONG_METHOD, TOO_LARGE = "no such call", "wrong method", "too large"
"""Refusal codes that the gate itself raises; every service has words for them."""

CUT, DRIBBLED, RESET, SILENT = "cut in the middle", "in pieces", "connection reset", "no byte of an answer"
"""What a fault may do to an answer on its way: see `Reply.ending`."""

NOT_MODIFIED = 304
"""Status of an answer to a page that asks for news of itself, and there are none: no call for the journal."""

NO_ARGS: Mapping[str, str] = {}

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(slots=True)  # never changed all the same; freezing it would cost every call
class Request:
    """What a service sees of an HTTP request.

    `query` is everything after the first `?`, undecoded except from UTF-8 (other bytes as surrogate escapes);
    header names are lower-case; `args` are the variable parts of the path. `origin` is the scheme and host that the
    caller asked for: `https://api.securating.io`.
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


@dataclass(slots=True)  # never changed all the same; freezing it would cost every call
class Reply:
    """An answer. `notes` go to the journal, not to the caller.

    `refusal` is the code of a refusal. `claims` are those that the answer rests on: in place of its operation's, or of
    a refusal beside those of its code. What `is_made_up` by a fault rests on none. `ending` says
    how a fault keeps it from arriving whole (`CUT`, `RESET`, …), `delay` by how many real seconds it is late. A
    `stream` goes out piece by piece after the `body`.
    """

    status: int
    body: bytes
    content_type: str = TEXT
    headers: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    ending: str = ""
    delay: float = 0.0
    refusal: str = ""
    claims: tuple[str, ...] = ()
    stream: Iterator[bytes] | None = None
    is_made_up: bool = False

    @staticmethod
    def json(value: object, status: int = 200) -> Reply:
        """Return an answer of JSON, letters as they are."""
        return Reply(status, json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace"), JSON)

    def because(self, refusal: Refusal) -> Reply:
        """Return the same answer marked as a refusal's: with its code and claims, and why for the journal."""
        notes = (*self.notes, str(refusal))
        return replace(self, notes=notes, refusal=refusal.code, claims=refusal.claims)

    @staticmethod
    def page(html: str, status: int = 200) -> Reply:
        """Return an answer that is an HTML page."""
        return Reply(status, html.encode("utf-8", "replace"), HTML)


Handle = Callable[[World, Request], Reply]

Said = Callable[[World, Request], str | None]
"""Says in a line of Python how a test does what a call did, or `NOTHING`, or `THE_CALL_ITSELF` (both of `saying`)."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of a service's table: a call under its method and path.

    `path` may hold variable parts (`/widgets/<version>`). `query` names a parameter whose presence chooses this row
    among several under one path (`/?v=…`, `/?x=…`). `claims` are those that describe what it answers. `said` puts it
    into a test that is written down from what was done; without it such a test makes the call itself.
    """

    name: str
    method: str
    path: str
    handle: Handle
    query: str = ""
    claims: tuple[str, ...] = ()
    said: Said | None = None


Bearing = Callable[[Exchange], bool]
"""Says of a call whether a setting has a part in its answer: `wrong_method_status` in those to wrong methods alone."""


class Driver(Protocol):
    """What the objects that a test holds need of the `Double` that drives their world."""

    def look(self) -> AbstractContextManager[World]:
        """Hold the world to look at it: what waits for the application is delivered before."""

    def act(self) -> AbstractContextManager[World]:
        """Hold the world to act on it: what the act causes is delivered after."""

    def wait_for(self, find: Callable[[], list[Any]], seconds: float) -> list[Any]:
        """Look, and while nothing is found look again at each change, for so many real seconds."""


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """A service that is doubled. `SERVICES` lists them; every room above loops over that list and names none."""

    name: str
    """As settings, marks and addresses of the control surface say it."""
    title: str
    """As people read it."""
    hosts: tuple[str, ...]
    """Where it answers; every name below them is its own too."""

    settings: type[Settings]
    """What is assumed of it, and what else one may set."""
    settings_of: Callable[[World], Settings]
    pinned: Callable[[World], Set[str]]
    """The names of the settings that somebody has set in a world."""
    bearings: Callable[[], Mapping[str, Bearing]]
    """When a setting has a part in an answer that rests on one of its claims; a setting not named here always has."""

    state: type[Tables]
    """Of what a world holds for it; empty as it is made."""
    seed: Callable[[World, Mapping[str, Any], str], None]
    """Puts into a world what a file says of this service; messages name the place by the text given."""
    adjust: Callable[[World, Mapping[str, object], str], None]
    """Changes in a world what keywords of a mark or a tenant say."""

    operations: Callable[[Settings], tuple[Operation, ...]]
    """Its calls."""
    controls: tuple[Operation, ...]
    """What people do at it that is no call: under the control surface only."""
    refuse: Callable[[World, Request, Refusal], Reply]
    """Words a refusal as the service does."""
    refusals: Mapping[str, Refusal]
    """The refusals that it documents, under the names by which faults bring them about: `within 24 hours`."""
    grounds: Mapping[str, tuple[str, ...]]
    """The claims behind each code of a refusal."""

    credentials: Callable[[World], dict[str, object]]
    """What a call carries so that a world answers it, by parameter: `{"keywebsite": …}`."""
    secrets: Callable[[World], tuple[str, ...]]
    """What nobody else should read whole."""
    credentials_in: Callable[[Request], frozenset[str]]
    """Whatever in a request may name the world that it is for."""
    owns: Callable[[World, frozenset[str]], bool]
    """Says whether a world is the one that such credentials name."""
    renew: Callable[[World], dict[str, str]]
    """Gives a world credentials of its own; returns new names for those that stand in other places too."""
    example: Callable[[World, str], str]
    """A command line that works with a world behind a base address, ready to paste."""
    fixture: Mapping[str, str]
    """Its credentials, as the pytest fixture of the service's name names them."""

    person: str
    """What it reaches people by: `email` or `phone`."""
    persons_of: Callable[[Request], frozenset[str]]
    """Those whom a request names."""
    compose: Callable[[World, Letter | Sms], dict[str, str]]
    """All there is to see of a message."""
    words: Callable[[Letter | Sms], str]
    """What one can search in a message, a hundred times as fast."""

    lives: Callable[[World, int, str], list[Life]]
    """The lines of its timeline: at most so many, the newest first, of those whose names contain a text."""
    foresee: Callable[[World, Promise], Foreseen | None]
    """Says in words what one of its promises is; None for another service's."""
    panels: tuple[Panel, ...]
    """Its pages of the dashboard."""
    assertions: Callable[[World, World], list[str]]
    """Says in lines of Python what has come about in a world since it was another."""
    outcomes: Callable[[], tuple[Outcome, ...]]
    """Everything that can come about at it, for coverage."""
