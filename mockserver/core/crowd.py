"""Many people at once: how many answer, how soon, and how they rate; the same seed, the same people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate

from mockserver.core.errors import InvalidInput
from mockserver.core.randomness import Randomness


@dataclass(frozen=True, slots=True)
class Crowd:
    """`answering` of them (0 to 1) answer `within` a time, with `ratings` in proportion to their weights."""

    answering: float
    within: timedelta
    ratings: tuple[tuple[int, float], ...]

    def __post_init__(self) -> None:
        if not 0 <= self.answering <= 1:
            raise InvalidInput("answering", f"{self.answering}, a share from 0 to 1 expected")
        if not self.ratings or any(weight < 0 for _, weight in self.ratings) or not sum(w for _, w in self.ratings):
            raise InvalidInput("ratings", f"{dict(self.ratings)}, weights by rating such as {{5: 3, 4: 1}} expected")

    def decide(self, randomness: Randomness) -> tuple[timedelta, int] | None:
        """Decide for one person: after how long and with which rating they answer; None when they never do."""
        if randomness.fraction() >= self.answering:
            return None
        delay = self.within * randomness.fraction()
        drawn = randomness.fraction() * sum(weight for _, weight in self.ratings)
        bounds = accumulate(weight for _, weight in self.ratings)
        return delay, next(rating for (rating, _), bound in zip(self.ratings, bounds, strict=True) if drawn < bound)
