"""The command line: one module for each command, imported when it is called for."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

import click

from mockserver import __version__
from mockserver.core.errors import MockServerError


class Entry(NamedTuple):
    """Where a command is (`module:attribute`), and what the list of commands says about it."""

    place: str
    help: str


COMMANDS = {
    "serve": Entry("mockserver.cli.serve:serve", "Run the double until it is interrupted."),
    "run": Entry("mockserver.cli.run:run", "Run a command against a double of its own, under the real addresses."),
    "ca": Entry("mockserver.cli.ca:ca", "Print the certificate that clients trust for https."),
    "advance": Entry("mockserver.cli.advance:advance", "Let time pass, and perform what falls due."),
    "agenda": Entry("mockserver.cli.agenda:agenda", "List what will happen."),
    "outbox": Entry("mockserver.cli.outbox:outbox", "List letters and text messages that left."),
    "journal": Entry("mockserver.cli.journal:journal", "List calls, their answers, and why."),
    "people": Entry("mockserver.cli.people:people", "Be a customer, or somebody with a phone."),
    "webhooks": Entry("mockserver.cli.webhooks:webhooks", "List webhooks, and have them delivered."),
    "fault": Entry("mockserver.cli.fault:fault", "Plan failures."),
    "snapshot": Entry("mockserver.cli.snapshot:snapshot", "Keep a world, and come back to it."),
    "tenant": Entry("mockserver.cli.tenant:tenant", "Worlds beside each other in one server."),
    "reset": Entry("mockserver.cli.reset:reset", "Begin again with the world as it was given."),
    "world": Entry("mockserver.cli.world:world", "Check a world file, list those that are shipped."),
    "contract": Entry("mockserver.cli.contract:contract", "Hold the double, or a real account, against the contract."),
    "claims": Entry("mockserver.cli.claims:claims", "List what is known, observed or assumed about the services."),
}
"""Every command by its name, in the order in which they are listed."""


class _Commands(click.Group):
    """Imports a command when it is called, and says what the double's own errors say, in one line."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from mockserver.services.nearness import did_you_mean  # noqa: PLC0415 - nor does what is spelt right

            hint = did_you_mean(args[0], COMMANDS) or f"there are {', '.join(COMMANDS)}"
            ctx.fail(f"no such command {args[0][:80]!r}; {hint}")
        return super().resolve_command(ctx, args)

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].place.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.help) for name, command in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except MockServerError as error:
            raise click.ClickException(str(error)) from None
        except LookupError as error:
            from mockserver.services.finding import NotFound  # noqa: PLC0415 - `--help` needs no services

            if not isinstance(error, NotFound):
                raise
            raise click.ClickException(str(error)) from None
        except OSError as error:  # a pipe that nobody reads any more has no file name: click ends it quietly
            if error.filename is None:
                raise
            raise click.ClickException(f"{error.filename}: {error.strerror}") from None


@click.group(cls=_Commands)
@click.version_option(__version__, prog_name="mockserver")
def main() -> None:
    """Run an offline double of Securating and sms-vote, on a clock you own."""
