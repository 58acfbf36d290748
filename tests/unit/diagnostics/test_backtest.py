"""Backtests: the same forecasts as `fog.forecast` from each origin, and intervals that hold what they promise."""

from typing import Any

import numpy as np
import pytest

import foglight as fog

FIGURES = ("rmse", "mae", "pinball", "crps")


START = fog.Belief([5.0, 0.0], std=[5.0, 1.0])
WALK = fog.Model(
    fog.motion.constant_velocity(("gap",), accel=0.4),
    [fog.sensing.linear("radar", of="gap", std=0.8)],
    start=START,
)
LOST = WALK.with_start(None)
QUARTERS = fog.structural("y", trend="fixed", seasonal=4).with_parameters(
    {"level_std": 0.5, "season_std": 0.2, "irregular_std": 1.0}
)


def log_of(rows: int = 60, seed: int = 1, missing: float = 0.1) -> fog.Log:
    return fog.simulate(WALK, steps=rows, dt=0.1, seed=seed, missing=missing)[0]


@pytest.mark.parametrize(
    "method", [fog.EKF(), fog.UKF(), fog.EKF(gate=0.99), fog.EKF(form="joseph")], ids=repr
)
def test_forecasts_from_each_origin_are_those_of_a_shorter_log(method: Any) -> None:
    log = log_of()
    found = fog.backtest(WALK, log, horizon=4, every=9, first=20, method=method)
    assert found.origins.tolist() == [19, 28, 37, 46, 55]
    for n, origin in enumerate(found.origins):
        seen = fog.forecast(fog.run(WALK, log[: origin + 1], method=method), steps=4).sensors["radar"]
        assert found.mean[n] == pytest.approx(seen.mean, rel=1e-12)
        assert found.std[n] == pytest.approx(seen.std, rel=1e-12)
        assert np.array_equal(
            found.reading[n], log["radar.gap"][origin + 1 : origin + 5, None], equal_nan=True
        )


def test_refitting_uses_only_what_came_before() -> None:
    log, seen = log_of(missing=0.0), []

    def refit(model: fog.Model, before: fog.Log) -> fog.Model:
        seen.append(len(before))
        return model.with_parameters({"radar.std": 1.0 + len(before)})

    found = fog.backtest(WALK, log, horizon=3, every=20, first=10, refit=refit)
    assert seen == [10, 30, 50] and found.model.parameters["radar.std"] == 51.0
    for n, rows in enumerate(seen):
        model = WALK.with_parameters({"radar.std": 1.0 + rows})
        one = fog.forecast(fog.run(model, log[:rows]), steps=3).sensors["radar"]
        assert found.mean[n] == pytest.approx(one.mean, rel=1e-12) and found.std[n] == pytest.approx(
            one.std, rel=1e-12
        )


def test_uneven_rows_inputs_and_several_sensors() -> None:
    motion = fog.Motion(
        ("x",), lambda x, dt, p, u: [x.x + dt * u.push], lambda x, dt, p, u: [[0.2 * dt]], controls=("push",)
    )
    sensors = [
        fog.Sensor(
            "a", ("low", "high"), lambda x, p: [x.x - 1.0, x.x + 1.0], lambda x, p: [[0.3, 0.1], [0.1, 0.5]]
        ),
        fog.Sensor(
            "b", ("scaled",), lambda x, p, u: [u.push * x.x], lambda x, p, u: [[0.4]], controls=("push",)
        ),
    ]
    model = fog.Model(motion, sensors, start=fog.Belief([0.0], std=[1.0]))
    rng = np.random.default_rng(8)
    time = np.cumsum(rng.uniform(0.1, 2.0, 40))
    push, a, b = rng.normal(size=40), rng.normal(size=(40, 2)), rng.normal(size=40)
    log = fog.Log.from_arrays(time, a=a, b=b, u={"push": push})
    found = fog.backtest(model, log, horizon=5, every=7)
    assert found.measures == ("a.low", "a.high", "b.scaled") and found.mean.shape == (3, 5, 3)
    n, origin = 1, int(found.origins[1])
    ahead = slice(origin + 1, origin + 6)
    one = fog.forecast(fog.run(model, log[: origin + 1]), times=time[ahead], u=push[ahead, None])
    expected = np.hstack([one.sensors["a"].mean, one.sensors["b"].mean])
    assert found.mean[n] == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert found.std[n] == pytest.approx(np.hstack([one.sensors["a"].std, one.sensors["b"].std]), rel=1e-9)
    table = found.columns()
    assert table["measure"].tolist() == ["a.low"] * 5 + ["a.high"] * 5 + ["b.scaled"] * 5
    assert table["step"].tolist() == [1, 2, 3, 4, 5] * 3
    assert "b.scaled" in repr(found)


def test_tracks_side_by_side_and_one_after_another() -> None:
    z = np.random.default_rng(3).normal(size=(3, 40)).cumsum(axis=1)
    side = fog.backtest(LOST, fog.Log.regular(z[..., None], dt=0.1), horizon=3, every=6)
    time, names = np.tile(np.arange(40) * 0.1, 3), np.repeat(["p", "q", "r"], 40)
    ragged = fog.backtest(LOST, fog.Log.from_arrays(time, track=names, radar=z.ravel()), horizon=3, every=6)
    alone = [fog.backtest(LOST, fog.Log.regular(series, dt=0.1), horizon=3, every=6) for series in z]
    assert side.mean.shape == ragged.mean.shape == (9, 3, 1)
    for name in ("mean", "std", "reading"):
        expected = np.concatenate([getattr(one, name) for one in alone])
        assert np.array_equal(getattr(side, name), expected)
        assert getattr(ragged, name) == pytest.approx(expected, rel=1e-9)
    for figure in FIGURES:
        assert getattr(side.naive, figure) == pytest.approx(getattr(ragged.naive, figure), rel=1e-12)


def test_angles_are_compared_the_short_way_round() -> None:
    motion = fog.Motion(
        ("heading",), lambda x, dt, p: [x.heading], lambda x, dt, p: [[1e-4]], angles=("heading",)
    )
    compass = fog.Sensor(
        "compass", ("heading",), lambda x, p: [x.heading], lambda x, p: [[0.01]], angles=("heading",)
    )
    model = fog.Model(motion, [compass], start=fog.Belief([np.pi], std=[0.2]))
    z = np.pi + 0.1 * np.random.default_rng(2).normal(size=60)
    z = np.arctan2(np.sin(z), np.cos(z))
    found = fog.backtest(model, fog.Log.regular(z, dt=1.0))
    assert (
        found.scores.rmse[0, 0] < 0.2 and found.naive.rmse[0, 0] < 0.3 and np.isnan(found.scores.mase).all()
    )


def test_a_season_longer_than_the_log_is_refused() -> None:
    with pytest.raises(
        fog.DataError, match=r"season = 12: the log has 10 rows, t = 0 to 0\.9 s, so no reading has one"
    ):
        fog.backtest(WALK, log_of(10, missing=0.0), season=12)


def test_it_prints_a_table_with_a_line_for_each_step() -> None:
    found = fog.backtest(WALK, log_of(200, missing=0.0), horizon=2, season=5)
    lines = repr(found).splitlines()
    assert lines[0] == (
        "Forecasts from 99 origins, one every 1 row; in brackets the naive forecast, the reading of 5 rows before."
    )
    assert lines[2:4] == ["radar.gap", lines[3]] and lines[3].split()[:4] == ["step", "RMSE", "MAE", "MASE"]
    assert len(lines) == 6 and lines[4].split()[0] == "1" and lines[5].endswith(" %")
    table = found.columns()
    assert table["count"].tolist() == [99, 99]
    assert (
        table["skill"] == pytest.approx(1.0 - table["crps"] / table["naive_crps"])
        and (table["skill"] > 0.1).all()
    )
    assert found.to_frame("pandas").shape == (2, 17)


def test_intervals_of_tracks_hold_their_share() -> None:
    """A local level of known noises; the same noises halved must be found out."""
    rng = np.random.default_rng(0)
    y = np.cumsum(rng.normal(0.0, 0.5, (200, 60)), axis=1) + rng.normal(0.0, 1.0, (200, 60))
    log = fog.Log.regular(y[..., None], dt=1.0)

    gauge = fog.sensing.linear("gauge", of="level", std=1.0)
    model = fog.Model(fog.motion.random_walk("level", std=0.5), [gauge], start=None)
    halved = model.with_parameters({"motion.std": 0.25, "gauge.std": 0.5})
    right, narrow = (
        100.0 * fog.backtest(one, log, horizon=4, every=4).scores.covered[:, :, 0] for one in (model, halved)
    )
    assert (np.abs(right[0] - 80.0) <= 3.0).all() and (np.abs(right[1] - 95.0) <= 1.6).all()
    assert (narrow[0] < 70.0).all() and (narrow[1] < 85.0).all()


@pytest.mark.campaign
@pytest.mark.parametrize(("rows", "fitted"), [(120, 0), (300, 240)])
def test_intervals_of_a_thousand_series(rows: int, fitted: int) -> None:
    """With the parameters that made the series, and with those of a fit to its first rows.

    Intervals do not know how uncertain parameters are: after a fit to 60 rows they hold 2 to 5 % less.
    """
    start = fog.Belief([50.0, 0.2, 3.0, -1.0, -4.0], std=[5.0, 0.1, 1.0, 1.0, 1.0])
    share = np.zeros((2, 8))
    for seed in range(1000):
        log, _ = fog.simulate(QUARTERS.with_start(start), steps=rows, dt=1.0, seed=seed)
        model = fog.tune(QUARTERS, log[:fitted]).model if fitted else QUARTERS
        found = fog.backtest(model, log, horizon=8, every=4, season=4, first=fitted or rows // 2)
        share += found.scores.covered[:, :, 0] / 10.0
    print(share.round(2))
    assert ((78.0 <= share[0]) & (share[0] <= 82.0)).all()
    assert ((94.0 <= share[1]) & (share[1] <= 96.0)).all()


def test_what_cannot_be_tested_is_refused() -> None:
    log = log_of()
    with pytest.raises(
        fog.DataError, match=r"the log has 60 rows: expected at least 80, 30 before the first forecast"
    ):
        fog.backtest(WALK, log, horizon=50)
    with pytest.raises(
        fog.ModelError, match=r"horizon = 0: expected a whole number of rows, at least 1. Write horizon"
    ):
        fog.backtest(WALK, log, horizon=0)
    with pytest.raises(fog.ModelError, match=r"every = 1.5: expected a whole number of rows, at least 1"):
        fog.backtest(WALK, log, every=1.5)  # type: ignore[arg-type]
    with pytest.raises(fog.ModelError, match=r"first = 0: expected a whole number of rows"):
        fog.backtest(WALK, log, first=0)
    with pytest.raises(
        fog.DataError, match=r"the readings up to row 58 do not determine the state, so that no forecas"
    ):
        fog.backtest(LOST, fog.Log.regular(np.full(60, np.nan), dt=0.1))
    with pytest.raises(
        fog.ModelError, match=r"refit\(…\) = 3: expected a fog.Model that measures radar.gap. Write re"
    ):
        fog.backtest(WALK, log, refit=lambda model, before: 3)  # type: ignore[arg-type,return-value]
    ragged = fog.Log.from_arrays(np.tile(np.arange(10.0), 2), track=np.repeat([1, 2], 10), radar=np.ones(20))
    with pytest.raises(
        fog.ModelError, match=r"refit: the tracks of this log follow one another, and each would need"
    ):
        fog.backtest(WALK, ragged, refit=lambda model, before: model)
    with pytest.raises(fog.ModelError, match=r"expected a fog.Model and a fog.Log"):
        fog.backtest(WALK, [1.0, 2.0])  # type: ignore[arg-type]
