"""The E-step for one log: the expected squares of process noise and measurement noise, given all readings."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.cache import engine_of
from foglight.compiler.kept import kept
from foglight.compiler.kernel import LOGLIK
from foglight.compiler.kernels.linear_smoother import DISTURBANCE
from foglight.core.errors import DataError, NumericalError
from foglight.core.types import Floats, Time
from foglight.data.log import Log
from foglight.equations import ud
from foglight.inference.prepare import prepare
from foglight.inference.row_errors import any_refused, raise_first_bad
from foglight.inference.run import Run
from foglight.inference.smoothers import smoother_of
from foglight.methods.ekf import KF
from foglight.methods.layout import belief_size, upper
from foglight.model.model import Model
from foglight.trace import ops


class FilteredLog:
    """One log, prepared to be filtered and smoothed with any Q and R."""

    def __init__(self, model: Model, log: Log, start_time: Time | None) -> None:
        self.n, self.m = len(model.state), len(model.sensors[0].measures)
        self.model = _with_inputs(model, len(log))
        self.log = log
        arrays = prepare(self.model, log, KF(), start_time)
        self.arrays = _with_start_rows(arrays) if start_time is not None else arrays
        self.arrays = replace(self.arrays, row=np.array(self.arrays.row))
        self.engine = engine_of(self.model, KF(), "result")
        self.patterns = self._by_pattern()
        self.readings = sum(z.size for _, _, z, _ in self.patterns)
        self.steps = int(np.count_nonzero(self.arrays.dt)) * self.arrays.tracks

    def filter(self, U: Floats, D: Floats, R: Floats) -> float:
        """The log-likelihood with Q = U diag(D) Uᵀ and this R."""
        self.U, self.D, self.R = U, D, R
        first = 0
        for name, array in self.model.rows.items():
            size = int(np.prod(array.shape[1:]))
            if name in ("Q_G", "Q_v", "R"):
                self.arrays.row[:, :, first : first + size] = {"Q_G": U, "Q_v": D, "R": R}[name].ravel()
            first += size
        self.carry, self.records = self.engine.run(self.arrays)
        if any_refused(self.carry):
            raise_first_bad(self.model, KF(), self.arrays, self.records)
        return float(np.sum(self.carry[:, LOGLIK]))

    def expected(self) -> tuple[Floats, Floats, Floats, int]:
        """Columns and weights of Σ E[w wᵀ], then Σ E[v vᵀ] and the number of rows in that sum."""
        n, size = self.n, belief_size(self.n)
        run = Run(self.model, self.log, KF(), self.engine, self.arrays, self.carry, self.records)
        smoother = smoother_of(run)
        found, left, _ = smoother.run(DISTURBANCE)
        if len(left.rows):
            raise DataError(
                f"all readings together leave a state unknown in {len(left.rows)} rows: expected readings that "
                "determine every state. Give a start, or leave the state out.",
                field="log",
                value=len(left.rows),
            )
        noise = found[:, :, size:].reshape(-1, size)
        w, U, D = _beliefs(noise[~np.isnan(noise[:, 0])], n)
        missing = self.steps - len(w)
        if missing:
            raise NumericalError(
                f"{missing} of {self.steps} smoothed steps are not finite: expected finite numbers. Check the "
                "model and its units.",
                field="model",
                value=missing,
            )
        columns = np.hstack([w.T, U.transpose(1, 0, 2).reshape(n, -1)])
        total, rows = self._readings(*_beliefs(found[:, :, :size].reshape(-1, size), n))
        return columns, np.concatenate([np.ones(len(w)), D.ravel()]), total, rows

    def _readings(self, x: Floats, U: Floats, D: Floats) -> tuple[Floats, int]:
        """Σ E[v vᵀ] over the rows with readings, and the number of these rows."""
        total, rows = np.zeros((self.m, self.m)), 0
        for pattern, at, z, H in self.patterns:
            e = z - np.einsum("tij,tj->ti", H, x[at])
            spread = (H @ U[at]).transpose(1, 0, 2).reshape(len(e.T), -1)
            observed = e.T @ e + (spread * D[at].ravel()) @ spread.T
            total += _completed(observed, self.R, pattern, len(e))
            rows += len(e)
        return total, rows

    def _by_pattern(self) -> list[tuple[NDArray[np.bool_], Any, Floats, Floats]]:
        """For each pattern of present components: the pattern, the rows that have it, z - d and H of its components."""
        z = self.arrays.z.reshape(-1, self.m)
        tracks = self.arrays.tracks
        H, d = (np.concatenate([self._of_rows(name)] * tracks) for name in "Hd")
        used, found = ~np.isnan(z), []
        for pattern in np.unique(used, axis=0):
            if pattern.any():
                at = np.flatnonzero((used == pattern).all(axis=1))
                found.append((pattern, at, (z[at] - d[at])[:, pattern], H[at][:, pattern]))
        return found

    def _of_rows(self, name: str) -> Floats:
        """A matrix for each row of the arrays, inserted start rows included."""
        first, rows = 0, self.arrays.row.shape[1]
        for other, array in self.model.rows.items():
            size = int(np.prod(array.shape[1:]))
            if other == name:
                return self.arrays.row[0, :, first : first + size].reshape(rows, *array.shape[1:])
            first += size
        constant = np.asarray(self.model.matrices[name], float)
        return np.broadcast_to(constant, (rows, *constant.shape))


def _completed(total: Floats, R: Floats, pattern: NDArray[np.bool_], count: int) -> Floats:
    """Σ E[v vᵀ] of all components over `count` rows, from the total of the observed components v_o alone.

    For the missing ones v_m | v_o ~ N(B v_o, R_mm - B R_om) with B = R_mo R_oo⁻¹."""
    if pattern.all():
        return (total + total.T) / 2.0
    observed, missing = np.flatnonzero(pattern), np.flatnonzero(~pattern)
    L, r, _ = ud.split(R[np.ix_(observed, observed)])
    white = ud.whiten(L, np.eye(len(observed)))
    inverse = np.array([ops.reciprocal(value) for value in r])
    B = R[np.ix_(missing, observed)] @ (white.T * inverse) @ white
    whole = np.zeros_like(R)
    A = np.zeros((len(R), len(observed)))
    A[observed], A[missing] = np.eye(len(observed)), B
    whole[np.ix_(missing, missing)] = count * (R[np.ix_(missing, missing)] - B @ R[np.ix_(observed, missing)])
    whole += A @ total @ A.T
    return (whole + whole.T) / 2.0


def _beliefs(records: Floats, n: int) -> tuple[Floats, Floats, Floats]:
    """Means (K, n) and factors U (K, n, n), D (K, n) of stored beliefs."""
    U, D = np.zeros((len(records), n, n)), np.empty((len(records), n))
    for k, (i, j) in enumerate(upper(n)):
        if i == j:
            U[:, i, i], D[:, i] = 1.0, records[:, n + k]
        else:
            U[:, i, j] = records[:, n + k]
    return records[:, :n], U, D


def _with_inputs(model: Model, rows: int) -> Model:
    """The model with Q and R as inputs of every row."""
    n, m = len(model.state), len(model.sensors[0].measures)
    shapes = {"Q_G": (n, n), "Q_v": (n,), "R": (m, m)}
    inputs = {name: np.broadcast_to(np.zeros(shape), (rows, *shape)) for name, shape in shapes.items()}
    constant = {name: array for name, array in model.matrices.items() if name in ("F", "H", "b", "d")}
    extended = replace(model, matrices=constant, rows={**model.rows, **inputs})
    return extended.keeping(
        kept(model, ("em",), dict)
    )  # its kernels differ from those of the model: kept apart


def _with_start_rows(arrays: Arrays) -> Arrays:
    """The arrays with a row without readings, at the time of the start, inserted before each track."""
    first = np.zeros(1, np.int64) if arrays.first is None else arrays.first
    return replace(
        arrays,
        dt=np.insert(arrays.dt, first, 0.0),
        u=np.insert(arrays.u, first, 0.0, axis=1),
        row=np.insert(arrays.row, first, arrays.row[:, first], axis=1),
        z=np.insert(arrays.z, first, np.nan, axis=1),
        first=None if arrays.first is None else arrays.first + np.arange(len(first)),
    )
