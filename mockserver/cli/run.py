"""`mockserver run`: a command, and all that it starts, talks to a double of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from mockserver.cli.offspring import Offspring
from mockserver.cli.serve import running, server_options
from mockserver.cli.summary import summary
from mockserver.cli.surroundings import surroundings
from mockserver.cli.watcher import watched
from mockserver.web.server import Server

NOT_FOUND, NOT_EXECUTABLE = 127, 126
"""What a shell returns for a command that it cannot run."""


@click.command(context_settings={"allow_interspersed_args": False})
@server_options(port=0)
@click.option("--quiet", is_flag=True, help="Print no summary.")
@click.argument("command", nargs=-1, required=True, metavar="-- COMMAND…", type=click.UNPROCESSED)
def run(command: tuple[str, ...], *, quiet: bool, **options: Any) -> None:
    """Run COMMAND against a double of its own, under the real addresses, and return its exit code.

    The double is its proxy for http and https, and is trusted for https, by way of the environment: curl, requests,
    httpx, PHP (curl and streams), Java, Node and most others need no change. A summary of the calls goes to
    the error stream.

    Nothing is ever forwarded: clients that use the proxy get 403 for every other host. Those named in NO_PROXY are
    still reached directly; loopback always is. Clients that look at no proxy reach the real services, such as Python's
    aiohttp without trust_env, and PHP's streams where it runs no auto_prepend_file of ours: in the code of php -r, and
    under php -n.

    Beside the proxy's own variables, COMMAND finds MOCKSERVER_URL, the credentials (MOCKSERVER_SECURATING_KEYWEBSITE,
    MOCKSERVER_SMSVOTE_ID, MOCKSERVER_SMSVOTE_SECURE), and MOCKSERVER_READY, a JSON file with all of them.
    """
    server = Server(**options)
    with TemporaryDirectory(prefix="mockserver-") as folder, running(server), watched(Path(folder)) as watch:
        environment = surroundings(server.url, server.ready(), Path(folder), os.environ)
        try:
            with Offspring(command, environment) as offspring:
                watch(offspring.group)
                code = offspring.wait()
        except OSError as error:
            click.echo(f"mockserver: {command[0]}: {error.strerror}", err=True)
            sys.exit(NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE)
        for line in [] if quiet else summary(server):
            click.echo(line, err=True)
    sys.exit(code)
