"""An advance of time that may take long: how far it has come, and ending it early."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from mockserver.core.agenda import Promise
from mockserver.core.errors import ClockBusy

if TYPE_CHECKING:
    from mockserver.runtime.double import Double

MOST_KEPT = 1000
"""Tasks that an advance in a thread names; it counts them all."""


class Course:
    """How far one advance has come; whoever begins it may cancel it through this.

    The double notes every task that it performs: `count` of them, the first `keeps` (or all) in `fired`.
    """

    def __init__(self, keeps: int | None = None) -> None:
        self.fired: list[Promise] = []
        self.count = 0
        self.is_cancelled = False
        self._keeps = keeps

    def note(self, promise: Promise) -> None:
        """Write down one more task."""
        self.count += 1
        if self._keeps is None or self.count <= self._keeps:
            self.fired.append(promise)

    def cancel(self) -> None:
        """Have the advance end where it stands; what has been performed stays."""
        self.is_cancelled = True


class Advance:
    """An advance in a thread of its own: `moves` moves time, notes in the `course` what it performs, and returns."""

    def __init__(self, begun_at: datetime, until: datetime | None, moves: Callable[[Course], object]) -> None:
        self.begun_at = begun_at
        self.until = until
        self.course = Course(MOST_KEPT)
        self.error: Exception | None = None
        self._moves = moves
        self._ended = Event()
        self._thread = Thread(target=self._run, name="mockserver advance", daemon=True)
        self._thread.start()

    @property
    def is_done(self) -> bool:
        """Whether it has come to its end, or was ended."""
        return self._ended.is_set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait so many real seconds for the end; say whether it has come. `error` is what brought it about, if any."""
        ended = self._ended.wait(seconds)
        if ended:
            self._thread.join()
        return ended

    def cancel(self) -> None:
        """End it, and wait until the task that is being performed, or the webhook on its way, is done."""
        if not self.is_done:
            self.course.cancel()
            self.wait()

    def _run(self) -> None:
        try:
            self._moves(self.course)
        except Exception as error:  # noqa: BLE001 - for whoever waits
            self.error = error
        finally:
            self._ended.set()


class Advances:
    """The advance of one double that is under way, or was the last."""

    def __init__(self, double: Double) -> None:
        self.latest: Advance | None = None
        self._double = double
        self._beginning = Lock()

    @property
    def is_under_way(self) -> bool:
        """Whether one is."""
        return self.latest is not None and not self.latest.is_done

    def check_free(self) -> None:
        """Refuse to go on while an advance is under way. Raises `ClockBusy`."""
        if self.is_under_way:
            raise ClockBusy("the clock is being advanced already; GET /_mock/v1/clock/advance says how far it has come")

    def begin(self, until: datetime | None, moves: Callable[[Course], object]) -> Advance:
        """Begin an advance. Raises `ClockBusy` when one is under way already."""
        with self._beginning:
            self.check_free()
            self.latest = Advance(self._double.world.clock.now, until, moves)
            return self.latest

    def end(self) -> None:
        """End whatever is under way, because the double stops."""
        if self.latest:
            self.latest.cancel()
