"""The spending limit: how many messages and invitations a run may send in all."""

from __future__ import annotations

from mockserver.contract.verdicts import Unseen


class Budget:
    """What a run may still spend; None is no limit, where nobody pays."""

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self.spent = 0

    @property
    def left(self) -> int | None:
        """How many messages and invitations may still be sent; None is any number."""
        return None if self._limit is None else self._limit - self.spent

    def demand(self, count: int) -> None:
        """Raise `Unseen` where less is left."""
        if self.left is not None and count > self.left:
            what = f"it may send {count}, and {self.left} of --spend {self._limit} {'is' if self.left == 1 else 'are'}"
            raise Unseen(f"{what} left")

    def take(self, count: int) -> None:
        """Count what is about to be sent, before it is. Raises `Unseen`."""
        self.demand(count)
        self.spent += count

    def give_back(self, count: int) -> None:
        """Count what was refused, and with that not sent, no longer."""
        self.spent -= count
