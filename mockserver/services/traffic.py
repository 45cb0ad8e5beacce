"""A past for a world: so many things a day over so many days, and people who answer as a crowd does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from mockserver.core.errors import InvalidInput
from mockserver.core.instants import UTC, parse_duration
from mockserver.core.randomness import Randomness
from mockserver.core.world import World
from mockserver.services.crowd import Crowd
from mockserver.services.fields import Fields, shown

T = TypeVar("T")

MOST = 20_000
"""Events that a past may hold, so that a world is loaded in the blink of an eye."""

OPENS, CLOSES = timedelta(hours=7), timedelta(hours=20)
"""When people do things, counted from the hour of the present."""

_FIRST_INSTANT = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Traffic:
    """`per_day` events on each of `days` days; the `crowd` answers them."""

    days: int
    per_day: int
    crowd: Crowd

    def instants(self, randomness: Randomness) -> Iterator[timedelta]:
        """Draw how long before the present each event happens, the earliest first."""
        for day in range(self.days, 0, -1):
            moments = sorted(randomness.fraction() for _ in range(self.per_day))
            for moment in moments:
                yield timedelta(days=day) - OPENS - timedelta(seconds=int((CLOSES - OPENS).total_seconds() * moment))


def take_traffic(world: World, fields: Fields) -> Traffic:
    """Take the members that every past has: `days`, `per_day`, `answering`, `within` and `ratings`."""
    days, per_day = take_count(fields, "days"), take_count(fields, "per_day")
    if days * per_day > MOST:
        fields.refuse("per_day", f"{days} days of {per_day}, at most {MOST} in all expected")
    if world.clock.now - _FIRST_INSTANT < timedelta(days=days):
        fields.refuse("days", f"{days}, fewer than there are before {world.clock.now.isoformat()} expected")
    return Traffic(days, per_day, _take_crowd(fields))


def _take_crowd(fields: Fields) -> Crowd:
    answering, within = take_share(fields, "answering"), fields.take_any("within", (str, int, float), "1d")
    weights = Fields(fields.take("ratings", dict, {"5": 1}), fields.path_of("ratings"))
    ratings = tuple((rating, weights.take_any(str(rating), (int, float), 0)) for rating in range(1, 6))
    weights.finish()
    try:
        return Crowd(answering, parse_duration(within, "within"), ratings)
    except InvalidInput as mistake:
        fields.refuse(mistake.path, mistake.problem)


def take_count(fields: Fields, name: str) -> int:
    """Take how many of something there are: at least one."""
    count = fields.take(name, int)
    if not 0 < count <= MOST:
        fields.refuse(name, f"{count}, a number from 1 to {MOST} expected")
    return count


def take_share(fields: Fields, name: str) -> float:
    """Take a share of everybody, from 0 to 1; nobody where it is missing."""
    share: float = fields.take_any(name, (int, float), 0)
    if not 0 <= share <= 1:
        fields.refuse(name, f"{share}, a share from 0 to 1 expected")
    return share


def take_texts(fields: Fields, name: str) -> tuple[str, ...]:
    """Take texts of which one is drawn each time; none where they are missing."""
    texts = fields.take(name, list, [])
    if not all(isinstance(text, str) and text.strip() and text.isprintable() for text in texts):
        fields.refuse(name, f"{shown(texts)}, a list of texts expected")
    return tuple(texts)


def take_texts_by_rating(fields: Fields, name: str) -> tuple[tuple[str, ...], ...]:
    """Take texts for each rating from 1 to 5: `{"5": ["Parfait"]}`."""
    texts = Fields(fields.take(name, dict, {}), fields.path_of(name))
    taken = tuple(take_texts(texts, str(rating)) for rating in range(1, 6))
    texts.finish()
    return taken


def one_of(choices: Sequence[T], randomness: Randomness) -> T:
    """Draw one."""
    return choices[randomness.number(len(choices))]
