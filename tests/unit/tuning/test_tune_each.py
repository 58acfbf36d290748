"""`fog.tune_each`: each series as `fog.tune` would tune it, what is flagged, and panels of all dataframe libraries."""

import resource
import time
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import foglight as fog
from foglight.inference.likelihood import Likelihood
from foglight.inference.likelihoods import Likelihoods
from foglight.methods.ekf import EKF
from foglight.tuning.each import optima

TREND = fog.structural("sales", trend="random")
NAMES = tuple(TREND.parameters)


def readings(seed: int, rows: int = 60) -> Any:
    rng = np.random.default_rng(seed)
    sizes = np.exp(0.7 * rng.normal(size=3))
    slope = 0.1 * sizes[0] * rng.normal(size=rows).cumsum()
    return 50.0 + (slope + sizes[1] * rng.normal(size=rows)).cumsum() + sizes[2] * rng.normal(size=rows)


def panel(lengths: dict[str, int], seed: int = 0) -> pd.DataFrame:
    parts = [
        pd.DataFrame({
            "unique_id": name,
            "ds": pd.date_range("2015-01-01", periods=rows, freq="MS"),
            "y": readings(seed + k, rows),
        })
        for k, (name, rows) in enumerate(lengths.items())
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def log_of(frame: pd.DataFrame, name: str) -> fog.Log:
    return fog.Log.series(frame[frame["unique_id"] == name].set_index("ds")["y"])


def same(fits: fog.Fits, k: int, fit: Any) -> None:
    assert fits.status[k] == "converged" and fit.converged
    assert fits.loglik[k] == pytest.approx(fit.loglik, abs=1e-6)
    for name, error in fit.std_errors.items():
        found, spread = fits.params[name][k], fits.std_errors[name][k]
        if np.isnan(error):
            assert found == fit.params[name] and np.isnan(spread)
        else:
            assert abs(found - fit.params[name]) < 2e-3 * error and spread == pytest.approx(error, rel=0.03)
            ends, expected = np.log(fits.intervals[name][k]), np.log(fit.intervals[name])
            assert ends == pytest.approx(expected, abs=0.05 * np.ptp(expected))


def test_each_series_is_tuned_as_alone() -> None:
    z = np.stack([readings(seed) for seed in range(6)])[:, :, None]
    fits = fog.tune_each(TREND, fog.Log.regular(z, dt=1.0))
    for k in range(6):
        same(fits, k, fog.tune(TREND, fog.Log.regular(z[k], dt=1.0), heldout=False))


def test_series_of_other_lengths_with_gaps_and_rounded_readings() -> None:
    frame = panel({"a": 60, "b": 41, "c": 52})
    frame.loc[frame.index % 7 == 3, "y"] = np.nan
    frame.loc[frame["unique_id"] == "c", "y"] = frame["y"].round()
    fits = fog.tune_each(TREND, frame)
    for k, name in enumerate("abc"):
        same(fits, k, fog.tune(TREND, log_of(frame, name), heldout=False))


@pytest.mark.parametrize(
    "model",
    [fog.structural("y", level=None, autoregressive=1), fog.structural("y", trend="random", seasonal=10)],
    ids=["moving start", "whole arrays"],
)
def test_each_has_the_likelihood_of_its_own_parameters(model: fog.Model) -> None:
    z = np.stack([readings(seed) - 50.0 for seed in range(3)])[:, :, None]
    names = tuple(model.parameters)
    points = np.random.default_rng(4).uniform(0.2, 0.8, (4, len(names)))
    series = np.array([2, 0, 2, 1])
    logs = [fog.Log.regular(one, dt=1.0) for one in z]
    found = Likelihoods(model, fog.Log.regular(z, dt=1.0), EKF(), names).at_each(series, points)
    for k, (number, values) in enumerate(zip(series, points, strict=True)):
        alone = Likelihood(model, logs[number]).at(values)
        assert found[0][k] == pytest.approx(alone.loglik, rel=1e-12)
        assert found[1][k] == pytest.approx(alone.gradient, rel=1e-9)
        assert found[2][k] == pytest.approx(alone.information, rel=1e-9)


def test_the_innovations_of_all_series_are_a_linear_map_of_their_readings() -> None:
    z = np.stack([readings(seed, 20) for seed in range(24)])[:, :, None]
    known = TREND.with_start(fog.Belief([0.0, 0.0], std=[5.0, 1.0]))
    likelihoods = Likelihoods(known, fog.Log.regular(z, dt=1.0), EKF(), NAMES)
    values = np.array([1.3, 0.2, 0.7])
    found = likelihoods.linear_map(values)
    assert found is not None
    mapped, usual = found.at(z), likelihoods.at_common(np.arange(24), values)
    assert mapped[0] == pytest.approx(usual[0], rel=1e-9) and mapped[1] == pytest.approx(usual[1], rel=1e-9)
    few = Likelihoods(known, fog.Log.regular(z[:5], dt=1.0), EKF(), NAMES)
    assert few.linear_map(values) is None  # of 5 series not worth it


def test_more_series_begin_at_shared_innovations_and_end_at_the_same_maxima() -> None:
    z = np.stack([readings(seed, 20) for seed in range(24)])[:, :, None]
    many = fog.tune_each(TREND, fog.Log.regular(z, dt=1.0), resolution=False)
    assert many.converged.all()
    for k in range(0, 24, 6):
        alone = fog.tune(TREND, fog.Log.regular(z[k], dt=1.0), heldout=False, resolution=False)
        assert many.loglik[k] > alone.loglik - 1e-3


def test_what_cannot_be_tuned_is_flagged() -> None:
    frame = panel({"good": 60, "flat": 60, "short": 4, "empty": 60})
    frame.loc[frame["unique_id"] == "flat", "y"] = 3.0
    frame.loc[frame["unique_id"] == "empty", "y"] = np.nan
    fits = fog.tune_each(TREND, frame)
    assert fits.status.tolist() == ["converged", "constant", "too short", "no readings"]
    assert np.isnan(fits.params["motion.level_std"]).tolist() == [False, True, True, True]
    assert list(fits.models) == ["good"] and len(fits.models) == 1
    assert fits.models["good"].parameters == fits["good"].parameters
    ahead = fits.forecast(2)
    assert len(ahead) == 8 and ahead["mean"].isna().tolist() == [False] * 2 + [True] * 6
    with pytest.raises(fog.DataError, match="series 'flat' could not be tuned: constant"):
        fits["flat"]
    with pytest.raises(fog.DataError, match="the name of a series: 'good', 'flat'"):
        fits["none"]


def test_one_that_stays_below_its_maximum_is_tuned_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    z = np.stack([readings(seed) for seed in range(3)])[:, :, None]
    usual = fog.tune_each(TREND, fog.Log.regular(z, dt=1.0))
    monkeypatch.setattr("foglight.tuning.each.ascents._STEPS", 1)
    alone: list[int] = []
    one = optima.Search._alone
    monkeypatch.setattr(optima.Search, "_alone", lambda self, k: (alone.append(k), one(self, k))[1])
    fits = fog.tune_each(TREND, fog.Log.regular(z, dt=1.0))
    assert alone and fits.loglik == pytest.approx(usual.loglik, abs=1e-6)


def test_no_bit_depends_on_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optima, "_AT_ONCE", 4)
    z = np.stack([readings(seed, 30) for seed in range(10)])[:, :, None]
    done: list[int] = []
    one = fog.tune_each(TREND, fog.Log.regular(z, dt=1.0), threads=1, progress=done.append)
    three = fog.tune_each(TREND, fog.Log.regular(z, dt=1.0), threads=3)
    assert done == [4, 8, 10]
    for name, values in one.columns().items():
        assert np.array_equal(values, three.columns()[name], equal_nan=values.dtype.kind == "f"), name


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_panels_of_all_libraries(library: str) -> None:
    frame = panel({"north": 36, "south": 30})
    other = pl.from_pandas(frame)
    given = {"pandas": frame, "polars": other, "pyarrow": other.to_arrow()}[library]
    fits = fog.tune_each(TREND, given, free=("level_std", "irregular_std"))
    ahead = fits.forecast(3, probability=0.8)
    assert type(ahead) is type(given) and type(fits.to_frame()) is type(given)
    table = ahead if library == "pandas" else ahead.to_pandas()
    assert list(table.columns) == ["unique_id", "ds", "mean", "lower", "upper"]
    assert table["ds"].astype(str).tolist()[2:4] == ["2018-03-01", "2017-07-01"]
    usual = fog.forecast(fog.run(fits["south"], log_of(frame, "south")), 3).sensors["sales"]
    assert table["mean"].to_numpy()[3:] == pytest.approx(usual.mean[:, 0])
    assert table["upper"].to_numpy()[3:] == pytest.approx(usual.interval(0.8)[1][:, 0])


def test_names_numbers_and_several_measures() -> None:
    model = fog.Model(
        fog.motion.random_walk("level", std=1.0),
        [fog.sensing.linear("a", of="level", std=1.0), fog.sensing.linear("b", of="level", std=1.0)],
        start=None,
    )
    shop = np.repeat([3, 7], 30)
    z = np.random.default_rng(2).normal(size=60).cumsum()
    noise = np.random.default_rng(3).normal(size=(2, 60))
    frame = pl.DataFrame({"shop": shop, "week": [*range(30)] * 2, "a": z + noise[0], "b": z + noise[1]})
    fits = fog.tune_each(model, frame, id="shop", time="week")
    ahead = fits.forecast(2)
    assert (
        ahead.columns[:3] == ["shop", "week", "a.level_mean"] and ahead["week"].to_list() == [30.0, 31.0] * 2
    )
    assert ahead["shop"].to_list() == [3, 3, 7, 7] and "b.level_upper" in ahead.columns
    assert str(fits).startswith("Fits of 2 series: 2 converged\nparameter")
    assert fits.to_frame().columns[0] == "shop" and len(fits) == 2


@pytest.mark.campaign
@pytest.mark.filterwarnings("ignore")
def test_it_takes_a_tenth_of_the_time_of_statsmodels_on_one_core_and_as_much_memory_for_any_number() -> None:
    from statsmodels.tsa.api import UnobservedComponents

    z = np.stack([readings(seed, 100) for seed in range(1_000)])
    fog.tune_each(TREND, fog.Log.regular(z[:130, :, None], dt=1.0), threads=1)  # compiles
    peaks: list[int] = []
    begin = time.process_time()
    fits = fog.tune_each(
        TREND, fog.Log.regular(z[:, :, None], dt=1.0), threads=1,
        progress=lambda _: peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss),
    )  # fmt: skip
    each = (time.process_time() - begin) / 1_000
    begin = time.process_time()
    for y, loglik in zip(z[:5], fits.loglik, strict=False):
        peer = UnobservedComponents(y, "lltrend", use_exact_diffuse=True).fit(disp=0)
        assert loglik > peer.llf - 1e-3
    assert fits.converged.all() and each < (time.process_time() - begin) / 5 / 10
    assert peaks[-1] < peaks[0] + 20_000  # kilobytes


def test_what_is_refused() -> None:
    log = fog.Log.regular(np.zeros((2, 20, 1)), dt=1.0)
    with pytest.raises(fog.ModelError, match=r"tune_each\(int, …\): expected a fog.Model"):
        fog.tune_each(3, log)  # type: ignore[arg-type]
    with pytest.raises(fog.ModelError, match=r"expected a fog\.Log with tracks, or a dataframe"):
        fog.tune_each(TREND, [1.0, 2.0])
    with pytest.raises(fog.ModelError, match="without a gate"):
        fog.tune_each(TREND, log, method=fog.EKF(gate=0.99))
    with pytest.raises(fog.ModelError, match="resolution = 1: expected True or False"):
        fog.tune_each(TREND, log, resolution=1)  # type: ignore[arg-type]
    frame = panel({"a": 30}).rename(columns={"y": "price"}).assign(y=1.0)
    priced = fog.structural("y", level="fixed", regression="price")
    with pytest.raises(fog.ModelError, match=r"the model has controls \(price\)"):
        fog.tune_each(priced, frame).forecast(1)
