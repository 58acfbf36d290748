"""What is wrong with what a picture shows, in a sentence; none where chance explains it."""

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Floats
from foglight.diagnostics.check.correlations import correlation_time
from foglight.diagnostics.check.statistics import share_bounds

LEVEL = 1e-3  # the probability that chance alone earns a sentence
_FEWEST = 20  # independent values below which nothing is said
_SIGMAS = 3.29  # N(0, 1) is beyond with probability LEVEL


def outside(inside: NDArray[np.bool_], errors: Floats, probability: float, what: str, band: str) -> list[str]:
    """That another share than `probability` of some values is inside their band: inside (N,), in order of time.

    errors (N,) or (N, k): how far off they are, in standard deviations. Neighbours that err alike count as one, by the
    correlation time of what lasts longer; where few are left, nothing is said.
    """
    count = len(inside)
    if count < _FEWEST:
        return []
    share, track = float(np.mean(inside)), np.zeros(count, np.int64)
    series = np.column_stack([inside.astype(np.float64), errors])
    tau = max(correlation_time(value, track) for value in (series - series.mean(axis=0)).T)
    effective = int(count / tau)
    low, high = share_bounds(probability, max(effective, 1), LEVEL)
    if effective < _FEWEST or low <= share <= high:
        return []
    why = "too narrow" if share < probability else "too wide"
    return [
        f"{what} is inside {band} in {100 * share:.3g} % of the rows, not {100 * probability:g} %: it is {why}."
    ]


def outside_band(
    errors: Floats, std: Floats, reach: float, probability: float, what: str, band: str
) -> list[str]:
    """The same of errors (N,) and their standard deviations, within a band of ± reach std; NaN where there are none."""
    there = np.isfinite(errors) & np.isfinite(std)
    e, s = errors[there], std[there]
    return outside(np.abs(e) <= reach * s, e / np.where(s > 0.0, s, 1.0), probability, what, band)


def off_zero(values: Floats, std: Floats, what: str, unit: str) -> list[str]:
    """That the mean of innovations (N,) is not 0, or that they have another size than their std (N,) says."""
    there = np.isfinite(values) & np.isfinite(std) & (std > 0.0)
    e, s = values[there], std[there]
    if len(e) < _FEWEST:
        return []
    z = e / s
    tau = correlation_time(z - z.mean(), np.zeros(len(z), np.int64))
    said = []
    if abs(z.mean()) > _SIGMAS * np.sqrt(max(tau, 1.0) / len(z)):
        mean = f"{e.mean():+.3g}{' ' + unit if unit else ''}"
        said.append(f"{what} is off zero by {mean} on average: a bias.")
    share = float(np.mean(np.abs(z) <= 2.0))
    low, high = share_bounds(0.9545, len(z), LEVEL)
    if not low <= share <= high:
        words = ("more", "larger") if share < low else ("less", "smaller")
        said.append(
            f"{100 * (1 - share):.2g} % of {what} are beyond ±2σ, not 4.6 %: the noise is {words[1]} than the model "
            "states."
        )  # fmt: skip
    return said


def mean_square(value: float, low: float, high: float, what: str, of: str) -> list[str]:
    """That a mean square is outside its band."""
    if not np.isfinite(value) or low <= value <= high:
        return []
    side, why = ("above", "overconfident") if value > high else ("below", "too cautious")
    return [f"{what} is {value:.3g} per {of}, {side} its band {low:.3g} to {high:.3g}: the filter is {why}."]


def unknown(std: Floats, what: str) -> list[str]:
    """That some rows of a state have no standard deviation, because nothing determines it there."""
    count = int(np.isinf(std).sum())
    if not count:
        return []
    return [f"Nothing determines {what} in {count} of {len(std)} rows."]


def chance(variance: float) -> float:
    """How far chance takes a mean of this variance from its expectation."""
    return float(_SIGMAS * np.sqrt(variance))
