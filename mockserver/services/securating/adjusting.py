"""What a test wants otherwise in its world: the website, the company, settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mockserver.core.errors import InvalidInput
from mockserver.core.world import World
from mockserver.services.securating.model import Securating
from mockserver.services.securating.parameters import read_parameter, read_url


def adjust(world: World, wanted: Mapping[str, object], path: str) -> None:
    """Adjust a new world: `url` of its website, `company_name`, else settings. Raises `InvalidInput` or `Refusal`."""
    state, settings = world.state(Securating), dict(wanted)
    named = {name: str(given) for name in ("url", "company_name") if (given := settings.pop(name, None))}
    overridden = state.settings.override(settings, path)
    if named:
        _rename(state, named, path)
    state.settings = overridden
    state.pinned.update(settings)


def _rename(state: Securating, named: Mapping[str, str], path: str) -> None:
    website = next(iter(state.websites.values()), None)
    if website is None:
        raise InvalidInput(f"{path}.{next(iter(named))}", "this world has no website, one to change expected")
    if "url" in named:
        address = read_parameter(f"{path}.url", named["url"], read_url, state.settings)
        state.websites[website.key] = replace(website, url=address)
    if "company_name" in named:
        company = state.companies[website.company_id]
        state.companies[company.id] = replace(company, name=named["company_name"])
