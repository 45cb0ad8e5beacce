"""`mockserver agenda`: what will happen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from mockserver.cli.advance import promises
from mockserver.cli.remote import Remote, remote
from mockserver.cli.table import instant


@click.command()
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many, the next first.")
@remote
def agenda(server: Remote, limit: int) -> None:
    """List what will happen if nobody acts: mails, recalls, delayed messages, webhook retries."""
    server.tell(server.wire.get("/agenda", limit=limit), _lines)


def _lines(answer: dict[str, Any]) -> Iterator[str]:
    rows, count = answer["agenda"], answer["count"]
    how = f"{answer['mode']} at {answer['rate']:g} times" if answer["rate"] not in {0, 1} else answer["mode"]
    yield f"It is {instant(answer['now'])} ({how}); {count or 'nothing'} to come."
    if rows:
        yield ""
        yield from promises(rows)
    if count > len(rows):
        yield f"… and {count - len(rows)} more (--limit)"
