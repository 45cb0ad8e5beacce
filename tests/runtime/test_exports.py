"""Exchanges as command lines and as an HTTP archive."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime
from urllib.parse import quote, urlencode

import pytest

from mockserver.core.errors import InvalidInput
from mockserver.core.journal import Exchange
from mockserver.core.world import World
from mockserver.runtime.curl import as_curl
from mockserver.runtime.double import Double
from mockserver.runtime.har import as_har
from mockserver.runtime.tenants import Tenants
from mockserver.services.service import Request
from mockserver.web.gate import Gate
from mockserver.web.port import Port
from tests.e2e.conftest import needs  # noqa: F401 - a fixture

SECURE = "05ea83436373cae23787455c5fd1de87"
FORM = "application/x-www-form-urlencoded"
MULTIPART = b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\nanna@example.com\r\n--x--\r\n'

CALLS = {
    "query": Request("GET", "/api/command/balance.php", f"json={quote(json.dumps({'id': 52, 'secure': SECURE}))}"),
    "bare query": Request("GET", "/api/command/balance.php", f'json={{"id":52, "secure":"{SECURE}","a":["é\'$HOME"]}}'),
    "form": Request("POST", "/invitation/create", body=urlencode({"email": "anna@example.com"}).encode()),
    "bare form": Request(
        "POST", "/invitation/create", body='first_name=Zoë \'O"Neil" $(id) `id`\n\\&email=a@b.fr'.encode()
    ),
    "empty form": Request("POST", "/invitation/create"),
    "json": Request(
        "POST", "/invitation/create", headers={"content-type": "application/json"}, body=b'{"email": "@x"}'
    ),
    "multipart": Request(
        "POST", "/invitation/create", headers={"content-type": "multipart/form-data; boundary=x"}, body=MULTIPART
    ),
    "odd path": Request("GET", "/a b/100%/é?"),
    "path with dots": Request("GET", "/a/../b/./c"),
    "other method": Request("DELETE", "/api/command/balance.php", "a=1", body=b"x=1"),
    "vendor": Request("GET", "/api/command/balance.php", "json=1", headers={"host": "sms-vote.ru"}),
}


@pytest.fixture
def gate(double: Double) -> Gate:
    return Gate(Tenants(double))


def exchange_of(gate: Gate, request: Request) -> Exchange:
    """Make a call, and return what the journal has of it."""
    headers = {"host": "localhost:8052", "content-type": FORM if request.method == "POST" else ""} | dict(
        request.headers
    )
    made = Request(
        request.method, request.path, request.query, headers, request.body, origin=f"http://{headers['host']}"
    )
    gate.answer(made)
    return gate.tenants.default.world.journal.exchanges()[-1]


@pytest.fixture
def port(gate: Gate) -> Iterator[Port]:
    port = Port(gate.answer, gate.tenants.answered)
    port.start()
    yield port
    port.stop()


@pytest.mark.parametrize("name", CALLS)
def test_a_curl_command_pasted_into_a_shell_makes_the_same_call_again(
    world: World,
    gate: Gate,
    port: Port,
    name: str,
    needs: Callable[[str], str],  # noqa: F811
) -> None:
    needs("curl")
    first = exchange_of(gate, CALLS[name])
    subprocess.run(["bash", "-ec", as_curl(first, port.url)], capture_output=True, check=True, timeout=20)
    again = world.journal.exchanges()[-1]
    assert again.number == first.number + 1
    for field in ("method", "request_body", "status", "operation", "service"):
        assert getattr(again, field) == getattr(first, field), field
    assert (again.request_type or FORM) == (first.request_type or FORM)
    path, _, query = first.target.partition("?")
    assert again.target.partition("?")[0] == path
    assert again.target.partition("?")[2] in {query, quote(query, "=&%:,")} or name == "bare query"


def test_a_command_never_calls_a_vendor_for_real(gate: Gate) -> None:
    command = as_curl(exchange_of(gate, CALLS["vendor"]), "http://127.0.0.1:9")
    assert command == "curl -g -H 'Host: sms-vote.ru' 'http://127.0.0.1:9/api/command/balance.php?json=1'"


@pytest.mark.parametrize("body", [b"\xff\xfe", b"a=\x00", b"x" * 5000])
def test_what_no_command_line_can_hold_is_refused_and_says_why(gate: Gate, body: bytes) -> None:
    exchange = exchange_of(gate, Request("POST", "/invitation/create", body=body))
    with pytest.raises(InvalidInput, match=r"number: the request of exchange 1 is no text, or was too long"):
        as_curl(exchange, "http://127.0.0.1:9")


MEMBERS = {
    "": {"log"},
    "log": {"version", "creator", "entries"},
    "creator": {"name", "version"},
    "entry": {"startedDateTime", "time", "request", "response", "cache", "timings"},
    "request": {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"},
    "response": {"status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", "headersSize",
                 "bodySize"},
    "content": {"size", "mimeType"},
    "postData": {"mimeType", "params", "text"},
    "timings": {"send", "wait", "receive"},
}  # fmt: skip
"""What HAR 1.2 demands of each object."""


def test_an_archive_has_every_member_that_har_demands(gate: Gate) -> None:
    exchanges = [exchange_of(gate, request) for request in CALLS.values()]
    archive = json.loads(json.dumps(as_har(exchanges)))
    log = archive["log"]
    assert MEMBERS[""] == set(archive)
    assert MEMBERS["log"] <= set(log)
    assert log["version"] == "1.2"
    assert MEMBERS["creator"] <= set(log["creator"])
    assert len(log["entries"]) == len(CALLS)
    for entry, exchange in zip(log["entries"], exchanges, strict=True):
        assert MEMBERS["entry"] <= set(entry)
        for name in ("request", "response", "timings"):
            assert MEMBERS[name] <= set(entry[name]), name
        assert MEMBERS["content"] <= set(entry["response"]["content"])
        assert ("postData" in entry["request"]) == bool(exchange.request_body)
        assert set(entry["request"].get("postData", MEMBERS["postData"])) == MEMBERS["postData"]
        assert entry["time"] == sum(entry["timings"].values())
        assert {name for name in entry if name.startswith("_")} >= {"_virtual", "_grade", "_claims"}


def test_an_entry_starts_at_its_real_instant_and_tells_the_virtual_one(gate: Gate) -> None:
    exchange = exchange_of(gate, CALLS["query"])
    (entry,) = json.loads(json.dumps(as_har([exchange])))["log"]["entries"]
    assert abs(datetime.fromisoformat(entry["startedDateTime"]).timestamp() - exchange.began) < 0.001
    assert entry["_virtual"] == "2026-03-02T09:00:00+00:00"
    assert entry["_grade"] == "assumed"
    assert entry["request"]["queryString"] == [{"name": "json", "value": json.dumps({"id": 52, "secure": SECURE})}]
    assert entry["request"]["url"].startswith("http://localhost:8052/api/command/balance.php?json=%7B")
    assert entry["response"]["content"] == {"size": 7, "mimeType": "text/plain; charset=utf-8", "text": "1000.00"}
