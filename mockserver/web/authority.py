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
from collections.abc import Callable, Iterable
from functools import cache, lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import TYPE_CHECKING

from mockserver.core.errors import InvalidInput
from mockserver.services import DOMAINS

if TYPE_CHECKING:
    from ssl import SSLContext

MOST_LEAVES = 32
"""Certificates kept for names that clients have made up; some 40 kB and a millisecond each."""

_CERTIFICATE, _KEY = "ca.pem", "key.pem"


@cache
def ca_pem_path() -> Path:
    """Return the file with the authority's certificate (PEM), making the authority where there is none yet.

    Where nothing can be kept, it is an authority for this process only.
    """
    try:
        caches = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
        return _kept_in(Path(caches, "mockserver"))
    except (OSError, RuntimeError):
        private = mkdtemp(prefix="mockserver-")
        atexit.register(shutil.rmtree, private, ignore_errors=True)
        return _kept_in(Path(private))


def server_context(serves: Callable[[str], bool]) -> SSLContext:
    """Return how the port speaks TLS: HTTP/1.1 only, with a certificate for every name that can be asked of it.

    One is for the services, what is directly below them, and this machine. A wildcard stands for one label only: what
    is further below gets another with its parent, of which the last `MOST_LEAVES` are kept. A client that asks for a
    name that `serves` denies gets the alert for that. Raises `InvalidInput` when the authority that was kept cannot be
    read.
    """
    import ssl  # noqa: PLC0415 - as late as cryptography

    sign = _signer()
    below = lru_cache(MOST_LEAVES)(lambda parent: _speaking(sign([parent])))

    def choose(connection: ssl.SSLObject, asked: str | None, _context: ssl.SSLContext) -> int | None:
        name = (asked or "").lower()
        if name and not serves(name):
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        parent = name.partition(".")[2]
        if any(parent.endswith(f".{domain}") for domain in DOMAINS):
            try:
                connection.context = below(parent)
            except OSError:  # there is no room for the file that OpenSSL reads
                return ssl.ALERT_DESCRIPTION_INTERNAL_ERROR
        return None

    context = _speaking(sign(DOMAINS))
    context.sni_callback = choose
    return context


def _signer() -> Callable[[Iterable[str]], bytes]:
    """Return what makes a leaf (PEM) for names. Raises `InvalidInput` when the authority cannot be read."""
    from mockserver.web.certificates import make_leaf  # noqa: PLC0415 - cryptography costs 50 ms

    certificate = ca_pem_path()
    try:
        root, key = certificate.read_bytes(), certificate.with_name(_KEY).read_bytes()
        make_leaf(root, key, DOMAINS)  # which is how an unusable one shows
    except (OSError, ValueError) as error:
        raise InvalidInput(str(certificate.parent), f"{error}; remove it, and a new authority is made") from None
    return partial(make_leaf, root, key)


def _speaking(leaf: bytes) -> SSLContext:
    import ssl  # noqa: PLC0415 - as late as cryptography

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    context.options |= getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)  # a stop would be an alert to silent clients
    with TemporaryDirectory() as private:  # OpenSSL reads certificates from files only
        file = Path(private, "leaf.pem")
        file.write_bytes(leaf)
        context.load_cert_chain(file)
    return context


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
