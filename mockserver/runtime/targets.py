"""Receivers of webhooks in a test: an application, a test client, a function, or an address."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit

from mockserver.core.errors import InvalidInput
from mockserver.core.webhooks import Answer, WebhookCall
from mockserver.runtime.carrier import Carrier
from mockserver.runtime.delivery import Target
from mockserver.runtime.webhook_request import port_of, request_of


def target_for(receiver: object) -> Target:
    """Return the target for a WSGI or ASGI application, a test client, a function of one call, or an address.

    Raises `InvalidInput` for anything else.
    """
    if isinstance(receiver, str):
        return _Address(receiver)
    for has, ask in _CLIENTS.items():
        if hasattr(type(receiver), has):
            return _InProcess(receiver, ask)
    if not callable(receiver):
        raise InvalidInput(
            "receiver", f"{type(receiver).__name__}, an application, test client, function or URL expected"
        )
    asks = {1: _ask_function, 2: _ask_wsgi, 3: _ask_asgi}
    count = _parameters(receiver)
    if count not in asks:
        raise InvalidInput(
            "receiver",
            f"a callable of {count} parameters; 1 (a call), 2 (a WSGI application) or 3 (an ASGI application) expected",
        )
    return _InProcess(receiver, asks[count])


def _parameters(receiver: Callable[..., object]) -> int:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = inspect.signature(receiver).parameters.values()
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        return 1  # it takes whatever comes, as a mock does
    return sum(parameter.kind in kinds and parameter.default is parameter.empty for parameter in parameters)


class _Address(Carrier):
    """An address on this machine, in place of the one in each call, whose path it keeps unless it has one itself."""

    def __init__(self, base: str) -> None:
        super().__init__()
        try:
            self._base = urlsplit(base)
            is_address = self._base.scheme in {"http", "https"} and self._base.hostname and self._base.port != 0
        except ValueError:  # half an IPv6 address, or a port that is no number up to 65535
            is_address = False
        if not is_address:
            raise InvalidInput("receiver", f"{base[:80]!r}, an address such as http://127.0.0.1:8000 expected")

    def objection(self, call: WebhookCall) -> str:
        return super().objection(self._moved(call))

    def send(self, call: WebhookCall) -> Answer:
        return super().send(self._moved(call))

    def _moved(self, call: WebhookCall) -> WebhookCall:
        parts: SplitResult = urlsplit(call.url)._replace(scheme=self._base.scheme, netloc=self._base.netloc)
        if self._base.path not in {"", "/"}:
            parts = parts._replace(path=self._base.path)
        return replace(call, url=parts.geturl())


Ask = Callable[[Any, WebhookCall], "Answer | Awaitable[Answer]"]


class _InProcess:
    """An application or a client in this process; errors of the application come through."""

    def __init__(self, receiver: object, ask: Ask) -> None:
        self._receiver = receiver
        self._ask = ask
        asked = receiver if ask is _ask_function else getattr(receiver, "request", None)
        self.is_awaited = ask is _ask_asgi or _is_coroutine_function(asked)

    def objection(self, _call: WebhookCall) -> str:
        """Return nothing: whatever the address says, the receiver is here."""
        return ""

    def send(self, call: WebhookCall) -> Answer:
        """Ask the receiver; what it would await is run to its end."""
        answer = self._ask(self._receiver, call)
        if isinstance(answer, Answer):
            return answer
        from mockserver.runtime.asgi import run  # noqa: PLC0415 - asyncio is imported when an application needs it

        return run(_awaited(answer))

    async def send_async(self, call: WebhookCall) -> Answer:
        """Ask the receiver, awaiting what it awaits."""
        answer = self._ask(self._receiver, call)
        return answer if isinstance(answer, Answer) else await answer


def _is_coroutine_function(function: object) -> bool:
    called = getattr(function, "__call__", None)  # noqa: B004 - an object may be awaited by its method
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(called)


async def _awaited(answer: Awaitable[Answer]) -> Answer:
    return await answer


def _ask_django(client: Any, call: WebhookCall) -> Answer | Awaitable[Answer]:
    if _is_coroutine_function(client.request):
        return _ask_django_later(client, call)
    method, target, body, headers = request_of(call)
    url, kind = f"{_scheme(call)}://{headers['Host']}{target}", headers.get("Content-Type", "")
    named = {"HTTP_HOST": headers["Host"], "HTTP_USER_AGENT": headers["User-Agent"]}
    return _read(client.generic(method, url, body, kind, secure=_scheme(call) == "https", **named))


async def _ask_django_later(client: Any, call: WebhookCall) -> Answer:
    from django.test.client import FakePayload  # noqa: PLC0415 - whoever has such a client has imported it

    from mockserver.runtime.asgi import scope_of  # noqa: PLC0415 - asyncio is imported when an application needs it

    method, target, body, headers = request_of(call)
    # Its `generic` adds a Host of its own to whatever is given, and an application refuses two.
    own = {name.replace("_", "-").title(): value for name, value in client.defaults.items()}
    scope = scope_of(method, target, own | headers, _scheme(call))
    return _read(await client.request(**scope, _body_file=FakePayload(body)))


def _ask_werkzeug(client: Any, call: WebhookCall) -> Answer:
    method, target, body, headers = request_of(call)
    parts = urlsplit(call.url)
    path = unquote_to_bytes(target.partition("?")[0]).decode("latin-1")
    server = {"PATH_INFO": path, "SERVER_NAME": parts.hostname or "", "SERVER_PORT": str(port_of(parts))}
    response = client.open(
        target,
        method=method,
        data=body,
        headers=headers,
        base_url=f"{parts.scheme}://{headers['Host']}",
        environ_overrides=server,
        follow_redirects=False,
    )
    return Answer(response.status_code, response.get_data().decode("utf-8", "replace"))


def _ask_httpx(client: Any, call: WebhookCall) -> Answer | Awaitable[Answer]:
    method, target, body, headers = request_of(call)
    response = client.request(method, target, content=body, headers=headers, follow_redirects=False)
    return _read_later(response) if inspect.isawaitable(response) else _read(response)


async def _read_later(response: Awaitable[Any]) -> Answer:
    return _read(await response)


def _read(response: Any) -> Answer:
    return Answer(response.status_code, response.content.decode("utf-8", "replace"))


def _scheme(call: WebhookCall) -> str:
    return urlsplit(call.url).scheme


def _ask_wsgi(application: Any, call: WebhookCall) -> Answer:
    from werkzeug.test import Client  # noqa: PLC0415

    return _ask_werkzeug(Client(application), call)


async def _ask_asgi(application: Any, call: WebhookCall) -> Answer:
    from mockserver.runtime.asgi import ask  # noqa: PLC0415 - asyncio is imported when an application needs it

    method, target, body, headers = request_of(call)
    status, answer = await ask(application, method, target, body, headers, _scheme(call))
    return Answer(status, answer.decode("utf-8", "replace"))


def _ask_function(function: Any, call: WebhookCall) -> Answer | Awaitable[Answer]:
    answer = function(call)
    return _answer_later(answer) if inspect.isawaitable(answer) else _answer_of(answer)


async def _answer_later(answer: Awaitable[object]) -> Answer:
    return _answer_of(await answer)


def _answer_of(answer: object) -> Answer:
    """Return what a function's result means: nothing is `ok`, a text a body, a number a status, a pair both."""
    if answer is None or answer is True:
        return Answer(200, "ok")
    if isinstance(answer, str):
        return Answer(200, answer)
    if isinstance(answer, int) and not isinstance(answer, bool):
        return Answer(answer, "ok")
    if isinstance(answer, tuple) and len(answer) == 2:
        return Answer(int(answer[0]), str(answer[1]))
    raise InvalidInput("receiver", f"it returned {type(answer).__name__}; None, a text, a status or both expected")


_CLIENTS: dict[str, Ask] = {"generic": _ask_django, "open": _ask_werkzeug, "build_request": _ask_httpx}
"""Test clients by a method that only they have: Django's, werkzeug's and Flask's, httpx's and Starlette's."""
