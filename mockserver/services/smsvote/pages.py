"""The pages of sms-vote: a vote on a screen, its result as HTML, several votes as an Excel table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from mockserver.core.errors import Refusal
from mockserver.core.world import World
from mockserver.services.nearness import MOST_COMPARED, did_you_mean
from mockserver.services.service import HTML, NOT_MODIFIED, Reply, Request
from mockserver.services.smsvote.errors import NO_SUCH_PAGE
from mockserver.services.smsvote.localtime import write_local
from mockserver.services.smsvote.model import ACTIVE, DELETED, FINISHED, NOT_ACTIVE, Option, SmsVote, Vote
from mockserver.services.templates import read_block, render

FOLDER = Path(__file__).parent / "templates"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

LONGEST_CELL = 32_767
"""Characters that a cell of an Excel table can hold."""

_COLUMNS = {"№": 6, "Голосование": 30, "Вопрос": 40, "Статус": 12, "Начало": 20, "Конец": 20, "Код": 8, "Ответ": 40,
            "Голосов": 10}  # fmt: skip


STATUSES = {NOT_ACTIVE: "Голосование ещё не запущено", ACTIVE: "Идёт голосование", FINISHED: "Голосование окончено",
            DELETED: "Голосование удалено"}  # fmt: skip
"""What a screen says of each status."""

IN_SHORT = {NOT_ACTIVE: "не запущено", ACTIVE: "идёт", FINISHED: "окончено", DELETED: "удалено"}
"""What a table says of each status."""

NO_DATE = "—"


def screen(world: World, request: Request) -> Reply:
    """Show the vote with the hash `v` on a screen (SMS-V6); 304 to a screen that shows it already."""
    state = world.state(SmsVote)
    vote = _find_vote(state, request, "v")
    script = read_block(FOLDER, "screen.js")
    counts, total = _counted(state, vote)
    shown = _page(
        "screen.html",
        vote=vote,
        counts=counts,
        total=total,
        shares=[round(100 * count / (total or 1)) for _, count in counts],
        most=max((count for _, count in counts), default=0),
        participants=sum(global_id == vote.global_id for global_id, _ in state.ballots),
        words=STATUSES,
        script=script.text,
        policy=f"; script-src {script.hash}; connect-src 'self'",
    )
    tag = f'"{sha256(shown.body).hexdigest()[:16]}"'
    headers = (*shown.headers, ("Cache-Control", "no-cache"), ("ETag", tag))
    if request.headers.get("if-none-match") == tag:
        return Reply(NOT_MODIFIED, b"", HTML, headers)
    return replace(shown, headers=headers)


def export(world: World, request: Request) -> Reply:
    """Export the result of the vote with the hash `x` as HTML (SMS-V6)."""
    state = world.state(SmsVote)
    vote = _find_vote(state, request, "x")
    counts, total = _counted(state, vote)
    return _page(
        "export.html",
        "export.css",
        vote=vote,
        status=IN_SHORT[vote.status],
        counts=counts,
        total=total,
        dates=_dates(state, vote),
    )


def _dates(state: SmsVote, vote: Vote) -> list[str]:
    """Return when a vote began and ended, as people read it: a report has a zero date for what has not come."""
    instants = (vote.started_at, vote.ended_at)
    return [write_local(state.settings, instant) if instant else NO_DATE for instant in instants]


def no_such_page() -> Reply:
    """Answer a hash that no vote has."""
    return replace(_page("missing.html"), status=404)


def _page(template: str, sheet: str = "screen.css", policy: str = "", **values: object) -> Reply:
    """Return a page that wears and runs its own blocks only; more of its content-security policy is in `policy`."""
    style = read_block(FOLDER, sheet)
    policy = f"default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src {style.hash}{policy}"
    page = Reply.page(render(FOLDER, template, style=style.text, **values))
    return replace(page, headers=(("Content-Security-Policy", policy),))


def _counted(state: SmsVote, vote: Vote) -> tuple[list[tuple[Option, int]], int]:
    """Return each option with its ballots, and how many there are in all."""
    counts = [(option, state.tally[option.global_id]) for option in vote.options]
    return counts, sum(count for _, count in counts)


def _find_vote(state: SmsVote, request: Request, name: str) -> Vote:
    try:
        given = request.params().get(name, "")
    except ValueError as problem:
        raise Refusal(NO_SUCH_PAGE, str(problem), name) from None
    if given not in state.votes_by_hash:
        hint = did_you_mean(given, list(state.votes_by_hash)[-MOST_COMPARED:])
        raise Refusal(NO_SUCH_PAGE, f"no vote has the hash {given[:80]!r}", name, hint)
    account_id, nr = state.votes_by_hash[given]
    vote = state.cabinets[account_id].votes[nr]
    if vote.status not in state.settings.reported_statuses:
        raise Refusal(NO_SUCH_PAGE, f"vote {nr} of account {account_id} is {vote.status}", name, claims=("SMS-V8",))
    return vote


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
    sheet.freeze_panes(1, 0)
    rows = [row for vote in votes for row in _table_rows(state, vote)]
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):  # texts as texts: one that begins with = is no formula
            if isinstance(value, int):
                sheet.write_number(number, column, value)
            else:
                sheet.write_string(number, column, value[:LONGEST_CELL])
    book.close()
    return Reply(200, file.getvalue(), XLSX, (("Content-Disposition", 'attachment; filename="votes.xlsx"'),))


def _table_rows(state: SmsVote, vote: Vote) -> list[tuple[int | str, ...]]:
    status, dates = IN_SHORT[vote.status], _dates(state, vote)
    about: tuple[int | str, ...] = (vote.nr, vote.name, vote.question, status, *dates)
    return [(*about, option.code, option.text, state.tally[option.global_id]) for option in vote.options]
