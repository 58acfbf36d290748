"""The classic demonstration: a Gaussian pushed through a curved function, and the moments that each filter assumes.

The true mean and covariance come from quadrature. They are shown beside those of the Taylor term (EKF) and of sigma
points (UKF, CKF), each with its error in standard deviations.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.checks import is_whole
from foglight.core.errors import ModelError, NumericalError
from foglight.core.pictured import Pictured
from foglight.core.types import Floats
from foglight.data.table import Table
from foglight.diagnostics.compare.pushed_function import PlainCurve
from foglight.equations import ud
from foglight.equations.angles import wrap
from foglight.equations.gaussian import Belief as Factors
from foglight.equations.gaussian import Factored
from foglight.inference.random_numbers import normals, uniforms
from foglight.methods.ekf import EKF
from foglight.methods.method import Method
from foglight.methods.registry import checked_list
from foglight.methods.ukf import CKF, UKF
from foglight.model.belief import Belief, require_plain
from foglight.model.pickling import Portable

MOST_STATES = 3
MOST_POINTS = 1 << 19
MOST_CALLS = 1 << 16  # of a function that cannot be traced
REACH = 8.5  # standard deviations; the mass beyond is less than rounding, and the function often has no value there
SETTLED = 1e-10  # of a standard deviation: the change at which the quadrature has converged
ROUGH = 1e-3  # the same, beyond which the accuracy is reported


@dataclass(frozen=True)
class Moments:
    """mean (m,), cov (m, m), std (m,) of f(x), and their errors: mean_error (m,), that of the mean in true standard
    deviations, and std_ratio (m,), the std over the true one, NaN where the true one is 0."""

    mean: Floats
    cov: Floats
    mean_error: Floats
    std_ratio: Floats

    @property
    def std(self) -> Floats:
        """The standard deviations (m,)."""
        return np.sqrt(self.cov.diagonal())

    @property
    def worst(self) -> float:
        """The largest error of a mean, or change of a standard deviation, in true standard deviations."""
        both = np.concatenate([np.abs(self.mean_error), np.abs(self.std_ratio - 1.0)])
        return float(np.nanmax(both, initial=0.0))


class Pushed(Table, Pictured, Portable):
    """The moments of f(x). true: the exact `Moments`; methods: {"EKF()": Moments, …}, those that filters assume.

    accuracy: of the true moments, in their standard deviations: their change when the nodes were last doubled.
    """

    def __init__(
        self,
        curve: PlainCurve,
        belief: Belief,
        true: Moments,
        methods: dict[str, Moments],
        accuracy: float,
    ) -> None:
        self.belief = belief
        self.true = true
        self.methods = methods
        self.accuracy = accuracy
        self._curve = curve

    def samples(self, count: int = 1000, seed: int = 1) -> tuple[Floats, Floats]:
        """Random points (count, n) of the Gaussian, and f of each (count, m), for plots."""
        if not is_whole(count) or count < 1:
            raise ModelError.expected("count", count, "a whole number from 1", "Try samples(500).")
        n = len(self.belief.mean)
        U, D = self.belief.factor
        x = self.belief.mean + (normals(uniforms(seed, 0, (count, n, 2))) * np.sqrt(D)) @ U.T
        return x, self._curve.values(x)

    def columns(self) -> dict[str, NDArray[Any]]:
        """One row per method and value of f; the true moments first."""
        parts = {"true": self.true, **self.methods}
        m = len(self.true.mean)
        return {
            "method": np.repeat(list(parts), m),
            "value": np.tile(np.arange(m), len(parts)),
            "mean": np.concatenate([part.mean for part in parts.values()]),
            "std": np.concatenate([part.std for part in parts.values()]),
            "mean_error": np.concatenate([part.mean_error for part in parts.values()]),
            "std_ratio": np.concatenate([part.std_ratio for part in parts.values()]),
        }

    def __repr__(self) -> str:
        return f"{self.finding}\n{_table(self.columns())}"

    @property
    def finding(self) -> str:
        """Which method is nearest to the truth (the first, if several are equally near), in one sentence.

        A second sentence follows if the truth itself is known to less than a thousandth."""
        nearest = min(part.worst for part in self.methods.values()) + max(self.accuracy, SETTLED)
        best = next(name for name, part in self.methods.items() if part.worst <= nearest)
        errors = ", ".join(f"{name} {part.worst:.2g}" for name, part in self.methods.items())
        rough = f" The truth is known only to {self.accuracy:.1g}." if self.accuracy > ROUGH else ""
        return f"{best} is nearest to the truth. Errors in standard deviations: {errors}.{rough}"


def push(
    belief: Belief,
    f: Callable[[Any], Any],
    methods: Sequence[Method] | None = None,
    *,
    angles: Sequence[int] = (),
) -> Pushed:
    """Push a Gaussian through a function: the true mean and covariance of f(x), and those that each method assumes.

    Parameters
    ----------
    belief : Belief
        x ~ N(mean, cov) with 1 to 3 states, all of finite standard deviation.
    f : callable
        f(x) returns one or more numbers. It reads the states by name (`x.gap`; x0, x1, … if the belief has no names),
        by index, or x as an array. It is traced, unless it is declared `fog.opaque`.
    methods : sequence of Method, default [EKF(), UKF(), CKF()]
        The methods to compare, each at most once.
    angles : sequence of int, default ()
        The indices of those values of f that are angles in radians; their differences are wrapped.

    Returns
    -------
    Pushed
        Prints as a sentence and a table. `true` and `methods` hold the moments, `accuracy` that of the true ones;
        `samples(count)` draws points for plots, and there are `columns()` and `to_frame()`.

    Raises
    ------
    ModelError
        If `belief` has more than 3 states or an unknown one, or f cannot be called, or returns something other than
        numbers; if a method or an angle is invalid.
    NumericalError
        If f is not finite within 8.5 standard deviations of the mean.

    Notes
    -----
    The true moments come from the trapezoidal rule over 8.5 standard deviations, its nodes doubled until means and
    covariances change by less than 1e-10 standard deviations. Julier & Uhlmann 2004, §II, made this picture famous.

    Examples
    --------
    >>> polar = fog.Belief([1.0, 1.571], std=[0.02, 0.262], names=("range", "bearing"))
    >>> pushed = fog.push(polar, lambda x: [x.range * np.cos(x.bearing), x.range * np.sin(x.bearing)])
    >>> pushed.true.std.round(3), pushed.methods["EKF()"].std.round(3)
    (array([0.253, 0.051]), array([0.262, 0.02 ]))
    """
    if not isinstance(belief, Belief):
        raise ModelError.expected(
            "belief", belief, "a fog.Belief", "Write fog.Belief(mean=[...], std=[...])."
        )
    require_plain(belief, "push", "Push the angles of it, such as those of fog.rotation.to_euler.")
    n = len(belief.mean)
    if belief.unknown.size:
        raise ModelError(
            "belief has states of which nothing is known: expected finite standard deviations, since f(x) has no "
            "distribution otherwise. Give it a wide std.",
            field="belief",
            value=belief,
        )
    if n > MOST_STATES:
        raise ModelError(
            f"belief has {n} states: quadrature takes at most {MOST_STATES}. Push the states that f reads: "
            "fog.Belief(mean[:2], cov=cov[:2, :2]).",
            field="belief",
            value=n,
        )
    if not callable(f):
        raise ModelError.expected("f", f, "a function", "Write lambda x: [...].")
    names = belief.names or tuple(f"x{i}" for i in range(n))
    curve = PlainCurve(f, names, belief.mean, belief.std, angles)
    mean, cov, accuracy = _true_moments(curve, belief)
    true = _with_errors(mean, cov, mean, cov, curve.angles)
    found = {}
    for method in checked_list(methods, (EKF(), UKF(), CKF())):
        new = _factored(method).predict(Factors(belief.mean, *belief.factor), curve, _no_noise(curve.size))
        found[repr(method)] = _with_errors(new.x, ud.covariance(new.U, new.D), mean, cov, curve.angles)
    return Pushed(curve, belief, true, found, accuracy)


def _factored(method: Method) -> Method:
    """The method in its factored form: the two forms differ only by rounding."""
    return method if method.factored else EKF()


def _no_noise(m: int) -> Factored:
    return Factored(np.zeros((m, 0)), np.zeros(0))


def _with_errors(
    mean: Floats, cov: Floats, true_mean: Floats, true_cov: Floats, angles: tuple[int, ...]
) -> Moments:
    off, std = mean - true_mean, np.sqrt(true_cov.diagonal())
    for i in angles:
        off[i] = wrap(off[i])
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(off == 0.0, 0.0, off / std)
        ratio = np.where(std > 0.0, np.sqrt(cov.diagonal()) / std, np.nan)
    return Moments(mean, cov, error, ratio)


def _true_moments(curve: PlainCurve, belief: Belief) -> tuple[Floats, Floats, float]:
    """Mean, covariance, and their change when the nodes were last doubled, in standard deviations."""
    before: tuple[Floats, Floats] | None = None
    change = np.inf
    most = MOST_CALLS if curve.opaque else MOST_POINTS
    count = 16
    while count ** len(belief.mean) <= most:
        mean, cov = _moments(curve, belief, count)
        if before is not None:
            std = np.sqrt(cov.diagonal())
            scale = np.where(std > 0.0, std, 1.0)
            moved = np.abs(mean - before[0])
            for i in curve.angles:
                moved[i] = abs(wrap(moved[i]))
            change = float(
                max(np.max(moved / scale), np.max(np.abs(cov - before[1]) / np.outer(scale, scale)))
            )
            if change <= SETTLED:
                break
        before = mean, cov
        count *= 2
    return mean, cov, change


def _moments(curve: PlainCurve, belief: Belief, count: int) -> tuple[Floats, Floats]:
    """The moments by the trapezoidal rule with `count` nodes per axis.

    For a smooth f times a Gaussian it converges faster than any power of the distance of the nodes, and it still
    converges where f has a kink (Trefethen & Weideman 2014)."""
    n = len(belief.mean)
    U, D = belief.factor
    nodes = np.linspace(-REACH, REACH, count)
    lattice = np.stack(np.meshgrid(*[nodes] * n, indexing="ij"), axis=-1).reshape(-1, n)
    share = np.exp(-0.5 * np.sum(lattice * lattice, axis=1))
    share /= share.sum()
    points = belief.mean + (lattice * np.sqrt(D)) @ U.T
    values = curve.values(points)
    centre = curve.value(belief.mean)
    for k in np.flatnonzero(~np.isfinite(values).all(axis=1))[:1]:
        given = ", ".join(f"{name} = {v:.6g}" for name, v in zip(curve.names, points[k], strict=True))
        raise NumericalError(
            f"f({given}) = {values[k].tolist()}: expected finite numbers within {REACH} standard deviations of the "
            "mean. Narrow the belief, or give f a value there.",
            field="f",
            value=values[k],
        )
    off = values - centre
    for i in curve.angles:
        off[:, i] = wrap(off[:, i])
    shift = share @ off
    off = off - shift
    mean = centre + shift
    for i in curve.angles:
        mean[i] = wrap(mean[i])
    return mean, (share[:, None] * off).T @ off


def _table(columns: dict[str, NDArray[Any]]) -> str:
    wide = max(14, *(len(method) + 2 for method in columns["method"]))
    lines = [f"{'method':<{wide}}{'value':>6}{'mean':>13}{'std':>13}{'mean off by':>13}{'std ratio':>11}"]
    for method, value, mean, std, error, ratio in zip(*columns.values(), strict=True):
        shown = mean if abs(mean) > SETTLED * std else 0.0  # a mean of rounding errors
        rounded = round(float(error), 3) + 0.0
        lines.append(f"{method:<{wide}}{value:>6}{shown:>13.6g}{std:>13.6g}{rounded:>+13.3f}{ratio:>11.3f}")
    return "\n".join(lines)
