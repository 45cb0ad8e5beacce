"""Ends what `mockserver run` has started when that has been killed, and so cannot do it itself.

It is also the program that does so, in a process of its own: it imports nothing but what starts at once.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

_BREATH, _BREATHS = 0.05, 20
"""A real second in all, in which what has been told to end may do so in its own way."""


@contextmanager
def watched(folder: Path) -> Iterator[Callable[[int], object]]:
    """Have `folder` removed, and a command ended, should this process be killed within `with`.

    Gives what is to be told the command's process group. On Linux it is not that group alone that ends, but all that
    has `folder` in its environment. On Windows nobody watches.
    """
    if sys.platform == "win32":
        yield lambda _group: None
        return
    program = [sys.executable, "-I", "-S", __file__, str(folder)]
    receiving, telling = os.pipe()
    with os.fdopen(receiving) as ear, os.fdopen(telling, "wb", 0) as line:
        watcher = subprocess.Popen(  # noqa: S603
            program, stdin=ear, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            yield lambda group: line.write(b"%d\n" % group)
        finally:
            watcher.kill()
            watcher.wait()


def watch(folder: str) -> None:
    """Wait until nobody holds the other end of the standard input, and clear up."""
    group = int(sys.stdin.buffer.readline() or 0)
    sys.stdin.buffer.read()
    shutil.rmtree(folder, ignore_errors=True)
    _end(group, folder, signal.SIGTERM)
    for _ in range(_BREATHS):
        if not _end(group, folder, 0):
            return
        Event().wait(_BREATH)
    _end(group, folder, signal.SIGKILL)


def _end(group: int, folder: str, number: int) -> bool:
    """Signal all there is; say whether there was anything."""
    found = False
    with suppress(ProcessLookupError):
        if group:
            os.killpg(group, number)
            found = True
    for process in _marked(os.fsencode(folder)):
        with suppress(ProcessLookupError):
            os.kill(process, number)
            found = True
    return found


def _marked(mark: bytes) -> Iterator[int]:
    """Yield the processes that have `mark` in their environment; none where the system does not tell."""
    for file in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if mark in file.read_bytes():
                yield int(file.parent.name)


if __name__ == "__main__":
    watch(sys.argv[1])
