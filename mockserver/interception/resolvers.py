"""Libraries that look names up by themselves: they are made to ask the wall first."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from typing import Any

from mockserver.interception.hooks import Hook
from mockserver.interception.wall import WALL


def _asking_uvloop(below: Callable[..., Any]) -> Callable[..., Any]:
    async def getaddrinfo(self: Any, host: Any, port: Any, **how: Any) -> Any:
        return await below(self, WALL.token_for(host) or host, port, **how)

    return getaddrinfo


def _connecting_uvloop(below: Callable[..., Any]) -> Callable[..., Any]:
    async def create_connection(self: Any, protocol: Any, host: Any = None, port: Any = None, **how: Any) -> Any:
        if turned := WALL.way(host):
            if how.get("ssl"):
                how["server_hostname"] = how.get("server_hostname") or host
            host, port = turned
        return await below(self, protocol, host, port, **how)

    return create_connection


def _asking_aiodns(below: Callable[..., Any]) -> Callable[..., Any]:
    async def resolve(self: Any, host: str, port: int = 0, family: Any = socket.AF_INET) -> Any:
        token = WALL.token_for(host)
        if token is None:
            return await below(self, host, port, family)
        found = {"hostname": host, "host": token, "port": port, "family": socket.AF_INET}
        return [{**found, "proto": socket.IPPROTO_TCP, "flags": socket.AI_NUMERICHOST | socket.AI_NUMERICSERV}]

    return resolve


_HOOKS = {
    "uvloop": (
        Hook(lambda: sys.modules["uvloop"].Loop, "getaddrinfo", _asking_uvloop),
        Hook(lambda: sys.modules["uvloop"].Loop, "create_connection", _connecting_uvloop),
    ),
    "aiohttp.resolver": (Hook(lambda: sys.modules["aiohttp.resolver"].AsyncResolver, "resolve", _asking_aiodns),),
}
"""By the module that must have been imported."""


def hold() -> None:
    """Hook those of these libraries that are imported."""
    for module, hooks in _HOOKS.items():
        if module in sys.modules:
            for hook in hooks:
                hook.hold()


def let_go() -> None:
    """Put back what was found."""
    for hooks in _HOOKS.values():
        for hook in hooks:
            hook.let_go()
