"""`mockserver contract`: the double, or a real account, held against the contract."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mockserver.contract.cases import all_cases
from mockserver.contract.options import OPTIONS, Option, Wishes, prepared, wish
from mockserver.contract.report import Report
from mockserver.contract.run import CONFIRMED, Run, Verdict
from mockserver.core.errors import InvalidInput
from mockserver.runtime.learned import write_learned


def _with_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(OPTIONS):
        command = _declared(option)(command)
    return command


def _declared(option: Option) -> Callable[[Callable[..., None]], Callable[..., None]]:
    kind: Any = click.Choice(option.choices) if option.choices else type(option.default)
    return click.option(
        f"--{option.name}",
        default=None if option.is_many else option.default,
        type=kind,
        multiple=option.is_many,
        envvar=option.env or None,
        help=option.help,
        show_default=bool(option.default) and option.default != -1,
        metavar=None if option.choices else "NUMBER" if kind is int else "TEXT",
    )


@click.command()
@_with_options
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
def contract(*, as_json: bool, **told: Any) -> None:
    """Hold the double, or a live account of your own, against every claim that can be seen from outside.

    A live account is read before it is written to; only the phones and addresses that you list are written to, each
    time announced before, never twice for one answer, and no more than --spend messages and invitations in all.

    Exit codes: 0 nothing contradicted; 1 a claim is; 2 usage; 3 credentials refused; 4 no answer, or not in time;
    5 an answer of no known shape; 130 interrupted. The report says what was found until then, and --learn keeps it.
    """
    wishes = wish(**told)
    try:
        with prepared(wishes, lambda line: click.echo(line, err=True)) as run:
            _play(run, wishes, as_json=as_json)
    except InvalidInput as mistake:
        raise click.UsageError(str(mistake)) from None
    sys.exit(run.exit_code)


def _play(run: Run, wishes: Wishes, *, as_json: bool) -> None:
    cases = all_cases()
    try:
        run.play_all(cases, lambda verdict: _show(verdict, len(run.verdicts), len(cases)))
    finally:
        if wishes.learn and run.learned:
            write_learned(Path(wishes.learn), run.learned_settings())
    report = Report(run, wishes.given(), wishes.age())
    click.echo(report.as_json() if as_json else "\n".join(report.lines()))
    if wishes.learn:
        told = f"Learned {len(run.learned)} settings" if run.learned else "Learned nothing, nothing is written"
        click.echo(f"{told}: {wishes.learn}", err=True)


def _show(verdict: Verdict, number: int, count: int) -> None:
    mark = "" if verdict.outcome == CONFIRMED else f": {verdict.outcome}"
    click.echo(f"{number:>4}/{count} {verdict.case.name}{mark}", err=True)
