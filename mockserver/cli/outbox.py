"""`mockserver outbox`: letters and text messages that left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from mockserver.cli.remote import Remote, filters, remote
from mockserver.cli.table import facts, instant, plain, table


@click.command()
@click.argument("number", type=int, required=False)
@filters(
    ("to", "What went to that address or phone."),
    ("service", "What that service sent."),
    ("kind", "Messages of that kind, such as recall."),
    ("after", "Only those with a higher number."),
)
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many, the newest last.")
@remote
def outbox(server: Remote, number: int | None, **wanted: Any) -> None:
    """List letters and text messages that left, or show the one with that NUMBER."""
    if number is None:
        server.tell(server.wire.get("/outbox", **wanted), _lines)
    else:
        server.tell(server.wire.get(f"/outbox/{number}"), _message)


def _lines(answer: dict[str, Any]) -> Iterator[str]:
    rows = answer["outbox"]
    cells = [(row["number"], instant(row["at"]), row["recipient"], row["kind"], _gist(row)) for row in rows]
    if cells:
        yield from table(("NO", "AT", "TO", "KIND", "WHAT"), cells)
    yield from _counted(len(rows), answer["count"])


def _gist(row: dict[str, Any]) -> object:
    return row.get("subject") or row.get("text")


def _counted(shown: int, count: int) -> Iterator[str]:
    if not count:
        yield "Nothing has left."
    elif shown < count:
        yield f"… and {count - shown} earlier (--limit)"


def _message(row: dict[str, Any]) -> Iterator[str]:
    yield from facts({name: value for name, value in row.items() if name not in {"text", "html", "source"}})
    yield ""
    for line in str(row.get("text", "")).splitlines():
        yield plain(line)
