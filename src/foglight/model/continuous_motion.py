"""Motions in continuous time: dx = f(x, p, u) dt + dw, made into motions from row to row."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.core.types import Floats
from foglight.model import parameters
from foglight.model.argument_names import WithTime
from foglight.model.belief import Belief, in_order
from foglight.model.continuous_step import Integration, step_of
from foglight.model.drift import DENSITY, DRIFT, Drift
from foglight.model.limits import NONE, Limits
from foglight.model.table import outside


@dataclass(frozen=True, eq=False)
class Continuous:
    """What a motion has that is given in continuous time. integration: how it is integrated, None for any other."""

    integration: Integration | None = field(default=None, kw_only=True)

    @property
    def _integrated(self) -> str:
        """How it is integrated, as the end of a repr: `; exact`."""
        return "" if self.integration is None else f"; {self.integration}"

    @classmethod
    def continuous(
        cls,
        state: tuple[str, ...],
        drift: Callable[..., Any],
        noise_density: Callable[..., Any],
        *,
        longest_step: float | None = None,
        params: Mapping[str, Any] = MappingProxyType({}),
        controls: tuple[str, ...] = (),
        angles: tuple[str, ...] = (),
        units: Mapping[str, str] = MappingProxyType({}),
        limits: Limits = NONE,
        around: Any = None,
        substeps: int | None = None,
        tolerance: float = 1e-8,
    ) -> Self:
        """A motion in continuous time, dx = f(x, p, u) dt + dw with E[dw dwᵀ] = W(x, p, u) dt.

        Parameters
        ----------
        state : tuple of str
            Names of the n states, in order.
        drift : callable
            Returns f, the n values dx/dt, for (x, p); with controls for (x, p, u), which are held over a step. If it
            names t, also of the seconds since the start.
        noise_density : callable
            Returns W for the same arguments: the covariance (n, n) of the noise per second, in units of the states
            squared per second. Diagonal, of numbers, or a factor made by `fog.noise`.
        longest_step : float, optional
            The longest time between two rows (s). A row after a longer one is refused. Not needed for a linear chain
            of integrators, which has no limit.
        params, controls, angles, units, limits : optional
            As for `fog.Motion`.
        around : Belief or array_like, default zeros
            Where the states are: a belief, such as the start, or states, (n,) or (k, n), with values of the controls
            after them if you like; else controls count as 1. The number of substeps is chosen there.
        substeps : int, optional
            The number of substeps. By default the smallest one with an error below `tolerance` in `longest_step`.
        tolerance : float, default 1e-8
            Largest error of the transition per second of time, relative to the size that each entry may have.

        Returns
        -------
        Motion
            A motion as any other; `integration` and its repr say how it is integrated.

        Raises
        ------
        ModelError
            For a function that cannot be traced, a wrong shape, a drift that is not finite `around`, and one that is
            stiff: too fast for 64 substeps, or for the given number.

        Notes
        -----
        Where f is linear in the state and W does not depend on it, Φ = e^(A dt), ∫ e^(A s) ds and Q (Van Loan 1978)
        are exact to rounding; A may depend on parameters and controls. Otherwise mean and transition are those of the
        classical Runge-Kutta method, and Q is a quadrature along the same course, in factors: all of order 4 in
        dt / substeps. The error is estimated, by halving substeps `around`; elsewhere it may be larger.

        Examples
        --------
        >>> fog.Motion.continuous(
        ...     ("angle", "rate"),
        ...     drift=lambda x, p: [x.rate, -9.81 * np.sin(x.angle) - p.friction * x.rate],
        ...     noise_density=lambda x, p: fog.noise.factored([[0.0], [1.0]], [p.shake**2]),
        ...     params={"friction": 0.1, "shake": 0.2}, angles=("angle",), longest_step=0.05,
        ... )
        Motion(angle, rate; friction=0.1; shake=0.2; 8 substeps for steps of up to 0.05 s, error 9e-09 per second)
        """
        state = checks.names(state, "state")
        controls = checks.names(controls, "controls", empty=True)
        for function, name in ((drift, DRIFT), (noise_density, DENSITY)):
            if not callable(function) or hasattr(function, "key"):  # as one that is opaque
                raise ModelError.expected(
                    name,
                    function,
                    "a function that can be traced, since its derivative is needed",
                    "Write a function of x and p; or integrate it yourself, in a fog.opaque dynamics of a fog.Motion.",
                )
        values = parameters.read(params, "params").params
        for name in (name for name, value in values.items() if math.isnan(value)):
            raise ModelError(
                f"params[{name!r}] is shared, and another part states its value: expected it here, too, since the "
                "step is chosen at it. Write fog.shared('group.name', 0.4).",
                field="params",
                index=name,
            )
        found = Drift(state, controls, values, drift, noise_density)
        points = _points(around, found)
        _require_finite(found, points)
        step = step_of(found, points, longest_step, substeps, tolerance)
        make: Any = cls
        given: list[Any] = [step.dynamics, step.noise]
        return make(  # type: ignore[no-any-return]
            state,
            *(map(WithTime, given) if found.timed else given),
            params=params,
            controls=controls,
            angles=angles,
            units=units,
            limits=limits,
            integration=step.integration,
        )


def strictest(several: Iterable[Integration | None]) -> Integration | None:
    """The one with the shortest longest step, with the substeps of all of them."""
    found = [each for each in several if each is not None]
    if not found:
        return None
    shortest = min(found, key=lambda each: each.longest_step)
    return replace(shortest, chosen=tuple(chosen for each in found for chosen in each.chosen))


def _points(around: Any, drift: Drift) -> Floats:
    """The points (K, n + n_u) where errors are estimated: of a belief its mean, and one standard deviation from it."""
    n, held = len(drift.state), len(drift.controls)
    spread = np.zeros((0, n))
    if isinstance(around, Belief):
        if len(around.mean) == n:
            around = in_order(around, drift.state)
            spread = np.diag(np.where(np.isfinite(around.std), around.std, 0.0))
        around = around.mean
    points = np.zeros((1, n)) if around is None else np.atleast_2d(checks.numbers(around, "around"))
    if points.ndim != 2 or points.shape[1] not in (n, n + held) or not len(points):
        names = (*drift.state, *drift.controls)
        raise ModelError(
            f"around has shape {np.shape(around)}: expected ({n},) or (k, {n}), values of {', '.join(drift.state)}"
            + f"; or {n + held} values, of {', '.join(names)}" * bool(held)
            + ". Give the belief at the start, or states.",
            field="around",
            value=np.shape(around),
        )
    given = points[:, n:] if points.shape[1] > n else np.ones((len(points), held))
    mean = points[:1, :n]
    states = np.concatenate([points[:, :n], mean + spread, mean - spread])
    start = np.zeros((len(states), len(drift.names) - n))  # of t, if that is one of them
    return np.hstack([states, start, np.resize(given, (len(states), held))])


def _require_finite(drift: Drift, points: Floats) -> None:
    for point in points:
        with np.errstate(all="ignore"), outside() as beyond:
            f, W = drift.called(point)
            A = drift.recorded(*drift.at(point))[1]
        if (np.asarray(W.variances, dtype=float) < 0.0).any():
            raise ModelError(
                f"{DENSITY} has a variance per second of {np.min(W.variances):g}: expected >= 0. Square the standard "
                "deviation.",
                field=DENSITY,
                value=float(np.min(W.variances)),
            )
        shown = ", ".join(
            f"{name} = {v:.6g}" for name, v in zip((*drift.names, *drift.controls), point, strict=True)
        )
        for field_name, values in ((DRIFT, f), (f"the derivative of {DRIFT}", A), (DENSITY, W.cov)):
            found = np.asarray(values, dtype=float)
            for index in np.argwhere(~np.isfinite(found))[:1].tolist():
                label = ", ".join(drift.names[i] for i in index)
                raise ModelError(
                    f"{field_name} [{label}] = {found[tuple(index)]} at {shown}: expected a finite number. "
                    + "".join(f"{sentence} " for sentence in beyond[:1])
                    + "Give a state where it has a value, such as around=start, or guard the function with np.where.",
                    field=field_name,
                    index=label,
                    value=float(found[tuple(index)]),
                )
