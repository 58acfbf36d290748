"""The model linearised along a trajectory: unobservable states, correlation times and lower bounds of errors."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.engine.arrays import Arrays
from foglight.core.errors import FoglightError
from foglight.core.types import Floats
from foglight.diagnostics.check.health import UNSEEN, Row
from foglight.diagnostics.check.innovations import Innovations
from foglight.equations.textbook import predict, update_joseph
from foglight.inference.linearised import Linearised, linearised
from foglight.inference.run import Run

_CORRELATION_ROWS = 4000  # rows over which errors are propagated, at most
BOUND_ROWS = 2000  # rows for which the lower bound is computed, at most
OBSERVED_ROWS = 2000  # rows whose information is summed, at most
_INTERVAL = 50  # rows after which it is checked whether everything is observed
_LARGEST = 1e100  # of Φ: a direction that grows beyond has been observed by then, or never will be
_NOTHING = 1e-6  # information that narrows a belief by half a millionth
_ROUNDING = 1e-13  # of the largest information
_MEMORY = 50  # rows, or as many as there are states, after which a direction may be forgotten
_FORGOTTEN = 1e-3  # what is left of it then, at most: its square is _NOTHING
_SHOWN = 4  # states of a combination that are named


def unobservable_states(run: Run, found: Innovations) -> list[str]:
    """A note for each combination of states on which the first track has no information."""
    states, rows = run.model.state, _first_rows(run, OBSERVED_ROWS)
    mean = run.filtered.mean
    mean = mean[0] if mean.ndim == 3 else mean
    try:
        along = linearised(run.model, _part(run, rows), mean[:rows])
    except FoglightError:
        return []
    if along is None:
        return []
    scale = _scale(run, mean[:rows])
    information = start_information(along, found.used[:rows], scale)
    return [
        f"{UNSEEN} if at the start {change}: the filter learns nothing about it beyond the start. Leave it "
        "out of the model, or add a sensor that observes it."
        for change in unobservable(information, along, states, scale)
    ]


def bound_rows(run: Run, found: Innovations, error: Floats) -> list[Row]:
    """One line per state: the RMS error over that of the best possible filter (PCRLB), along the first track."""
    start = run.model.start
    if start is None or not np.isfinite(start.std).all():
        return []
    rows, n = _first_rows(run, BOUND_ROWS), len(run.model.state)
    error = (error[0] if error.ndim == 3 else error)[:rows]
    mean = run.filtered.mean
    mean = (mean[0] if mean.ndim == 3 else mean)[:rows]
    truth = np.stack(run.model.charts.moved(list(mean.T), list(-error.T)), axis=1)
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
        np.diagonal(lower_bound(along, found.used[:rows], arrays.dt, start.cov), axis1=1, axis2=2).mean(
            axis=0
        )
    )
    achieved = np.sqrt(np.mean(error**2, axis=0))
    return [
        Row("RMSE / lower bound", run.model.state[i], float(achieved[i] / best[i]), np.nan, np.nan, rows)
        for i in range(n)
        if best[i] > 0.0
    ]


def correlation_times(run: Run, known: NDArray[np.bool_]) -> Floats:
    """The correlation time τ of each state's error over its std (n,), according to the model, along the first track.

    It is 1 where it cannot be computed. known (T, n): the errors of the first track that are averaged.
    Errors propagate as e' = A e + new noise, with A = P P⁻¹(before the readings) F, so Var Σ t follows row by row from
    c = Cov(e, Σ t): c' = A c + P/std (Anderson & Moore 1979, §5.3).
    """
    rows, n = _first_rows(run, _CORRELATION_ROWS), len(run.model.state)
    first = [np.asarray(v) for v in (run.filtered.mean, run.filtered.cov, run.predicted.cov)]
    mean, P, before = (v[0, :rows] if run.log.tracks is not None else v[:rows] for v in first)
    finite = np.isfinite(P).all(axis=(1, 2)) & np.isfinite(before).all(axis=(1, 2))
    uncorrelated = np.ones(n)
    try:
        along = linearised(run.model, _part(run, rows), mean)
    except FoglightError:
        return uncorrelated
    if along is None or not finite.any():
        return uncorrelated
    begin = rows - int(np.argmin(finite[::-1])) if not finite.all() else 0
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


def _first_rows(run: Run, most: int) -> int:
    """The number of rows of the first track, at most `most`."""
    first = run._arrays.first
    end = len(run.log) if first is None or len(first) < 2 else int(first[1])
    return min(end, most)


def _part(run: Run, rows: int) -> Arrays:
    """The first rows of the first track."""
    arrays = run._arrays
    return replace(arrays, dt=arrays.dt[:rows], u=arrays.u[:1, :rows], row=arrays.row[:1, :rows])


def _scale(run: Run, mean: Floats) -> Floats:
    """The standard deviations of the start; where they are 0 or unknown, the largest absolute value of the state."""
    size = np.array([np.max(np.abs(x), initial=0.0) for x in run.model.charts.coordinates(list(mean.T))])
    size = np.where(np.isfinite(size) & (size > 0.0), size, 1.0)
    if run.model.start is None:
        return size
    std = run.model.start.std
    return np.where(np.isfinite(std) & (std > 0.0), std, size)


def lower_bound(along: Linearised, used: NDArray[np.bool_], dt: Floats, P: Floats) -> Floats:
    """The posterior Cramér–Rao lower bound J⁻¹ (T, n, n) of each row: the least error covariance of any filter.

    used (T, M): the readings that were used.  P (n, n): the covariance at the start.

        J_{k+1} = D22 - D21 (J_k + D11)⁻¹ D12,  D11 = Fᵀ Q⁻¹ F,  D12 = -Fᵀ Q⁻¹,  D22 = Q⁻¹ + Hᵀ R⁻¹ H

    with F and H at the true states (Tichavský, Muravchik & Nehorai 1998, eqs. 21 and 34–36). By the matrix inversion
    lemma its inverse is predicted as F J⁻¹ Fᵀ + Q and updated by each reading, which needs no Q⁻¹; here in Joseph's
    form, so that Q may be singular. For a linear model it is the filter's own covariance.
    """
    T, n = len(used), len(P)
    bound, nothing = np.empty((T, n, n)), np.zeros(n)
    for k in range(T):
        if dt[k] > 0.0:
            P = predict(P, along.F[k], along.Q[k])
        measured = np.flatnonzero(used[k])
        if len(measured):
            H, R = along.H[k][measured], along.R[k][np.ix_(measured, measured)]
            P = update_joseph(nothing, P, H, R, np.zeros(len(measured)))[1]
        bound[k] = P
    return bound


class StartInformation(NamedTuple):
    """Information by direction, smallest first: λ (n,), and the directions (n, n) in scaled states, one per row."""

    information: Floats
    directions: Floats


def start_information(along: Linearised, used: NDArray[np.bool_], scale: Floats) -> StartInformation:
    """The information of all readings on x_0, if there were no process noise.

    O = Σ (H_k Φ_k)ᵀ R_k⁻¹ H_k Φ_k with Φ_k = F_k … F_1 (Jazwinski 1970, §7.4), of the used components (T, M), in states
    divided by `scale` (n,). If these are the start's standard deviations, the result does not depend on units, and the
    standard deviation of a direction of information λ shrinks to 1/√(1 + λ): near 0 the log says nothing about it.
    """
    n = len(scale)
    Phi, total = np.eye(n), np.zeros((n, n))
    for k in range(min(len(used), OBSERVED_ROWS)):
        if k and not k % _INTERVAL and not _without_information(np.linalg.eigvalsh(total)).any():
            break
        if k:
            Phi = along.F[k] @ Phi
            if not np.isfinite(Phi).all() or np.abs(Phi).max() > _LARGEST:
                break
        measured = used[k]
        if not measured.any():
            continue
        h, variance = _independent(along.H[k][measured] @ Phi * scale, along.R[k][np.ix_(measured, measured)])
        # A reading without noise has infinite information: it counts as if its noise were as large as the start's.
        variance = np.where(variance > 0.0, variance, np.sum(h * h, axis=1))
        informative = variance > 0.0
        total += h[informative].T @ (h[informative] / variance[informative, None])
    values, vectors = np.linalg.eigh(0.5 * (total + total.T))
    return StartInformation(np.maximum(values, 0.0), vectors.T)


def _independent(h: Floats, R: Floats) -> tuple[Floats, Floats]:
    """Readings h (m, n) with noise R (m, m), transformed to independent noises, and the variances of these (m,)."""
    std = np.sqrt(np.diagonal(R))
    std = np.where(std > 0.0, std, 1.0)
    variance, axes = np.linalg.eigh(R / np.outer(std, std))
    return axes.T @ (h / std[:, None]), np.where(variance > _ROUNDING, variance, 0.0)


def unobservable(
    found: StartInformation, along: Linearised, states: tuple[str, ...], scale: Floats
) -> list[str]:
    """The combinations of states that can change without changing any reading of the log, in words.

    Not those that the dynamics soon forget, such as the last of several lags: they are no states to leave out.
    """
    directions = found.directions[_without_information(found.information)]
    moved = directions.T
    for F in along.F[1 : max(len(scale), _MEMORY) + 1]:
        moved = (F * scale / scale[:, None]) @ moved
    if len(directions) and np.isfinite(moved).all():
        _, size, turns = np.linalg.svd(moved, full_matrices=False)
        if size[-1] <= _FORGOTTEN:
            directions = turns[size > _FORGOTTEN] @ directions
    return [combination(direction * scale, states) for direction in directions]


def _without_information(information: NDArray[Any]) -> NDArray[np.bool_]:
    """Which directions have no information beyond rounding."""
    least = max(_NOTHING, _ROUNDING * float(information.max(initial=0.0)))
    without: NDArray[np.bool_] = information <= least
    return without


def combination(direction: Floats, states: tuple[str, ...]) -> str:
    """A direction in the states' own units, the largest part as 1: "x moves by 1 and y by -0.5", or "x moves"."""
    weight = np.abs(direction) / max(float(np.abs(direction).max()), 1e-300)
    order = [int(i) for i in np.argsort(-weight, kind="stable") if weight[i] > 1e-3]
    if len(order) == 1:
        return f"{states[order[0]]} moves"
    shares = [f"{states[i]} by {float(direction[i] / direction[order[0]]):.3g}" for i in order[1:_SHOWN]]
    if len(order) > _SHOWN:
        shares.append(f"{len(order) - _SHOWN} more states with them")
    return " and ".join([f"{states[order[0]]} moves by 1", *shares])
