"""Facts as JSON: instants in ISO 8601, dataclasses as objects, tasks under their names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from mockserver.core.agenda import Promise

T = TypeVar("T")


def shown(value: Any) -> Any:
    """Return a fact as JSON can say it."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Promise):
        return {"due": shown(value.due), "task": type(value.task).__name__} | shown(value.task)
    if isinstance(value, (list, tuple)):
        return [shown(item) for item in value]
    if isinstance(value, dict):
        return {str(key): shown(item) for key, item in value.items()}
    if is_dataclass(value):
        return {field.name: shown(getattr(value, field.name)) for field in fields(value)}
    return value


def rows_of(name: str, rows: Sequence[T], show: Callable[[T], object], among: Sequence[T]) -> dict[str, object]:
    """Return rows under `name`, and how many there are to choose among."""
    return {name: [show(row) for row in rows], "count": len(among)}
