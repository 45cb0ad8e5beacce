"""Trust in the double's certificates, for connections to the vendors' names alone, and only while a double answers."""

from __future__ import annotations

import re
import ssl
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Any

from mockserver.interception.domains import service_called
from mockserver.interception.hooks import Hook
from mockserver.interception.wall import WALL

_TIME_IS_OFF = "System time is way off"
_NO_REVOCATION = ~(ssl.VERIFY_CRL_CHECK_LEAF | ssl.VERIFY_CRL_CHECK_CHAIN)


@lru_cache(maxsize=64)
def _twin(trusted_file: str, checks_hostname: bool, verify_mode: ssl.VerifyMode, flags: int) -> ssl.SSLContext:
    """Return a context that checks as another does and trusts the double: the other is left as it is."""
    twin: ssl.SSLContext = _CONTEXT(ssl.PROTOCOL_TLS_CLIENT)
    twin.check_hostname = checks_hostname
    twin.verify_mode = verify_mode
    twin.verify_flags = ssl.VerifyFlags(flags)
    twin.load_verify_locations(trusted_file)
    return twin


def _trusting(below: Callable[..., Any]) -> Callable[..., Any]:
    def wrap(self: ssl.SSLContext, *streams: Any, server_hostname: Any = None, **how: Any) -> Any:
        home, context = WALL.home, self
        if home and server_hostname and service_called(server_hostname):
            flags = int(self.verify_flags) & _NO_REVOCATION
            context = _twin(home.trusted_file(), self.check_hostname, self.verify_mode, flags)
        return below(context, *streams, server_hostname=server_hostname, **how)

    return wrap


# Others put a class of their own in the place of `ssl.SSLContext`; in the end it is the standard library's that wraps.
_CONTEXT: Any = next(kind for kind in reversed(ssl.SSLContext.__mro__) if kind.__module__ == "ssl")
_HOOKS = [Hook(lambda: _CONTEXT, name, _trusting) for name in ("wrap_socket", "wrap_bio")]


def hold() -> None:
    """Hook TLS, for the connection that is being made to the double."""
    for hook in _HOOKS:
        hook.hold()
    if "urllib3" in sys.modules:
        # It warns that certificates may not be verified under a clock that a test has set back; these are.
        warnings.filterwarnings("ignore", message=_TIME_IS_OFF)


def let_go() -> None:
    """Trust nobody any more, and let urllib3 warn."""
    for hook in _HOOKS:
        hook.let_go()
    _twin.cache_clear()
    with suppress(ValueError):
        warnings.filters.remove(("ignore", re.compile(_TIME_IS_OFF, re.IGNORECASE), Warning, None, 0))  # type: ignore[attr-defined]
