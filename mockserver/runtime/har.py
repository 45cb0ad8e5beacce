"""Exchanges as an HTTP archive (HAR 1.2), which browsers and proxies read."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import parse_qsl

from mockserver import __version__
from mockserver.core.journal import Exchange
from mockserver.runtime.curl import written_target

_UNKNOWN = -1
_REASONS = {status.value: status.phrase for status in HTTPStatus}


def as_har(exchanges: Iterable[Exchange]) -> dict[str, object]:
    """Return an archive; `startedDateTime` is real, and each entry's own `_virtual` is the world's instant."""
    creator = {"name": "mockserver", "version": __version__}
    return {"log": {"version": "1.2", "creator": creator, "entries": [_entry(exchange) for exchange in exchanges]}}


def _entry(exchange: Exchange) -> dict[str, object]:
    milliseconds = round(exchange.seconds * 1000, 3)
    return {
        "startedDateTime": exchange.real_at.isoformat(timespec="milliseconds"),
        "time": milliseconds,
        "request": _request(exchange),
        "response": _response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": "; ".join(exchange.notes),
        "_virtual": exchange.at.isoformat(),
        "_number": exchange.number,
        "_tenant": exchange.tenant,
        "_service": exchange.service,
        "_operation": exchange.operation,
        "_refusal": exchange.refusal,
        "_claims": list(exchange.claims),
        "_grade": exchange.grade,
    }


def _request(exchange: Exchange) -> dict[str, object]:
    body, kind = exchange.request_body, exchange.request_type
    query = parse_qsl(exchange.target.partition("?")[2], keep_blank_values=True)
    request: dict[str, object] = {
        "method": exchange.method,
        "url": exchange.origin + written_target(exchange.target),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": "Content-Type", "value": kind}] if kind else [],
        "queryString": [{"name": name, "value": value} for name, value in query],
        "headersSize": _UNKNOWN,
        "bodySize": len(body.encode("utf-8", "replace")) if exchange.is_exact else _UNKNOWN,
    }
    return request | {"postData": {"mimeType": kind, "params": [], "text": body}} if body else request


def _response(exchange: Exchange) -> dict[str, object]:
    body, kind = exchange.reply_body, exchange.reply_type
    size = len(body.encode("utf-8", "replace"))
    return {
        "status": exchange.status,
        "statusText": _REASONS.get(exchange.status, ""),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": "Content-Type", "value": kind}],
        "content": {"size": size, "mimeType": kind, "text": body},
        "redirectURL": "",
        "headersSize": _UNKNOWN,
        "bodySize": _UNKNOWN,
    }
