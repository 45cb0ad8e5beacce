"""Finding things by what they are, never by how many there are; a miss says what there is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from mockserver.services.nearness import did_you_mean

T = TypeVar("T")

MOST_NAMED = 10
"""How many things a miss names."""


Watch = Callable[[Callable[[], list[Any]], float], list[Any]]
"""Looks, and while nothing is found looks again at each change, for so many real seconds."""


class NotFound(LookupError):
    """Nothing, or more than one thing, fits; the message says what there is."""


class Finder(Generic[T]):
    """All things of one kind, in the order in which they came.

    Criteria are attributes and what they equal: a value, a compiled pattern that is searched for, or a function that
    says yes (`securating.invitations.one(email="anna@example.com")`); a number fits the text of its digits. What is no
    attribute `of` such things is an `AttributeError`, also where there are none. Where what is
    found changes later, `anew` makes of the row an object that always shows the present.
    """

    def __init__(
        self,
        kind: str,
        of: type[T],
        rows: Callable[[], Sequence[T]],
        describe: Callable[[T], str],
        anew: Callable[[T], T] = lambda row: row,
        watch: Watch = lambda find, _seconds: find(),
    ) -> None:
        self._kind = kind
        self._of = of
        self._rows = rows
        self._describe = describe
        self._anew = anew
        self._watch = watch

    def all(self, **criteria: object) -> list[T]:
        """Return everything that fits, oldest first."""
        return [self._anew(row) for row in self._fitting(criteria)]

    def one(self, **criteria: object) -> T:
        """Return the only one that fits. Raises `NotFound`."""
        found = self._fitting(criteria)
        if len(found) != 1:
            raise self._miss(criteria, found)
        return self._anew(found[0])

    def latest(self, **criteria: object) -> T:
        """Return the one that came last. Raises `NotFound`."""
        found = self._fitting(criteria)
        if not found:
            raise self._miss(criteria, found)
        return self._anew(found[-1])

    def wait_for(self, timeout: float = 5.0, **criteria: object) -> T:
        """Return the latest that fits, once there is one, within so many real seconds. Raises `NotFound`."""
        found: list[T] = self._watch(lambda: self._fitting(criteria), timeout)
        if not found:
            raise self._miss(criteria, found)
        return self._anew(found[-1])

    def _fitting(self, criteria: dict[str, object]) -> list[T]:
        for name in criteria:
            self._check_criterion(name)
        return [row for row in self._rows() if all(_fits(row, name, wanted) for name, wanted in criteria.items())]

    def _check_criterion(self, name: str) -> None:
        if not hasattr(self._of, name):
            hint = did_you_mean(name, (each for each in dir(self._of) if not each.startswith("_")))
            raise AttributeError(f"{self._kind}s have no attribute {name!r}{hint and '; '}{hint}")

    def __iter__(self) -> Iterator[T]:
        return iter(self.all())

    def __len__(self) -> int:
        return len(self._rows())

    def _miss(self, criteria: dict[str, object], found: list[T]) -> NotFound:
        wanted = " and ".join(f"{name}={_worded(value)}" for name, value in criteria.items())
        number = f"{len(found)} {self._kind}s have" if found else f"no {self._kind} has"
        there = found or self._rows()
        named = "; ".join(self._describe(row) for row in there[-MOST_NAMED:]) or "none at all"
        return NotFound(f"{number} {wanted or 'come'}; there {'are' if len(there) != 1 else 'is'}: {named}")


def _worded(value: object) -> str:
    return f"/{value.pattern}/" if isinstance(value, re.Pattern) else repr(value)


def _fits(row: object, name: str, wanted: object) -> bool:
    actual = getattr(row, name)
    if isinstance(wanted, re.Pattern):
        return bool(wanted.search(str(actual)))
    if callable(wanted):
        return bool(wanted(actual))
    if isinstance(actual, str) and isinstance(wanted, int):
        return actual == str(wanted)
    return bool(actual == wanted)
