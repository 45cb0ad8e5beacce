"""Beginning and end: launch to first answer, idle memory, exit, stop."""

from __future__ import annotations

import logging
import random
import re
import socket
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from peers import HTTPSERVER, OURS, await_answer, launch, say
from pytest_httpserver import HTTPServer
from table import Options, Table, ratio_row

from mockserver.services.service import Reply
from mockserver.web.port import Port

AIM = (
    "Launch: from starting the process to its first answer. Exit: from SIGTERM to the end of the process.",
    "Stop: of the port alone, within a process, with one idle connection open. Medians; the ratio of each round.",
    "Must (moonshot): launch 1.2 (0.6) of pytest-httpserver's; memory 45 (30) MB; stop 10 (1) ms.",
)


def run(options: Options) -> Table:
    """Measure the double and pytest-httpserver."""
    rounds = 3 if options.quick else 15
    taken: dict[str, list[list[float]]] = {OURS: [], HTTPSERVER: []}
    stops = {OURS: _stop_port, HTTPSERVER: _stop_httpserver}
    for number in range(rounds + 1):
        say(f"start: round {number} of {rounds}" if number else "start: warming up")
        for name in random.sample(list(taken), k=2):
            figures = [*_life(name), stops[name]() * 1e3]
            if number:
                taken[name].append(figures)
    rows = {name: [median(column) for column in zip(*figures, strict=True)] for name, figures in taken.items()}
    rows["ratio"] = ratio_row(taken[OURS], taken[HTTPSERVER])
    return Table("Beginning and end", ["launch ms", "idle MB", "exit ms", "stop ms"], rows, AIM)


def _life(name: str) -> tuple[float, float, float]:
    """Return milliseconds from launch to first answer, idle megabytes, and milliseconds from SIGTERM to exit."""
    with TemporaryDirectory() as directory:
        begin = perf_counter()
        process = launch(name, Path(directory))
        try:
            await_answer(name, process, Path(directory))
            launched = perf_counter() - begin
            memory = _megabytes(process.pid)
        finally:
            begin = perf_counter()
            process.terminate()
            process.wait()
        return launched * 1e3, memory, (perf_counter() - begin) * 1e3


def _megabytes(pid: int) -> float:
    resident = re.search(r"VmRSS:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert resident
    return int(resident[1]) / 1024


def _stop_port() -> float:
    port = Port(lambda _: Reply(200, b"ok"))
    port.start()
    return _seconds_to(port.stop, port.port)


def _stop_httpserver() -> float:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = HTTPServer(port=0, threaded=True)
    server.expect_request("/").respond_with_data("ok")
    server.start()
    return _seconds_to(server.stop, server.port)


def _seconds_to(stop: Callable[[], object], port: int) -> float:
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert client.recv(65536)
        begin = perf_counter()
        stop()
        return perf_counter() - begin
