"""The recipe for /etc/hosts, as the README has it, in a network and under a hosts file of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
(RECIPE,) = re.findall(r"```console\n(# echo [^`]*)```", README)


def test_the_names_given_to_this_machine_reach_the_double(tmp_path: Path) -> None:
    alone = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--map-root-user"]
    if not (
        shutil.which("ip") and shutil.which("unshare") and subprocess.run([*alone, "true"], check=False).returncode == 0
    ):
        pytest.skip("no network of its own is to be had here")
    hosts = tmp_path / "hosts"
    shutil.copy("/etc/hosts", hosts)
    (tmp_path / "mockserver").write_text(f'#!/bin/sh\nexec {sys.executable} -m mockserver "$@"\n', encoding="utf-8")
    (tmp_path / "mockserver").chmod(0o755)
    commands = re.sub(r"^[#$] ", "", RECIPE, flags=re.MULTILINE)
    # A server that is not quiet greets once it answers; the next command waits for the greeting.
    patient = re.sub(
        r"^(mockserver serve .*) --quiet &$",
        r"exec {greeting}< <(\1); read -ru $greeting",
        commands,
        flags=re.MULTILINE,
    )
    script = f"set -e\nip link set lo up\nmount --bind {hosts} /etc/hosts\n{patient.replace('curl ', 'curl -sS ')}"

    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    surroundings = {**os.environ, "PATH": path}
    command = [*alone, "bash", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, env=surroundings, check=False, timeout=60)

    assert done.returncode == 0, done.stderr
    assert "securating" in done.stdout
    assert "Error: json" in done.stdout
