"""Where in a JSON text a value stands, so that a mistake in a file can be found."""

from __future__ import annotations

import re
from json import JSONDecoder

_STEP = re.compile(r"\[(\d+)\]|[^.\[\]]+")
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = JSONDecoder()


def place_of(text: str, path: str) -> str:
    """Return `line:column` of the value at a path such as `companies[0].name`, or of what was to hold it.

    `text` is JSON that could be read.
    """
    at = _after_space(text, 0)
    for step in _STEP.finditer(path):
        index = step[1]
        found = _find_member(text, at, step[0]) if index is None else _find_item(text, at, int(index))
        if found is None:
            break
        at = found
    return f"{text.count(chr(10), 0, at) + 1}:{at - text.rfind(chr(10), 0, at)}"


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _find_member(text: str, at: int, name: str) -> int | None:
    """Find where the value of a member begins; of several by one name the last counts, as it does for JSON."""
    found = None
    while text[at] in "{," and text[at := _after_space(text, at + 1)] == '"':
        key, end = _DECODER.raw_decode(text, at)
        value = _after_space(text, _after_space(text, end) + 1)
        found = value if key == name else found
        at = _after_space(text, _DECODER.raw_decode(text, value)[1])
    return found


def _find_item(text: str, at: int, index: int) -> int | None:
    if text[at] != "[" or text[_after_space(text, at + 1)] == "]":
        return None
    for _ in range(index):
        at = _after_space(text, _DECODER.raw_decode(text, _after_space(text, at + 1))[1])
        if text[at] != ",":
            return None
    return _after_space(text, at + 1)
