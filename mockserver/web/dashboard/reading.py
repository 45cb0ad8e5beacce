"""Calls as people read them: the parameters of a query or a form decoded, JSON indented."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from mockserver.services.service import read_fields

SHORTENED = 200
"""Characters of a call's parameters in a list."""

_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


class Parameter(NamedTuple):
    """A parameter as it was meant; what is JSON stands over several lines."""

    name: str
    value: str


def parameters_of(entry: Mapping[str, Any]) -> list[Parameter]:
    """Return what a call of the journal asked, from its query and its body."""
    _, _, query = entry["target"].partition("?")
    found = _fields(query)
    body, kind = entry["request_body"], entry["request_type"]
    if not body:
        return found
    if "json" in kind or body.lstrip()[:1] in {"{", "["}:
        return [*found, Parameter("", indent_json(body))]
    return [*found, *(_fields(body) if "urlencoded" in kind or not kind else [Parameter("", body)])]


def in_short(entry: Mapping[str, Any]) -> str:
    """Return the beginning of what a call asked, on one line."""
    said = (f"{name}={_packed(value)}" if name else _packed(value) for name, value in parameters_of(entry))
    text = unturned("  ".join(said))
    return text if len(text) <= SHORTENED else f"{text[:SHORTENED]}…"


def unturned(text: str) -> str:
    """Return a text in which those characters are spelled out that would turn around what stands behind them."""
    return _TURNING.sub(lambda found: f"\\u{ord(found[0]):x}", text)


def indent_json(text: str) -> str:
    """Return JSON over several lines, and any other text as it is."""
    return _rewritten(text, indent=2)


def _packed(text: str) -> str:
    return " ".join(_rewritten(text[: 50 * SHORTENED], indent=None).split())


def _rewritten(text: str, *, indent: int | None) -> str:
    if text.lstrip()[:1] not in {"{", "["}:
        return text
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=indent)
    except (ValueError, RecursionError):
        return text


def _fields(text: str) -> list[Parameter]:
    try:
        fields = read_fields(text)
    except ValueError:
        return [Parameter("", text)]
    return [Parameter(name, indent_json(value)) for name, value in fields.items()]
