from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from decimal import Decimal

import pytest

from mockserver.core.errors import InvalidInput
from mockserver.services.settings import Settings, assumed


@dataclass(frozen=True, slots=True)
class Example(Settings):
    wait: timedelta = assumed(timedelta(hours=1), "X-1", "how long")
    loud: bool = assumed(False, "X-1", "how loud")
    price: Decimal = assumed(Decimal("1.00"), "X-1", "how much")
    ladder: tuple[timedelta, ...] = assumed((timedelta(hours=1),), "X-1", "when")
    words: dict[str, str] = assumed({"yes": "ok", "no": "ko"}, "X-1", "which")
    count: int = assumed(3, "X-1", "how many")


def test_a_command_line_can_say_every_kind_of_setting() -> None:
    said = {"wait": "2d", "loud": "true", "price": "0.50", "ladder": "1h, 6h", "count": "7"}
    settings = Example().override(said, "example")
    assert settings.wait == timedelta(days=2)
    assert settings.loud is True
    assert settings.price == Decimal("0.50")
    assert settings.ladder == (timedelta(hours=1), timedelta(hours=6))
    assert settings.count == 7


def test_a_part_of_a_mapping_may_be_overridden() -> None:
    assert Example().override({"words": {"no": "non"}}, "example").words == {"yes": "ok", "no": "non"}
    assert Example().words == {"yes": "ok", "no": "ko"}


def test_an_empty_text_empties_a_ladder() -> None:
    assert Example().override({"ladder": ""}, "example").ladder == ()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("wait", "soon", "a duration"),
        ("loud", "yes", "true or false"),
        ("price", "NaN", "a decimal number"),
        ("price", True, "a decimal number"),
        ("ladder", 5, "a list"),
        ("ladder", ["x"], "a duration"),
        ("words", {"maybe": "?"}, "yes, no"),
        ("count", "3.5", "a whole number"),
        ("count", True, "a whole number"),
        ("nothing", 1, "no such setting"),
    ],
)
def test_a_wrong_value_is_refused_with_its_path_and_what_was_expected(name: str, value: object, expected: str) -> None:
    with pytest.raises(InvalidInput, match=rf"^example\.{name}.*{expected}"):
        Example().override({name: value}, "example")


def test_the_setting_that_was_probably_meant_is_named() -> None:
    with pytest.raises(InvalidInput, match=r"^example\.cuont: no such setting; there are: .*; did you mean count\?$"):
        Example().override({"cuont": 5}, "example")
    with pytest.raises(InvalidInput, match=r"no such setting; there are: [a-z, ]+$"):
        Example().override({"nothing": 5}, "example")


def test_every_setting_says_which_claim_it_answers_for() -> None:
    assert {claim for setting in fields(Example) for claim in setting.metadata["claims"]} == {"X-1"}
