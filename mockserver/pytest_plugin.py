"""The pytest plugin: the fixtures `mockserver`, `securating` and `smsvote`.

Every pytest run of whoever has the package installed imports this module, so it imports nothing but pytest itself.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import wraps
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockserver.runtime.strictness import Baseline
    from mockserver.testing import MockServer, Securating, Server, SmsVote

SERVICES = ("securating", "smsvote")
OWN_KEYWORDS = ("world", "start", "freeze", "seed", "allow", "env")

_servers = pytest.StashKey["dict[MockServer, Baseline]"]()
_freezer = pytest.StashKey[Any]()
_allowed = pytest.StashKey["list[str]"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the ini settings; a mark on a test wins over them."""
    parser.addini("mockserver_world", "shipped world or file that every test begins with", default="empty")
    parser.addini("mockserver_start", "instant at which the clock of every test stands, such as 2026-03-01 10:00")
    parser.addini("mockserver_freeze", "freeze the application at mockserver_start too", type="bool", default=False)
    parser.addini(
        "mockserver_allow", "what does not fail a test: unknown-calls, bad-webhooks …", type="args", default=[]
    )
    parser.addini(
        "mockserver_env", "environment variables of every test, a NAME={url} a line", type="linelist", default=[]
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks."""
    for line in (
        "mockserver(world, start, freeze, seed, allow, env): how the world of a test begins",
        "securating(**what): url, company_name or settings of Securating in this test",
        "smsvote(**what): balance, daily_limit, prefixes … or settings of sms-vote in this test",
    ):
        config.addinivalue_line("markers", line)


def _asked(request_or_item: Any) -> dict[str, Any]:
    """Return what marks and ini say about the world of a test; the nearest mark wins."""
    node = getattr(request_or_item, "node", request_or_item)
    ini = node.config.getini
    asked: dict[str, Any] = {
        "world": _place_of(ini("mockserver_world"), node.config.rootpath),
        "start": ini("mockserver_start") or None,
        "freeze": ini("mockserver_freeze"),
        "allow": list(ini("mockserver_allow")),
        "env": dict(line.partition("=")[::2] for line in ini("mockserver_env")),
        "seed": node.nodeid,
    }
    for mark in reversed(list(node.iter_markers("mockserver"))):
        unknown = set(mark.kwargs) - set(OWN_KEYWORDS)
        if unknown or mark.args:
            raise pytest.UsageError(
                f"@pytest.mark.mockserver takes {', '.join(OWN_KEYWORDS)} by name, not {unknown or mark.args}"
            )
        asked["env"] |= mark.kwargs.get("env", {})
        asked |= {name: value for name, value in mark.kwargs.items() if name != "env"}
        if "world" in mark.kwargs:
            asked["world"] = _place_of(mark.kwargs["world"], node.path.parent)
    for mark in node.iter_markers():
        if mark.name in SERVICES and mark.args:
            raise pytest.UsageError(f"@pytest.mark.{mark.name} takes everything by name, not {mark.args}")
    if isinstance(asked["allow"], str):
        raise pytest.UsageError(f"allow: {asked['allow']!r}, a list expected, such as [{asked['allow']!r}]")
    asked["adjustments"] = {
        name: {word: value for mark in reversed(list(node.iter_markers(name))) for word, value in mark.kwargs.items()}
        for name in SERVICES
    }
    return asked


def _place_of(world: str, folder: Path) -> str:
    """Return a shipped world's name as it is, and a file's path from where it was written."""
    return world if world.isidentifier() else str(folder / world)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let the mark bring its fixture, before any other, so that what it says holds for them too."""
    names: list[str] = getattr(item, "fixturenames", [])
    if "mockserver" not in names[:1] and item.get_closest_marker("mockserver"):
        item.fixturenames = ["mockserver", *names]  # type: ignore[attr-defined] # a list of its own: names are shared


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Freeze the test that asks for it, before its first fixture."""
    if item.get_closest_marker("mockserver") is None and not item.config.getini("mockserver_freeze"):
        return
    asked = _asked(item)
    if not asked["freeze"]:
        return
    if asked["start"] is None:
        raise pytest.UsageError("freeze=True needs start=…, the instant to freeze at")
    from inspect import signature  # noqa: PLC0415

    from freezegun import freeze_time  # noqa: PLC0415 - only for a test that asks for it

    # pytest's own stop-watch goes on, and where freezegun can, the event loops of the application do too.
    parameters = signature(freeze_time).parameters
    real: dict[str, Any] = {"real_asyncio": True} if "real_asyncio" in parameters else {}
    freezer = freeze_time(asked["start"], ignore=["_pytest.timing"], **real)
    freezer.start()
    item.stash[_freezer] = freezer


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Unfreeze."""
    if _freezer in item.stash:
        item.stash[_freezer].stop()
        del item.stash[_freezer]


@pytest.fixture(scope="session")
def mockserver_server() -> Iterator[Server]:
    """Listen on one free port of loopback for the whole session."""
    from mockserver.testing import Server  # noqa: PLC0415 - not before a fixture asks

    server = Server()
    server.start()
    yield server
    server.stop()


@contextmanager
def _opened(request: pytest.FixtureRequest, server: Server) -> Iterator[MockServer]:
    asked = _asked(request)
    request.node.stash[_allowed] = asked["allow"]
    opening = {name: asked[name] for name in ("world", "start", "adjustments")}
    # Worlds of two scopes that one seed is asked for still have credentials of their own.
    opened = server.open(**opening, seed=f"{asked['seed']} {request.scope}")
    with pytest.MonkeyPatch.context() as patch:
        try:
            for name, value in asked["env"].items():
                patch.setenv(name, opened.fill_in(value))
            yield opened
        finally:
            server.close(opened)


@pytest.fixture
def mockserver(request: pytest.FixtureRequest, mockserver_server: Server) -> Iterator[MockServer]:
    """Both services in a fresh world of this test's own."""
    with _opened(request, mockserver_server) as opened:
        request.node.stash.setdefault(_servers, {})[opened] = opened.baseline()
        yield opened


@pytest.fixture
def securating(mockserver: MockServer) -> Securating:
    """Securating in a fresh world of this test's own."""
    return mockserver.securating


@pytest.fixture
def smsvote(mockserver: MockServer) -> SmsVote:
    """sms-vote in a fresh world of this test's own."""
    return mockserver.smsvote


@pytest.fixture(scope="module")
def module_mockserver(request: pytest.FixtureRequest, mockserver_server: Server) -> Iterator[MockServer]:
    """Both services in one world for all tests of a module; marks on the module apply."""
    with _opened(request, mockserver_server) as opened:
        yield opened


@pytest.fixture(scope="session")
def session_mockserver(request: pytest.FixtureRequest, mockserver_server: Server) -> Iterator[MockServer]:
    """Both services in one world for all tests of a session; ini settings apply."""
    with _opened(request, mockserver_server) as opened:
        yield opened


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail the test for what it should not pass over in silence; its own failure goes first."""
    _take_part_of_wider_worlds(item)
    servers = item.stash.setdefault(_servers, {})
    function = getattr(item, "obj", None) if servers else None
    if function:
        _deliver_at_the_end(item, servers)
    try:
        result = yield
    finally:
        if function:
            item.obj = function  # type: ignore[attr-defined] # the closure would keep the worlds alive
    for server in servers:
        server.double.drain()  # for a world that was asked for on the way
    problems = [problem for server, since in servers.items() for problem in server.problems(since)]
    if servers:
        allowed = set(item.stash[_allowed] if _allowed in item.stash else _asked(item)["allow"])
        _complain([problem for problem in problems if problem.kind not in allowed], allowed)
    return result


def _deliver_at_the_end(item: Any, servers: dict[MockServer, Baseline]) -> None:
    """Deliver what still waits as the last act of the test function, inside the transaction or loop around it."""
    function, instance = item.obj, getattr(item, "instance", None)
    if isgeneratorfunction(function) or isasyncgenfunction(function):
        return  # which pytest refuses, and must be let see
    if iscoroutinefunction(function):

        @wraps(function)
        async def inside(*args: Any, **fixtures: Any) -> Any:
            result = await function(*args, **fixtures)
            for server in servers:
                await server.double.delivery.deliver_async()
            return result

    else:

        @wraps(function)
        def inside(*args: Any, **fixtures: Any) -> Any:
            result = function(*args, **fixtures)
            for server in servers:
                server.double.drain()
            return result

    item.obj = inside
    unittest = sys.modules.get("unittest")  # no instance of its classes exists where nobody has imported it
    if unittest and isinstance(instance, unittest.TestCase):
        setattr(instance, item.name, inside)  # where a runner takes the method from the instance


def _take_part_of_wider_worlds(item: pytest.Item) -> None:
    """Have a test answer for what happens in a module's or session's world while it runs, and for nothing older."""
    arguments: dict[str, Any] = getattr(item, "funcargs", {})
    for name in ("module_mockserver", "session_mockserver"):
        if name in arguments:
            server = arguments[name]
            item.stash.setdefault(_servers, {})[server] = server.baseline()


def _complain(problems: list[Any], allowed: set[str]) -> None:
    from mockserver.runtime.strictness import KINDS  # noqa: PLC0415 - not before a fixture asks

    if unknown := allowed - set(KINDS):
        raise pytest.UsageError(f"allow: {', '.join(sorted(unknown))}; one of {', '.join(KINDS)} expected")
    if problems:
        lines = [f"- {problem.what}  [allow={problem.kind!r}]" for problem in problems]
        pytest.fail("\n".join(["mockserver objects:", *lines]), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show a failing test's journal and agenda."""
    report = yield
    if report.failed and _servers in item.stash:
        from mockserver.runtime.report import tell  # noqa: PLC0415 - not before a fixture asks

        for server in item.stash[_servers]:
            report.sections.append(("mockserver", tell(server.double)))
    if call.when == "teardown" and _servers in item.stash:
        del item.stash[_servers]  # a rerun begins anew, and no world outlives its test
    return report
