"""`mockserver tenant`: worlds beside each other in one server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from mockserver.cli.remote import Remote, given, remote
from mockserver.cli.table import facts, instant, table
from mockserver.client.wire import quoted


@click.group()
def tenant() -> None:
    """Worlds beside each other in one server, each with its own credentials, clock and people."""


@tenant.command()
@click.option("--world", help="A shipped world, such as demo. [default: empty]")
@click.option(
    "--start",
    metavar="INSTANT",
    help="When its time begins. [default: as the world says, or the server's --start, or now]",
)
@click.option("--seed", help="What its chance comes from; the same seed, the same bytes.")
@click.option("--speed", type=float, help="Virtual seconds to a real one; 0 stands until advanced.")
@remote
def create(server: Remote, **wanted: Any) -> None:
    """Begin a world of its own; prints its number and credentials."""
    server.tell(server.wire.post("/tenants", given(**wanted)), facts)


@tenant.command("list")
@remote
def list_tenants(server: Remote) -> None:
    """List the worlds that the server holds."""
    server.tell(server.wire.get("/tenants"), _lines)


def _lines(answer: dict[str, Any]) -> Iterator[str]:
    cells = [(row["id"], instant(row["now"]), row["idle_seconds"], row["exchanges"]) for row in answer["tenants"]]
    return table(("ID", "NOW", "IDLE SECONDS", "EXCHANGES"), cells)


@tenant.command()
@click.argument("number", metavar="ID")
@remote
def show(server: Remote, number: str) -> None:
    """Show one: its clock and its credentials."""
    server.tell(server.wire.get(f"/tenants/{quoted(number)}"), facts)


@tenant.command()
@click.argument("number", metavar="ID")
@remote
def drop(server: Remote, number: str) -> None:
    """End one, and forget its world."""
    server.tell(server.wire.delete(f"/tenants/{quoted(number)}"), lambda _answer: [f"{number} is gone."])
