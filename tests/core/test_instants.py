from __future__ import annotations

from datetime import datetime, timedelta, timezone
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.errors import InvalidInput
from mockserver.core.instants import parse_duration, parse_instant


@pytest.mark.parametrize(
    "value",
    [
        "6d",
        "6days",
        "5 d 24 hours",
        "P6D",
        "144h",
        518400,
        "518400",
        {"days": 6},
        "5d24h",
        timedelta(days=6),
        "PT144H",
        {"hours": 144},
        MappingProxyType({"days": 6}),
    ],
)
def test_six_days_may_be_written_in_many_ways(value: object) -> None:
    assert parse_duration(value, "x") == timedelta(days=6)


@pytest.mark.parametrize("value", ["", "six days", "6months", "-1d", -5, True, None, [], {}, "P", "9" * 30, "1e3"])
def test_what_is_no_duration_is_refused_with_its_path(value: object) -> None:
    with pytest.raises(InvalidInput, match=r"^wait: .*a duration such as") as caught:
        parse_duration(value, "wait")
    assert caught.value.path == "wait"


@pytest.mark.parametrize(
    ("units", "said"),
    [
        ({"fortnights": 1}, "wait.fortnights: no such unit; there are weeks, days, hours, minutes, seconds"),
        ({"days": "6"}, "wait.days: '6', a number from 0 to 328500 expected"),
        ({"hours": 1, "days": -1}, "wait.days: -1, a number from 0 to 328500 expected"),
        ({"days": 1e308}, "wait.days: 1e+308, a number from 0 to 328500 expected"),
        ({"days": float("nan")}, "wait.days: nan, a number from 0 to 328500 expected"),
        ({"days": True}, "wait.days: True, a number from 0 to 328500 expected"),
        ({"days": 328_500, "hours": 24}, "wait: 328501 days, at most 328500 expected"),
    ],
)
def test_the_unit_at_fault_is_named(units: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_duration(units, "wait")
    assert str(refused.value) == said


@pytest.mark.parametrize(
    "value", ["2026-03-01 10:00", "2026-03-01T10:00:00Z", "2026-03-01T13:00:00+03:00", "2026-03-01T10:00:00.000Z"]
)
def test_an_instant_is_utc_unless_it_says_otherwise(value: str) -> None:
    assert parse_instant(value, "x") == datetime(2026, 3, 1, 10, tzinfo=timezone.utc)


@given(st.text() | st.integers() | st.none())
def test_anything_else_is_refused_and_never_crashes(value: object) -> None:
    for parse in (parse_duration, parse_instant):
        try:
            parse(value, "x")
        except InvalidInput as error:
            assert error.path == "x"
