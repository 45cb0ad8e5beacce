"""The double's own Flask application under waitress, or the server for development, in a process of its own."""

from __future__ import annotations

import json
import logging
import signal
import sys
from pathlib import Path
from threading import Event, Thread
from typing import Any

from mockserver.web.server import Server


def main() -> None:
    """Serve until told to end; the file named by the argument is written once the server answers."""
    for name in ("werkzeug", "waitress"):
        logging.getLogger(name).setLevel(logging.ERROR)  # a line for each request would count against them
    stopped = Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stopped.set())
    double = Server(port=0)
    double.double.start()
    serve, port = SERVERS[sys.argv[2]](double.gate.application)
    Thread(target=serve, daemon=True).start()
    half = Path(sys.argv[1]).with_suffix(".half")
    half.write_text(json.dumps({**double.ready(), "url": f"http://127.0.0.1:{port}"}))
    half.rename(sys.argv[1])
    stopped.wait()


def _waitress(application: Any) -> tuple[Any, int]:
    from waitress import create_server

    server: Any = create_server(application, host="127.0.0.1", port=0)
    return server.run, int(server.effective_port)


def _development(application: Any) -> tuple[Any, int]:
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, application, threaded=True)
    return server.serve_forever, server.port


SERVERS = {"waitress": _waitress, "development": _development}

if __name__ == "__main__":
    main()
