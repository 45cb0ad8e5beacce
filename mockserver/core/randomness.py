"""Chance that repeats itself: every token, id and number of a world comes from its seeds."""

from __future__ import annotations

from hashlib import blake2b


class Randomness:
    """A seeded generator whose whole state is a seed and a count, so that a snapshot of it is two values."""

    __slots__ = ("_key", "drawn", "seed")

    def __init__(self, seed: str, drawn: int = 0) -> None:
        self.seed = seed
        self._key = blake2b(seed.encode(), digest_size=32).digest()
        self.drawn = drawn

    def token(self) -> str:
        """Return 64 letters and digits, the form of Securating's keys and tokens (`SEC-O8`)."""
        self.drawn += 1
        return blake2b(self.drawn.to_bytes(8, "big"), digest_size=32, key=self._key).hexdigest()

    def number(self, below: int) -> int:
        """Return a whole number from 0 up to, not including, `below`."""
        return int(self.token(), 16) % below

    def fraction(self) -> float:
        """Return a number from 0 up to, not including, 1."""
        return self.number(1 << 53) / (1 << 53)

    def copy(self) -> Randomness:
        """Return a generator that goes on exactly where this one stands."""
        return Randomness(self.seed, self.drawn)
