"""What the marks of a test and the ini settings say about its world."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mockserver.pytest_options import flag

SERVICES = ("securating", "smsvote")
OWN_KEYWORDS = ("world", "settings", "start", "freeze", "seed", "allow", "env", "fail_on_assumed")


def asked_of(request_or_item: Any) -> dict[str, Any]:
    """Return what marks and ini say about the world of a test; the nearest mark wins."""
    node = getattr(request_or_item, "node", request_or_item)
    asked = _asked_of_all(node)
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
        if mark.kwargs.get("settings"):
            asked["settings"] = str(node.path.parent / mark.kwargs["settings"])
    for mark in node.iter_markers():
        if mark.name in SERVICES and mark.args:
            raise pytest.UsageError(f"@pytest.mark.{mark.name} takes everything by name, not {mark.args}")
    if isinstance(asked["allow"], str):
        raise pytest.UsageError(f"allow: {asked['allow']!r}, a list expected, such as [{asked['allow']!r}]")
    if not isinstance(asked["fail_on_assumed"], bool):
        raise pytest.UsageError(f"fail_on_assumed: {asked['fail_on_assumed']!r}, True or False expected")
    asked["adjustments"] = {
        name: {word: value for mark in reversed(list(node.iter_markers(name))) for word, value in mark.kwargs.items()}
        for name in SERVICES
    }
    return asked


def _asked_of_all(node: Any) -> dict[str, Any]:
    """Return what ini and command line say of every world."""
    ini = node.config.getini
    return {
        "world": _place_of(ini("mockserver_world"), node.config.rootpath),
        "settings": str(node.config.rootpath / settings) if (settings := ini("mockserver_settings")) else "",
        "start": ini("mockserver_start") or None,
        "freeze": ini("mockserver_freeze"),
        "allow": list(ini("mockserver_allow")),
        "env": dict(line.partition("=")[::2] for line in ini("mockserver_env")),
        "seed": "",
        "fail_on_assumed": node.config.getoption("fail_on_assumed") or flag(node.config, "mockserver_fail_on_assumed"),
    }


def _place_of(world: str, folder: Path) -> str:
    """Return a shipped world's name as it is, and a file's path from where it was written."""
    return world if world.isidentifier() else str(folder / world)
