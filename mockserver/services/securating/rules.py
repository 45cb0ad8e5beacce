"""What a shop does: it creates invitations, each with its mail and recalls, and cancels them (SPEC §1.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import islice
from urllib.parse import urlsplit, urlunsplit

from mockserver.core.errors import Refusal
from mockserver.core.world import World
from mockserver.services.nearness import MOST_COMPARED, difference, find_nearest
from mockserver.services.securating.errors import BAD_PARAMETER, TOO_SOON, UNKNOWN_KEY
from mockserver.services.securating.mailing import SendInvitation, SendRecall
from mockserver.services.securating.model import (
    CANCELLED,
    ISSUED,
    REVIEWED,
    SCHEDULED,
    Invitation,
    Product,
    Securating,
    Solicitation,
    Thematic,
    Website,
    product_key,
)
from mockserver.services.securating.steps import tell
from mockserver.services.securating.thematics import find_thematic

_SHOWN = 6
"""How many characters of a wrong key a refusal repeats."""


def find_website(world: World, key: str, field: str = "keywebsite") -> Website:
    """Return the website with that key (SEC-C5). Raises `Refusal`."""
    if not key:
        raise Refusal(BAD_PARAMETER, "missing, the key of your website expected", field)
    website = world.state(Securating).websites.get(key)
    if website is None:
        shown = key if len(key) <= _SHOWN else f"{key[:_SHOWN]}…"
        raise Refusal(
            UNKNOWN_KEY, f"no website has the key {shown} ({len(key)} characters)", field, near_key(world, key)
        )
    return website


def near_key(world: World, key: str) -> str:
    """Say how near a wrong key comes to one of a website; empty when to none."""
    websites = world.state(Securating).websites
    near = find_nearest(key, islice(reversed(websites), MOST_COMPARED))
    if near is None:
        return "" if websites else "no website is known here"
    return f"it {difference(key, near, f'the one of {websites[near].url}')}"


def create_invitation(world: World, website: Website, asked: Solicitation, *, mailed: bool) -> Invitation:
    """Create an invitation, promise its mail and recalls, and tell the webhook (SEC-C1, SEC-C4).

    An order that has an invitation gets the same one again (SEC-O7). Raises `Refusal`.
    """
    state = world.state(Securating)
    if invited := _invitation_of_order(state, website, asked.order):
        return invited
    thematics = _check(state, website, asked)
    _check_window(world, state, website, asked)
    token = world.names.token()
    invitation = Invitation(
        token=token,
        website_key=website.key,
        asked=_completed(state, website, asked),
        thematics=thematics,
        link=link_with(asked.url or state.settings.default_url.replace("{website}", website.url), state, token),
        created_at=world.clock.now,
        status=SCHEDULED if mailed else ISSUED,
    )
    _remember(state, website, invitation)
    tell(world, invitation, "invitation-created")
    if mailed:
        _promise_mails(world, invitation)
    return invitation


def _invitation_of_order(state: Securating, website: Website, order: str) -> Invitation | None:
    if not order:
        return None
    key = (website.key, order)
    if key in state.cancelled_orders and not state.settings.cancelled_order_is_invited_again:
        raise Refusal(BAD_PARAMETER, f"{order!r} was cancelled and is not invited again", "order")
    token = state.token_by_order.get(key)
    if token and not state.settings.repeated_order_gets_its_link:
        raise Refusal(BAD_PARAMETER, f"{order!r} has an invitation already", "order")
    return state.invitations[token] if token else None


def _check(state: Securating, website: Website, asked: Solicitation) -> tuple[Thematic, ...]:
    if asked.profile_id and (website.company_id, asked.profile_id) not in state.profiles:
        theirs = ", ".join(profile for company, profile in state.profiles if company == website.company_id)
        why, hint = f"{asked.profile_id!r} is no moderator of this account", f"its moderators: {theirs or 'none'}"
        raise Refusal(BAD_PARAMETER, why, "profile_id", hint)
    thematics = tuple(find_thematic(state, website.company_id, code) for code in asked.thematics)
    if asked.product and not product_key(website, asked.product)[1]:
        raise Refusal(BAD_PARAMETER, f"{asked.product!r} names no product, a SKU expected", "product")
    if asked.survey_only and not thematics and state.settings.survey_needs_thematic:
        raise Refusal(BAD_PARAMETER, "a survey needs at least one thematic code", "thematics", claims=("SEC-C9",))
    return thematics


def _check_window(world: World, state: Securating, website: Website, asked: Solicitation) -> None:
    latest = state.latest_by_email.get(_email_key(state, website, asked.email))
    is_cancelled = (website.key, asked.order) in state.cancelled_orders
    if latest is None or asked.force_invitation or is_cancelled:
        return
    age, settings = world.clock.now - latest, state.settings
    if age < settings.same_email_window or (settings.same_email_window_is_closed and age == settings.same_email_window):
        window = f"{settings.same_email_window / timedelta(hours=1):g} hours"
        raise Refusal(
            TOO_SOON,
            f"{asked.email} was invited at {latest:%Y-%m-%d %H:%M:%S} UTC; wait {window} or send force_invitation",
            "email",
        )


def _email_key(state: Securating, website: Website, email: str) -> tuple[str, str]:
    scope = website.key if state.settings.same_email_per_website else str(website.company_id)
    return (scope, email.lower() if state.settings.same_email_ignores_case else email)


def _completed(state: Securating, website: Website, asked: Solicitation) -> Solicitation:
    company = state.companies[website.company_id].name
    known = state.products.get(product_key(website, asked.product)) if asked.product else None
    return replace(
        asked,
        company_name=asked.company_name or state.settings.default_company_name.replace("{company}", company),
        product_desc=asked.product_desc or (known.description if known else ""),
    )


def link_with(url: str, state: Securating, token: str) -> str:
    """Return `url` with the token added to its query, in place of one that it had; the rest survives (SEC-C3)."""
    parts = urlsplit(url)
    name = state.settings.link_parameter
    kept = [pair for pair in parts.query.split("&") if pair and pair.partition("=")[0] != name]
    return urlunsplit(parts._replace(query="&".join([*kept, f"{name}={token}"])))


def _remember(state: Securating, website: Website, invitation: Invitation) -> None:
    asked = invitation.asked
    state.invitations[invitation.token] = invitation
    state.latest_by_email[_email_key(state, website, asked.email)] = invitation.created_at
    if asked.order:
        state.token_by_order[website.key, asked.order] = invitation.token
    if asked.product:
        key = product_key(website, asked.product)
        product = state.products.get(key) or Product(*key)
        state.products[key] = replace(
            product,
            ean=asked.product_ean or product.ean,
            description=asked.product_desc or product.description,
        )


def _promise_mails(world: World, invitation: Invitation) -> None:
    wait = timedelta(days=invitation.asked.days)
    world.promise(wait, SendInvitation(invitation.token))
    interval = world.state(Securating).settings.recall_interval
    for number in range(1, invitation.asked.recall_count + 1):
        world.promise(wait + number * interval, SendRecall(invitation.token, number))


def cancel_order(world: World, website: Website, order: str) -> str:
    """Never send what is still pending for an order (SEC-O1), nor invite it again (SEC-O7); say what became of it."""
    state = world.state(Securating)
    if not order:
        raise Refusal(BAD_PARAMETER, "missing, the order to cancel expected", "order", claims=("SEC-O1",))
    state.cancelled_orders.add((website.key, order))
    token = state.token_by_order.pop((website.key, order), None)
    if token is None:
        return f"order {order!r} has no invitation"
    invitation = state.invitations[token]
    if invitation.status == REVIEWED:
        return f"order {order!r} has its review already"
    state.invitations[token] = replace(invitation, status=CANCELLED)
    return f"the invitation of order {order!r} is cancelled"
