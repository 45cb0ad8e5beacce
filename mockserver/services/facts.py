"""Facts as JSON and back again, by their types: instants in ISO 8601, dataclasses as objects, tasks under their names.

What `to_json` writes, `from_json` reads as an equal value. A dict whose keys are not texts is a list of pairs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any

from mockserver.core.agenda import Task
from mockserver.core.errors import InvalidInput
from mockserver.services.kinds import FACT, PLAIN, TASK, hints_of, is_record, reader_of


def to_json(value: Any) -> Any:
    """Return a fact as JSON can say it."""
    kind: Any = type(value)
    return value if kind in PLAIN else _writer(kind)(value)


def keywords_to_json(keywords: Mapping[str, object]) -> dict[str, Any]:
    """Return keywords as a control call says them: a dict among them is an object, also where its keys are ratings."""
    named = {
        name: {str(key): each for key, each in value.items()} if isinstance(value, dict) else value
        for name, value in keywords.items()
    }
    return {name: to_json(value) for name, value in named.items()}


@cache
def _writer(kind: Any) -> Callable[[Any], Any]:
    for base, write in _WRITERS.items():  # subclasses too: under a freezer datetimes are of its own class
        if issubclass(kind, base):
            return write
    if is_record(kind):
        return _record_writer(kind)
    if issubclass(kind, (tuple, list, deque)):
        return _write_all
    raise TypeError(f"{kind.__name__} is no fact")


def _record_writer(kind: Any) -> Callable[[Any], dict[str, Any]]:
    hints = hints_of(kind)
    values_of = attrgetter(*hints, "__class__")  # two at least, which makes it a tuple always
    tag = {TASK: kind.__name__} if issubclass(kind, Task) else {}
    untyped = [name for name, hint in hints.items() if hint is object]

    def write(record: Any) -> dict[str, Any]:
        written: dict[str, Any] = dict(tag)
        for name, value in zip(hints, values_of(record), strict=False):
            written[name] = value if type(value) in PLAIN else to_json(value)
        for name in untyped:
            if is_record(fact := type(getattr(record, name))):
                written[name] = {FACT: fact.__name__} | written[name]
        return written

    return write


def _write_all(values: Any) -> list[Any]:
    return [to_json(value) for value in values]


def _write_mapping(mapping: dict[Any, Any]) -> Any:
    if all(isinstance(key, str) for key in mapping):
        return {key: to_json(value) for key, value in mapping.items()}
    return [[to_json(key), to_json(value)] for key, value in mapping.items()]


def _write_duration(duration: timedelta) -> Any:
    seconds = duration.total_seconds()
    if timedelta(seconds=seconds) != duration:  # centuries and a microsecond: no float tells them
        return f"{duration // timedelta(microseconds=1)}us"
    return int(seconds) if seconds.is_integer() else seconds


_WRITERS: dict[type, Callable[[Any], Any]] = {
    datetime: lambda instant: instant.isoformat().replace("+00:00", "Z"),
    date: lambda day: day.isoformat(),
    timedelta: _write_duration,
    Decimal: str,
    dict: _write_mapping,
    set: lambda values: _write_all(sorted(values)),
    frozenset: lambda values: _write_all(sorted(values)),
}


def from_json(kind: Any, data: object, path: str = "", *, strict: bool = True) -> Any:
    """Read what `to_json` wrote as the `kind` that an annotation would say: `Invitation`, `list[Promise]`.

    Raises `InvalidInput` for anything else, below `path`: what was found, and what was expected. Unless `strict`,
    fields that nobody knows are passed over, and missing ones have their defaults.
    """
    try:
        return reader_of(kind, strict)(data)
    except InvalidInput as mistake:
        place = path + mistake.path
        raise InvalidInput(place if path else place.lstrip("."), mistake.problem) from None
