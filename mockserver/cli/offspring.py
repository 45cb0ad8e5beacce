"""A command as this process's child: signals passed on, nothing of it left behind."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any

from mockserver.runtime.pace import real_seconds

PASSED_ON = [each for each in signal.Signals if each.name in {"SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"}]
"""Not every system has all of them."""

GRACE = 2.0
"""Real seconds that what the command has started may take to end, once it has ended itself."""

_BREATH = 0.01
_SET_CHILD_SUBREAPER = 36


class Offspring:
    """A command in a session of its own, within `with`; at the end of that, all of it has ended.

    On Linux that holds for daemons too, which leave the session: orphans become this process's own children.

    Its process group is `group`. Raises `OSError` for a command that cannot be run.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command, self._environment = command, environment
        self._early: list[int] = []
        self.group = 0
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Offspring:
        self._elder = set(_children())
        _adopt_orphans()
        for number in PASSED_ON:
            self._before[number] = signal.signal(number, self._pass_on)
        try:
            self._child = subprocess.Popen(self._command, env=self._environment, start_new_session=True)  # noqa: S603
        except BaseException:
            self._take_back()
            raise
        self.group = self._child.pid
        for early in self._early:
            self._signal(early)
        return self

    def __exit__(self, *_: object) -> None:
        self._end_group()
        self._take_back()

    def wait(self) -> int:
        """Wait for the command; return its exit code, or 128 and the number of the signal that killed it."""
        code = self._child.wait()
        return code if code >= 0 else 128 - code

    def _pass_on(self, number: int, _frame: FrameType | None) -> None:
        if self.group:
            self._signal(number)
        else:
            self._early.append(number)

    def _signal(self, number: int) -> None:
        if sys.platform == "win32":  # there are no groups, and Ctrl-C reaches by itself all that share the console
            if number != signal.SIGINT:
                self._child.terminate()
            return
        with suppress(ProcessLookupError):
            os.killpg(self.group, number)

    def _end_group(self) -> None:
        deadline = real_seconds() + GRACE
        self._end_all(signal.SIGTERM)
        if sys.platform == "win32":
            return
        while self._is_alive() and real_seconds() < deadline:
            Event().wait(_BREATH)
        self._end_all(signal.SIGKILL)

    def _end_all(self, number: int) -> None:
        self._signal(number)
        for orphan in self._orphans():
            with suppress(ProcessLookupError):
                os.kill(orphan, number)

    def _is_alive(self) -> bool:
        for orphan in self._orphans():
            with suppress(ChildProcessError):
                os.waitpid(orphan, os.WNOHANG)
        try:
            os.killpg(self.group, 0)
        except ProcessLookupError:
            return bool(self._orphans())
        return True

    def _orphans(self) -> set[int]:
        return _children() - self._elder

    def _take_back(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def _adopt_orphans() -> None:
    """Have what this process's descendants leave behind become its own children, and not those of process 1."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _children() -> set[int]:
    """Return the processes whose parent is this one; none where the system does not tell."""
    return {int(pid) for file in Path("/proc/self/task").glob("*/children") for pid in file.read_text().split()}
