"""The double as a user runs it: `python -m mockserver serve` in a process of its own."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

HERE = Path(__file__).parent

_CALL = re.compile(r"(\[\S+\] )?[A-Z]+ \S+ \d{3}\b")
"""The line that the double prints for a call."""


class Running:
    """A running double and its control surface."""

    def __init__(self, process: subprocess.Popen[str], ready: dict[str, Any], welcome: str) -> None:
        self.process = process
        self.ready = ready
        self.url: str = ready["url"]
        self.welcome = welcome

    def control(self, method: str, path: str, **body: Any) -> Any:
        """Call the control surface, which must answer 200."""
        answer = requests.request(method, f"{self.url}/_mock/v1{path}", json=body or None, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        return self.control("GET", path)

    def post(self, path: str, **body: Any) -> Any:
        return self.control("POST", path, **body)


def run_double(folder: Path, *options: str) -> Iterator[Running]:
    """Start the double, wait for its welcome, and end it as a terminal would."""
    ready = folder / "ready.json"
    command = [
        sys.executable,
        "-m",
        "mockserver",
        "serve",
        "--port",
        "0",
        "--ready-file",
        str(ready),
        *options,
    ]
    log = folder / "stderr.txt"
    with (
        log.open("w", encoding="utf-8") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, encoding="utf-8") as process,
    ):
        assert process.stdout
        welcome = ""
        for line in process.stdout:
            welcome += line
            if line.startswith("Everything else"):
                break
        if not welcome:
            pytest.fail(f"the double did not start: {log.read_text(encoding='utf-8')}")
        yield Running(process, json.loads(ready.read_text(encoding="utf-8")), welcome)
        process.terminate()
        process.communicate(timeout=20)
        assert process.returncode == 0
        complaints = [line for line in log.read_text(encoding="utf-8").splitlines() if not _CALL.match(line)]
        assert complaints == []
        assert not ready.exists()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """The double with the demo world, on a free port."""
    yield from run_double(tmp_path)


@pytest.fixture
def needs() -> Callable[[str], str]:
    """Skip a test whose tool is not installed; `make test` installs them where it may."""

    def needs(tool: str) -> str:
        return shutil.which(tool) or pytest.skip(f"{tool} is not installed")

    return needs


@pytest.fixture
def php_receiver(tmp_path: Path, needs: Callable[[str], str]) -> Iterator[tuple[str, Path]]:
    """A webhook receiver under `php -S`: its address, and the file it writes."""
    received = tmp_path / "received.jsonl"
    command = [needs("php"), "-S", "127.0.0.1:0", str(HERE / "php" / "receiver.php")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={"RECEIVED": str(received)}) as process:
        assert process.stderr
        first = process.stderr.readline()
        address = first[first.index("http://") : first.index(")")]
        yield address, received
        process.terminate()
        process.communicate(timeout=10)
