"""Which worlds a test uses: one of its own, its module's, its session's; and whether what it says reaches them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockserver.testing import MockServer

OWN = frozenset({"mockserver", "securating", "smsvote"})
"""Fixtures of a test's own world, and the marks that make it."""

WIDER = {"module_mockserver": pytest.Module, "session_mockserver": pytest.Session}
"""Fixtures of worlds that tests share, and whose they are."""

FIXTURES = OWN | set(WIDER)

OPENED: pytest.StashKey[MockServer] = pytest.StashKey()
"""Where a module or session has its world."""

FREEZER = pytest.StashKey[Any]()
"""Where a run has what freezes the test under way."""

BROUGHT = pytest.StashKey[bool]()
"""Which tests have not asked for the fixture that their mark brings."""

_BEGINNING = ("world", "settings", "seed", "start")
"""Keywords of the mark `mockserver` that say how a world begins."""


def wider_nodes(item: pytest.Item) -> dict[str, Any]:
    """Return the fixtures of wider worlds that a test uses, each with the module or session that has the world."""
    return {name: item.getparent(kind) for name, kind in WIDER.items() if name in getattr(item, "fixturenames", ())}


def check_reach(item: pytest.Item, asked: Mapping[str, Any]) -> None:
    """Refuse a mark that would make a world, on a test that only uses worlds which were there before it.

    Of use all the same are a `start` to freeze at, and a world that the test has by environment variables only. Raises
    `UsageError`.
    """
    nodes, brought = wider_nodes(item), {"mockserver"} if item.stash.get(BROUGHT, False) and not asked["env"] else set()
    if not nodes or (OWN - brought).intersection(getattr(item, "fixturenames", ())):
        return
    reached = [above for node in nodes.values() for above in node.listchain()]
    beginning = set(_BEGINNING) - ({"start"} if asked["freeze"] else set())
    for name in sorted(OWN):
        for node, mark in item.iter_markers_with_node(name):
            unheard = [word for word in mark.kwargs if name != "mockserver" or word in beginning]
            if unheard and node not in reached:
                raise pytest.UsageError(_objection(name, unheard, nodes))


def check_heard(item: pytest.Item) -> None:
    """Refuse a mark of a service on a test without a world, unless a fixture looks at who requests it.

    Raises `UsageError`.
    """
    for mark in item.own_markers:
        if mark.name in OWN and mark.kwargs and hasattr(item, "_fixtureinfo") and not _may_hear(item):
            raise pytest.UsageError(_objection(mark.name, list(mark.kwargs), {}))


def _may_hear(item: Any) -> bool:
    """Say whether the test or a fixture takes `request`, be it one of the project or one that the test asks for.

    Those of pytest itself hear nothing, nor do those that an installed plugin has for every test.
    """
    found: Mapping[str, Sequence[Any]] = item._fixtureinfo.name2fixturedefs
    asked = [*item._fixtureinfo.argnames, *(name for mark in item.iter_markers("usefixtures") for name in mark.args)]
    for name in asked:
        asked += [each for fixture in found.get(name, ()) for each in fixture.argnames if each not in asked]
    plugins = [getattr(plugin, "__name__", "") for plugin, _ in item.config.pluginmanager.list_plugin_distinfo()]
    installed = {name.partition(".")[0] for name in plugins}
    for name, fixtures in found.items():
        deaf = {"_pytest"} if name in asked else {"_pytest", *installed}
        if any("request" in each.argnames and each.func.__module__.partition(".")[0] not in deaf for each in fixtures):
            return True
    return "request" in item._fixtureinfo.argnames


def _objection(name: str, unheard: list[str], nodes: dict[str, Any]) -> str:
    mark = f"@pytest.mark.{name}({', '.join(f'{word}=…' for word in unheard)}) makes a test's own world"
    if not nodes:
        return f"{mark}, and this one uses none; ask for the fixture {name}"
    instead = "mark the module" if "module_mockserver" in nodes else "describe that world by ini (mockserver_world …)"
    return f"{mark}, and this one uses {' and '.join(nodes)} only; {instead}, or use the fixture {name}"
