"""`mockserver snapshot`: worlds kept, restored, forked, and saved to files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from mockserver.cli.remote import Remote, as_json, given, remote
from mockserver.cli.reset import began
from mockserver.cli.table import facts, instant, table
from mockserver.client.wire import quoted
from mockserver.core.errors import InvalidInput

FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def snapshot() -> None:
    """Keep a world as it is, and come back to it."""


@snapshot.command()
@click.argument("name", default="")
@remote
def take(server: Remote, name: str) -> None:
    """Keep the world as it is, under NAME or one that the server makes up."""
    server.tell(server.wire.post("/snapshots", given(name=name)), _taken)


def _taken(row: dict[str, Any]) -> Iterator[str]:
    replaced = row.pop("replaced", None)
    return facts(row | {"replaced": f"the one taken at {instant(replaced)}" if replaced else None})


@snapshot.command("list")
@remote
def list_snapshots(server: Remote) -> None:
    """List what is kept."""
    server.tell(server.wire.get("/snapshots"), _lines)


def _lines(answer: dict[str, Any]) -> Iterator[str]:
    cells = [(row["name"], instant(row["taken_at"])) for row in answer["snapshots"]]
    return table(("NAME", "TAKEN AT"), cells) if cells else iter(["No snapshot is kept."])


@snapshot.command()
@click.argument("name")
@remote
def restore(server: Remote, name: str) -> None:
    """Make the world what it was when NAME was taken."""
    server.tell(server.wire.post(f"/snapshots/{quoted(name)}/restore"), began)


@snapshot.command()
@click.argument("name")
@remote
def fork(server: Remote, name: str) -> None:
    """Begin a new tenant with the world that NAME holds."""
    server.tell(server.wire.post(f"/snapshots/{quoted(name)}/fork"), facts)


@snapshot.command()
@click.argument("name")
@remote
def drop(server: Remote, name: str) -> None:
    """Keep NAME no longer."""
    server.tell(server.wire.delete(f"/snapshots/{quoted(name)}"), lambda _answer: [f"{name} is kept no longer."])


@snapshot.command()
@click.argument("file", type=FILE)
@click.option("--name", help="That snapshot. [default: the world as it is]")
@remote
def save(server: Remote, file: Path, name: str | None) -> None:
    """Write a snapshot to FILE, as JSON."""
    taken = name or server.wire.post("/snapshots")["name"]
    try:
        kept = server.wire.get(f"/snapshots/{quoted(taken)}")
    finally:
        if not name:
            server.wire.delete(f"/snapshots/{quoted(taken)}")
    file.write_text(as_json(kept) + "\n", encoding="utf-8")
    server.tell({"file": str(file), "bytes": file.stat().st_size}, facts)


@snapshot.command()
@click.argument("file", type=FILE)
@click.option("--name", help="Keep it under that name, too.")
@remote
def load(server: Remote, file: Path, name: str | None) -> None:
    """Make the world what it was when FILE was saved."""
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InvalidInput(str(file), f"{error}; a file that `snapshot save` wrote expected") from None
    loaded = server.wire.post("/snapshots", {"snapshot": kept, **given(name=name)})["name"]
    try:
        clock = server.wire.post(f"/snapshots/{quoted(loaded)}/restore")
    finally:
        if not name:
            server.wire.delete(f"/snapshots/{quoted(loaded)}")
    server.tell(clock, began)
