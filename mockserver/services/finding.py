"""Finding things by what they are, never by how many there are; a miss says what there is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

from mockserver.services.nearness import did_you_mean

T = TypeVar("T")

MOST_NAMED = 10
"""How many things a miss names."""

_ADDRESSES = frozenset({"email", "recipient"})
_VALUES = (str, int, float, Decimal, datetime)


Watch = Callable[[Callable[[], list[Any]], float], list[Any]]
"""Looks, and while nothing is found looks again at each change, for so many real seconds."""


class NotFound(LookupError):
    """Nothing, or more than one thing, fits; the message says what there is."""


class Finder(Generic[T]):
    """All things of one kind, in the order in which they came.

    Criteria are attributes and what they equal: a value, a compiled pattern that is searched for, or a function that
    says yes (`securating.invitations.one(email="anna@example.com")`); a number fits the text of its digits, and an
    e-mail address fits in upper and lower case. What is no attribute `of` such things, or none that a value could
    equal, is an `AttributeError`, also where there are none. Where what is found changes later, `anew` makes of the
    row an object that always shows the present.
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
        self._of: Any = of
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
        for name, wanted in criteria.items():
            self._check_criterion(name, wanted)
        return [row for row in self._rows() if all(_fits(row, name, wanted) for name, wanted in criteria.items())]

    def _check_criterion(self, name: str, wanted: object) -> None:
        fields = _fields_of(self._of)
        if not hasattr(self._of, name):
            problem = f"{self._kind}s have no attribute {name!r}"
        elif isinstance(wanted, (str, int)) and name not in fields:
            problem = f"{name} is no field to search {self._kind}s by"
        else:
            return
        hint = did_you_mean(name, fields)
        raise AttributeError(f"{problem}{hint and '; '}{hint}")

    def __iter__(self) -> Iterator[T]:
        return iter(self.all())

    def __len__(self) -> int:
        return len(self._rows())

    def _miss(self, criteria: dict[str, object], found: list[T]) -> NotFound:
        wanted = " and ".join(f"{name}={_worded(value)}" for name, value in criteria.items())
        number = f"{len(found)} {self._kind}s have" if found else f"no {self._kind} has"
        return self.miss(f"{number} {wanted or 'come'}", found)

    def miss(self, what: str, found: Sequence[T] = ()) -> NotFound:
        """Return the error that says what was missed, and what there is: what was `found`, or all."""
        there = found or self._rows()
        named = "; ".join(self._describe(row) for row in there[-MOST_NAMED:]) or "none at all"
        return NotFound(f"{what}; there {'are' if len(there) != 1 else 'is'}: {named}")


def _worded(value: object) -> str:
    return f"/{value.pattern}/" if isinstance(value, re.Pattern) else repr(value)


@cache
def _fields_of(kind: Any) -> tuple[str, ...]:
    """Return the attributes of a kind of thing that a value can equal: neither methods nor things in their turn."""
    hints = get_type_hints(kind)
    names = [name for name in dir(kind) if not name.startswith("_") and not callable(getattr(kind, name))]
    return tuple(name for name in names if _is_value(_hint_of(getattr(kind, name), hints.get(name, object))))


def _hint_of(attribute: object, of_field: Any) -> Any:
    return get_type_hints(attribute.fget)["return"] if isinstance(attribute, property) else of_field


def _is_value(hint: Any) -> bool:
    kinds = get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)
    return hint is object or any(isinstance(kind, type) and issubclass(kind, _VALUES) for kind in kinds)


def _fits(row: object, name: str, wanted: object) -> bool:
    actual = getattr(row, name)
    if isinstance(wanted, re.Pattern):
        return bool(wanted.search(str(actual)))
    if callable(wanted):
        return bool(wanted(actual))
    if isinstance(actual, str) and isinstance(wanted, int):
        return actual == str(wanted)
    if name in _ADDRESSES and isinstance(actual, str) and isinstance(wanted, str):
        return actual.lower() == wanted.lower()
    return bool(actual == wanted)
