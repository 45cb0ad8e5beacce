"""The script's suite: sms-vote is the double, and so is everybody who owns a phone."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal

import feedback
import pytest

from mockserver.testing import SmsVote

ANNA, BORIS, CLARA = "71230000001", "71230000002", "71230000003"

at_ten_in_march = pytest.mark.mockserver(start="2026-03-01 10:00", freeze=True)


def test_a_customer_answers_and_is_thanked(smsvote: SmsVote) -> None:
    feedback.ask(ANNA)
    smsvote.phone(ANNA).reply("5 отлично")

    assert smsvote.phone(ANNA).texts == [feedback.QUESTION, feedback.THANKS]
    assert [(rating["phone"], rating["rating"]) for rating in feedback.report(days=1)] == [(ANNA, 5)]


def test_a_text_that_is_no_rating_is_none(smsvote: SmsVote) -> None:
    feedback.ask(ANNA)

    assert smsvote.phone(ANNA).reply("кто это?").rating is None
    assert feedback.report(days=1) == []


@pytest.mark.smsvote(prefixes=["КАФЕ"])
def test_a_rating_nobody_asked_for_is_reported_too(smsvote: SmsVote) -> None:
    smsvote.phone(BORIS).send("кафе 4 вкусно")

    assert [rating["rating"] for rating in feedback.report(days=1)] == [4]


@at_ten_in_march
def test_script_and_service_share_one_clock(smsvote: SmsVote) -> None:
    smsvote.phone(ANNA).will_reply("5", after="2h")
    smsvote.phone(BORIS).will_reply("3, долго", after="2d")
    feedback.ask(ANNA, BORIS, CLARA)

    smsvote.clock.advance(days=2, hours=1)

    assert datetime.now(feedback.MOSCOW) == datetime(2026, 3, 3, 14, tzinfo=feedback.MOSCOW)
    assert [rating["phone"] for rating in feedback.report(days=1)] == [BORIS]
    assert [rating["date"] for rating in feedback.report(days=7)] == ["2026-03-01 15:00:00", "2026-03-03 13:00:00"]


@at_ten_in_march
def test_the_report_as_it_is_printed(smsvote: SmsVote, capsys: pytest.CaptureFixture[str]) -> None:
    feedback.main("ask", ANNA)
    smsvote.phone(ANNA).reply("4, но долго")
    feedback.main("report", "7")

    assert capsys.readouterr().out == "2026-03-01 13:00:00  71230000001  4, но долго\n"


@at_ten_in_march
def test_a_thousand_customers_of_whom_four_in_ten_answer(smsvote: SmsVote) -> None:
    smsvote.crowd(answering=0.4, within="3d", ratings={5: 6, 4: 3, 1: 1})
    feedback.ask(*(str(71230000000 + number) for number in range(1000)))

    smsvote.clock.run_until_idle()

    spread = Counter(rating["rating"] for rating in feedback.report(days=3))
    assert sum(spread.values()) == pytest.approx(400, rel=0.1)
    assert sorted(spread) == [1, 4, 5]
    assert spread[5] > spread[4] > spread[1]


@pytest.mark.smsvote(balance="0.50")
def test_an_empty_account_sends_nothing(smsvote: SmsVote) -> None:
    with pytest.raises(feedback.Refused, match="not enough balance"):
        feedback.ask(ANNA)

    assert smsvote.phone(ANNA).inbox == []
    assert feedback.balance() == Decimal("0.50")


@pytest.mark.smsvote(daily_limit=2, price="2.50")
def test_the_limit_of_a_day_begins_again_the_next_day(smsvote: SmsVote) -> None:
    feedback.ask(ANNA, BORIS)
    with pytest.raises(feedback.Refused, match="too many messages per day"):
        feedback.ask(CLARA)

    smsvote.clock.advance(days=1)
    feedback.ask(CLARA)

    assert len(smsvote.messages) == 3
    assert feedback.balance() == Decimal("992.50")


@pytest.mark.smsvote(sending_delay="30m", final_texts={"1": "Простите нас!"})
def test_what_the_account_says_about_delays_and_thanks(smsvote: SmsVote) -> None:
    feedback.ask(ANNA)
    assert smsvote.phone(ANNA).inbox == []

    smsvote.clock.next_event()
    smsvote.phone(ANNA).reply("1")

    assert smsvote.phone(ANNA).texts == [feedback.QUESTION, "Простите нас!"]


def test_a_vote_by_text_message(smsvote: SmsVote) -> None:
    lake = smsvote.create_vote("Лето", "Куда поедем летом?", ["Байкал", "Алтай"])
    smsvote.phone(ANNA).send("1")
    smsvote.phone(BORIS).send("1")
    smsvote.phone(BORIS).send("2")  # a first vote counts, and only it
    lake.cast(CLARA, "2")

    assert feedback.vote() == {"Байкал": 2, "Алтай": 1}

    lake.finish()
    with pytest.raises(feedback.Refused, match="wrong vote id or vote is inactive"):
        feedback.vote()
