"""A pytest-httpserver in a process of its own: one constant answer for each call that is measured."""

from __future__ import annotations

import json
import logging
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from threading import Event

from pytest_httpserver import HTTPServer

from mockserver.web.authority import server_context


def main() -> None:
    """Serve until told to end; the file named by the argument is written once the server answers."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each request would count against it
    stopped = Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stopped.set())
    answers = json.loads(sys.argv[2])
    with ExitStack() as stack:
        servers = [HTTPServer(port=0, threaded=True)]
        if sys.argv[3:] == ["tls"]:
            servers.append(HTTPServer(port=0, threaded=True, ssl_context=server_context(lambda _: True)))
        for server in servers:
            stack.enter_context(server)
            for method, path, text in answers:
                server.expect_request(path, method=method).respond_with_data(text)
        half = Path(sys.argv[1]).with_suffix(".half")
        half.write_text(json.dumps({"url": servers[0].url_for(""), "tls_port": servers[-1].port}))
        half.rename(sys.argv[1])
        stopped.wait()


if __name__ == "__main__":
    main()
