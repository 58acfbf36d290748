"""What the model linearised along a trajectory says: states that nothing sees, and errors against their lower bound."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import FoglightError
from foglight.core.types import Floats
from foglight.diagnostics.check import bound, observability
from foglight.diagnostics.check.health import Row
from foglight.diagnostics.check.innovations import Innovations
from foglight.diagnostics.check.linearised import linearised

if TYPE_CHECKING:
    from foglight.compiler.engine.arrays import Arrays
    from foglight.inference.run import Run

_FOLLOWED = 4000  # rows along which errors are followed


def unseen_states(run: "Run", found: Innovations) -> list[str]:
    """A note for each combination of states of which the first track says nothing."""
    states, rows = run.model.state, _first_rows(run, observability.ROWS)
    mean = run.filtered.mean
    mean = mean[0] if mean.ndim == 3 else mean
    try:
        along = linearised(run.model, _part(run, rows), mean[:rows])
    except FoglightError:
        return []
    if along is None:
        return []
    scale = _scale(run, mean[:rows])
    seen = observability.seen_of_start(along, found.used[:rows], scale)
    told = observability.unseen(seen, states, scale)
    return [
        f"no reading changes when at the start {moved}: of that the filter knows what the start says, and no more. "
        "Leave it out of the model, or add a sensor that sees it."
        for moved in told
    ]


def bound_rows(run: "Run", found: Innovations, error: Floats) -> list[Row]:
    """A line a state: the RMS error over that of the best filter there could be (PCRLB), along the first track."""
    start = run.model.start
    if start is None or not np.isfinite(start.std).all():
        return []
    rows, n = _first_rows(run, bound.ROWS), len(run.model.state)
    error = (error[0] if error.ndim == 3 else error)[:rows]
    mean = run.filtered.mean
    truth = (mean[0] if mean.ndim == 3 else mean)[:rows] - error
    if np.isnan(truth).any():
        return []
    arrays = _part(run, rows)
    try:
        along = linearised(run.model, arrays, truth)
    except FoglightError:
        return []
    if along is None:
        return []
    best = np.sqrt(
        np.diagonal(bound.lower_bound(along, found.used[:rows], arrays.dt, start.cov), axis1=1, axis2=2).mean(
            axis=0
        )
    )
    achieved = np.sqrt(np.mean(error**2, axis=0))
    return [
        Row("RMSE / lower bound", run.model.state[i], float(achieved[i] / best[i]), np.nan, np.nan, rows)
        for i in range(n)
        if best[i] > 0.0
    ]


def correlation_times(run: "Run", known: NDArray[np.bool_]) -> Floats:
    """τ of the mean of each state's error over its std (n,), as the model has it, along the first track; 1 where that
    cannot be said. known (T, n): errors that are averaged, of the first track.

    Errors go by e' = A e + what is new, with A = P P⁻¹(before the readings) F, so Var Σ t follows row by row from
    c = Cov(e, Σ t): c' = A c + P/std (Anderson & Moore 1979, §5.3).
    """
    rows, n = _first_rows(run, _FOLLOWED), len(run.model.state)
    first = [np.asarray(v) for v in (run.filtered.mean, run.filtered.cov, run.predicted.cov)]
    mean, P, before = (v[0, :rows] if run.log.tracks is not None else v[:rows] for v in first)
    there = np.isfinite(P).all(axis=(1, 2)) & np.isfinite(before).all(axis=(1, 2))
    none = np.ones(n)
    try:
        along = linearised(run.model, _part(run, rows), mean)
    except FoglightError:
        return none
    if along is None or not there.any():
        return none
    begin = rows - int(np.argmin(there[::-1])) if not there.all() else 0
    std = np.sqrt(np.diagonal(P, axis1=1, axis2=2))
    weight = (known[:rows] & (std > 0.0)) / np.where(std > 0.0, std, 1.0)
    size = np.sqrt(np.diagonal(before[begin:], axis1=1, axis2=2))
    size = np.where(size > 0.0, size, 1.0)
    scaled = before[begin:] / (size[:, :, None] * size[:, None, :])
    A = (
        (P[begin:] / size[:, None, :])
        @ np.linalg.pinv(scaled, hermitian=True)
        / size[:, None, :]
        @ along.F[begin:]
    )
    common, variance = np.zeros((n, n)), np.zeros(n)
    for k in range(begin, rows):
        common = A[k - begin] @ common
        variance += weight[k] * (2.0 * np.diagonal(common) + weight[k] * np.diagonal(P[k]))
        common += P[k] * weight[k]
    count = (weight[begin:] > 0.0).sum(axis=0)
    times = variance / np.maximum(count, 1)
    return np.where(np.isfinite(times), np.maximum(times, 1.0), 1.0)


def _first_rows(run: "Run", most: int) -> int:
    """Rows of the first track, at most so many."""
    first = run._arrays.first
    end = len(run.log) if first is None or len(first) < 2 else int(first[1])
    return min(end, most)


def _part(run: "Run", rows: int) -> "Arrays":
    arrays = run._arrays
    return replace(arrays, dt=arrays.dt[:rows], u=arrays.u[:1, :rows], row=arrays.row[:1, :rows])


def _scale(run: "Run", mean: Floats) -> Floats:
    """The start's deviations; where they are 0 or unknown, the size of the state."""
    size = np.abs(mean).max(axis=0, initial=0.0)
    size = np.where(np.isfinite(size) & (size > 0.0), size, 1.0)
    if run.model.start is None:
        return size
    std = run.model.start.std
    return np.where(np.isfinite(std) & (std > 0.0), std, size)
