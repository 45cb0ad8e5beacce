"""Ratings: what customers answer, asked or not, and what the report makes of it (SPEC §2.3)."""

from __future__ import annotations

import json
from typing import Any

from mockserver.contract.case import Chapter
from mockserver.contract.exchange import Exchange
from mockserver.contract.stage import Stage
from mockserver.services.smsvote.localtime import write_local

CHAPTER = Chapter("smsvote")


def _reported(stage: Stage) -> tuple[dict[str, Any], Exchange]:
    """Return the newest rating of the report under the names of the settings' keys."""
    settings, now = stage.smsvote, stage.double.clock.now
    today = write_local(settings, now)
    seen = stage.command(
        "feedback_report", format="json", date_from=today, date_to=write_local(settings, now.replace(year=2030))
    )
    rows = json.loads(seen.answer.body)
    stage.expect(rows, "a rating in the report", seen)
    return {name: rows[-1][key] for name, key in settings.report_fields.items()}, seen


@CHAPTER.case("SMS-F1 SMS-F5 SMS-G7", "control")
def a_customer_answers_with_a_digit_and_a_comment(stage: Stage) -> None:
    phone = next(stage.place.phones)
    stage.send({"phone": phone, "employee": "Иван", "order": "17"})
    stage.double.smsvote.phone(phone).reply("4, но долго")
    rating, seen = _reported(stage)
    expected = {
        "phone": phone,
        "rating": 4,
        "employee": "Иван",
        "order": "17",
        "date": write_local(stage.smsvote, stage.double.clock.now),
        "text": "4, но долго",
    }
    stage.expect(rating == expected, json.dumps(expected, ensure_ascii=False), seen)


@CHAPTER.case("SMS-F2 SMS-F5", "control", prefixes=["ЧАЙ"])
def a_customer_rates_unasked_by_the_prefix(stage: Stage) -> None:
    if "prefix" not in stage.smsvote.sms_routes:
        return
    phone = next(stage.place.phones)
    stage.double.smsvote.phone(phone).send("чай5 вкусно")
    rating, seen = _reported(stage)
    stage.expect((rating["phone"], rating["rating"], rating["order"]) == (phone, 5, ""), "a rating of 5", seen)


@CHAPTER.case("SMS-F3", "control")
def what_is_no_rating_is_kept_without_one(stage: Stage) -> None:
    phone = next(stage.place.phones)
    seen = stage.send({"phone": phone})
    incoming = stage.double.smsvote.phone(phone).reply("спасибо")
    stage.expect(incoming.rating is None, "no rating", seen)
    stage.expect(not stage.double.smsvote.ratings.all(phone=phone), "no rating in the report", seen)


@CHAPTER.case("SMS-F3", "control")
def a_reply_rates_one_request(stage: Stage) -> None:
    phone = next(stage.place.phones)
    for order in ("first", "second"):
        seen = stage.send({"phone": phone, "order": order})
    stage.double.smsvote.phone(phone).reply("5")
    rated = stage.double.smsvote.ratings.one(phone=phone).order
    expected = "second" if stage.smsvote.reply_matches == "newest" else "first"
    stage.expect(rated == expected, f"a rating of the {expected} order", seen)


@CHAPTER.case("SMS-F3", "control")
def a_request_is_rated_once(stage: Stage) -> None:
    phone = next(stage.place.phones)
    seen = stage.send({"phone": phone})
    for text in ("5", "1"):
        stage.double.smsvote.phone(phone).send(text)
    count = len(stage.double.smsvote.ratings.all(phone=phone))
    stage.expect((count == 1) is stage.smsvote.one_rating_per_request, "as many ratings as are assumed", seen)
