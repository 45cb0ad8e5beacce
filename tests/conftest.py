"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

import pytest

from mockserver.core.world import World
from mockserver.runtime.double import Double
from mockserver.runtime.worlds import load_world

START = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)


@pytest.fixture
def world() -> World:
    """The demo world, on a Monday morning."""
    return load_world("demo", START)


@pytest.fixture
def double(world: World) -> Double:
    """The demo world being driven in the test's own thread."""
    return Double(world)


@pytest.fixture
def world_with() -> Callable[..., World]:
    """Make the demo world with settings such as `"securating.recall_interval=2d"`."""
    return lambda *overrides: load_world("demo", START, overrides)
