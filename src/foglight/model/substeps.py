"""How many substeps a step needs: error and stability of the Runge-Kutta method, estimated where it will run."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import ModelError
from foglight.core.types import Array, Floats
from foglight.equations.runge_kutta import flow
from foglight.model.drift import Drift

MOST = 64  # that are chosen here; more can be asked for
_RICHARDSON = 16.0 / 15.0  # the error of order 4 from its change when the substep is halved


class Bend:
    """The drift at some points (K, n + n_u), states and controls.  longest: the step of interest (s)."""

    def __init__(self, drift: Drift, points: Floats, longest: float) -> None:
        self._x, *self._arguments = drift.at(points.T)
        self._drift = drift
        A = drift.recorded(self._x, *self._arguments)[1]
        self.modes = np.linalg.eigvals(np.moveaxis(A, -1, 0)).ravel()  # 1/s
        self._sizes = _sizes(np.abs(A).max(axis=-1), longest)

    @property
    def fastest(self) -> float:
        """The largest |λ| of the eigenvalues of A (1/s)."""
        return float(np.abs(self.modes).max())

    def error(self, h: float) -> float:
        """The error of Φ per second of time with substeps of h, relative to the size that each of its entries may have.

        The change from one substep of h to two of h/2. No scaling of the states changes it.
        """
        n, count = self._x.shape
        identity = np.repeat(np.eye(n)[:, :, None], count, axis=2)
        start = np.concatenate([self._x[:, None, :], identity], axis=1)
        with np.errstate(all="ignore"):
            gap = np.abs(flow(self._both, start, h, 1) - flow(self._both, start, 0.5 * h, 2))[:, 1:]
            sizes = self._sizes[:, :, None]
            shares = np.where(gap > 0.0, gap / np.where(sizes > 0.0, sizes, np.inf), 0.0)
        worst = float(shares.max()) if np.isfinite(gap).all() else math.inf
        return _RICHARDSON * worst / h

    def unstable(self, h: float) -> bool:
        """Whether the method lets something grow, over a substep of h, that does not grow."""
        z = self.modes * h
        with np.errstate(over="ignore"):
            factor = np.abs(1.0 + z * (1.0 + z / 2.0 * (1.0 + z / 3.0 * (1.0 + z / 4.0))))
            grows = factor > np.maximum(np.abs(np.exp(z)), 1.0)
        return bool(np.any((np.abs(z) > 1.0) & grows))  # below 1 the factor exceeds 1 by rounding only

    def _both(self, y: Array) -> Array:
        f, A = self._drift.recorded(y[:, 0], *self._arguments)
        return np.concatenate([f[:, None], np.einsum("ijk,jlk->ilk", A, y[:, 1:])], axis=1)


def _sizes(A: Floats, longest: float) -> Floats:
    """The size that entries of Φ reach in the system's own time τ: e^(A τ) / e of non-negative A (n, n).

    τ = 1/ρ(A); the longest step where nothing feeds back. In other units of the states it changes as Φ does.
    """
    n = len(A)
    A = A / radius(A) if chain_length(A > 0.0) is None else A * longest
    term, total = np.eye(n), np.eye(n)
    for k in range(1, n + 30):
        term = term @ A / k
        total = total + term
    return total / math.e


def radius(A: Floats) -> float:
    """The largest absolute value of an eigenvalue."""
    return float(np.abs(np.linalg.eigvals(A)).max())


def chain_length(nonzero: NDArray[np.bool_]) -> int | None:
    """The smallest r for which A^r = 0 whatever the values of these nonzero entries; None if something feeds back."""
    power = nonzero
    for r in range(1, len(nonzero) + 1):
        if not power.any():
            return r
        power = power @ nonzero
    return None


def needed(bend: Bend, longest: float, tolerance: float) -> int:
    """The smallest number of substeps for an error below the tolerance. ModelError if it is more than `MOST`."""
    count = 1
    while True:
        h = longest / count
        error = math.inf if bend.unstable(h) else bend.error(h)
        if error <= tolerance:
            return count
        if count >= MOST:
            raise _too_many(bend, longest, tolerance)
        # Of order 4; a step that is too long for it is halved at most.
        more = min((error / tolerance) ** 0.25, 2.0)
        count = min(max(count + 1, math.floor(count * more)), MOST)


@dataclass(frozen=True)
class Chosen:
    """A number of substeps, and what it was chosen for: the drift at the points (K, n + n_u), and the longest step (s).

    tolerance: of the error per second; inf where the number was given.
    """

    drift: Drift
    points: Floats
    longest: float
    count: int
    tolerance: float

    def require(self, params: Mapping[str, float]) -> None:
        """ModelError if it makes the drift unstable at these parameters, or leaves less than half of the digits."""
        if not params.keys() >= set(self.drift.params):
            return  # a motion of one's own that calls this one, with parameters of other names
        drift = self.drift.with_parameters(params)
        if drift.values == self.drift.values:
            return
        with np.errstate(all="ignore"):
            if not np.isfinite(drift.recorded(*drift.at(self.points.T))[1]).all():
                return  # rows where it is not finite are refused
            bend = Bend(drift, self.points, self.longest)
        pairs = zip(drift.params, drift.values, self.drift.values, strict=True)
        where = ", ".join(f"{name} = {value:g}" for name, value, before in pairs if value != before)
        require_stable(bend, self.longest, self.count, f"{where}: ")
        error = bend.error(self.longest / self.count) if math.isfinite(self.tolerance) else 0.0
        if error > max(math.sqrt(self.tolerance), self.tolerance):
            raise ModelError(
                f"{where}: the drift is stiff, too fast for the {self.count} substeps that the motion was made with. "
                f"Their error is {error:.2g} per second: expected about {self.tolerance:g}, its tolerance. Make the "
                "motion with these parameters, or give more substeps.",
                field="tolerance",
                value=error,
            )


def require_stable(bend: Bend, longest: float, count: int, where: str = "") -> None:
    """ModelError if this number of substeps makes something grow that decays."""
    h = longest / count
    if not bend.unstable(h):
        return
    least = f"{np.ceil(bend.fastest * longest / 2.5):.9g}"
    raise ModelError(
        f"{where}substeps = {count}: the drift is stiff. Its fastest part changes within {1.0 / bend.fastest:.2g} s, "
        f"and in substeps of {h:.2g} s the Runge-Kutta method would let it grow without bound: expected about {least} "
        f"or more for steps of {longest:g} s. Give substeps={least}, or leave the fast part out: replace its states by "
        "the values they settle at.",
        field="substeps",
        value=count,
    )


def _too_many(bend: Bend, longest: float, tolerance: float) -> ModelError:
    rate = bend.fastest
    h = longest / MOST
    if bend.unstable(h):
        least = math.ceil(rate * longest / 2.5)
        return ModelError(
            f"longest_step = {longest:g} s: the drift is stiff. Its fastest part changes within {1.0 / rate:.2g} s, "
            f"so that the Runge-Kutta method needs {least} substeps only to stay stable: expected at most {MOST}. "
            "Leave the fast part out: replace its states by the values they settle at, or declare shorter steps.",
            field="longest_step",
            value=longest,
        )
    error = bend.error(h)
    if not math.isfinite(error):
        return ModelError(
            f"longest_step = {longest:g} s: the drift is not finite on the way, even in substeps of {h:.2g} s. Give a "
            "state where it is, such as around=start, or declare shorter steps.",
            field="longest_step",
            value=longest,
        )
    count = math.ceil(MOST * (error / tolerance) ** 0.25)
    return ModelError(
        f"longest_step = {longest:g} s: an error of {tolerance:g} per second needs {count} substeps; expected at most "
        f"{MOST}, which leave {error:.2g}. Give tolerance={10.0 ** math.ceil(math.log10(error)):g}, or "
        f"substeps={count}, which is slow, or declare shorter steps.",
        field="longest_step",
        value=longest,
    )
