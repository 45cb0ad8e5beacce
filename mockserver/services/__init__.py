"""The services that are doubled: each a folder of its own; they never see each other."""

from __future__ import annotations

from collections.abc import Container

from mockserver.services import securating, smsvote
from mockserver.services.service import Service

SERVICES: tuple[Service, ...] = (securating.SERVICE, smsvote.SERVICE)

SERVICE_BY_NAME = {service.name: service for service in SERVICES}

_BY_HOST = {host: service for service in SERVICES for host in service.hosts}

DOMAINS = tuple(host for host in _BY_HOST if not any(host.endswith(f".{other}") for other in _BY_HOST))
"""The services' topmost hosts: theirs is everything below."""


def service_at(host: str, apart_from: Container[str] = ()) -> Service | None:
    """Return the service that is called by this name, or by a name below one of its own; lower-case, without port."""
    while host and host not in apart_from:
        if service := _BY_HOST.get(host):
            return service
        host = host.partition(".")[2]
    return None
