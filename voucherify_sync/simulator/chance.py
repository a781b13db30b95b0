"""All randomness of a simulation, from one seed.

Everything is made of `random()` alone: of the module's algorithms, its sequence is the one that
Python promises to keep from version to version, so a seed stands for the same bytes everywhere.
"""

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_HEX = "0123456789abcdef"


class Chance:
    """Seeded choices."""

    def __init__(self, seed: str) -> None:
        self._random: Callable[[], float] = random.Random(seed).random

    def share(self) -> float:
        """A number from 0 up to 1."""
        return self._random()

    def happens(self, probability: float) -> bool:
        """Whether something of this probability happens this time."""
        return self._random() < probability

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self._random() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[int(self._random() * len(items))]

    def find(self, items: Sequence[T], fits: Callable[[T], bool], tries: int = 12) -> T | None:
        """One of the items that fits, None where some tries meet none."""
        for _ in range(tries if items else 0):
            item = self.pick(items)
            if fits(item):
                return item
        return None

    def weighted(self, items: Sequence[tuple[T, float]]) -> T:
        """One of the items, each as often as its weight says."""
        left = self._random() * sum(weight for _, weight in items)
        for item, weight in items:
            left -= weight
            if left < 0:
                return item
        return items[-1][0]

    def shuffle(self, items: list[T]) -> None:
        """Bring the items into any order, in place."""
        for last in range(len(items) - 1, 0, -1):
            other = int(self._random() * (last + 1))
            items[last], items[other] = items[other], items[last]

    def letters(self, length: int) -> str:
        """Letters and digits, as in the longer of the vendor's ids."""
        return "".join([self.pick(_ALPHABET) for _ in range(length)])

    def hex(self, length: int) -> str:
        """Hexadecimal digits."""
        return "".join([self.pick(_HEX) for _ in range(length)])

    def digits(self, length: int) -> str:
        """Decimal digits."""
        return "".join([self.pick(_HEX[:10]) for _ in range(length)])
