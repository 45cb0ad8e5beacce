from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from mockserver.services.finding import Finder, NotFound


class Thing(NamedTuple):
    name: str
    size: int


THINGS = [Thing("ant", 1), Thing("bee", 2), Thing("cat", 30), Thing("cow", 900)]
FINDER = Finder("thing", lambda: THINGS, lambda thing: thing.name)


def test_things_are_found_by_value_pattern_or_function() -> None:
    assert FINDER.one(name="bee").size == 2
    assert FINDER.latest(name=re.compile("^c")).name == "cow"
    assert [thing.name for thing in FINDER.all(size=lambda size: size > 10)] == ["cat", "cow"]
    assert FINDER.one(name=re.compile("^c"), size=30).name == "cat"
    assert len(FINDER) == 4
    assert list(FINDER) == THINGS


@pytest.mark.parametrize(
    ("criteria", "said"),
    [
        ({"name": "dog"}, "no thing has name='dog'; there are: ant; bee; cat; cow"),
        ({"name": re.compile("c")}, "2 things have name=/c/; there are: cat; cow"),
    ],
)
def test_a_miss_says_what_there_is(criteria: dict[str, object], said: str) -> None:
    with pytest.raises(NotFound, match=re.escape(said)):
        FINDER.one(**criteria)


def test_where_there_is_nothing_it_says_so() -> None:
    with pytest.raises(NotFound, match="there are: none at all"):
        Finder[Thing]("thing", list, str).latest(name="ant")


def test_an_attribute_that_does_not_exist_is_an_error_of_its_own() -> None:
    with pytest.raises(AttributeError, match="colour"):
        FINDER.one(colour="red")
