"""Commands that look at a running server, and make people act."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mockserver.cli import main
from mockserver.web.server import Server

Run = Callable[..., Result]
Lines = Callable[..., list[str]]
Ask = Callable[..., Any]
Invite = Callable[..., None]
PHONE = "71234567890"


def test_the_agenda_says_what_time_it_is_and_what_comes_next(lines: Lines, invite: Invite) -> None:
    assert lines("agenda") == ["It is 2026-03-02 09:00:00 (frozen); nothing to come."]
    invite()
    first, _, titles, row, rest = lines("agenda", "--limit", 1)
    assert first == "It is 2026-03-02 09:00:00 (frozen); 4 to come."
    assert titles == "DUE                  WHO               WHAT"
    assert row == "2026-03-08 09:00:00  anna@example.com  invitation mail"
    assert rest == "… and 3 more (--limit)"


def test_the_outbox_lists_what_left_and_shows_one_whole(run: Run, lines: Lines, invite: Invite) -> None:
    assert lines("outbox") == ["Nothing has left."]
    assert run("outbox", 3).output == "Error: number: there is no message 3; none has left\n"
    invite(days=0, recall_count=0)
    lines("advance", "1h")
    titles, row = lines("outbox", "--to", "anna@example.com")
    assert titles == "NO  AT                   TO                KIND        WHAT"
    assert row == " 1  2026-03-02 09:00:00  anna@example.com  invitation  Anna, votre avis compte…"
    assert "subject    Anna, votre avis compte pour Maison Demo" in lines("outbox", 1)
    assert lines("outbox", "--to", "nobody@example.com") == ["Nothing has left."]
    assert run("outbox", 99).output == "Error: number: there is no message 99; the newest is 1\n"


def test_customers_open_links_and_review(run: Run, lines: Lines, answer: Ask, invite: Invite) -> None:
    invite(days=0)
    assert "status              opened" in lines("people", "open", "anna@example.com")
    review = answer("people", "review", "anna@example.com", 4, "--comment", "Très bien")["review"]
    assert (review["rating"], review["comment"]) == (4, "Très bien")
    missing = run("people", "review", "nobody@example.com", 5)
    assert missing.exit_code == 1
    assert missing.output == "Error: email: no invitation has the e-mail 'nobody@example.com'; there are 1\n"


def test_phones_text_and_vote_and_show_their_conversation(run: Run, lines: Lines, answer: Ask) -> None:
    assert lines("people", "phone", PHONE) == [f"{PHONE} has neither received nor sent anything."]
    assert lines("people", "text", PHONE, "КАФЕ 5") == ["Account 52 has received it; it became rating of 5."]
    assert lines("people", "text", PHONE, "5 отлично") == [
        "Account 52 has received it; it became nothing.",
        "No rating: no request to this phone is unanswered; without one, begin with a",
        "prefix (КАФЕ 5).",
    ]
    assert lines("people", "phone", PHONE)[0] == "2026-03-02 09:00:00  sent      КАФЕ 5"
    assert answer("people", "text", PHONE, "bonjour")["became"] == "nothing"
    assert answer("people", "vote", 29, PHONE, "2")["counted"] is True
    assert run("people", "vote", 29, PHONE, "9").output.startswith("Error: option: '9', one of 1, 2, 3 expected")
    assert run("people", "text", "12/34", "5").exit_code == 1


def test_webhooks_are_listed_drained_and_delivered_once_more(run: Run, lines: Lines, invite: Invite) -> None:
    assert lines("webhooks", "list") == ["No webhook is owed."]
    invite(webhook="https://shop.example/hook")
    titles, row, why = lines("webhooks", "drain")
    assert titles == "NO  CREATED           WHO               STEP                STATUS"
    assert row == " 1  2026-03-02 09:00  anna@example.com  invitation-created  captured, not sent"
    assert why == "    shop.example is not on this machine"
    assert lines("webhooks", "list", "--status", "captured, not sent")[1:] == [row, why]
    assert run("webhooks", "redeliver", 9).output == "Error: number: '9'; calls owed: 1\n"


def test_failures_are_planned_listed_and_taken_back(run: Run, lines: Lines) -> None:
    assert any(line == "not enough balance" for line in lines("fault", "catalogue"))
    lines("fault", "arm", "not enough balance", "--phone", PHONE, "--times", 2)
    titles, row = lines("fault", "list")
    assert titles.split("  ")[0] == "NO"
    assert "not enough balance  0 of 2" in row
    assert row.endswith(f"service=smsvote phone={PHONE}")
    lines("fault", "arm", "slow", "--seconds", 3, "--nth", 2, "--operation", "create invitation")
    assert lines("fault", "list")[-1].endswith('  slow (seconds=3.0)  0 of 1    operation="create invitation" nth=2')
    number = row.split()[0]
    lines("fault", "disarm", lines("fault", "list")[-1].split()[0])
    assert lines("fault", "disarm", number) == [f"{number} is taken back."]
    assert lines("fault", "list") == ["Nothing is planned."]
    lines("fault", "arm", "reset")
    lines("fault", "arm", "lost")
    for words in ([], [1, "--all"]):
        refused = run("fault", "disarm", *words)
        assert refused.exit_code == 2
        assert "one of NUMBER and --all expected" in refused.output
        assert len(lines("fault", "list")) == 3
    assert lines("fault", "disarm", "--all") == ["2 taken back."]
    assert lines("fault", "list") == ["Nothing is planned."]
    assert "did you mean 'slow'?" in run("fault", "arm", "slo").output


def test_tenants_come_and_go(run: Run, lines: Lines, answer: Ask) -> None:
    made = answer("tenant", "create", "--world", "empty", "--start", "2027-01-01T00:00:00Z", "--seed", "s")
    assert set(made) >= {"id", "url", "securating", "smsvote"}
    assert answer("agenda", "--tenant", made["id"])["now"] == "2027-01-01T00:00:00Z"
    assert [row.split()[0] for row in lines("tenant", "list")] == ["ID", "main", made["id"]]
    assert f"id                     {made['id']}" in run("tenant", "show", made["id"]).output
    assert lines("tenant", "drop", made["id"]) == [f"{made['id']} is gone."]
    unknown = run("agenda", "--tenant", made["id"])
    assert unknown.exit_code == 1
    assert f"Error: tenant: '{made['id']}' is no tenant" in unknown.output


def test_reset_begins_again(lines: Lines) -> None:
    lines("advance", "1d")
    assert lines("reset") == ["It is 2026-03-02 09:00:00 now."]


def test_nobody_at_the_address_is_one_line_with_the_way_out(run: Run) -> None:
    result = run("agenda", "--url", "http://127.0.0.1:9")
    assert result.exit_code == 1
    assert result.output == (
        "Error: nothing answers at http://127.0.0.1:9; start it with `mockserver serve`, or name it with --url\n"
    )
    assert run("agenda", "--url", "gopher://x").output.startswith("Error: url: 'gopher://x', an address such as ")


def test_help_lists_every_command_and_imports_none(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.cli.import_module", lambda name: pytest.fail(f"imported {name}"))
    printed = run("--help").output
    assert "advance   Let time pass, and perform what falls due." in printed
    assert run("nonsense").exit_code == 2
    assert "no such command 'nonsense'; there are serve, run, " in run("nonsense").output
    assert "no such command 'serv'; did you mean serve?" in run("serv").output
    assert "no such command 'faults'; did you mean fault?" in run("faults").output


@pytest.mark.parametrize("command", ["advance", "agenda", "journal", "outbox", "reset"])
def test_every_command_says_what_it_takes(command: str) -> None:
    result = CliRunner().invoke(main, [command, "--help"])
    assert result.exit_code == 0
    assert all(option in result.output for option in ("--url", "--tenant", "--token", "--json"))


def test_world_files_are_checked_and_shipped_ones_listed(run: Run, lines: Lines, tmp_path: Path) -> None:
    assert lines("world", "list") == ["busy", "demo", "empty"]
    said = lines("world", "check", "demo")
    assert "      1  securating companies" in said
    assert json.loads(run("world", "check", "demo", "--json").output)["smsvote"]["votes"] == 2
    file = tmp_path / "w.json"
    file.write_text('{\n  "format": "mockserver-world/1",\n  "seed": 7\n}', encoding="utf-8")
    result = run("world", "check", file)
    assert result.exit_code == 1
    assert result.output == f"Error: {file}:3:11: seed: 7, a text expected\n"


def test_no_control_character_of_a_stranger_reaches_the_terminal(lines: Lines, server: Server) -> None:
    with server.double.present() as world:
        world.journal.note(world.clock.now, "smsvote", "\x1b[2Jgone")
    assert all(line.isprintable() for line in lines("agenda"))
