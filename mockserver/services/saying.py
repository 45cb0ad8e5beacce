"""Saying in Python what was done: literals and calls, in one line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

from mockserver.core.world import World
from mockserver.services.crowd import take_crowd
from mockserver.services.fields import read_object
from mockserver.services.service import Request, Said

NOTHING = ""
"""Said of a call that changes nothing a test would have to do, or that it cannot do."""

THE_CALL_ITSELF: Final = None
"""Said of a call for which the fixtures have no words: the test makes the HTTP call that was made."""


class Code(str):
    """A piece of Python that stands for itself, such as `securating.key`."""

    __slots__ = ()


def literal(value: object) -> Code:
    """Return a value of JSON as a literal; `Code` within it stays as it is, and hidden characters are shown."""
    if isinstance(value, Code):
        return value
    if isinstance(value, str):
        return Code("".join(map(_escaped, json.dumps(value, ensure_ascii=False))))
    if isinstance(value, Mapping):
        return Code(f"{{{', '.join(f'{literal(key)}: {literal(item)}' for key, item in value.items())}}}")
    if isinstance(value, (list, tuple)):
        return Code(f"[{', '.join(map(literal, value))}]")
    return Code(repr(value))


def call(function: str, *given: object, **named: object) -> Code:
    """Return a call of a function."""
    words: Iterable[str] = (*map(literal, given), *(f"{name}={literal(value)}" for name, value in named.items()))
    return Code(f"{function}({', '.join(words)})")


def _escaped(letter: str) -> str:
    if letter.isprintable():
        return letter
    number = ord(letter)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def say_nothing(_world: World, _request: Request) -> str:
    """Say nothing of a call that changes nothing, or that a test need not make."""
    return NOTHING


def say_call(function: str, *fields: str) -> Said:
    """Return what says a control call by one of the fixture's functions, which takes the call's own fields by name.

    The first `fields` stand without their names.
    """

    def said(_world: World, request: Request) -> str:
        given = read_object(request.body).take_rest()
        return call(function, *(given.pop(name) for name in fields if name in given), **given)

    return said


def say_number(text: str) -> Code:
    """Return a number in a path as Python has it."""
    return Code(int(text)) if text.isdecimal() and len(text) < 16 else literal(text)


def say_crowd(fixture: str, request: Request) -> Code:
    """Say that people of whom nothing else is known are a crowd, as a control call describes it."""
    told = take_crowd(read_object(request.body)).described()
    ratings = told["ratings"]
    weights = [f"{name}: {literal(weight)}" for name, weight in ratings.items()] if isinstance(ratings, dict) else []
    named = told | {"ratings": Code(f"{{{', '.join(weights)}}}")}
    return call(f"{fixture}.crowd", **named)


def over_http(request: Request, body: object) -> Code:
    """Say a call on the control surface by the call itself."""
    address = Code(f"mockserver.url + {literal(request.path)}")
    return call(f"{call(f'requests.{request.method.lower()}', address, json=body, timeout=5)}.raise_for_status")
