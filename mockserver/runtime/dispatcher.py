"""The thread that lets time run by itself: due tasks fire, webhooks go out after the answer has gone."""

from __future__ import annotations

import logging
from datetime import datetime
from threading import Condition, Thread
from typing import TYPE_CHECKING

from mockserver.core.errors import ClockBusy
from mockserver.core.instants import UTC

if TYPE_CHECKING:
    from mockserver.runtime.double import Double

log = logging.getLogger("mockserver")

LONGEST_NAP = 3600.0
NAP_AFTER_A_CRASH = 1.0
PATIENCE = 3.0
"""Real seconds that somebody who drains, or delivers out of turn, waits for one receiver."""
ENDLESS = -1.0
"""The patience of the dispatcher: no receiver waits for it."""


class Dispatcher:
    """One thread for one double: it wakes when a task falls due or when somebody asks, catches up and delivers."""

    def __init__(self, double: Double) -> None:
        self._double = double
        self._changed = Condition()
        self._asked = 0
        self._done = 0
        self._waits_for: datetime | None = None
        self._stopping = False
        self._thread = Thread(target=self._run, name="mockserver dispatcher", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, once the webhook on its way has been answered; what waits stays."""
        self._double.delivery.is_held = True
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join()
        self._double.delivery.is_held = False

    def look(self) -> None:
        """Wake the thread if there is something to carry, or something due sooner than it knows."""
        if self._double.world.webhooks.is_waiting or self._is_due_sooner():
            self.wake()

    def drain(self) -> None:
        """Wait until everything that waited at this moment has been carried.

        Raises `ClockBusy` when one receiver lets everybody wait: it may itself be waiting for this very answer.
        """
        mine = self.wake()
        with self._changed:
            while self._done < mine and not self._stopping:
                carried = self._double.delivery.carried
                if not self._changed.wait(PATIENCE) and carried == self._double.delivery.carried:
                    raise ClockBusy("a webhook is on its way, and its receiver does not answer")

    def wake(self) -> int:
        """Have the thread look around; return the number of this demand."""
        with self._changed:
            self._asked += 1
            self._changed.notify_all()
            return self._asked

    def _is_due_sooner(self) -> bool:
        first = self._double.world.agenda.first()
        return first is not None and (self._waits_for is None or first[0] < self._waits_for)

    def _run(self) -> None:
        nap: float | None = 0.0
        while True:
            with self._changed:
                # Looked at again here: a promise made while the round ended would otherwise be slept over.
                if self._asked == self._done and not self._stopping and not self._is_due_sooner():
                    self._changed.wait(nap)
                if self._stopping:
                    return
                asked = self._asked
            nap = self._round()
            with self._changed:
                self._done = asked
                self._changed.notify_all()

    def _round(self) -> float | None:
        """Catch up and deliver; return how many seconds to sleep, None until somebody asks."""
        double = self._double
        try:
            double.catch_up()
            double.delivery.deliver(ENDLESS)
            self._waits_for = double.catch_up()
        except Exception:
            log.exception("a task that fell due, or a webhook, crashed the double")
            self._waits_for = datetime.min.replace(tzinfo=UTC)
            return NAP_AFTER_A_CRASH
        if self._waits_for is None:
            return None
        seconds = double.pace.real_seconds_until(self._waits_for, double.world.clock.now)
        return None if seconds is None else min(seconds, LONGEST_NAP)
