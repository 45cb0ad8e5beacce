"""What stands above every page: the time, what happens next, an advance under way, and the zone of all dates."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.runtime.double import Double
from mockserver.runtime.foresight import foreseen
from mockserver.services.facts import to_json
from mockserver.services.lives import Foreseen
from mockserver.web.dashboard.live import state_of
from mockserver.web.dashboard.zones import Zone, chosen_zone, zones_of


@dataclass(frozen=True, slots=True)
class Progress:
    """An advance under way: how much of its length is behind it in percent, None where its end is not known."""

    to: str
    percent: float | None
    count: int


@dataclass(frozen=True, slots=True)
class Heading:
    """A clock and what surrounds it; `state` changes with whatever the page shows."""

    state: str
    now: str
    mode: str
    rate: float
    next: Foreseen | None
    next_at: str
    progress: Progress | None
    zone: Zone
    zones: tuple[Zone, ...]


def heading_of(double: Double, zone: str) -> Heading:
    """Return what stands above a page about a double, in the zone that somebody has chosen."""
    state = state_of(double)  # before anything is looked at: what changes from here on is news
    with double.present() as world:
        due, first, zones = world.next_due(), world.agenda.first(), zones_of(world)
        coming = foreseen(world, first) if first else None
        now = to_json(world.clock.now)
    pace = double.pace
    chosen = chosen_zone(zones, zone)
    return Heading(state, now, pace.mode, pace.rate, coming, to_json(due) or "", _progress(double), chosen, (*zones,))


def _progress(double: Double) -> Progress | None:
    latest = double.advances.latest
    if latest is None or latest.is_done:
        return None
    if latest.until is None or latest.until <= latest.begun_at:
        return Progress("", None, latest.course.count)
    share = (double.world.clock.now - latest.begun_at) / (latest.until - latest.begun_at)
    return Progress(to_json(latest.until), round(100 * min(share, 1), 1), latest.course.count)
