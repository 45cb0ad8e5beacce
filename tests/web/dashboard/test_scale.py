from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from mockserver.web.dashboard.scale import ticks
from mockserver.web.dashboard.zones import UTC, Zone

MOSCOW = Zone(timedelta(hours=3), "sms-vote")
BEGIN = datetime(2026, 3, 1, 10, 20, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("length", "labels"),
    [
        (timedelta(hours=1), ["10:20", "10:30", "10:40", "10:50", "11:00", "11:10", "11:20"]),
        (timedelta(hours=20), ["12:00", "18:00", "02 Mar", "06:00"]),
        (timedelta(days=4), ["02 Mar", "03 Mar", "04 Mar", "05 Mar"]),
        (timedelta(days=24), ["06 Mar", "11 Mar", "16 Mar", "21 Mar"]),
        (timedelta(days=1100), ["01 Mar 2027", "29 Feb 2028", "28 Feb 2029"]),
    ],
)
def test_ticks_are_round_and_few(length: timedelta, labels: list[str]) -> None:
    assert [tick.label for tick in ticks(BEGIN.isoformat(), (BEGIN + length).isoformat(), UTC)] == labels


def test_ticks_stand_at_local_midnights() -> None:
    (first, *_) = ticks("2026-03-01T10:00:00Z", "2026-03-05T10:00:00Z", MOSCOW)
    assert first.label == "02 Mar"
    assert first.x == round(100 * 11 / 96, 2)


def test_thousands_of_years_have_few_ticks_too() -> None:
    assert 0 < len(ticks("2026-03-01T10:00:00Z", "8999-12-31T23:59:59.500000Z", MOSCOW)) <= 7


@pytest.mark.parametrize(("minutes", "name"), [(0, "UTC"), (180, "UTC+03:00"), (-210, "UTC-03:30")])
def test_a_zone_is_named_by_its_offset(minutes: int, name: str) -> None:
    assert Zone(timedelta(minutes=minutes)).name == name


def test_the_first_day_of_the_calendar_has_a_wall_time_everywhere() -> None:
    assert Zone(timedelta(hours=-5)).local("0001-01-01T00:00:00Z") == "0001-01-01 00:00:00"
