"""`mockserver claims`."""

from __future__ import annotations

import json
import shlex
import textwrap
from collections.abc import Iterable
from datetime import timedelta

import click

from mockserver.core.instants import parse_duration
from mockserver.runtime.claims import GRADES, Assumption, claims_as_rows, ledger
from mockserver.runtime.differences import differences_as_markdown
from mockserver.runtime.learned import MAX_AGE, Learned, read_learned
from mockserver.runtime.pace import real_now
from mockserver.services.facts import to_json
from mockserver.services.fields import shown


def _tell_differences(ctx: click.Context, _parameter: click.Parameter, is_asked: bool) -> None:
    if is_asked:
        click.echo(differences_as_markdown(), nl=False)
        ctx.exit()


@click.command()
@click.option("--grade", type=click.Choice(["D", "O", "A"]), help="Documented, observed or assumed claims only.")
@click.option("--settings", metavar="FILE", help="Show what a real account has taught (see contract --learn).")
@click.option("--max-age", default=f"{MAX_AGE.days}d", show_default=True, help="Say so of what was seen before that.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option(
    "--differences",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_tell_differences,
    help="Instead, what is not emulated, left open or assumed, as Markdown.",
)
def claims(grade: str | None, settings: str | None, max_age: str, *, as_json: bool) -> None:
    """List every claim about the two services: its grade, and the settings that change what is assumed."""
    learned, age = read_learned(settings) if settings else [], parse_duration(max_age, "--max-age")
    if as_json:
        click.echo(_json(grade, learned, age))
        return
    for claim in ledger():
        if grade and grade not in claim.grade:
            continue
        grades = ", ".join(GRADES[letter] for letter in claim.grade.split("+"))
        click.secho(f"{claim.id}  ({grades})", bold=True)
        click.echo(textwrap.fill(claim.statement, 80, initial_indent="  ", subsequent_indent="  "))
        for setting in claim.settings:
            _show(setting, [each for each in learned if each.setting == setting.name], age)


def _show(setting: Assumption, learned: Iterable[Learned], age: timedelta) -> None:
    click.echo(f"  --set {shlex.quote(f'{setting.name}={setting.default}')}")
    click.echo(textwrap.fill(setting.meaning, 80, initial_indent="      ", subsequent_indent="      "))
    for each in learned:
        is_old = each.is_older(age, real_now().date())
        old = f", longer ago than {age.days}d: look again" if is_old else ""
        click.echo(f"      seen on {each.seen_at}: {shown(each.value)}{old}")


def _json(grade: str | None, learned: Iterable[Learned], age: timedelta) -> str:
    today = real_now().date()
    seen = [to_json(each) | {"is_old": each.is_older(age, today)} for each in learned]
    rows = [row for row in claims_as_rows() if not grade or grade in str(row["grade"])]
    for row in rows if seen else ():
        row["learned"] = [each for each in seen if row["id"] in each["claims"]]
    return json.dumps(rows, ensure_ascii=False, indent=2)
