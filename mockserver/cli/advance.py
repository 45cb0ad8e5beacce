"""`mockserver advance`: time, with its progress where that takes long."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import click

from mockserver.cli.remote import Remote, remote
from mockserver.cli.table import folded, instant, plain, table
from mockserver.core.instants import UNITS, parse_instant

LOOKS = {True: 0.5, False: 5.0}
"""Real seconds between two looks at a long advance, where a terminal shows its progress, and where none does."""

MOST_LISTED = 20
"""Tasks that are printed; `--json` has the first thousand."""


@click.command()
@click.argument("duration", required=False)
@click.option("--to", metavar="INSTANT", help="Until then, such as 2026-03-07T10:00:00Z.")
@click.option("--next", "until", flag_value="next-event", help="Until something happens.")
@click.option("--until-idle", "until", flag_value="idle", help="Until nothing is left to happen.")
@remote
def advance(server: Remote, duration: str | None, to: str | None, until: str | None) -> None:
    """Let time pass for DURATION (6d, "6 days", 1h30m), and perform everything that falls due on the way.

    A number without a unit is seconds.

    Ctrl-C ends it: what has been performed stays, and the clock stands where it was reached.
    """
    asked = {name: value for name, value in {"duration": duration, "to": to, "until": until}.items() if value}
    if len(asked) != 1:
        raise click.UsageError("one of DURATION, --to, --next and --until-idle expected")
    with _Progress() as progress:
        try:
            answer = server.wire.post("/clock/advance", {**asked, "wait": progress.seconds})
            while not answer["done"]:
                progress.show(answer)
                answer = server.wire.get("/clock/advance", wait=progress.seconds)
        except KeyboardInterrupt:
            answer = server.wire.delete("/clock/advance")
    server.tell(answer, lambda answer: _lines(server, answer))
    if answer.get("error"):
        raise click.ClickException(plain(answer["error"]))
    if answer.get("cancelled"):
        sys.exit(130)


class _Progress:
    """Lines on the error stream; a terminal shows one line, rewritten in place."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._is_shown = False
        self.seconds = LOOKS[self._is_terminal]

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._is_shown and self._is_terminal:
            click.echo(err=True)

    def show(self, course: dict[str, Any]) -> None:
        """Say how far the advance has come."""
        towards = f", on the way to {instant(course['to'])}" if course.get("to") else ""
        line = f"{instant(course['now'])}  tasks performed: {course['count']}{towards}"
        click.echo(f"\r{line:<79}" if self._is_terminal else line, nl=not self._is_terminal, err=True)
        self._is_shown = True


def _lines(server: Remote, answer: dict[str, Any]) -> Iterator[str]:
    count, fired = answer["count"], answer["fired"]
    how = "Cancelled: it is" if answer.get("cancelled") else "It is"
    passed = parse_instant(answer["now"], "now") - parse_instant(answer["from"], "from")
    tasks = f"{count} tasks were performed" if count > 1 else "1 task was performed" if count else "nothing was due"
    yield f"{how} {instant(answer['now'])} now, {in_words(passed)} later; {tasks}."
    if not count:
        yield from _next(server)
    if fired:
        yield ""
        yield from promises(fired[:MOST_LISTED])
    if count > MOST_LISTED:
        yield f"… and {count - min(len(fired), MOST_LISTED)} more"


def _next(server: Remote) -> Iterator[str]:
    """Say what is due next: who was too short with time sees by how much."""
    for row in server.wire.get("/agenda", limit=1)["agenda"]:
        who = f", {plain(row['who'])}" if row["who"] else ""
        yield from folded(f"Next: {plain(row['what'])}{who}, at {instant(row['due'])}.")


def in_words(length: timedelta) -> str:
    """Return a length of time in whole units, the two largest that it has: `1 day 2 hours`."""
    left, said = round(length.total_seconds()), []
    for unit in UNITS[1:]:
        count, left = divmod(left, round(timedelta(**{unit: 1}).total_seconds()))
        if count:
            said.append(f"{count} {unit if count > 1 else unit[:-1]}")
    return " ".join(said[:2]) or "0 seconds"


def promises(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Write promises, kept or still to keep: when, whom they concern, and what they bring about."""
    return table(("DUE", "WHO", "WHAT"), [(instant(row["due"]), row["who"], row["what"]) for row in rows])
