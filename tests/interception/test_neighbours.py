"""Beside other libraries that intercept, block or record, in one and the same test."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import ModuleType

import aiohttp
import httpx
import pytest
import requests
import responses
import respx
import vcr
from aioresponses import aioresponses

from mockserver.interception import neighbours
from mockserver.testing import MockServer

BALANCE = "http://sms-vote.ru/api/command/balance.php"
SCRIPT = "https://api.securating.io/resource/build.js"
OTHER = "https://shop.example/"


@pytest.fixture(autouse=True)
def intercepted(mockserver: MockServer) -> MockServer:
    return mockserver


def test_responses_answers_what_it_is_told_to_and_lets_the_rest_through() -> None:
    with responses.RequestsMock() as mock:
        mock.get(OTHER, body="mocked")
        mock.add_passthru("http://sms-vote.ru")
        mock.add_passthru("https://api.securating.io")
        assert requests.get(OTHER, timeout=5).text == "mocked"
        assert requests.get(BALANCE, timeout=5).text.startswith("Error: json")
        assert requests.get(SCRIPT, timeout=5).ok
    assert requests.get(SCRIPT, timeout=5).ok


def test_responses_may_answer_for_a_vendor_itself(intercepted: MockServer) -> None:
    with responses.RequestsMock() as mock:
        mock.get(BALANCE, body="mocked")
        assert requests.get(BALANCE, timeout=5).text == "mocked"
    assert not intercepted.calls.all()


def test_respx_answers_what_it_is_told_to_and_lets_the_rest_through() -> None:
    with respx.mock as mock:
        mock.get(OTHER).respond(text="mocked")
        mock.route(host__regex="sms-vote.ru|api.securating.io").pass_through()
        assert httpx.get(OTHER).text == "mocked"
        assert httpx.get(BALANCE).text.startswith("Error: json")
        assert httpx.get(SCRIPT).is_success


def test_aioresponses_answers_what_it_is_told_to_and_lets_the_rest_through() -> None:
    async def call() -> list[str]:
        async with aiohttp.ClientSession() as session:
            with aioresponses(passthrough=["http://sms-vote.ru", "https://api.securating.io"]) as mock:
                mock.get(OTHER, exception=aiohttp.ClientConnectionError("mocked"))
                with pytest.raises(aiohttp.ClientConnectionError, match="mocked"):
                    await session.get(OTHER)
                return [await (await session.get(url)).text() for url in (BALANCE, SCRIPT)]

    balance, script = asyncio.run(call())
    assert balance.startswith("Error: json")
    assert "securating" in script


def test_vcr_records_the_double_and_replays_it(intercepted: MockServer, tmp_path: Path) -> None:
    for _ in range(2):
        with vcr.use_cassette(str(tmp_path / "cassette.yaml")):
            assert requests.get(BALANCE, timeout=5).text.startswith("Error: json")
            assert requests.get(SCRIPT, timeout=5).ok
    assert len(intercepted.calls.all()) == 2


def test_in_whatever_order_they_come_and_go(intercepted: MockServer) -> None:
    mock = responses.RequestsMock(assert_all_requests_are_fired=False)
    mock.start()
    with vcr.use_cassette("unused.yaml", record_mode="none", ignore_hosts=["sms-vote.ru"]):
        mock.stop()
        assert requests.get(BALANCE, timeout=5).text.startswith("Error: json")
    assert requests.get(BALANCE, timeout=5).text.startswith("Error: json")
    assert len(intercepted.calls.all()) == 2


def test_pytest_socket_lets_the_double_through_and_blocks_others(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import asyncio, httpx, pytest, pytest_socket, requests, socket
        URL = "https://api.securating.io/resource/build.js"

        def check():
            assert requests.get(URL, timeout=5).ok
            async def call():
                async with httpx.AsyncClient() as client:
                    assert (await client.get(URL)).is_success
            asyncio.run(call())

        @pytest.fixture
        def application(mockserver):
            check()
            yield
            check()

        @pytest.mark.parametrize("number", range(2))
        def test_through(mockserver, application, number):
            check()
            with pytest.raises(pytest_socket.SocketConnectBlockedError), pytest.warns(UserWarning):
                socket.create_connection(("10.0.0.1", 80), 1)

        @pytest.mark.disable_socket
        def test_everything_refused(mockserver): ...

        @pytest.mark.enable_socket
        def test_everything_allowed(mockserver): check()

        def test_after(mockserver): check()

        def test_without(): requests.get(URL, timeout=5)
        """
    )
    result = pytester.runpytest_subprocess("-p", "pytest_socket", "--disable-socket", "--allow-hosts=127.0.0.1")
    result.assert_outcomes(passed=4, failed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["*SocketsRefused: pytest-socket refuses every socket of this test*--allow-hosts=127.0.0.1*"]
    )
    result.stdout.fnmatch_lines(["*api.securating.io was called, which is never reached from tests*"])


@pytest.fixture
def pycurl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pycurl", ModuleType("pycurl"))
    monkeypatch.setattr(neighbours, "_warned", set())


@pytest.mark.usefixtures("pycurl")
def test_a_client_that_cannot_be_intercepted_is_warned_of_once() -> None:
    with pytest.warns(neighbours.NotIntercepted, match="pycurl is imported.*mockserver run"):
        neighbours.warn_of_blind_spots()
    neighbours.warn_of_blind_spots()
