"""Securating's calls: the vendor's words read, one rule called, the answer worded (SPEC §1.2, §1.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mockserver.core.errors import Refusal
from mockserver.core.world import World
from mockserver.services.saying import say_nothing
from mockserver.services.securating import accounts, pages, retold, rules, widgets
from mockserver.services.securating.errors import BAD_PARAMETER, WRONG_MEDIA
from mockserver.services.securating.model import Securating, Website
from mockserver.services.securating.order_dates import doubts
from mockserver.services.securating.parameters import CLAIMS, misspelt, read_solicitation, unknown_parameter
from mockserver.services.securating.settings import SecuratingSettings
from mockserver.services.service import FORM, NO_SUCH_CALL, WRONG_METHOD, Operation, Reply, Request
from mockserver.services.settings import Settings

_REGISTERING = {"securating_website": "the address of your website", "securating_email": "your e-mail address"}
_INVITED = ("SEC-C1", "SEC-C2", "SEC-C3")
_SAME_LINK = ("SEC-O7", "SEC-C2", "SEC-C3")


def create_invitation(world: World, request: Request) -> Reply:
    """`POST /invitation/create`: the link of an invitation that will be mailed (SEC-C1)."""
    return _invite(world, request, mailed=True)


def create_link(world: World, request: Request) -> Reply:
    """`POST /invitation/link`: the link of an invitation that is not mailed (SEC-C4)."""
    return _invite(world, request, mailed=False)


def _invite(world: World, request: Request, *, mailed: bool) -> Reply:
    state = world.state(Securating)
    settings = state.settings
    fields = read_form(request)
    website = _website_of(world, fields)
    asked = read_solicitation(fields, settings)
    before = len(state.invitations)
    invitation = rules.create_invitation(world, website, asked, mailed=mailed)
    notes = [*(unknown_parameter(name) for name, _value in asked.unknown), *doubts(asked)]
    is_repeated = len(state.invitations) == before
    if is_repeated:
        notes.append(f"order {asked.order!r} has its invitation already: the same link again (SEC-O7)")
    body = settings.link_body.replace("{link}", invitation.link)
    claims = _SAME_LINK if is_repeated else ()
    return Reply(settings.link_status, body.encode(), settings.link_content_type, notes=tuple(notes), claims=claims)


def cancel_invitation(world: World, request: Request) -> Reply:
    """`POST /invitation/cancel`: what is pending for an order is never sent (SEC-O1)."""
    fields = read_form(request)
    website = _website_of(world, fields)
    outcome = rules.cancel_order(world, website, fields.get("order", ""))
    return Reply(200, b"ok", notes=(outcome,))


def _website_of(world: World, fields: Mapping[str, str]) -> Website:
    """Return the website whose key a call carries (SEC-C5)."""
    if not fields.get("keywebsite"):
        hint = misspelt("keywebsite", fields)
        raise Refusal(BAD_PARAMETER, "missing, the key of your website expected", "keywebsite", hint)
    return rules.find_website(world, fields["keywebsite"])


def live_create(world: World, request: Request) -> Reply:
    """`POST /modules/live-create`: the token and company of a website (SEC-O2, SEC-O10)."""
    fields = read_form(request)
    for name, expected in _REGISTERING.items():
        if not fields.get(name):
            raise Refusal(BAD_PARAMETER, f"missing, {expected} expected", name, misspelt(name, fields))
    website = accounts.register_website(world, fields["securating_email"], fields["securating_website"])
    return Reply.json({"data": {"token": website.key, "company_id": website.company_id}})


def live_verification(world: World, request: Request) -> Reply:
    """`GET /modules/live-verification`: whether a website proved itself (SEC-O3, SEC-O10)."""
    params = read_query(request)
    verified = accounts.is_verified(world, params.get("securating_website", ""), params.get("securating_token", ""))
    return Reply.json({"data": {"website_is_verified": verified}})


def company_id(world: World, request: Request) -> Reply:
    """`GET /widgets/company/<token>/id`: bare digits; 404 for an unknown token (SEC-O4)."""
    websites, token = world.state(Securating).websites, request.args["token"]
    website = websites.get(token)
    if website is None:
        raise Refusal(NO_SUCH_CALL, "no website has this token", "token", rules.near_key(world, token), ("SEC-O4",))
    return Reply(200, str(website.company_id).encode())


def show_widget(world: World, request: Request) -> Reply:
    """`GET /widgets`: the reviews of a product as an HTML fragment (SEC-O5)."""
    params = read_query(request)
    website = rules.find_website(world, params.get("token", ""), "token")
    if params.get("type", "product") != "product":
        raise Refusal(BAD_PARAMETER, f"{params['type'][:80]!r}, product expected", "type")
    return Reply.page(widgets.product_widget(world, website, params))


def read_form(request: Request) -> dict[str, str]:
    """Read a form body. Raises `Refusal` for another kind of body (SEC-C25) or a malformed one."""
    media = request.headers.get("content-type", FORM).partition(";")[0].strip().lower()
    if media not in {FORM, "multipart/form-data"}:
        raise Refusal(WRONG_MEDIA, f"{media[:80]!r}, {FORM} expected", "content-type")
    try:
        return request.form()
    except ValueError as error:
        raise Refusal(BAD_PARAMETER, str(error), "body") from None


def read_query(request: Request) -> dict[str, str]:
    """Read the query. Raises `Refusal` for a malformed one."""
    try:
        return request.params()
    except ValueError as error:
        raise Refusal(BAD_PARAMETER, str(error), "query") from None


def refuse(world: World, request: Request, refusal: Refusal) -> Reply:
    """Word a refusal (SEC-C24, SEC-C25)."""
    settings = world.state(Securating).settings
    if refusal.code in pages.REFUSALS:
        return pages.refused(refusal)
    statuses = settings.refusal_statuses | {
        WRONG_METHOD: settings.wrong_method_status,
        WRONG_MEDIA: settings.wrong_media_status,
    }
    body = settings.refusal_body.replace("{parameter}", refusal.field or request.path).replace("{problem}", refusal.why)
    reply = Reply(statuses[refusal.code], body.encode("utf-8", "replace"), settings.refusal_content_type)
    return replace(reply.because(refusal), claims=refusal.claims or CLAIMS.get(refusal.field, ()))


def operations(settings: Settings) -> tuple[Operation, ...]:
    """Return Securating's table of calls; two addresses are settings (SEC-C4, SEC-R2)."""
    if not isinstance(settings, SecuratingSettings):
        raise TypeError(f"SecuratingSettings expected, not {type(settings).__name__}")
    return (
        Operation("create invitation", "POST", "/invitation/create", create_invitation, claims=_INVITED),
        Operation("create link", "POST", settings.link_path, create_link, claims=("SEC-C4", "SEC-C2", "SEC-C3")),
        Operation("cancel invitation", "POST", "/invitation/cancel", cancel_invitation, claims=("SEC-O1",)),
        Operation("live create", "POST", "/modules/live-create", live_create, claims=("SEC-O2", "SEC-O10")),
        Operation(
            "live verification", "GET", "/modules/live-verification", live_verification, claims=("SEC-O3", "SEC-O10")
        ),
        Operation("company id", "GET", "/widgets/company/<token>/id", company_id, claims=("SEC-O4",)),
        Operation("widget", "GET", "/widgets", show_widget, claims=("SEC-O5",)),
        Operation("widget", "GET", "/widgets/<version>", show_widget, claims=("SEC-O5",)),
        *_pages(settings),
    )


def _pages(settings: SecuratingSettings) -> tuple[Operation, ...]:
    return (
        Operation(
            "build.js",
            "GET",
            "/resource/build.js",
            pages.build_script,
            claims=("SEC-O6",),
            said=say_nothing,
        ),
        Operation("front page", "GET", "/", pages.front_page, claims=("SEC-O6",), said=say_nothing),
        Operation(
            "open form",
            "GET",
            settings.form_path,
            pages.show_form,
            claims=("SEC-R2", "SEC-W5"),
            said=retold.say_form_opened,
        ),
        Operation(
            "send form",
            "POST",
            settings.form_path,
            pages.receive_form,
            claims=("SEC-R2", "SEC-W6"),
            said=retold.say_form_sent,
        ),
    )
