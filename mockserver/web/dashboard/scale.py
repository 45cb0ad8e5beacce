"""The scale above a timeline: round local dates at even distances."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from mockserver.web.dashboard.zones import Zone

_DAY = timedelta(days=1)
_STEPS = [timedelta(minutes=10), timedelta(hours=1), timedelta(hours=3), timedelta(hours=6), timedelta(hours=12)] + [
    timedelta(days=days) for days in (1, 2, 3, 5, 10, 20, 30, 60, 120, 365, 3650, 36500, 730000)
]
_MOST = 6


class Tick(NamedTuple):
    """A date, and its place from left to right in percent."""

    label: str
    x: float


def ticks(begin: str, end: str, zone: Zone) -> list[Tick]:
    """Return at most a handful of ticks between two instants in UTC, with the wall time of a zone."""
    first, last = zone.local_time(begin), zone.local_time(end)
    step = next(step for step in _STEPS if (last - first) / step <= _MOST)
    origin = datetime(first.year, first.month, first.day)  # noqa: DTZ001 - the zone's own midnight
    number = -(-(first - origin) // step)
    found = []
    while step * number <= last - origin:
        at = origin + step * number
        found.append(Tick(_label(at, step), round(100 * ((at - first) / (last - first)), 2)))
        number += 1
    return found


def _label(at: datetime, step: timedelta) -> str:
    if step < _DAY and at.time() != datetime.min.time():
        return f"{at:%H:%M}"
    return f"{at:%d %b}" if step < timedelta(days=300) else f"{at:%d %b} {at.year}"
