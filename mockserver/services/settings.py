"""Settings: what the documents do not say, held as data that whoever knows better can override (DESIGN, law 6)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple, TypeVar

from mockserver.core.errors import InvalidInput
from mockserver.core.instants import parse_duration
from mockserver.services.nearness import did_you_mean

S = TypeVar("S", bound="Settings")


def assumed(default: object, claims: str, meaning: str, *, learned_by: str = "", hidden: str = "") -> Any:
    """Declare a setting: its default, the claims it answers for (`"SEC-C2 SEC-C3"`), and what it decides.

    `learned_by` names the case of the contract that sees it on a real account, or `hidden` says why none can.
    """
    about = {"claims": tuple(claims.split()), "meaning": meaning, "learned_by": learned_by, "hidden": hidden}
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata=about)
    return field(default=default, metadata=about)


class Demand(NamedTuple):
    """What a setting must satisfy beside being of its kind; `expected` says it in words."""

    name: str
    is_met: Callable[[Any], bool]
    expected: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Base of a service's settings object; every field is made with `assumed`."""

    def demands(self) -> Sequence[Demand]:
        """Return what the settings must satisfy."""
        return ()

    def override(self: S, values: Mapping[str, object], path: str) -> S:
        """Return settings with `values` in place of the defaults.

        Texts are read as the type of the default, so that a command line can say them too.
        Raises `InvalidInput` for a name that does not exist or a value of the wrong kind.
        """
        known = {setting.name for setting in fields(self)}
        for name in values:
            if name not in known:
                hint = did_you_mean(name, known)
                why = f"no such setting; there are: {', '.join(sorted(known))}{hint and '; '}{hint}"
                raise InvalidInput(f"{path}.{name}", why)
        changed = {name: read_as(getattr(self, name), value, f"{path}.{name}") for name, value in values.items()}
        settings = replace(self, **changed)
        for demand in settings.demands():
            if not demand.is_met(settings):
                value = getattr(settings, demand.name)
                raise InvalidInput(f"{path}.{demand.name}", f"{value!r}, {demand.expected} expected")
        return settings


def read_as(default: object, value: object, path: str) -> object:
    """Read `value` as the kind of thing that `default` is; raises `InvalidInput` naming `path`."""
    if isinstance(default, timedelta):
        return parse_duration(value, path)
    if isinstance(default, tuple):
        return _tuple(default, value, path)
    if isinstance(default, dict):
        return _mapping(default, value, path)
    reader = {bool: _boolean, int: _whole, Decimal: _decimal, str: _text}[type(default)]
    return reader(value, path)


def _boolean(value: object, path: str) -> bool:
    if isinstance(value, bool):
        return value
    if str(value) in {"true", "false"}:
        return str(value) == "true"
    raise InvalidInput(path, f"{value!r}, true or false expected")


def _whole(value: object, path: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    raise InvalidInput(path, f"{value!r}, a whole number expected")


def _decimal(value: object, path: str) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite():
        raise InvalidInput(path, f'{value!r}, a decimal number such as "1.00" expected')
    return number


def _text(value: object, path: str) -> str:
    if isinstance(value, str):
        return value
    raise InvalidInput(path, f"{value!r}, a text expected")


def _parsed(text: str, path: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidInput(path, f"{text!r}, JSON expected") from None


def _tuple(default: tuple[object, ...], value: object, path: str) -> tuple[object, ...]:
    if isinstance(value, str) and value.startswith("["):
        value = _parsed(value, path)
    elif isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, (list, tuple)):
        raise InvalidInput(path, f"{value!r}, a list expected")
    kind = default[0] if default else ""
    return tuple(read_as(kind, item, f"{path}[{index}]") for index, item in enumerate(value))


def _mapping(default: dict[str, object], value: object, path: str) -> dict[str, object]:
    if isinstance(value, str):
        value = _parsed(value, path)
    if not isinstance(value, Mapping) or not set(value) <= set(default):
        raise InvalidInput(path, f"{value!r}, an object with some of the keys {', '.join(default)} expected")
    return default | {key: read_as(default[key], item, f"{path}.{key}") for key, item in value.items()}
