"""The contract holds for the double: in process, and behind a port."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.contract.cases import all_cases, unseen_claims
from mockserver.contract.exchange import Answer
from mockserver.contract.http_call import Caller
from mockserver.contract.options import prepared, wish
from mockserver.contract.plugin import check_live
from mockserver.contract.run import CONFIRMED
from mockserver.contract.verdicts import NoAnswer
from mockserver.core.errors import InvalidInput
from mockserver.interception.wall import WALL
from mockserver.runtime.learned import read_learned
from mockserver.services.service import Request
from mockserver.services.smsvote.model import SmsVote
from mockserver.web.server import Server
from tests.contract.conftest import Serve


def unconfirmed(**told: object) -> list[object]:
    with prepared(wish(**told), lambda _line: None) as run:
        run.play_all(all_cases(), lambda _verdict: None)
    assert run.ended is None
    return [(each.case.name, each.why, each.differences) for each in run.verdicts if each.outcome != CONFIRMED]


def test_the_double_keeps_the_contract_in_process() -> None:
    assert unconfirmed(target="inproc") == []


def test_a_started_server_keeps_the_contract() -> None:
    server = Server(port=0, explains=True)
    server.start()
    try:
        assert unconfirmed(target="server", url=server.url) == []
        assert len(server.gate.tenants.doubles) == 1, "each case has closed its tenant"
    finally:
        server.stop()


def test_a_server_with_another_setting_is_contradicted_with_both_answers(serve: Serve) -> None:
    server = serve(**{"smsvote.balance_places": 3})
    result = CliRunner().invoke(main, ["contract", "--target", "server", "--url", server.url])
    assert result.exit_code == 1
    report = result.stdout
    assert "contradicted       SMS-B1" in report
    assert "      expected 200 text/plain; charset=utf-8\n      1000.00\n" in report
    assert "      -> 200 text/plain; charset=utf-8\n      1000.000\n" in report
    assert "could not be seen  SMS-V7" in report
    assert "Held against server: 8" in report
    assert "1/1" in result.stderr
    assert "the balance is a plain decimal: contradicted" in result.stderr


def test_the_report_as_json_speaks_of_every_claim() -> None:
    result = CliRunner().invoke(main, ["contract", "--json"])
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert (report["target"], report["exit_code"], report["ended"]) == ("inproc", 0, None)
    outcomes = {row["claim"]: row["outcome"] for row in report["claims"]}
    assert len(outcomes) == 91
    assert {claim for claim, outcome in outcomes.items() if outcome != "confirmed"} == set(unseen_claims())


def test_pytest_plays_it_announcing_what_it_sends_and_learning(
    pytester: pytest.Pytester, serve: Serve, live_options: Callable[..., dict[str, Any]]
) -> None:
    learned = pytester.path / "learned.json"
    told = live_options(serve(**{"smsvote.balance_places": 3}).url, learn=learned, spend=1)
    words = [
        f"--{name.replace('_', '-')}={each}"
        for name, value in told.items()
        for each in (value if isinstance(value, tuple) else (value,))
    ]
    chosen = ("-k", "decimal or acknowledged or recalls", "-p", "no:cacheprovider")
    result = pytester.runpytest_subprocess("--pyargs", "mockserver.contract", "-q", *chosen, *words)
    result.assert_outcomes(passed=2, failed=1, skipped=4)
    shown = ["about to send a text message to 79010009999", "expected 200 text/plain; charset=utf-8", "40.00"]
    result.stdout.fnmatch_lines([*shown, "*contract*", "contradicted*SMS-B1*", "Held against live:*"])
    assert "smsvote.success_body" in {each.setting for each in read_learned(learned)}


def test_the_wall_is_down_for_a_call_on_a_live_account_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    modes = []

    def call(_caller: Caller, _request: Request) -> Answer:
        modes.append(WALL.mode)
        raise NoAnswer("nobody")

    monkeypatch.setattr(Caller, "call", call)
    before = WALL.mode
    told = {"target": "live", "spend": 0, "smsvote_id": 52, "smsvote_secure": "secret"}
    with prepared(wish(**told), lambda _line: None) as run:
        run.begin()
    assert run.exit_code == 4
    assert (modes, WALL.mode) == (["off"], before)


@pytest.mark.parametrize(("said", "why"), [("mockserver_offline", "--offline"), ("numprocesses", "pytest-xdist")])
def test_a_live_account_is_not_for_every_run(said: str, why: str) -> None:
    option = SimpleNamespace(**{"mockserver_offline": False, "numprocesses": None, said: 2})
    config: Any = SimpleNamespace(option=option, getoption=lambda name, default=None: getattr(option, name, default))
    with pytest.raises(InvalidInput, match=why):
        check_live(config)


def test_other_suites_know_nothing_of_its_options(pytestconfig: pytest.Config) -> None:
    assert not pytestconfig.pluginmanager.has_plugin("mockserver.contract.plugin")


def test_learned_settings_are_what_the_double_answers_by(tmp_path: Path) -> None:
    file = tmp_path / "learned.json"
    entry = {"setting": "smsvote.balance_places", "value": 4, "seen_at": "2020-01-01", "evidence": "", "claims": []}
    file.write_text(json.dumps({"format": "mockserver-settings/1", "settings": [entry]}), encoding="utf-8")
    result = CliRunner().invoke(main, ["contract", "--settings", str(file)])
    assert result.exit_code == 0, result.stdout
    assert "Held against inproc: 87 confirmed" in result.stdout
    assert "balance_places was seen on 2020-01-01, longer ago than 180d: look again" in result.stdout
    server = Server(port=0, settings=str(file))
    assert server.double.world.state(SmsVote).settings.balance_places == 4
