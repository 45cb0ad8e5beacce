"""What a command and its children find in their environment so that they reach the double under the real addresses."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from mockserver.cli.trust import JAVA_PASSWORD, java_store, trusted_with
from mockserver.services import DOMAINS, SERVICES
from mockserver.web.authority import ca_pem_path

LOOPBACK = ("localhost", "127.0.0.1", "::1")

_PREPENDED = Path(__file__).parent / "php" / "prepended.php"
_TURNED_CONNECTIONS = Path(__file__).parent / "node" / "turned_connections.cjs"


def surroundings(url: str, ready: Mapping[str, object], folder: Path, outer: Mapping[str, str]) -> dict[str, str]:
    """Return `outer` with all that leads to the double at `url`; files that this needs are written to `folder`.

    `ready` is what a ready file says.
    """
    own = ca_pem_path()
    trusted = trusted_with(own)
    bundle, store, ready_file = folder / "trusted.pem", folder / "trusted.jks", folder / "ready.json"
    bundle.write_text("\n".join(trusted) + "\n", encoding="ascii")
    store.write_bytes(java_store(trusted))
    ready_file.write_text(json.dumps(ready, indent=2) + "\n", encoding="utf-8")
    direct = list(dict.fromkeys([*LOOPBACK, *_kept_direct(outer)]))
    return {
        **outer,
        **dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), url),
        **dict.fromkeys(("no_proxy", "NO_PROXY"), ",".join(direct)),
        **dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), str(bundle)),
        "NODE_EXTRA_CA_CERTS": str(own),
        "NODE_USE_ENV_PROXY": "1",
        "NODE_OPTIONS": f'{outer.get("NODE_OPTIONS", "")} --require "{_TURNED_CONNECTIONS}"'.lstrip(),
        "JAVA_TOOL_OPTIONS": " ".join([outer.get("JAVA_TOOL_OPTIONS", ""), *_java(url, store, direct)]).lstrip(),
        "PHP_INI_SCAN_DIR": f"{outer.get('PHP_INI_SCAN_DIR', '')}{os.pathsep}{_php(folder, bundle)}",
        "MOCKSERVER_URL": url,
        "MOCKSERVER_DOMAINS": ",".join(DOMAINS),
        "MOCKSERVER_READY": str(ready_file),
        **dict(_credentials(ready)),
    }


def _kept_direct(outer: Mapping[str, str]) -> Iterator[str]:
    """Return the names that needed no proxy before, but for those that would let a call to a service out."""
    for name in (outer.get("no_proxy") or outer.get("NO_PROXY") or "").replace(",", " ").split():
        bare = name.lower().lstrip("*.").partition(":")[0].rstrip(".")
        if bare and not any(_is_within(bare, domain) or _is_within(domain, bare) for domain in DOMAINS):
            yield name


def _is_within(name: str, domain: str) -> bool:
    return f".{name}".endswith(f".{domain}")


def _java(url: str, store: Path, direct: Iterable[str]) -> Iterator[str]:
    parts = urlsplit(url)
    for scheme in ("http", "https"):
        yield f"-D{scheme}.proxyHost={parts.hostname}"
        yield f"-D{scheme}.proxyPort={parts.port}"
    names = [name.lstrip("*.") for name in direct if name not in LOOPBACK]  # which Java adds by itself
    if names:
        yield "-Dhttp.nonProxyHosts=" + "|".join([*names, *(f"*.{name}" for name in names)])
    yield f"-Djavax.net.ssl.trustStore={store}"
    yield "-Djavax.net.ssl.trustStoreType=JKS"
    yield f"-Djavax.net.ssl.trustStorePassword={JAVA_PASSWORD}"


def _php(folder: Path, bundle: Path) -> Path:
    """Return a folder of settings that PHP reads after its own."""
    settings = folder / "php"
    settings.mkdir()
    values = {"openssl.cafile": bundle, "curl.cainfo": bundle, "auto_prepend_file": _PREPENDED}
    lines = [f'{name} = "{value}"\n' for name, value in values.items()]
    (settings / "mockserver.ini").write_text("".join(lines), encoding="utf-8")
    return settings


def _credentials(ready: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    if "token" in ready:
        yield "MOCKSERVER_TOKEN", str(ready["token"])
    for service in SERVICES:
        credentials = ready[service.name]
        if isinstance(credentials, Mapping):
            for name, value in credentials.items():
                yield f"MOCKSERVER_{service.name}_{name}".upper(), str(value)
