"""`feedback_report.php`: which ratings, in which shape."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.services.smsvote.model import Rating
from mockserver.services.smsvote.ratings import add_rating, ratings_between

if TYPE_CHECKING:
    from tests.services.smsvote.conftest import Integrator

JSON_ERROR = b"Error: json has wrong format, and cannot be decoded"
PERIOD = {"date_from": "2015-05-01 00:00:00", "date_to": "2016-06-30 23:59:59"}

Make = Callable[..., "Integrator"]


@pytest.mark.claim("SMS-F4", "SMS-F5", "SMS-F6", "SMS-G1")
@pytest.mark.parametrize("report_format", ["json", "csv"])
def test_the_documented_url_reports_both_kinds_of_rating(integrator: Integrator, report_format: str) -> None:
    query = (
        f'json={{"id":52,"format":"{report_format}","date_from":"2015-05-01 00:00:00",'
        '"date_to":"2016-06-30 23:59:59","secure":"05ea83436373cae23787455c5fd1de87"}'
    )
    reply = integrator.call("GET", "/api/command/feedback_report.php", query)
    assert reply.status == 200
    assert "5 отлично" in reply.body.decode("utf-8-sig")
    assert "КАФЕ 4 вкусно" in reply.body.decode("utf-8-sig")


@pytest.mark.claim("SMS-F6")
def test_json_is_a_list_of_objects_oldest_first(integrator: Integrator) -> None:
    reply = integrator.ask("feedback_report", format="json", **PERIOD)
    assert reply.content_type == "application/json"
    rows = integrator.report(**PERIOD)
    assert list(rows[0]) == ["phone", "rating", "employee", "order", "date", "text"]
    assert rows[1] == {
        "phone": "71230004502",
        "rating": 4,
        "employee": "",
        "order": "",
        "date": "2015-06-18 19:02:44",
        "text": "КАФЕ 4 вкусно, но долго ждали",
    }
    assert [row["date"] for row in rows] == sorted(row["date"] for row in rows)
    assert len(rows) == 5


@pytest.mark.claim("SMS-F6")
def test_csv_is_the_same_to_the_byte_as_columns(integrator: Integrator) -> None:
    integrator.send({"employee": 'Анна "А"'})
    integrator.phone_sends('5 "да";\nещё')
    period = PERIOD | {"date_from": "2016-06-30 23:59:59", "date_to": "2026-03-02 12:00:00"}
    reply = integrator.ask("feedback_report", format="csv", **period)
    assert reply.content_type == "text/csv; charset=utf-8"
    assert reply.body == (
        b"\xef\xbb\xbfphone;rating;employee;order;date;text\r\n"
        + "71230004505;3;Иван Петров;12501;2016-06-30 23:59:59;3, обычно лучше\r\n".encode()
        + "71230004501;5;Анна Смирнова;12777;2016-07-01 00:00:00;5 спасибо!\r\n".encode()
        + '71234567890;5;"Анна ""А""";;2026-03-02 12:00:00;"5 ""да"";\nещё"\r\n'.encode()
    )
    rows = list(csv.reader(io.StringIO(reply.body.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows[0] == ["phone", "rating", "employee", "order", "date", "text"]
    assert rows[3][5] == '5 "да";\nещё'


@pytest.mark.claim("SMS-F6")
def test_a_period_without_ratings_is_an_empty_report(integrator: Integrator) -> None:
    period = {"date_from": "2014-01-01 00:00:00", "date_to": "2014-01-02 00:00:00"}
    assert integrator.ask("feedback_report", format="json", **period).body == b"[]"
    csv_body = integrator.ask("feedback_report", format="csv", **period).body
    assert csv_body == b"\xef\xbb\xbfphone;rating;employee;order;date;text\r\n"
    backwards = {"date_from": "2016-01-01 00:00:00", "date_to": "2015-01-01 00:00:00"}
    assert integrator.ask("feedback_report", format="json", **backwards).body == b"[]"


@pytest.mark.claim("SMS-F6")
def test_names_separator_encoding_and_header_are_settings(integrator_with: Make) -> None:
    integrator = integrator_with(
        "csv_separator=,", "csv_encoding=cp1251", "csv_header=false", "csv_line_end=\n", "csv_content_type=text/plain"
    )
    reply = integrator.ask("feedback_report", format="csv", **PERIOD)
    assert reply.content_type == "text/plain"
    first = reply.body.decode("cp1251").split("\n")[0]
    assert first == "71230004501,5,Иван Петров,12345,2015-05-04 12:31:07,5 отлично"
    integrator.send()
    integrator.phone_sends("5 👍")
    assert integrator.ask("feedback_report", format="csv", **PERIOD | {"date_to": "2030-01-01 00:00:00"}).body.endswith(
        b"5 ?\n"
    )

    integrator = integrator_with()
    state = integrator.state
    state.settings = state.settings.override({"report_fields": {"phone": "tel", "text": "message"}}, "settings")
    assert list(integrator.report()[0]) == ["tel", "rating", "employee", "order", "date", "message"]
    assert b"tel;rating;employee;order;date;message" in integrator.ask("feedback_report", format="csv", **PERIOD).body


@pytest.mark.claim("SMS-F4")
def test_the_second_of_date_to_belongs_to_the_period(integrator: Integrator, integrator_with: Make) -> None:
    def dates(asked: Integrator, first: str, last: str) -> list[str]:
        return [row["date"] for row in asked.report(date_from=first, date_to=last)]

    last = "2016-06-30 23:59:59"
    assert dates(integrator, last, last) == [last]
    assert dates(integrator, "2016-06-30 23:59:58", "2016-06-30 23:59:58") == []
    assert dates(integrator, "2016-07-01 00:00:00", "2016-07-01 00:00:00") == ["2016-07-01 00:00:00"]
    assert dates(integrator_with("date_to_inclusive=false"), last, last) == []
    assert dates(integrator_with("date_to_inclusive=false"), last, "2016-07-01 00:00:00") == [last]


@pytest.mark.claim("SMS-F4")
def test_a_rating_within_the_last_second_is_reported_under_that_second(integrator: Integrator) -> None:
    integrator.wait(microseconds=999_999)
    integrator.phone_sends("КАФЕ 5")
    last = integrator.report(date_from="2026-03-02 12:00:00", date_to="2026-03-02 12:00:00")
    assert [row["date"] for row in last] == ["2026-03-02 12:00:00"]


@pytest.mark.claim("SMS-G7", "SMS-F5")
def test_dates_are_moscow_time(integrator: Integrator, integrator_with: Make) -> None:
    integrator.wait(hours=12)
    integrator.phone_sends("КАФЕ 5")
    assert integrator.report()[-1]["date"] == "2026-03-03 00:00:00"
    assert integrator.report(date_from="2026-03-03 00:00:00")[-1]["date"] == "2026-03-03 00:00:00"
    integrator = integrator_with("utc_offset=5h", "date_format=%d.%m.%Y %H:%M:%S")
    integrator.phone_sends("КАФЕ 5")
    period = {"date_from": "02.03.2026 14:00:00", "date_to": "02.03.2026 14:00:00"}
    assert [row["date"] for row in integrator.report(**period)] == ["02.03.2026 14:00:00"]


@pytest.mark.claim("SMS-G6", "SMS-G7", "SMS-F4")
@pytest.mark.parametrize(
    "wrong",
    [
        "2015-05-01",
        "2015-5-1 0:0:0",
        "2015-5-01  00:00:00",
        "2015-05-01T00:00:00",
        "2015-02-29 00:00:00",
        "2015-05-01 24:00:00",
        "0000-00-00 00:00:00",
        "٢٠١٥-٠٥-٠١ ٠٠:٠٠:٠٠",
        "2015-05-01 00:00:00\n",
        "yesterday",
        "",
        20150501,
        None,
    ],
)
@pytest.mark.parametrize("field", ["date_from", "date_to"])
def test_a_date_spelled_otherwise_is_the_json_error(integrator: Integrator, field: str, wrong: object) -> None:
    before = integrator.facts()
    reply = integrator.ask("feedback_report", format="json", **PERIOD | {field: wrong})
    assert reply.body == JSON_ERROR
    assert reply.notes[0].startswith(f"json: {field}: ")
    assert integrator.facts() == before


@pytest.mark.claim("SMS-F4")
def test_the_ends_of_the_calendar_are_dates_too(integrator: Integrator) -> None:
    assert len(integrator.report(date_from="0001-01-01 00:00:00", date_to="9999-12-31 23:59:59")) == 6
    assert integrator.report(date_from="0001-01-01 00:00:00", date_to="0001-01-01 00:00:00") == []


@pytest.mark.claim("SMS-F4", "SMS-G6")
@pytest.mark.parametrize("wrong", ["xml", "JSON", "", None, 1, "json или csv"])
def test_an_unknown_format_is_the_json_error(integrator: Integrator, wrong: object) -> None:
    reply = integrator.ask("feedback_report", format=wrong, **PERIOD)
    assert reply.body == JSON_ERROR
    assert reply.notes[0].startswith("json: format: ")


@pytest.mark.claim("SMS-F6")
def test_ratings_of_one_instant_stand_in_the_order_of_their_arrival(integrator: Integrator) -> None:
    for text in ("КАФЕ 3", "КАФЕ 1", "КАФЕ 2"):
        integrator.phone_sends(text)
    assert [row["rating"] for row in integrator.report()[-3:]] == [3, 1, 2]


@pytest.mark.claim("SMS-F5")
def test_accounts_do_not_see_each_others_ratings(integrator: Integrator) -> None:
    from decimal import Decimal

    from mockserver.services.smsvote.model import Account

    integrator.open(Account(53, "s", Decimal(0), Decimal(1)), "БАР")
    integrator.phone_sends("БАР 1")
    assert len(integrator.report()) == 6
    assert [row["text"] for row in integrator.report(id=53, secure="s")] == ["БАР 1"]


@pytest.mark.claim("SMS-F4")
def test_the_cost_of_a_report_follows_the_rows_returned_not_those_stored(integrator: Integrator) -> None:
    class Counted(list[Rating]):
        looked_at = 0

        def __getitem__(self, place: Any) -> Any:
            rows = super().__getitem__(place)
            self.looked_at += len(rows) if isinstance(place, slice) else 1
            return rows

    start = datetime(2000, 1, 1, tzinfo=timezone.utc)
    ratings = Counted(Rating(start + timedelta(seconds=number), "71234567890", 5, "5") for number in range(50_000))
    integrator.cabinet.ratings = ratings
    found = ratings_between(integrator.world, 52, start + timedelta(seconds=30_000), start + timedelta(seconds=30_009))
    assert [rating.at.second for rating in found] == list(range(10))
    assert ratings.looked_at < 50


@pytest.mark.claim("SMS-F5")
def test_a_rating_from_before_those_there_are_finds_its_place(integrator: Integrator) -> None:
    early = Rating(datetime(2015, 1, 1, tzinfo=timezone.utc), "71234567890", 1, "1")
    add_rating(integrator.world, 52, early)
    assert integrator.report()[0]["rating"] == 1
