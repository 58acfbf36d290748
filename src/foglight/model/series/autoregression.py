"""A stationary autoregression, given by its partial autocorrelations.

    c' = φ_1 c + φ_2 c_1 + … + φ_p c_p-1 + κ,  κ ~ N(0, σ² Π (1 - r_k²))        σ² = Var c

The coefficients φ are a smooth function of the partial autocorrelations r (`stationary`). Harvey 1989, §2.3.3.
"""

import math
from typing import Any

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.model.parameters import param
from foglight.model.series import stationary
from foglight.model.series.component import Component


def autoregression_of(order: Any) -> Component | None:
    """An autoregression of this order; None for 0."""
    if not checks.is_whole(order) or order < 0:
        raise ModelError.expected(
            "autoregressive", order, "an order, a whole number >= 0", "Write autoregressive=1."
        )
    if not order:
        return None
    states = tuple(f"ar_{k + 1}" for k in range(order))
    partials = tuple(f"ar_partial_{k + 1}" for k in range(order))
    most = stationary.LARGEST

    def coefficients(p: Any) -> list[Any]:
        return stationary.coefficients([p[name] for name in partials])

    def variance(p: Any) -> Any:
        return p.ar_std**2 * math.prod(1.0 - p[name] ** 2 for name in partials)

    def dynamics(x: Any, p: Any) -> list[Any]:
        first, *rest = [phi * x[state] for phi, state in zip(coefficients(p), states, strict=True)]
        return [sum(rest, start=first), *[x[state] for state in states[:-1]]]

    def start(p: Any) -> tuple[Any, Any]:
        U, D = stationary.window(coefficients(p), order)
        return U, variance(p) * D

    return Component(
        states,
        dynamics,
        reading=lambda x, u: x.ar_1,
        params={"ar_std": param(1.0, low=0.0)}
        | {name: param(0.5 if k == 0 else 0.0, low=-most, high=most) for k, name in enumerate(partials)},
        noise=lambda p: [variance(p)],
        disturbed=("ar_1",),
        name="autoregression",
        start=start,
        derived=lambda p: dict(zip(states, coefficients(p), strict=True)),
    )
