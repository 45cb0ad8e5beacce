"""Proxies that the environment names: calls to the vendors pass them by, or they would go out through them."""

from __future__ import annotations

import os
from collections.abc import Callable

_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_EXCEPTIONS = ("no_proxy", "NO_PROXY")


def names_a_double() -> bool:
    """Say whether the proxy is a double itself: that of `mockserver run`."""
    return "MOCKSERVER_URL" in os.environ


def _domains() -> tuple[str, ...]:
    from mockserver.services import DOMAINS  # noqa: PLC0415 - 40 ms, where there is a proxy

    return DOMAINS


def pass_by() -> Callable[[], None]:
    """Name the vendors in `no_proxy`, where there is a proxy; return what undoes it.

    Where there is none nothing is changed: some systems have settings of their own that the variable would disable.
    """
    before = {name: os.environ.get(name) for name in _EXCEPTIONS} if any(map(os.environ.get, _PROXIES)) else {}
    named = next(filter(None, before.values()), None)
    now = ",".join([*([named] if named else []), *_domains()]) if before else ""
    os.environ.update(dict.fromkeys(before, now))

    def undo() -> None:
        for name, value in before.items():
            if os.environ.get(name) != now:
                continue  # somebody has changed it since
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value

    return undo
