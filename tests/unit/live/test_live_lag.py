"""A live filter with a lag: its smoothed beliefs are those of a smoother on the rows so far."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from agreement.examples import driven

RNG = np.random.default_rng(2)
TIMES = np.round(np.cumsum(RNG.uniform(0.0, 0.3, 25)), 3)
Z = 5.0 + RNG.standard_normal((25, 2))
Z[RNG.random((25, 2)) < 0.4] = np.nan
TIMES[9] = TIMES[8]
KNOWN, UNKNOWN = fog.Belief([5.0, 0.0], std=[5.0, 1.0]), None


def person(start: Any = KNOWN) -> fog.Model:
    sensors = [fog.sensing.linear("radar", of="gap", std=0.8), fog.sensing.linear("lidar", of="gap", std=0.1)]
    return fog.Model(fog.motion.constant_velocity(("gap",), accel=0.4), sensors, start=start)


def in_hindsight(model: fog.Model, method: Any, rows: int, t: float, z: Any = Z) -> Any:
    """Mean and covariance at t from fog.smooth on the first rows and one more, without readings, at t."""
    time = np.append(TIMES[:rows], t)
    order = np.argsort(time, kind="stable")
    all_z = np.vstack([z[:rows], [[np.nan, np.nan]]])[order]
    log = fog.Log.from_arrays(time[order], radar=all_z[:, 0], lidar=all_z[:, 1])
    smoothed = fog.smooth(fog.run(model, log, method=method))
    at = int(np.flatnonzero(order == rows)[0])
    return smoothed.mean[at], smoothed.cov[at]


@pytest.mark.parametrize("start", [KNOWN, UNKNOWN], ids=["known", "unknown"])
@pytest.mark.parametrize(
    "method",
    [
        fog.EKF(),
        fog.UKF(),
        fog.EKF(gate=0.99, recover=0.4),
        pytest.param(fog.UKF(adapt=fog.adapt()), marks=pytest.mark.campaign),
    ],
    ids=repr,
)
def test_hindsight_is_the_smoother_on_the_rows_so_far(method: Any, start: Any) -> None:
    model = person(start)
    live = fog.online(model, method, lag=1.0)
    asked = 0
    for k, t in enumerate(TIMES.tolist()):
        live.step(t, None, Z[k])
        for then in (None, t, round(t - 0.37, 3), TIMES[max(0, k - 2)], round(t - 1.0, 3)):
            at = max(TIMES[0], round(t - 1.0, 9)) if then is None else float(then)
            if at < max(TIMES[0], round(t - 1.0, 3)):
                continue
            found = live.smoothed(then)
            mean, cov = in_hindsight(model, method, k + 1, at)
            assert np.array_equal(np.isinf(found.std), np.isinf(np.diagonal(cov)))
            if np.isfinite(found.std).all():
                np.testing.assert_allclose(found.mean, mean, rtol=1e-13, atol=1e-13)
                np.testing.assert_allclose(found.cov, cov, rtol=1e-13, atol=1e-13)
                asked += 1
    assert asked > 80 and live.smoothed().names == ("gap", "gap_speed")
    assert np.array_equal(live.smoothed(TIMES[-1]).mean, live.belief.mean)


def test_asking_changes_nothing() -> None:
    live, silent = (fog.online(person(), lag=1.0) for _ in range(2))
    for k, t in enumerate(TIMES.tolist()):
        for one in (live, silent):
            one.step(t, None, Z[k])
        live.smoothed()
        live.smoothed(max(TIMES[0], t - 0.01))
    assert live.belief == silent.belief and live.counts == silent.counts and live.rows == silent.rows


def test_late_readings_count_in_hindsight_but_only_within_the_history() -> None:
    order = [*range(10), 11, 10, *range(12, 25)]
    live = fog.online(person(), history=0.6, lag=2.0)
    for k in order:
        live.step(float(TIMES[k]), None, Z[k])
    assert live.counts["LATE"] == 1
    mean, cov = in_hindsight(person(), None, 25, round(TIMES[-1] - 1.5, 3))
    found = live.smoothed(round(TIMES[-1] - 1.5, 3))
    assert np.abs(found.mean - mean).max() <= 1e-13 and np.abs(found.cov - cov).max() <= 1e-13
    _, info = live.step(float(TIMES[-1]) - 1.0, None, [5.0, 5.0])
    assert info.status == fog.Status.LATE | fog.Status.MISSING, (
        "older than the history, though not than the lag"
    )
    assert np.array_equal(live.smoothed(round(TIMES[-1] - 1.5, 3)).mean, found.mean)


def test_rows_older_than_the_lag_are_forgotten() -> None:
    live = fog.online(person(), lag=0.5)
    for k in range(4000):
        live.step(0.1 * k, "radar", 5.0)
    assert live._history is not None and len(live._history) <= 7 and len(live._history.table.stamps) < 64
    assert live.smoothed().std[0] < live.belief.std[0]


def test_controls_act_in_hindsight() -> None:
    model = driven(12)
    u = np.random.default_rng(3).uniform(0, 1, (12, 2))
    log, _ = fog.simulate(model, 12, dt=0.1, seed=1, u=u)
    z = log.bind(model)
    live = fog.online(model, lag=0.5)
    for k in range(12):
        live.step(0.1 * k, None, z[k], u=u[k])
    smoothed = fog.smooth(fog.run(model, log))
    found = live.smoothed(0.7)
    assert np.abs(found.mean - smoothed.mean[7]).max() <= 1e-13
    assert np.abs(live.smoothed(0.75).mean - (smoothed.mean[7] + smoothed.mean[8]) / 2).max() < 0.1


def test_a_saved_filter_and_a_copy_keep_their_hindsight(tmp_path: Path) -> None:
    live = fog.online(person(), lag=1.0)
    for k in range(20):
        live.step(float(TIMES[k]), None, Z[k])
    live.save(tmp_path / "live")
    again = fog.restore(tmp_path / "live", person())
    for other in (again, live.copy()):
        assert other.smoothed() == live.smoothed() and other.smoothed(TIMES[18]) == live.smoothed(TIMES[18])
        other.step(float(TIMES[20]), None, Z[20])
        assert len(other._history) > 1


def test_limits_hold_in_hindsight() -> None:
    motion = fog.motion.constant_velocity(("gap",), accel=0.4, limits={"gap_speed": (-0.2, 0.2)})
    model = fog.Model(motion, person().sensors, start=KNOWN)
    live = fog.online(model, lag=1.0)
    for k, t in enumerate(TIMES.tolist()):
        live.step(t, None, Z[k])
        assert abs(live.smoothed().mean[1]) < 0.2


def test_smoothing_outside_the_lag_is_refused() -> None:
    live = fog.online(person(), lag=1.0)
    with pytest.raises(fog.TimeError, match="has received no row yet"):
        live.smoothed()
    for k in range(25):
        live.step(float(TIMES[k]), None, Z[k])
    last = float(TIMES[-1])
    for t, remedy in ((last + 0.1, "Use live.predict"), (last - 1.1, "a longer lag")):
        with pytest.raises(fog.TimeError, match=remedy) as caught:
            live.smoothed(t)
        assert caught.value.field == "t" and caught.value.value == pytest.approx(t, abs=1e-9)
    without = fog.online(person(), history=1.0)
    without.step(0.0, "radar", 5.0)
    with pytest.raises(fog.TimeError, match=r"Write fog.online\(model, lag=2.0\)") as caught:
        without.smoothed()
    assert caught.value.field == "lag"
    young = fog.online(person(), lag=10.0)
    young.step(3.0, "radar", 5.0)
    with pytest.raises(
        fog.TimeError, match=r"a time from 3 s to the newest row, 3 s.* at or after the start of the filter"
    ):
        young.smoothed(2.0)
    assert np.array_equal(young.smoothed().mean, young.belief.mean)


@pytest.mark.parametrize("lag", [-1.0, np.nan, "2", True])
def test_an_invalid_lag_is_refused(lag: Any) -> None:
    with pytest.raises(fog.TimeError, match=r"lag = .*expected a number of seconds >= 0") as caught:
        fog.online(person(), lag=lag)
    assert caught.value.field == "lag"
