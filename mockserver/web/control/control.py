"""A call of the control surface, and the parameters that many of them take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from mockserver.core.errors import Refusal
from mockserver.runtime.double import Double
from mockserver.services.fields import BAD_REQUEST, shown
from mockserver.services.service import JSON, Reply, Request, Said

T = TypeVar("T")

FOR_PROGRAMS = f"{JSON}; charset=utf-8"
"""The type of large files of JSON, which nobody lays out over lines as the other answers are."""

MOST_NUMBERED = 10**15 - 1
"""No list ever counts so far."""

LONGEST_WAIT = 60.0
"""Real seconds that one call may wait for something to happen."""


@dataclass(frozen=True, slots=True)
class Control:
    """One call: `about` is what the list of calls says of it, `handle` answers for the double of one tenant.

    `said` puts what it does into a test that is written down; without it such a test makes the call itself.
    """

    method: str
    path: str
    about: str
    handle: Callable[[Double, Request], Reply]
    said: Said | None = None


def found_within(double: Double, given: Mapping[str, str], find: Callable[[], list[T]]) -> list[T]:
    """Return what `find` finds; with `wait` among the parameters, hold on so many real seconds until it is something.

    Raises `Refusal` for a `wait` that is no number of seconds.
    """
    seconds = read_wait(given)
    return double.changes.wait_for(find, seconds) if seconds else find()


def read_wait(given: Mapping[str, str]) -> float:
    """Read how many real seconds to wait: `wait`, 0 where it is not given."""
    return check_wait(_number(given.get("wait", "0")), given.get("wait"))


def check_wait(seconds: float, said: object) -> float:
    """Return a wait that is neither endless nor negative. Raises `Refusal`."""
    if not 0 <= seconds <= LONGEST_WAIT:
        raise Refusal(BAD_REQUEST, f"{shown(said)}, real seconds from 0 to {LONGEST_WAIT:g} expected", "wait")
    return seconds


def _number(text: str) -> float:
    try:
        return float(text) if text.isascii() else -1
    except ValueError:
        return -1


def read_number(given: Mapping[str, str], name: str, default: int = 0) -> int:
    """Read a whole number that a list counts by. Raises `Refusal`."""
    text = given.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Refusal(BAD_REQUEST, f"{shown(text)}, a whole number from 0 expected", name)
    return int(text)


def read_range(given: Mapping[str, str]) -> range:
    """Read which numbers of a list are asked for: those above `after`, and below `before`. Raises `Refusal`."""
    return range(read_number(given, "after") + 1, read_number(given, "before", MOST_NUMBERED))


def check_choice(given: Mapping[str, str], name: str, choices: Iterable[str]) -> None:
    """Refuse a parameter that is none of `choices`: nothing would ever fit it. Raises `Refusal`."""
    if name in given and given[name] not in choices:
        raise Refusal(BAD_REQUEST, f"{shown(given[name])}, one of {', '.join(choices)} expected", name)


def listed(name: str, rows: Sequence[T], show: Callable[[T], object], limit: int) -> dict[str, object]:
    """Return the newest `limit` of `rows` under `name`, and how many there are."""
    return {name: [show(row) for row in rows[-limit:]], "count": len(rows)}
