"""Whom clients of the double trust for TLS: a throw-away certificate authority of this user's own.

Made at first use and kept, so that it has to be trusted once. For interception and other doors:

- `ca_pem_path()` is the file to trust: `context.load_verify_locations(ca_pem_path())`, or one of the environment
  variables that name such a file. All else about certificates is the port's own affair.
- `server_context(serves)` is what the port wraps connections with.
"""

from __future__ import annotations

import atexit
import os
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import TYPE_CHECKING

from mockserver.core.errors import InvalidInput
from mockserver.services import DOMAINS

if TYPE_CHECKING:
    from ssl import SSLContext

_CERTIFICATE, _KEY = "ca.pem", "key.pem"


@cache
def ca_pem_path() -> Path:
    """Return the file with the authority's certificate (PEM), making the authority where there is none yet.

    Where nothing can be kept, it is an authority for this process only.
    """
    try:
        cache = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
        return _kept_in(Path(cache, "mockserver"))
    except (OSError, RuntimeError):
        private = mkdtemp(prefix="mockserver-")
        atexit.register(shutil.rmtree, private, ignore_errors=True)
        return _kept_in(Path(private))


def server_context(serves: Callable[[str], bool]) -> SSLContext:
    """Return how the port speaks TLS: HTTP/1.1 only, with one certificate for every name that can be asked of it.

    A client that asks for a name that `serves` denies gets the alert for that. Raises `InvalidInput` when the
    authority that was kept cannot be read.
    """
    import ssl  # noqa: PLC0415 - as late as cryptography

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    context.options |= getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)  # a stop would be an alert to silent clients
    _load_leaf(context)

    def check(_connection: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> int | None:
        return None if name is None or serves(name.lower()) else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

    context.sni_callback = check
    return context


def _load_leaf(context: SSLContext) -> None:
    from mockserver.web.certificates import make_leaf  # noqa: PLC0415 - cryptography costs 50 ms

    certificate = ca_pem_path()
    try:
        leaf = make_leaf(certificate.read_bytes(), certificate.with_name(_KEY).read_bytes(), DOMAINS)
    except (OSError, ValueError) as error:
        raise InvalidInput(str(certificate.parent), f"{error}; remove it, and a new authority is made") from None
    with TemporaryDirectory() as private:  # OpenSSL reads certificates from files only
        file = Path(private, "leaf.pem")
        file.write_bytes(leaf)
        context.load_cert_chain(file)


def _kept_in(home: Path) -> Path:
    # An authority for other domains, such as that of a later version, is another one.
    folder = home / f"ca-{'-'.join(DOMAINS)}"
    if not (folder / _CERTIFICATE).exists():
        _make(folder)
    return folder / _CERTIFICATE


def _make(folder: Path) -> None:
    """Make an authority; it is whole from the moment it can be seen."""
    from mockserver.web.certificates import make_root  # noqa: PLC0415 - cryptography costs 50 ms

    certificate, key = make_root(DOMAINS)
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(mkdtemp(dir=folder.parent))
    (draft / _CERTIFICATE).write_bytes(certificate)
    (draft / _KEY).touch(mode=0o600)
    (draft / _KEY).write_bytes(key)
    try:
        draft.rename(folder)
    except OSError:  # somebody was faster, and theirs counts
        shutil.rmtree(draft)
        if not (folder / _CERTIFICATE).exists():
            raise
