"""Websites that the published client registers by itself (SEC-O2, SEC-O3, SEC-O4)."""

from __future__ import annotations

from mockserver.core.world import World
from mockserver.services.securating.model import Company, Securating, Website
from mockserver.services.securating.parameters import read_email, read_parameter, read_url


def register_website(world: World, email: str, address: str) -> Website:
    """Return the website at `address`, created with a company of its own when nobody has it yet. Raises `Refusal`."""
    state = world.state(Securating)
    url = read_parameter(
        "securating_website", address if "://" in address else f"https://{address}", read_url, state.settings
    )
    read_parameter("securating_email", email, read_email, state.settings)
    for website in state.websites.values():
        if _host_and_path(website.url) == _host_and_path(url):
            return website
    company = Company(max(state.companies, default=0) + 1, _host_and_path(url), email)
    website = Website(world.names.token(), company.id, url)
    state.companies[company.id] = company
    state.websites[website.key] = website
    return website


def is_verified(world: World, address: str, token: str) -> bool:
    """Say whether the website proved itself: offline, a setting decides for the websites that exist (SEC-O3)."""
    state = world.state(Securating)
    website = state.websites.get(token)
    known = website is not None and _host_and_path(website.url) == _host_and_path(address)
    return known and state.settings.websites_are_verified


def _host_and_path(address: str) -> str:
    return address.strip().partition("://")[2].rstrip("/").lower() or address.strip().rstrip("/").lower()
