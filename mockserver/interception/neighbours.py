"""What else is in the process, and in the way."""

from __future__ import annotations

import socket
import sys
import warnings

from mockserver.core.errors import MockServerError


class SocketsRefused(MockServerError):
    """Somebody refuses every socket of a test, that of the double too."""


class NotIntercepted(UserWarning):
    """A client was imported whose calls cannot be turned to the double."""


def demand_sockets() -> None:
    """Raise `SocketsRefused` where pytest-socket refuses all sockets."""
    if getattr(socket.socket, "__name__", "") == "GuardedSocket" and "pytest_socket" in sys.modules:
        raise SocketsRefused(
            "pytest-socket refuses every socket of this test, and the double is called through one: let this machine "
            "through with --allow-hosts=127.0.0.1 or @pytest.mark.allow_hosts(['127.0.0.1'])"
        )


_warned: set[str] = set()


def warn_of_blind_spots() -> None:
    """Warn, once, of a client that looks names up and connects where Python cannot see it."""
    if "pycurl" in sys.modules and "pycurl" not in _warned:
        _warned.add("pycurl")
        warnings.warn(
            "pycurl is imported, whose calls are neither answered by the double under the vendors' addresses nor kept "
            "from the real ones: give it the double's url, or run the tests under `mockserver run -- pytest`",
            NotIntercepted,
            stacklevel=2,
        )
