"""A world behind a port, as the remote half of a service calls it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from mockserver.services.facts import from_json

T = TypeVar("T")

ALL = 999_999
"""As many rows as any list has: the longest that the control surface gives."""


class Wire(Protocol):
    """Calls rows of a control surface, for one tenant, and raises what it declines as the class it has in process.

    Paths begin below `/_mock/v1`; a parameter that is None is left out.
    """

    def get(self, path: str, **query: object) -> Any:
        """Ask for what is there."""

    def post(self, path: str, body: Mapping[str, object] | None = None, **query: object) -> Any:
        """Have something done."""

    def delete(self, path: str, **query: object) -> Any:
        """Have something removed."""

    def wait_for(self, find: Callable[[], list[Any]], seconds: float) -> list[Any]:
        """Look, and while nothing is found look again at each change, for so many real seconds."""


def list_of(kind: type[T], wire: Wire, path: str, **query: object) -> list[T]:
    """Return the facts that a row lists, oldest first; the last part of its path names them."""
    rows = wire.get(path, limit=ALL, **query)[path.rpartition("/")[2]]
    return [read(kind, row) for row in rows]


def read(kind: type[T], row: object) -> T:
    """Read a fact from a row of the control surface, which may say more than the fact holds."""
    fact: T = from_json(kind, row, strict=False)
    return fact


def part(value: object) -> str:
    """Return a value percent-encoded, as one part of a path."""
    return quote(str(value), safe="")
