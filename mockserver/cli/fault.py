"""`mockserver fault`: failures that are planned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from mockserver.cli.remote import Remote, given, remote
from mockserver.cli.table import about, folded, plain, table


@click.group()
def fault() -> None:
    """Plan failures: refusals, HTTP errors, answers that come late, broken, or not at all."""


@fault.command()
@remote
def catalogue(server: Remote) -> None:
    """List the names of everything that can go wrong, and what each does."""
    server.tell(server.wire.get("/faults/catalogue"), _kinds)


def _kinds(answer: dict[str, Any]) -> Iterator[str]:
    for kind in answer["catalogue"]:
        yield click.style(plain(kind["name"]), bold=True)
        yield from folded(plain(kind["meaning"]), "    ", "    ")
        yield from folded(about(kind["magic"]), "    by magic: ", "              ")


@fault.command("list")
@remote
def list_faults(server: Remote) -> None:
    """List what is planned, and how often it has happened."""
    server.tell(server.wire.get("/faults"), _lines)


def _lines(answer: dict[str, Any]) -> Iterator[str]:
    rows = answer["faults"]
    cells = [(row["number"], _name(row), f"{row['used']} of {row['times'] or 'all'}", _matcher(row)) for row in rows]
    return table(("NO", "NAME", "HAPPENED", "TO CALLS WITH"), cells) if cells else iter(["Nothing is planned."])


def _name(row: dict[str, Any]) -> str:
    """Return the name of a failure, with what it was told to be like."""
    parameters = about({name: row[name] for name in ("status", "seconds", "real") if row[name]})
    return f"{row['name']} ({parameters})" if parameters else str(row["name"])


def _matcher(row: dict[str, Any]) -> str:
    return about({name: row[name] for name, usual in _MATCHERS.items() if row[name] != usual}) or "anything"


_MATCHERS = {"service": "", "operation": "", "phone": "", "email": "", "nth": 1, "probability": 1}
"""What chooses the calls that fail, and what it is where it chooses nothing."""


@fault.command()
@click.argument("name")
@click.option("--service", help="Calls on that service only.")
@click.option("--operation", help="Calls of that kind only.")
@click.option("--phone", help="Calls that name that phone only.")
@click.option("--email", help="Calls that name that address only.")
@click.option("--nth", type=int, help="From the nth of them on. [default: 1]")
@click.option("--times", type=int, help="So many of them; 0 is all. [default: 1]")
@click.option("--probability", type=float, help="Each by that chance, under the world's seed. [default: 1]")
@click.option("--status", type=int, help="The HTTP status, where the failure has one.")
@click.option("--seconds", type=float, help="How late, where the failure is lateness.")
@click.option("--real", is_flag=True, default=None, help="Late by real seconds, not by the world's.")
@remote
def arm(server: Remote, name: str, **wanted: Any) -> None:
    """Plan the failure NAME of the catalogue, such as "not enough balance" or slow."""
    server.tell(server.wire.post("/faults", {"name": name, **given(**wanted)}), lambda row: _lines({"faults": [row]}))


@fault.command()
@click.argument("number", type=int, required=False)
@click.option("--all", "is_all", is_flag=True, help="All that are planned.")
@remote
def disarm(server: Remote, number: int | None, *, is_all: bool) -> None:
    """Take back the failure with that NUMBER, or with --all all of them."""
    if (number is None) != is_all:
        raise click.UsageError("one of NUMBER and --all expected; `mockserver fault list` shows the numbers")
    if is_all:
        count = server.wire.get("/faults", limit=1)["count"]
        server.tell(server.wire.delete("/faults"), lambda _answer: [f"{count} taken back."])
    else:
        server.tell(server.wire.delete(f"/faults/{number}"), lambda _answer: [f"{number} is taken back."])
