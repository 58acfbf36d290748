"""One step of a motion in continuous time: exact where the drift is linear, else by the Runge-Kutta method.

The mean and the covariance of a step solve dx/dt = f and dP/dt = A P + P Aᵀ + W with A = df/dx (Särkkä & Solin 2019,
§9.1).
Both stay functions of symbols: a fixed number of substeps or doublings, without loops or branches on values.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.core.resolution import NS
from foglight.core.types import Array, Floats
from foglight.equations import exponential, runge_kutta
from foglight.equations.gaussian import Factored
from foglight.model import parameters
from foglight.model.drift import Drift
from foglight.model.pickling import PortablePart
from foglight.model.substeps import Bend, Chosen, chain_length, needed, radius, require_stable
from foglight.model.table import listening
from foglight.trace.ops import absolute, known_zero, maximum, product, select, total
from foglight.trace.symbol import Symbol

TOO_FAST = "If the drift is faster here than the motion was made for, make it with these parameters, around this state."
_HEADROOM = 2  # doublings beyond those of the given parameters, where others may make the drift faster


@dataclass(frozen=True)
class Integration:
    """How a continuous motion is integrated over a step.

    longest_step: the longest step (s), inf for no limit.  substeps: of the Runge-Kutta method, 0 where the solution is
    exact.  error: of the transition per second of time, relative; an estimate.  chosen: the substeps of each drift, of
    several motions side by side.
    """

    longest_step: float
    substeps: int = 0
    error: float = 0.0
    chosen: tuple[Chosen, ...] = field(default=(), repr=False, compare=False)

    def require(self, params: Mapping[str, float]) -> None:
        """ModelError if a drift is stiff at these parameters, for the substeps that the motion was made with."""
        for each in self.chosen:
            each.require(params)

    def __str__(self) -> str:
        limit = f" for steps of up to {self.longest_step:g} s" if math.isfinite(self.longest_step) else ""
        if not self.substeps:
            return "exact" + limit
        return f"{self.substeps} substep{'s' * (self.substeps > 1)}{limit}, error {self.error:.1g} per second"

    def exceeded(self, dt: Any) -> Any:
        """Whether a step is longer than the longest one, rounded up to the nanoseconds of time stamps."""
        return dt > math.ceil(self.longest_step * NS) / NS if math.isfinite(self.longest_step) else False

    def within(self, h: Any, dt: Any) -> Any:
        """h, or NaN where dt is too long. The motion says that itself; one that wraps this one by hand may not."""
        said = listening()
        if said is not None and not isinstance(dt, Symbol) and np.any(self.exceeded(dt)):
            said.append(
                f"A step in continuous time was called with dt = {np.max(dt):.9g} s: expected at most longest_step = "
                f"{self.longest_step:.9g} s. In a fog.Motion that calls another one, write "
                "integration=other.integration; or make the other with a longer longest_step."
            )
        return h if math.isinf(self.longest_step) else select(self.exceeded(dt), math.nan, h)


class ExactStep(PortablePart):
    """The step of a linear drift.  doublings: of the time of the series.

    weights: a scaling of the states in which the norm of A is small; None where A is constant or a chain.
    """

    def __init__(
        self,
        drift: Drift,
        integration: Integration,
        doublings: int = 0,
        nodes: int = exponential.NODES,
        weights: Floats | None = None,
    ) -> None:
        self.drift, self.integration = drift, integration
        self._doublings, self._nodes, self._weights = doublings, nodes, weights

    def dynamics(self, x: Any, dt: Any, p: Any, *u: Any) -> Array:
        """Φ x + S b with b = f(x) - A x: exact for f = A x + b, and its derivative is Φ."""
        y, u = self.drift.entered(x, dt, u)
        A = self.drift.jacobian(y, p, *u)
        Phi, S = exponential.flows(A, self._first(A, dt), self._doublings)[-1]
        b = self.drift.slope(y, p, *u) - product(A, y)
        moved: Array = product(Phi, y) + product(S, b)
        return moved[: len(x)]

    def noise(self, x: Any, dt: Any, p: Any, *u: Any) -> Factored:
        """Q, exact."""
        y, u = self.drift.entered(x, dt, u)
        A, W = self.drift.jacobian(y, p, *u), self.drift.density(y, p, *u)
        Q = exponential.gathered_noise(A, W, self._first(A, dt), self._doublings, self._nodes)
        return Factored(Q.G[: len(x)], Q.variances)

    def _first(self, A: Array, dt: Any) -> Any:
        """The time of the series; NaN beyond the longest step, and where A is too large for the doublings."""
        h = self.integration.within(dt * 0.5**self._doublings, dt)
        if self._weights is None:
            return h
        w = self._weights
        rows = [total([absolute(v) * (w[j] / w[i]) for j, v in enumerate(row)]) for i, row in enumerate(A)]
        norm = rows[0]
        for row in rows[1:]:
            norm = maximum(norm, row)
        return select(norm * h <= exponential.LARGEST, h, math.nan)


class RungeKuttaStep(PortablePart):
    """The step of any other drift."""

    def __init__(self, drift: Drift, integration: Integration) -> None:
        self.drift, self.integration = drift, integration

    def dynamics(self, x: Any, dt: Any, p: Any, *u: Any) -> Array:
        """The solution of dx/dt = f."""
        y, u = self.drift.entered(x, dt, u)
        y = runge_kutta.flow(
            lambda y: self.drift.slope(y, p, *u), y, self._substep(dt), self.integration.substeps
        )
        return y[: len(x)]

    def noise(self, x: Any, dt: Any, p: Any, *u: Any) -> Factored:
        """The covariance that W adds along this solution."""
        y, u = self.drift.entered(x, dt, u)
        h, count = self._substep(dt), self.integration.substeps

        def slope(y: Array) -> Array:
            return self.drift.slope(y, p, *u)

        def jacobian(y: Array) -> Array:
            return self.drift.jacobian(y, p, *u)

        def density(y: Array) -> Factored:
            return self.drift.density(y, p, *u)

        Q = runge_kutta.gathered_noise(slope, jacobian, density, y, h, count)
        ends = (y, runge_kutta.flow(slope, y, h, count))
        return Factored(Q.G[: len(x)], Q.variances * _stable([jacobian(end) for end in ends], h))

    def _substep(self, dt: Any) -> Any:
        return self.integration.within(dt / self.integration.substeps, dt)


def _stable(jacobians: Sequence[Array], h: Any) -> Any:
    """1, or NaN where a state alone, or two that act on each other, change too fast for the Runge-Kutta method.

    That is where |λ| h > `runge_kutta.STABLE`, with λ = A_ii or λ² = A_ij A_ji: no scaling of the states changes these.
    """
    stable: Any = 1.0
    for A in jacobians:
        squares = [A[i, j] * A[j, i] for i in range(len(A)) for j in range(i + 1)]
        for square in (v for v in squares if not known_zero(v)):
            stable = select(absolute(square) * (h * h) <= runge_kutta.STABLE**2, stable, math.nan)
    return stable


def step_of(
    drift: Drift, points: Floats, longest: float | None, substeps: int | None, tolerance: float
) -> ExactStep | RungeKuttaStep:
    """The step of a drift, exact where that is possible.  points (K, n + n_u): where errors are estimated."""
    if drift.fixed:
        if substeps is not None:
            raise ModelError.expected(
                "substeps", substeps, "none: this drift is linear and solved exactly", "Leave it out."
            )
        chain = chain_length(drift.nonzero)
        if chain is not None:
            return ExactStep(drift, Integration(math.inf), nodes=chain)
    longest = _longest(longest)
    if drift.fixed:
        A = np.abs(drift.recorded(*drift.at(points.T))[1]).max(axis=-1)
        rate = 1.25 * max(radius(A), 0.4 / longest)
        # With these weights the norm of A is below `rate`: |A| w = rate (w - 1).
        weights = np.linalg.solve(np.eye(len(A)) - A / rate, np.ones(len(A))).astype(float)
        doublings = max(math.ceil(math.log2(rate * longest / exponential.LARGEST)), 0)
        nodes = max(exponential.NODES, len(A))
        if drift.constant:
            return ExactStep(drift, Integration(longest), doublings, nodes)
        return ExactStep(drift, Integration(longest), doublings + _HEADROOM, nodes, weights)
    bend, least = Bend(drift, points, longest), math.inf
    if substeps is None:
        least = _above_zero(tolerance, "tolerance", "an error > 0 per second", "Write tolerance=1e-6.")
        substeps = needed(bend, longest, least)
    else:
        if not checks.is_whole(substeps) or substeps < 1:
            raise ModelError.expected("substeps", substeps, "a whole number >= 1", "Leave it out.")
        require_stable(bend, longest, substeps)
    chosen = Chosen(drift, points, longest, substeps, least)
    return RungeKuttaStep(
        drift, Integration(longest, substeps, bend.error(longest / substeps), chosen=(chosen,))
    )


def _longest(longest: float | None) -> float:
    if longest is None:
        raise ModelError.expected(
            "longest_step",
            longest,
            "the longest time between two rows, in seconds: it decides how finely a step is divided",
            "Write longest_step=0.1.",
        )
    return _above_zero(longest, "longest_step", "a time > 0 in seconds", "Write longest_step=0.1.")


def _above_zero(value: Any, field: str, what: str, remedy: str) -> float:
    found = parameters.real(value, field)
    if found <= 0.0:
        raise ModelError.expected(field, value, what, remedy)
    return found
