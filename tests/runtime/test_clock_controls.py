from __future__ import annotations

import asyncio
import datetime as dt
import inspect
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
import time_machine
from freezegun import freeze_time

from mockserver.core.errors import BackwardsInTime, ClockBusy, InvalidInput
from mockserver.runtime.clock_controls import ClockControls
from mockserver.testing import MockServer, Securating

UTC = dt.timezone.utc


def invite(securating: Securating, **more: str) -> None:
    data = {"keywebsite": securating.key, "email": "anna@example.com", "webhook": "http://shop.example/", **more}
    assert requests.post(f"{securating.url}/invitation/create", data=data, timeout=5).status_code == 200


def days_seen(securating: Securating) -> list[tuple[str, dt.date]]:
    """Return what the application's own clock said as each webhook arrived."""
    seen: list[tuple[str, dt.date]] = []
    securating.webhooks.deliver_to(lambda call: seen.append((call.step, dt.date.today())))
    return seen


EXPECTED = [
    ("invitation-created", dt.date(2026, 3, 1)),
    ("mail-send", dt.date(2026, 3, 7)),
    ("mail-recall", dt.date(2026, 3, 13)),
]


@pytest.mark.parametrize("how", [{}, {"tick": True}, {"auto_tick_seconds": 15}, {"tz_offset": 3}])
def test_freezegun_is_followed_and_driven_however_it_is_used(securating: Securating, how: dict[str, Any]) -> None:
    seen = days_seen(securating)
    with freeze_time("2026-03-01 10:00", **how):
        invite(securating, recall_count="1")
        securating.clock.advance(days=14)
        assert seen == EXPECTED
        assert dt.date.today() == dt.date(2026, 3, 15)
        assert abs(securating.clock.now - dt.datetime(2026, 3, 15, 10, tzinfo=UTC)) < dt.timedelta(minutes=30)


@freeze_time("2026-03-01 10:00")
def test_freezegun_as_a_decorator(securating: Securating) -> None:
    seen = days_seen(securating)
    invite(securating, recall_count="1")
    securating.clock.advance("14d")
    assert seen == EXPECTED


def test_a_freezer_that_the_test_moves_itself_lets_fall_due_what_is_due(securating: Securating) -> None:
    with freeze_time("2026-03-01 10:00") as freezer:
        invite(securating, recall_count="0")
        freezer.move_to("2026-03-07 10:00")
        assert [mail.at for mail in securating.mails] == [dt.datetime(2026, 3, 7, 10, tzinfo=UTC)]
        freezer.tick(dt.timedelta(days=1))
        assert securating.clock.now == dt.datetime(2026, 3, 8, 10, tzinfo=UTC)


def test_the_innermost_freezer_is_followed_and_time_never_goes_back(securating: Securating) -> None:
    with freeze_time("2026-03-01"):
        invite(securating)
        with freeze_time("2027-01-01"):
            assert securating.clock.now.year == 2027
        with pytest.raises(BackwardsInTime, match="the freezer stands before that"):
            _ = securating.clock.now
        with pytest.raises(BackwardsInTime):
            securating.clock.advance_to("2026-03-02")
    assert securating.clock.now.year == 2027


@pytest.mark.parametrize(
    "move",
    [
        lambda clock: clock.advance(days=1),
        lambda clock: clock.advance_to("2028-01-01"),
        lambda clock: clock.next_event(),
        lambda clock: clock.run_until_idle(),
        lambda clock: asyncio.run(clock.advance_async(days=1)),
        lambda clock: asyncio.run(clock.next_event_async()),
    ],
)
def test_time_is_not_moved_where_the_application_is_shown_an_earlier_one(
    securating: Securating, move: Callable[[ClockControls], object]
) -> None:
    with freeze_time("2027-01-01"):
        invite(securating, recall_count="0", days="0")
        assert len(securating.mails) == 1
    with freeze_time("2026-03-01"):
        with pytest.raises(BackwardsInTime, match="the freezer stands before that"):
            move(securating.clock)
        assert dt.datetime.now(UTC) == dt.datetime(2026, 3, 1, tzinfo=UTC)
    with freeze_time("2027-01-02"):
        assert securating.clock.now == dt.datetime(2027, 1, 2, tzinfo=UTC)


def test_a_world_that_nobody_has_touched_begins_wherever_it_is_looked_at(securating: Securating) -> None:
    assert securating.clock.now.year >= 2026
    with freeze_time("2001-01-01"):
        assert securating.clock.now.year == 2001


@pytest.mark.parametrize("tick", [False, True])
def test_time_machine_is_followed_and_driven(securating: Securating, tick: bool) -> None:
    seen = days_seen(securating)
    with time_machine.travel(dt.datetime(2026, 3, 1, 10, tzinfo=UTC), tick=tick) as traveller:
        invite(securating, recall_count="1")
        securating.clock.advance(days=14)
        assert seen == EXPECTED
        assert dt.date.today() == dt.date(2026, 3, 15)
        assert abs(time.time() - securating.clock.now.timestamp()) < 5
        traveller.shift(86400)
        assert securating.clock.now.day == 16


@pytest.mark.mockserver(start="2026-03-01", freeze=True)
def test_in_a_frozen_test_an_event_loop_goes_on(securating: Securating) -> None:
    async def nap() -> None:
        await asyncio.sleep(0.001)

    if "real_asyncio" in inspect.signature(freeze_time).parameters:
        asyncio.run(nap())


@pytest.mark.mockserver(start="2026-03-01 10:00")
@freeze_time("2026-03-01 10:00")
def test_a_start_leaves_the_tests_own_freezer_followed_and_driven(securating: Securating) -> None:
    seen = days_seen(securating)
    invite(securating, recall_count="1")
    securating.clock.advance(days=14)
    assert seen == EXPECTED
    assert dt.datetime.now(UTC) == dt.datetime(2026, 3, 15, 10, tzinfo=UTC)


@pytest.mark.mockserver(start="2026-03-01 10:00")
def test_after_a_start_a_freezer_may_begin_later(securating: Securating) -> None:
    invite(securating, recall_count="0")
    with freeze_time("2026-03-07 10:00"):
        assert len(securating.mails) == 1
    assert securating.clock.now == dt.datetime(2026, 3, 7, 10, tzinfo=UTC)


def test_looking_does_not_move_an_auto_ticking_freezer(securating: Securating) -> None:
    with freeze_time("2026-03-01 10:00", auto_tick_seconds=15):
        for _ in range(10):
            securating.invitations.all()
        securating.clock.advance(seconds=10)
        assert dt.datetime.now(UTC) < dt.datetime(2026, 3, 1, 10, 1, tzinfo=UTC)


def test_advancing_by_nothing_is_no_way_back(securating: Securating) -> None:
    invite(securating)
    securating.clock.advance(seconds=0)


def test_without_a_freezer_only_the_double_moves(securating: Securating) -> None:
    before = dt.datetime.now(UTC)
    securating.clock.advance(days=6)
    assert dt.timedelta(days=6) <= securating.clock.now - before < dt.timedelta(days=6, minutes=1)
    assert dt.datetime.now(UTC) - before < dt.timedelta(minutes=1)


@pytest.mark.mockserver(start="2026-03-01 10:00")
def test_from_a_start_the_clock_stands_until_it_is_advanced(securating: Securating) -> None:
    assert securating.clock.now == dt.datetime(2026, 3, 1, 10, tzinfo=UTC)
    securating.clock.advance(hours=1.5)
    securating.clock.advance(dt.timedelta(minutes=30))
    securating.clock.advance_to("2026-03-01 13:00")
    securating.clock.advance_to(dt.datetime(2026, 3, 1, 14, tzinfo=UTC))
    assert securating.clock.now == dt.datetime(2026, 3, 1, 14, tzinfo=UTC)


@pytest.mark.mockserver(start="2026-03-01 10:00")
def test_the_agenda_shows_what_will_happen_and_one_goes_from_event_to_event(mockserver: MockServer) -> None:
    invite(mockserver.securating, recall_count="2")
    planned = [(promise.due.day, type(promise.task).__name__) for promise in mockserver.clock.agenda]
    assert planned == [(7, "SendInvitation"), (13, "SendRecall"), (19, "SendRecall")]
    mockserver.webhooks.deliver_to(lambda _call: None)
    (event,) = mockserver.clock.next_event()
    assert (event.due.day, mockserver.clock.now.day) == (7, 7)
    assert len(mockserver.clock.run_until_idle()) == 2
    assert mockserver.clock.agenda == []
    assert mockserver.clock.next_event() == []
    assert mockserver.clock.now.day == 19


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda clock: clock.advance(), InvalidInput),
        (lambda clock: clock.advance("6d", days=6), InvalidInput),
        (lambda clock: clock.advance(days=-1), InvalidInput),
        (lambda clock: clock.advance("soon"), InvalidInput),
        (lambda clock: clock.advance(fortnights=1), InvalidInput),
        (lambda clock: clock.advance_to("soon"), InvalidInput),
        (lambda clock: clock.advance_to("2001-01-01"), BackwardsInTime),
    ],
)
def test_what_is_no_way_forward_is_refused(securating: Securating, call: Any, error: type[Exception]) -> None:
    invite(securating)
    now = securating.clock.now
    with pytest.raises(error):
        call(securating.clock)
    assert securating.clock.now - now < dt.timedelta(seconds=10)
    assert len(securating.clock.agenda) == 4


@pytest.mark.mockserver(allow=["bad-webhooks"])
def test_an_advance_from_within_a_webhook_is_refused_and_does_not_hang(securating: Securating) -> None:
    securating.webhooks.deliver_to(lambda _call: securating.clock.advance(days=1) and None)
    invite(securating, days="0")
    with pytest.raises(ClockBusy):
        securating.clock.advance(days=1)
    securating.webhooks.deliver_to(lambda _call: None)
    securating.clock.advance(days=30)
    assert [call.status for call in securating.webhooks][:1] == ["acknowledged"]
