"""What did not happen changes nothing, to the bit: a missing measurement, a silent sensor, no time at all."""

from typing import Any

import numpy as np
import pytest

import foglight as fog
from oracle import models, plain

from . import nonlinear
from .linear_cases import DISTINCT

METHODS = [
    fog.EKF(),
    fog.EKF(iterations=3),
    fog.EKF(form="joseph"),
    fog.EKF(form="textbook"),
    fog.UKF(),
    fog.UKF(alpha=1e-3),
    fog.CKF(),
]
FACTORED = [method for method in METHODS if getattr(method, "form", "factored") == "factored"]


def bits(run: Any) -> list[bytes]:
    """Everything a run says about its beliefs."""
    return [a.tobytes() for a in (run.filtered.mean, run.filtered.cov, run.row_loglik, run.nis)]


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_missing_row_is_no_update(method: Any) -> None:
    seconds, radar, camera = nonlinear.log()
    radar[7:12], camera[7:12] = np.nan, np.nan
    run = fog.run(nonlinear.walker(), fog.Log.from_arrays(seconds, radar=radar, camera=camera), method=method)
    empty = np.isnan(radar).all(axis=1) & np.isnan(camera).all(axis=1)
    assert empty[7:12].all()
    assert run.filtered.mean[empty].tobytes() == run.predicted.mean[empty].tobytes()
    assert run.filtered.cov[empty].tobytes() == run.predicted.cov[empty].tobytes()
    assert (run.row_loglik[empty] == 0).all()
    assert np.isnan(run.nis[empty]).all()
    assert np.isnan(run.innovation[empty]).all()
    assert (run.status[empty] & fog.Status.MISSING != 0).all()
    assert (run.status[empty] & fog.Status.USED == 0).all()
    assert (run.status[~empty] & fog.Status.USED != 0).all()
    assert not np.array_equal(run.filtered.mean[~empty], run.predicted.mean[~empty])


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_silent_sensor_is_no_sensor(method: Any) -> None:
    seconds, radar, camera = nonlinear.log()
    both = nonlinear.walker()
    alone = fog.Model(both.motion, [both.sensors[0]], start=both.start)
    silent = fog.Log.from_arrays(seconds, radar=radar, camera=np.full_like(camera, np.nan))
    one = fog.run(both, silent, method=method)
    other = fog.run(alone, fog.Log.from_arrays(seconds, radar=radar), method=method)
    assert bits(one) == bits(other)


@pytest.mark.parametrize("method", DISTINCT, ids=repr)
def test_missing_component_is_a_smaller_measurement(method: Any) -> None:
    """With correlated noise what is left must use its own block of R, not the decorrelated rows of the whole."""
    case = models.full(21, n=3, m=4, steps=15)
    start = fog.Belief(case.mean, cov=case.cov)
    z = case.z.copy()
    z[:, [0, 2]] = np.nan
    kept = [1, 3]
    whole = fog.linear_model(case.F, case.Q, case.H, case.R, start=start)
    part = fog.linear_model(case.F, case.Q, case.H[kept], case.R[np.ix_(kept, kept)], start=start)
    one = fog.run(whole, fog.Log.regular(z, dt=1.0), method=method)
    other = fog.run(part, fog.Log.regular(case.z[:, kept], dt=1.0), method=method)
    assert np.abs(one.filtered.mean - other.filtered.mean).max() <= 1e-12
    assert np.abs(one.filtered.cov - other.filtered.cov).max() <= 1e-12
    assert one.loglik == pytest.approx(other.loglik, abs=1e-11)
    assert (one.status & fog.Status.PARTIAL != 0).all()


@pytest.mark.parametrize("method", FACTORED, ids=repr)
def test_no_time_predicts_nothing(method: Any) -> None:
    """A second row at the same stamp starts from the very bits that the first one left."""
    seconds, radar, camera = nonlinear.log()
    stamps = np.repeat(seconds, 2)
    first, second = np.full((2, 60, 2), np.nan)
    first[::2], second[1::2] = radar, camera
    split = fog.run(
        nonlinear.walker(), fog.Log.from_arrays(stamps, radar=first, camera=second), method=method
    )
    assert split.predicted.mean[1::2].tobytes() == split.filtered.mean[::2].tobytes()
    assert split.predicted.factor[0][1::2].tobytes() == split.filtered.factor[0][::2].tobytes()
    assert split.predicted.factor[1][1::2].tobytes() == split.filtered.factor[1][::2].tobytes()
    together = fog.run(
        nonlinear.walker(), fog.Log.from_arrays(seconds, radar=radar, camera=camera), method=method
    )
    assert split.filtered.mean[1::2].tobytes() == together.filtered.mean.tobytes()
    assert split.filtered.factor[0][1::2].tobytes() == together.filtered.factor[0].tobytes()
    assert split.filtered.factor[1][1::2].tobytes() == together.filtered.factor[1].tobytes()


@pytest.mark.parametrize("axes", [("x",), ("x", "y")], ids=len)
def test_two_half_steps_are_one(axes: tuple[str, ...]) -> None:
    """Noise that is exact in dt does not notice an empty row in between."""
    rng = np.random.default_rng(17)
    motion = fog.motion.constant_velocity(axes, accel=0.8)
    n = 2 * len(axes)
    sensors = [fog.sensing.linear(f"on_{axis}", of=axis, std=0.5 + 0.1 * i) for i, axis in enumerate(axes)]
    model = fog.Model(
        motion, sensors, start=fog.Belief(rng.standard_normal(n), cov=models.covariance(rng, n))
    )
    seconds = np.cumsum(np.round(rng.uniform(0.1, 2, 25), 3))
    z = {f"on_{axis}": rng.standard_normal(25) for axis in axes}
    half = np.sort(np.concatenate([seconds, (seconds[1:] + seconds[:-1]) / 2]))
    at = np.searchsorted(half, seconds)
    filled = {name: np.full(len(half), np.nan) for name in z}
    for name, values in z.items():
        filled[name][at] = values
    one = fog.run(model, fog.Log.from_arrays(seconds, **z), method=fog.KF())
    two = fog.run(model, fog.Log.from_arrays(half, **filled), method=fog.KF())
    assert np.abs(one.filtered.mean - two.filtered.mean[at]).max() <= 1e-11
    assert np.abs(one.filtered.cov - two.filtered.cov[at]).max() <= 1e-11
    assert one.loglik == pytest.approx(two.loglik, abs=1e-10)


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_time_has_no_origin(method: Any) -> None:
    """Stamps are whole nanoseconds: the same log a year later gives the same bits."""
    seconds, radar, camera = nonlinear.log()
    nanoseconds = np.rint(seconds * 1e9).astype(np.int64)
    runs = [
        fog.run(
            nonlinear.walker(),
            fog.Log.from_arrays((nanoseconds + shift).astype("datetime64[ns]"), radar=radar, camera=camera),
            method=method,
        )
        for shift in (1_600_000_000_000_000_000, 1_700_000_000_123_456_789)
    ]
    assert bits(runs[0]) == bits(runs[1])


@pytest.mark.parametrize("method", [fog.EKF(), fog.UKF()], ids=repr)
def test_a_run_cut_in_two_is_the_same_run(method: Any) -> None:
    """The belief is all that a filter remembers: stopping after any row and going on changes no bit."""
    seconds, radar, camera = nonlinear.log()
    model = nonlinear.walker()
    whole = fog.run(model, fog.Log.from_arrays(seconds, radar=radar, camera=camera), method=method)
    for cut in (1, 11, 20):
        first, rest = slice(None, cut), slice(cut, None)
        head = fog.run(
            model,
            fog.Log.from_arrays(seconds[first], radar=radar[first], camera=camera[first]),
            method=method,
            keep="last",
        )
        tail = fog.run(
            fog.Model(model.motion, model.sensors, start=head.belief),
            fog.Log.from_arrays(seconds[rest], radar=radar[rest], camera=camera[rest]),
            method=method,
            start_time=seconds[cut - 1],
        )
        assert tail.filtered.mean.tobytes() == whole.filtered.mean[rest].tobytes()
        assert tail.filtered.factor[0].tobytes() == whole.filtered.factor[0][rest].tobytes()
        assert tail.filtered.factor[1].tobytes() == whole.filtered.factor[1][rest].tobytes()
        assert head.loglik + tail.loglik == pytest.approx(whole.loglik, abs=1e-11)


def test_a_long_run_that_settles_is_the_same_run() -> None:
    """Thousands of rows with the same gain, a gap, and a late one: every row as by hand."""
    case = models.full(23, n=3, m=2, steps=3000)
    z = case.z.copy()
    z[1000:1003] = np.nan
    z[2000, 1] = np.nan
    model = fog.linear_model(case.F, case.Q, case.H, case.R, start=fog.Belief(case.mean, cov=case.cov))
    run = fog.run(model, fog.Log.regular(z, dt=1.0), method=fog.KF())
    answer = plain.kalman(case.F, case.Q, case.H, case.R, case.mean, case.cov, z)
    assert np.abs(run.filtered.mean - answer.mean).max() <= 1e-10
    assert np.abs(run.filtered.cov - answer.cov).max() <= 1e-11
    assert run.loglik == pytest.approx(answer.loglik, rel=1e-12)
    start = fog.Belief(run.filtered.mean[1500], factor=tuple(part[1500] for part in run.filtered.factor))
    again = fog.linear_model(case.F, case.Q, case.H, case.R, start=start)
    rest = fog.run(
        again, fog.Log.regular(np.vstack([np.full((1, 2), np.nan), z[1501:]]), dt=1.0), method=fog.KF()
    )
    assert rest.filtered.mean.tobytes() == run.filtered.mean[1500:].tobytes()
    assert rest.filtered.cov.tobytes() == run.filtered.cov[1500:].tobytes()
