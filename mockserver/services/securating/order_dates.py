"""Dates of an order (SEC-C22), whose form nobody has written down: any text is taken, and some are doubted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from mockserver.services.securating.model import Solicitation

_YEAR_FIRST = re.compile(r"(\d{4})([-/.]?)(\d\d?)\2(\d\d?)(?:[T ].*)?", re.ASCII)
_DAY_FIRST = re.compile(r"(\d\d?)([-/.])(\d\d?)\2(\d{4})(?:[T ].*)?", re.ASCII)
_SECONDS = re.compile(r"\d{9,13}", re.ASCII)

NAMES = ("order_date", "order_service_start", "order_service_end")


def doubts(asked: Solicitation) -> Iterator[str]:
    """Say of each date that it reads as none, and of a service that it would end before it begins."""
    dates = {name: find_date(getattr(asked, name)) for name in NAMES}
    for name, found in dates.items():
        value = getattr(asked, name)
        if value and found is None and not _SECONDS.fullmatch(value):
            yield f"{name}: {value[:80]!r} reads as no date, such as 2026-03-01; it is kept as it came"
    start, end = dates["order_service_start"], dates["order_service_end"]
    if start and end and end < start:
        yield f"order_service_end: {end} is before order_service_start, {start}; both are kept as they came"


def find_date(text: str) -> date | None:
    """Find the day that a text begins with, its year first or, as in France, its day first."""
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = found[1], found[3], found[4]
    elif found := _DAY_FIRST.fullmatch(text):
        day, month, year = found[1], found[3], found[4]
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
