"""The services that are doubled: each a folder of its own; they never see each other."""

from __future__ import annotations

from mockserver.services import securating, smsvote
from mockserver.services.service import Service

SERVICES: tuple[Service, ...] = (securating.SERVICE, smsvote.SERVICE)
