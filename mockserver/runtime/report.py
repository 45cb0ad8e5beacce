"""What a failing test shows: the last calls with why they were refused, and what would happen next."""

from __future__ import annotations

import re

from mockserver.core.journal import Event, Exchange
from mockserver.core.webhooks import CAPTURED, WebhookCall
from mockserver.runtime.double import Double
from mockserver.runtime.foresight import foreseen
from mockserver.runtime.shortening import shorten_secrets
from mockserver.services.lives import Foreseen

MOST_SHOWN = 20
LONGEST_LINE = 200


def tell(double: Double) -> str:
    """Return the end of the journal and the beginning of the agenda; secrets are shortened."""
    with double.held() as world:
        entries = world.journal.entries()[-MOST_SHOWN:]
        upcoming = world.upcoming()
        gone = f"; those up to {world.journal.evicted} are no longer held" if world.journal.evicted else ""
        lines = [f"journal ({world.journal.written} written, the last {len(entries)}{gone}):"]
        lines += [line for entry in entries for line in _entry(entry)]
        calls = list(world.webhooks.calls.values())
        lines += [f"webhooks ({len(calls)}):"] if calls else []
        lines += [f"  {call.step} to {call.url}: {_outcome(call)}" for call in calls[-MOST_SHOWN:]]
        lines.append(f"agenda at {world.clock.now:%Y-%m-%d %H:%M:%S} UTC ({len(upcoming)} to come):")
        lines += [_coming(foreseen(world, promise)) for promise in upcoming[:MOST_SHOWN]]
        return "\n".join(_shorten(shorten_secrets(world, line)) for line in lines)


def _entry(entry: Exchange | Event) -> list[str]:
    at = f"  {entry.at:%Y-%m-%d %H:%M:%S}"
    if isinstance(entry, Event):
        return [f"{at} {entry.service}: {entry.what}"]
    sent = f" {entry.request_body}" if entry.request_body else ""
    asked = f"{at} {entry.method} {entry.target + sent}"
    known = f" [{entry.grade}: {' '.join(entry.claims)}]" if entry.claims else ""
    return [asked, f"    {entry.status}{known} {entry.reply_body}", *(f"    because {note}" for note in entry.notes)]


def _coming(coming: Foreseen) -> str:
    about = f" · {coming.who}" if coming.who else ""
    return f"  {coming.moment.at:%Y-%m-%d %H:%M:%S} {coming.moment.label}{about}"


def _outcome(call: WebhookCall) -> str:
    if call.status == CAPTURED:
        return f"{call.status}: {call.reason}; webhooks.deliver_to(…) says where else"
    last = call.attempts[-1] if call.attempts else None
    return f"{call.status}, last answered {last.error or last.status}" if last else call.status


def _shorten(text: str) -> str:
    line = text[:4] + re.sub(r"\s+", " ", text[4:])
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"
