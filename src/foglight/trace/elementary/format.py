"""The constants of a float type that the functions need: digits, constants split into parts, polynomials.

There is one `Format` for float64 and one for float32; the functions are written once and take it as an argument.
"""

from dataclasses import dataclass
from typing import Any

from foglight.trace.array_symbol import ArraySymbol
from foglight.trace.ops import select
from foglight.trace.symbol import Symbol


@dataclass(frozen=True)
class Format:
    """The constants of one float type. Polynomials list their coefficients from the lowest power.

    name, digits (of the significand), bias (of the exponent).
    angle: largest |x| that sin, cos and tan accept (rad).
    half_pi: pi/2 in four parts; the product of the first three and of any quadrant number is exact.
    quarter_pi: pi/4 in two parts, the first two bits short, so that three times it is exact.
    log_two: log 2 in two parts; the first times any binary exponent is exact.
    two_thirds: 2 / (3 log 2) in two parts, the first of half length.
    log10_two: log10 2 in two parts, the first of half length.
    sin, cos, tan, atan, asin, exp, exp2, log, log2, erf_near, erf_far, cbrt: see `tools/fit_elementary.py`.
    erf_one: the argument from which on erf is 1.
    """

    name: str
    digits: int
    bias: int
    angle: float
    half_pi: tuple[float, ...]
    quarter_pi: tuple[float, ...]
    log_two: tuple[float, ...]
    two_thirds: tuple[float, ...]
    log10_two: tuple[float, ...]
    sin: tuple[float, ...]
    cos: tuple[float, ...]
    tan: tuple[float, ...]
    atan: tuple[float, ...]
    asin: tuple[float, ...]
    exp: tuple[float, ...]
    exp2: tuple[float, ...]
    log: tuple[float, ...]
    log2: tuple[float, ...]
    erf_near: tuple[float, ...]
    erf_far: tuple[float, ...]
    cbrt: tuple[float, ...]
    erf_one: float

    @property
    def splitter(self) -> float:
        """Veltkamp's factor, which splits a number into two halves."""
        return 2.0 ** ((self.digits + 1) // 2) + 1.0

    @property
    def largest(self) -> float:
        """The largest finite number."""
        return (2.0 - 2.0 ** (1 - self.digits)) * 2.0**self.bias

    @property
    def lowest_exponent(self) -> float:
        """An exponent k so low that 2**k times anything near 1 is zero; -k overflows."""
        return float(-(self.bias + self.digits + 23))


def choose(mask: Any, a: float, b: float, like: Any) -> Any:
    """select between two constants, in the float type of `like`: plain numbers have no type of their own."""
    if isinstance(mask, (Symbol, ArraySymbol)):
        return select(mask, a, b)
    return select(mask, like.dtype.type(a), like.dtype.type(b))
