"""The pytest plugin: the fixtures `mockserver`, `securating` and `smsvote`.

Every pytest run of whoever has the package installed imports this module, so it imports nothing but pytest itself;
what keeps the tests from the real services (`mockserver.interception.wall`) is put up from here, and is as light.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.pytest_options import declare, flag, wants_coverage
from mockserver.pytest_wall import STANDING, add_offline, put_up_wall, stand_before
from mockserver.pytest_worlds import BROUGHT, FIXTURES, FREEZER, OPENED, WIDER, check_heard, check_reach

if TYPE_CHECKING:
    from mockserver.runtime.strictness import Baseline
    from mockserver.testing import MockServer, Securating, Server, SmsVote

_servers = pytest.StashKey["dict[MockServer, Baseline]"]()
_server: pytest.StashKey[Server] = pytest.StashKey()
_test: pytest.StashKey[pytest.Item] = pytest.StashKey()
_asked = pytest.StashKey["dict[str, Any]"]()
_escapes = pytest.StashKey["list[str]"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the ini settings and options."""
    declare(parser)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> Generator[None, object, object]:
    """Put up the wall before the first line of the application is imported; the contract brings its own options."""
    is_short = "--offline" in args
    put_up_wall(early_config, is_offline=is_short or early_config.known_args_namespace.mockserver_offline)
    if any(argument.startswith("mockserver.contract") for argument in args):
        early_config.pluginmanager.import_plugin("mockserver.contract.plugin")
    result = yield
    if is_short and "--offline" in parser.parse_known_and_unknown_args(args)[1]:  # else it is the application's own
        add_offline(parser, "--offline")
    return result


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks; put up the wall where a conftest.py has named the plugin, or says otherwise."""
    put_up_wall(config, is_offline=config.option.mockserver_offline)
    for line in (
        "mockserver(world, settings, start, freeze, seed, allow, env, fail_on_assumed): the world of a test",
        "securating(**what): url, company_name or settings of Securating in this test",
        "smsvote(**what): balance, daily_limit, prefixes … or settings of sms-vote in this test",
    ):
        config.addinivalue_line("markers", line)
    if wants_coverage(config):
        from mockserver.pytest_coverage import OutcomeCoverage  # noqa: PLC0415 - only for a run that asks for it

        config.pluginmanager.register(OutcomeCoverage(config, _servers), "mockserver-coverage")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let the mark bring its fixture, before any other, so that what it says holds for them too."""
    names: list[str] = getattr(item, "fixturenames", [])
    if "mockserver" not in names[:1] and item.get_closest_marker("mockserver"):
        item.stash[BROUGHT] = "mockserver" not in names
        item.fixturenames = ["mockserver", *names]  # type: ignore[attr-defined] # a list of its own: names are shared


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Freeze the test that asks for it, before its first fixture."""
    stand_before(item, item.config.stash.get(_server, None))
    item.config.stash[_test] = item
    names = getattr(item, "fixturenames", ())
    if FIXTURES.isdisjoint(names):
        check_heard(item)
        return
    may_freeze = item.get_closest_marker("mockserver") or flag(item.config, "mockserver_freeze")
    if not may_freeze and WIDER.keys().isdisjoint(names):
        return
    from mockserver.pytest_marks import asked_of  # noqa: PLC0415 - not before a test asks

    asked = asked_of(item)
    check_reach(item, asked)
    if asked["freeze"]:
        from mockserver.pytest_freezing import freeze  # noqa: PLC0415 - only for a test that asks for it

        freeze(item, asked["start"])


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Unfreeze, and object to calls of the fixtures that would have escaped."""
    if FREEZER in item.config.stash:
        item.config.stash[FREEZER].stop()
        del item.config.stash[FREEZER]
    if item.config.stash[STANDING].escapes:
        item.stash[_escapes] = item.config.stash[STANDING].take_escapes()
        _complain(item, _escaped(item))


@pytest.fixture(scope="session")
def mockserver_server(pytestconfig: pytest.Config) -> Iterator[Server]:
    """Listen on one free port of loopback for the whole session."""
    from mockserver.testing import Server  # noqa: PLC0415 - not before a fixture asks

    server = Server(explains=pytestconfig.getini("mockserver_explain"))
    server.start()
    pytestconfig.stash[_server] = server
    yield server
    del pytestconfig.stash[_server]
    server.stop()


@contextmanager
def _opened(request: pytest.FixtureRequest, server: Server) -> Iterator[MockServer]:
    from mockserver.pytest_marks import asked_of  # noqa: PLC0415 - not before a fixture asks

    asked = asked_of(request)
    request.node.stash[_asked] = asked
    opening = {name: asked[name] for name in ("world", "settings", "start", "adjustments")}
    item, open_world = request.config.stash[_test], server.open
    if _asked_by(item)["freeze"]:
        from mockserver.pytest_freezing import freeze_on_the_way, open_frozen  # noqa: PLC0415 - only for such a test

        freeze_on_the_way(request, item, _asked_by(item)["start"])
        open_world = partial(open_frozen, server)
    with server.intercepting(), pytest.MonkeyPatch.context() as patch:
        # Worlds of two scopes that one seed is asked for still have credentials of their own.
        seed = str(asked["seed"])
        opened = open_world(**opening, seed=seed, owner=f"{seed or request.node.nodeid} {request.scope}")
        request.node.stash[OPENED] = opened
        try:
            for name, value in asked["env"].items():
                patch.setenv(name, opened.fill_in(value))
            yield opened
        finally:
            del request.node.stash[OPENED]
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
    wall = item.config.stash[STANDING]
    wall.hold()  # over what the test's fixtures may have put on top
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
        if wall.escapes:
            item.stash[_escapes] = wall.take_escapes()
    for server in servers:
        server.double.drain()  # for a world that was asked for on the way
    if servers or _escapes in item.stash:
        objects = bool(servers) and _asked_by(item)["fail_on_assumed"]
        problems = [problem for server, since in servers.items() for problem in server.problems(since, assumed=objects)]
        _complain(item, [*_escaped(item), *problems])
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
    for name in WIDER:
        if name in arguments:
            server = arguments[name]
            item.stash.setdefault(_servers, {})[server] = server.baseline()


def _escaped(item: pytest.Item) -> list[Any]:
    from mockserver.runtime.strictness import ESCAPED_CALLS, Problem  # noqa: PLC0415 - not before there is one

    told = [Problem(ESCAPED_CALLS, what) for what in item.stash.get(_escapes, [])]
    item.stash[_escapes] = []
    return told


def _asked_by(item: pytest.Item) -> dict[str, Any]:
    if _asked not in item.stash:  # it has asked for no world of its own
        from mockserver.pytest_marks import asked_of  # noqa: PLC0415 - not before a fixture asks

        item.stash[_asked] = asked_of(item)
    return item.stash[_asked]


def _complain(item: pytest.Item, problems: list[Any]) -> None:
    from mockserver.runtime.strictness import KINDS  # noqa: PLC0415 - not before a fixture asks

    allowed = set(_asked_by(item)["allow"])
    if unknown := allowed - set(KINDS):
        raise pytest.UsageError(f"allow: {', '.join(sorted(unknown))}; one of {', '.join(KINDS)} expected")
    lines = [f"{problem.what}  [allow={problem.kind!r}]" for problem in problems if problem.kind not in allowed]
    if lines:  # the first line is all that a short summary shows
        pytest.fail("\n- ".join([f"mockserver objects: {lines[0]}", *lines[1:]]), pytrace=False)


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
    if report.failed and (escapes := item.stash.get(_escapes, None) or item.config.stash[STANDING].take_escapes()):
        report.sections.append(("mockserver: calls that were refused", "\n".join(escapes)))
    if call.when == "teardown" and _servers in item.stash:
        del item.stash[_servers]  # a rerun begins anew, and no world outlives its test
    return report
