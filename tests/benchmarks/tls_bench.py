"""One POST over https as the clients of an application see it, beside the same over http."""

from __future__ import annotations

import random
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from http.client import HTTPConnection, HTTPSConnection
from itertools import count
from statistics import median

import requests
from clients_bench import median_micros
from peers import CREATE, HTTPSERVER, OURS, Running, say, started
from table import Options, Table, ratio_row

from mockserver.web.authority import ca_pem_path

Post = Callable[[bytes], bytes]
"""Posts a form, and returns the answer's body."""

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
AIM = (
    "Microseconds a POST, medians; ratios are medians of those taken batch by batch. Certificates are verified.",
    "requests.post makes a connection, and an agreement, for every call.",
    "Aim: https at least as fast as pytest-httpserver's, and under twice http where connections are kept.",
)
SCHEMES = ("http", "https")


def run(options: Options) -> Table:
    """Measure the double and pytest-httpserver under each client, in both ways."""
    batches, size = (3, 30) if options.quick else (11, 100)
    taken: dict[tuple[str, str], list[list[float]]] = {
        (name, way): [] for name in (OURS, HTTPSERVER) for way in SCHEMES
    }
    customers = count()
    with ExitStack() as stack:
        servers = [stack.enter_context(started(OURS)), stack.enter_context(started(HTTPSERVER, "tls"))]
        for batch in range(batches + 1):
            say(f"tls: batch {batch} of {batches}" if batch else "tls: warming up")
            for server, scheme in random.sample([(server, way) for server in servers for way in SCHEMES], k=len(taken)):
                micros = [_median_micros(server, scheme, client, size, customers) for client in CLIENTS.values()]
                if batch:
                    taken[server.name, scheme].append(micros)
    rows = {f"{name}, {scheme}": [median(column) for column in zip(*all_of, strict=True)]
            for (name, scheme), all_of in taken.items()}  # fmt: skip
    rows["https, ratio"] = ratio_row(taken[OURS, "https"], taken[HTTPSERVER, "https"])
    rows["ours, https to http"] = ratio_row(taken[OURS, "https"], taken[OURS, "http"])
    return Table("One POST over https through a client's eyes", list(CLIENTS), rows, AIM)


def _median_micros(
    server: Running,
    scheme: str,
    client: Callable[[str], AbstractContextManager[Post]],
    size: int,
    customers: Iterator[int],
) -> float:
    host, port = server.address
    if scheme == "https":
        port = server.facts.get("tls_port", port)  # the double speaks both on one
    with client(f"{scheme}://{host}:{port}") as post:
        return median_micros(post, server.create("").body, size, customers)


@contextmanager
def _session(base: str) -> Iterator[Post]:
    with requests.Session() as session:
        trusted = str(ca_pem_path())
        yield lambda body: session.post(base + CREATE, body, headers=FORM, verify=trusted).content


@contextmanager
def _requests(base: str) -> Iterator[Post]:
    trusted = str(ca_pem_path())
    yield lambda body: requests.post(base + CREATE, body, headers=FORM, timeout=10, verify=trusted).content


@contextmanager
def _http_client(base: str) -> Iterator[Post]:
    scheme, _, place = base.partition("://")
    context = ssl.create_default_context(cafile=str(ca_pem_path()))
    connection = HTTPSConnection(place, context=context) if scheme == "https" else HTTPConnection(place)

    def post(body: bytes) -> bytes:
        connection.request("POST", CREATE, body, FORM)
        return connection.getresponse().read()

    yield post
    connection.close()


CLIENTS = {"requests.Session": _session, "requests.post": _requests, "http.client": _http_client}
