"""A run that cannot go on says how far it came, keeps what it has learned, and returns a code of its own."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mockserver.cli import main
from mockserver.runtime.learned import read_learned
from mockserver.services.service import HTML, TEXT, Reply, Request
from mockserver.web.server import Server
from tests.contract.conftest import OTHERWISE, Options, Serve, answering

SENDING = ("/invitation/create", "/api/command/send_message.php")


def run(options: dict[str, Any]) -> Result:
    """Run the command as a shell would."""
    words: list[str] = []
    for name, value in options.items():
        for each in value if isinstance(value, tuple) else [value]:
            words += [f"--{name.replace('_', '-')}", str(each)]
    return CliRunner().invoke(main, ["contract", *words], catch_exceptions=False)


def journal(server: Server) -> list[Any]:
    with server.double.present() as world:
        return world.journal.exchanges()


@pytest.mark.parametrize(
    ("wrong", "named"),
    [({"smsvote_secure": "wrong"}, "--smsvote-secure"), ({"securating_key": "k" * 64}, "--securating-key")],
)
def test_wrong_credentials_end_the_run_before_anything_is_sent(
    serve: Serve, live_options: Options, tmp_path: Path, wrong: dict[str, str], named: str
) -> None:
    server, file = serve(), tmp_path / "learned.json"
    result = run(live_options(server.url, learn=file, **wrong))
    assert result.exit_code == 3
    assert (
        f"The run ended early: {'sms-vote' if 'smsvote_secure' in wrong else 'Securating'} does not know"
        in result.stdout
    )
    assert named in result.stdout
    assert_said_once(result)
    assert not file.exists()
    assert {entry.operation for entry in journal(server)} <= {"balance", "company id"}


def assert_said_once(result: Result) -> None:
    """Neither the cases that were not played are listed, nor the claims that they are about."""
    assert "116" not in result.stderr
    assert "SMS-B1" not in result.stdout
    assert result.stdout.startswith("Held against ")
    assert result.stdout.endswith("\nCases played until then: 0 of 116.\n")
    assert result.stdout.count("The run ended early: ") == 1


def test_an_address_that_nobody_listens_at_ends_the_run(live_options: Options, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    result = run(live_options(url, learn=tmp_path / "learned.json"))
    assert result.exit_code == 4
    assert f"GET {url}/api/command/balance.php: " in result.stdout
    assert_said_once(result)
    assert list(tmp_path.iterdir()) == []
    told = live_options(url, smsvote_id=0, smsvote_secure="", securating_key="k" * 64)
    result = run(told)
    assert f"GET {url}/widgets/company/kkkkkk…/id: " in result.stdout
    assert told["securating_key"] not in result.output
    result = CliRunner().invoke(main, ["contract", "--target", "server", "--url", url])
    assert result.exit_code == 4
    assert f"nothing answers at {url}; start it with `mockserver serve`, or name it with --url\n" in result.stdout
    assert_said_once(result)


def test_a_service_that_falls_silent_in_the_middle_ends_the_run_with_what_was_learned(
    serve: Serve, live_options: Options, tmp_path: Path
) -> None:
    server, file = serve(**OTHERWISE), tmp_path / "learned.json"
    over, asked = Event(), []

    def answer(request: Request) -> Reply:
        asked.append(request.path)
        if request.path == "/api/command/send_message.php":
            over.wait(5)
        return server.gate.answer(request)

    with answering(answer, server.gate.tenants.answered) as url:
        result = run(live_options(url, learn=file, patience=1))
        over.set()

    assert result.exit_code == 4
    assert "no answer within 1 s" in result.stdout
    assert "contradicted       SMS-B1" in result.stdout
    assert "confirmed in part  SMS-V8" in result.stdout
    assert "    the run ended before: " in result.stdout
    assert "could not be seen  SMS-M5" not in result.stdout
    assert result.stdout.count("no answer within 1 s") == 1
    assert asked.count("/api/command/send_message.php") == 1, "a send is never repeated"
    assert asked[-1] == "/api/command/send_message.php"
    learned = {each.setting: each for each in read_learned(file)}
    assert learned["smsvote.balance_places"].value == 3
    assert "40.000" in learned["smsvote.balance_places"].evidence
    assert "smsvote.success_body" not in learned
    assert [path.name for path in tmp_path.iterdir() if "learned" in path.name] == ["learned.json"]


def test_an_answer_that_breaks_off_ends_the_run(live_options: Options) -> None:
    cut = Reply(200, b"1000.00 and much more", TEXT, ending="cut in the middle")
    with answering(lambda _request: cut) as url:
        result = run(live_options(url, securating_key=""))
    assert result.exit_code == 4
    assert "/api/command/balance.php: " in result.stdout


def test_answers_of_no_known_shape_are_shown_and_nothing_more_is_sent(live_options: Options, tmp_path: Path) -> None:
    asked: list[str] = []

    def answer(request: Request) -> Reply:
        asked.append(request.path)
        return Reply(200, b"<html>Closed for maintenance</html>", HTML)

    with answering(answer) as url:
        result = run(live_options(url, learn=tmp_path / "learned.json"))

    assert result.exit_code == 5
    assert "expected a decimal number" in result.stdout
    assert "<html>Closed for maintenance</html>" in result.stdout
    assert asked.count("/api/command/send_message.php") <= 1
    assert "nothing more is sent after" in result.stdout
    learned = tmp_path / "learned.json"
    assert not learned.exists() or "smsvote.success_body" not in learned.read_text(encoding="utf-8")


@pytest.mark.parametrize("status", [301, 503])
def test_an_address_that_leads_elsewhere_or_is_out_of_order_teaches_nothing(
    live_options: Options, tmp_path: Path, status: int
) -> None:
    file = tmp_path / "learned.json"
    with answering(lambda _request: Reply(status, b"<h1>\x1b[2JMoved</h1>", HTML)) as url:
        result = run(live_options(url, learn=file))
    assert result.exit_code == 4
    assert f"no answer of the service at --smsvote-url, but {status} <h1>\\x1b[2JMoved</h1>" in result.stdout
    assert "Learned nothing, nothing is written" in result.stderr
    assert not file.exists()


def test_a_gateway_that_answers_from_the_middle_on_teaches_nothing(
    serve: Serve, live_options: Options, tmp_path: Path
) -> None:
    server, file, asked = serve(), tmp_path / "learned.json", []

    def answer(request: Request) -> Reply:
        asked.append(request)
        return server.gate.answer(request) if len(asked) <= 2 else Reply(503, b"\x1b[2JLater", HTML)

    with answering(answer, server.gate.tenants.answered) as url:
        result = run(live_options(url, learn=file))
    assert result.exit_code == 5
    assert "-> 503 text/html; charset=utf-8\n      \\x1b[2JLater" in result.stdout
    assert "\x1b" not in result.stdout
    assert not file.exists()


def test_ctrl_c_keeps_what_was_learned(serve: Serve, live_options: Options, tmp_path: Path) -> None:
    server, file = serve(), tmp_path / "learned.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mockserver.contract.stage.Stage.send", _interrupt)
        result = run(live_options(server.url, learn=file))
    assert result.exit_code == 130
    assert "The run ended early: interrupted" in result.stdout
    assert "smsvote.balance_places" in {each.setting for each in read_learned(file)}


def _interrupt(*_words: object, **_fields: object) -> None:
    raise KeyboardInterrupt


def test_no_more_is_sent_than_may_be_spent(serve: Serve, live_options: Options) -> None:
    server = serve()
    result = run(live_options(server.url, spend=3))
    assert result.exit_code == 0, result.stdout
    assert "Messages and invitations spent: 3; left: 0." in result.stdout
    sent = [entry for entry in journal(server) if entry.target.startswith(SENDING) and not entry.refusal]
    assert len(sent) == 3
    assert "of --spend 3 are left" in result.stdout


def test_without_a_budget_it_only_reads(serve: Serve, live_options: Options) -> None:
    server = serve()
    result = run(live_options(server.url, spend=0))
    assert result.exit_code == 0
    assert "confirmed          SMS-B1" in result.stdout
    assert not [entry for entry in journal(server) if entry.target.startswith(SENDING)]
    posted = {entry.operation for entry in journal(server) if entry.method == "POST"}
    assert posted == {"balance"}, "nothing but what reads, however it is asked"
    assert "about to" not in result.stderr


def test_nobody_is_written_to_whom_nobody_listed(serve: Serve, live_options: Options) -> None:
    server = serve()
    result = run(live_options(server.url, email=(), phone=()))
    assert result.exit_code == 0, result.stdout
    assert "no --email is listed" in result.stdout
    assert "no --phone is listed" in result.stdout
    assert not [entry for entry in journal(server) if entry.target.startswith(SENDING) and not entry.refusal]


def test_every_write_is_announced_before_it_is_made(serve: Serve, live_options: Options) -> None:
    server = serve()
    result = run(live_options(server.url))
    sent = [entry for entry in journal(server) if entry.target.startswith(SENDING) and not entry.refusal]
    announced = [line for line in result.stderr.splitlines() if line.startswith("about to")]
    assert len(announced) >= len(sent) > 10
    assert "about to send a text message to 79010009999" in announced
    assert "about to invite anna@example.com" in announced
    with server.double.present() as world:
        assert {message.recipient.lower() for _, message in world.outbox.to()} <= {"anna@example.com", "79010009999"}


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        ({"spend": -1}, "--spend: missing"),
        ({"securating_key": "", "smsvote_secure": "", "smsvote_id": 0}, "--securating-key: missing"),
        ({"smsvote_id": 0}, "go together"),
        ({"learn": "/no/such/folder/learned.json"}, "a folder that can be written"),
        ({"settings": "/no/such/file.json"}, "a file of learned settings expected"),
        ({"max_age": "old"}, "--max-age"),
        ({"webhook": "nowhere"}, "--webhook"),
        ({"webhook": "https://tunnel.example/"}, "--listen: missing"),
        ({"smsvote_url": "ftp://sms-vote.ru"}, "an address such as"),
        ({"patience": 0}, "--patience"),
    ],
)
def test_what_cannot_be_is_a_usage_error(live_options: Options, told: dict[str, Any], complaint: str) -> None:
    result = run(live_options("http://127.0.0.1:9", **told))
    assert result.exit_code == 2
    assert complaint in result.stderr


def test_a_broken_file_of_learned_settings_is_told_by_its_place(tmp_path: Path) -> None:
    file = tmp_path / "learned.json"
    for written, complaint in (
        ("{", "not JSON"),
        ('{"format": "x", "settings": []}', "format:"),
        (json.dumps(_file({"setting": "smsvote.nothing"})), "settings[0].setting"),
        (json.dumps(_file({"seen_at": "yesterday"})), "settings[0].seen_at"),
        (json.dumps(_file({"value": "many"})), "smsvote.balance_places"),
    ):
        file.write_text(written, encoding="utf-8")
        result = CliRunner().invoke(main, ["contract", "--settings", str(file)])
        assert (result.exit_code, complaint in result.stderr) == (2, True), result.stderr


def _file(changed: dict[str, object]) -> dict[str, object]:
    entry = {"setting": "smsvote.balance_places", "value": 3, "seen_at": "2026-03-01", "evidence": "", "claims": []}
    return {"format": "mockserver-settings/1", "settings": [entry | changed]}
