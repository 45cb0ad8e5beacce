"""The pages of a vote, and several votes as an Excel table."""

from __future__ import annotations

import io
import re
import sys
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from mockserver.core.errors import Refusal
from mockserver.services.service import Reply
from mockserver.services.smsvote.model import QuestionDraft, SmsVote, Vote
from mockserver.services.smsvote.pages import XLSX
from mockserver.services.smsvote.votes import cast_ballot, create_vote, delete_vote, start_vote

if TYPE_CHECKING:
    from tests.services.smsvote.conftest import Integrator

Make = Callable[..., "Integrator"]


class Words(HTMLParser):
    """Collects the texts and the tags of a page."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append(data.strip())


@pytest.mark.claim("SMS-V6")
def test_the_screen_shows_question_options_and_counts(integrator: Integrator) -> None:
    reply = integrator.call("GET", "/", "v=4f2a9c1e7d305b86")
    assert (reply.status, reply.content_type) == (200, "text/html; charset=utf-8")
    words = Words(reply.body).words
    assert "Куда поедем летом?" in words
    assert [words[words.index(text) + 1] for text in ("1 — Байкал", "2 — Алтай", "3 — Карелия")] == ["3", "1", "1"]
    assert words[-2:] == ["Всего голосов:", "5"]


@pytest.mark.claim("SMS-V6")
def test_the_screen_counts_along(integrator: Integrator) -> None:
    integrator.phone_sends("2")
    words = Words(integrator.call("GET", "/", "v=4f2a9c1e7d305b86").body).words
    assert words[words.index("2 — Алтай") + 1] == "2"
    assert words[-1] == "6"


@pytest.mark.claim("SMS-V6")
def test_the_export_is_the_result_as_html(integrator: Integrator) -> None:
    reply = integrator.call("GET", "/", "x=b81d0c6f3a9e4752")
    words = Words(reply.body).words
    assert (reply.status, reply.content_type) == (200, "text/html; charset=utf-8")
    table = words[words.index("Лучший спектакль") :]
    assert table[1:] == [
        *("№", "28", "Вопрос", "Какой спектакль сезона лучший?", "Статус", "окончено", "Множественное", "нет"),
        *("Начало", "2015-03-20 18:00:00", "Конец", "2015-03-20 22:00:00", "Код", "Ответ", "Голосов"),
        *("1", "Вишнёвый сад", "1", "2", "Ревизор", "2", "Всего", "3"),
    ]


@pytest.mark.claim("SMS-V6")
def test_what_has_not_come_yet_is_a_dash_on_a_page_for_people(integrator: Integrator) -> None:
    vote = create_vote(integrator.world, 52, "Опрос", QuestionDraft("Да?", [("1", "Да")]))
    for status, start, end in (("не запущено", "—", "—"), ("идёт", "2026-", "—")):
        words = Words(integrator.call("GET", "/", f"x={vote.hash}").body).words
        assert words[words.index("Статус") + 1] == status
        assert words[words.index("Начало") + 1].startswith(start)
        assert words[words.index("Конец") + 1] == end
        if status == "не запущено":
            start_vote(integrator.world, 52, vote.nr)


@pytest.mark.claim("SMS-V6")
def test_a_vote_that_was_not_started_is_shown_without_counts(integrator: Integrator) -> None:
    vote = create_vote(integrator.world, 52, "Опрос", QuestionDraft("Да?", [("1", "Да")]))
    words = Words(integrator.call("GET", "/", f"v={vote.hash}").body).words
    assert "Голосование ещё не запущено" in words
    assert words[-1] == "0"


@pytest.mark.claim("SMS-V6")
@pytest.mark.parametrize("query", ["v=", "v=4f2a9c1e7d305b8", "v=%FF", "x=29", "x=437", "v=<script>alert(1)</script>"])
def test_an_unknown_hash_is_a_plain_page(integrator: Integrator, query: str) -> None:
    before = integrator.facts()
    reply = integrator.call("GET", "/", query)
    assert (reply.status, reply.content_type) == (404, "text/html; charset=utf-8")
    assert "Голосование не найдено" in Words(reply.body).words
    assert b"<script" not in reply.body
    assert reply.notes
    assert integrator.facts() == before


@pytest.mark.claim("SMS-V6", "SMS-V8")
def test_a_deleted_vote_is_not_shown(integrator: Integrator) -> None:
    delete_vote(integrator.world, 52, 29)
    reply = integrator.call("GET", "/", "v=4f2a9c1e7d305b86")
    assert (reply.status, reply.notes) == (404, ("v: vote 29 of account 52 is deleted",))


@pytest.mark.claim("SMS-V6")
def test_hostile_texts_stay_texts(integrator: Integrator) -> None:
    hostile = "<script>alert(1)</script>\"'&{{ 7*7 }}"
    vote = create_vote(integrator.world, 52, hostile, QuestionDraft(hostile, [("<b>", hostile)]))
    for name in ("v", "x"):
        page = integrator.call("GET", "/", f"{name}={vote.hash}").body
        assert Words(page).tags.count("script") == (name == "v")  # the screen's own
        assert any(hostile in word for word in Words(page).words)


@pytest.mark.claim("SMS-V6")
def test_the_screen_counts_participants_apart_from_their_ballots(integrator: Integrator) -> None:
    vote = create_vote(integrator.world, 52, "Опрос", QuestionDraft("Да?", [("1", "Да"), ("2", "Нет")]), True)
    start_vote(integrator.world, 52, vote.nr)
    for code in "112":
        cast_ballot(integrator.world, vote_now(integrator, vote.nr), "79000000001", vote.options[int(code) - 1])
    words = Words(integrator.call("GET", "/", f"v={vote.hash}").body).words
    assert words[words.index("1 — Да") + 1 :][:2] == ["2", "67 %"]
    assert words[-4:] == ["Участников:", "1", "Всего голосов:", "3"]


def vote_now(integrator: Integrator, nr: int) -> Vote:
    return integrator.world.state(SmsVote).cabinets[52].votes[nr]


@pytest.mark.claim("SMS-V6")
def test_a_screen_that_shows_it_already_is_told_so_until_a_ballot_comes(integrator: Integrator) -> None:
    first = dict(integrator.call("GET", "/", "v=4f2a9c1e7d305b86").headers)
    knowing = {"if-none-match": first["ETag"]}
    again = integrator.call("GET", "/", "v=4f2a9c1e7d305b86", b"", **knowing)
    assert (again.status, again.body, dict(again.headers)["ETag"]) == (304, b"", first["ETag"])
    integrator.phone_sends("2")
    assert integrator.call("GET", "/", "v=4f2a9c1e7d305b86", b"", **knowing).status == 200


@pytest.mark.claim("SMS-V6")
@pytest.mark.parametrize("query", ["v=4f2a9c1e7d305b86", "x=b81d0c6f3a9e4752", "v=none"])
def test_a_page_runs_and_wears_its_own_blocks_only(integrator: Integrator, query: str) -> None:
    reply = integrator.call("GET", "/", query)
    policy = dict(reply.headers)["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    page = reply.body.decode()
    for kind, block in re.findall(r"<(script|style)[^>]*>(.*?)</", page, re.DOTALL):
        assert f"{kind}-src 'sha256-{b64encode(sha256(block.encode()).digest()).decode()}'" in policy
    assert not re.search(r"<[^>]* (style|on\w+)=", page)


def table(reply: Reply) -> list[tuple[object, ...]]:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(io.BytesIO(reply.body))
    return list(book.active.values)


def excel(integrator: Integrator, query: str = "") -> Reply:
    pytest.importorskip("xlsxwriter")
    return integrator.control("GET", "/votes.xlsx", query=query)


@pytest.mark.claim("SMS-V7")
def test_several_votes_are_one_excel_table(integrator: Integrator) -> None:
    reply = excel(integrator, "vote_nr=28,29")
    assert (reply.status, reply.content_type) == (200, XLSX)
    assert dict(reply.headers)["Content-Disposition"] == 'attachment; filename="votes.xlsx"'
    header, *rows = table(reply)
    assert header == ("№", "Голосование", "Вопрос", "Статус", "Начало", "Конец", "Код", "Ответ", "Голосов")
    assert [(row[0], row[6], row[7], row[8]) for row in rows] == [
        (28, "1", "Вишнёвый сад", 1),
        (28, "2", "Ревизор", 2),
        (29, "1", "Байкал", 3),
        (29, "2", "Алтай", 1),
        (29, "3", "Карелия", 1),
    ]
    assert rows[0][3:6] == ("окончено", "2015-03-20 18:00:00", "2015-03-20 22:00:00")
    assert (rows[2][3], rows[2][5]) == ("идёт", "—")
    assert table(excel(integrator)) == [header, *rows]
    assert table(excel(integrator, "vote_nr=29")) == [header, *rows[2:]]


@pytest.mark.claim("SMS-V7")
def test_the_same_table_is_the_same_bytes(integrator_with: Make) -> None:
    first, second, later = integrator_with(), integrator_with(), integrator_with()
    later.wait(days=1)
    assert excel(first).body == excel(second).body
    assert excel(first).body == excel(first).body
    assert excel(later).body != excel(first).body


@pytest.mark.claim("SMS-V7")
def test_a_text_that_looks_like_a_formula_stays_a_text(integrator: Integrator) -> None:
    formula = '=HYPERLINK("http://example.com")'
    vote = create_vote(integrator.world, 52, formula, QuestionDraft("http://example.com", [("1", formula)]))
    start_vote(integrator.world, 52, vote.nr)
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(io.BytesIO(excel(integrator, f"vote_nr={vote.nr}").body))
    cells = [book.active.cell(2, column) for column in (2, 3, 8)]
    assert [cell.data_type for cell in cells] == ["s", "s", "s"]
    assert [cell.value for cell in cells] == [formula, "http://example.com", formula]


@pytest.mark.claim("SMS-V7")
def test_a_text_longer_than_a_cell_is_cut_to_it(integrator: Integrator) -> None:
    vote = create_vote(integrator.world, 52, "Ж" * 100_000, QuestionDraft("Да?", [("1", "Да")]))
    assert table(excel(integrator, f"vote_nr={vote.nr}"))[1][1] == "Ж" * 32_767


@pytest.mark.claim("SMS-V7")
@pytest.mark.parametrize("query", ["vote_nr=27", "vote_nr=x", "vote_nr=28;29", "votes=28", "account=53", "vote_nr=%FF"])
def test_a_table_of_votes_that_are_not_there_is_refused(integrator: Integrator, query: str) -> None:
    with pytest.raises(Refusal):
        integrator.control("GET", "/votes.xlsx", query=query)


@pytest.mark.claim("SMS-V7")
def test_without_xlsxwriter_the_answer_says_what_to_install(
    integrator: Integrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    reply = integrator.control("GET", "/votes.xlsx")
    assert reply.status == 501
    assert b"pip install XlsxWriter" in reply.body
