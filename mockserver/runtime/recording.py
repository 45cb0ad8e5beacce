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
        number=world.journal.written + 1,
        at=world.clock.now,
        service=service.name,
        operation=operation.name,
        method=request.method,
        target=target[:BODY_KEPT],
        request_body=body,
        status=reply.status,
        reply_body=reply.body[:BODY_KEPT].decode("utf-8", "replace"),
        notes=reply.notes,
        crashed=reply is CRASHED,
        refusal=reply.refusal,
        claims=claims,
        grade=provenance_of(claims).grade,
        tenant=tenant,
        origin=request.origin,
        request_type=request.headers.get("content-type", ""),
        reply_type=reply.content_type,
        is_exact=len(target) <= BODY_KEPT and len(sent) <= BODY_KEPT and "\ufffd" not in target + body,
        began=began,
        seconds=wall_seconds() - began,
    )


def explained(reply: Reply, exchange: Exchange) -> Reply:
    """Return an answer with headers that say where it stands in the journal, what it rests on, and why."""
    number = ("X-Mock-Exchange", str(exchange.number))
    headers = (*reply.headers, number, *provenance_of(exchange.claims).headers)
    if exchange.notes:
        why = "; ".join(exchange.notes)[:LONGEST_WHY].strip().replace("–", "-")
        headers += (("X-Mock-Why", quote(why, _SAFE, errors="replace")),)
    # Every answer comes by here, and `dataclasses.replace` takes ten times as long.
    return Reply(
        status=reply.status,
        body=reply.body,
        content_type=reply.content_type,
        headers=headers,
        notes=reply.notes,
        ending=reply.ending,
        delay=reply.delay,
        refusal=reply.refusal,
        claims=reply.claims,
        stream=reply.stream,
        is_made_up=reply.is_made_up,
    )


def log_line(world: World, exchange: Exchange) -> str:
    """Return what the log says of an exchange: `POST /invitation/create 403 because …`."""
    path = exchange.target.partition("?")[0][:LONGEST_WHY]
    tenant = "" if exchange.tenant == "main" else f"[{exchange.tenant}] "
    why = f" {'because' if exchange.refusal else '-'} {'; '.join(exchange.notes)}" if exchange.notes else ""
    line = shorten_secrets(world, f"{tenant}{exchange.method} {path} {exchange.status}{why}")
    return "".join(letter if letter.isprintable() else " " for letter in line)
