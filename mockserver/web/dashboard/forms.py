"""Forms of the dashboard: each is a control call, whose fields say by their names of what type they are."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.services.service import Request

METHOD, PATH, BACK = "_method", "_path", "_back."
"""Fields that say which call it is, and with which parameters the page is shown again."""


@dataclass(frozen=True, slots=True)
class Form:
    """A control call, the parameters of the page that is shown after it, and the fields as they were filled in."""

    method: str
    path: str
    body: dict[str, Any]
    query: dict[str, str]
    fields: Mapping[str, str]


def read_form(request: Request) -> Form:
    """Read a form that was sent: `days:number=6` is the field `days`, a number; what is left empty is left out.

    A name with dots is a member of an object (`thematics.1000100:number`); `:lines` is a list, one line each, `:json`
    anything, `:at+03:00` an instant by the wall time of a zone. With an
    exclamation mark (`limit:number!`) a field is sent empty too: as null, an empty list, or an empty text. What is
    numbered, as in `questions[0].text`, makes a list, in the order of the form.
    """
    try:
        fields = request.form()
    except ValueError:
        fields = {}
    method, path = fields.pop(METHOD, "POST"), fields.pop(PATH, "/")
    query = {name[len(BACK) :]: fields.pop(name) for name in list(fields) if name.startswith(BACK)}
    body: dict[str, Any] = {}
    for name, value in fields.items():
        if value or name.endswith("!"):
            place, _, kind = name.rstrip("!").partition(":")
            _put(body, place, kind, value)
    return Form("DELETE" if method == "DELETE" else "POST", path, _gather_lists(body), query, fields)


def _put(body: dict[str, Any], name: str, kind: str, value: str) -> None:
    *outer, last = name.split(".")
    for part in outer:
        if not isinstance(body.setdefault(part, {}), dict):
            return  # the same name with a value of its own: no form of ours
        body = body[part]
    body[last] = f"{value}{kind[2:]}" if kind.startswith("at") else _READERS.get(kind, str)(value)


def _gather_lists(body: dict[str, Any]) -> dict[str, Any]:
    """Put `name[0]`, `name[1]` … together as the list `name`."""
    together: dict[str, Any] = {}
    for name, value in body.items():
        bare, bracket, _ = name.partition("[")
        if not bracket:
            together[name] = value
        elif isinstance(listed := together.setdefault(bare, []), list):
            listed.append(value)
    return together


def _number(text: str) -> object:
    """Read a number; what is none goes on as it is, and the control surface says what it expected."""
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return text


def _json(text: str) -> object:
    """Read JSON; what is none goes on as it is."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


_READERS: Mapping[str, Callable[[str], object]] = {
    "number": _number,
    "json": _json,
    "yes": lambda text: text in {"yes", "on", "true"},
    "lines": lambda text: [line.strip() for line in text.splitlines() if line.strip()],
}
