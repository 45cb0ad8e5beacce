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
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.runtime.worlds import load_world
from mockserver.services import SERVICES
from mockserver.web.server import Server
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
    file.write_text(example, encoding="utf-8")
    checked = CliRunner().invoke(main, ["world", "check", str(file)])
    assert checked.exit_code == 0, checked.output
    assert checked.output.startswith(f"{file} is a world. It begins at 2026-03-01 10:00:00 UTC with:\n")
    securating, smsvote = (
        service.credentials(load_world(str(file), datetime(2026, 1, 1, tzinfo=timezone.utc))) for service in SERVICES
    )
    assert re.fullmatch(r"\w{64}", str(securating["keywebsite"])), "drawn, where it is left out"
    assert smsvote == {"id": 52, "secure": "secret"}


def test_the_welcome_makes_calls_of_the_readme() -> None:
    server = Server(port=0)
    server.start()
    welcome, url = server.welcome(), server.url
    server.stop()
    calls = [line.strip().replace(url, "http://127.0.0.1:8052") for line in welcome.splitlines() if "  curl " in line]
    in_lines = re.sub(r" \\\n +", " ", README)
    assert len(calls) == 3
    for call in calls:
        assert f"\n{call}\n" in in_lines


def test_the_links_below_the_first_paragraph_lead_to_sections() -> None:
    sections = {
        re.sub(r"[^\w-]", "", title.lower().replace(" ", "-"))
        for title in re.findall(r"^#+ (.*)", README, re.MULTILINE)
    }
    links = re.findall(r"\]\(#([^)]*)\)", README)
    assert len(links) >= 6
    assert set(links) <= sections


def test_the_readme_has_examples_of_both_kinds() -> None:
    assert len(EXAMPLES) >= 6
    assert PYTHON
