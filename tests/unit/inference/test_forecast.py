"""A forecast is the filter on rows without readings, together with what its sensors would read there."""

from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
import pytest

import foglight as fog
from agreement.examples import driven, plane, radar, rates
from oracle import models
from unit.inference.test_smooth import walk

METHODS = [fog.EKF(iterations=3), fog.EKF(form="joseph"), fog.UKF()]


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_a_forecast_is_the_filter_on_rows_without_readings(method: Any) -> None:
    case = models.full(17, n=3, m=2, steps=20)
    model = fog.linear_model(
        case.F, case.Q, case.H, case.R, b=case.b, d=case.d, start=fog.Belief(case.mean, cov=case.cov)
    )
    run = fog.run(model, fog.Log.regular(case.z, dt=0.1), method=method)
    ahead = fog.forecast(run, steps=4)
    longer = fog.run(
        model, fog.Log.regular(np.vstack([case.z, np.full((4, 2), np.nan)]), dt=0.1), method=method
    )
    assert np.array_equal(ahead.state.mean, longer.filtered.mean[20:])
    assert np.array_equal(ahead.state.cov, longer.filtered.cov[20:])
    assert ahead.time == pytest.approx([2.0, 2.1, 2.2, 2.3], abs=1e-12)
    seen, P = ahead.sensors["sensor"], ahead.state.cov
    assert np.abs(seen.mean - (ahead.state.mean @ case.H.T + case.d)).max() <= 1e-12
    assert np.abs(seen.cov - (case.H @ P @ case.H.T + case.R)).max() <= 1e-12


@pytest.mark.parametrize("method", [fog.EKF(), fog.UKF(), fog.CKF(), fog.EKF(gate=0.99, huber=2.0)], ids=repr)
@pytest.mark.parametrize("opaque", [False, True])
def test_readings_are_forecast_as_the_filter_would_predict_them(opaque: bool, method: Any) -> None:
    """Against the innovation and its covariance if there were a reading: guards act only on readings."""
    run, _ = walk(method, opaque=opaque)
    ahead = fog.forecast(run, times=[15.5])
    log = fog.Log.from_arrays(np.append(run.time, 15.5), radar=np.append(run.log.blocks["radar"], 12.0))
    met = fog.run(run.model, log, method=method)
    assert met.predicted.mean[-1] == pytest.approx(ahead.state.mean[0], abs=1e-9)
    if not method.gate:
        assert ahead.sensors["radar"].mean[0, 0] == pytest.approx(12.0 - met.innovation[-1, 0], abs=1e-9)
        assert ahead.sensors["radar"].cov[0, 0, 0] == pytest.approx(met.innovation_cov[-1, 0, 0], rel=1e-9)
    plain = type(method)()
    twin = fog.forecast(walk(plain, opaque=opaque)[0], times=[15.5])
    assert twin.sensors["radar"].std.shape == (1, 1)


def test_intervals_have_the_given_probability() -> None:
    run, _ = walk()
    ahead = fog.forecast(run, steps=3)
    for p in (0.5, 0.95, 0.999):
        low, high = ahead.state.interval(p)
        reach = NormalDist().inv_cdf(0.5 + p / 2)
        assert np.abs((high - low) - 2 * reach * ahead.state.std).max() <= 1e-12
        assert np.abs((high + low) / 2 - ahead.state.mean).max() <= 1e-12
    low, high = ahead.sensors["radar"].interval()
    assert (low < ahead.sensors["radar"].mean).all() and (high > low).all()
    for wrong in (0.0, 1.0, 95, True, "0.95"):
        with pytest.raises(fog.ModelError, match=r"Write 0.95 for 95 %") as caught:
            ahead.state.interval(wrong)  # type: ignore[arg-type]
        assert caught.value.field == "probability"


def test_limits_of_states_hold_for_forecasts() -> None:
    run, _ = walk(limits={"gap": (0.0, None), "speed": (-0.2, 0.2)})
    state = fog.forecast(run, times=[20.0, 60.0]).state
    low, high = state.interval(0.999)
    assert (np.abs(state.mean[:, 1]) < 0.2).all() and (low[:, 0] >= 0.0).all()
    assert (low[:, 1] >= -0.2).all() and (high[:, 1] <= 0.2).all()


def test_tracks_are_forecast_each_from_its_own_last_row() -> None:
    model, z = plane(12), np.cumsum(np.random.default_rng(1).standard_normal((3, 12, 2)), axis=1)
    z[1, 10:] = np.nan
    together = fog.forecast(fog.run(model, fog.Log.regular(z, dt=0.5)), steps=2)
    assert together.state.mean.shape == (3, 2, 4) and together.sensors["camera"].cov.shape == (3, 2, 2, 2)
    assert together.columns()["track"].tolist() == [0, 0, 1, 1, 2, 2]
    time = np.concatenate([np.arange(12) * 0.5, np.arange(8) * 0.5, [3.0]])
    ragged = fog.Log.from_arrays(
        time, track=["a"] * 12 + ["b"] * 8 + ["c"], camera=np.vstack([z[0], z[1, :8], z[2, :1]])
    )
    apart = fog.forecast(fog.run(model, ragged), steps=2)
    assert apart.track is not None and apart.track.tolist() == [0, 0, 1, 1, 2, 2]
    assert apart.time.tolist() == [6.0, 6.5, 4.0, 4.5, 3.5, 4.0]
    assert apart.columns()["track"].tolist() == ["a", "a", "b", "b", "c", "c"]
    assert np.array_equal(apart.state.mean[:2], together.state.mean[0])
    for k, (rows, count) in enumerate(((z[0], 12), (z[1], 8))):
        one = fog.forecast(fog.run(model, fog.Log.regular(rows[:count], dt=0.5)), steps=2)
        assert np.array_equal(apart.state.cov[2 * k : 2 * k + 2], one.state.cov)
        assert np.array_equal(apart.sensors["camera"].mean[2 * k : 2 * k + 2], one.sensors["camera"].mean)
    later = fog.forecast(fog.run(model, ragged), times=[6.0, 9.0])
    assert later.time.tolist() == [6.0, 9.0] * 3
    assert later.state.mean[0] == pytest.approx(apart.state.mean[0], abs=1e-12)


def test_controls_ahead_are_given() -> None:
    model = driven(10)
    u = np.random.default_rng(2).uniform(0, 1, (13, 2))
    log, _ = fog.simulate(model, 13, dt=0.1, seed=1, u=u)
    z = log.bind(model)
    short = fog.Log.from_arrays(np.arange(10) * 0.1, u=u[:10], tape=z[:10])
    run = fog.run(model, short)
    ahead = fog.forecast(run, steps=3, u=u[10:])
    z[10:] = np.nan
    longer = fog.run(model, fog.Log.from_arrays(np.arange(13) * 0.1, u=u, tape=z))
    assert ahead.state.mean == pytest.approx(longer.filtered.mean[10:], abs=1e-12)
    names = model.controls
    named = fog.forecast(run, steps=3, u={names[1]: u[10:, 1], names[0]: u[10:, 0].tolist()})
    assert np.array_equal(named.state.mean, ahead.state.mean)
    with pytest.raises(fog.DataError, match=rf"u has names {names[1]}: expected {names[0]}, {names[1]}"):
        fog.forecast(run, steps=3, u={names[1]: u[10:, 1]})
    for wrong in (None, u[:2], "u"):
        with pytest.raises(fog.DataError, match=r"\(3, 2\)") as caught:
            fog.forecast(run, steps=3, u=wrong)  # type: ignore[arg-type]
        assert caught.value.field == "u"
    with pytest.raises(fog.DataError, match=r"u\[1,1\] = nan: expected a finite number") as caught:
        fog.forecast(run, steps=3, u=[[0.0, 1.0], [1.0, np.nan], [0.0, 0.0]])
    assert caught.value.index == (1, 1)


def test_every_kind_of_model_can_be_forecast() -> None:
    for make, method in ((radar, fog.EKF()), (rates, fog.CKF())):
        model = make(8)
        log, _ = fog.simulate(model, 8, dt=0.1, seed=3)
        ahead = fog.forecast(fog.run(model, log, method=method, keep="last"), steps=2)
        assert all(np.isfinite(part.std).all() for part in (ahead.state, *ahead.sensors.values()))
        names = [f"{s.name}.{m}" for s in model.sensors for m in s.measures]
        assert [name for name in ahead.columns() if "." in name and not name.endswith("_std")] == names


def test_dates_ahead_are_dates_in_a_frame() -> None:
    frame = pd.DataFrame({"time": pd.date_range("2026-03-01", periods=5, freq="h"), "gauge": np.arange(5.0)})
    model = fog.Model(
        fog.motion.random_walk(("level",), std=0.1), [fog.sensing.linear("gauge", of="level", std=1.0)],
        start=fog.Belief([0.0], std=[3.0]),
    )  # fmt: skip
    run = fog.run(model, fog.Log.from_frame(frame))
    ahead = fog.forecast(run, steps=2)
    assert ahead.to_frame()["time"].tolist() == [
        pd.Timestamp("2026-03-01 05:00"),
        pd.Timestamp("2026-03-01 06:00"),
    ]
    dates = np.array(["2026-03-01T05:30"], "datetime64[s]")
    assert fog.forecast(run, times=dates).to_frame()["time"].tolist() == [pd.Timestamp("2026-03-01 05:30")]
    assert repr(ahead).startswith("Forecast(2 rows") and repr(ahead.state) == "Prediction(level: 2 steps)"


def test_what_cannot_be_forecast_is_refused() -> None:
    run, _ = walk()
    for given, field, words in (
        ({}, "steps", "either steps= or times="),
        ({"steps": 1, "times": [20.0]}, "steps", "either steps= or times="),
        ({"steps": 0}, "steps", "whole number"),
        ({"steps": True}, "steps", "whole number"),
        ({"times": []}, "times", "is empty"),
        ({"times": [20.0, 19.0]}, "times", r"times\[1\] = 19 s lies before 20 s"),
        ({"times": [1.0]}, "times", r"times\[0\] = 1 s lies before 14.5 s"),
        ({"times": [np.nan]}, "times", "is not a time"),
    ):
        with pytest.raises(fog.TimeError, match=words) as caught:
            fog.forecast(run, **given)
        assert caught.value.field == field


def test_an_irregular_log_has_no_step() -> None:
    run, _ = walk()
    uneven = fog.Log.from_arrays([0.0, 0.1, 0.4], radar=[1.0, 2.0, 3.0])
    with pytest.raises(fog.TimeError, match=r"0.1 to 0.3 s apart.*Give times=") as caught:
        fog.forecast(fog.run(run.model, uneven), steps=2)
    assert caught.value.value == pytest.approx((0.1, 0.3))
    with pytest.raises(fog.TimeError, match="one row, so it has no step"):
        fog.forecast(fog.run(run.model, fog.Log.from_arrays([0.0], radar=[1.0])), steps=2)
    # Stamps that a clock has rounded still have one step.
    rounded = fog.Log.from_arrays(1.7e9 + np.arange(30) / 30, radar=np.full(30, 10.0))
    ahead = fog.forecast(fog.run(run.model, rounded), steps=2)
    assert np.diff(ahead.time)[0] == pytest.approx(1 / 30, abs=1e-6)


def test_matrices_by_rows_end_with_the_log() -> None:
    case = models.full(3, n=2, m=1, steps=5, varying=True)
    model = fog.linear_model(case.F, case.Q, case.H, case.R, start=fog.Belief(case.mean, cov=case.cov))
    run = fog.run(model, fog.Log.regular(case.z, dt=1.0))
    with pytest.raises(fog.ModelError, match=r"Append rows of NaN to the log") as caught:
        fog.forecast(run, steps=2)
    assert caught.value.field in model.rows


def test_a_forecast_beyond_the_finite_numbers_is_refused() -> None:
    model = fog.linear_model([[1e100]], [[1.0]], [[1.0]], [[1.0]], start=fog.Belief([1.0], std=[1.0]))
    run = fog.run(model, fog.Log.regular([[1.0], [1e100]], dt=1.0))
    with pytest.raises(
        fog.NumericalError, match=r"of x0 became inf .* at forecast step 2 \(t = 3 s\)"
    ) as caught:
        fog.forecast(run, steps=20)
    assert caught.value.index == 2


def test_controls_of_a_motion_without_any_are_refused() -> None:
    run, _ = walk()
    with pytest.raises(
        fog.DataError, match=r"the model has no controls, so expected none\. Leave u= out"
    ) as caught:
        fog.forecast(run, times=[20.0], u=[1.0])
    assert caught.value.field == "u"


def test_steps_beyond_the_memory_are_refused() -> None:
    run = fog.run(plane(5), fog.Log.regular(np.zeros((5, 2)), dt=0.1))
    with pytest.raises(
        fog.DataError, match=r"the results of 10000000000 steps take .* Forecast fewer"
    ) as caught:
        fog.forecast(run, steps=10**10)
    assert caught.value.field == "steps"


def test_a_track_that_is_unknown_at_its_end_is_named() -> None:
    log = fog.Log.from_frame(
        pd.DataFrame({"walker": ["a", "a", "b"], "time": [0.0, 1.0, 0.0], "gap": [1.0, 2.0, 3.0]}),
        track="walker",
    )
    level = fog.motion.constant_velocity(("gap",), accel=0.3)
    run = fog.run(fog.Model(level, [fog.sensing.linear("radar", of="gap", std=0.3)], None), log)
    with pytest.raises(
        fog.DataError, match="does not determine gap_speed in its last row of track 'b', so"
    ) as caught:
        fog.forecast(run, times=[3.0])
    assert caught.value.index == 1 and caught.value.value == ["gap_speed"]


def test_a_forecast_prints_itself() -> None:
    z = np.array([[[1.0], [2.0]], [[3.0], [4.0]]])
    model = fog.linear_model(1.0, 0.5, 1.0, 0.25, start=fog.Belief([0.0], std=[1.0]))
    ahead = fog.forecast(fog.run(model, fog.Log.regular(z, dt=0.25)), steps=4)
    first, names, *rows = str(ahead).splitlines()
    assert first == repr(ahead) == "Forecast(2 tracks x 4 rows, 0.5 s to 1.25 s, x0)"
    assert names.split() == ["track", "time", "x0", "sensor.z0"] and len(rows) == 8
    assert rows[5].split()[:2] == ["1", "0.75"]
    std = ahead.state.std[1, 1, 0]
    assert f"{ahead.state.mean[1, 1, 0]:.6g} ± {std:.3g}" in rows[5]
    longer = str(fog.forecast(fog.run(model, fog.Log.regular(z[0], dt=0.25)), steps=30)).splitlines()
    assert len(longer) == 13 and set(longer[7].split()) == {"…"} and longer[-1].split()[0] == "7.75"
    assert repr(ahead.state) == "Prediction(x0: 4 steps)"
