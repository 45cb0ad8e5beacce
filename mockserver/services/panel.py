"""A page of the dashboard that a service brings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

Query = Mapping[str, str]
"""The parameters of a page's address."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One page: its name in the address, its title, and what it shows.

    `sources` are control calls (`/agenda?limit=50`), the first of them its twin in JSON; their answers stand in the
    template `<name>.html` of `folder` under the names given here. Of those that are `spare`, nothing is said when they
    fail.
    """

    name: str
    title: str
    sources: Callable[[Query], Mapping[str, str]]
    folder: Path
    spare: frozenset[str] = frozenset()
