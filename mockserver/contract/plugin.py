"""The options and the report of `pytest --pyargs mockserver.contract`; loaded for that alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.options import OPTIONS, Option, Wishes, prepared, wish
from mockserver.contract.report import Report
from mockserver.contract.run import Run
from mockserver.core.errors import InvalidInput
from mockserver.runtime.learned import write_learned

_run = pytest.StashKey[Run]()
_wishes = pytest.StashKey[Wishes]()
_PREFIX = "contract_"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options, those of `mockserver contract`."""
    group = parser.getgroup("mockserver contract", "whom the contract is held against")
    for option in OPTIONS:
        group.addoption(f"--{option.name}", **_declared(option))


def _declared(option: Option) -> dict[str, Any]:
    how: dict[str, Any] = {"dest": f"{_PREFIX}{option.field}", "help": option.help, "default": None}
    if option.is_many:
        return how | {"action": "append", "metavar": "TEXT"}
    if option.choices:
        return how | {"choices": option.choices}
    return how | {"type": type(option.default), "metavar": "NUMBER" if isinstance(option.default, int) else "TEXT"}


def _wished(config: pytest.Config) -> Wishes:
    told = {option.field: config.getoption(f"{_PREFIX}{option.field}") for option in OPTIONS}
    return wish(**{name: value for name, value in told.items() if value is not None})


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Open the target. The wall against the vendors stands: a live account comes past it call by call."""
    try:
        wishes = config.stash[_wishes] = _wished(config)
        if wishes.target == "live":
            check_live(config)
        opened = ExitStack()
        config.add_cleanup(opened.close)
        config.stash[_run] = opened.enter_context(prepared(wishes, partial(_announce, config)))
    except InvalidInput as mistake:
        raise pytest.UsageError(str(mistake)) from None


def _announce(config: pytest.Config, line: str) -> None:
    """Say a line before something is sent, whatever pytest does with the output of tests."""
    capture: Any = config.pluginmanager.get_plugin("capturemanager")
    terminal: Any = config.pluginmanager.get_plugin("terminalreporter")
    with capture.global_and_fixture_disabled() if capture else nullcontext():
        terminal.write_line(f"\n{line}")


def check_live(config: pytest.Config) -> None:
    """Raise `InvalidInput` for a run that must not reach a live account."""
    if config.getoption("mockserver_offline", False):
        raise InvalidInput("--target", "live, and --offline says that nobody is reached")
    if hasattr(config, "workerinput") or getattr(config.option, "numprocesses", None):
        raise InvalidInput("--target", "live, and pytest-xdist would spend on several accounts' behalf at once")


@pytest.fixture(scope="session")
def contract_run(pytestconfig: pytest.Config) -> Iterator[Run]:
    """The run that all cases are part of; what it learned is written when it ends, however it does."""
    run, wishes = pytestconfig.stash[_run], pytestconfig.stash[_wishes]
    run.begin()
    yield run
    if wishes.learn and run.learned:
        write_learned(Path(wishes.learn), run.learned_settings())


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Report claim by claim."""
    run, wishes = config.stash[_run], config.stash[_wishes]
    if run.verdicts:
        terminalreporter.section("contract")
        for line in Report(run, wishes.given(), wishes.age()).lines():
            terminalreporter.write_line(line)
