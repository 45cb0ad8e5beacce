"""Snapshots of a world behind a port."""

from __future__ import annotations

import json
from pathlib import Path

from mockserver.client.settled import SettledWire
from mockserver.core.errors import InvalidInput
from mockserver.services.remote import part, read


class RemoteSnapshots:
    """Goes back to what was: state, time, agenda, outbox, webhooks, journal, faults and chance, all of it."""

    def __init__(self, wire: SettledWire) -> None:
        self._wire = wire

    def take(self, name: str = "") -> str:
        """Keep the world as it is now, and return the snapshot's name; one that had this name makes room.

        Raises `InvalidInput` for a name that is none.
        """
        self._wire.settle()
        return read(str, self._wire.post("/snapshots", {"name": name} if name else {})["name"])

    def restore(self, name: str) -> None:
        """Go back to a snapshot, as often as wanted.

        Raises `NotFound` for a name that none has, and `ClockBusy` from within an advance.
        """
        self._wire.post(f"/snapshots/{part(name)}/restore")

    def save(self, path: str | Path) -> None:
        """Write the world as it is now to a file, as versioned JSON."""
        name = self.take()
        try:
            saved = self._wire.get(f"/snapshots/{part(name)}")
        finally:
            self._drop(name)
        Path(path).write_text(json.dumps(saved, ensure_ascii=False), encoding="utf-8")

    def load(self, path: str | Path) -> None:
        """Go on from a world that was saved, under its credentials.

        Raises `InvalidInput` for a file that cannot be read or is damaged; nothing has changed then.
        """
        try:
            saved = json.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise InvalidInput(str(path), f"{error.strerror}; a file that `save` wrote expected") from None
        except ValueError as error:
            raise InvalidInput(str(path), f"not JSON: {error}; a file that `save` wrote expected") from None
        name = read(str, self._wire.post("/snapshots", {"snapshot": saved})["name"])
        try:
            self.restore(name)
        finally:
            self._drop(name)

    def _drop(self, name: str) -> None:
        self._wire.delete(f"/snapshots/{part(name)}")
