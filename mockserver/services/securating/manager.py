"""What the shop's staff does in the manager, as rows of the control surface: invitations by hand, and accounts.

`company` chooses among several companies; without it the first one is meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from mockserver.core.errors import Refusal
from mockserver.core.world import World
from mockserver.services.facts import to_json
from mockserver.services.fields import BAD_REQUEST, Fields, read_limit, read_object, read_query
from mockserver.services.saying import THE_CALL_ITSELF, Code, call
from mockserver.services.securating import rules, seed
from mockserver.services.securating.errors import BAD_PARAMETER
from mockserver.services.securating.invitations import meant_invitation, shown_invitation
from mockserver.services.securating.model import NAME, Company, Product, Securating, Thematic, Website
from mockserver.services.securating.parameters import read_solicitation
from mockserver.services.securating.thematics import generic_thematics
from mockserver.services.service import Operation, Reply, Request

T = TypeVar("T")

SUM = "5"
"""How much five times one is, which the documentation's test form asks (SEC-R4)."""


def list_websites(world: World, request: Request) -> Reply:
    """List the websites with their keys."""
    wanted, websites = read_query(request, ("limit",)), list(world.state(Securating).websites.values())
    return Reply.json({"websites": to_json(websites[-read_limit(wanted) :]), "count": len(websites)})


def invite_by_hand(world: World, request: Request) -> Reply:
    """Create an invitation as the manager's form does, with its `thematics` field (SEC-T8)."""
    fields = read_object(request.body)
    website = _website(world, fields)
    given = {name: str(fields.take_any(name, (str, int))) for name in fields.left()}
    asked = read_solicitation({"keywebsite": website.key} | given, world.state(Securating).settings)
    if asked.unknown:
        raise Refusal(BAD_PARAMETER, "no such parameter", asked.unknown[0][0])
    return Reply.json(shown_invitation(world, rules.create_invitation(world, website, asked, mailed=True)))


def receive_test_form(world: World, request: Request) -> Reply:
    """Send an invitation to whoever answers that five times one is five (SEC-R4)."""
    fields = read_object(request.body)
    answer, email = fields.take_any("answer", (str, int)), fields.take("email", str)
    first_name, website = fields.take("first_name", str, ""), _website(world, fields)
    fields.finish()
    if str(answer).strip() != SUM:
        fields.refuse("answer", f"{str(answer)[:20]!r}, as much as five times one expected")
    wanted = {"email": email, "first_name": first_name, "days": "0", "force_invitation": "1"}
    asked = read_solicitation({"keywebsite": website.key} | wanted, world.state(Securating).settings)
    return Reply.json(shown_invitation(world, rules.create_invitation(world, website, asked, mailed=True)))


def cancel(world: World, request: Request) -> Reply:
    """Cancel the order of an invitation, as the shop does (SEC-O1)."""
    fields = read_object(request.body)
    invitation = meant_invitation(world, fields)
    fields.finish()
    if not invitation.asked.order:
        fields.refuse("token", "the invitation was made for no order; a shop cancels by the order")
    website = world.state(Securating).websites[invitation.website_key]
    rules.cancel_order(world, website, invitation.asked.order)
    return Reply.json(shown_invitation(world, world.state(Securating).invitations[invitation.token]))


def say_cancelled(world: World, request: Request) -> str | None:
    """Say that the shop cancelled an order; of a website that the fixture does not know, the call itself."""
    invitation = meant_invitation(world, read_object(request.body))
    if invitation.website_key != next(iter(world.state(Securating).websites)):
        return THE_CALL_ITSELF
    told = {"keywebsite": Code(f"{NAME}.key"), "order": invitation.asked.order}
    return call("requests.post", Code(f'{NAME}.url + "/invitation/cancel"'), data=told, timeout=5)


def _website(world: World, fields: Fields) -> Website:
    websites = world.state(Securating).websites
    key = fields.take("keywebsite", str, next(iter(websites), ""))
    return rules.find_website(world, key)


def list_companies(world: World, request: Request) -> Reply:
    """List the companies with their websites, moderators, products (the newest 100) and questions of their own."""
    read_query(request, ())
    companies = world.state(Securating).companies.values()
    return Reply.json({"companies": [_company(world, company) for company in companies]})


def _company(world: World, company: Company) -> dict[str, object]:
    state = world.state(Securating)
    products = _theirs(company, state.products.values())
    shown: dict[str, object] = to_json(company)
    return shown | {
        "websites": to_json(_theirs(company, state.websites.values())),
        "profiles": to_json(_theirs(company, state.profiles.values())),
        "products": to_json(products[-100:]),
        "product_count": len(products),
        "thematics": [to_json(own) for (owner, _), own in state.custom_thematics.items() if owner == company.id],
    }


def _theirs(company: Company, facts: Iterable[T]) -> list[T]:
    return [fact for fact in facts if getattr(fact, "company_id", None) == company.id]


def list_thematics(world: World, request: Request) -> Reply:
    """List every question that may be asked: the generic ones, then those of companies (SEC-T6, SEC-T7, SEC-T9)."""
    read_query(request, ())
    state = world.state(Securating)
    generic = [_thematic(thematic, None) for thematic in generic_thematics(state)]
    own = [_thematic(thematic, company) for (company, _), thematic in state.custom_thematics.items()]
    return Reply.json({"thematics": generic + own})


def _thematic(thematic: Thematic, company: int | None) -> dict[str, object]:
    return {**to_json(thematic), "company_id": company}


Add = Callable[[World, Company, Fields], None]


def _adding(add: Add) -> Callable[[World, Request], Reply]:
    """Return the handle of a row that gives something to a company, and shows the company."""

    def handle(world: World, request: Request) -> Reply:
        fields = read_object(request.body)
        company = _stated_company(world, fields)
        add(world, company, fields)
        return Reply.json(_company(world, company), 201)

    return handle


def _stated_company(world: World, fields: Fields) -> Company:
    companies = world.state(Securating).companies
    number: int | None = fields.take_any("company", (int,), next(iter(companies), None))
    if number is None or number not in companies:
        known = ", ".join(map(str, list(companies)[:20])) or "none"
        raise Refusal(BAD_REQUEST, f"no company {number}; there are: {known}", "company")
    return companies[number]


def add_product(world: World, company: Company, fields: Fields) -> None:
    """Give a company a product, or describe one that it has."""
    product = seed.take_product(company, fields)
    known = world.state(Securating).products.get((company.id, product.sku), product)
    merged = Product(company.id, product.sku, product.ean or known.ean, product.description or known.description)
    world.state(Securating).products[company.id, product.sku] = merged


CONTROLS = (
    Operation("websites and their keys; ?limit=", "GET", "/websites", list_websites),
    Operation("an invitation made by hand in the manager", "POST", "/invitations", invite_by_hand),
    Operation(
        'a shop cancels the order of an invitation: {"email": …} or {"token": …}',
        "POST",
        "/cancel",
        cancel,
        said=say_cancelled,
    ),
    Operation(
        'the documentation\'s test form: {"email": …, "first_name": …, "answer": "5"}, which is five times one',
        "POST",
        "/test-form",
        receive_test_form,
    ),
    Operation("companies: websites, moderators, products, questions", "GET", "/companies", list_companies),
    Operation("every question that may be asked", "GET", "/thematics", list_thematics),
    Operation('a company gets a website: {"url": …}', "POST", "/websites", _adding(seed.add_website)),
    Operation('a company gets a moderator: {"id": "9", "name": …}', "POST", "/profiles", _adding(seed.add_profile)),
    Operation(
        'a company gets a product: {"sku": …, "ean": …, "description": …}', "POST", "/products", _adding(add_product)
    ),
    Operation(
        'a company gets a question of its own: {"code": "1000651", "question": …, "explanation": …}',
        "POST",
        "/thematics",
        _adding(seed.add_thematic),
    ),
)
"""The control rows of the manager."""
