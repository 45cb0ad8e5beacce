"""The command line: `mockserver serve`, `mockserver claims`."""

from __future__ import annotations

import json
import os
import shlex
import signal
import textwrap
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from mockserver import __version__
from mockserver.core.errors import MockServerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.web.server import Server


class _Commands(click.Group):
    """Says what the double's own errors say, in one line."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except MockServerError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=_Commands)
@click.version_option(__version__, prog_name="mockserver")
def main() -> None:
    """Run an offline double of Securating and sms-vote, on a clock you own."""


@main.command()
@click.option("--port", default=8052, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--world", default="demo", show_default=True, metavar="FILE", help="A shipped world, or a file.")
@click.option("--start", metavar="INSTANT", help="When time begins, such as 2026-03-01T10:00:00Z. [default: now]")
@click.option(
    "--speed", default=1.0, show_default=True, type=click.FloatRange(0, 1e9), help="Virtual seconds to a real one."
)
@click.option("--set", "overrides", multiple=True, metavar="NAME=VALUE", help="Override an assumption (see claims).")
@click.option("--webhook-host", "webhook_hosts", multiple=True, metavar="NAME", help="Send webhooks there too.")
@click.option("--serve-host", "serve_hosts", multiple=True, metavar="NAME", help="Answer under that host name too.")
@click.option("--max-body", default=1 << 20, show_default=True, type=click.IntRange(0), help="Bytes of a request body.")
@click.option("--ready-file", type=click.Path(path_type=Path, dir_okay=False), help="Written once the server answers.")
def serve(ready_file: Path | None, **options: Any) -> None:
    """Run the double until it is interrupted."""
    from mockserver.web.server import Server  # noqa: PLC0415 - `mockserver --help` needs no server

    if ready_file:
        ready_file.unlink(missing_ok=True)  # one that a killed server left behind would be believed
    if options["speed"] != options["speed"]:
        raise click.BadParameter("nan, a number expected", param_hint="--speed")
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stopped.set())
    server = Server(**options)
    with _running(server), _announced(server, ready_file):
        click.echo(server.welcome())
        stopped.wait()


@contextmanager
def _running(server: Server) -> Iterator[None]:
    try:
        server.start()
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]
        raise click.ClickException(f"{server.address}: {reason}; choose another with --port or --host") from None
    try:
        yield
    finally:
        server.stop()


@contextmanager
def _announced(server: Server, ready_file: Path | None) -> Iterator[None]:
    if ready_file is None:
        yield
        return
    half = ready_file.with_name(f"{ready_file.name}.{os.getpid()}")
    try:
        half.write_text(json.dumps(server.ready(), indent=2) + "\n", encoding="utf-8")
        half.replace(ready_file)
    except OSError as error:
        raise click.ClickException(f"--ready-file {ready_file}: {error.strerror}") from None
    try:
        yield
    finally:
        ready_file.unlink(missing_ok=True)


@main.command()
@click.option("--grade", type=click.Choice(["D", "O", "A"]), help="Documented, observed or assumed claims only.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def claims(grade: str | None, *, as_json: bool) -> None:
    """List every claim about the two services: its grade, and the settings that change what is assumed."""
    from mockserver.runtime.claims import GRADES, claims_as_rows, ledger  # noqa: PLC0415

    if as_json:
        rows = [row for row in claims_as_rows() if not grade or grade in str(row["grade"])]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for claim in ledger():
        if grade and grade not in claim.grade:
            continue
        grades = ", ".join(GRADES[letter] for letter in claim.grade.split("+"))
        click.secho(f"{claim.id}  ({grades})", bold=True)
        click.echo(textwrap.fill(claim.statement, 80, initial_indent="  ", subsequent_indent="  "))
        for setting in claim.settings:
            click.echo(f"  --set {shlex.quote(f'{setting.name}={setting.default}')}")
            click.echo(textwrap.fill(setting.meaning, 80, initial_indent="      ", subsequent_indent="      "))
