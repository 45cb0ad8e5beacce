"""The example applications: each is a project of its own, whose suite passes wherever it is run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent / "examples"
TESTS = {"django_shop": 6, "fastapi_app": 5, "flask_shop": 12, "sms_script": 10}


def run(pytester: pytest.Pytester, name: str, *options: str) -> None:
    """Run a copy of an example, far from this repository's own settings."""
    shutil.copytree(EXAMPLES / name, pytester.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", *options)
    result.assert_outcomes(passed=TESTS[name])


def test_every_example_is_run() -> None:
    assert sorted(TESTS) == sorted(path.parent.name for path in EXAMPLES.glob("*/pytest.ini"))


@pytest.mark.parametrize("name", TESTS)
def test_an_example_passes(pytester: pytest.Pytester, name: str) -> None:
    run(pytester, name)


@pytest.mark.parametrize("name", TESTS)
def test_an_example_passes_on_several_processes_with_nothing_to_configure(pytester: pytest.Pytester, name: str) -> None:
    pytest.importorskip("xdist")
    run(pytester, name, "-n", "2")
