"""Tables of facts: what a service remembers. Facts are frozen and shared; only the containers are copied."""

from __future__ import annotations

from collections import deque
from typing import TypeVar, cast

T = TypeVar("T", bound="Tables")

_CONTAINERS = (dict, list, set, deque)


class Tables:
    """Base of a service's state: a slotted dataclass whose values are frozen facts or containers of them.

    By the annotations of its fields it is saved and read again. The one nesting allowed is a dict whose values are
    `Tables` themselves.
    """

    __slots__: tuple[str, ...] = ()

    def copy(self: T) -> T:
        """Return a snapshot: containers copied, facts shared (DESIGN, law 2)."""
        twin = object.__new__(type(self))
        for name in self.__slots__:
            object.__setattr__(twin, name, _copied(getattr(self, name)))
        return twin


def _copied(value: object) -> object:
    if isinstance(value, Tables):
        return value.copy()
    if isinstance(value, dict) and isinstance(next(iter(value.values()), None), Tables):
        return {key: cast("Tables", table).copy() for key, table in value.items()}
    return value.copy() if isinstance(value, _CONTAINERS) else value
