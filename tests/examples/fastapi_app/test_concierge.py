"""The concierge's suite. In the coroutine tests, the application and its webhooks run in the loop of the test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timezone

import pytest
from concierge import Services, create_app
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import ASGITransport, AsyncClient

from mockserver.testing import MockServer, Securating, SmsVote

STAY = {"email": "anna@example.com", "phone": "71234567890"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def app(mockserver: MockServer) -> FastAPI:
    """The application, with its webhook connected."""
    securating, smsvote = mockserver.securating, mockserver.smsvote
    app = create_app(Services(securating.url, securating.key, smsvote.url, smsvote.id, smsvote.secure))
    mockserver.webhooks.deliver_to(app)
    return app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """A guest's browser, in the same loop as the application."""
    transport = ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=transport, base_url="http://c.example") as client,
    ):
        yield client


@pytest.mark.anyio
async def test_a_good_rating_is_kept(client: AsyncClient, securating: Securating, smsvote: SmsVote) -> None:
    securating.customer("anna@example.com").will_review(5, after="2h")

    await client.post("/stays/17/over", params=STAY)
    await securating.clock.advance_async(days=2)

    assert (await client.get("/ratings")).json() == {"17": 5}
    assert smsvote.phone("71234567890").texts == []


@pytest.mark.anyio
@pytest.mark.mockserver(start="2026-03-01 10:00")
async def test_a_bad_rating_is_asked_about_at_once(client: AsyncClient, mockserver: MockServer) -> None:
    mockserver.securating.customer("anna@example.com").will_review(1, after="36h")
    mockserver.smsvote.phone("71234567890").will_reply("4, дайте скидку", after="5m")

    await client.post("/stays/17/over", params=STAY)
    await mockserver.clock.run_until_idle_async()

    [sms] = mockserver.smsvote.phone("71234567890").inbox
    assert sms.at == datetime(2026, 3, 3, 22, 0, tzinfo=timezone.utc)
    assert mockserver.smsvote.ratings.one().text == "4, дайте скидку"


@pytest.mark.anyio
async def test_a_webhook_is_delivered_where_the_test_awaits(client: AsyncClient, securating: Securating) -> None:
    await client.post("/stays/17/over", params=STAY)
    await securating.webhooks.deliver_async()

    [call] = securating.invitations.one().webhooks
    assert (call.step, call.status) == ("invitation-created", "acknowledged")


def test_a_test_that_awaits_nothing_can_do_the_same(app: FastAPI, securating: Securating) -> None:
    with TestClient(app) as client:
        client.post("/stays/17/over", params=STAY)
        securating.clock.advance(days=1)

        securating.customer("anna@example.com").review(4)

        assert client.get("/ratings").json() == {"17": 4}


def test_the_test_client_may_receive_the_webhooks(app: FastAPI, securating: Securating) -> None:
    with TestClient(app) as client:
        securating.webhooks.deliver_to(client)
        client.post("/stays/17/over", params=STAY)

        securating.invitations.one(email="anna@example.com").open_link().review(3)

        assert client.get("/ratings").json() == {"17": 3}
