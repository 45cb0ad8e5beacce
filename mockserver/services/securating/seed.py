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
from mockserver.services.securating.traffic import promise_past


def seed(world: World, section: Mapping[str, Any], path: str) -> None:
    """Fill a new world. Raises `InvalidInput` or `Refusal` naming the place of a mistake."""
    state = world.state(Securating)
    fields = Fields(section, path)
    settings = fields.take("settings", dict, {})
    state.settings = state.settings.override(settings, f"{path}.settings")
    state.pinned.update(settings)
    for company in fields.take_objects("companies", []):
        _seed_company(world, state, company)
    fields.finish()


def _seed_company(world: World, state: Securating, fields: Fields) -> None:
    company = Company(fields.take("id", int), fields.take("name", str), fields.take("email", str, ""))
    if company.id < 1 or company.id in state.companies:
        fields.refuse("id", f"{company.id}, a positive number that no other company has expected")
    state.companies[company.id] = company
    for website in fields.take_objects("websites", []):
        add_website(world, company, website)
    for profile in fields.take_objects("profiles", []):
        add_profile(world, company, profile)
    for product in fields.take_objects("products", []):
        taken = take_product(company, product)
        state.products[company.id, taken.sku] = taken
    for thematic in fields.take_objects("thematics", []):
        add_thematic(world, company, thematic)
    if "traffic" in fields:
        traffic = Fields(fields.take("traffic", dict), fields.path_of("traffic"))
        promise_past(world, company.id, traffic)
    fields.finish()


def add_website(world: World, company: Company, fields: Fields) -> None:
    """Give a company a website; its key is drawn where none is given. Raises `Refusal`."""
    state = world.state(Securating)
    key, url = fields.take("key", str, ""), fields.take("url", str)
    fields.finish()
    if key and not (len(key) == 64 and key.isascii() and key.isalnum()):
        fields.refuse("key", f"{len(key)} characters, 64 letters and digits expected")
    if key in state.websites:
        fields.refuse("key", "another website has this key")
    try:
        read_url(url, state.settings)
    except ValueError as error:
        fields.refuse("url", str(error))
    key = key or world.names.token()
    state.websites[key] = Website(key, company.id, url)


def add_profile(world: World, company: Company, fields: Fields) -> None:
    """Give a company a moderator, in place of one with the same id. Raises `Refusal`."""
    moderator = Profile(fields.take("id", str), company.id, fields.take("name", str))
    fields.finish()
    world.state(Securating).profiles[company.id, moderator.id] = moderator


def take_product(company: Company, fields: Fields) -> Product:
    """Read a product. Raises `Refusal`."""
    sku, ean = fields.take("sku", str), fields.take("ean", str, "")
    product = Product(company.id, sku, ean, fields.take("description", str, ""))
    fields.finish()
    return product


def add_thematic(world: World, company: Company, fields: Fields) -> None:
    """Give a company a question of its own, in place of one with the same code (SEC-T7). Raises `Refusal`."""
    state, code = world.state(Securating), fields.take("code", str)
    question, explanation = fields.take("question", str), fields.take("explanation", str, "")
    fields.finish()
    try:
        check_code(state, code)
    except Refusal as refusal:
        fields.refuse("code", refusal.why)
    language = state.settings.language_by_code[code[1:3]]
    state.custom_thematics[company.id, code] = Thematic(code, language, question, explanation)
