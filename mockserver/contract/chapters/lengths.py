"""How long a parameter may be: found by halving, in calls that are refused whatever the length (SEC-C24)."""

from __future__ import annotations

from collections.abc import Callable

from mockserver.contract.case import Chapter
from mockserver.contract.exchange import Exchange
from mockserver.contract.stage import Stage
from mockserver.contract.verdicts import Unseen

CHAPTER = Chapter("securating")

FARTHEST = 64
"""A limit is looked for up to so many times the one that is assumed."""


@CHAPTER.case("SEC-C24", spends=1, learns="longest_line")
def a_line_of_text_has_a_longest_length(stage: Stage) -> None:
    _find(stage, "longest_line", lambda length: {"hashtag": "x" * length})


@CHAPTER.case("SEC-C24", spends=1, learns="longest_text")
def a_description_has_a_longest_length(stage: Stage) -> None:
    _find(stage, "longest_text", lambda length: {"product_desc": "x" * length})


@CHAPTER.case("SEC-C24", spends=1, learns="longest_url")
def an_address_has_a_longest_length(stage: Stage) -> None:
    begin = "https://shop.example/"
    _find(stage, "longest_url", lambda length: {"customer_link": begin.ljust(length, "x")}, len(begin))


@CHAPTER.case("SEC-C24", spends=1, learns="most_days")
def the_wait_before_the_mail_has_a_longest_length(stage: Stage) -> None:
    _find(stage, "most_days", lambda number: {"days": number})


@CHAPTER.case("SEC-C24", spends=1, learns="most_recalls")
def recalls_have_a_highest_number(stage: Stage) -> None:
    _find(stage, "most_recalls", lambda number: {"recall_count": number})


def _find(stage: Stage, setting: str, fields: Callable[[int], dict[str, object]], lowest: int = 1) -> None:
    """Find the highest number that passes. Raises `Unseen` where none is refused, or all are."""
    guard = stage.guard().answer
    asked: dict[int, Exchange] = {}

    def passes(number: int) -> bool:
        asked[number] = stage.probe(**fields(number))
        return asked[number].answer == guard

    assumed: int = getattr(stage.securating, setting)
    low, high = _around(passes, assumed, lowest)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if passes(middle) else (low, middle)
    stage.saw(f"securating.{setting}", low, asked[high], f"a refusal from {assumed + 1} on, and not before")


def _around(passes: Callable[[int], bool], assumed: int, lowest: int) -> tuple[int, int]:
    """Return a number that passes and a higher one that does not."""
    if not passes(assumed):
        if not passes(lowest):
            raise Unseen("what is short is refused as what is long")
        return lowest, assumed
    if not passes(assumed + 1):
        return assumed, assumed + 1
    if passes(assumed * FARTHEST):
        raise Unseen(f"up to {assumed * FARTHEST} nothing is refused but the four thematics")
    return assumed + 1, assumed * FARTHEST
