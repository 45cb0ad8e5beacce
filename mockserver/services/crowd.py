"""Many people at once: how many answer, how soon, and how they rate; the same seed, the same people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate

from mockserver.core.errors import InvalidInput
from mockserver.core.instants import Duration, parse_duration
from mockserver.core.randomness import Randomness
from mockserver.services.facts import to_json
from mockserver.services.fields import Fields, shown

_LIGHTEST, _HEAVIEST = 1e-100, 1e100
"""Weights beyond these add up to what nothing can be drawn from: to infinity, or to less than a number can hold."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """`answering` of them (0 to 1) answer `within` a time, with `ratings` in proportion to their weights."""

    answering: float
    within: timedelta
    ratings: tuple[tuple[int, float], ...]

    def __post_init__(self) -> None:
        if not 0 <= self.answering <= 1:
            raise InvalidInput("answering", f"{self.answering}, a share from 0 to 1 expected")
        weights = [weight for _, weight in self.ratings if weight]
        if not weights or not all(_LIGHTEST <= weight <= _HEAVIEST for weight in weights):
            raise InvalidInput("ratings", f"{dict(self.ratings)}, weights by rating such as {{5: 3, 4: 1}} expected")

    def decide(self, randomness: Randomness) -> tuple[timedelta, int] | None:
        """Decide for one person: after how long and with which rating they answer; None when they never do."""
        if randomness.fraction() >= self.answering:
            return None
        delay = self.within * randomness.fraction()
        bounds = list(accumulate(weight for _, weight in self.ratings))
        drawn = randomness.fraction() * bounds[-1]
        return delay, next(rating for (rating, _), bound in zip(self.ratings, bounds, strict=True) if drawn < bound)

    def described(self) -> dict[str, object]:
        """Return what `take_crowd` reads."""
        ratings = {str(rating): weight for rating, weight in self.ratings}
        return {"answering": self.answering, "within": to_json(self.within), "ratings": ratings}


def form_crowd(answering: float, within: Duration, ratings: Mapping[int, float]) -> Crowd:
    """Return the crowd that a test speaks of. Raises `InvalidInput` naming the argument."""
    if not _is_number(answering):
        raise InvalidInput("answering", f"{answering!r}, a share from 0 to 1 expected")
    weights = ratings.items() if isinstance(ratings, Mapping) else ()
    if not weights or not all(type(rating) is int and _is_number(weight) for rating, weight in weights):
        raise InvalidInput("ratings", f"{shown(ratings)}, such as {{5: 3, 4: 1}} expected")
    return Crowd(answering, parse_duration(within, "within"), tuple(weights))


def _is_number(value: object) -> bool:
    return type(value) in {int, float}


def take_crowd(fields: Fields) -> Crowd:
    """Read a control call that describes a crowd: `{"answering": 0.4, "within": "3d", "ratings": {"5": 3, "4": 1}}`.

    Raises `Refusal` or `InvalidInput`.
    """
    answering = fields.take_any("answering", (int, float))
    within = parse_duration(fields.take_any("within", (str, int, float, dict)), "within")
    given: dict[str, object] = fields.take("ratings", dict)
    weights = Fields(given, "ratings")
    ratings = [(_rating(weights, name), weights.take_any(name, (int, float))) for name in given]
    fields.finish()
    return Crowd(answering, within, tuple(ratings))


def _rating(weights: Fields, name: str) -> int:
    if not (name.isascii() and name.isdigit() and len(name) < 10):
        weights.refuse(name, f"{shown(name)}, a rating expected")
    return int(name)
