"""Reproducible chance: draws made from a hash of their subject."""

from collections.abc import Sequence
from hashlib import blake2b
from struct import Struct
from typing import TypeVar

T = TypeVar("T")
MASK = (1 << 64) - 1
FULL = 1 << 16
_NUMBERS = Struct("<32H")


def draws(seed: int, number: int, what: int, day: int = 0) -> tuple[int, ...]:
    """Draw 32 numbers below 65,536 about a subject. One hash costs no more than three throws."""
    return _NUMBERS.unpack(blake2b(b"%d %d %d %d" % (seed, number, what, day)).digest())


def share(part: float) -> int:
    """Return the number below which a draw lies in this share of cases."""
    return round(part * FULL)


def mix(*subject: int) -> int:
    """Spread a few integers over 64 bits, so that neighbours have nothing in common."""
    state = 0x9E3779B97F4A7C15
    for part in subject:
        state = (state ^ part) * 0xBF58476D1CE4E5B9 & MASK
        state ^= state >> 29
    state = state * 0x94D049BB133111EB & MASK
    return state ^ state >> 32


class Dice:
    """A stream of draws about one subject. Much cheaper to make than `random.Random`."""

    __slots__ = ("_state",)

    def __init__(self, *subject: int) -> None:
        self._state = mix(*subject)

    def below(self, bound: int) -> int:
        """Draw an integer from 0 to below the bound."""
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) & MASK
        return self._state * bound >> 64

    def roll(self) -> float:
        """Draw a number from 0 to below 1."""
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) & MASK
        return (self._state >> 11) * 2.0**-53

    def chance(self, share: float) -> bool:
        """Return true in this share of the draws."""
        return self.roll() < share

    def between(self, low: float, high: float) -> float:
        """Draw a number from low to below high."""
        return low + self.roll() * (high - low)

    def one(self, choices: Sequence[T]) -> T:
        """Pick one of the choices."""
        return choices[self.below(len(choices))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Put the items into a random order."""
        return sorted(items, key=lambda _: self.roll())
