"""The report of ratings, as JSON and as CSV (SPEC §2.3)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from itertools import product
from typing import Any

from mockserver.contract.case import Chapter
from mockserver.contract.chapters.voting import is_written
from mockserver.contract.exchange import MOST_SHOWN, Exchange
from mockserver.contract.stage import Stage
from mockserver.contract.verdicts import UnknownShape, Unseen
from mockserver.services.smsvote.localtime import parse_local, write_local

CHAPTER = Chapter("smsvote")

COLUMNS = ("phone", "rating", "employee", "order", "date", "text")
"""In the order of the documentation (SMS-F5)."""

_CSV = "csv_content_type csv_separator csv_encoding csv_header csv_line_end"
_ENCODINGS = ("utf-8-sig", "utf-8", "cp1251", "koi8-r", "utf-16")
_SEPARATORS = (";", ",", "\t", "|")
_LINE_ENDS = ("\r\n", "\n")


def _report(stage: Stage, kind: str, begin: str = "", end: str = "") -> Exchange:
    first, last = (parse_local(_documented(stage), day) for day in ("2001-01-01 00:00:00", "2037-12-31 00:00:00"))
    settings = stage.smsvote
    period = {"date_from": begin or write_local(settings, first), "date_to": end or write_local(settings, last)}
    return stage.command("feedback_report", format=kind, **period)


def _documented(stage: Stage) -> Any:
    return type(stage.smsvote)(utc_offset=stage.smsvote.utc_offset)


def _rows(seen: Exchange) -> list[dict[str, Any]]:
    """Return the ratings of a report in JSON under the names of the settings' keys."""
    try:
        rows = json.loads(seen.answer.body)
        fits = isinstance(rows, list) and all(len(row) == len(COLUMNS) and row.keys() for row in rows)
    except (ValueError, TypeError, AttributeError):
        fits = False
    if not fits:
        raise UnknownShape(f"a list of objects of {', '.join(COLUMNS)}", seen)
    if not rows:
        raise Unseen("the account has no rating yet")
    return [dict(zip(COLUMNS, row.values(), strict=True)) for row in rows]


@CHAPTER.case("SMS-F4 SMS-F5 SMS-F6", learns="report_fields")
def ratings_are_reported_as_json(stage: Stage) -> None:
    seen = _report(stage, "json")
    rows, way = _rows(seen), stage.smsvote.date_format
    fits = all(
        str(row["phone"]).isdigit() and row["rating"] in range(1, 6) and is_written(row["date"], way) for row in rows
    )
    if not fits:
        raise UnknownShape(f"a rating's {', '.join(COLUMNS)}, in this order", seen)
    names = next(iter(json.loads(seen.answer.body)))
    assumed = {stage.smsvote.report_fields[name]: value for name, value in rows[0].items()}
    expected = json.dumps([assumed], ensure_ascii=False)
    stage.saw("smsvote.report_fields", dict(zip(COLUMNS, names, strict=True)), seen, expected)
    stage.expect(seen.answer.content_type == stage.smsvote.json_content_type, stage.smsvote.json_content_type, seen)
    dates = [parse_local(stage.smsvote, row["date"]) for row in rows]
    stage.expect(dates == sorted(dates), "the oldest rating first", seen)


@CHAPTER.case("SMS-F4 SMS-F6", learns=_CSV)
def ratings_are_reported_as_csv(stage: Stage) -> None:
    rows = _rows(_report(stage, "json"))
    seen = _report(stage, "csv")
    for way in product((True, False), _SEPARATORS, _ENCODINGS, _LINE_ENDS):
        if _as_csv(stage, rows, *way) == seen.answer.body:
            break
    else:
        raise UnknownShape("the ratings of the JSON report as CSV, in a known encoding", seen)
    header, separator, encoding, line_end = way
    expected = _expected(stage, rows)
    stage.saw_content_type("smsvote.csv_content_type", seen)
    stage.saw("smsvote.csv_header", header, seen, expected)
    stage.saw("smsvote.csv_separator", separator, seen, expected)
    stage.saw("smsvote.csv_encoding", encoding, seen, expected)
    stage.saw("smsvote.csv_line_end", line_end, seen, expected)


def _expected(stage: Stage, rows: Iterable[dict[str, Any]]) -> str:
    settings = stage.smsvote
    way = (settings.csv_header, settings.csv_separator, settings.csv_encoding, settings.csv_line_end)
    return _as_csv(stage, rows, *way)[:MOST_SHOWN].decode("utf-8", "backslashreplace")


def _as_csv(
    stage: Stage, rows: Iterable[dict[str, Any]], header: bool, separator: str, encoding: str, line_end: str
) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator=line_end)
    if header:
        writer.writerow([stage.smsvote.report_fields[name] for name in COLUMNS])
    writer.writerows(row.values() for row in rows)
    return text.getvalue().encode(encoding, "replace")


@CHAPTER.case("SMS-F4", learns="date_to_inclusive")
def the_last_second_belongs_to_the_report(stage: Stage) -> None:
    rows = _rows(_report(stage, "json"))
    last = rows[0]["date"]
    until = _report(stage, "json", end=last)
    stage.saw("smsvote.date_to_inclusive", until.answer.text.count(str(last)) > 0, until)
    since = _report(stage, "json", begin=rows[-1]["date"])
    stage.expect(str(rows[-1]["date"]) in since.answer.text, "the second of date_from too", since)
