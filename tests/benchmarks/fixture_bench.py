"""The fixture: what a test pays for it, beside the fixtures of the peers; and what snapshots cost."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from datetime import datetime, timezone
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from peers import say
from table import Options, Table

PLUGINS = {"mockserver": "mockserver.pytest_plugin", "pytest_httpserver": "pytest_httpserver.pytest_plugin"}

SUITES = {
    "bare": ("", "def test_{n}(): pass"),
    "ours, installed": ("", "def test_{n}(): pass"),
    "ours, unused": ("", "def test_{n}(securating): pass"),
    "ours, one call": (
        "import requests\nS = requests.Session()",
        "def test_{n}(securating):\n    S.get(securating.url + '/resource/build.js')",
    ),
    "pytest-httpserver, unused": ("", "def test_{n}(httpserver): pass"),
    "pytest-httpserver, one call": (
        "import requests\nS = requests.Session()",
        "def test_{n}(httpserver):\n    httpserver.expect_request('/x').respond_with_data('y')\n"
        "    S.get(httpserver.url_for('/x'))",
    ),
    "responses, one call": (
        "import requests, responses",
        "@responses.activate\ndef test_{n}():\n    responses.get('http://x/', body='y')\n    requests.get('http://x/')",
    ),
    "respx, one call": (
        "import httpx, respx",
        "@respx.mock\ndef test_{n}():\n    respx.get('http://x/').respond(text='y')\n    httpx.get('http://x/')",
    ),
    "moto, unused": ("from moto import mock_aws", "@mock_aws\ndef test_{n}(): pass"),
}
"""What stands above the tests of a suite, and each test."""

NEEDS = {"pytest-httpserver": "pytest_httpserver", "responses": "responses", "respx": "respx", "moto": "moto"}

CLOCK = """
import time
finished = []
def pytest_runtest_logfinish():
    finished.append(time.perf_counter())
def pytest_sessionfinish():
    with open("each", "w") as file:
        print((finished[-1] - finished[0]) / max(1, len(finished) - 1), file=file)
"""
"""Times the tests of a suite from the end of the first, which pays for first use, to the end of the last."""

AIM = (
    "Microseconds a test beyond an empty one; the first test, which pays for imports and first use, is not counted.",
    "Whole: seconds of a run of one test, from start to exit. Peers that are not installed are left out.",
    "Must (moonshot): 1.0 (0.7) of pytest-httpserver unused, 0.6 (0.5) with one call; installed 1.03 x bare.",
)


def run(options: Options) -> Table:
    """Measure every suite whose library is installed."""
    rounds, size = (2, 200) if options.quick else (7, 1000)
    suites = [name for name in SUITES if find_spec(NEEDS.get(name.split(",")[0], "pytest"))]
    each: dict[str, list[float]] = {name: [] for name in suites}
    whole: dict[str, list[float]] = {name: [] for name in suites}
    with TemporaryDirectory() as directory:
        Path(directory, "conftest.py").write_text(CLOCK, encoding="utf-8")
        for number in range(rounds):
            say(f"fixture: round {number + 1} of {rounds}")
            for name in random.sample(suites, k=len(suites)):
                whole[name].append(_seconds(Path(directory), name, 1))
                _seconds(Path(directory), name, size)
                each[name].append(float(Path(directory, "each").read_text(encoding="utf-8")) * 1e6)
    empty = median(each["bare"])
    rows = {name: [median(each[name]) - empty, median(whole[name])] for name in suites}
    rows |= _snapshots()
    return Table("The fixture", ["µs a test", "whole s"], rows, AIM)


def _seconds(directory: Path, name: str, count: int) -> float:
    above, test = SUITES[name]
    path = directory / f"test_{count}.py"
    path.write_text("\n".join([above, *(test.format(n=number) for number in range(count))]), encoding="utf-8")
    used = [plugin for word, plugin in PLUGINS.items() if word.replace("_", "-") in name or _is_ours(name, word)]
    loaded = [part for plugin in used for part in ("-p", plugin)]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *loaded, str(path)]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    begin = perf_counter()
    subprocess.run(command, cwd=directory, env=environment, check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - begin


def _is_ours(name: str, word: str) -> bool:
    return name.startswith("ours") and word == "mockserver"


def _snapshots() -> dict[str, list[float]]:
    """Return microseconds of a fresh world, and of a snapshot of a hundred and of ten thousand invitations."""
    from time_bench import world_of

    from mockserver.testing import Server

    server = Server()
    begin = datetime(2026, 3, 2, tzinfo=timezone.utc)
    rows = {"fresh world, opened and closed": [_microseconds(lambda: server.close(server.open(start=begin)), 500)]}
    for size in (100, 10_000):
        rows[f"snapshot of {size:,} invitations"] = [_microseconds(world_of(size).copy, 200)]
    return {name: [figure, 0.0] for name, (figure,) in rows.items()}


def _microseconds(action: object, times: int) -> float:
    assert callable(action)
    begin = perf_counter()
    for _ in range(times):
        action()
    return (perf_counter() - begin) / times * 1e6
