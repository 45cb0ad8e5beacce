from __future__ import annotations

import json
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from mockserver.cli import journal
from mockserver.client.wire import Wire
from mockserver.core.errors import Evicted
from mockserver.web.server import Server

Run = Callable[..., Result]
Lines = Callable[..., list[str]]


@pytest.fixture
def call(server: Server, run: Run) -> Callable[[str], None]:
    """Call the services, as an application does."""

    def make(path: str) -> None:
        connection = HTTPConnection(server.url.removeprefix("http://"))
        connection.request("GET", path)
        connection.getresponse().read()
        connection.close()

    return make


def test_the_journal_tells_what_came_and_why_it_was_refused(lines: Lines, call: Callable[[str], None]) -> None:
    assert lines("journal") == ["Nothing fits; entries written: 0."]
    call("/api/comand/balance.php")
    call("/api/command/balance.php?json=1")
    printed = lines("journal")
    assert printed[0] == "    1  2026-03-02 09:00:00  404  GET /api/comand/balance.php"
    assert "".join(printed[1:]).count("did you mean") == 1
    assert lines("journal", "--limit", 1)[-1] == "… and 1 earlier (--limit)"
    assert len([line for line in lines("journal", "--after", 1) if "GET" in line]) == 1
    assert lines("journal", "--accepted") == ["Nothing fits; entries written: 2."]


def test_a_call_is_taken_away_as_curl_and_all_of_them_as_har(
    run: Run, server: Server, call: Callable[[str], None], tmp_path: Path
) -> None:
    call("/api/command/balance.php?json=1")
    assert f"{server.url}/api/command/balance.php?json=1" in run("journal", "--curl", 1).output
    file = tmp_path / "calls.har"
    assert run("journal", "--har", file).output == ""
    assert len(json.loads(file.read_text(encoding="utf-8"))["log"]["entries"]) == 1
    missing = run("journal", "--har", tmp_path / "no" / "calls.har")
    assert missing.exit_code == 1
    assert missing.output == f"Error: {tmp_path}/no/calls.har: No such file or directory\n"


@pytest.mark.parametrize(("option", "value"), [("--status", "abc"), ("--after", "-1"), ("--curl", 99)])
def test_what_makes_no_sense_is_one_line(run: Run, option: str, value: object) -> None:
    result = run("journal", option, value)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have these things happen each time that news are waited for, and Ctrl-C after the last."""
    get = Wire.get
    monkeypatch.setattr(journal, "WAIT", 0.01)

    def plan(*happenings: Callable[[], None]) -> None:
        left = list(happenings)

        def look(wire: Wire, path: str, **query: Any) -> Any:
            if "wait" in query:
                if not left:
                    raise KeyboardInterrupt
                left.pop(0)()
            return get(wire, path, **query)

        monkeypatch.setattr(Wire, "get", look)

    return plan


def test_following_goes_on_with_what_comes_in_and_begins_again_when_the_journal_does(
    run: Run, server: Server, call: Callable[[str], None], meanwhile: Callable[..., None]
) -> None:
    def begin_again() -> None:
        server.double.reset()
        call("/third")

    call("/zeroth")
    call("/first")
    meanwhile(lambda: call("/second"), begin_again, lambda: None)
    result = run("journal", "--follow", "--json")
    assert result.exit_code == 0
    entries = [json.loads(line) for line in result.output.splitlines()]
    assert [entry["target"] for entry in entries] == ["/zeroth", "/first", "/second", "/third"]


def test_following_waits_for_what_fits_although_what_is_no_longer_held_may_have(
    run: Run, server: Server, call: Callable[[str], None], meanwhile: Callable[..., None]
) -> None:
    server.double.world.journal = server.double.world.journal.copy(2)
    for number in range(3):
        call(f"/early/{number}")
    assert run("journal", "--contains", "late").output.startswith("Error: none of the newest 2 entries fits, and ")
    meanwhile(lambda: call("/late"), lambda: call("/early/3"))
    result = run("journal", "--contains", "late", "--follow")
    assert result.exit_code == 0
    assert result.stderr.startswith("none of the newest 2 entries fits, and ")
    assert [line.split()[-1] for line in result.stdout.splitlines() if "  GET /" in line] == ["/late"]


def test_following_says_so_where_entries_are_no_longer_held(
    run: Run, call: Callable[[str], None], meanwhile: Callable[..., None]
) -> None:
    def lose() -> None:
        call("/later")
        raise Evicted("1 entry is no longer held")

    meanwhile(lose)
    result = run("journal", "--follow")
    assert result.stderr == "1 entry is no longer held\n"
    assert "GET /later" in result.stdout
