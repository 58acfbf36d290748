"""Components of runs, smoothed runs and forecasts: against statsmodels, and what must hold whatever the model."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import foglight as fog
from unit.inference import monthly

FEW, MONTHS = 3, 12
SEASONS = [FEW, pytest.param(MONTHS, marks=pytest.mark.campaign)]
Y, PRICE = monthly.series(1, FEW)
DIFFUSE = 20  # rows, missing ones included, until the start is resolved


def far(found: Any, mean: Any, variance: Any, rows: slice = slice(None)) -> float:
    """The largest error of means and standard deviations."""
    off = np.abs(found.mean[rows, 0] - mean[rows])
    wide = np.abs(found.std[rows, 0] - np.sqrt(variance[rows]))
    return float(max(np.nanmax(off), np.nanmax(wide)))


@pytest.mark.parametrize("season", SEASONS)
def test_smoothed_components_of_statsmodels(season: int) -> None:
    y, price = monthly.series(1, season)
    theirs, found = monthly.peer(season), monthly.smoothed(monthly.dummies(season), season)
    ours = found.components()
    assert ours.names == ("level", "season_1", "price_effect", "irregular")
    assert far(ours["level"], theirs.level.smoothed, theirs.level.smoothed_cov) <= 1e-8
    assert far(ours["season_1"], theirs.seasonal.smoothed, theirs.seasonal.smoothed_cov) <= 1e-8
    last = theirs.smoothed_state_cov[-1, -1]
    assert far(ours["price_effect"], price * theirs.smoothed_state[-1], price**2 * last) <= 1e-8
    error, variance = theirs.smoothed_measurement_disturbance, theirs.smoothed_measurement_disturbance_cov
    read = ~np.isnan(y)
    assert far(ours["irregular"], np.where(read, error[0], np.nan), variance[0, 0]) <= 1e-8
    assert np.array_equal(np.isnan(ours["irregular"].mean[:, 0]), ~read)
    assert np.abs(found.mean[:, 1] - theirs.trend.smoothed).max() <= 1e-8
    assert np.abs(found.std[:, 1] - np.sqrt(theirs.trend.smoothed_cov)).max() <= 1e-8


@pytest.mark.parametrize("season", SEASONS)
def test_filtered_components_of_statsmodels_once_the_start_is_known(season: int) -> None:
    theirs, ours = monthly.peer(season), monthly.smoothed(monthly.dummies(season), season).run.components()
    rows = slice(DIFFUSE, None)
    assert far(ours["level"], theirs.level.filtered, theirs.level.filtered_cov, rows) <= 1e-8
    assert far(ours["season_1"], theirs.seasonal.filtered, theirs.seasonal.filtered_cov, rows) <= 1e-8
    assert np.isinf(ours["level"].std[:season]).all() and np.isfinite(ours["level"].std[rows]).all()


@pytest.mark.campaign
@pytest.mark.parametrize(("season", "count"), [(5, 2), (MONTHS, 5)])
def test_harmonics_of_a_season_are_one_component_with_their_joint_covariance(season: int, count: int) -> None:
    """statsmodels adds the variances of harmonics as if they were uncorrelated given the data."""
    ours = monthly.smoothed(monthly.harmonics(season, count), season).components()
    theirs, at = monthly.peer(season, count), 2 * np.arange(1, count + 1)
    joint = theirs.smoothed_state_cov[np.ix_(at, at)].sum(axis=(0, 1))
    assert ours.names == ("level", "season", "price_effect", "irregular")
    assert far(ours["season"], theirs.freq_seasonal[0].smoothed, joint) <= 1e-8
    assert abs(np.sqrt(theirs.freq_seasonal[0].smoothed_cov[50]) / ours["season"].std[50, 0] - 1.0) > 0.01


@pytest.mark.parametrize("kind", ["filtered", "smoothed", "forecast"])
def test_readings_are_the_sum_of_their_components(kind: str) -> None:
    run = monthly.smoothed(monthly.dummies(FEW), FEW).run
    ahead = fog.forecast(run, steps=5, u=np.linspace(1.0, 2.0, 5))
    found: Any = {"filtered": run, "smoothed": monthly.smoothed(run.model, FEW), "forecast": ahead}[kind]
    table = found.decompose().columns()
    total = table["level"] + table["season_1"] + table["price_effect"] + table["irregular"]
    reading = ahead.sensors["gauge"].mean[:, 0] if kind == "forecast" else Y
    assert np.nanmax(np.abs(total - reading)) <= 4e-14 * 100.0
    assert np.array_equal(np.isnan(total), np.isnan(reading))
    assert np.nanmax(np.abs(table["gauge.y"] - reading)) <= 1e-12


def test_all_states_together_are_the_forecast_of_the_reading_without_its_noise() -> None:
    run = monthly.smoothed(monthly.dummies(FEW), FEW).run
    ahead = fog.forecast(run, steps=7, u=np.linspace(1.0, 2.0, 7))
    found = ahead.components({"signal": run.model.state})
    signal, noise = found["signal"], found["irregular"]
    seen = ahead.sensors["gauge"]
    assert found.names == ("signal", "irregular")
    assert np.abs(signal.mean - seen.mean).max() <= 1e-12 * 100.0
    assert signal.cov + noise.cov == pytest.approx(seen.cov, rel=1e-12)
    assert noise.std == pytest.approx(np.sqrt(monthly.VARIANCES["irregular"]), rel=1e-15)


def test_intervals_and_columns() -> None:
    found = monthly.smoothed(monthly.dummies(FEW), FEW)
    table = found.components(probability=0.8).columns()
    assert list(table)[:9] == [
        "time", "level", "level_std", "level_low", "level_high",
        "season_1", "season_1_std", "season_1_low", "season_1_high",
    ]  # fmt: skip
    reach = 1.2815515655446004 * table["level_std"]
    assert table["level_high"] == pytest.approx(table["level"] + reach, rel=1e-13)
    assert table["level_low"] == pytest.approx(table["level"] - reach, rel=1e-13)
    lines = str(found.components()).splitlines()
    assert lines[0] == "Components(Smoothed, 96 rows: level, season_1, price_effect, irregular)"
    assert lines[1].split() == ["time", "level", "season_1", "price_effect", "irregular"]
    assert list(found.components()) == ["level", "season_1", "price_effect", "irregular"]


def two_gauges(**more: Any) -> fog.Model:
    """Two gauges of a level, one with an offset of 3, and a tide that only one of them sees."""
    motion = fog.motion.random_walk(("level", "tide"), std=0.5)
    shore = fog.Sensor("shore", ("height",), lambda x, p: [x.level + 2.0 * x.tide], lambda x, p: [[0.2]])
    river = fog.Sensor(
        "river",
        ("height", "depth"),
        lambda x, p: [x.level, 3.0 - x.level],
        lambda x, p: [[0.3, 0.1], [0.1, 0.4]],
    )
    return fog.Model(motion, [shore, river], start=fog.Belief([1.0, 0.5], std=[1.0, 2.0]), **more)


def test_several_measures_have_their_own_components_and_offsets() -> None:
    log, _ = fog.simulate(two_gauges(), steps=30, dt=1.0, seed=4, missing=0.2)
    found = fog.smooth(fog.run(two_gauges(), log))
    ours = found.components()
    assert ours.names == ("level", "tide", "offset", "irregular")
    assert ours.measures == ("shore.height", "river.height", "river.depth")
    table = found.decompose().columns()
    assert [name for name in table if name.startswith("river.depth")] == [
        "river.depth", "river.depth.level", "river.depth.offset", "river.depth.irregular",
    ]  # fmt: skip
    assert "river.height.tide" not in table and "shore.height.offset" not in table
    assert table["river.depth.offset"] == pytest.approx(3.0) and (ours["offset"].std == 0.0).all()
    assert table["shore.height.tide"] == pytest.approx(2.0 * found.mean[:, 1], rel=1e-15)
    level = ours["level"].cov
    assert level[:, 0, 2] == pytest.approx(-found.cov[:, 0, 0], rel=1e-14)


def test_tracks_side_by_side_or_one_after_another_have_the_components_of_each() -> None:
    gauge = fog.Sensor(
        "gauge",
        ("y",),
        lambda x, p, u: [u.price * x.gap + x.gap_speed],
        lambda x, p: [[0.3]],
        controls=("price",),
    )
    model = fog.Model(fog.motion.constant_velocity(("gap",), accel=0.4), [gauge], start=None)
    rng = np.random.default_rng(5)
    y, price = rng.normal(size=(2, 30)), rng.normal(size=(2, 30))
    together = fog.Log.regular(y[..., None], dt=1.0, u=price[..., None])
    time, names = np.tile(np.arange(30.0), 2), np.repeat(["a", "b"], 30)
    after = fog.Log.from_arrays(time, track=names, gauge=y.ravel(), u={"price": price.ravel()})
    side = fog.smooth(fog.run(model, together)).components()
    ragged = fog.smooth(fog.run(model, after)).components()
    assert list(side.columns())[:2] == list(ragged.columns())[:2] == ["track", "time"]
    for k in range(2):
        rows = slice(30 * k, 30 * (k + 1))
        alone = fog.smooth(fog.run(model, fog.Log.regular(y[k], dt=1.0, u={"price": price[k]}))).components()
        for name in ("gap", "gap_speed", "irregular"):
            mean, std = alone[name].mean, alone[name].std
            assert np.array_equal(side[name].mean[k], mean) and np.array_equal(side[name].std[k], std)
            assert np.array_equal(ragged[name].mean[rows], mean) and np.array_equal(
                ragged[name].std[rows], std
            )
        assert np.abs(side["gap"].mean[k, :, 0]).max() > 0.0


def test_rows_with_their_own_matrices() -> None:
    rng = np.random.default_rng(3)
    H, z = rng.normal(size=(20, 1, 2)), rng.normal(size=20)
    d = rng.normal(size=(20, 1))
    model = fog.linear_model(
        [[0.9, 0.2], [0.0, 0.8]],
        [[0.3, 0.1], [0.1, 0.2]],
        H,
        0.5,
        d=d,
        start=fog.Belief([0.0, 1.0], std=[1.0, 2.0]),
    )
    run = fog.run(model, fog.Log.regular(z, dt=1.0))
    found = run.components()
    assert np.abs(found["x1"].mean[:, 0] - H[:, 0, 1] * run.filtered.mean[:, 1]).max() == 0.0
    assert np.array_equal(found["offset"].mean, d)
    both = run.components({"signal": ["x0", "x1"]})["signal"]
    assert both.cov == pytest.approx(H @ run.filtered.cov @ H.swapaxes(1, 2), rel=1e-13)


def test_frames_have_the_dates_of_the_log() -> None:
    dates = pd.date_range("2026-01-01", periods=len(Y), freq="D")
    log = fog.Log.from_frame(pd.DataFrame({"y": Y, "price": PRICE}, index=dates))
    run = fog.run(monthly.dummies(FEW), log)
    frame = fog.smooth(run).components().to_frame()
    assert frame["time"].iloc[3] == pd.Timestamp("2026-01-04")
    ahead = fog.forecast(run, steps=2, u=np.ones(2))
    assert list(ahead.decompose().to_frame()["time"]) == list(pd.date_range("2026-04-07", periods=2))


def test_groups_of_motions_side_by_side() -> None:
    motion = monthly.harmonics(5, 2).motion
    wider = motion.with_states(fog.motion.random_walk("bias", std=[0.1]))
    assert wider.groups == motion.groups and list(motion.groups) == ["season"]
    with pytest.raises(
        fog.ModelError, match=r"others\[0\] = 'season': expected a group that the motions before"
    ):
        other = fog.Motion(
            ("a", "b"), lambda x, dt, p: [x.a, x.b], lambda x, dt, p: np.eye(2), groups={"season": ["a", "b"]}
        )
        motion.with_states(other)


def walk(**more: Any) -> fog.Run:
    model = fog.Model(
        fog.motion.random_walk(("a", "b"), std=1.0),
        [
            fog.Sensor(
                "gauge",
                ("sum",),
                **{"measure": lambda x, p: [x.a + x.b], "noise": lambda x, p: [[1.0]], **more},
            )
        ],
        start=fog.Belief([1.0, 1.0], std=[1.0, 1.0]),
    )
    return fog.run(model, fog.Log.regular([1.0, 2.0], dt=1.0))


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        (
            [("a", ["a"])],
            r"groups = \[\('a', \['a'\]\)\]: expected names and states. Write groups={'level': \['a'\]}.",
        ),
        ({"s": ["a", "c"]}, r"groups\['s'\] = \'c': expected one of the states a, b. Rename it."),
        (
            {"s": ["a"], "t": ["b", "a"]},
            r"groups\['t'\] = \'a': expected a state of one group only, and s has it.",
        ),
        (
            {"b": ["a"]},
            r"groups\['b'\] = \'b': expected a name that is not that of another state. Rename the group.",
        ),
        ({"s": "ab"}, r"groups\['s'\] = 'ab': expected a tuple of names. Write \('ab',\)."),
        (
            {"irregular": ["a"]},
            r"groups\['irregular'\] = \'irregular': expected another name, for 'irregular' is what no",
        ),
    ],
)
def test_wrong_groups_are_refused(groups: Any, message: str) -> None:
    with pytest.raises(fog.ModelError, match=message):
        walk().components(groups)


def test_what_cannot_be_split_is_refused() -> None:
    with pytest.raises(
        fog.ModelError, match=r"gauge.measure is not linear in the state: .*test_components.py.* bends"
    ):
        walk(measure=lambda x, p: [x.a * x.b]).components()
    with pytest.raises(
        fog.ModelError, match=r"gauge.measure is opaque: whether it is linear cannot be checked"
    ):
        walk(measure=fog.opaque(lambda x, p: [x.a + x.b])).decompose()
    with pytest.raises(
        fog.ModelError, match=r"gauge.sum is an angle, which wraps around, and components\(\) needs"
    ):
        walk(angles=("sum",)).components()
    with pytest.raises(fog.ModelError, match=r"probability = 95: expected a number between 0 and 1"):
        walk().components(probability=95)
    with pytest.raises(fog.ModelError, match=r"component = 'trend': expected one of a, b, irregular"):
        _ = walk().components()["trend"]


def test_the_irregular_of_readings_without_noise_is_known() -> None:
    """H P Hᵀ of an exact reading is 0, and by rounding now and then less."""
    z = np.random.default_rng(1).normal(size=60).cumsum()
    model = fog.structural(irregular=False, seasonal=7).with_parameters({"level_std": 0.4, "season_std": 0.2})
    found = fog.smooth(fog.run(model, fog.Log.regular(z[:, None], dt=1.0))).components()["irregular"]
    assert (found.std < 1e-7).all() and (np.abs(found.mean) < 1e-12).all()
