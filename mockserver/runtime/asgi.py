"""One HTTP request to an ASGI application in this process, awaited or not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from threading import Thread
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from mockserver.runtime.pace import real_seconds
from mockserver.runtime.webhook_request import port_of

T = TypeVar("T")

Message = MutableMapping[str, Any]
Application = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]


async def ask(
    application: Application, method: str, target: str, body: bytes, headers: dict[str, str], scheme: str
) -> tuple[int, bytes]:
    """Return the status and the body of the answer."""
    answered = asyncio.Event()
    status, chunks, unread = 500, list[bytes](), [body]

    async def receive() -> Message:
        if unread:
            return {"type": "http.request", "body": unread.pop(), "more_body": False}
        await answered.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        elif message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))
            if not message.get("more_body"):
                answered.set()

    await application(scope_of(method, target, headers, scheme), receive, send)
    return status, b"".join(chunks)


def scope_of(method: str, target: str, headers: dict[str, str], scheme: str) -> dict[str, Any]:
    """Return the ASGI scope of a request whose headers name its host."""
    path, _, query = target.partition("?")
    server = urlsplit(f"{scheme}://{headers['Host']}")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": scheme,
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": (server.hostname or "", port_of(server)),
    }


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end from code that awaits nothing, whether or not a loop runs in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _run_in_own_loop(coroutine)
    results: list[T] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            results.append(_run_in_own_loop(coroutine))
        except BaseException as error:  # noqa: BLE001 - raised again below, in the thread that asked
            errors.append(error)

    thread = Thread(target=work, name="mockserver asgi")
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def _run_in_own_loop(coroutine: Coroutine[Any, Any, T]) -> T:
    loop = _RealTimeLoop()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


class _RealTimeLoop(asyncio.SelectorEventLoop):
    """A loop whose own clock no freezer stops, so that an application may sleep in it."""

    def time(self) -> float:
        return real_seconds()
