"""What the README shows is what happens."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from mockserver.runtime.worlds import load_world
from mockserver.services import SERVICES
from tests.e2e.conftest import run_double

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```sh\n(.*?)```\n\n```text\n(.*?)```", README, re.DOTALL)
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Any]:
    """One double for all the examples."""
    yield from run_double(tmp_path)


def test_the_commands_of_the_readme_typed_one_after_the_other_print_what_it_shows(running: Any) -> None:
    for commands, shown in EXAMPLES:
        script = commands.replace("http://127.0.0.1:8052", running.url).replace("curl ", "curl -sS ")
        script = script.replace(".venv/bin/mockserver", f"{sys.executable} -m mockserver")
        printed = subprocess.run(["bash", "-ec", script], capture_output=True, check=True).stdout.decode()
        pattern = ".*".join(re.escape(part.strip()) for part in shown.split("…"))
        assert re.fullmatch(pattern, printed.strip(), re.DOTALL), f"{commands}\n{printed}"


def test_the_python_examples_of_the_readme_pass(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(**{f"test_{number}": example for number, example in enumerate(PYTHON)})
    pytester.runpytest_subprocess().assert_outcomes(passed="".join(PYTHON).count("def test_"))


def test_the_world_of_the_readme_can_be_loaded(tmp_path: Path) -> None:
    (example,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    file = tmp_path / "world.json"
    file.write_text(re.sub(r'"64 letters[^"]*"', f'"{"k" * 64}"', example), encoding="utf-8")
    world = load_world(str(file), datetime(2026, 1, 1, tzinfo=timezone.utc))
    assert world.clock.now == datetime(2026, 3, 1, 10, tzinfo=timezone.utc)
    assert [service.credentials(world) for service in SERVICES] == [
        {"keywebsite": "k" * 64},
        {"id": 52, "secure": "secret"},
    ]


def test_the_readme_has_examples_of_both_kinds() -> None:
    assert len(EXAMPLES) >= 6
    assert PYTHON
