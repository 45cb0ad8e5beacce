"""Which call may have been meant by one that nobody knows: said to developers, never to the caller."""

from __future__ import annotations

from collections.abc import Iterable

from mockserver.services.nearness import did_you_mean, find_near_word
from mockserver.services.service import Operation, Service

MountedOperation = tuple[Service, Operation]
"""An operation and the service whose hosts it is mounted under."""


def find_stranger(path: str, asked: Service | None, rows: Iterable[MountedOperation]) -> Service | None:
    """Find the other service that has a path which the one whose host was `asked` for does not have."""
    owners = [service for service, operation in rows if operation.path == path]
    return owners[0] if asked and owners and asked not in owners else None


def ask_back(path: str, asked: Service | None, rows: Iterable[MountedOperation]) -> str:
    """Ask which call was meant; empty where none comes near. `asked` is the service whose host was named, if any."""
    known = list(rows)
    own = [operation for service, operation in known if asked in {None, service}]
    wanted = [f"{path}?{operation.query}=..." for operation in own if operation.path == path and operation.query]
    if wanted:
        return f"did you mean {' or '.join(wanted)}?"
    if stranger := find_stranger(path, asked, known):
        return f"it is a call of {stranger.title}: {stranger.hosts[0]}{path}"
    if hint := did_you_mean(path, [operation.path for operation in own]):
        return hint
    near = find_near_word(path, [operation.path for _, operation in known])
    owner = next((service for service, operation in known if operation.path == near), None)
    return f"did you mean {owner.hosts[0]}{near} of {owner.title}?" if owner else ""
