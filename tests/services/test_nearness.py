from __future__ import annotations

import pytest

from mockserver.services.nearness import did_you_mean, difference, find_nearest

RIGHT = "05ea83436373cae23787455c5fd1de87"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (RIGHT[:-1] + "8", "differs from yours in its last character"),
        (f" {RIGHT}\n", "differs from yours by white space around it"),
        (RIGHT.upper(), "differs from yours in upper and lower case"),
        (RIGHT[:-2], "has 30 characters, yours has 32"),
        ("1" + RIGHT[1:], "differs from yours in 1 of 32 characters, the first of them character 1"),
    ],
)
def test_how_a_wrong_secret_differs_is_said_without_the_right_one(given: str, said: str) -> None:
    assert difference(given, RIGHT, "yours") == said


@pytest.mark.parametrize("given", [RIGHT[:-1] + "8", RIGHT.upper(), RIGHT[:20], f"x{RIGHT}x", "00000000" + RIGHT[8:]])
def test_the_secret_that_was_meant_is_found(given: str) -> None:
    assert find_nearest(given, ["f" * 32, RIGHT]) == RIGHT


@pytest.mark.parametrize("given", ["", "5", "05ea", "0" * 32, RIGHT[::-1]])
def test_what_is_far_from_every_secret_is_near_to_none(given: str) -> None:
    assert find_nearest(given, ["f" * 32, RIGHT]) is None


def test_the_nearest_word_is_asked_for_whatever_its_case() -> None:
    assert did_you_mean("emial", ["email", "url"]) == "did you mean email?"
    assert did_you_mean("EMAIL", ["email", "url"]) == "did you mean email?"
    assert did_you_mean("colour", ["email", "url"]) == ""
