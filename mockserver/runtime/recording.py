"""What is written down about a call, and the three ways in which the explanation travels: journal, log and headers."""

from __future__ import annotations

import logging
from urllib.parse import quote

from mockserver.core.journal import Exchange
from mockserver.core.world import World
from mockserver.runtime.pace import wall_seconds
from mockserver.runtime.provenance import provenance_of
from mockserver.runtime.shortening import shorten_secrets
from mockserver.services.service import Operation, Reply, Request, Service

log = logging.getLogger("mockserver")

BODY_KEPT = 4096
"""How many bytes of a request or an answer an exchange keeps."""

LONGEST_WHY = 200
"""Characters of the explanation that a header carries; each may take up to twelve bytes."""

CRASHED = Reply(500, b"mockserver: this call crashed the double; its log says how", is_made_up=True)
"""What a caller is told when the double itself fails."""

_SAFE = " !\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~"


def exchange_of(
    world: World, tenant: str, row: tuple[Service, Operation], request: Request, reply: Reply, began: float
) -> Exchange:
    """Return what the journal is to hold of a call that came at `began` (`wall_seconds`) and of its answer."""
    service, operation = row
    claims = reply.claims or operation.claims
    if reply.refusal or reply.is_made_up:
        claims = tuple(dict.fromkeys((*reply.claims, *service.grounds.get(reply.refusal, ()))))
    target = f"{request.path}?{request.query}" if request.query else request.path
    sent = request.body
    body = sent[:BODY_KEPT].decode("utf-8", "replace") if sent else ""
    return Exchange(
        world.journal.written + 1,
        world.clock.now,
        service.name,
        operation.name,
        request.method,
        target[:BODY_KEPT],
        body,
        reply.status,
        reply.body[:BODY_KEPT].decode("utf-8", "replace"),
        reply.notes,
        reply is CRASHED,
        reply.refusal,
        claims,
        provenance_of(claims).grade,
        tenant,
        request.origin,
        request.headers.get("content-type", ""),
        reply.content_type,
        len(target) <= BODY_KEPT and len(sent) <= BODY_KEPT and "\ufffd" not in target + body,
        began,
        wall_seconds() - began,
    )


def explained(reply: Reply, exchange: Exchange) -> Reply:
    """Return an answer with headers that say where it stands in the journal, what it rests on, and why."""
    number = ("X-Mock-Exchange", str(exchange.number))
    headers = (*reply.headers, number, *provenance_of(exchange.claims).headers)
    if exchange.notes:
        headers += (("X-Mock-Why", quote("; ".join(exchange.notes)[:LONGEST_WHY].strip(), _SAFE, errors="replace")),)
    return Reply(
        reply.status,
        reply.body,
        reply.content_type,
        headers,
        reply.notes,
        reply.ending,
        reply.delay,
        reply.refusal,
        reply.claims,
        reply.stream,
    )


def log_line(world: World, exchange: Exchange) -> str:
    """Return what the log says of an exchange: `POST /invitation/create 403 because …`."""
    path = exchange.target.partition("?")[0][:LONGEST_WHY]
    tenant = "" if exchange.tenant == "main" else f"[{exchange.tenant}] "
    why = f" {'because' if exchange.refusal else '-'} {'; '.join(exchange.notes)}" if exchange.notes else ""
    line = shorten_secrets(world, f"{tenant}{exchange.method} {path} {exchange.status}{why}")
    return "".join(letter if letter.isprintable() else " " for letter in line)
