"""`pytest --mockserver-coverage`: what of everything that the two services can do a suite has met."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mockserver.pytest_options import wishes
from mockserver.runtime.coverage import Coverage, Meeting, percent_of

SHIPPED = "mockserver_outcomes"
"""Under this name a process of pytest-xdist hands over what it has met."""


class OutcomeCoverage:
    """Looks at the worlds of each test once it is over, and tells of all of them at the end."""

    def __init__(self, config: pytest.Config, servers: pytest.StashKey[Any]) -> None:
        self._servers = servers
        self._coverage = Coverage()
        self._places: dict[str, int] = {}
        file, least = wishes(config)
        self._file = config.invocation_params.dir / file if file else None
        if self._file and (self._file.is_dir() or not self._file.parent.is_dir()):
            raise pytest.UsageError(f"mockserver-coverage-json: {file}: a file in a folder that exists expected")
        try:
            self._least = percent_of(least) if least else 0.0
        except ValueError as error:
            raise pytest.UsageError(f"mockserver-fail-under: {error}") from None

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note the order of the tests."""
        self._places = {item.nodeid: place for place, item in enumerate(session.items)}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Look at the worlds of a test while they are there."""
        meeting = Meeting(self._places.get(item.nodeid, len(self._places)), item.nodeid)
        for server in item.stash.get(self._servers, {}):
            self._coverage.look(server.double, server.began, meeting)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take in what another process has met; one that crashed has told nothing."""
        self._coverage.take(getattr(node, "workeroutput", {}).get(SHIPPED, []))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Hand over, or write the file, and fail a run that has met too little."""
        if (output := getattr(session.config, "workeroutput", None)) is not None:
            output[SHIPPED] = self._coverage.shipped()
            return
        if self._file and not session.config.option.collectonly:
            write(self._file, self._coverage.as_json())
        if exitstatus == pytest.ExitCode.OK and self._is_too_little(session.config):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        """Tell what was met and what never."""
        if config.option.collectonly:
            return
        terminalreporter.section("mockserver: outcomes of the services")
        for line in self._coverage.table():
            terminalreporter.line(line)
        if self._is_too_little(config):
            said = f"FAILED: {self._coverage.percent:.1f} % of the outcomes were met"
            terminalreporter.line(f"{said}, mockserver-fail-under is {self._least:g}", red=True)

    def _is_too_little(self, config: pytest.Config) -> bool:
        return self._coverage.percent < self._least and not config.option.collectonly


def write(file: Path, text: str) -> None:
    """Write a file. Raises `UsageError`."""
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise pytest.UsageError(f"mockserver-coverage-json: {file}: {error.strerror}") from None
