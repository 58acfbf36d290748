"""Double-double arithmetic, for the few computations outside the step that need it: a number is hi + lo.

The rounding error of a sum or a product of two floats is itself a float (Dekker 1971; Knuth, TAOCP vol. 2, §4.2.2).
Magnitudes must lie between 2^-480 and 2^480, so that no part overflows or underflows.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

_SPLITTER = 2.0**27 + 1.0


@dataclass(frozen=True)
class DoubleDouble:
    """The number hi + lo; floats or arrays, |lo| <= ulp(hi)/2."""

    hi: Any
    lo: Any

    def at(self, index: Any) -> "DoubleDouble":
        """The entries at this index."""
        return DoubleDouble(self.hi[index], self.lo[index])

    def minus(self, other: "DoubleDouble") -> "DoubleDouble":
        """self - other, with an error of at most 2 u² of the larger."""
        s, e = _sum(self.hi, -other.hi)
        return _normal(s, e + (self.lo - other.lo))

    def times(self, other: "DoubleDouble") -> "DoubleDouble":
        """self · other, with a relative error of at most 4 u²."""
        p, e = _product(self.hi, other.hi)
        return _normal(p, e + (self.hi * other.lo + self.lo * other.hi))

    def over(self, other: "DoubleDouble") -> "DoubleDouble":
        """self / other: a quotient of floats, and a second one of the remainder as its correction."""
        q = self.hi / other.hi
        rest = self.minus(other.times(DoubleDouble(q, np.zeros_like(q))))
        return _normal(q, rest.hi / other.hi)


def _sum(a: Any, b: Any) -> tuple[Any, Any]:
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def _product(a: Any, b: Any) -> tuple[Any, Any]:
    p = a * b
    (a1, a2), (b1, b2) = _halves(a), _halves(b)
    return p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2


def _halves(a: Any) -> tuple[Any, Any]:
    t = _SPLITTER * a
    high = t - (t - a)
    return high, a - high


def _normal(hi: Any, lo: Any) -> DoubleDouble:
    s = hi + lo
    return DoubleDouble(s, lo - (s - hi))
