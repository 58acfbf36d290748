"""What the model linearised along a trajectory says: states that nothing sees, and errors against their lower bound."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.engine.arrays import Arrays
from foglight.core.errors import FoglightError
from foglight.core.types import Floats
from foglight.diagnostics.check.health import Row
from foglight.diagnostics.check.innovations import Innovations
from foglight.equations.textbook import predict, update_joseph
from foglight.inference.linearised import Linearised, linearised
from foglight.inference.run import Run

_FOLLOWED = 4000  # rows along which errors are followed
BOUND_ROWS = 2000  # for which the lower bound is computed
SEEN_ROWS = 2000  # that are looked at for what the readings see, at most
_SOME = 50  # rows after which it is asked whether everything has been seen
_LARGEST = 1e100  # of Φ: what grows beyond has shown itself, or never will
_NOTHING = 1e-6  # information that narrows a belief by half a millionth
_ROUNDING = 1e-13  # of the largest information


def unseen_states(run: Run, found: Innovations) -> list[str]:
    """A note for each combination of states of which the first track says nothing."""
    states, rows = run.model.state, _first_rows(run, SEEN_ROWS)
    mean = run.filtered.mean
    mean = mean[0] if mean.ndim == 3 else mean
    try:
        along = linearised(run.model, _part(run, rows), mean[:rows])
    except FoglightError:
        return []
    if along is None:
        return []
    scale = _scale(run, mean[:rows])
    seen = seen_of_start(along, found.used[:rows], scale)
    told = unseen(seen, states, scale)
    return [
        f"no reading changes when at the start {moved}: of that the filter knows what the start says, and no more. "
        "Leave it out of the model, or add a sensor that sees it."
        for moved in told
    ]


def bound_rows(run: Run, found: Innovations, error: Floats) -> list[Row]:
    """A line a state: the RMS error over that of the best filter there could be (PCRLB), along the first track."""
    start = run.model.start
    if start is None or not np.isfinite(start.std).all():
        return []
    rows, n = _first_rows(run, BOUND_ROWS), len(run.model.state)
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


def _first_rows(run: Run, most: int) -> int:
    """Rows of the first track, at most so many."""
    first = run._arrays.first
    end = len(run.log) if first is None or len(first) < 2 else int(first[1])
    return min(end, most)


def _part(run: Run, rows: int) -> Arrays:
    arrays = run._arrays
    return replace(arrays, dt=arrays.dt[:rows], u=arrays.u[:1, :rows], row=arrays.row[:1, :rows])


def _scale(run: Run, mean: Floats) -> Floats:
    """The start's deviations; where they are 0 or unknown, the size of the state."""
    size = np.abs(mean).max(axis=0, initial=0.0)
    size = np.where(np.isfinite(size) & (size > 0.0), size, 1.0)
    if run.model.start is None:
        return size
    std = run.model.start.std
    return np.where(np.isfinite(std) & (std > 0.0), std, size)


def lower_bound(along: Linearised, used: NDArray[np.bool_], dt: Floats, P: Floats) -> Floats:
    """The posterior Cramér–Rao lower bound J⁻¹ (T, n, n) of each row: how well any filter could do, along the truth.

    used (T, M): the readings that were used.  P (n, n): the covariance at the start.

        J_{k+1} = D22 - D21 (J_k + D11)⁻¹ D12,  D11 = Fᵀ Q⁻¹ F,  D12 = -Fᵀ Q⁻¹,  D22 = Q⁻¹ + Hᵀ R⁻¹ H

    with F and H at the true states (Tichavský, Muravchik & Nehorai 1998, eqs. 21 and 34–36). By the matrix inversion
    lemma its inverse is predicted as F J⁻¹ Fᵀ + Q and narrowed by each reading, which needs no Q⁻¹; here in Joseph's
    form, so that a singular Q is nothing special. For a linear model it is the filter's own covariance.
    """
    T, n = len(used), len(P)
    bound, nothing = np.empty((T, n, n)), np.zeros(n)
    for k in range(T):
        if dt[k] > 0.0:
            P = predict(P, along.F[k], along.Q[k])
        there = np.flatnonzero(used[k])
        if len(there):
            H, R = along.H[k][there], along.R[k][np.ix_(there, there)]
            P = update_joseph(nothing, P, H, R, np.zeros(len(there)))[1]
        bound[k] = P
    return bound


class Seen(NamedTuple):
    """Information by direction, smallest first: λ (n,), and directions (n, n), a row each, in the scaled states."""

    information: Floats
    directions: Floats


def seen_of_start(along: Linearised, used: NDArray[np.bool_], scale: Floats) -> Seen:
    """The information that all readings have of x_0, if nothing disturbed the motion.

    O = Σ (H_k Φ_k)ᵀ R_k⁻¹ H_k Φ_k with Φ_k = F_k … F_1 (Jazwinski 1970, §7.4), of the components that were used (T, M),
    in states divided by `scale` (n,). In units of the start's standard deviations, so that no unit decides, a direction
    of information λ is known to 1/√(1 + λ) of what it was before: near 0 the log has nothing to say of it.
    """
    n = len(scale)
    Phi, total = np.eye(n), np.zeros((n, n))
    for k in range(min(len(used), SEEN_ROWS)):
        if k and not k % _SOME and not _dark(np.linalg.eigvalsh(total)).any():
            break
        if k:
            Phi = along.F[k] @ Phi
            if not np.isfinite(Phi).all() or np.abs(Phi).max() > _LARGEST:
                break
        there = used[k]
        if not there.any():
            continue
        h, variance = _independent(along.H[k][there] @ Phi * scale, along.R[k][np.ix_(there, there)])
        # A reading without noise sees all that it depends on: it counts like one whose noise is as large as the start.
        variance = np.where(variance > 0.0, variance, np.sum(h * h, axis=1))
        sees = variance > 0.0
        total += h[sees].T @ (h[sees] / variance[sees, None])
    values, vectors = np.linalg.eigh(0.5 * (total + total.T))
    return Seen(np.maximum(values, 0.0), vectors.T)


def _independent(h: Floats, R: Floats) -> tuple[Floats, Floats]:
    """Readings h (m, n) with noise R (m, m) as ones with independent noises, and the variances of these (m,)."""
    std = np.sqrt(np.diagonal(R))
    std = np.where(std > 0.0, std, 1.0)
    variance, axes = np.linalg.eigh(R / np.outer(std, std))
    return axes.T @ (h / std[:, None]), np.where(variance > _ROUNDING, variance, 0.0)


def unseen(seen: Seen, states: tuple[str, ...], scale: Floats) -> list[str]:
    """What can move without any reading of the log changing, in words."""
    return [combination(direction * scale, states) for direction in seen.directions[_dark(seen.information)]]


def _dark(information: NDArray[Any]) -> NDArray[np.bool_]:
    """Which directions have no information but rounding."""
    dark: NDArray[np.bool_] = information <= max(_NOTHING, _ROUNDING * float(information.max(initial=0.0)))
    return dark


def combination(direction: Floats, states: tuple[str, ...]) -> str:
    """A direction in the states' own units, the largest share as 1: "x moves by 1 and y by -0.5", or "x moves"."""
    weight = np.abs(direction) / max(float(np.abs(direction).max()), 1e-300)
    order = [int(i) for i in np.argsort(-weight, kind="stable") if weight[i] > 1e-3]
    if len(order) == 1:
        return f"{states[order[0]]} moves"
    shares = [f"{states[i]} by {float(direction[i] / direction[order[0]]):.3g}" for i in order[1:]]
    return " and ".join([f"{states[order[0]]} moves by 1", *shares])
