"""Snapshots as a test holds them: kept by name while it runs, or in files that outlive it."""

from __future__ import annotations

from pathlib import Path

from mockserver.core.errors import InvalidInput, Refusal
from mockserver.runtime.double import Double
from mockserver.runtime.snapshot_file import read_snapshot, write_snapshot
from mockserver.services.finding import NotFound


class SnapshotControls:
    """Goes back to what was: state, time, agenda, outbox, webhooks, journal, faults and chance, all of it."""

    def __init__(self, double: Double) -> None:
        self._double = double

    def take(self, name: str = "") -> str:
        """Keep the world as it is now, and return the snapshot's name; one that had this name makes room.

        Raises `InvalidInput` for a name that is none.
        """
        self._double.drain()
        return self._double.snapshots.take(name).name

    def restore(self, name: str) -> None:
        """Go back to a snapshot, with the clock and the freezer that is active; as often as wanted.

        Raises `NotFound` for a name that none has, and `ClockBusy` from within an advance.
        """
        try:
            self._double.snapshots.restore(name)
        except Refusal as refusal:
            raise NotFound(str(refusal)) from None

    def save(self, path: str | Path) -> None:
        """Write the world as it is now to a file, as versioned JSON."""
        with self._double.look() as world:
            text = write_snapshot(world)
        Path(path).write_text(text, encoding="utf-8")

    def load(self, path: str | Path) -> None:
        """Go on from a world that was saved, under its credentials.

        Raises `InvalidInput` for a file that cannot be read or is damaged; nothing has changed then.
        """
        try:
            text = Path(path).read_text(encoding="utf-8")
        except OSError as error:
            raise InvalidInput(str(path), f"{error.strerror}; a file that `save` wrote expected") from None
        except UnicodeDecodeError:
            raise InvalidInput(str(path), "not UTF-8") from None
        self._double.restore(read_snapshot(text))
