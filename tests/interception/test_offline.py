"""The offline guarantee, as pytest's users meet it: each test here runs a small suite of its own."""

from __future__ import annotations

import pytest

STAND_IN = '''
"""Stands for the real services: whoever gets past the wall is counted here."""
import _socket, socket, threading

listener = socket.create_server(("127.0.0.1", 0))
accepted = []

def accept():
    while True:
        accepted.append(listener.accept()[0].close())

threading.Thread(target=accept, daemon=True).start()
original = _socket.getaddrinfo

def resolve(host, port, *how):
    if str(host).endswith(("sms-vote.ru", "securating.io")):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", listener.getsockname())]
    return original(host, port, *how)

_socket.getaddrinfo = resolve

def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line(f"accepted: {len(accepted)}")
'''

CALLS = """
import contextlib, socket, urllib.request

def swallow(call, *what):
    with contextlib.suppress(OSError):
        call(*what)

def call_for_real():
    swallow(urllib.request.urlopen, "http://sms-vote.ru/api/command/balance.php")
    swallow(urllib.request.urlopen, "https://api.securating.io/resource/build.js")
    swallow(socket.create_connection, ("sms-vote.ru", 80), 2)
    return "swallowed"
"""


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyfile(stand_in=STAND_IN, shop=CALLS)
    return pytester


def run(suite: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return suite.runpytest_subprocess(*arguments)


def test_nothing_that_is_called_without_the_fixture_reaches_anybody(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # which the inner suite would take for its own
    suite.makeconftest("import shop\nAT_IMPORT = shop.call_for_real()")
    suite.makepyfile(
        """
        import asyncio, contextlib, shop, pytest, urllib.request

        def test_who_pays_for_the_import(): ...
        def test_swallowed(): shop.call_for_real()
        def test_own_failure_first():
            shop.call_for_real()
            raise LookupError("its own")
        def test_raised():
            urllib.request.urlopen("http://sms-vote.ru/")
        def test_libraries_that_resolve_by_themselves_imported_late():
            import aiohttp
            async def call():
                connector = aiohttp.TCPConnector(resolver=aiohttp.AsyncResolver())
                async with aiohttp.ClientSession(connector=connector) as session:
                    with contextlib.suppress(OSError):
                        await session.get("http://sms-vote.ru/")
            asyncio.run(call())
            try:
                import uvloop
            except ImportError:
                return
            loop = uvloop.new_event_loop()
            with contextlib.suppress(OSError):
                loop.run_until_complete(loop.create_connection(asyncio.Protocol, "api.securating.io", 443))
            loop.close()
        def test_innocent(): ...
        @pytest.fixture
        def before(): shop.call_for_real()
        @pytest.fixture
        def after():
            yield
            shop.call_for_real()
        def test_before(before): ...
        def test_after(after): ...
        def test_answered(smsvote):
            answer = urllib.request.urlopen("http://www.sms-vote.ru/api/command/balance.php").read()
            assert answer.startswith(b"Error: json")
        """
    )
    result = run(suite, "-p", "stand_in")
    result.assert_outcomes(failed=6, passed=3, errors=1)
    said = result.stdout.str()
    result.stdout.fnmatch_lines(["accepted: 0"])
    assert "LookupError: its own" in said
    assert said.count("mockserver: calls that were refused") == 2  # where the test failed of itself
    assert "while no test ran" in said
    assert "test_swallowed (call), " in said
    assert "shop.py:5; ask for the fixture 'smsvote'" in said
    assert "ask for the fixture 'securating'" in said
    assert "[allow='escaped-calls']" in said
    assert "test_before (setup)" in said
    assert "test_after (teardown)" in said


def test_a_connection_kept_from_a_test_with_the_fixture_answers_none_without(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import contextlib, httpx, pytest, requests
        SESSION, CLIENT = requests.Session(), httpx.Client()
        def ask(client): return client.get("https://api.securating.io/resource/build.js", timeout=5)

        def test_answered(securating): assert ask(SESSION).ok and ask(CLIENT).is_success
        @pytest.mark.parametrize("client", [SESSION, CLIENT])
        def test_refused(client): ask(client)
        def test_answered_again(securating): assert ask(SESSION).ok and ask(CLIENT).is_success
        """
    )
    result = run(suite, "-p", "stand_in")
    result.assert_outcomes(passed=2, failed=2)
    assert result.stdout.str().count("api.securating.io was called, which is never reached from tests: ") >= 2
    result.stdout.fnmatch_lines(["accepted: 0"])


def test_the_stand_in_is_reached_where_the_wall_is_off(suite: pytest.Pytester) -> None:
    suite.makepyfile("import shop\ndef test_it(): shop.call_for_real()\ndef test_again(smsvote): shop.call_for_real()")
    result = run(suite, "-p", "stand_in", "-o", "mockserver_offline=off")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["accepted: 3"])


def test_offline_refuses_everybody_else_and_a_test_may_be_allowed_to_try(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import socket, shop
        def test_else(): shop.swallow(socket.create_connection, ("example.org", 80), 2)
        def test_local():
            with socket.create_server(("127.0.0.1", 0)) as server:
                socket.create_connection(server.getsockname(), 2).close()
        """
    )
    result = run(suite, "--offline")
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["*example.org was called, and only this machine is reached offline: *test_else*"])
    allowing = run(suite, "-o", "mockserver_offline=all", "-o", "mockserver_allow=escaped-calls")
    allowing.assert_outcomes(passed=2)


OWN_OPTION = """
def pytest_addoption(parser):
    parser.addoption("--offline", action="store_true")
"""


def test_an_option_of_the_applications_own_has_the_short_name(suite: pytest.Pytester) -> None:
    suite.makeconftest(OWN_OPTION)
    suite.makepyfile(
        """
        import socket, shop
        def test_theirs(request):
            option = request.config.option
            assert option.offline is not option.mockserver_offline
        def test_else(): shop.swallow(socket.getaddrinfo, "other.invalid", 80)
        """
    )
    run(suite, "--offline").assert_outcomes(passed=2)
    run(suite, "--mockserver-offline").assert_outcomes(passed=1, failed=1)


def test_an_unknown_word_is_refused(suite: pytest.Pytester) -> None:
    result = run(suite, "-o", "mockserver_offline=yes")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*mockserver_offline: 'yes'; one of vendors, all, off expected*"])
