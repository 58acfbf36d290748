"""Residuals that are N(0, 1) if the model is right: of a filter, each given the past; of a smoother, given all else.

Of a filter, they are innovations over their standard deviations. Of a smoother, with v the noise of a reading and w
the noise of a step, Harvey & Koopman 1992, eq. 2.11 and 2.12:

    v̂/√(R - Var[v | Z]),  v̂ = E[v | Z] = z - H x̂ - d,  Var[v | Z] = H P Hᵀ
    ŵ/√(Q - Var[w | Z]),  ŵ = E[w | Z]

The first is also the error of the prediction of z from all other readings, over its standard deviation (de Jong 1988).
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.cache import engine_of
from foglight.compiler.kernels.linear_smoother import DISTURBANCE
from foglight.core.errors import ModelError, Status
from foglight.core.types import Floats
from foglight.inference import linear_smoother
from foglight.inference.gaussians import covariances
from foglight.inference.linearised import linearised
from foglight.inference.measured import measured
from foglight.inference.predicted_readings import predicted_readings
from foglight.inference.run import Run
from foglight.inference.scans import firsts_and_ends
from foglight.inference.smooth import Smoothed, smooth
from foglight.inference.smoothers import smoother_of
from foglight.methods.layout import belief_size
from foglight.model.model import Model

# A residual whose variance is less of that of its noise is made of rounding: all of the noise is explained by the rest.
_TESTABLE = float(np.sqrt(np.finfo(float).eps))


class Residuals(NamedTuple):
    """Values, what was expected, and their difference over its standard deviation (tracks, T, M), NaN where there is
    nothing to compare; with states also those of the steps of the states, (tracks, T, M + n)."""

    value: Floats
    expected: Floats
    z: Floats
    states: bool


def of_filter(run: Run) -> Residuals:
    """The residuals of every reading given the past; where there are guards, given the rows before it."""
    value = np.broadcast_to(run._arrays.z, (len(run._kept), *run._arrays.z.shape[1:]))
    if any(guard is not None for guard in (run.method.gate, run.method.huber, run.method.student)):
        error, S = _predicted(run, value)
    else:
        error = run.innovation.reshape(value.shape)
        S = np.diagonal(run.innovation_cov, axis1=-2, axis2=-1).reshape(value.shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(np.isfinite(S) & (S > 0.0), error / np.sqrt(S), np.nan)
    return Residuals(value, value - error, z, states=False)


def _predicted(run: Run, value: Floats) -> tuple[Floats, Floats]:
    """z - h and the variances of the readings, predicted from the rows before: a guard hides what it rejects."""
    found = predicted_readings(run.model, run.method, run._arrays, run._detail)
    error, S = np.empty(value.shape), np.empty(value.shape)
    for sensor, at in run.model.blocks:
        h, cov = found[sensor.name]
        error[:, :, at], S[:, :, at] = value[:, :, at] - h, np.diagonal(cov, axis1=-2, axis2=-1)
        angles = [at.start + i for i, name in enumerate(sensor.measures) if name in sensor.angles]
        error[:, :, angles] -= 2.0 * np.pi * np.round(error[:, :, angles] / (2.0 * np.pi))
    S[:, run._unknown("detail").rows] = np.nan
    return error, S


def without(run: Run, outliers: NDArray[np.bool_]) -> Smoothed:
    """The run without these readings (tracks, T, M), smoothed."""
    arrays = replace(run._arrays, z=np.where(outliers, np.nan, run._arrays.z))
    engine = engine_of(run.model, run.method, "result")
    return smooth(
        Run(run.model, run.log, run.method, engine, arrays, *engine.run(arrays), run._marks, run._threads)
    )


def of_smoother(smoothed: Smoothed, z: Floats) -> Residuals:
    """The residuals of all readings z (tracks, T, M), each given all others, and of every step of the states.

    A reading that the smoother did not use, because a gate rejected it or it was left out, is compared with those that
    it used.
    """
    run = smoothed.run
    if not linear_smoother.applies(run.model, run.method, run._kept, run._engine.kernel.status):
        raise ModelError(
            "anomalies(Smoothed): expected a linear model without angles, a KF, EKF or UKF without huber or student, "
            "and no gate that widened a belief. Write fog.anomalies(run).",
            field="found", value=repr(run.method),
        )  # fmt: skip
    n, records = len(run.model.state), smoothed._records
    mean, cov = records[:, :, :n], covariances(records, n, smoothed._factored)
    found = measured(run.model, run._arrays, mean, "anomalies(Smoothed)")
    fit = (found.H @ mean[..., None])[..., 0] + found.d
    spread = np.einsum("...mi,...ij,...mj->...m", found.H, cov, found.H)
    R = np.diagonal(found.R, axis1=-2, axis2=-1)
    unused = np.isnan(run._arrays.z) | (np.isnan(run.innovation.reshape(z.shape)) & _gated(run)[:, :, None])
    variance = np.where(unused, R + spread, R - spread)
    variance = np.where(variance > _TESTABLE * R, variance, np.nan)
    if smoothed._unknown is not None:
        variance[:, smoothed._unknown.rows] = np.nan
    w, over = _steps(smoothed, mean)
    return Residuals(
        np.concatenate([z, w], axis=2),
        np.concatenate([fit, np.zeros(w.shape)], axis=2),
        np.concatenate([(z - fit) / np.sqrt(variance), over], axis=2),
        states=True,
    )


def _gated(run: Run) -> NDArray[np.bool_]:
    """The rows (tracks, T) in which a gate rejected a reading."""
    status = run._kept[:, :, run._engine.kernel.status].astype(np.int64)
    return np.asarray((status & int(Status.GATED)) != 0)


def _steps(smoothed: Smoothed, mean: Floats) -> tuple[Floats, Floats]:
    """ŵ of the step to each row, and the same over its standard deviation (tracks, T, n); NaN where there is none."""
    model, arrays, n = smoothed.model, smoothed.run._arrays, len(smoothed.model.state)
    found, left, _ = smoother_of(smoothed.run).run(DISTURBANCE)
    noise = found[:, :, belief_size(n) :]  # of the step from each row to the next one
    w = np.full(mean.shape, np.nan)
    V = np.full((*mean.shape, n), np.nan)
    w[:, 1:], V[:, 1:] = noise[:, :-1, :n], covariances(noise, n, True)[:, :-1]
    w[:, firsts_and_ends(arrays)[0]] = np.nan
    if len(left.rows):
        w[:, left.rows] = np.nan
    Q = _motion_noise(model, arrays, mean)
    variance = Q - np.diagonal(V, axis1=-2, axis2=-1)
    variance = np.where((variance > _TESTABLE * Q) & (Q > 0.0), variance, np.nan)
    return w, w / np.sqrt(variance)


def _motion_noise(model: Model, arrays: Arrays, mean: Floats) -> Floats:
    """The diagonal of Q of every row (tracks, T, n)."""
    found, stop = np.full(mean.shape, np.nan), len(arrays.dt)
    for k, one in enumerate(arrays.each()):
        track, rows = (
            (0, slice(arrays.first[k], arrays.first[k] + len(one.dt)))
            if arrays.first is not None
            else (k, slice(stop))
        )
        along = linearised(model, one, mean[track, rows])
        if along is not None:
            found[track, rows] = np.diagonal(along.Q, axis1=-2, axis2=-1)
    return found
