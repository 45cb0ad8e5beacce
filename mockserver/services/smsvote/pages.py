"""The pages of sms-vote: a vote on a screen, its result as HTML, several votes as an Excel table."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from mockserver.core.errors import Refusal
from mockserver.core.world import World
from mockserver.services.service import HTML, Reply, Request
from mockserver.services.smsvote.errors import NO_SUCH_PAGE
from mockserver.services.smsvote.localtime import written
from mockserver.services.smsvote.model import SmsVote, Vote
from mockserver.services.templates import render

FOLDER = Path(__file__).parent / "templates"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_COLUMNS = {"№": 6, "Голосование": 30, "Вопрос": 40, "Статус": 12, "Начало": 20, "Конец": 20, "Код": 8, "Ответ": 40,
            "Голосов": 10}  # fmt: skip


def screen(world: World, request: Request) -> Reply:
    """Show the vote with the hash `v` on a screen (SMS-V6)."""
    return _vote_page(world, request, "v", "screen.html")


def export(world: World, request: Request) -> Reply:
    """Export the result of the vote with the hash `x` as HTML (SMS-V6)."""
    return _vote_page(world, request, "x", "export.html")


def _vote_page(world: World, request: Request, name: str, template: str) -> Reply:
    state = world.state(SmsVote)
    vote = _find_vote(state, request, name)
    counts = [(option, state.tally[option.global_id]) for option in vote.options]
    total = sum(count for _, count in counts)
    dates = [written(state.settings, instant) for instant in (vote.started_at, vote.ended_at)]
    return Reply.page(render(FOLDER, template, vote=vote, counts=counts, total=total, dates=dates))


def _find_vote(state: SmsVote, request: Request, name: str) -> Vote:
    try:
        given = request.params().get(name, "")
    except ValueError as problem:
        raise Refusal(NO_SUCH_PAGE, str(problem), name) from None
    if given not in state.votes_by_hash:
        raise Refusal(NO_SUCH_PAGE, f"no vote has the hash {given[:80]!r}", name)
    account_id, nr = state.votes_by_hash[given]
    vote = state.cabinets[account_id].votes[nr]
    if vote.status not in state.settings.reported_statuses:
        raise Refusal(NO_SUCH_PAGE, f"vote {nr} of account {account_id} is {vote.status}", name)
    return vote


def no_such_page(notes: tuple[str, ...]) -> Reply:
    """Answer a hash that no vote has."""
    return Reply(404, render(FOLDER, "missing.html").encode(), HTML, notes=notes)


def export_votes(world: World, votes: Sequence[Vote]) -> Reply:
    """Export several votes as one Excel table, a row for each option (SMS-V7); 501 where XlsxWriter is missing."""
    try:
        import xlsxwriter  # noqa: PLC0415 - an extra that is not always there
    except ImportError:
        return Reply(501, b"an Excel table needs XlsxWriter: pip install XlsxWriter")
    state = world.state(SmsVote)
    file = BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.set_properties({"created": world.clock.now})  # the same table is the same bytes
    sheet = book.add_worksheet("Голосования")
    bold = book.add_format({"bold": True})
    for column, (title, width) in enumerate(_COLUMNS.items()):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, bold)
    rows = [row for vote in votes for row in _table_rows(state, vote)]
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):  # texts as texts: one that begins with = is no formula
            write = sheet.write_number if isinstance(value, int) else sheet.write_string
            write(number, column, value)
    book.close()
    return Reply(200, file.getvalue(), XLSX, (("Content-Disposition", 'attachment; filename="votes.xlsx"'),))


def _table_rows(state: SmsVote, vote: Vote) -> list[tuple[int | str, ...]]:
    dates = (written(state.settings, instant) for instant in (vote.started_at, vote.ended_at))
    about: tuple[int | str, ...] = (vote.nr, vote.name, vote.question, vote.status, *dates)
    return [(*about, option.code, option.text, state.tally[option.global_id]) for option in vote.options]
