"""A stochastic cycle.

    ψ'  = ρ ( cos λ ψ + sin λ ψ*) + κ         λ = 2π / period,   κ, κ* ~ N(0, σ² (1 - ρ²))
    ψ*' = ρ (-sin λ ψ + cos λ ψ*) + κ*        σ² = Var ψ

Harvey 1989, §2.3.3; Durbin & Koopman 2012, eq. 3.13. With a damping ρ < 1 the cycle is stationary, and begins with its
own variance. One that is not damped is a sine whose amplitude and phase wander: nothing is known of it at the start,
and σ² is the variance of κ.
"""

import math
from typing import Any

import numpy as np

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.model.parameters import param
from foglight.model.series.component import Component


def cycle_of(periods: Any, damped: Any) -> Component | None:
    """A cycle with a period in this range, in rows; None without one."""
    if not isinstance(damped, bool):
        raise ModelError.expected("damped", damped, "True or False", "Leave it out for True.")
    if periods is None:
        return None
    shortest, longest = _range(periods)

    def dynamics(x: Any, p: Any) -> list[Any]:
        psi, star = x.cycle, x.cycle_star
        turn = 2.0 * math.pi / p.cycle_period
        c, s = np.cos(turn), np.sin(turn)
        rotated = [c * psi + s * star, c * star - s * psi]
        return [p.cycle_damping * value for value in rotated] if damped else rotated

    def noise(p: Any) -> list[Any]:
        variance = p.cycle_std**2
        return [variance * (1.0 - p.cycle_damping**2) if damped else variance] * 2

    return Component(
        ("cycle", "cycle_star"),
        dynamics=dynamics,
        reading=lambda x, u: x.cycle,
        params={
            "cycle_std": param(1.0, low=0.0),
            "cycle_period": param(math.sqrt(shortest * longest), low=shortest, high=longest),
        }
        | ({"cycle_damping": param(0.9, low=0.0, high=1.0)} if damped else {}),
        noise=noise,
        disturbed=("cycle", "cycle_star"),
        name="cycle",
        start=(lambda p: (np.eye(2), [p.cycle_std**2] * 2)) if damped else None,
    )


def _range(periods: Any) -> tuple[float, float]:
    """The shortest and the longest period, 2 <= shortest < longest."""
    given = tuple(periods) if isinstance(periods, (tuple, list)) else ()
    if len(given) != 2 or not all(checks.is_number(v) and math.isfinite(v) for v in given):
        raise ModelError.expected(
            "cycle", periods, "the shortest and the longest period, in rows", "Write cycle=(18, 144)."
        )
    shortest, longest = float(given[0]), float(given[1])
    if shortest < 2.0:
        raise ModelError(
            f"cycle[0] = {shortest:g}: expected a period of at least 2 rows, since a faster one looks like a "
            "slower one. Write cycle=(2, …).",
            field="cycle", index=0, value=shortest,
        )  # fmt: skip
    if not shortest < longest:
        raise ModelError(
            f"cycle = ({shortest:g}, {longest:g}): expected the shortest period before the longest. "
            f"Write cycle=({min(given):g}, {max(shortest + 1.0, *given):g}).",
            field="cycle", value=(shortest, longest),
        )  # fmt: skip
    return shortest, longest
