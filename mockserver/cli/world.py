"""`mockserver world`: files that say who is known and what has happened."""

from __future__ import annotations

from collections.abc import Iterator

import click

from mockserver.cli.remote import as_json
from mockserver.cli.table import instant
from mockserver.core.world import World
from mockserver.runtime.pace import real_now
from mockserver.runtime.worlds import census, load_world, shipped_worlds


@click.group()
def world() -> None:
    """Files that say who is known to each service, and what has happened already."""


@world.command("list")
def list_worlds() -> None:
    """List the worlds that are shipped: any of these names goes after --world."""
    for name in shipped_worlds():
        click.echo(name)


@world.command()
@click.argument("file")
@click.option("--json", "is_json", is_flag=True, help="As JSON.")
def check(file: str, *, is_json: bool) -> None:
    """Read a world FILE (or a shipped world); say what is in it, or where its first mistake is."""
    loaded = load_world(file, real_now())
    for line in [as_json(_summary(loaded))] if is_json else _lines(file, loaded):
        click.echo(line)


def _summary(loaded: World) -> dict[str, object]:
    return {
        "start": loaded.clock.now.isoformat(),
        **census(loaded),
        "outbox": len(loaded.outbox),
        "webhooks": len(loaded.webhooks.calls),
        "agenda": len(loaded.upcoming()),
    }


def _lines(file: str, loaded: World) -> Iterator[str]:
    summary = _summary(loaded)
    yield f"{file} is a world. It begins at {instant(summary.pop('start'))} UTC with:"
    yield ""
    for name, count in summary.items():
        kinds = count if isinstance(count, dict) else {"": count}
        for kind, number in kinds.items():
            if number:
                yield f"{number:>7}  {' '.join(filter(None, (name, kind.replace('_', ' '))))}"
