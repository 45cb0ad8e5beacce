from __future__ import annotations

import pytest

from mockserver.cli import table as tables
from mockserver.cli.table import columns_of, cut, facts, plain, table


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_columns_are_as_wide_as_what_stands_in_them_and_numbers_stand_to_the_right() -> None:
    rows = [(9, "Анна", "x"), (10, "日本", "y")]
    assert list(table(("NO", "WHO", "WHAT"), rows))[1:] == [" 9  Анна  x", "10  日本  y"]


def test_the_widest_columns_give_way_until_a_row_fits() -> None:
    _, row = table(("NO", "TEXT", "NOTE"), [(1, "ж" * 200, "n" * 25)])
    assert columns_of(row) == 80
    assert row.endswith("n" * 25)
    assert "ж…" in row


def test_what_goes_to_no_terminal_is_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS")
    monkeypatch.setattr("os.get_terminal_size", lambda *_: (_ for _ in ()).throw(OSError))
    _, row = table(("NO", "TEXT", "NOTE"), [(1, "ж" * 200, "n" * 25)])
    assert row.split() == ["1", "ж" * 200, "n" * 25]


def test_where_nothing_is_very_wide_the_last_column_gives_way() -> None:
    _, row = table(("AT", "STEP", "WHO", "WHAT"), [("a" * 19, "b" * 20, "c" * 20, "d" * 27)])
    assert row == f"{'a' * 19}  {'b' * 20}  {'c' * 20}  {'d' * 14}…"


def test_a_terminal_of_no_width_to_speak_of_is_taken_for_forty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "1")
    assert tables.width() == 40
    assert all(columns_of(line) <= 40 for line in list(table(("A", "B"), [("x" * 99, "y" * 99)]))[1:])


def test_what_is_cut_never_ends_in_half_of_a_wide_letter() -> None:
    assert cut("日本語", 4) == "日…"
    assert cut("日本語", 6) == "日本語"
    assert columns_of("e\N{COMBINING ACUTE ACCENT}") == 1


def test_nothing_from_outside_steers_the_terminal() -> None:
    assert plain("a\x1b[31mb\nc\N{RIGHT-TO-LEFT OVERRIDE}d") == "a [31mb c d"
    assert plain(None) == ""
    assert plain({"a": True}) == '{"a": true}'


def test_facts_name_inner_members_in_full_and_keep_keys_whole() -> None:
    key = "k" * 64
    assert list(facts({"id": 1, "shop": {"key": key, "open": True}})) == [
        "id         1",
        f"shop.key   {key}",
        "shop.open  yes",
    ]
    assert all(columns_of(line) <= 80 for line in facts({"text": "слово " * 50}))


def test_facts_pass_over_what_says_nothing_and_name_each_thing_of_a_list() -> None:
    options = [{"code": "1", "text": "Да, да"}]
    vote: dict[str, object] = {"nr": 0, "ended_at": None, "name": "", "tags": [], "about": {}, "options": options}
    assert list(facts({"vote": vote, "marks": [1, 2]})) == [
        "vote.nr          0",
        'vote.options[0]  code=1 text="Да, да"',
        "marks            [1, 2]",
    ]


def test_an_address_is_shown_whole_before_what_is_said_of_it() -> None:
    _, row = table(("AT", "WHO", "WHAT"), [("a" * 19, "e" * 36, "w" * 40)])
    assert row == f"{'a' * 19}  {'e' * 36}  {'w' * 20}…"
