"""The services that are doubled: each a folder of its own; they never see each other."""

from __future__ import annotations

from mockserver.core.service import Service
from mockserver.services import securating, smsvote

SERVICES: tuple[Service, ...] = (securating.SERVICE, smsvote.SERVICE)
