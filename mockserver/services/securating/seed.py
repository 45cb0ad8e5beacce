"""Securating's section of a world file: companies with their websites, moderators, products and questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.core.errors import Refusal
from mockserver.core.world import World
from mockserver.services.fields import Fields
from mockserver.services.securating.model import Company, Product, Profile, Securating, Thematic, Website
from mockserver.services.securating.parameters import read_url
from mockserver.services.securating.thematics import check_code


def seed(world: World, section: Mapping[str, Any], path: str) -> None:
    """Fill a new world. Raises `InvalidInput` or `Refusal` naming the place of a mistake."""
    state = world.state(Securating)
    fields = Fields(section, path)
    state.settings = state.settings.override(fields.take("settings", dict, {}), f"{path}.settings")
    for company in fields.take_objects("companies", []):
        _seed_company(world, state, company)
    fields.finish()


def _seed_company(world: World, state: Securating, fields: Fields) -> None:
    company = Company(fields.take("id", int), fields.take("name", str), fields.take("email", str, ""))
    if company.id < 1 or company.id in state.companies:
        fields.refuse("id", f"{company.id}, a positive number that no other company has expected")
    state.companies[company.id] = company
    for website in fields.take_objects("websites", []):
        _seed_website(world, state, company, website)
    for profile in fields.take_objects("profiles", []):
        moderator = Profile(profile.take("id", str), company.id, profile.take("name", str))
        state.profiles[company.id, moderator.id] = moderator
        profile.finish()
    for product in fields.take_objects("products", []):
        sku, ean = product.take("sku", str), product.take("ean", str, "")
        state.products[company.id, sku] = Product(company.id, sku, ean, product.take("description", str, ""))
        product.finish()
    for thematic in fields.take_objects("thematics", []):
        _seed_thematic(state, company, thematic)
    fields.finish()


def _seed_website(world: World, state: Securating, company: Company, fields: Fields) -> None:
    key = fields.take("key", str, "") or world.randomness.token()
    url = fields.take("url", str)
    if not (len(key) == 64 and key.isascii() and key.isalnum()):
        fields.refuse("key", f"{len(key)} characters, 64 letters and digits expected")
    if key in state.websites:
        fields.refuse("key", "another website has this key")
    try:
        read_url(url, state.settings)
    except ValueError as error:
        fields.refuse("url", str(error))
    state.websites[key] = Website(key, company.id, url)
    fields.finish()


def _seed_thematic(state: Securating, company: Company, fields: Fields) -> None:
    code = fields.take("code", str)
    try:
        check_code(state, code)
    except Refusal as refusal:
        fields.refuse("code", refusal.why)
    language = state.settings.language_by_code[code[1:3]]
    question, explanation = fields.take("question", str), fields.take("explanation", str, "")
    state.custom_thematics[company.id, code] = Thematic(code, language, question, explanation)
    fields.finish()
