"""The doubles that one server answers for: a call belongs to the one whose credentials it carries."""

from __future__ import annotations

from mockserver.runtime.double import Double
from mockserver.services.service import Request, Service


class Tenants:
    """Doubles, oldest first; a call that belongs to none is the newest one's, which refuses it as the vendor would."""

    def __init__(self, first: Double) -> None:
        self._doubles = [first]

    def add(self, double: Double) -> None:
        """Answer for one more double."""
        self._doubles.append(double)

    def drop(self, double: Double) -> None:
        """Answer no more for a double."""
        self._doubles.remove(double)

    @property
    def newest(self) -> Double:
        """The double that came last."""
        return self._doubles[-1]

    def of(self, service: Service, request: Request) -> Double:
        """Return the double that a call is for (DESIGN, law 8)."""
        doubles = self._doubles
        if len(doubles) > 1:
            claims = service.claims_of(request)
            for double in reversed(doubles):
                if service.owns(double.world, claims):
                    return double
        return doubles[-1]

    def answered(self) -> None:
        """Let webhooks go out, now that the caller has the answer."""
        for double in self._doubles:
            double.answered()
