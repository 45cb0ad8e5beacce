"""A page of the dashboard that a service brings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

Query = Mapping[str, str]
"""The parameters of a page's address."""

SEARCH = "q"
"""The parameter that says what to search for. A field `contains` would hide the method of that name of its form, on
which scripts that drive a browser rely."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One page: its name in the address, its title, and what it shows.

    `sources` returns the control calls whose answers it shows (`/agenda?limit=50`), each under the name by which its
    template, `<name>.html` in `folder`, knows the answer; the page links to the first as the same in JSON. When one
    that is `spare` fails, nothing is said of it.
    """

    name: str
    title: str
    sources: Callable[[Query], Mapping[str, str]]
    folder: Path
    spare: frozenset[str] = frozenset()
