"""Thematic survey codes (SPEC §1.1)."""

from __future__ import annotations

from mockserver.contract.case import Chapter
from mockserver.contract.stage import Stage

CHAPTER = Chapter("securating")

TOPICS = ("100", "200", "300", "400", "500", "510", "520", "530", "600", "800", "900")


@CHAPTER.case("SEC-T6 SEC-C13", spends=4)
def the_generic_codes_are_known_three_at_a_time(stage: Stage) -> None:
    for first in range(0, len(TOPICS), 3):
        stage.created(thematics=",".join(f"1000{topic}" for topic in TOPICS[first : first + 3]))


@CHAPTER.case("SEC-T4", spends=1, learns="reserved_digits")
def the_reserved_digit_may_be_another(stage: Stage) -> None:
    seen = stage.create(thematics="1001100")
    accepted = "0123456789" if stage.accepts(seen) else "0"
    stage.saw("securating.reserved_digits", accepted, seen)


@CHAPTER.case("SEC-T9 SEC-T2", spends=1, learns="generic_variants")
def the_generic_codes_exist_for_internet_users_too(stage: Stage) -> None:
    seen = stage.create(thematics="2000100")
    stage.saw("securating.generic_variants", stage.accepts(seen), seen)


@CHAPTER.case("SEC-T7", "control")
def a_code_of_one_account_is_unknown_to_another(stage: Stage) -> None:
    stage.created(thematics="1000650")
    fields = {"securating_email": "other@example.com", "securating_website": "other.example"}
    registered = stage.form("/modules/live-create", fields)
    token = registered.answer.text.partition('"token": "')[2][:64]
    seen = stage.create(keywebsite=token, thematics="1000650")
    stage.refusal("bad parameter", seen, "thematics")
