from __future__ import annotations

import json
import logging
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mockserver.cli import main
from mockserver.cli.serve import exchanges_printed
from mockserver.client.wire import Wire
from mockserver.runtime.double import Double
from mockserver.runtime.tenants import Tenants
from mockserver.services.service import Request
from mockserver.web.gate import Gate
from mockserver.web.server import Server


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def test_claims_lists_every_claim_with_the_settings_that_change_it() -> None:
    result = run("claims")
    assert result.exit_code == 0
    assert "SEC-C16  (assumed)" in result.output
    assert "--set securating.recall_interval=144h" in result.output
    assert len(json.loads(run("claims", "--json").output)) == 91


def test_claims_can_be_listed_by_grade() -> None:
    rows = json.loads(run("claims", "--json", "--grade", "O").output)
    assert rows
    assert {"O"} <= {letter for row in rows for letter in row["grade"]}
    assert all("O" in row["grade"] for row in rows)
    assert "SEC-C16" not in run("claims", "--grade", "D").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--world", "nowhere"], "Error: nowhere: No such file or directory; a file, or one of "),
        (["--start", "tomorrow"], "Error: --start: 'tomorrow', an instant such as"),
        (["--set", "recall_interval=1d"], "SERVICE.SETTING=VALUE expected"),
        (["--set", "securatin.recall_interval=1d"], "SERVICE.SETTING=VALUE expected; did you mean securating?"),
        (["--set", "sms-vote.price=1"], "SERVICE.SETTING=VALUE expected; did you mean smsvote?"),
        (["--set", "securating.recall=1d"], "Error: securating.settings.recall: no such setting; there are: "),
        (["--set", "securating.recal_interval=2d"], "; did you mean recall_interval?"),
        (
            ["--set", "securating.recall_interval=soon"],
            "Error: securating.settings.recall_interval: 'soon', a duration",
        ),
        *(
            ([option, name], f"Error: {option}: '{name}', a host name such as shop.test expected")
            for option in ("--webhook-host", "--serve-host")
            for name in ("http://shop.test", "shop.test:8000", "shop.test/hook", "")
        ),
        (["--speed", "-1"], "Invalid value for '--speed'"),
        (["--host", "192.0.2.1", "--port", "0"], "choose another"),
    ],
)
def test_a_mistake_is_one_line_with_the_way_out(words: list[str], said: str) -> None:
    result = run("serve", *words)
    assert result.exit_code != 0
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_port_that_is_taken_is_one_line_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = run("serve", "--port", port)
    assert result.exit_code == 1
    assert result.output == f"Error: 127.0.0.1:{port}: Address already in use; choose another with --port or --host\n"


def test_a_ready_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    result = run("serve", "--port", "0", "--ready-file", str(tmp_path / "no" / "ready.json"))
    assert result.exit_code == 1
    assert "--ready-file" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "world.json:1:2: not JSON"),
        ("[]", "an object expected"),
        ("{}", "world.json:1:1: format: '', 'mockserver-world/1' expected"),
        ('{"format": "mockserver-world/9"}', "format: 'mockserver-world/9', 'mockserver-world/1' expected"),
        (
            '{"format": "mockserver-world/1", "securatin": {}}',
            "securatin: no such field; there are: format, start, seed, securating, smsvote; did you mean securating?",
        ),
        ('{"format": "mockserver-world/1", "start": "soon"}', "start: 'soon', an instant"),
        (
            '{"format": "mockserver-world/1", "securating": {"companies": [{"id": 0, "name": "x"}]}}',
            "securating.companies[0].id: 0, a positive number",
        ),
        (
            '{"format": "mockserver-world/1", "securating": {"companies": [{"id": 1, "name": "x",'
            ' "websites": [{"key": "k", "url": "http://x.fr"}]}]}}',
            "securating.companies[0].websites[0].key: 1 characters, 64 letters and digits expected",
        ),
        (
            '{"format": "mockserver-world/1", "securating": {"companies": [{"id": 1, "name": "x",'
            ' "thematics": [{"code": "9", "question": "?"}]}]}}',
            "securating.companies[0].thematics[0].code: '9' is no thematic code",
        ),
        ('{"format": "mockserver-world/1", "smsvote": {"accounts": [{"id": "x"}]}}', "smsvote.accounts[0].id"),
        ('{"format": "mockserver-world/1", "smsvote": {"settings": {"nothing": 1}}}', "smsvote.settings.nothing"),
        (
            '{"format": "mockserver-world/1", "smsvote": {"settings": {"balance_place": 1}}}',
            "; did you mean balance_places?",
        ),
    ],
)
def test_a_mistake_in_a_world_file_says_where_it_is_and_what_was_expected(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "world.json"
    file.write_text(text, encoding="utf-8")
    result = run("serve", "--world", str(file))
    assert result.exit_code == 1
    assert said in result.output
    assert result.output.count("\n") == 1


def test_a_server_of_the_busy_world_answers() -> None:
    server = Server(port=0, world="busy", start="2026-03-01T10:00:00Z", speed=0)
    server.start()
    try:
        with Wire(server.url) as wire:
            assert wire.get("/agenda", limit=1)["count"] > 500
            assert wire.post("/reset")["now"] == "2026-03-01T10:00:00Z"
    finally:
        server.stop()


@pytest.mark.parametrize(("host", "own"), [("0.0.0.0", "127.0.0.1"), ("127.0.0.2", "127.0.0.2")])
def test_where_a_server_says_that_it_is_it_can_be_called_from_this_machine(host: str, own: str) -> None:
    server = Server(port=0, world="empty", host=host)
    server.start()
    try:
        port = server.url.rpartition(":")[2]
        assert server.ready()["url"] == server.url == f"http://{own}:{port}"
        with Wire(server.url, token=server.gate.token) as wire:
            assert wire.get("/ready")["url"] == server.url
        assert f" at {server.url}\n" in server.welcome()
        assert (f"Others can reach this port, {port} at 0.0.0.0; " in server.welcome()) is (host == "0.0.0.0")
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("hosts", "said"),
    [
        ((), "Nothing leaves this machine."),
        (("shop.test",), "Only webhooks to shop.test leave this machine."),
        (("shop.test", "fd00::1"), "Only webhooks to shop.test and fd00::1 leave this machine."),
    ],
)
def test_the_welcome_says_what_leaves_this_machine(hosts: tuple[str, ...], said: str) -> None:
    server = Server(port=0, world="empty", webhook_hosts=hosts)
    server.start()
    welcome = server.welcome()
    server.stop()
    assert f"\n{said}\n" in welcome


def test_a_line_for_each_call_goes_to_standard_error_while_the_server_runs(
    double: Double, capsys: pytest.CaptureFixture[str]
) -> None:
    def ask(path: str) -> None:
        Gate(Tenants(double)).answer(Request("GET", path, headers={"host": "localhost"}))

    ask("/before")
    with exchanges_printed():
        ask("/invitation/creat")
    ask("/after")
    assert capsys.readouterr() == (
        "",
        "GET /invitation/creat 404 because /invitation/creat: no such call; did you mean /invitation/create?\n",
    )


class Ended:
    """Does not wait for an interruption."""

    def wait(self) -> None:
        logging.getLogger("mockserver").info("a call")


@pytest.fixture
def handlers() -> Iterator[None]:
    """Whatever handles the signals, afterwards too."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
def test_a_quiet_server_prints_only_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.cli.serve.Event", Ended)
    said = run("serve", "--port", "0").output
    assert "Everything else: http://127.0.0.1:" in said
    assert said.endswith("a call\n")
    assert run("serve", "--port", "0", "--quiet").output == ""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert "already in use" in run("serve", "--port", str(taken.getsockname()[1]), "--quiet").output


def test_the_options_of_the_journal_and_of_explanations_reach_every_tenant() -> None:
    server = Server(port=0, journal=2, explains=False)
    server.start()
    assert server.gate.tenancy
    tenant = server.gate.tenancy.open(world="empty", start=None, seed="", speed=0, adjustments={})
    server.stop()
    for double in (server.double, tenant):
        assert (double.world.journal.capacity, double.explains) == (2, False)
