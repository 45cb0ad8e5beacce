"""`mockserver webhooks`: calls owed to the application."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from mockserver.cli.remote import Remote, filters, remote
from mockserver.cli.table import folded, instant, plain, table

MOST_LISTED = 20
"""Calls that are printed after what is no list."""


@click.group()
def webhooks() -> None:
    """List the webhooks that are owed, and have them delivered."""


@webhooks.command("list")
@filters(
    ("step", "Calls of that step only."),
    ("status", "Such as waiting, acknowledged or 'given up'."),
    ("subject", "Calls about that invitation only, by its token."),
    ("after", "Only those with a higher number."),
)
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many, the newest last.")
@remote
def list_webhooks(server: Remote, **wanted: Any) -> None:
    """List the calls, with what the last attempt came to."""
    server.tell(server.wire.get("/webhooks", **wanted), _lines)


@webhooks.command()
@remote
def drain(server: Remote) -> None:
    """Wait until every call that can go out has gone."""
    server.tell(server.wire.post("/webhooks/drain"), lambda answer: _lines(answer, MOST_LISTED))


@webhooks.command()
@click.argument("number", type=int)
@remote
def redeliver(server: Remote, number: int) -> None:
    """Deliver the call with that NUMBER once more, now."""
    server.tell(server.wire.post(f"/webhooks/{number}/redeliver"), _delivered)


def _delivered(answer: dict[str, Any]) -> Iterator[str]:
    return _lines(answer if "webhooks" in answer else {"webhooks": [answer], "count": 1})


def _lines(answer: dict[str, Any], most: int | None = None) -> Iterator[str]:
    rows = answer["webhooks"]
    if most is not None:
        rows = rows[-most:]
    cells = [(row["number"], instant(row["created_at"])[:16], row["who"], row["step"], row["status"]) for row in rows]
    if not cells:
        yield "No webhook is owed."
    else:
        titles, *lines = table(("NO", "CREATED", "WHO", "STEP", "STATUS"), cells)
        yield titles
        for row, line in zip(rows, lines, strict=True):
            yield line
            yield from folded(plain(_outcome(row)), " " * 4, " " * 4)
    if answer["count"] > len(rows):
        yield f"… and {answer['count'] - len(rows)} earlier (list --limit)"


def _outcome(row: dict[str, Any]) -> str:
    attempts = row["attempts"]
    if not attempts:
        return str(row.get("reason") or row["url"])
    last = attempts[-1]
    said = last["error"] or f"{last['status']} {last['body']}"
    return f"{len(attempts)} tries: {said}" if len(attempts) > 1 else said
