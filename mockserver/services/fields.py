"""Reading a JSON object strictly: what is asked for is taken with its type, and what is left over is a mistake."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from types import NoneType
from typing import Any, NoReturn, TypeVar

from mockserver.core.errors import Refusal
from mockserver.services.nearness import did_you_mean, find_near_word
from mockserver.services.service import Request

BAD_REQUEST = "bad request"
"""Code of the refusals raised here; `field` is the path of the value at fault."""

INVALID_INPUT = "invalid input"
"""Code of an `InvalidInput`, where every refusal has one."""

REQUIRED: Any = object()
"""Default of a field that must be there."""

T = TypeVar("T")

_NAMES = {str: "a text", int: "a whole number", bool: "true or false", float: "a number",
          list: "a list", dict: "an object", NoneType: "null"}  # fmt: skip
_SURROGATE = re.compile("[\ud800-\udfff]")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


class Fields:
    """One JSON object on its way in; every refusal names the path of the value."""

    __slots__ = ("_known", "_left", "path")

    def __init__(self, values: object, path: str = "") -> None:
        if not isinstance(values, Mapping):
            raise Refusal(BAD_REQUEST, f"{shown(values)}, an object expected", path)
        self._left = dict(values)
        self._known: dict[str, None] = {}
        self.path = path

    def __contains__(self, name: str) -> bool:
        self._known[name] = None
        return name in self._left

    def path_of(self, name: str) -> str:
        """Return where a field stands: `message[1].phone`."""
        return f"{self.path}.{name}" if self.path else name

    def take(self, name: str, kind: type[T], default: T = REQUIRED) -> T:
        """Take a field of exactly that kind (`str`, `int`, `bool`, `list` or `dict`)."""
        value: T = self.take_any(name, (kind,), default)
        return value

    def take_any(self, name: str, kinds: tuple[type, ...], default: object = REQUIRED) -> Any:
        """Take a field of one of several kinds; `true` is no number, and a text holds no control characters."""
        expected = f"{' or '.join(_NAMES[kind] for kind in kinds)} expected"
        self._known[name] = None
        if name not in self._left:
            if default is REQUIRED:
                others = ", ".join(self._left)[:200]
                near = find_near_word(name, map(str, self._left))
                why = f"missing, {expected}{'; also there: ' if others else ''}{others}"
                self.refuse(name, why, f"is {near} misspelt?" if near else "")
            return default
        value = self._left.pop(name)
        if type(value) not in kinds:
            self.refuse(name, f"{shown(value)}, {expected}")
        if isinstance(value, str) and _UNPRINTABLE.search(value):
            self.refuse(name, f"{shown(value)}, a text without control characters expected")
        return value

    def take_rest(self) -> dict[str, Any]:
        """Take every field that is left, of whatever kind JSON has."""
        return {name: self.take_any(name, tuple(_NAMES)) for name in list(self._left)}

    def take_objects(self, name: str, default: list[object] = REQUIRED) -> list[Fields]:
        """Take a list of objects, each to be read in its turn."""
        values = self.take(name, list, default)
        return [Fields(value, f"{self.path_of(name)}[{index}]") for index, value in enumerate(values)]

    def left(self) -> list[str]:
        """Return the paths of the fields that nobody took."""
        return [self.path_of(str(name)) for name in self._left]

    def unread(self) -> list[str]:
        """Return a sentence for each field that nobody took: that it was not read, and which may have been meant."""
        wanted = [name for name in self._known if name not in self._left]
        hints = {str(name): did_you_mean(str(name), wanted) for name in self._left}
        return [f"{self.path_of(name)}: no such field, not read{hint and '; '}{hint}" for name, hint in hints.items()]

    def finish(self) -> None:
        """Refuse what nobody took."""
        for name in self._left:
            hint = did_you_mean(str(name), self._known)
            self.refuse(str(name), f"no such field; there are: {', '.join(self._known) or 'none'}", hint)

    def refuse(self, name: str, why: str, hint: str = "") -> NoReturn:
        """Refuse the value of a field."""
        raise Refusal(BAD_REQUEST, why, self.path_of(name), hint)


def read_object(body: bytes) -> Fields:
    """Read the JSON object in the body of a control call; an empty body is an empty object."""
    try:
        return Fields(parse_object(body.decode() or "{}", each_once))
    except ValueError as problem:
        raise Refusal(BAD_REQUEST, f"{problem}; a JSON object expected", "body") from None


def read_query(request: Request, names: Sequence[str]) -> dict[str, str]:
    """Read the query of a control call, which may hold the parameters `names` and no other."""
    try:
        given = request.params()
    except ValueError as problem:
        raise Refusal(BAD_REQUEST, str(problem), "query") from None
    for name in given:
        if name not in names:
            raise Refusal(BAD_REQUEST, f"no such parameter; there are: {', '.join(names) or 'none'}", name[:80])
    return given


def read_limit(given: Mapping[str, str]) -> int:
    """Read how many rows of a list are wanted: `limit`, 100 where it is not given."""
    text = given.get("limit", "100")
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 7 and int(text)):
        raise Refusal(BAD_REQUEST, f"{shown(text)}, a whole number from 1 expected", "limit")
    return int(text)


def each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return the members of a JSON object. Raises `Refusal` for one that stands there twice."""
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in members if names.count(name) > 1)
        raise Refusal(BAD_REQUEST, "stands more than once in one object", twice[:80])
    return members


def parse_object(
    text: str, members: Callable[[list[tuple[str, object]]], dict[str, object]] | None = None
) -> dict[str, object]:
    """Decode a JSON object as strictly as PHP does, which takes the last of several `members` of one name.

    Raises `ValueError` saying what is wrong.
    """
    try:
        value = json.loads(text, parse_int=_integer, parse_constant=_refuse_constant, object_pairs_hook=members)
        if "\\u" in text and _SURROGATE.search(json.dumps(value, ensure_ascii=False)):
            raise ValueError("half of a surrogate pair (\\ud800 … \\udfff)")
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError(f"{shown(value)} is not an object")  # noqa: TRY004 - a value, for the callers of this
    return value


def shown(value: object) -> str:
    """Return a value as an explanation quotes it, in JSON: the beginning of it."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "backslashreplace").decode()
    except (TypeError, ValueError, RecursionError):  # what only Python can say, or nested too deeply
        text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name}, which is no JSON")  # although Python takes it for such


def _integer(digits: str) -> int:
    if len(digits) > 19:
        raise ValueError(f"a number of {len(digits)} digits")
    return int(digits)
