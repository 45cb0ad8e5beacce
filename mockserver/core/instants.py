"""Reading instants and durations that people write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from mockserver.core.errors import InvalidInput

UTC = timezone.utc

Duration = str | int | float | timedelta | Mapping[str, float]
"""What `parse_duration` reads."""

UNITS = ("weeks", "days", "hours", "minutes", "seconds")

_UNITS = {unit[0]: unit for unit in UNITS}
_SHORT = re.compile(r"(?:\d+(?:\.\d+)?\s*(?:[wdhms]|(?:week|day|hour|minute|second)s?)\s*)+", re.ASCII)
_ISO = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?",
    re.ASCII,
)
_LONGEST = timedelta(days=365 * 900)

LAST_INSTANT = datetime(9000, 1, 1, tzinfo=UTC)
"""Where every clock ends, so that whatever is promised still has a name in the calendar."""


def parse_instant(value: object, path: str) -> datetime:
    """Read an ISO 8601 instant (`2026-03-01 10:00`, `2026-03-01T10:00:00Z`, `…+03:00`); without a zone it is UTC.

    Raises `InvalidInput` naming `path`.
    """
    try:
        instant = datetime.fromisoformat(re.sub(r"[Zz]$", "+00:00", str(value).strip()))
        instant = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput(path, f"{value!r:.80}, an instant such as 2026-03-01T10:00:00Z expected") from None
    if instant > LAST_INSTANT:
        raise InvalidInput(path, f"{value!r:.80}, an instant before the year 9000 expected")
    return instant


def parse_duration(value: object, path: str) -> timedelta:
    """Read a length of time: seconds as a number, `6d`, `6 days`, `1h30m`, `P6D`, `PT2H`, or `{"days": 6}`.

    Raises `InvalidInput` naming `path`, also for what is negative or longer than nine hundred years.
    """
    if isinstance(value, Mapping) and value:
        return parse_units(value, path, f"{path}.")
    try:
        duration = _duration(value)
    except (ValueError, TypeError, OverflowError):
        duration = None
    if duration is None or not timedelta(0) <= duration <= _LONGEST:
        raise InvalidInput(path, f'{value!r:.80}, a duration such as "6d", "P6D", "1h30m" or seconds expected')
    return duration


def parse_units(units: Mapping[str, object], path: str, below: str = "") -> timedelta:
    """Read a length of time in units, `{"days": 6, "hours": 1}`. Raises `InvalidInput` naming the one at fault.

    `below` stands before its name; `path` is named for units that are too long together.
    """
    length = timedelta(0)
    for unit, count in units.items():
        if unit not in UNITS:
            raise InvalidInput(f"{below}{unit}", f"no such unit; there are {', '.join(UNITS)}")
        most = _LONGEST / timedelta(**{unit: 1})
        if isinstance(count, bool) or not (isinstance(count, (int, float)) and 0 <= count <= most):
            raise InvalidInput(f"{below}{unit}", f"{count!r:.80}, a number from 0 to {most:.0f} expected")
        length += timedelta(**{unit: count})
    if length > _LONGEST:
        raise InvalidInput(path, f"{length.days} days, at most {_LONGEST.days} expected")
    return length


def _duration(value: object) -> timedelta | None:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return timedelta(seconds=value) if value >= 0 else None  # the least of negative lengths would be rounded to 0
    text = str(value).strip()
    if re.fullmatch(r"\d{1,12}(\.\d+)?", text, re.ASCII):
        return timedelta(seconds=float(text))
    if _SHORT.fullmatch(text.lower()):
        parts = re.findall(r"([\d.]+)\s*([wdhms])", text.lower())
        return sum((timedelta(**{_UNITS[unit]: float(count)}) for count, unit in parts), timedelta(0))
    match = _ISO.fullmatch(text.upper())
    if match and any(match.groups()):
        return timedelta(**{unit: int(count) for unit, count in match.groupdict().items() if count})
    return None
