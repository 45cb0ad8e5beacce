"""`mockserver serve`."""

from __future__ import annotations

import json
import logging
import math
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

import click

from mockserver.web.server import Server

Command = TypeVar("Command", bound=Callable[..., object])


def _checked_speed(_ctx: click.Context, _parameter: click.Parameter, speed: float) -> float:
    if math.isnan(speed):
        raise click.BadParameter("nan, a number expected")
    return speed


OPTIONS = [
    click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on."),
    click.option("--world", default="demo", show_default=True, metavar="FILE", help="A shipped world, or a file."),
    click.option("--start", metavar="INSTANT", help="When time begins, such as 2026-03-01T10:00:00Z. [default: now]"),
    click.option(
        "--speed",
        default=1.0,
        show_default=True,
        type=click.FloatRange(0, 1e9),
        callback=_checked_speed,
        help="Virtual seconds to a real one.",
    ),
    click.option("--settings", metavar="FILE", help="What a real account has taught (see contract --learn)."),
    click.option(
        "--set", "overrides", multiple=True, metavar="NAME=VALUE", help="Override an assumption (see claims)."
    ),
    click.option("--webhook-host", "webhook_hosts", multiple=True, metavar="NAME", help="Send webhooks there too."),
    click.option("--serve-host", "serve_hosts", multiple=True, metavar="NAME", help="Answer under that host name too."),
    click.option(
        "--max-body", default=1 << 20, show_default=True, type=click.IntRange(0), help="Bytes of a request body."
    ),
    click.option(
        "--tenant-idle", default="1h", show_default=True, metavar="DURATION", help="Then a tenant is forgotten."
    ),
    click.option(
        "--journal", default=1000, show_default=True, type=click.IntRange(1), help="Calls each journal holds."
    ),
    click.option(
        "--explain/--no-explain", "explains", default=True, help="Say in X-Mock- headers why an answer is so."
    ),
]
"""What a server can be told, beside the port it listens on."""


def server_options(port: int) -> Callable[[Command], Command]:
    """Give a command the options of a server; it listens on `port` unless told otherwise."""
    own = click.option(
        "--port", default=port, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one."
    )

    def decorate(command: Command) -> Command:
        for option in [*reversed(OPTIONS), own]:
            command = option(command)
        return command

    return decorate


@click.command()
@server_options(port=8052)
@click.option("--ready-file", type=click.Path(path_type=Path, dir_okay=False), help="Written once the server answers.")
@click.option("--quiet", is_flag=True, help="Print neither a welcome nor a line for each call.")
def serve(ready_file: Path | None, *, quiet: bool, **options: Any) -> None:
    """Run the double until it is interrupted."""
    if ready_file:
        ready_file.unlink(missing_ok=True)  # one that a killed server left behind would be believed
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stopped.set())
    server = Server(**options)
    with nullcontext() if quiet else exchanges_printed(), running(server), _announced(server, ready_file):
        if not quiet:
            click.echo(server.welcome())
        stopped.wait()


@contextmanager
def exchanges_printed() -> Iterator[None]:
    """Have a line on standard error say of each call what was answered, and why, within `with`."""
    log, printer = logging.getLogger("mockserver"), logging.StreamHandler()
    log.addHandler(printer)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.setLevel(logging.NOTSET)
        log.removeHandler(printer)


@contextmanager
def running(server: Server) -> Iterator[None]:
    """Have a server answer within `with`."""
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
