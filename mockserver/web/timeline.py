"""The timeline as a picture: each life a line, on which one sees what will happen before it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mockserver.core.world import World
from mockserver.runtime.foresight import foreseen
from mockserver.services import SERVICES
from mockserver.services.lives import Foreseen, Life, Moment
from mockserver.services.service import Service

MOST_LIVES = 25
"""Lives of each service on one picture, unless more are asked for."""

MOST_MOMENTS = 30
"""Moments of one life that are drawn: so many of the past, the newest, and of the future, the next."""

MOST_COMING = 50
"""Promises that are told in words."""

_SHORTEST = timedelta(hours=1)
_APART = 1.7
_ROWS = 3


@dataclass(frozen=True, slots=True)
class Sign:
    """A moment with its place from left to right, in percent; `row` keeps apart what would cover each other."""

    moment: Moment
    x: float
    row: int


@dataclass(frozen=True, slots=True)
class Line:
    """A life, as its title, how it stands and the page that shows it; `left_out` counts the moments without a sign."""

    title: str
    about: str
    page: str
    signs: tuple[Sign, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one service, and whether it has more than these."""

    service: str
    lines: tuple[Line, ...]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """Lines under one scale from `begin` to `end`; `now` is the place of the present.

    `coming` is what will happen first if nobody acts; `promised` counts everything that will.
    """

    begin: datetime
    end: datetime
    now: float
    groups: tuple[Group, ...]
    coming: tuple[Foreseen, ...]
    promised: int


def draw(world: World, most: int, contains: str) -> Timeline:
    """Return the newest lives of each service whose names contain a text, at most so many, as lines."""
    lives = {service: service.lives(world, most + 1, contains) for service in SERVICES}
    drawn = {service: [(life, _drawn(life.moments)) for life in found[:most]] for service, found in lives.items()}
    instants = [moment.at for lines in drawn.values() for _, moments in lines for moment in moments]
    scale = _Scale([*instants, world.clock.now])
    upcoming = world.upcoming()
    return Timeline(
        scale.begin,
        scale.end,
        scale.place(world.clock.now),
        tuple(_group(service, lines, scale, has_more=len(lives[service]) > most) for service, lines in drawn.items()),
        tuple(foreseen(world, promise) for promise in upcoming[:MOST_COMING]),
        len(upcoming),
    )


def _drawn(moments: Sequence[Moment]) -> list[Moment]:
    past = [moment for moment in moments if not moment.is_planned]
    planned = [moment for moment in moments if moment.is_planned]
    return past[-MOST_MOMENTS:] + planned[:MOST_MOMENTS]


def _group(service: Service, lines: list[tuple[Life, list[Moment]]], scale: _Scale, *, has_more: bool) -> Group:
    drawn = [
        Line(life.title, life.about, life.page, _signs(moments, scale), len(life.moments) - len(moments))
        for life, moments in lines
    ]
    return Group(service.title, tuple(drawn), has_more)


def _signs(moments: list[Moment], scale: _Scale) -> tuple[Sign, ...]:
    """Place moments, each in the first row where it covers no other, or else in the one that is longest free."""
    ends = [-_APART] * _ROWS
    signs = []
    for moment in moments:
        x = scale.place(moment.at)
        row = next((row for row, end in enumerate(ends) if end + _APART <= x), ends.index(min(ends)))
        ends[row] = x
        signs.append(Sign(moment, x, row))
    return tuple(signs)


class _Scale:
    def __init__(self, instants: list[datetime]) -> None:
        self.begin = min(instants)
        self.end = max(*instants, self.begin + _SHORTEST)

    def place(self, at: datetime) -> float:
        """Return the place of an instant, in percent."""
        return round(100 * ((at - self.begin) / (self.end - self.begin)), 2)
