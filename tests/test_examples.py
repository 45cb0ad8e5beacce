"""The example applications: each is a project of its own, whose suite passes wherever it is run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent / "examples"
TESTS = {"django_shop": 6, "fastapi_app": 5, "flask_shop": 12, "sms_script": 10}
SLOW = ("schemathesis", "hypothesispytest", "respx", "pytest_httpserver")
"""Plugins that are installed here, that no example uses, and that take long to import."""


@pytest.fixture
def users_pytester(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Run suites as users do, whose pytest finds the plugin by itself."""
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    pytester.plugins.clear()
    return pytester


def run(pytester: pytest.Pytester, name: str, *options: str) -> None:
    """Run a copy of an example, far from this repository's own settings."""
    shutil.copytree(EXAMPLES / name, pytester.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    without = [word for plugin in SLOW for word in ("-p", f"no:{plugin}")]
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", *without, *options)
    result.assert_outcomes(passed=TESTS[name])


def test_every_example_is_run() -> None:
    assert sorted(TESTS) == sorted(path.parent.name for path in EXAMPLES.glob("*/pytest.ini"))


@pytest.mark.parametrize("name", TESTS)
def test_an_example_passes(users_pytester: pytest.Pytester, name: str) -> None:
    run(users_pytester, name)


def test_an_example_passes_on_several_processes_with_nothing_to_configure(users_pytester: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    run(users_pytester, "flask_shop", "-n", "2")
