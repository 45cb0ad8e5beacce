from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import quote, quote_plus

import pytest

from mockserver.core.world import World
from mockserver.runtime.shortening import shorten_secrets
from mockserver.services.securating.model import Securating, Website
from mockserver.services.smsvote.model import SmsVote

SECURE = "05ea83436373cae23787455c5fd1de87"
ODD = 'p "ä/ 1234567890+&é'


@pytest.fixture
def odd_world(world: World) -> World:
    """A world with an account whose secret no encoding leaves as it is."""
    state = world.state(SmsVote)
    state.accounts[53] = replace(state.accounts[52], id=53, secure=ODD)
    return world


@pytest.mark.parametrize(
    "written",
    [
        ODD,
        quote(ODD),
        quote(ODD, safe="").lower(),
        quote_plus(ODD),
        json.dumps(ODD),
        json.dumps(ODD, ensure_ascii=False).replace("/", r"\/"),
        quote(json.dumps(ODD), safe=""),
        quote_plus(json.dumps({"secure": ODD}, ensure_ascii=False)),
    ],
)
def test_a_secret_is_shortened_however_it_is_encoded(odd_world: World, written: str) -> None:
    shown = shorten_secrets(odd_world, f"json={written}&more")
    assert "1234567890" not in shown
    assert "…" in shown
    assert shown.endswith("&more")


def test_every_secret_of_every_service_is_shortened_and_not_only_the_first(world: World) -> None:
    state = world.state(Securating)
    state.websites["k" * 64] = Website("k" * 64, 1, "https://second.example")
    keys = [*state.websites, SECURE]
    shown = shorten_secrets(world, " ".join(keys))
    assert shown == " ".join(f"{key[:6]}…" for key in keys)


def test_a_secret_that_ends_otherwise_or_comes_in_capitals_would_give_it_away_too(world: World) -> None:
    assert shorten_secrets(world, f"secure={SECURE[:-1]}8&x") == "secure=05ea83…&x"
    assert shorten_secrets(world, SECURE.upper()) == "05EA83…"


def test_what_is_too_short_to_be_recognised_is_left_as_it_is(world: World) -> None:
    state = world.state(SmsVote)
    state.accounts[52] = replace(state.accounts[52], secure="secret")
    assert shorten_secrets(world, "a secret, 05ea8343") == "a secret, 05ea8343"


def test_a_world_without_secrets_changes_nothing(world: World) -> None:
    world.state(Securating).websites.clear()
    world.state(SmsVote).accounts.clear()
    assert shorten_secrets(world, SECURE) == SECURE
