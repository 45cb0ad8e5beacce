"""The one loopback port: takes connections, and makes of every request on them a reply."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from threading import Event, Lock, Thread, current_thread
from typing import TYPE_CHECKING

from mockserver.core.errors import InvalidInput
from mockserver.runtime.pace import real_seconds
from mockserver.services.service import Reply, Request
from mockserver.web.connection import Connection, Limits
from mockserver.web.endings import send_ending
from mockserver.web.http1 import Head, TooLarge, Unreadable, write_reply

if TYPE_CHECKING:
    from ssl import SSLContext

log = logging.getLogger("mockserver")

_ANYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
"""What one can listen on and nobody can call, and what stands for it on this machine."""

_BACKLOG = 128
_MOST_WAITING = 64
_BREATH_SECONDS = 0.05
_TURNED_AWAY = 64 << 10
_BUG = Reply(500, b"an error of the double itself: its log has the traceback\n")
_FULL = write_reply(Reply(503, b"too many connections at a time\n"), keeps_alive=False)


def _refuse_body(_: Request, size: int) -> Reply:
    return Reply(413, f"a body of {size} bytes is too large\n".encode())


def _grant(_end: str, _own_port: int) -> None:
    return None


class Port:
    """A loopback port that speaks HTTP/1.x between `start` and `stop` (once), or within `with`.

    With `tls`, it speaks TLS to clients that do. It answers as a proxy too, never forwarding anything: `turn_away`
    words the refusal for those `host:port` that are not answered here, from that and the port's own number.

    `answer` makes a reply of a request, in the connection's own thread; `answered` is called there after each request,
    when the whole reply has been handed to the socket or nobody is left to take it. `too_large` words the answer to a
    body of more than `limits.max_body` bytes, from the request without it and the announced size. What they raise is
    logged, and the client gets a 500.
    """

    def __init__(  # noqa: PLR0913 - where it is, its bounds, and who words each kind of answer
        self,
        answer: Callable[[Request], Reply],
        answered: Callable[[], None] = lambda: None,
        host: str = "127.0.0.1",
        port: int = 0,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        *,
        too_large: Callable[[Request, int], Reply] = _refuse_body,
        turn_away: Callable[[str, int], Reply | None] = _grant,
        tls: Callable[[], SSLContext] | None = None,
    ) -> None:
        self.host, self.port = host, port
        self._answer, self._answered, self._too_large = answer, answered, too_large
        self._turn_away, self._tls = turn_away, tls and cache(tls)
        self._limits = limits
        self._lock = Lock()
        self._stopping = Event()
        self._connections: set[Connection] = set()
        self._threads: list[Thread] = []
        self._waiting = 0

    @property
    def url(self) -> str:
        """`http://host:port` as this machine reaches it; which port 0 became is known from `start` on."""
        host = _ANYWHERE.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def __enter__(self) -> Port:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Take the port and begin to answer. Raises `OSError` when somebody else has it; 0 takes a free one."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self._listener = socket.create_server((self.host, self.port), family=family, backlog=_BACKLOG)
        self._listener.settimeout(None)
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # and with it every connection's
        self.port = self._listener.getsockname()[1]
        with self._lock:
            self._add_thread()

    def stop(self) -> None:
        """Take no more requests, let the answers in progress finish, and give back every thread and socket."""
        with self._lock:
            self._stopping.set()
            connections = list(self._connections)
        self._wake()
        for connection in connections:
            connection.hang_up()
        if not self._join(self._limits.finish_seconds):
            for connection in connections:
                connection.hang_up(socket.SHUT_RDWR)
            if not self._join(_BREATH_SECONDS):
                log.warning("answers are still being made; their threads end with them")
        self._threads.clear()
        self._listener.close()

    def hang_up(self) -> None:
        """End the connections that clients keep without asking anything: they make new ones when they need them."""
        with self._lock:
            idle = [connection for connection in self._connections if connection.is_idle]
        for connection in idle:
            connection.hang_up(socket.SHUT_RDWR)

    def _wake(self) -> None:
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:  # Linux wakes whoever waits for a client; elsewhere only a client does
            for _ in self._threads:
                with suppress(OSError):
                    socket.create_connection((self.host, self.port), _BREATH_SECONDS).close()

    def _join(self, seconds: float) -> bool:
        deadline = real_seconds() + seconds
        for thread in self._threads:
            thread.join(max(deadline - real_seconds(), 0.0))
        return not any(thread.is_alive() for thread in self._threads)

    def _add_thread(self) -> None:
        """Start one more thread that waits for a client; the lock is held."""
        thread = Thread(target=self._work, name=f"mockserver port {self.port}", daemon=True)
        thread.start()
        self._threads.append(thread)
        self._waiting += 1

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:  # it is time to stop, the client is gone again, or descriptors have run out for now
                self._stopping.wait(_BREATH_SECONDS)
                continue
            connection = self._admit(client)
            if connection is not None:
                self._serve(connection)
                with self._lock:
                    if self._waiting >= _MOST_WAITING and not self._stopping.is_set():
                        self._threads.remove(current_thread())
                        return
                    self._waiting += 1

    def _admit(self, client: socket.socket) -> Connection | None:
        """Make a connection of a client, and see to it that somebody waits for the next one."""
        with self._lock:
            if not self._stopping.is_set() and len(self._connections) < self._limits.max_connections:
                connection = Connection(client, self._limits, self.url)
                self._connections.add(connection)
                self._waiting -= 1
                if not self._waiting:
                    with suppress(RuntimeError):  # no thread to be had: whoever is done first takes the next client
                        self._add_thread()
                return connection
        with client, suppress(OSError):
            client.settimeout(0)
            client.send(_FULL)
            client.shutdown(socket.SHUT_WR)
            client.recv(_TURNED_AWAY)
        return None

    def _serve(self, connection: Connection) -> None:
        try:
            if self._tls:
                connection.begin(self._tls)
            while not self._stopping.is_set() and connection.awaits_request() and self._exchange(connection):
                pass
        except OSError:  # the client is gone, too slow, or asked TLS for a name or a version that is not served
            pass
        except InvalidInput as error:
            log.warning("TLS cannot be spoken: %s", error)
        finally:
            connection.close()
            with self._lock:
                self._connections.discard(connection)

    def _exchange(self, connection: Connection) -> bool:
        """Answer one request, and tell when that is over; say whether another may follow."""
        try:
            return self._answer_next(connection)
        finally:
            self._tell()

    def _answer_next(self, connection: Connection) -> bool:
        try:
            head = connection.read_head()
            if head.method == "CONNECT":
                return self._open_tunnel(connection, head)
            request = head.request(connection.read_body(head) if head.length else b"")
        except Unreadable as error:
            connection.send_last(write_reply(Reply(error.status, f"{error.why}\n".encode()), keeps_alive=False))
            return False
        except TooLarge as error:
            refusal = partial(self._too_large, error.head.request(), error.size)
            connection.send_last(_bytes_of(refusal, error.head.method, keeps_alive=False)[1])
            return False
        keeps_alive = head.keeps_alive and not self._stopping.is_set()
        answer = partial(self._answer, request)
        if head.proxied:
            answer = partial(self._answer_as_proxy, request, head.proxied)
        reply, message = _bytes_of(answer, head.method, keeps_alive=keeps_alive)
        if reply.ending or reply.delay or reply.stream:
            return send_ending(connection, message, reply, self._stopping.wait) and keeps_alive
        connection.is_idle = True
        connection.send(message)
        return keeps_alive

    def _open_tunnel(self, connection: Connection, head: Head) -> bool:
        """Answer a CONNECT; say whether requests may follow in its tunnel. Raises `Unreadable`."""
        if refusal := self._turn_away(head.proxied, self.port):
            connection.send_last(write_reply(refusal, keeps_alive=False))
            return False
        connection.open_tunnel(head.proxied)
        if self._tls:
            connection.begin(self._tls)
        return True

    def _answer_as_proxy(self, request: Request, end: str) -> Reply:
        return self._turn_away(end, self.port) or self._answer(request)

    def _tell(self) -> None:
        try:
            self._answered()
        except Exception:
            log.exception("what follows an answer crashed")


def _bytes_of(answer: Callable[[], Reply], method: str, *, keeps_alive: bool) -> tuple[Reply, bytes]:
    try:
        reply = answer()
        return reply, write_reply(reply, method, keeps_alive=keeps_alive)
    except Exception:
        log.exception("an answer crashed the double")
        return _BUG, write_reply(_BUG, method, keeps_alive=keeps_alive)
