"""Random integers that are the same on every machine and with every NumPy: splitmix64 on a counter.

Word number c of a key is a fixed function of both (Steele, Lea and Flood 2014), in integers modulo 2^64.
"""

import numpy as np
from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def scrambled(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A one-to-one map of 64-bit words under which neighbours have nothing in common."""
    words = (words ^ (words >> np.uint64(30))) * _FIRST
    words = (words ^ (words >> np.uint64(27))) * _SECOND
    return words ^ (words >> np.uint64(31))


class Integers:
    """The words of one key, taken in order."""

    def __init__(self, *key: int) -> None:
        state = np.zeros(1, np.uint64)
        for part in key:
            state = scrambled((state ^ np.array([part], np.uint64)) + _GOLDEN)
        self._key = state
        self._used = 0

    def words(self, *shape: int) -> NDArray[np.uint64]:
        count = int(np.prod(shape))
        counter = np.arange(self._used + 1, self._used + 1 + count, dtype=np.uint64)
        self._used += count
        return scrambled(self._key + counter * _GOLDEN).reshape(shape)

    def between(self, low: int, high: int, *shape: int) -> NDArray[np.int64]:
        """Integers from low to high, both included; the width is far below 2^32."""
        width = np.uint64(high - low + 1)
        high_half = self.words(*shape) >> np.uint64(32)
        return ((high_half * width) >> np.uint64(32)).astype(np.int64) + low

    def one(self, low: int, high: int) -> int:
        return int(self.between(low, high, 1)[0])

    def bells(self, *shape: int) -> NDArray[np.float64]:
        """Quarters of mean 0 and variance 1: how many of 64 fair coins show heads, less 32, over 4."""
        return (np.bitwise_count(self.words(*shape)).astype(np.float64) - 32.0) / 4.0
