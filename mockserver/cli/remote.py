"""What every command against a running server has in common: where it is, for which tenant, and `--json`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, TypeVar

import click

from mockserver.client.wire import Wire

URL = "http://127.0.0.1:8052"

Command = TypeVar("Command", bound=Callable[..., object])


class Remote:
    """A running server, as one command sees it."""

    def __init__(self, wire: Wire, *, as_json: bool) -> None:
        self.wire = wire
        self.as_json = as_json

    def tell(self, answer: object, lines: Callable[[Any], Iterable[str]]) -> None:
        """Print an answer: as the server's JSON where that was asked for, else as `lines` words it."""
        for line in [as_json(answer)] if self.as_json else lines(answer):
            click.echo(line)


def as_json(answer: object) -> str:
    """Return an answer of the server as it was, letters as they are."""
    return json.dumps(answer, ensure_ascii=False, indent=2)


def remote(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the common options, and a `Remote` as its first argument."""

    @click.option("--url", envvar="MOCKSERVER_URL", default=URL, show_default=True, help="Where the server is.")
    @click.option("--tenant", envvar="MOCKSERVER_TENANT", default="", metavar="ID", help="Whose world. [default: main]")
    @click.option("--token", envvar="MOCKSERVER_TOKEN", default="", help="What a server on a wider port printed.")
    @click.option("--json", "as_json", is_flag=True, help="The server's answer as it is.")
    @wraps(command)
    def run(*, url: str, tenant: str, token: str, as_json: bool, **options: object) -> None:
        with Wire(url, tenant, token) as wire:
            command(Remote(wire, as_json=as_json), **options)

    return run


def filters(*options: tuple[str, str]) -> Callable[[Command], Command]:
    """Give a command one option for each parameter of the row behind it: its name, and what it chooses."""

    def decorate(command: Command) -> Command:
        for name, meaning in reversed(options):
            command = click.option(f"--{name}", metavar="TEXT", help=meaning)(command)
        return command

    return decorate


def given(**values: object) -> Mapping[str, object]:
    """Return the values that are there."""
    return {name: value for name, value in values.items() if value not in (None, "")}
