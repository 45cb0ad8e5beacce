"""The HTTP request that a webhook call makes."""

from __future__ import annotations

from urllib.parse import SplitResult, quote, urlencode, urlsplit

from mockserver.core.webhooks import WebhookCall
from mockserver.services.service import FORM


def request_of(call: WebhookCall) -> tuple[str, str, bytes, dict[str, str]]:
    """Return method, target, body and headers of the request that a call makes."""
    parts = urlsplit(call.url)
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~?")
    added = urlencode(call.params)
    headers = {"Host": parts.netloc, "User-Agent": f"{call.service} robot"}
    if call.policy.method == "POST":
        target, form = f"{path}?{query}" if query else path, added.encode()
        headers |= {"Content-Type": FORM, "Content-Length": str(len(form))}
        return "POST", target, form, headers
    return call.policy.method, f"{path}?{query}&{added}" if query else f"{path}?{added}", b"", headers


def port_of(parts: SplitResult) -> int:
    """Return the port of an address, its scheme's own where it names none."""
    return parts.port or {"http": 80, "https": 443}[parts.scheme]
