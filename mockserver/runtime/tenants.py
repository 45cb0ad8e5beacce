"""The doubles that one server answers for: a call belongs to the one whose credentials it carries."""

from __future__ import annotations

from collections import Counter, deque
from threading import Lock, local

from mockserver.core.errors import Refusal
from mockserver.core.world import World
from mockserver.runtime.double import Double
from mockserver.runtime.pace import real_seconds
from mockserver.services import SERVICES
from mockserver.services.nearness import find_nearest
from mockserver.services.service import NO_SUCH_CALL, Request, Service

MOST_TENANTS = 1000

MOST_OWNERS = 10_000
"""Keys and tokens whose double is remembered."""

TOO_MANY = "too many"
"""Code of the refusal of one more tenant."""

MAIN = "main"
"""The tenant that a server begins with."""

_SEARCHED = 64 << 10
"""How many bytes of a body are searched for somebody's secret."""


class Tenants:
    """Doubles, oldest first; a call that belongs to none is the `default` one's, which refuses it as the vendor would.

    That is the newest where `prefers_newest` (in tests, whose own world it is), else the first. Doubles that nobody
    has used for `idle_seconds` (0: no end), or uses still, are found no more; they are stopped and dropped when
    somebody asks for one of them, for all of them, or for one more. The first stays.
    """

    def __init__(self, first: Double, *, prefers_newest: bool = False, idle_seconds: float = 0) -> None:
        self._doubles = [first]
        self._owners: dict[frozenset[str], Double] = {}
        self._used = {first.name: real_seconds()}
        self._calls: Counter[Double] = Counter()
        self._expired: deque[str] = deque(maxlen=MOST_TENANTS)
        self._here = _Here()
        self._lock = Lock()
        self._prefers_newest = prefers_newest
        self.idle_seconds = idle_seconds

    def add(self, double: Double) -> None:
        """Answer for one more double."""
        with self._lock:
            self._doubles, self._owners = [*self._doubles, double], {}
            self._used[double.name] = real_seconds()

    def check_room(self) -> None:
        """Refuse one more tenant where there are too many. Raises `Refusal`."""
        self.sweep()
        if len(self._doubles) > MOST_TENANTS:
            raise Refusal(TOO_MANY, f"{MOST_TENANTS} tenants are open; DELETE /_mock/v1/tenants/<id> closes one")

    def drop(self, double: Double) -> bool:
        """Answer no more for a double; say whether it was answered for until now."""
        with self._lock:
            was_here = double in self._doubles
            self._doubles, self._owners = [kept for kept in self._doubles if kept is not double], {}
            self._used.pop(double.name, None)
        return was_here

    def close(self, double: Double) -> None:
        """Drop a double and stop it."""
        if self.drop(double):
            double.stop()

    def sweep(self) -> None:
        """Stop and drop what nobody has used for long."""
        for double in self._doubles[1:]:
            if self._is_expired(double):
                self._expired.append(double.name)
                self.close(double)

    def _is_expired(self, double: Double) -> bool:
        if not self.idle_seconds or double is self._doubles[0]:
            return False
        return self.idle(double) > self.idle_seconds and not double.advances.is_under_way

    def stop_waiting(self) -> None:
        """Let no call wait for news any more, nor for time to pass."""
        for double in self._doubles:
            double.changes.end()
            double.advances.end()

    def stop(self) -> None:
        """Stop every double."""
        for double in self._doubles:
            double.stop()

    @property
    def doubles(self) -> list[Double]:
        """All of them, oldest first, without those that nobody finds any more."""
        return [double for double in self._doubles if not self._is_expired(double)]

    @property
    def default(self) -> Double:
        """The double that a call is for when it says nothing of that."""
        return self._doubles[-1 if self._prefers_newest else 0]

    def named(self, name: str) -> Double:
        """Return the double of a tenant, which is used by that. Raises `Refusal`."""
        if not name:
            return self._in_use(self.default)
        for double in self._doubles:
            if double.name == name:
                if not self._is_expired(double):
                    return self._in_use(double)
                self.sweep()
        why = f"has expired, idle for longer than {self.idle_seconds:g} s" if name in self._expired else "is no tenant"
        raise Refusal(NO_SUCH_CALL, f"{name[:80]!r} {why}; GET /_mock/v1/tenants lists them", "tenant")

    def find_like(self, world: World, besides: Double | None = None) -> Double | None:
        """Find a double (another one) by whose world no call could be told apart from the calls of this one."""
        self.sweep()
        wanted = _secrets(world)
        others = (double for double in self._doubles if double is not besides)
        return next((double for double in others if not wanted.isdisjoint(_secrets(double.world))), None)

    def idle(self, double: Double) -> float:
        """Return how many real seconds ago a double was last used, 0 while it answers a call."""
        now = real_seconds()
        return 0.0 if double in self._calls else max(0.0, now - self._used.get(double.name, now))

    def of(self, service: Service, request: Request) -> Double:
        """Return the double that a call is for (DESIGN, law 8)."""
        if len(self._doubles) == 1:
            return self._in_use(self.default)
        named = service.credentials_in(request)
        owner = self._owner(service, named)
        if not owner or self._is_expired(owner):
            self.sweep()
            owner = self._owner(service, named) or self._nearest(service, request, named)
        return self._in_use(owner)

    def _in_use(self, double: Double) -> Double:
        """Take down that a double has been used, and by the call that this thread answers."""
        self._note_use(double)
        if double not in self._here.doubles:
            self._here.doubles.add(double)
            with self._lock:
                self._calls[double] += 1
        return double

    def _note_use(self, double: Double) -> None:
        if self.idle_seconds and double.name in self._used:
            self._used[double.name] = real_seconds()

    def _owner(self, service: Service, named: frozenset[str]) -> Double | None:
        owners, doubles = self._owners, self._doubles
        known = owners.get(named)
        if known and service.owns(known.world, named):
            return known
        owner = next((double for double in reversed(doubles) if service.owns(double.world, named)), None)
        if owner and not self._prefers_newest:  # where it is preferred, a newer one may come to own the same
            if len(owners) >= MOST_OWNERS:
                owners.clear()
            owners[named] = owner
        return owner

    def _nearest(self, service: Service, request: Request, named: frozenset[str]) -> Double:
        """Return the double whose secrets a call of nobody's comes near to, so that its journal says how near."""
        text = f"{request.query}\n{request.body[:_SEARCHED].decode('utf-8', 'replace')}"
        for double in (self.default, *reversed(self._doubles)):
            secrets = service.secrets(double.world)
            if any(secret in text for secret in secrets) or any(find_nearest(name, secrets) for name in named):
                return double
        return self.default

    def answered(self) -> None:
        """Let webhooks go out, now that the caller has the answer."""
        while self._here.doubles:
            double = self._here.doubles.pop()
            self._note_use(double)  # which lasted until now: a call may wait for a minute
            with self._lock:
                self._calls[double] -= 1
                if not self._calls[double]:
                    del self._calls[double]  # which else would be kept alive here
            double.answered()


def _secrets(world: World) -> set[str]:
    return {secret for service in SERVICES for secret in service.secrets(world)}


class _Here(local):
    """The doubles that a thread has answered for since it last told that an answer has gone.

    What a call causes leaves after its answer, and whoever makes an answer does not know when that has gone. So a
    request is dealt with in two steps, both in one thread:

    1. Whoever finds the double for a call (`of`, `named`) leaves it here, and `Double.answer` sets the webhooks of the
       call aside under the thread's number.
    2. Whoever has written the answer calls `Tenants.answered`, after each request and whatever has become of it: the
       doubles' dispatchers get those webhooks, and nothing here keeps the doubles alive. The port does so
       (`Port._exchange`), and under any other server the Flask application, as the response is closed.

    A new way into the gate has to make that second step too.
    """

    def __init__(self) -> None:
        self.doubles: set[Double] = set()
