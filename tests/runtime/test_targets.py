"""What an application sees of a webhook, whatever kind of receiver it is given as."""

from __future__ import annotations

import types
from collections.abc import Awaitable, Callable, Iterator
from threading import Thread
from typing import Any
from warnings import catch_warnings, simplefilter

import pytest

from mockserver.core.instants import UTC, parse_instant
from mockserver.core.webhooks import Answer, Policy, WebhookCall
from mockserver.runtime.targets import target_for

Seen = list[dict[str, Any]]
Send = Callable[[Any], Awaitable[None]]

MOVED = {"Location": "/elsewhere"}
AGENT = "securating robot"


def call(url: str, method: str = "GET", **params: str) -> WebhookCall:
    policy = Policy(method, ("ok",), True, (200, 299), (), True)
    now = parse_instant("2026-03-02", "x").astimezone(UTC)
    return WebhookCall(1, now, "securating", "t", "s", url, tuple(params.items()), policy)


def wsgi_shop(seen: Seen) -> object:
    def shop(environ: dict[str, Any], start: Callable[..., object]) -> list[bytes]:
        path = environ["PATH_INFO"]
        seen.append(
            {
                "path": path.encode("latin-1").decode(errors="surrogateescape"),
                "query": environ["QUERY_STRING"],
                "host": environ["HTTP_HOST"],
                "agent": environ["HTTP_USER_AGENT"],
                "server": (environ["SERVER_NAME"], int(environ["SERVER_PORT"])),
                "body": environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)),
                "length": environ.get("CONTENT_LENGTH", "0"),
            }
        )
        start("307 Temporary Redirect" if "moved" in path else "200 OK", list(MOVED.items()))
        return [b"ok"]

    return shop


def asgi_shop(seen: Seen) -> object:
    async def shop(scope: Any, receive: Callable[[], Awaitable[Any]], send: Send) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        seen.append(
            {
                "path": scope["path"],
                "raw": scope["raw_path"],
                "query": scope["query_string"].decode(),
                "host": headers["host"],
                "agent": headers["user-agent"],
                "server": scope["server"],
                "body": (await receive())["body"],
                "length": headers.get("content-length", "0"),
            }
        )
        told = [(name.lower().encode(), value.encode()) for name, value in MOVED.items()]
        await send({"type": "http.response.start", "status": 307 if "moved" in scope["path"] else 200, "headers": told})
        await send({"type": "http.response.body", "body": b"ok"})

    return shop


def flask_client(seen: Seen) -> object:
    import flask

    app = flask.Flask("shop")
    app.wsgi_app = wsgi_shop(seen)  # type: ignore[method-assign, assignment]
    return app.test_client()


def starlette_client(seen: Seen) -> object:
    with catch_warnings():
        simplefilter("ignore")  # it would rather have another library beneath it
        from starlette.testclient import TestClient
    return TestClient(asgi_shop(seen))  # type: ignore[arg-type]


def httpx_client(seen: Seen) -> object:
    import httpx

    def shop(asked: httpx.Request) -> httpx.Response:
        seen.append(
            {
                "path": asked.url.path,
                "query": asked.url.query.decode(),
                "host": asked.headers["Host"],
                "agent": asked.headers["User-Agent"],
                "body": asked.content,
                "length": asked.headers.get("Content-Length", "0"),
            }
        )
        return httpx.Response(307 if "moved" in asked.url.path else 200, text="ok", headers=MOVED)

    return httpx.Client(transport=httpx.MockTransport(shop), base_url="http://testserver", follow_redirects=True)


def httpx_async_client(seen: Seen) -> object:
    import httpx

    transport = httpx.ASGITransport(app=asgi_shop(seen))  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url="http://testserver", follow_redirects=True)


def django_view(request: Any, path: str) -> Any:
    from django.http import HttpResponse

    assert "HTTP_HTTP_HOST" not in request.META
    DJANGO.seen.append(
        {
            "path": request.path,
            "query": request.META["QUERY_STRING"],
            "host": request.get_host(),
            "agent": request.headers["User-Agent"],
            "server": (request.META["SERVER_NAME"], int(request.META["SERVER_PORT"])),
            "body": request.body,
            "length": request.headers.get("Content-Length") or "0",
            "own": request.headers.get("X-Own"),
        }
    )
    return HttpResponse(b"ok", status=307 if "moved" in path else 200, headers=MOVED)


class DJANGO(types.ModuleType):
    """The addresses of the Django shop, and what it has seen."""

    urlpatterns: list[Any]
    seen: Seen


def configure_django(seen: Seen) -> None:
    from django.conf import settings
    from django.urls import re_path

    DJANGO.seen = seen
    DJANGO.urlpatterns = [re_path(r"^(?P<path>.*)$", django_view)]
    if not settings.configured:
        settings.configure(ROOT_URLCONF=DJANGO, ALLOWED_HOSTS=["shop.test", "[::1]"], SECRET_KEY="x")


def django_client(seen: Seen) -> object:
    configure_django(seen)
    from django.test import Client

    return Client(HTTP_X_OWN="mine")


def django_async_client(seen: Seen) -> object:
    configure_django(seen)
    from django.test import AsyncClient

    return AsyncClient(**{"x-own": "mine"})


APPLICATIONS: dict[str, Callable[[Seen], object]] = {"WSGI application": wsgi_shop, "ASGI application": asgi_shop}
DJANGOS: dict[str, Callable[[Seen], object]] = {
    "Django client": django_client,
    "Django async client": django_async_client,
}
RECEIVERS: dict[str, Callable[[Seen], object]] = {
    **APPLICATIONS,
    **DJANGOS,
    "Flask client": flask_client,
    "Starlette client": starlette_client,
    "httpx client": httpx_client,
    "httpx async client": httpx_async_client,
}


@pytest.fixture
def seen() -> Seen:
    return []


@pytest.fixture
def address(seen: Seen) -> Iterator[str]:
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, wsgi_shop(seen))  # type: ignore[arg-type]
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://shop.localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("kind", RECEIVERS)
def test_the_application_sees_the_host_the_agent_and_the_decoded_path(kind: str, seen: Seen) -> None:
    target = target_for(RECEIVERS[kind](seen))
    answer = target.send(call("http://shop.test:8001/hé/a%20b?x=%20", step="s"))
    assert answer == Answer(200, "ok")
    (asked,) = seen
    assert (asked["host"], asked["agent"], asked["path"]) == ("shop.test:8001", AGENT, "/hé/a b")
    assert asked["query"] == "x=%20&step=s"


def test_at_an_address_the_application_sees_the_same(address: str, seen: Seen) -> None:
    assert target_for(address).send(call("http://shop.test/hé/a%20b?x=%20", step="s")) == Answer(200, "ok")
    (asked,) = seen
    assert (asked["host"], asked["agent"], asked["path"]) == (address.removeprefix("http://"), AGENT, "/hé/a b")
    assert asked["query"] == "x=%20&step=s"


@pytest.mark.parametrize("kind", RECEIVERS)
def test_by_post_the_application_is_told_how_long_the_form_is(kind: str, seen: Seen) -> None:
    target_for(RECEIVERS[kind](seen)).send(call("http://shop.test/w", "POST", step="s"))
    assert [(asked["body"], asked["length"]) for asked in seen] == [(b"step=s", "6")]


@pytest.mark.parametrize("kind", RECEIVERS)
def test_a_redirect_is_an_answer_and_is_followed_nowhere(kind: str, seen: Seen) -> None:
    answer = target_for(RECEIVERS[kind](seen)).send(call("http://shop.test/moved"))
    assert (answer.status, len(seen)) == (307, 1)


@pytest.mark.parametrize("kind", APPLICATIONS)
@pytest.mark.parametrize(
    ("origin", "server"),
    [
        ("http://Shop.test", ("shop.test", 80)),
        ("http://shop.test:8001", ("shop.test", 8001)),
        ("https://shop.test", ("shop.test", 443)),
        ("https://[::1]:8001", ("::1", 8001)),
        ("http://[::1]", ("::1", 80)),
    ],
)
def test_an_application_is_told_which_server_it_is(kind: str, origin: str, server: tuple[str, int], seen: Seen) -> None:
    target_for(APPLICATIONS[kind](seen)).send(call(f"{origin}/w"))
    assert [(asked["server"], asked["host"]) for asked in seen] == [(server, origin.partition("//")[2])]


def test_an_asgi_application_sees_the_path_as_it_was_sent_too(seen: Seen) -> None:
    target_for(asgi_shop(seen)).send(call("http://shop.test/hé/a%20b"))
    assert seen[0]["raw"] == b"/h%C3%A9/a%20b"


def test_a_wsgi_application_sees_the_very_bytes_of_the_path(seen: Seen) -> None:
    target_for(wsgi_shop(seen)).send(call("http://shop.test/%FF"))
    assert seen[0]["path"] == b"/\xff".decode(errors="surrogateescape")


@pytest.mark.parametrize("kind", [*APPLICATIONS, *DJANGOS, "Flask client"])
def test_two_slashes_begin_a_path_and_no_host(kind: str, seen: Seen) -> None:
    target_for(RECEIVERS[kind](seen)).send(call("http://shop.test//hook/in"))
    assert [asked["path"] for asked in seen] == ["//hook/in"]


@pytest.mark.parametrize("kind", DJANGOS)
def test_the_headers_that_a_client_was_made_with_are_sent_too(kind: str, seen: Seen) -> None:
    target_for(DJANGOS[kind](seen)).send(call("http://shop.test/w"))
    assert seen[0]["own"] == "mine"
