"""`mockserver advance`: time, with its progress where that takes long."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import click

from mockserver.cli.remote import Remote, remote
from mockserver.cli.table import instant, plain, table

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
    """Let time pass for DURATION (6d, 1h30m, P6D), and perform everything that falls due on the way.

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
    server.tell(answer, _lines)
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


def _lines(answer: dict[str, Any]) -> Iterator[str]:
    count, fired = answer["count"], answer["fired"]
    how = "Cancelled: it is" if answer.get("cancelled") else "It is"
    tasks = f"{count} tasks were" if count != 1 else "1 task was"
    yield f"{how} {instant(answer['now'])} now; {tasks} performed."
    if fired:
        yield ""
        yield from promises(fired[:MOST_LISTED])
    if count > MOST_LISTED:
        yield f"… and {count - min(len(fired), MOST_LISTED)} more"


def promises(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Write promises, kept or still to keep: when, whom they concern, and what they bring about."""
    return table(("DUE", "WHO", "WHAT"), [(instant(row["due"]), row["who"], row["what"]) for row in rows])
