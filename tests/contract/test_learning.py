"""A double with other settings plays the live service; a run learns them, and a first double then answers alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mockserver.contract.cases import all_cases
from mockserver.contract.http_call import Caller
from mockserver.contract.options import prepared, wish
from mockserver.contract.run import CONFIRMED, REFUTED, Run
from mockserver.runtime.learned import overridden, read_learned, write_learned
from mockserver.services import SERVICES
from tests.contract.conftest import OTHERWISE, Serve

Options = Callable[..., dict[str, Any]]


def otherwise(service: str) -> dict[str, Any]:
    return {name.partition(".")[2]: value for name, value in OTHERWISE.items() if name.startswith(service)}


def learn(options: dict[str, Any]) -> Run:
    with prepared(wish(**options), lambda _line: None, word="run-1") as run:
        run.play_all(all_cases(), lambda _verdict: None)
    return run


def test_the_second_double_differs_in_every_setting_that_can_be_learned() -> None:
    for service in SERVICES:
        defaults = service.settings()
        learnable = {
            name: getattr(defaults, name)
            for name in service.settings.__dataclass_fields__
            if service.settings.__dataclass_fields__[name].metadata["learned_by"]
        }
        wanted = otherwise(service.name)
        assert set(learnable) == set(wanted)
        changed = defaults.override(wanted, service.name)
        assert [name for name in wanted if getattr(changed, name) == learnable[name]] == []


def test_after_one_run_a_first_double_answers_the_whole_contract_byte_for_byte(
    serve: Serve, live_options: Options, tmp_path: Path
) -> None:
    file = tmp_path / "learned.json"
    run = learn(live_options(serve(**OTHERWISE).url))
    assert run.ended is None, run.reason
    write_learned(file, run.learned_settings())
    for service in SERVICES:
        taught = service.settings().override(overridden(read_learned(file))[service.name], "")
        assert taught == service.settings().override(otherwise(service.name), "")

    first = Caller(serve(settings=file).url, 5)
    assert len(run.exchanges) > 100
    for recorded in run.exchanges:
        assert first.call(recorded.request) == recorded.answer, recorded


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
