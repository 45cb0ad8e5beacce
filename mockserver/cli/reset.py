"""`mockserver reset`: begin again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from mockserver.cli.remote import Remote, remote
from mockserver.cli.table import instant


@click.command()
@remote
def reset(server: Remote) -> None:
    """Begin again with the world as it was given."""
    server.tell(server.wire.post("/reset"), began)


def began(clock: dict[str, Any]) -> Iterator[str]:
    """Say where a clock stands that was set anew."""
    yield f"It is {instant(clock['now'])} now."
