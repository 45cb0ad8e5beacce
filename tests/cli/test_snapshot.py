from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from mockserver.web.server import Server

Run = Callable[..., Result]
Lines = Callable[..., list[str]]
Ask = Callable[..., Any]
BEGINNING = "It is 2026-03-02 09:00:00 now."


def test_a_world_is_kept_and_come_back_to(run: Run, lines: Lines) -> None:
    assert lines("snapshot", "list") == ["No snapshot is kept."]
    assert lines("snapshot", "take", "before") == ["name      before", "taken_at  2026-03-02T09:00:00Z"]
    lines("advance", "6d")
    titles, row = lines("snapshot", "list")
    assert titles == "NAME    TAKEN AT"
    assert row == "before  2026-03-02 09:00:00"
    assert lines("snapshot", "restore", "before") == [BEGINNING]
    assert lines("snapshot", "drop", "before") == ["before is kept no longer."]
    missing = run("snapshot", "restore", "before")
    assert missing.exit_code == 1
    assert missing.output.count("\n") == 1


def test_taking_a_name_again_says_what_it_replaced(lines: Lines, answer: Ask) -> None:
    lines("snapshot", "take", "again")
    lines("advance", "1d")
    assert lines("snapshot", "take", "again")[-1] == "replaced  the one taken at 2026-03-02 09:00:00"
    assert answer("snapshot", "take", "again")["replaced"] == "2026-03-03T09:00:00Z"
    lines("snapshot", "drop", "again")


def test_a_fork_is_a_tenant_of_its_own(lines: Lines, answer: Ask) -> None:
    lines("snapshot", "take", "fork-me")
    forked = answer("snapshot", "fork", "fork-me")["id"]
    lines("advance", "1d", "--tenant", forked)
    assert lines("agenda")[0].startswith("It is 2026-03-02 09:00:00")
    assert lines("agenda", "--tenant", forked)[0].startswith("It is 2026-03-03 09:00:00")
    lines("tenant", "drop", forked)
    lines("snapshot", "drop", "fork-me")


def test_a_world_is_saved_to_a_file_and_loaded_again(run: Run, lines: Lines, tmp_path: Path) -> None:
    file = tmp_path / "saved.json"
    assert run("snapshot", "save", file).exit_code == 0
    lines("advance", "6d")
    assert lines("snapshot", "load", file) == [BEGINNING]
    assert lines("snapshot", "list") == ["No snapshot is kept."]
    lines("snapshot", "load", file, "--name", "kept")
    assert lines("snapshot", "list")[1].startswith("kept ")
    lines("snapshot", "drop", "kept")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "mockserver-snapshot/99"}', "[" * 100_000, "\udcff"])
def test_a_file_that_is_no_snapshot_is_one_line_and_changes_nothing(
    run: Run, server: Server, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "saved.json"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    world = server.double.world
    result = run("snapshot", "load", file)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1
    assert server.double.world.clock.now == world.clock.now
    assert run("snapshot", "list").output == "No snapshot is kept.\n"


def test_a_file_of_a_damaged_world_changes_nothing(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "saved.json"
    run("snapshot", "save", file)
    saved = json.loads(file.read_text(encoding="utf-8"))
    saved.popitem()
    file.write_text(json.dumps(saved), encoding="utf-8")
    assert run("snapshot", "load", file).exit_code == 1
    assert run("snapshot", "list").output == "No snapshot is kept.\n"


def test_a_file_that_is_not_there_is_one_line(run: Run, tmp_path: Path) -> None:
    assert (
        run("snapshot", "load", tmp_path / "no.json").output
        == f"Error: {tmp_path}/no.json: No such file or directory\n"
    )
