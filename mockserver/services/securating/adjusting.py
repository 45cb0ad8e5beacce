"""What a test wants otherwise in its world: the website, the company, settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mockserver.core.world import World
from mockserver.services.securating.model import Securating
from mockserver.services.securating.parameters import read_parameter, read_url


def adjust(world: World, wanted: Mapping[str, object], path: str) -> None:
    """Adjust a new world: `url` of its website, `company_name`, else settings. Raises `InvalidInput` or `Refusal`."""
    state = world.state(Securating)
    settings = dict(wanted)
    website = next(iter(state.websites.values()))
    if url := settings.pop("url", None):
        address = read_parameter("url", str(url), read_url, state.settings)
        state.websites[website.key] = replace(website, url=address)
    if name := settings.pop("company_name", None):
        company = state.companies[website.company_id]
        state.companies[company.id] = replace(company, name=str(name))
    if settings:
        state.settings = state.settings.override(settings, path)
        state.pinned.update(settings)
