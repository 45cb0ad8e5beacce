from __future__ import annotations

import os
import runpy
import signal
import sys

import pytest

from mockserver.cli import offspring


def test_a_command_runs_where_there_are_neither_groups_nor_all_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SIGHUP", "SIGQUIT", "SIGKILL"):
        monkeypatch.delattr(signal, name)
    monkeypatch.setattr(signal, "Signals", [signal.SIGINT, signal.SIGTERM])
    monkeypatch.delattr(os, "killpg")
    monkeypatch.setattr(sys, "platform", "win32")
    there = runpy.run_path(str(offspring.__file__))
    assert there["PASSED_ON"] == [signal.SIGINT, signal.SIGTERM]
    before = signal.getsignal(signal.SIGTERM)
    with there["Offspring"]([sys.executable, "-c", "raise SystemExit(3)"], os.environ) as command:
        assert command.wait() == 3
    assert signal.getsignal(signal.SIGTERM) is before
