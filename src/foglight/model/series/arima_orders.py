"""The orders of a seasonal ARIMA model, the polynomials that they stand for, and their coefficients."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.model import parameters
from foglight.model.series import stationary

AR, MA, SEASONAL_AR, SEASONAL_MA = "ar", "ma", "seasonal_ar", "seasonal_ma"


@dataclass(frozen=True)
class Orders:
    """The orders (p, d, q) (P, D, Q) and the number s of rows in a season."""

    p: int
    d: int
    q: int
    P: int = 0
    D: int = 0
    Q: int = 0
    s: int = 1

    @property
    def counts(self) -> dict[str, int]:
        """The number of coefficients of each kind."""
        return {AR: self.p, MA: self.q, SEASONAL_AR: self.P, SEASONAL_MA: self.Q}

    def partials(self, kind: str) -> tuple[str, ...]:
        """The names of the parameters that stand for the coefficients of one kind."""
        return tuple(f"{kind}_partial_{k}" for k in range(1, self.counts[kind] + 1))

    def coefficients(self, kind: str, p: Any) -> list[Any]:
        """The coefficients of one kind from its parameters p, symbols or floats by name."""
        sign = _sign(kind)
        return [sign * c for c in stationary.coefficients([sign * p[name] for name in self.partials(kind)])]

    def polynomials(self, p: Any) -> tuple[list[Any], list[Any]]:
        """φ (p + sP,) of φ(B) Φ(Bˢ) = 1 - φ_1 B - … and θ (q + sQ,) of θ(B) Θ(Bˢ) = 1 + θ_1 B + …"""
        own = {kind: self.coefficients(kind, p) for kind in self.counts}
        phi = stationary.product(own[AR], own[SEASONAL_AR], self.s)
        theta = stationary.product([-c for c in own[MA]], [-c for c in own[SEASONAL_MA]], self.s)
        return phi, [-c for c in theta]

    @cached_property
    def differences(self) -> list[float]:
        """δ (d + sD,) of (1 - B)ᵈ (1 - Bˢ)ᴰ = 1 - δ_1 B - …"""
        delta: list[float] = []
        for lag in (1,) * self.d + (self.s,) * self.D:
            delta = stationary.product(delta, [1.0], lag)
        return delta

    @property
    def pure(self) -> bool:
        """Whether y is a: an autoregression without differences and moving averages."""
        return not (self.d or self.D or self.q or self.Q)

    @property
    def lags(self) -> int:
        """How many values of a are in the state."""
        lags = max(self.p + self.s * self.P, self.q + self.s * self.Q)
        return max(lags, 1) if self.pure else lags

    @property
    def sums(self) -> tuple[str, ...]:
        """The states that are values of y; none if a is y."""
        return () if self.pure else _lagged("y", max(len(self.differences), 1))

    @property
    def state(self) -> tuple[str, ...]:
        """The names of the states: y, then a, each from the newest value to the oldest."""
        return (*self.sums, *_lagged("y" if self.pure else "a", self.lags))


def orders_of(order: Any, seasonal: Any) -> Orders:
    """The orders that a user gave, checked."""
    p, d, q = _whole(order, "order", ("p", "d", "q"), "order=(1, 0, 0)")
    if seasonal is None:
        return Orders(p, d, q)
    P, D, Q, s = _whole(seasonal, "seasonal", ("P", "D", "Q", "s"), "seasonal=(0, 1, 1, 12)")
    if s < 2:
        raise ModelError(
            f"seasonal[3] = {s}: a season has at least 2 rows. Write seasonal=(0, 1, 1, 12) for months with a yearly "
            "season, or leave seasonal out.",
            field="seasonal", index=3, value=s,
        )  # fmt: skip
    return Orders(p, d, q, P, D, Q, s)


def _whole(given: Any, field: str, letters: tuple[str, ...], example: str) -> list[int]:
    values = list(given) if isinstance(given, (tuple, list)) else []
    if len(values) != len(letters):
        raise ModelError.expected(field, given, f"({', '.join(letters)})", f"Write {example}.")
    for k, (letter, value) in enumerate(zip(letters, values, strict=True)):
        if not checks.is_whole(value) or value < 0:
            raise ModelError.expected(
                field, value, f"a whole number {letter} >= 0", f"Write {example}.", index=k
            )
    return [int(value) for value in values]


def partials_of(given: Any, orders: Orders, kind: str) -> list[float]:
    """The parameters that stand for the coefficients of one kind, from the coefficients that a user gave, or 0."""
    count, sign = orders.counts[kind], _sign(kind)
    if given is None:
        return [0.0] * count
    values = [given] if checks.is_number(given) else list(given)
    if len(values) != count:
        raise ModelError(
            f"{kind} has {len(values)} coefficients: expected {count}, as the order says. Give one for each lag, 0 "
            "included, or change the order.",
            field=kind, value=len(values),
        )  # fmt: skip
    numbers = [parameters.real(value, kind) for value in values]
    found = stationary.partials([sign * value for value in numbers])
    if found is None:
        what, remedy = (
            ("stationary", "Take a difference (d or D) in its stead, or move the coefficients towards 0.")
            if sign > 0.0
            else ("invertible", "Use the inverse roots, which describe the same series with another std.")
        )
        raise ModelError(
            f"{kind} = {', '.join(f'{value:g}' for value in numbers)}: the model is not {what}. Expected all roots of "
            f"its polynomial outside the unit circle. {remedy}",
            field=kind, value=tuple(numbers),
        )  # fmt: skip
    return [sign * r for r in found]


def _sign(kind: str) -> float:
    """The sign of the coefficients of this kind in their polynomial: 1 - φ_1 B - … or 1 + θ_1 B + …"""
    return -1.0 if kind in (MA, SEASONAL_MA) else 1.0


def _lagged(name: str, count: int) -> tuple[str, ...]:
    """The names of a value now and in the rows before: a, a_1, a_2, …"""
    return tuple(f"{name}_{k}" if k else name for k in range(count))
