"""Hooks: attributes of other modules replaced by our own, beside others who do the same, and put back as found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Make = Callable[[Any], Any]
"""Takes the function that stood there, and returns the one that takes its place and calls it."""

_INHERITED = object()


class Hook:
    """Replaces one attribute, such as `socket.socket.connect`, by what `make` makes of the function that stood there.

    The owner of the attribute is asked for each time: others replace classes of the standard library too. Each time
    it is held anew it goes over what stands there then, and never over itself.
    """

    def __init__(self, owner: Callable[[], Any], name: str, make: Make) -> None:
        self._owner, self._name, self._make = owner, name, make
        self._current: Any = None
        self._placed: list[Any] = []

    def hold(self) -> None:
        """Replace what stands there, unless that is our own already."""
        owner = self._owner()
        standing = getattr(owner, self._name)
        if standing is self._current:
            return
        if getattr(standing, "made_by", None) is not self:
            made = self._make(standing)
            made.made_by, made.owner, made.__wrapped__ = self, owner, standing
            made.found = vars(owner).get(self._name, _INHERITED)
            setattr(owner, self._name, made)
            standing = made
        self._current = standing
        self._placed = [*filter(self._stands, self._placed), standing]

    def let_go(self) -> None:
        """Put back what was found; what others have put on top stays, and what is below it does nothing more."""
        for made in reversed(self._placed):
            if self._stands(made):
                if made.found is _INHERITED:
                    delattr(made.owner, self._name)
                else:
                    setattr(made.owner, self._name, made.found)
        self._placed, self._current = [], None

    def _stands(self, made: Any) -> bool:
        return vars(made.owner).get(self._name) is made
