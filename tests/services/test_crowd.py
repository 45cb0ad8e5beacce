from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from mockserver.core.errors import InvalidInput
from mockserver.core.randomness import Randomness
from mockserver.services.crowd import Crowd

CROWD = Crowd(0.4, timedelta(days=3), ((5, 3), (1, 1)))


def test_a_crowd_answers_in_its_proportions_and_in_its_time() -> None:
    randomness = Randomness("seed")
    decisions = [CROWD.decide(randomness) for _ in range(10_000)]
    answers = [decision for decision in decisions if decision]
    ratings = Counter(rating for _, rating in answers)
    assert 3_800 < len(answers) < 4_200
    assert 2.7 < ratings[5] / ratings[1] < 3.3
    assert all(timedelta(0) <= delay < timedelta(days=3) for delay, _ in answers)


def test_the_same_seed_gives_the_same_people() -> None:
    first, second, other = (Randomness(seed) for seed in ("a", "a", "b"))
    same = [CROWD.decide(first) for _ in range(50)]
    assert same == [CROWD.decide(second) for _ in range(50)]
    assert same != [CROWD.decide(other) for _ in range(50)]


@pytest.mark.parametrize(("answering", "ratings"), [(1.5, ((5, 1),)), (-0.1, ((5, 1),)), (0.5, ()), (0.5, ((5, 0),)),
                                                    (0.5, ((5, -1), (4, 2))), (0.5, ((5, 1e308), (4, 1e308))),
                                                    (0.5, ((5, 10**400),)), (0.5, ((5, 5e-324),))])  # fmt: skip
def test_an_impossible_crowd_is_refused(answering: float, ratings: tuple[tuple[int, float], ...]) -> None:
    with pytest.raises(InvalidInput, match="expected"):
        Crowd(answering, timedelta(days=1), ratings)
