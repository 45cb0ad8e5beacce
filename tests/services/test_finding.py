from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import pytest

from mockserver.services.finding import Finder, NotFound


class Thing(NamedTuple):
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Letter:
    email: str
    things: tuple[Thing, ...] = ()
    reply: str | None = None

    @property
    def thing(self) -> Thing:
        raise AssertionError("looked at")

    def open(self) -> str:
        return self.email


THINGS = [Thing("ant", 1), Thing("bee", 2), Thing("cat", 30), Thing("cow", 900)]
FINDER = Finder("thing", Thing, lambda: THINGS, lambda thing: thing.name)


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


def test_a_number_fits_a_text_of_its_digits() -> None:
    finder = Finder("thing", Thing, lambda: [Thing("71234567890", 1)], lambda thing: thing.name)
    assert finder.one(name=71234567890).size == 1
    assert finder.all(name=7123) == finder.all(size="1") == finder.all(name=True) == []


def test_where_there_is_nothing_it_says_so() -> None:
    with pytest.raises(NotFound, match="there are: none at all"):
        Finder("thing", Thing, list, str).latest(name="ant")


def test_an_attribute_that_does_not_exist_is_an_error_of_its_own() -> None:
    with pytest.raises(AttributeError, match=r"no attribute 'colour'$"):
        FINDER.one(colour="red")


def test_an_attribute_that_no_such_thing_has_is_an_error_where_there_is_none_too() -> None:
    with pytest.raises(AttributeError, match=r"^things have no attribute 'nonsense'$"):
        Finder("thing", Thing, list, str).all(nonsense=1)


@pytest.mark.parametrize("find", [FINDER.one, FINDER.all, FINDER.latest, FINDER.wait_for])
def test_a_misspelt_attribute_is_told_from_the_one_that_was_meant(find: Callable[..., object]) -> None:
    with pytest.raises(AttributeError, match=r"no attribute 'nmae'; did you mean name\?$"):
        find(nmae="ant")


LETTERS = Finder("letter", Letter, lambda: [Letter("Anna@x.fr", reply="Yes")], lambda letter: letter.email)


def test_an_address_fits_in_upper_and_lower_case_and_nothing_else_does() -> None:
    assert LETTERS.one(email="anna@X.fr").email == "Anna@x.fr"
    assert LETTERS.all(email="anna@x.f") == LETTERS.all(reply="yes") == []


@pytest.mark.parametrize("name", ["thing", "things", "open"])
def test_what_no_value_can_equal_is_no_field_to_search_by(name: str) -> None:
    with pytest.raises(AttributeError, match=f"^{name} is no field to search letters by"):
        LETTERS.one(**{name: "ant"})


def test_what_is_no_value_may_still_be_looked_at() -> None:
    assert LETTERS.one(things=lambda things: not things) == LETTERS.one(things=())
