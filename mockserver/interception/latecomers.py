"""Libraries that look names up by themselves, imported while the wall is up: met at the door."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

EXPECTED = frozenset({"uvloop", "aiohttp.resolver"})


class Doorman:
    """A finder of modules that calls `met` whenever one of the expected has been imported."""

    def __init__(self, met: Callable[[], None]) -> None:
        self._met = met

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how to import an expected module; None for any other."""
        spec = PathFinder.find_spec(name, path) if name in EXPECTED else None
        if spec and spec.loader:
            execute = spec.loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                self._met()

            spec.loader.exec_module = exec_module  # type: ignore[method-assign] # a loader is its module's own
        return spec

    def stand(self) -> None:
        """Be asked first whenever a module is imported."""
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def leave(self) -> None:
        """Be asked no more about modules."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)
