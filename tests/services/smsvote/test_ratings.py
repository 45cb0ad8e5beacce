"""Ratings with and without request: what a text message is worth, and what the customer hears."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.services.smsvote.model import Account
from mockserver.services.smsvote.ratings import find_rating
from mockserver.services.smsvote.settings import SmsVoteSettings

if TYPE_CHECKING:
    from tests.services.smsvote.conftest import Integrator

PHONE = "71234567890"

Make = Callable[..., "Integrator"]


@pytest.mark.claim("SMS-F1")
@pytest.mark.parametrize(
    ("text", "rating"),
    [
        ("5", 5),
        ("5 отлично", 5),
        ("4, но долго", 4),
        ("5отлично", 5),
        (" 3", 3),
        ("\n2\nплохо", 2),
        ("1.", 1),
        ("5!", 5),
        ("4 из 5", 4),
        ("55", None),
        ("4.5", None),
        ("4,5", None),
        ("0", None),
        ("6", None),
        ("отлично", None),
        ("отлично 5", None),
        ("", None),
        ("-5", None),
        ("٥", None),
        ("5٣", None),
    ],
)
def test_a_rating_is_a_digit_from_1_to_5_and_perhaps_a_comment(text: str, rating: int | None) -> None:
    assert find_rating(SmsVoteSettings(), text) == rating


@pytest.mark.claim("SMS-F1")
def test_the_pattern_of_a_rating_is_a_setting_and_can_never_leave_1_to_5(integrator_with: Make) -> None:
    lenient = SmsVoteSettings(rating_pattern=r".*?(\d+)")
    assert [find_rating(lenient, text) for text in ("на 4", "9", "12", "34", "нет")] == [4, None, None, None, None]
    integrator = integrator_with(r"rating_pattern=оценка (\d)")
    integrator.send()
    assert integrator.phone_sends("5")["became"] == "nothing"
    assert integrator.phone_sends("оценка 5")["rating"] == 5


@pytest.mark.claim("SMS-F1", "SMS-F5", "SMS-M4")
def test_an_answer_rates_the_employee_and_order_of_the_request_and_is_thanked(integrator: Integrator) -> None:
    integrator.send({"employee": "Иван Петров", "order": "12345", "text_final": "Спасибо за оценку!"})
    became = integrator.phone_sends("5 отлично")
    assert (became["became"], became["rating"], became["account"]) == ("rating", 5, 52)
    assert integrator.texts() == [("request", "Оцените нас от 1 до 5"), ("final", "Спасибо за оценку!")]
    assert integrator.report()[-1] == {
        "phone": PHONE,
        "rating": 5,
        "employee": "Иван Петров",
        "order": "12345",
        "date": "2026-03-02 12:00:00",
        "text": "5 отлично",
    }
    assert integrator.state.messages[1].rating == 5


@pytest.mark.claim("SMS-M4")
def test_without_a_final_text_nobody_is_thanked(integrator: Integrator) -> None:
    integrator.send({"text_final": ""})
    integrator.phone_sends("5")
    assert [kind for kind, _ in integrator.texts()] == ["request"]
    assert integrator.ask("balance").body == b"999.00"


@pytest.mark.claim("SMS-F2", "SMS-F5")
@pytest.mark.parametrize(
    ("text", "rating"),
    [("КАФЕ 5 вкусно", 5), ("кафе5", 5), ("Кафе 3, долго", 3), (" кафе\n4", 4), ("КАФЕ5отлично", 5)],
)
def test_a_prefix_and_a_digit_are_a_rating_without_request(integrator: Integrator, text: str, rating: int) -> None:
    assert integrator.phone_sends(text, to="4141")["rating"] == rating
    row = integrator.report()[-1]
    assert (row["rating"], row["employee"], row["order"], row["text"]) == (rating, "", "", text)
    assert integrator.texts() == []


@pytest.mark.claim("SMS-F2", "SMS-F3")
@pytest.mark.parametrize("text", ["КАФЕ", "КАФЕ отлично", "КАФЕ 6", "КАФЕ 55", "КАФ 5", "МОЁ КАФЕ 5", "КАФЕИН 5"])
def test_what_only_looks_like_a_prefix_is_no_rating(integrator: Integrator, text: str) -> None:
    count = len(integrator.report())
    assert integrator.phone_sends(text)["became"] == "nothing"
    assert len(integrator.report()) == count


@pytest.mark.claim("SMS-F2")
def test_prefixes_are_allocated_to_one_account_and_the_longest_counts(integrator: Integrator) -> None:
    integrator.open(Account(53, "s", Decimal(0), Decimal(1)), "КАФЕ2", "БАР")
    assert integrator.phone_sends("кафе25")["account"] == 53
    assert integrator.phone_sends("кафе 5")["account"] == 52
    assert [rating.value for rating in integrator.state.cabinets[53].ratings] == [5]
    integrator.change(prefixes=["ПИЦЦА"])
    assert integrator.phone_sends("кафе 5")["became"] == "nothing"
    assert integrator.phone_sends("пицца 5")["account"] == 52


@pytest.mark.claim("SMS-F2")
def test_an_open_request_does_not_catch_what_begins_with_a_prefix(integrator: Integrator) -> None:
    integrator.send({"order": "1"})
    assert integrator.phone_sends("КАФЕ 4")["rating"] == 4
    assert integrator.report()[-1]["order"] == ""
    integrator.phone_sends("5")
    assert integrator.report()[-1]["order"] == "1"


@pytest.mark.claim("SMS-F3")
def test_a_reply_is_matched_to_the_newest_unanswered_request(integrator: Integrator) -> None:
    integrator.send({"order": "1"}, {"order": "2"}, {"order": "3"})
    integrator.phone_sends("3")
    integrator.send({"order": "4"})
    for text in ("4", "2", "1"):
        integrator.phone_sends(text)
    assert [(row["rating"], row["order"]) for row in integrator.report()[-4:]] == [
        (3, "3"),
        (4, "4"),
        (2, "2"),
        (1, "1"),
    ]
    assert integrator.phone_sends("5")["became"] == "nothing"


@pytest.mark.claim("SMS-F3")
def test_under_a_setting_it_is_the_oldest(integrator_with: Make) -> None:
    integrator = integrator_with("reply_matches=oldest")
    integrator.send({"order": "1"}, {"order": "2"}, {"order": "3"})
    integrator.phone_sends("1")
    integrator.send({"order": "4"})
    for text in ("2", "3", "4"):
        integrator.phone_sends(text)
    assert [row["order"] for row in integrator.report()[-4:]] == ["1", "2", "3", "4"]
    assert integrator.state.newest_request == {}


@pytest.mark.claim("SMS-F3")
def test_one_rating_per_request_is_a_setting(integrator_with: Make) -> None:
    integrator = integrator_with("one_rating_per_request=false")
    integrator.send({"order": "1"}, {"order": "2"})
    integrator.phone_sends("1")
    integrator.phone_sends("5, передумал")
    assert [(row["rating"], row["order"]) for row in integrator.report()[-2:]] == [(1, "2"), (5, "2")]


@pytest.mark.claim("SMS-F3")
def test_a_request_that_has_not_left_yet_cannot_be_answered(integrator: Integrator) -> None:
    integrator.change(sending_delay="1h")
    integrator.send()
    assert integrator.phone_sends("5")["became"] == "nothing"
    integrator.wait(hours=1)
    assert integrator.phone_sends("5")["became"] == "rating"


@pytest.mark.claim("SMS-F3")
def test_phones_do_not_answer_for_each_other(integrator: Integrator) -> None:
    integrator.send()
    assert integrator.phone_sends("5", phone="71234567899")["became"] == "nothing"


@pytest.mark.claim("SMS-F3")
def test_the_account_that_asked_last_gets_the_answer(integrator: Integrator) -> None:
    from mockserver.services.smsvote.model import Draft
    from mockserver.services.smsvote.sending import send_messages

    integrator.open(Account(53, "s", Decimal(5), Decimal(1)))
    integrator.send()
    send_messages(integrator.world, 53, [Draft(PHONE, "?")])
    assert integrator.phone_sends("4")["account"] == 53
    assert integrator.phone_sends("5")["account"] == 52


@pytest.mark.claim("SMS-F3")
def test_anything_else_is_kept_as_a_message_without_rating_and_shown_in_the_journal(integrator: Integrator) -> None:
    integrator.send()
    became = integrator.phone_sends("спасибо, всё хорошо")
    assert (became["became"], became["rating"]) == ("nothing", None)
    assert integrator.state.incoming[-1].text == "спасибо, всё хорошо"
    assert integrator.notes() == [
        "'спасибо, всё хорошо' from 71234567890 is no rating, answer or ballot that anybody waits for"
    ]
    assert integrator.phone_sends("5")["became"] == "rating"


@pytest.mark.claim("SMS-F3")
def test_what_an_incoming_sms_is_tried_as_is_a_setting(integrator_with: Make) -> None:
    integrator = integrator_with("sms_routes=vote,request")
    integrator.send()
    assert integrator.phone_sends("1")["became"] == "ballot"
    assert integrator.phone_sends("5")["became"] == "rating"
    assert integrator.phone_sends("КАФЕ 5")["became"] == "nothing"


@pytest.mark.claim("SMS-M5")
def test_the_accounts_final_text_for_the_rating_wins_over_the_requests(integrator: Integrator) -> None:
    integrator.change(final_texts={"1": "Нам очень жаль", "5": "Ура!\\r\\nСпасибо!"})
    integrator.send(*[{"text_final": "Спасибо за оценку!"}] * 3)
    for text in ("1", "5", "3"):
        integrator.phone_sends(text)
    finals = [text for kind, text in integrator.texts() if kind == "final"]
    assert finals == ["Нам очень жаль", "Ура!\nСпасибо!", "Спасибо за оценку!"]


@pytest.mark.claim("SMS-M5")
def test_whose_final_text_wins_is_a_setting(integrator_with: Make) -> None:
    integrator = integrator_with("account_final_text_wins=false")
    integrator.change(final_texts={"5": "из настроек"})
    integrator.send({"text_final": "из запроса"})
    integrator.phone_sends("5")
    integrator.send()
    integrator.phone_sends("5")
    assert [text for kind, text in integrator.texts() if kind == "final"] == ["из запроса", "из настроек"]


@pytest.mark.claim("SMS-M5")
def test_a_rating_without_request_is_thanked_only_under_a_setting(
    integrator: Integrator, integrator_with: Make
) -> None:
    integrator.change(final_texts={"5": "Ура!"})
    integrator.phone_sends("КАФЕ 5")
    assert integrator.texts() == []
    integrator = integrator_with("final_text_without_request=true")
    integrator.change(final_texts={"5": "Ура!"})
    integrator.phone_sends("КАФЕ 5")
    integrator.phone_sends("КАФЕ 4")
    assert integrator.texts() == [("final", "Ура!")]


@pytest.mark.claim("SMS-M8")
def test_a_final_text_costs_too_and_is_not_sent_when_it_cannot_be_paid(integrator: Integrator) -> None:
    integrator.change(balance="3.00")
    integrator.send({"text_final": "Спасибо"}, {"text_final": "Спасибо"})
    integrator.phone_sends("5")
    assert integrator.ask("balance").body == b"0.00"
    integrator.phone_sends("4")
    assert [row["rating"] for row in integrator.report()[-2:]] == [5, 4]
    assert [kind for kind, _ in integrator.texts()] == ["request", "request", "final"]
    assert integrator.notes() == ["final text to 71234567890 not sent: it costs 1.00, account 52 has 0.00"]


@pytest.mark.claim("SMS-M8", "SMS-M9")
def test_whether_final_texts_cost_and_count_are_settings(integrator_with: Make) -> None:
    integrator = integrator_with("final_texts_cost=false", "final_texts_count=true")
    integrator.change(daily_limit=2)
    integrator.send({"text_final": "Спасибо"})
    integrator.phone_sends("5")
    assert integrator.ask("balance").body == b"999.00"
    assert integrator.send().body == b"Error: too many messages per day"

    integrator = integrator_with()
    integrator.change(daily_limit=2)
    integrator.send({"text_final": "Спасибо"})
    integrator.phone_sends("5")
    assert integrator.ask("balance").body == b"998.00"
    assert integrator.send().body == b"OK"


@settings(max_examples=200)
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="".join(map(chr, range(32))))))
@pytest.mark.claim("SMS-F3")
def test_any_text_becomes_something(integrator: Integrator, text: str) -> None:
    integrator.send()
    incoming, ratings = len(integrator.state.incoming), len(integrator.cabinet.ratings)
    became = integrator.phone_sends(text)
    assert len(integrator.state.incoming) == incoming + 1
    assert len(integrator.cabinet.ratings) == ratings + (became["became"] == "rating")
    assert (became["rating"] in {1, 2, 3, 4, 5}) == (became["became"] == "rating")


@settings(max_examples=60)
@given(steps=st.lists(st.sampled_from(["send", "reply"]), max_size=30), order=st.sampled_from(["newest", "oldest"]))
@pytest.mark.claim("SMS-F3")
def test_replies_find_the_requests_that_a_plain_list_would_give_them(
    integrator_with: Make, steps: list[str], order: str
) -> None:
    integrator = integrator_with(f"reply_matches={order}")
    waiting: list[str] = []
    for number, step in enumerate(steps):
        if step == "send":
            integrator.send({"order": str(number)})
            waiting.append(str(number))
        elif waiting:
            integrator.phone_sends("5")
            expected = waiting.pop() if order == "newest" else waiting.pop(0)
            assert integrator.cabinet.ratings[-1].order == expected
    assert bool(waiting) == bool(integrator.state.newest_request)
