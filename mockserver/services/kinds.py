"""Reading JSON as the kind of thing that an annotation says: `datetime`, `list[Promise]`, `Invitation | None`."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from math import isfinite
from types import NoneType, UnionType
from typing import Any, NoReturn, Union, get_args, get_origin, get_type_hints

from mockserver.core.agenda import Task
from mockserver.core.errors import InvalidInput
from mockserver.core.instants import LAST_INSTANT, UTC
from mockserver.core.tables import Tables
from mockserver.services.fields import shown

TASK, FACT = "task", "fact"
"""The members that name the class of a task, and of a fact of which the annotation says no more than `object`."""

PLAIN = {str: "a text", int: "a whole number", bool: "true or false", float: "a number", NoneType: "null"}
"""What JSON says as it is, in words."""

MOST_BITS, MOST_DIGITS = 64, 60
"""Of a whole number, and of a decimal one before or after its point: with more of them nobody reckons."""

Reader = Callable[[Any], Any]
"""Reads one kind; the paths of its mistakes begin where the kind does: `.phone`, `[2]`."""


@cache
def reader_of(kind: Any, strict: bool) -> Reader:
    """Return the function that reads JSON as a kind.

    Unless `strict`, it passes over unknown fields, and has defaults for missing ones.
    """
    origin, args = get_origin(kind), get_args(kind)
    if kind is Any:
        return lambda data: data
    if kind is object:
        return _fact_reader(strict)
    if origin in {Union, UnionType}:
        return _union_reader(args, strict)
    if origin in {dict, Mapping}:
        return _mapping_reader(args[0], reader_of(args[0], strict), reader_of(args[1], strict))
    if origin is tuple and args[-1] is not Ellipsis:
        return _row_reader([reader_of(arg, strict) for arg in args])
    if origin in {tuple, list, set, frozenset, deque, Sequence}:
        return _list_reader(tuple if origin is Sequence else origin, reader_of(args[0], strict))
    for base, (read, expected) in _SCALARS.items():
        if issubclass(kind, base):
            return _scalar_reader(read, expected)
    if issubclass(kind, Task):
        return _tagged_reader(TASK, kind, strict)
    return _record_reader(kind, strict)


def _scalar_reader(parse: Callable[[Any], Any], expected: str) -> Reader:
    def read(data: Any) -> Any:
        try:
            return parse(data)
        except (TypeError, ValueError, ArithmeticError):
            _refuse(data, expected)

    return read


def _exactly(kind: type) -> tuple[Callable[[Any], Any], str]:
    def parse(data: Any) -> Any:
        if type(data) is not kind:
            raise TypeError
        return data

    return parse, PLAIN[kind]


def _instant(text: Any) -> datetime:
    instant = datetime.fromisoformat(text[:-1] + "+00:00" if text[-1:] == "Z" else text)
    if instant.tzinfo is None or instant > LAST_INSTANT:
        raise ValueError
    return instant.astimezone(UTC)


def _duration(seconds: Any) -> timedelta:
    if type(seconds) is str and seconds.endswith("us"):
        return timedelta(microseconds=int(seconds[:-2]))
    return timedelta(seconds=_number(seconds))


def _decimal(text: Any) -> Decimal:
    number = Decimal(text) if type(text) is str else Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS:
        raise ValueError
    return number


def _whole(number: Any) -> int:
    if type(number) is not int or number.bit_length() > MOST_BITS:
        raise TypeError
    return number


def _number(number: Any) -> float:
    if type(number) not in {int, float} or not isfinite(number):
        raise TypeError
    return number  # type: ignore[no-any-return] # checked


_SCALARS: dict[type, tuple[Callable[[Any], Any], str]] = {
    datetime: (_instant, "an instant such as 2026-03-01T10:00:00Z"),
    date: (date.fromisoformat, "a date such as 2026-03-01"),
    timedelta: (_duration, "a number of seconds"),
    Decimal: (_decimal, 'a decimal number as a text, such as "1.00"'),
    float: (_number, "a number"),
    **{kind: _exactly(kind) for kind in (str, bool, NoneType)},
    int: (_whole, PLAIN[int]),
}


def _list_reader(kind: Callable[[list[Any]], Any], read: Reader) -> Reader:
    def read_list(data: Any) -> Any:
        _demand(list, data, "a list")
        return kind([_at("[{}]", index, read, item) for index, item in enumerate(data)])

    return read_list


def _row_reader(readers: list[Reader]) -> Reader:
    def read_row(data: Any) -> Any:
        if type(data) is not list or len(data) != len(readers):
            _refuse(data, f"a list of {len(readers)}")
        return tuple([_at("[{}]", index, read, data[index]) for index, read in enumerate(readers)])

    return read_row


def _mapping_reader(key_kind: Any, read_key: Reader, read: Reader) -> Reader:
    read_pairs = _list_reader(list, _row_reader([read_key, read]))

    def read_object(data: Any) -> Any:
        _demand(dict, data, "an object")
        return {read_key(key): _at(".{}", key, read, value) for key, value in data.items()}

    def read_mapping(data: Any) -> Any:
        pairs = read_pairs([] if data == {} else data)  # what is empty has no keys to tell of which kind it is
        mapping = dict(pairs)
        if len(mapping) < len(pairs):
            _refuse(data, "pairs with different keys")
        return mapping

    return read_object if key_kind is str else read_mapping


@cache
def _record_reader(kind: Any, strict: bool) -> Reader:
    hints = hints_of(kind)
    readers = {name: reader_of(hint, strict) for name, hint in hints.items()}
    # What is plain is read without a call each.
    steps = [(name, hints[name] if hints[name] in {str, bool} else None, read) for name, read in readers.items()]
    optional = () if strict else _names_with_default(kind)

    def read_record(data: Any) -> Any:
        _demand(dict, data, "an object")
        if strict and not data.keys() <= readers.keys():
            unknown = next(str(name) for name in data if name not in readers)
            raise InvalidInput(f".{unknown[:80]}", f"no such field; there are: {', '.join(readers)}")
        values = {}
        for name, plain, read in steps:
            if name in data:
                value = data[name]
                values[name] = value if type(value) is plain else _at(".{}", name, read, value)
            elif name not in optional:
                raise InvalidInput(f".{name}", f"missing; there are: {', '.join(map(str, data))[:200] or 'none'}")
        try:
            return kind(**values)
        except InvalidInput as mistake:
            raise InvalidInput(f".{mistake.path}", mistake.problem) from None

    return read_record


def _union_reader(kinds: tuple[Any, ...], strict: bool) -> Reader:
    """Read as the class that has the most of the fields that are there, or as whatever is no class and fits."""
    records = {kind: hints_of(kind).keys() for kind in kinds if is_record(kind)}
    others = [reader_of(kind, strict) for kind in kinds if kind not in records and kind is not NoneType]
    expected = " or ".join(PLAIN.get(kind, getattr(kind, "__name__", str(kind))) for kind in kinds)

    def read_union(data: Any) -> Any:
        if data is None and NoneType in kinds:
            return None
        if type(data) is dict and records:
            best = max(records, key=lambda kind: len(records[kind] & data.keys()) - len(records[kind] - data.keys()))
            return _record_reader(best, strict)(data)
        for read in others:
            try:
                return read(data)
            except InvalidInput:
                if len(others) == 1 and not records:
                    raise
        _refuse(data, expected)

    return read_union


def _tagged_reader(tag: str, base: Any, strict: bool) -> Reader:
    def read_tagged(data: Any) -> Any:
        _demand(dict, data, "an object")
        name = data.get(tag)
        if type(name) is not str:
            raise InvalidInput(f".{tag}", f"{_found(name)}, the name of its class expected")
        kind = _class_named(tag, name)
        if not issubclass(kind, base):
            raise InvalidInput(f".{tag}", f"{name!r}, {base.__name__} expected")
        return _record_reader(kind, strict)({key: value for key, value in data.items() if key != tag})

    return read_tagged


def _fact_reader(strict: bool) -> Reader:
    read_tagged = _tagged_reader(FACT, object, strict)

    def read_fact(data: Any) -> Any:
        return data if type(data) in PLAIN else read_tagged(data)

    return read_fact


@cache
def _class_named(tag: str, name: str) -> Any:
    """Return a task by its name, or a fact: a class of a module that defines what a service remembers."""
    classes: list[Any] = list(_subclasses(Task))
    if tag == FACT:
        classes = [fact for tables in _subclasses(Tables) for fact in vars(sys.modules[tables.__module__]).values()]
    known = {each.__name__: each for each in classes if is_record(each)}
    if name not in known:
        raise InvalidInput(f".{tag}", f"{name[:80]!r}, one of {', '.join(sorted(known))} expected")
    return known[name]


def _subclasses(base: type) -> Iterator[type]:
    subclasses: list[type] = base.__subclasses__()
    for each in subclasses:
        if "__slots__" in vars(each):  # a slotted dataclass is made anew from one without slots, which lingers
            yield each
        yield from _subclasses(each)


def is_record(kind: Any) -> bool:
    """Say whether a kind has named fields: a dataclass or a named tuple."""
    return isinstance(kind, type) and (is_dataclass(kind) or hasattr(kind, "_fields"))


@cache
def hints_of(kind: Any) -> dict[str, Any]:
    """Return the annotations of a record's fields, in their order."""
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)] if is_dataclass(kind) else kind._fields
    return {name: hints[name] for name in names}


def _names_with_default(kind: Any) -> frozenset[str]:
    if not is_dataclass(kind):
        return frozenset(kind._field_defaults)
    required = {field.name for field in fields(kind) if field.default is MISSING and field.default_factory is MISSING}
    return frozenset(field.name for field in fields(kind)) - required


def _at(place: str, name: object, read: Reader, data: Any) -> Any:
    try:
        return read(data)
    except InvalidInput as mistake:
        raise InvalidInput(place.format(str(name)[:80]) + mistake.path, mistake.problem) from None


def _demand(kind: type, data: Any, expected: str) -> None:
    if type(data) is not kind:
        _refuse(data, expected)


def _refuse(data: Any, expected: str) -> NoReturn:
    raise InvalidInput("", f"{_found(data)}, {expected} expected")


def _found(data: Any) -> str:
    if type(data) not in PLAIN or (type(data) is int and data.bit_length() > MOST_BITS):
        return {dict: "an object", list: "a list", int: "a number of many digits"}.get(type(data), type(data).__name__)
    return shown(data)
