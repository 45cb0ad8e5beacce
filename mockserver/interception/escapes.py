"""A call that would have left this machine: how it is refused, and who made it."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType


class EscapedCall(socket.gaierror):
    """A call to a host that tests never reach; to clients it is a name that cannot be looked up."""


def describe(host: str, service: str | None, *, by_proxy: bool = False) -> str:
    """Return why a call to `host` is refused: where it was made, and what to do."""
    if service and by_proxy:
        what = f"{host} was called through a proxy, which would reach the real one"
        way = (
            "name the proxy in the environment before the test begins, and it is passed by; "
            "where the proxy is a double itself, MOCKSERVER_URL=http://HOST:PORT says so"
        )
    elif service:
        what = f"{host} was called, which is never reached from tests"
        way = f"ask for the fixture {service!r}, and the double answers; mockserver_offline = off lets calls through"
    else:
        what = f"{host} was called, and only this machine is reached offline"
        way = "mockserver_offline = vendors lets it through"
    return f"{what}: {who()}; {way}"


def who() -> str:
    """Return which test is running, and the line of its application that is calling."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "while no test ran")
    return f"{test}, {line}" if (line := calling_line()) else test


def calling_line() -> str:
    """Return `file:line` of the nearest caller that is no library, else where the main thread stands; or nothing."""
    frame = next(_own_frames(sys._getframe()), None)
    if frame is None:
        main = sys._current_frames().get(threading.main_thread().ident or 0)
        frame = next(_own_frames(main), None)
    return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame else ""


_LIBRARIES = (str(Path(os.__file__).parent), str(Path(__file__).parent.parent), "<frozen")


def _own_frames(frame: FrameType | None) -> Iterator[FrameType]:
    while frame:
        file = frame.f_code.co_filename
        is_library = file.startswith(_LIBRARIES) or "site-packages" in file or "dist-packages" in file
        if not is_library and frame.f_globals.get("__name__") != "__main__":
            yield frame
        frame = frame.f_back
