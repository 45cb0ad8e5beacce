"""What a test wants otherwise, in worlds that nobody has moved into."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from mockserver.core.errors import InvalidInput, Refusal
from mockserver.core.world import World
from mockserver.services import SERVICES

SERVICE = {service.name: service for service in SERVICES}


@pytest.fixture
def bare() -> World:
    """A world without websites and accounts."""
    return World(datetime(2026, 3, 2, tzinfo=timezone.utc), "seed", [service.state() for service in SERVICES])


@pytest.mark.parametrize(("name", "wanted"), [("securating", {"highest_rating": 10}), ("smsvote", {"max_messages": 5})])
def test_settings_need_neither_website_nor_account(bare: World, name: str, wanted: dict[str, Any]) -> None:
    service = SERVICE[name]
    service.adjust(bare, wanted, name)
    ((setting, value),) = wanted.items()
    assert getattr(service.settings_of(bare), setting) == value
    assert service.pinned(bare) == {setting}


@pytest.mark.parametrize(
    ("name", "wanted", "blamed"),
    [
        ("securating", {"url": "https://a.example/", "highest_rating": 10}, "url"),
        ("securating", {"highest_rating": 10, "company_name": "Chez Anna"}, "company_name"),
        ("smsvote", {"max_messages": 5, "balance": "1.00"}, "balance"),
        ("smsvote", {"prefixes": ["ОДИН"]}, "prefixes"),
        ("securating", {"colour": "red"}, "colour"),
        ("smsvote", {"colour": "red"}, "colour"),
    ],
)
def test_what_belongs_to_a_website_or_an_account_is_refused_by_its_name(
    bare: World, name: str, wanted: dict[str, Any], blamed: str
) -> None:
    service = SERVICE[name]
    before = service.settings_of(bare)
    with pytest.raises((InvalidInput, Refusal), match=rf"^{name}\.{blamed}: .*(this world has no|no such)"):
        service.adjust(bare, wanted, name)
    assert service.settings_of(bare) == before
    assert service.pinned(bare) == set()


@pytest.mark.parametrize(
    ("name", "given", "meant"),
    [
        ("securating", "recal_interval", "recall_interval"),
        ("smsvote", "balance_place", "balance_places"),
        ("smsvote", "balanc", "balance"),
    ],
)
def test_what_is_misspelt_is_told_from_what_was_meant(world: World, name: str, given: str, meant: str) -> None:
    with pytest.raises((InvalidInput, Refusal), match=rf"^{name}\.{given}: no such .*; did you mean {meant}\?$"):
        SERVICE[name].adjust(world, {given: "1"}, name)
    assert SERVICE[name].pinned(world) == set()


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("securating", {"company_name": "Chez Anna", "url": "https://a.example/", "highest_rating": 0}),
        ("smsvote", {"balance": "1.00", "prefixes": ["ОДИН"], "max_messages": "many"}),
        ("smsvote", {"balance": "much", "max_messages": 5}),
        ("securating", {"company_name": "Chez Anna", "url": "nowhere", "highest_rating": 10}),
    ],
)
def test_what_is_refused_in_part_changes_nothing(world: World, name: str, wanted: dict[str, Any]) -> None:
    before = world.copy()
    with pytest.raises((InvalidInput, Refusal)):
        SERVICE[name].adjust(world, wanted, name)
    for service in SERVICES:
        state, kept = (each.state(service.state) for each in (world, before))
        for table in state.__slots__:
            assert repr(getattr(state, table)) == repr(getattr(kept, table))
