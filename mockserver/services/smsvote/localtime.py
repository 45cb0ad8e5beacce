"""The vendor's wall time, in which dates are written and days and months end (SMS-G7)."""

from __future__ import annotations

from datetime import date, datetime, timezone

from mockserver.services.smsvote.settings import SmsVoteSettings


def local_day(settings: SmsVoteSettings, instant: datetime) -> date:
    """Return the vendor's calendar day at an instant."""
    return (instant + settings.utc_offset).date()


def write_local(settings: SmsVoteSettings, instant: datetime | None) -> str:
    """Write an instant as the vendor does; None is the zero date (SMS-V4)."""
    return settings.zero_date if instant is None else _format(settings.date_format, instant + settings.utc_offset)


def parse_local(settings: SmsVoteSettings, text: str) -> datetime:
    """Read a date as the vendor writes it; raises `ValueError` for any other spelling, such as `2015-5-1`.

    The instant keeps the vendor's zone: the first day of the calendar has no name in UTC, and some clients send
    `0001-01-01` for "from the beginning".
    """
    local = datetime.strptime(text, settings.date_format)  # noqa: DTZ007 - the zone is the vendor's
    if _format(settings.date_format, local) != text:
        raise ValueError(text)
    return local.replace(tzinfo=timezone(settings.utc_offset))


def _format(date_format: str, moment: datetime) -> str:
    return moment.strftime(date_format.replace("%Y", f"{moment.year:04}"))  # glibc writes the year 1 as "1"
