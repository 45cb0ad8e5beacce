"""`mockserver journal`: the calls that came in, what was answered, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from mockserver.cli.remote import Remote, as_json, filters, remote
from mockserver.cli.table import ENDLESS, cut, folded, instant, plain, width
from mockserver.core.errors import Evicted

WAIT = 5
"""Real seconds that `--follow` has the server wait for something new; then it asks again."""


@click.command()
@filters(
    ("service", "Calls on that service only."),
    ("operation", "Calls of that kind only."),
    ("status", "Answers with that HTTP status only."),
    ("contains", "Only where that text occurs."),
    ("after", "Only those with a higher number."),
    ("before", "Only those with a lower number."),
)
@click.option("--refused/--accepted", default=None, help="Refused calls only, or the others only.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many, the newest last.")
@click.option("--follow", is_flag=True, help="Go on with what comes in, until Ctrl-C.")
@click.option("--curl", type=int, metavar="NUMBER", help="That call as a curl command, and nothing else.")
@click.option("--har", type=click.Path(path_type=Path, dir_okay=False), help="Write it as HAR 1.2, and print nothing.")
@click.option("--secrets", is_flag=True, default=None, help="With keys and passwords whole.")
@remote
def journal(server: Remote, follow: bool, curl: int | None, har: Path | None, **wanted: Any) -> None:
    """List the calls that came in, their answers, and the reason for each refusal."""
    if curl is not None:
        click.echo(server.wire.get(f"/journal/{curl}/curl", secrets=wanted["secrets"]), nl=False)
    elif har is not None:
        har.write_text(as_json(server.wire.get("/journal.har", secrets=wanted["secrets"])) + "\n", encoding="utf-8")
    elif follow:
        with suppress(KeyboardInterrupt):
            _follow(server, wanted)
    else:
        server.tell(server.wire.get("/journal", **wanted), _lines)


def _follow(server: Remote, wanted: Mapping[str, Any]) -> None:
    """Print what is there, then what comes; a journal that began again is followed from its beginning."""
    answer = _held(server, wanted)
    while True:
        for entry in answer["journal"]:
            click.echo(json.dumps(entry, ensure_ascii=False) if server.as_json else "\n".join(_entry_lines(entry)))
        seen = answer["written"]
        answer = _news(server, wanted, seen)
        if answer["written"] < seen:
            answer = _held(server, wanted)


def _news(server: Remote, wanted: Mapping[str, Any], seen: int) -> Any:
    try:
        return server.wire.get("/journal", **{**wanted, "after": seen, "wait": WAIT})
    except Evicted as gap:
        click.echo(gap, err=True)
        return _held(server, wanted)


def _held(server: Remote, wanted: Mapping[str, Any]) -> Any:
    """Return what fits of what the journal holds; where it may have held more, nothing, and say so."""
    seen = server.wire.get("/journal", limit=1)["written"]
    try:
        return server.wire.get("/journal", **wanted)
    except Evicted as gap:
        click.echo(gap, err=True)
        return {"journal": [], "written": seen}


def _lines(answer: dict[str, Any]) -> Iterator[str]:
    for entry in answer["journal"]:
        yield from _entry_lines(entry)
    if hidden := answer["count"] - len(answer["journal"]):
        yield f"… and {hidden} earlier (--limit)"
    if answer["evicted"]:
        yield f"No longer held: {answer['evicted']} of {answer['written']}"
    if not answer["journal"]:
        yield f"Nothing fits; entries written: {answer['written']}."


def _entry_lines(entry: dict[str, Any]) -> Iterator[str]:
    """Write an entry: one line for the call or the event, and its notes under it."""
    start = f"{entry['number']:>5}  {instant(entry['at'])}  "
    if "what" in entry:
        yield from folded(f"{plain(entry['service'])}: {plain(entry['what'])}", start, " " * len(start))
        return
    call = cut(f"{plain(entry['method'])} {plain(entry['target'])}", max(width(ENDLESS) - len(start) - 5, 10))
    colour = "red" if entry["status"] >= 500 or entry.get("crashed") else "yellow" if entry.get("notes") else "green"
    yield start + click.style(str(entry["status"]), fg=colour) + f"  {call}"
    for note in entry.get("notes", ()):
        yield from folded(plain(note), " " * 7, " " * 7)
