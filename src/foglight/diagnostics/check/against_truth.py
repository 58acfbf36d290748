"""Estimates against the truth: errors in units of what the filter says they are.

Errors of successive rows are alike, so N rows count for N/τ of them, τ = 1 + 2 Σ ρ_l the integrated
autocorrelation time of the series that is averaged, summed while pairs of ρ stay positive (Geyer 1992, §3.3).
τ comes from the same errors, and of few independent ones it comes out too small: so a mean is held against Student's t,
with a degree of freedom for four of them, and τ is at least what the model says of it (`trajectory.correlation_times`).
The squares of errors that are alike by ρ are alike by ρ², so the same τ is more than enough for them.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Floats
from foglight.diagnostics.check.statistics import Mean
from foglight.diagnostics.chi_square import student, sum_bounds

_LONGEST = 2000  # rows over which errors are looked at for likeness


class StateError(NamedTuple):
    """One state: its mean error over its std, the bound of that, and the mean square of errors over variances.

    worth: independent errors that the mean is worth.  size: the mean error in the state's own unit.
    """

    name: str
    mean: float
    bound: float
    spread: Mean
    worth: float
    size: float

    @property
    def biased(self) -> bool:
        return abs(self.mean) > self.bound


def state_error(
    name: str, error: Floats, std: Floats, track: NDArray[np.int64], level: float, time: float = 1.0
) -> StateError | None:
    """From errors (N,) and stds (N,), rows of all tracks one after another; None where nothing is known.

    time: τ as the model has it; where the errors seem to change faster, it counts.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        t = error / std
    known = np.isfinite(t)
    if known.sum() < 2:
        return None
    t, where = t[known], track[known]
    mean = float(t.mean())
    count = len(t) / max(correlation_time(t - mean, where), time)
    bound = student(0.25 * count, level) / np.sqrt(count)
    return StateError(
        name,
        mean,
        float(bound),
        _spread(t**2, where, level, np.ones(len(t)), time),
        count,
        float(error[known].mean()),
    )


def nees_mean(
    nees: Floats, known: NDArray[np.int64], track: NDArray[np.int64], level: float, time: float = 1.0
) -> Mean:
    """The mean NEES by degree of freedom, of rows (N,) with so many known states; time: τ at least."""
    rows = np.isfinite(nees) & (known > 0)
    if rows.sum() < 2:
        return Mean(np.nan, np.nan, np.nan, 0)
    return _spread(nees[rows] / known[rows], track[rows], level, known[rows].astype(float), time)


def _spread(square: Floats, track: NDArray[np.int64], level: float, dof: Floats, time: float) -> Mean:
    count = len(square) / max(correlation_time(square - square.mean(), track), time)
    worth = max(count * float(dof.mean()), 1.0)
    low, high = sum_bounds(worth, 2.0 * worth, level)
    return Mean(float(square.mean()), low / worth, high / worth, round(worth))


def correlation_time(value: Floats, track: NDArray[np.int64]) -> float:
    """τ >= 1 of a series of mean 0, tracks one after another."""
    n = len(value)
    power = float(np.mean(value * value))
    if power <= 0.0:
        return 1.0
    rho = [1.0]
    for lag in range(1, min(_LONGEST, n // 2)):
        products = value[lag:] * value[:-lag]
        if track[0] != track[-1]:
            products = products[track[lag:] == track[:-lag]]
        if not len(products):
            break
        rho.append(float(products.sum()) / n / power)
        if len(rho) % 2 == 0 and rho[-1] + rho[-2] <= 0.0:
            del rho[-2:]
            break
    return max(1.0, 2.0 * sum(rho) - 1.0) if rho else 1.0
