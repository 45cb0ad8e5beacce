from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mockserver.cli import main
from mockserver.web.server import Server

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server of the demo world, whose time stands until it is advanced."""
    server = Server(port=0, world="demo", start="2026-03-02T09:00:00Z", speed=0)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def run(server: Server) -> Run:
    """Run a command of the command line against the server, in 80 columns; its world is new."""

    def call(*words: object) -> Result:
        runner = CliRunner(env={"MOCKSERVER_URL": server.url, "COLUMNS": "80"})
        return runner.invoke(main, [str(word) for word in words], catch_exceptions=False)

    server.double.reset()
    return call


@pytest.fixture
def lines(run: Run) -> Callable[..., list[str]]:
    """Run a command that ends well; return the lines it prints, each within 80 columns but for keys."""

    def call(*words: object) -> list[str]:
        result = run(*words)
        assert result.exit_code == 0, result.output
        printed = result.stdout.splitlines()
        assert all(len(line) <= 80 or len(line.split()[-1]) >= 64 for line in printed), printed
        return printed

    return call


@pytest.fixture
def answer(run: Run) -> Callable[..., Any]:
    """Run a command with `--json`; return what the server answered."""

    def call(*words: object) -> Any:
        result = run(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return call


@pytest.fixture
def invite(server: Server) -> Callable[..., None]:
    """Let the shop invite somebody to review an order."""
    from mockserver.services.securating.model import Securating, Solicitation
    from mockserver.services.securating.rules import create_invitation

    def call(email: str = "anna@example.com", **asked: Any) -> None:
        with server.double.present() as world:
            website = next(iter(world.state(Securating).websites.values()))
            create_invitation(world, website, Solicitation(email=email, first_name="Anna", **asked), mailed=True)

    return call
