"""The clock as a test holds it, in process and over HTTP."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mockserver.core.errors import BackwardsInTime, ClockBusy, EndlessCascade, InvalidInput
from mockserver.runtime import clock_controls
from mockserver.services.securating.mailing import SendInvitation, SendRecall
from tests.controls.conftest import Mock, Receiver, invite

UTC = dt.timezone.utc
START = dt.datetime(2026, 3, 1, 10, tzinfo=UTC)


def test_time_stands_until_it_is_advanced(mock: Mock) -> None:
    assert mock.clock.now == START
    assert mock.clock.advance(days=1, hours=2) == []
    assert mock.clock.now == START + dt.timedelta(days=1, hours=2)
    assert "2026-03-02 12:00:00" in repr(mock.clock)


@pytest.mark.parametrize("duration", ["6d", "P6D", 518_400, dt.timedelta(days=6)])
def test_a_duration_is_written_as_one_likes(mock: Mock, duration: str | int | dt.timedelta) -> None:
    mock.clock.advance(duration)
    assert mock.clock.now == START + dt.timedelta(days=6)


def test_a_duration_is_exact_to_the_microsecond(mock: Mock) -> None:
    mock.clock.advance(dt.timedelta(days=365, microseconds=1))
    assert mock.clock.now == START + dt.timedelta(days=365, microseconds=1)


def test_time_goes_to_an_instant(mock: Mock) -> None:
    mock.clock.advance_to("2026-03-07 10:00")
    assert mock.clock.now == START + dt.timedelta(days=6)
    mock.clock.advance_to(START + dt.timedelta(days=7))
    assert mock.clock.now == START + dt.timedelta(days=7)


def test_the_agenda_names_what_will_happen(mock: Mock) -> None:
    assert mock.clock.agenda == []
    invite(mock, recall_count="1")
    token = mock.securating.invitations.one().token
    due = START + dt.timedelta(days=6)
    assert [(promise.due, promise.task) for promise in mock.clock.agenda] == [
        (due, SendInvitation(token)),
        (due + dt.timedelta(days=6), SendRecall(token, 1)),
    ]
    assert [promise.order for promise in mock.clock.agenda] == [1, 2]


def test_a_move_returns_what_fired_on_the_way(mock: Mock) -> None:
    invite(mock, recall_count="2")
    promised = mock.clock.agenda
    assert mock.clock.advance(days=12) == promised[:2]
    assert mock.clock.agenda == promised[2:]


def test_events_are_stepped_through_one_by_one(mock: Mock) -> None:
    invite(mock, recall_count="1")
    (sent,) = mock.clock.next_event()
    assert (type(sent.task).__name__, mock.clock.now) == ("SendInvitation", START + dt.timedelta(days=6))
    (recalled,) = mock.clock.next_event()
    assert recalled.task == SendRecall(mock.securating.invitations.one().token, 1)
    assert mock.clock.next_event() == []
    assert mock.clock.now == START + dt.timedelta(days=12)


def test_time_runs_until_nothing_is_left(mock: Mock) -> None:
    invite(mock)
    invite(mock, "bob@example.com", days="0")
    assert len(mock.clock.run_until_idle()) == 7
    assert mock.clock.agenda == []
    assert mock.clock.run_until_idle() == []


def test_time_that_would_run_for_ever_is_stopped(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    invite(mock)
    monkeypatch.setattr(clock_controls, "MOST_UNTIL_IDLE", 3)
    with pytest.raises(EndlessCascade, match=r"^more than 3 tasks were performed, and no end is in sight$"):
        mock.clock.run_until_idle()
    assert mock.clock.agenda == []
    invite(mock, "bob@example.com", recall_count="2")
    assert len(mock.clock.run_until_idle()) == 3


@pytest.mark.parametrize("wrong", ["soon", "-1d", -1, "6x"])
def test_what_is_no_duration_is_refused_and_time_stands(mock: Mock, wrong: str | int) -> None:
    with pytest.raises(InvalidInput) as refused:
        mock.clock.advance(wrong)
    assert (refused.value.path, mock.clock.now) == ("duration", START)


def test_no_duration_and_two_are_refused(mock: Mock) -> None:
    with pytest.raises(InvalidInput, match="one expected"):
        mock.clock.advance()
    with pytest.raises(InvalidInput, match="one expected"):
        mock.clock.advance("6d", days=6)
    assert mock.clock.now == START


@pytest.mark.parametrize(
    ("units", "said"),
    [
        ({"fortnights": 1}, "fortnights: no such unit; there are weeks, days, hours, minutes, seconds"),
        ({"days": 1, "hours": "x"}, "hours: 'x', a number from 0 to 7884000 expected"),
        ({"days": -1}, "days: -1, a number from 0 to 328500 expected"),
    ],
)
def test_the_unit_at_fault_is_named_and_time_stands(mock: Mock, units: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        mock.clock.advance(**units)
    assert (str(refused.value), mock.clock.now) == (said, START)


def test_what_is_no_instant_is_refused_and_time_stands(mock: Mock) -> None:
    with pytest.raises(InvalidInput) as refused:
        mock.clock.advance_to("tomorrow")
    assert refused.value.path == "instant"
    for _ in range(7):
        mock.clock.advance(weeks=52 * 890)
    before = mock.clock.now
    with pytest.raises(InvalidInput, match="before the year 9000") as refused:
        mock.clock.advance(weeks=52 * 890)
    assert (refused.value.path, mock.clock.now) == ("duration", before)


def test_time_never_goes_back(mock: Mock) -> None:
    mock.clock.advance(days=1)
    with pytest.raises(BackwardsInTime, match=r"it is 2026-03-02T10:00:00.* already; a later instant expected"):
        mock.clock.advance_to("2026-03-01 10:00")
    assert mock.clock.now == START + dt.timedelta(days=1)


def test_an_advance_from_within_an_advance_is_refused(mock: Mock, shop: Receiver) -> None:
    seen: list[BaseException] = []

    def advance() -> None:
        try:
            mock.clock.advance(days=1)
        except ClockBusy as busy:
            seen.append(busy)

    invite(mock, webhook="https://shop.example/hook")
    mock.webhooks.deliver()  # behind a port it goes out by itself, and might advance the clock before the test does
    shop.reacts = advance
    mock.clock.advance(days=6)
    assert "being advanced already" in str(seen[-1])
    assert mock.clock.now >= START + dt.timedelta(days=6)


def test_webhooks_are_delivered_before_time_goes_on(mock: Mock, shop: Receiver) -> None:
    invite(mock, webhook="https://shop.example/hook", recall_count="1")
    mock.clock.advance(days=30)
    assert shop.steps == ["invitation-created", "mail-send", "mail-recall"]
    attempts = [call.attempts[0].at for call in mock.webhooks]
    assert attempts == [START, START + dt.timedelta(days=6), START + dt.timedelta(days=12)]
