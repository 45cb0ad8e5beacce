"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timezone

import pytest
from hypothesis import HealthCheck, settings

from mockserver.core.world import World
from mockserver.runtime.double import Double
from mockserver.runtime.worlds import load_world

START = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)

# A busy machine fails no test, and the fixtures that properties use are never changed by them.
settings.register_profile(
    "suite", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("suite")


@pytest.fixture(scope="session", autouse=True)
def own_surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the certificate authority of these tests out of the user's own cache, and the user's proxy out of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
            patch.delenv(name, raising=False)
            patch.delenv(name.upper(), raising=False)
        yield


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


@pytest.fixture
def pytester(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Run suites within a test with this plugin alone: to import all that is installed takes longer than they do."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.plugins.append("mockserver.pytest_plugin")
    return pytester
