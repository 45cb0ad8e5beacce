"""The cases that are data: `fixtures/exchanges/*.json`, each a call and what is expected of its answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from mockserver.contract.case import Case
from mockserver.contract.exchange import Exchange
from mockserver.contract.stage import FORM, Stage
from mockserver.contract.verdicts import UnknownShape
from mockserver.shipped import FOLDER

JSON_MEDIA = "application/json"


def written_cases() -> list[Case]:
    """Return every case in the files, in their order."""
    files = sorted((FOLDER / "exchanges").glob("*.json"))
    return [_case(row) for file in files for row in json.loads(file.read_text(encoding="utf-8"))]


def _case(row: Mapping[str, Any]) -> Case:
    expected: dict[str, Any] = row["answer"]
    settings = (part["setting"] for part in expected.values() if isinstance(part, dict) and "setting" in part)
    return Case(
        name=row["id"],
        service=row["service"],
        claims=tuple(row["claims"]),
        play=_played(row),
        needs=frozenset(row.get("needs", ())),
        spends=row.get("spends", 0),
        learns=tuple(dict.fromkeys(settings)),
    )


def _played(row: Mapping[str, Any]) -> Callable[[Stage], None]:
    def play(stage: Stage) -> None:
        seen = _make_call(stage, row)
        for part, check in _CHECKS.items():
            if part in row["answer"]:
                check(stage, _filled(stage, row["answer"][part]), seen)

    return play


def _make_call(stage: Stage, row: Mapping[str, Any]) -> Exchange:
    call = _filled(stage, row["call"])
    if row.get("spends"):
        stage.spend(row["spends"], f"ask for an invitation that is to be refused: {row['id']}")
    query = {
        name: value if isinstance(value, str) else json.dumps(value) for name, value in call.get("query", {}).items()
    }
    body, media = b"", ""
    if "form" in call:
        form = {**stage.asked_for(), **call["form"]} if "keywebsite" in call["form"] else call["form"]
        body, media = urlencode(form).encode(), FORM
    elif "json" in call:
        body, media = json.dumps(call["json"]).encode(), JSON_MEDIA
    written = call.get("raw_query") or urlencode(query)
    seen = stage.ask(row["service"], call["method"], call["path"], query=written, body=body, media=media)
    if row.get("spends"):
        stage.settle(row["spends"], seen)
    return seen


def _filled(stage: Stage, value: Any) -> Any:
    """Fill in placeholders: `{smsvote.id}` alone is a number, within a text it is one in letters."""
    if isinstance(value, dict):
        return {name: _filled(stage, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(stage, inner) for inner in value]
    if not isinstance(value, str):
        return value
    if value == "{smsvote.id}":
        return stage.place.id
    return re.sub(r"\{(\w+(?:\.\w+)?)\}", lambda match: _placeholder(stage, match), value)


def _placeholder(stage: Stage, match: re.Match[str]) -> str:
    place, name = stage.place, match[1]
    if name in {"email", "phone"}:
        return next(place.emails if name == "email" else place.phones)
    known = {
        "run": stage.run,
        "securating.key": place.key,
        "website": place.website,
        "smsvote.id": str(place.id),
        "smsvote.secure": place.secure,
    }
    return known.get(name, match[0])


def _check_status(stage: Stage, expected: Any, seen: Exchange) -> None:
    if isinstance(expected, dict):
        stage.saw_status(expected["setting"], seen, expected.get("key", ""))
    else:
        stage.expect(seen.answer.status == expected, f"status {expected}", seen)


def _check_content_type(stage: Stage, expected: Any, seen: Exchange) -> None:
    if isinstance(expected, dict):
        stage.saw_content_type(expected["setting"], seen)
    else:
        stage.expect(seen.answer.content_type == expected, expected, seen)


def _check_body(stage: Stage, expected: Any, seen: Exchange) -> None:
    if isinstance(expected, str):
        stage.expect(seen.answer.body == expected.encode(), expected, seen)
    elif "pattern" in expected:
        stage.expect(re.fullmatch(expected["pattern"], seen.answer.text, re.DOTALL), expected["pattern"], seen)
    else:
        shape = expected["shape"]
        try:
            value = json.loads(seen.answer.body)
        except ValueError:
            raise UnknownShape(f"JSON like {json.dumps(shape)}", seen) from None
        stage.expect(has_shape(value, shape), f"JSON like {json.dumps(shape)}", seen)


_CHECKS: Mapping[str, Callable[[Stage, Any, Exchange], None]] = {
    "body": _check_body,
    "status": _check_status,
    "content_type": _check_content_type,
}
"""The body first: an answer whose body is another one teaches nothing about the status."""

_KINDS: Mapping[str, Callable[[object], bool]] = {
    "number": lambda value: type(value) is int,
    "boolean": lambda value: type(value) is bool,
    "text": lambda value: isinstance(value, str),
}


def has_shape(value: object, shape: object) -> bool:
    """Say whether JSON is of a shape: objects have those keys, lists one kind of item, values that kind."""
    if isinstance(shape, dict):
        return isinstance(value, dict) and all(name in value and has_shape(value[name], shape[name]) for name in shape)
    if isinstance(shape, list):
        return isinstance(value, list) and all(has_shape(item, shape[0]) for item in value)
    return _KINDS[str(shape)](value)
