"""The ini settings and options of the pytest plugin; a mark on a test wins over them."""

from __future__ import annotations

import pytest

from mockserver.pytest_wall import add_offline


def declare(parser: pytest.Parser) -> None:
    """Declare them."""
    ini = parser.addini
    ini("mockserver_world", "shipped world or file that every test begins with", default="empty")
    ini("mockserver_settings", "file of settings that a real account has taught (contract --learn)")
    ini("mockserver_start", "instant at which the clock of every test stands, such as 2026-03-01 10:00")
    ini("mockserver_freeze", "freeze the application at mockserver_start too", type="bool", default=False)
    ini("mockserver_explain", "say in headers why each answer is so", type="bool", default=True)
    ini("mockserver_allow", "what does not fail a test: unknown-calls, bad-webhooks …", type="args", default=[])
    ini("mockserver_env", "environment variables of every test, a NAME={url} a line", type="linelist", default=[])
    ini("mockserver_offline", "whom tests never reach for real: vendors, all, off", default="vendors")
    ini("mockserver_fail_on_assumed", "fail a test that rests on an assumed answer", type="bool", default=False)
    ini("mockserver_coverage", "tell which outcomes of the services the tests have met", type="bool", default=False)
    ini("mockserver_coverage_json", "file for the same as JSON")
    ini("mockserver_fail_under", "fail the run when fewer percent of the outcomes were met")
    add_offline(parser, "--mockserver-offline")
    group = parser.getgroup("mockserver")
    for name, what in (
        ("--fail-on-assumed", "fail a test that rests on an answer which is assumed and not pinned by a setting"),
        ("--mockserver-coverage", "tell which outcomes of the services the tests have met, and which never"),
    ):
        group.addoption(name, action="store_true", help=what)
    group.addoption("--mockserver-coverage-json", metavar="FILE", help="write the same there as JSON")
    group.addoption("--mockserver-fail-under", metavar="N", help="fail when fewer than N percent of them were met")


def wants_coverage(config: pytest.Config) -> bool:
    """Say whether outcomes are to be told, or a file or a minimum of them is asked for."""
    return (
        flag(config, "mockserver_coverage") or config.getoption("mockserver_coverage") or any(map(bool, wishes(config)))
    )


def flag(config: pytest.Config, name: str) -> bool:
    """Return an ini setting that is true or false. Raises `UsageError` naming it."""
    try:
        return bool(config.getini(name))
    except (ValueError, pytest.UsageError) as error:
        raise pytest.UsageError(f"{name}: {error}; true or false expected") from None


def wishes(config: pytest.Config) -> tuple[str, str]:
    """Return the file for the outcomes as JSON, and the fewest percent; empty where there is none."""
    file = config.getoption("mockserver_coverage_json") or config.getini("mockserver_coverage_json") or ""
    return file, config.getoption("mockserver_fail_under") or config.getini("mockserver_fail_under") or ""
