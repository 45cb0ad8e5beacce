"""The zone in which the dashboard shows and reads dates: a service's own, or UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from mockserver.core.world import World
from mockserver.services import SERVICES

ZONE_COOKIE = "mock-zone"
"""Holds the name of the zone that somebody has chosen."""


@dataclass(frozen=True, slots=True)
class Zone:
    """So far ahead of UTC; `of` says whose time that is."""

    offset: timedelta
    of: str = ""

    @property
    def name(self) -> str:
        """Return `UTC`, or its like `UTC+03:00`."""
        return f"UTC{self.written}" if self.offset else "UTC"

    @property
    def written(self) -> str:
        """Return what follows an instant of this zone: `+03:00`."""
        minutes = round(abs(self.offset).total_seconds() / 60)
        return f"{'-' if self.offset < timedelta(0) else '+'}{minutes // 60:02}:{minutes % 60:02}"

    def local(self, at: str) -> str:
        """Return the wall time of an instant that is written in UTC: `2026-03-01 13:00:00`."""
        return self.local_time(at).isoformat(" ", "seconds")

    def local_time(self, at: str) -> datetime:
        """Return that wall time as a date and a time without a zone."""
        instant = datetime.fromisoformat(at.replace("Z", "+00:00")).replace(tzinfo=None)
        try:
            return instant + self.offset
        except OverflowError:  # before the first day of the calendar
            return instant


UTC = Zone(timedelta(0))


def zones_of(world: World) -> list[Zone]:
    """Return the zones in which the services of a world write their dates, and UTC."""
    found: dict[timedelta, Zone] = {}
    for service in SERVICES:
        offset = getattr(service.settings_of(world), "utc_offset", None)
        if isinstance(offset, timedelta) and offset:
            found.setdefault(offset, Zone(offset, service.title))
    return [*found.values(), UTC]


def chosen_zone(zones: list[Zone], name: str) -> Zone:
    """Return the zone that somebody has chosen by name, or else the first."""
    return next((zone for zone in zones if zone.name == name), zones[0])
