"""A double with other settings plays the live service; a run learns them, and a first double then answers alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.exchange import Exchange
from mockserver.contract.http_call import Caller
from mockserver.contract.run import CONFIRMED, REFUTED
from mockserver.runtime.learned import overridden, read_learned, write_learned
from mockserver.services import SERVICES
from tests.contract.conftest import HIDDEN, OTHERWISE, Options, Serve, learn

IN_ITS_OWN_WORDS = {
    "securating.form_path": "the script that opens the form names its address",
    "securating.same_email_window": "a refusal says how long an address has to wait",
    "securating.languages": "a refusal says which languages there are",
}
"""Settings that are hidden and yet show, but only in words of the double's own, so that no body is compared."""


def rests_on_hidden(recorded: Exchange, hidden: set[str]) -> str | None:
    """Find the hidden setting that stands in the words of an answer."""
    words = {
        "securating.form_path": recorded.request.path == "/resource/build.js",
        "securating.same_email_window": " was invited at " in recorded.answer.text,
        "securating.languages": " unknown language " in recorded.answer.text,
    }
    assert words.keys() == IN_ITS_OWN_WORDS.keys()
    return next((setting for setting, shows in words.items() if shows and setting in hidden), None)


def of(service: str, settings: dict[str, Any]) -> dict[str, Any]:
    return {name.partition(".")[2]: value for name, value in settings.items() if name.startswith(service)}


@pytest.mark.parametrize(("why", "settings"), [("learned_by", OTHERWISE), ("hidden", HIDDEN)])
def test_the_second_double_differs_in_every_setting(why: str, settings: dict[str, Any]) -> None:
    for service in SERVICES:
        defaults = service.settings()
        meant = {
            name: getattr(defaults, name)
            for name in service.settings.__dataclass_fields__
            if service.settings.__dataclass_fields__[name].metadata[why]
        }
        wanted = of(service.name, settings)
        assert set(meant) == set(wanted)
        changed = defaults.override(wanted, service.name)
        assert [name for name in wanted if getattr(changed, name) == meant[name]] == []


@pytest.mark.parametrize("hidden", [{}, HIDDEN], ids=["as assumed where hidden", "otherwise where hidden too"])
def test_after_one_run_a_first_double_answers_the_whole_contract_byte_for_byte(
    serve: Serve, live_options: Options, tmp_path: Path, hidden: dict[str, Any]
) -> None:
    file = tmp_path / "learned.json"
    run = learn(live_options(serve(**OTHERWISE, **hidden).url))
    assert run.ended is None, run.reason
    write_learned(file, run.learned_settings())
    for service in SERVICES:
        taught = service.settings().override(overridden(read_learned(file))[service.name], "")
        assert taught == service.settings().override(of(service.name, OTHERWISE), "")

    first = Caller(serve(settings=file).url, 5)
    assert len(run.exchanges) > 100
    for recorded in run.exchanges:
        answer = first.call(recorded.request)
        if rests_on_hidden(recorded, set(hidden)) is None:
            assert answer == recorded.answer, recorded
        else:
            assert (answer.status, answer.content_type) == recorded.answer[:2], recorded


def test_a_first_double_that_has_learned_is_confirmed_by_the_same_contract(
    serve: Serve, live_options: Options, tmp_path: Path
) -> None:
    file = tmp_path / "learned.json"
    write_learned(file, learn(live_options(serve(**OTHERWISE).url)).learned_settings())

    again = learn(live_options(serve(settings=file).url, settings=str(file)))

    assert [(each.case.name, each.differences) for each in again.verdicts if each.outcome == REFUTED] == []
    assert again.exit_code == 0
    inproc = learn({"target": "inproc", "settings": str(file)})
    assert [(each.case.name, each.differences, each.why) for each in inproc.verdicts if each.outcome != CONFIRMED] == []
    assert json.loads(file.read_text(encoding="utf-8"))["format"] == "mockserver-settings/1"
