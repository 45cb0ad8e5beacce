"""One POST as the clients of an application see it: their own cost included, on all cores."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from http.client import HTTPConnection
from itertools import count
from statistics import median
from time import perf_counter

import requests
from load import NUMBER
from peers import CREATE, HTTPSERVER, OURS, Running, say, started
from table import Options, Table, ratio_row

Post = Callable[[bytes], bytes]
"""Posts a form, and returns the answer's body."""

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
AIM = (
    "Microseconds a POST, medians; the ratio is the median of those taken batch by batch.",
    "Must (moonshot): at most 0.7 of pytest-httpserver; requests 0.6, http.client 0.45.",
)


def run(options: Options) -> Table:
    """Measure the double and pytest-httpserver under each client."""
    batches, size = (3, 50) if options.quick else (15, 200)
    taken: dict[str, list[list[float]]] = {OURS: [], HTTPSERVER: []}
    customers = count()
    with ExitStack() as stack:
        servers = [stack.enter_context(started(name)) for name in taken]
        for batch in range(batches + 1):
            say(f"clients: batch {batch} of {batches}" if batch else "clients: warming up")
            for server in random.sample(servers, k=len(servers)):
                micros = [_median_micros(server, client, size, customers) for client in CLIENTS.values()]
                if batch:
                    taken[server.name].append(micros)
    rows = {name: [median(column) for column in zip(*batches, strict=True)] for name, batches in taken.items()}
    rows["ratio"] = ratio_row(taken[OURS], taken[HTTPSERVER])
    return Table("One POST through a client's eyes", list(CLIENTS), rows, AIM)


def _median_micros(
    server: Running, client: Callable[[Running], AbstractContextManager[Post]], size: int, customers: Iterator[int]
) -> float:
    with client(server) as post:
        return median_micros(post, server.create("").body, size, customers)


def median_micros(post: Post, form: bytes, size: int, customers: Iterator[int]) -> float:
    """Post so many invitations, each for a customer of its own; return what the middle one takes."""
    taken = []
    for _ in range(size):
        body = form.replace(NUMBER, b"%09d" % next(customers))
        begin = perf_counter()
        answer = post(body)
        taken.append(perf_counter() - begin)
        assert b"securating_token" in answer, answer
    return median(taken) * 1e6


@contextmanager
def _session(server: Running) -> Iterator[Post]:
    with requests.Session() as session:
        yield lambda body: session.post(_url(server), body, headers=FORM).content


@contextmanager
def _requests(server: Running) -> Iterator[Post]:
    yield lambda body: requests.post(_url(server), body, headers=FORM, timeout=10).content


@contextmanager
def _http_client(server: Running) -> Iterator[Post]:
    connection = HTTPConnection(*server.address)

    def post(body: bytes) -> bytes:
        connection.request("POST", CREATE, body, FORM)
        return connection.getresponse().read()

    yield post
    connection.close()


def _url(server: Running) -> str:
    host, port = server.address
    return f"http://{host}:{port}{CREATE}"


CLIENTS = {"requests.Session": _session, "requests.post": _requests, "http.client": _http_client}
