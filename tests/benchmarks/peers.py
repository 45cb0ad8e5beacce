"""The servers that are compared: the double itself, and the peers; each in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode, urlsplit

from load import NUMBER, Scenario

OURS, HTTPSERVER = "mockserver", "pytest-httpserver"
WAITRESS, DEVELOPMENT = "waitress", "development server"

CREATE, BALANCE = "/invitation/create", "/api/command/balance.php"
LINK = "https://maison-demo.example/avis?securating_token=" + "a" * 64
ANSWERS = (("POST", CREATE, LINK), ("GET", BALANCE, "1000.00"))
"""What a peer without state answers: constants of the size that ours have."""

_MOUNTEBANK_CREATE = """(config) => {
    config.state.created = (config.state.created || 0) + 1;
    const token = String(config.state.created).padStart(64, '0');
    const url = new URLSearchParams(config.request.body).get('url');
    return { headers: HEADERS, body: `${url}?securating_token=${token}` };
}"""
_WIREMOCK_CREATE = (
    "{{formData request.body 'form' urlDecode=true}}{{form.url}}"
    "?securating_token={{randomValue length=64 type='ALPHANUMERIC'}}"
)
_CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "mockserver-bench"
_PACKAGES = {"mountebank": "2.9.1", "wiremock": "3.13.2"}
_HERE = Path(__file__).parent
_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers: where, as which process, and what it needs to be told."""

    name: str
    address: tuple[str, int]
    process: subprocess.Popen[bytes]
    facts: dict[str, Any] = field(default_factory=dict)

    def create(self, name: str, connections: int = 1, *, keeps_alive: bool = True) -> Scenario:
        """Return the scenario of creating invitations, each for somebody else."""
        form = {
            "keywebsite": self.facts.get("securating", {}).get("keywebsite", "k" * 64),
            "email": f"customer{NUMBER.decode()}@example.org",
            "first_name": "Anna",
            "last_name": "Petit",
            "company_name": "Maison Demo",
            "url": "https://maison-demo.example/avis",
        }
        return Scenario(name, "POST", CREATE, urlencode(form, safe="#").encode(), connections, keeps_alive)

    def balance(self, name: str, connections: int = 1) -> Scenario:
        """Return the scenario of asking for a balance, as JSON in the query."""
        account = self.facts.get("smsvote", {})
        wish = {"id": account.get("id", 52), "secure": account.get("secure", "0" * 32)}
        return Scenario(name, "GET", f"{BALANCE}?{urlencode({'json': json.dumps(wish)})}", b"", connections)


Command = Callable[[Path], list[str]]
"""What to run, with a directory to use; the server writes or is written `ready.json` there."""


def _ours(directory: Path) -> list[str]:
    return [
        sys.executable,
        "-m",
        "mockserver",
        "serve",
        "--port",
        "0",
        "--quiet",
        "--ready-file",
        str(directory / "ready.json"),
    ]


def _httpserver(directory: Path) -> list[str]:
    return [sys.executable, str(_HERE / "httpserver_peer.py"), str(directory / "ready.json"), json.dumps(ANSWERS)]


def _under_flask(directory: Path, server: str) -> list[str]:
    return [sys.executable, str(_HERE / "flask_peer.py"), str(directory / "ready.json"), server]


def _mountebank(directory: Path, connection: str) -> list[str]:
    control, port = free_port(), free_port()
    headers = {"Connection": connection, "Content-Type": "text/plain"}
    create = {"inject": _MOUNTEBANK_CREATE.replace("HEADERS", json.dumps(headers))}
    balance = {"is": {"headers": headers, "body": "1000.00"}}
    stubs = [
        {"predicates": [{"equals": {"method": method, "path": path}}], "responses": [response]}
        for method, path, response in (("POST", CREATE, create), ("GET", BALANCE, balance))
    ]
    config = {"imposters": [{"port": port, "protocol": "http", "stubs": stubs}]}
    (directory / "config.json").write_text(json.dumps(config))
    _announce(directory, port)
    program = _CACHE / "node_modules/mountebank/bin/mb"
    options = ["--configfile", str(directory / "config.json"), "--nologfile", "--loglevel", "error"]
    return ["node", str(program), "start", "--port", str(control), "--localOnly", "--allowInjection", *options]


def _wiremock(directory: Path, *options: str) -> list[str]:
    port = free_port()
    create = {
        "scenarioName": "invitations",
        "newScenarioState": "Started",
        "request": {"method": "POST", "urlPath": CREATE},
        "response": {"body": _WIREMOCK_CREATE, "transformers": ["response-template"]},
    }
    balance = {"request": {"method": "GET", "urlPath": BALANCE}, "response": {"body": "1000.00"}}
    (directory / "mappings").mkdir()
    (directory / "mappings" / "all.json").write_text(json.dumps({"mappings": [create, balance]}))
    _announce(directory, port)
    [program] = (_CACHE / "node_modules/wiremock/build").glob("*.jar")
    place = ["--port", str(port), "--bind-address", "127.0.0.1", "--root-dir", str(directory)]
    return ["java", "-jar", str(program), *place, "--disable-banner", *options]


COMMANDS: dict[str, Command] = {
    OURS: _ours,
    HTTPSERVER: _httpserver,
    WAITRESS: lambda directory: _under_flask(directory, "waitress"),
    DEVELOPMENT: lambda directory: _under_flask(directory, "development"),
    "mountebank": lambda directory: _mountebank(directory, "close"),  # as it does unless told otherwise
    "mountebank, kept alive": lambda directory: _mountebank(directory, "keep-alive"),
    "WireMock": _wiremock,
    "WireMock, no journal": lambda directory: _wiremock(directory, "--no-request-journal"),
}


def chosen(*, all_peers: bool) -> list[str]:
    """Return what is compared; the peers from npm are installed on the way when they are wanted."""
    if not all_peers:
        return [OURS, HTTPSERVER]
    if not all((_CACHE / "node_modules" / package).is_dir() for package in _PACKAGES):
        say(f"installing {', '.join(_PACKAGES)} from npm into {_CACHE}")
        _CACHE.mkdir(parents=True, exist_ok=True)
        wanted = [f"{name}@{version}" for name, version in _PACKAGES.items()]
        quiet = ["--no-audit", "--no-fund", "--loglevel", "error"]
        subprocess.run(["npm", "install", "--prefix", str(_CACHE), *quiet, *wanted], stdout=sys.stderr, check=True)
    return [name for name in COMMANDS if name not in {WAITRESS, DEVELOPMENT}]


@contextmanager
def started(name: str, *options: str) -> Iterator[Running]:
    """Run a server, from its first answer on; `options` are added to its command."""
    with TemporaryDirectory() as directory:
        process = launch(name, Path(directory), *options)
        try:
            yield await_answer(name, process, Path(directory))
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(_START_SECONDS)


def launch(name: str, directory: Path, *options: str) -> subprocess.Popen[bytes]:
    """Start a server's process, with byte code kept for the next time as for any installed package."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [*COMMANDS[name](directory), *options]
    return subprocess.Popen(command, env=kept, stdout=subprocess.DEVNULL, start_new_session=True)


def await_answer(name: str, process: subprocess.Popen[bytes], directory: Path) -> Running:
    """Wait until a server that was just started answers. Raises `RuntimeError` when it never does."""
    ready, until = directory / "ready.json", time.perf_counter() + _START_SECONDS
    while process.poll() is None and time.perf_counter() < until:
        if ready.exists():
            facts = json.loads(ready.read_text())
            parts = urlsplit(facts["url"])
            running = Running(name, (str(parts.hostname), int(parts.port or 80)), process, facts)
            if _answers(running):
                return running
        time.sleep(0.0005)
    raise RuntimeError(f"{name} did not start")


def _answers(running: Running) -> bool:
    try:
        with socket.create_connection(running.address, 5) as client:
            host, port = running.address
            client.sendall(running.balance("").message(f"{host}:{port}"))
            return b" 200 " in client.recv(65536).split(b"\r\n")[0]
    except OSError:
        return False


def free_port() -> int:
    """Return a port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _announce(directory: Path, port: int) -> None:
    (directory / "ready.json").write_text(json.dumps({"url": f"http://127.0.0.1:{port}"}))


def say(progress: str) -> None:
    """Tell whoever waits how far it is."""
    print(f"bench: {progress}", file=sys.stderr, flush=True)
