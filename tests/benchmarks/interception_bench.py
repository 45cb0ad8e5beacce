"""One POST to a vendor's own address, turned to the double; and what turning costs a test."""

from __future__ import annotations

import random
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import count
from statistics import median
from time import perf_counter

import httpx
import requests
from load import NUMBER
from peers import CREATE, HTTPSERVER, OURS, Running, say, started
from table import Options, Table, ratio_row

from mockserver.interception.wall import VENDORS, WALL, Home
from mockserver.web.authority import ca_pem_path

Post = Callable[[bytes], bytes]
"""Posts a form, and returns the answer's body."""

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SCHEMES = ("http", "https")
AIM = (
    "Microseconds a POST, medians; ratios are medians of those taken batch by batch. Certificates are verified, and",
    "every client is told to trust the same file. Ours is called as api.securating.io, the peer by its address.",
    "Switching: microseconds for leading to a double and back, with the wall up as in every test, and without.",
    "Aim: at least as fast as pytest-httpserver, https of a session under twice http, switching under 50.",
)


def run(options: Options) -> Table:
    """Measure the double under the vendor's address, and pytest-httpserver under its own."""
    batches, size = (3, 30) if options.quick else (11, 100)
    ways = [(name, scheme) for name in (OURS, HTTPSERVER) for scheme in SCHEMES]
    taken: dict[tuple[str, str], list[list[float]]] = {way: [] for way in ways}
    customers = count()
    with ExitStack() as stack:
        servers = {
            OURS: stack.enter_context(started(OURS)),
            HTTPSERVER: stack.enter_context(started(HTTPSERVER, "tls")),
        }
        home = Home(servers[OURS].address, lambda: str(ca_pem_path()))
        stack.enter_context(WALL.leading_to(home))
        for batch in range(batches + 1):
            say(f"interception: batch {batch} of {batches}" if batch else "interception: warming up")
            for name, scheme in random.sample(ways, k=len(ways)):
                base = _base(servers[name], scheme)
                micros = [_median_micros(servers[name], base, client, size, customers) for client in CLIENTS.values()]
                if batch:
                    taken[name, scheme].append(micros)
    rows = {f"{' '.join(way)}": [median(column) for column in zip(*taken[way], strict=True)] for way in ways}
    for scheme in SCHEMES:
        rows[f"ratio, {scheme}"] = ratio_row(taken[OURS, scheme], taken[HTTPSERVER, scheme])
    rows["ours, https to http"] = ratio_row(taken[OURS, "https"], taken[OURS, "http"])
    rows |= _switching(home)
    return Table("One POST to a vendor's own address", list(CLIENTS), rows, AIM)


def _base(server: Running, scheme: str) -> str:
    if server.name == OURS:
        return f"{scheme}://api.securating.io"
    return f"{scheme}://{server.address[0]}:{server.facts['tls_port'] if scheme == 'https' else server.address[1]}"


def _median_micros(
    server: Running,
    base: str,
    client: Callable[[str], AbstractContextManager[Post]],
    size: int,
    customers: Iterator[int],
) -> float:
    form, taken = server.create("").body, []
    with client(base + CREATE) as post:
        for _ in range(size):
            body = form.replace(NUMBER, b"%09d" % next(customers))
            begin = perf_counter()
            answer = post(body)
            taken.append(perf_counter() - begin)
            assert b"securating_token" in answer, answer
    return median(taken) * 1e6


def _switching(home: Home, times: int = 5000) -> dict[str, list[float]]:
    def micros() -> float:
        begin = perf_counter()
        for _ in range(times):
            with WALL.leading_to(home):
                pass
        return (perf_counter() - begin) / times * 1e6

    alone = micros()
    WALL.put_up(VENDORS)
    in_a_test = micros()
    WALL.take_down()
    return {"switching, in a test": [in_a_test, 0, 0], "switching, by itself": [alone, 0, 0]}


@contextmanager
def _session(url: str) -> Iterator[Post]:
    with requests.Session() as session:
        trusted = str(ca_pem_path())
        yield lambda body: session.post(url, body, headers=FORM, verify=trusted).content


@contextmanager
def _requests(url: str) -> Iterator[Post]:
    trusted = str(ca_pem_path())
    yield lambda body: requests.post(url, body, headers=FORM, timeout=10, verify=trusted).content


@contextmanager
def _httpx(url: str) -> Iterator[Post]:
    with httpx.Client(verify=ssl.create_default_context(cafile=str(ca_pem_path()))) as client:
        yield lambda body: client.post(url, content=body, headers=FORM).content


CLIENTS = {"requests.Session": _session, "requests.post": _requests, "httpx.Client": _httpx}
