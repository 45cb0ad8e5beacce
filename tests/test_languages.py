"""The example in other languages: a shop, and its test against a double of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "examples" / "languages"
COMMANDS = {
    "php": ["php", "shop_test.php"],
    "node": ["node", "--test", "shop.test.mjs"],
    "sh": ["sh", "shop_test.sh"],
}


@pytest.mark.parametrize("language", COMMANDS)
def test_a_shop_is_tested_in_its_own_language(language: str, tmp_path: Path) -> None:
    if not shutil.which(language) or (language == "sh" and not shutil.which("curl")):
        pytest.skip(f"{language} is not installed")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        COMMANDS[language], cwd=FOLDER, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "not ok" not in done.stdout
    assert not list(tmp_path.iterdir())
