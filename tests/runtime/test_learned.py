"""Learned settings as a file: written whole or not at all, read strictly, and dated."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.core.errors import InvalidInput
from mockserver.runtime.learned import (
    Learned,
    check_writable,
    overridden,
    overrides_of,
    read_learned,
    write_learned,
)
from mockserver.runtime.worlds import load_world
from mockserver.services.securating.model import Securating
from mockserver.services.smsvote.model import SmsVote
from tests.conftest import START

TODAY = date(2026, 3, 2)


def learned(setting: str, value: object, seen_at: date = TODAY) -> Learned:
    return Learned(setting, value, seen_at, "GET /… -> 200", ("SMS-B1",))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "learned.json"
    written = [
        learned("securating.recall_interval", "P3D"),
        learned("smsvote.csv_line_end", "\n"),
        learned("smsvote.default_price", "2.5"),
        learned("smsvote.transports", ["sms", "whatsapp"]),
        learned("smsvote.vote_keys", {"id": "nr"}),
    ]
    write_learned(file, written)
    assert read_learned(file) == written
    assert json.loads(file.read_text(encoding="utf-8"))["format"] == "mockserver-settings/1"


def test_a_world_can_be_opened_under_it(tmp_path: Path) -> None:
    file = tmp_path / "learned.json"
    write_learned(
        file,
        [
            learned("securating.refusal_statuses", {"too soon": 409}),
            learned("securating.refusal_statuses", {"bad parameter": 422}),
            learned("securating.link_body", "[see] = {link}"),
            learned("smsvote.csv_header", False),
            learned("smsvote.default_price", "2.5"),
        ],
    )
    world = load_world("empty", START, overrides_of(file))
    settings = world.state(Securating).settings
    assert (settings.refusal_statuses["too soon"], settings.refusal_statuses["bad parameter"]) == (409, 422)
    assert settings.refusal_statuses["unknown key"] == 403
    assert settings.link_body == "[see] = {link}"
    assert world.state(SmsVote).settings.csv_header is False
    assert world.state(SmsVote).settings.default_price == Decimal("2.5")


def test_what_was_learned_before_stays_until_it_is_seen_anew(tmp_path: Path) -> None:
    file, before = tmp_path / "learned.json", date(2025, 1, 1)
    write_learned(file, [learned("smsvote.csv_separator", ",", before), learned("smsvote.balance_places", 0, before)])
    write_learned(file, [learned("smsvote.balance_places", 3)])
    kept = {each.setting: (each.value, each.seen_at) for each in read_learned(file)}
    assert kept == {"smsvote.csv_separator": (",", before), "smsvote.balance_places": (3, TODAY)}


def test_a_file_that_cannot_be_written_is_left_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "learned.json"
    write_learned(file, [learned("smsvote.balance_places", 3)])
    before = file.read_bytes()

    def full(*_words: object, **_named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(InvalidInput, match="No space left"):
        write_learned(file, [learned("smsvote.balance_places", 4)])
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["learned.json"]


def test_a_file_of_something_else_is_not_written_over(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    file.write_text('{"format": "mockserver-world/1"}', encoding="utf-8")
    with pytest.raises(InvalidInput, match="mockserver-settings/1"):
        check_writable(file)


def test_a_misspelt_setting_is_told_from_the_one_that_was_meant(tmp_path: Path) -> None:
    file = tmp_path / "learned.json"
    write_learned(file, [learned("smsvote.balance_places", 3)])
    file.write_text(file.read_text(encoding="utf-8").replace("balance_places", "balance_place"), encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"lists expected; did you mean smsvote\.balance_places\?$"):
        read_learned(file)


def test_values_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InvalidInput, match="an HTTP status"):
        overridden([learned("smsvote.success_status", 42)])


@pytest.mark.parametrize(("days", "is_old"), [(180, False), (181, True)])
def test_what_was_seen_is_believed_for_half_a_year(days: int, is_old: bool) -> None:
    seen = learned("smsvote.balance_places", 3, TODAY - timedelta(days=days))
    assert seen.is_older(timedelta(days=180), TODAY) is is_old


def test_claims_show_what_was_seen_and_how_old_it_is(tmp_path: Path) -> None:
    file = tmp_path / "learned.json"
    write_learned(file, [learned("smsvote.balance_places", 3, date(2020, 1, 1))])
    shown = CliRunner().invoke(main, ["claims", "--settings", str(file)], catch_exceptions=False).stdout
    assert "seen on 2020-01-01: 3, longer ago than 180d: look again" in shown
    younger = CliRunner().invoke(main, ["claims", "--settings", str(file), "--max-age", "900w"]).stdout
    assert "seen on 2020-01-01: 3\n" in younger
    rows = json.loads(CliRunner().invoke(main, ["claims", "--settings", str(file), "--json"]).stdout)
    (row,) = (row for row in rows if row["learned"])
    assert (row["id"], row["learned"][0]["value"], row["learned"][0]["is_old"]) == ("SMS-B1", 3, True)


def test_a_test_suite_uses_it_by_ini_and_by_mark(pytester: pytest.Pytester) -> None:
    write_learned(pytester.path / "taught.json", [learned("smsvote.balance_places", 3)])
    write_learned(pytester.path / "other.json", [learned("smsvote.balance_places", 4)])
    pytester.makeini("[pytest]\nmockserver_settings = taught.json\n")
    pytester.makepyfile("""
        import json
        from urllib.parse import quote
        from urllib.request import urlopen
        import pytest

        def balance(smsvote):
            asked = quote(json.dumps({"id": smsvote.id, "secure": smsvote.secure}))
            return urlopen(f"{smsvote.url}/api/command/balance.php?json={asked}").read()

        def test_ini(smsvote):
            assert balance(smsvote) == b"1000.000"

        @pytest.mark.mockserver(settings="other.json")
        def test_mark(smsvote):
            assert balance(smsvote) == b"1000.0000"
    """)
    pytester.runpytest_subprocess("-q").assert_outcomes(passed=2)
