"""Series that are modelled by a logarithm or a power, against the same model of the series transformed by hand."""

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.special import boxcox

import foglight as fog
from foglight.inference.likelihood import Likelihood
from foglight.tuning.rounding_noise import least_noises

Array = NDArray[np.float64]
RNG = np.random.default_rng(5)
T = 60
SALES = np.exp(
    3.0 + 0.02 * np.arange(T) + np.tile([0.0, 0.3, -0.2, 0.1], 15) + 0.05 * RNG.normal(size=T).cumsum()
)
SALES[[7, 20, 21]] = np.nan
SCALES: list[tuple[dict[str, Any], float]] = [({"log": True}, 0.0), ({"boxcox": 0.3}, 0.3)]
STDS = {"level_std": 0.05, "season_std": 0.02, "irregular_std": 0.03}


def log_of(values: Array) -> fog.Log:
    return fog.Log.from_arrays(np.arange(float(len(values))), sales=values)


@functools.cache  # compiled once for all tests
def structural(**scale: Any) -> fog.Model:
    return fog.structural("sales", trend="fixed", seasonal=4, **scale).with_parameters(STDS)


@functools.cache
def arima(**scale: Any) -> fog.Model:
    return fog.arima((2, 1, 1), series="sales", ar=[0.4, 0.1], ma=[0.3], std=0.1, **scale)


@functools.cache
def stationary(**scale: Any) -> fog.Model:
    return fog.arima((1, 0, 0), series="sales", ar=[0.6], trend="constant", std=0.3, **scale)


def jacobian(model: fog.Model, power: float) -> float:
    """Σ log dy/dz of the readings that no unknown direction absorbs: the first ones, one for each direction."""
    read = SALES[np.isfinite(SALES)]
    directions = 0 if model.start is None else model.start.unknown.shape[1]
    directions = len(model.state) if model.start is None else directions
    return float((power - 1.0) * np.log(read[directions:]).sum())


@pytest.mark.parametrize("make", [structural, arima, stationary])
@pytest.mark.parametrize(("scale", "power"), SCALES, ids=str)
def test_the_likelihood_is_that_of_the_transformed_series_and_its_jacobian(
    make: Any, scale: dict[str, Any], power: float
) -> None:
    model, plain = make(**scale), make()
    run, by_hand = fog.run(model, log_of(SALES)), fog.run(plain, log_of(boxcox(SALES, power)))
    expected = by_hand.loglik + jacobian(model, power)
    assert run.loglik == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert run.row_loglik.sum() == pytest.approx(run.loglik, rel=1e-13)
    assert fog.run(model, log_of(SALES), keep="last").loglik == run.loglik
    np.testing.assert_allclose(run.filtered.mean, by_hand.filtered.mean, rtol=1e-9, atol=1e-12)
    for method in (fog.UKF(), fog.KF(form="joseph")) if make is stationary else ():
        assert fog.run(model, log_of(SALES), method=method).loglik == pytest.approx(run.loglik, rel=1e-9)


def test_a_rejected_reading_has_no_jacobian() -> None:
    odd = SALES.copy()
    odd[40] *= 20.0
    runs = [
        fog.run(model, log_of(z), method=fog.EKF(gate=0.999))
        for model, z in ((stationary(log=True), odd), (stationary(), np.log(odd)))
    ]
    assert runs[0].status.tolist() == runs[1].status.tolist() and runs[0].status[40] & fog.Status.GATED
    used = (runs[0].status & fog.Status.USED) != 0
    assert runs[0].loglik == pytest.approx(runs[1].loglik - np.log(odd[used]).sum(), rel=1e-12)


def test_tracks_share_a_scale() -> None:
    model = stationary(log=True)
    z = np.stack([SALES, 2.0 * SALES[::-1]])[:, :, None]
    both = fog.run(model, fog.Log.regular(z, dt=1.0))
    alone = [fog.run(model, fog.Log.regular(one, dt=1.0)).loglik for one in z]
    np.testing.assert_array_equal(both.loglik, alone)
    z[1, 3] = -1.0
    with pytest.raises(fog.DataError, match=r"sales.value = -1 in row 3 \(t = 3 s, track 1\)"):
        fog.run(model, fog.Log.regular(z, dt=1.0))


def test_aic_does_not_depend_on_the_unit_of_the_series() -> None:
    differences = []
    for unit in (1.0, 1000.0):
        stds = {name: unit * 20.0 * value for name, value in STDS.items()}
        plain = fog.run(structural().with_parameters(stds), log_of(unit * SALES))
        differences.append(fog.run(structural(log=True), log_of(unit * SALES)).loglik - plain.loglik)
    assert differences[0] == pytest.approx(differences[1], abs=1e-9)


@pytest.mark.parametrize(
    ("scale", "power"), [SCALES[0], pytest.param(*SCALES[1], marks=pytest.mark.campaign)], ids=str
)
def test_a_fit_is_that_of_the_transformed_series(scale: dict[str, Any], power: float) -> None:
    model, plain = arima(**scale), arima()
    fit = fog.tune(model, log_of(SALES), heldout=False)
    by_hand = fog.tune(plain, log_of(boxcox(SALES, power)), heldout=False)
    assert fit.loglik == pytest.approx(by_hand.loglik + jacobian(model, power), rel=1e-10)
    for name, value in by_hand.params.items():
        assert fit.params[name] == pytest.approx(value, rel=1e-5, abs=1e-7)
        assert fit.std_errors[name] == pytest.approx(by_hand.std_errors[name], rel=1e-4, nan_ok=True)


def test_the_rounding_of_integers_is_that_of_their_logarithms() -> None:
    counts = np.round(SALES)
    found, by_hand = (
        least_noises(Likelihood(model, log_of(z)))
        for model, z in ((structural(log=True), counts), (structural(), np.log(counts)))
    )
    assert found == by_hand and next(iter(found.values())).value < 0.02


@pytest.mark.campaign
def test_aic_says_that_airline_passengers_are_a_product(shared_data: Path) -> None:
    """As with SARIMAX of statsmodels 0.15.0 (BSD-3), simple_differencing=True: log-likelihoods 244.69648444 of the
    logarithms and -507.50148427 of the series, at its maximum. The Jacobian is that of the last 131 readings, of which
    there is a difference."""
    table = np.loadtxt(shared_data / "airline_passengers" / "AirPassengers.csv", delimiter=",", skiprows=1)
    z = table[:, 2]
    log = fog.Log.from_arrays(np.arange(144.0), passengers=z)
    expected = {True: 244.69648444 - np.log(z[13:]).sum(), False: -507.50148427}
    found = {}
    for taken in (True, False):
        fit = fog.tune(
            fog.arima((0, 1, 1), (0, 1, 1, 12), series="passengers", log=taken), log, heldout=False
        )
        found[taken] = fit.loglik + fog.run(fit.model, log).absorbed * 0.5 * np.log(2.0 * np.pi)
        assert found[taken] == pytest.approx(expected[taken], abs=1e-5)
    assert 2.0 * (found[True] - found[False]) == pytest.approx(
        1021.0030 - 987.1956, abs=1e-3
    )  # AIC of statsmodels


@pytest.mark.parametrize(("scale", "power"), SCALES, ids=str)
def test_forecasts_are_carried_back(scale: dict[str, Any], power: float) -> None:
    run, by_hand = (
        fog.run(structural(**scale), log_of(SALES)),
        fog.run(structural(), log_of(boxcox(SALES, power))),
    )
    ahead = fog.forecast(run, steps=6).sensors["sales"]
    plain = fog.forecast(by_hand, steps=6).sensors["sales"]

    def back(y: Array) -> Array:
        return np.exp(y) if power == 0.0 else (1.0 + power * y) ** (1.0 / power)

    np.testing.assert_allclose(ahead.median, back(plain.mean), rtol=1e-12)
    for found, expected in zip(ahead.interval(0.9), plain.interval(0.9), strict=True):
        np.testing.assert_allclose(found, back(expected), rtol=1e-12)
    draws = back(plain.mean[5, 0] + plain.std[5, 0] * np.random.default_rng(1).normal(size=400_000))
    assert ahead.mean[5, 0] == pytest.approx(draws.mean(), rel=2e-3) and ahead.mean[5, 0] > ahead.median[5, 0]
    assert ahead.std[5, 0] == pytest.approx(draws.std(), rel=1e-2)
    np.testing.assert_array_equal(plain.median, plain.mean)
    columns = fog.forecast(run, steps=6).columns()
    np.testing.assert_array_equal(columns["sales.value_std"], ahead.std[:, 0])


def test_components_of_a_logarithm_are_factors() -> None:
    smoothed, by_hand = (
        fog.smooth(fog.run(model, log_of(z)))
        for model, z in ((structural(log=True), SALES), (structural(), np.log(SALES)))
    )
    factors, terms = smoothed.components(), by_hand.components()
    for name in ("level", "season", "irregular"):
        np.testing.assert_allclose(factors[name].median, np.exp(terms[name].mean), rtol=1e-12)
        for found, expected in zip(factors[name].interval(0.8), terms[name].interval(0.8), strict=True):
            np.testing.assert_allclose(found, np.exp(expected), rtol=1e-12)
    split = smoothed.decompose()
    table = split.columns()
    assert "level x season x irregular" in repr(split)
    np.testing.assert_allclose(table["sales.value"], SALES, rtol=1e-14)
    np.testing.assert_allclose(table["level"] * table["season"] * table["irregular"], SALES, rtol=1e-13)
    power = fog.run(structural(boxcox=0.3), log_of(SALES)).decompose()
    assert "level + season + irregular" in repr(power)
    np.testing.assert_allclose(power.columns()["sales.value"], boxcox(SALES, 0.3), rtol=1e-13)


@pytest.mark.parametrize(
    "given", [float, lambda z: [float(z)], lambda z: np.array([z]), lambda z: {"value": z}]
)
def test_a_live_filter_is_the_run(given: Any) -> None:
    model = structural(boxcox=0.3)
    run, live = fog.run(model, log_of(SALES)), fog.online(model)
    for k, z in enumerate(SALES):
        live.step(float(k), "sales", given(z) if np.isfinite(z) else None)
    assert live.loglik == run.loglik
    np.testing.assert_array_equal(live.belief.mean, run.belief.mean)


def test_a_live_filter_takes_whole_and_late_rows_and_is_saved(tmp_path: Any) -> None:
    model = fog.structural(("sales", "costs"), log=True).with_parameters(
        {"level_std": 0.1, "costs.loading": 0.9}
    )
    z = np.column_stack([SALES, 0.5 * SALES])
    run = fog.run(model, fog.Log.from_arrays(np.arange(float(T)), sales=z[:, 0], costs=z[:, 1]))
    live = fog.online(model, history=10.0)
    for k in [*range(50), 51, 50, *range(52, 60)]:
        live.step(float(k), None, z[k])
    np.testing.assert_allclose(live.belief.mean, run.belief.mean, rtol=1e-13)
    assert live.loglik == pytest.approx(run.loglik, rel=1e-13)
    live.save(tmp_path / "live.json")
    assert fog.restore(tmp_path / "live.json", model).belief.mean.tolist() == live.belief.mean.tolist()
    other = fog.structural(("sales", "costs"), boxcox=0.5).with_parameters(model.parameters)
    with pytest.raises(fog.StateError):
        fog.restore(tmp_path / "live.json", other)


@pytest.mark.parametrize("value", [0.0, -3.0])
def test_a_reading_without_a_logarithm_is_refused_with_its_date(value: float) -> None:
    months = pd.Series(SALES, index=pd.period_range("2019-01", periods=T, freq="M"), name="sales")
    months.iloc[14] = value
    log = fog.Log.series(months)
    for call in (fog.run, fog.tune, lambda *both: fog.backtest(*both, horizon=2)):
        with pytest.raises(fog.DataError) as refused:
            call(structural(log=True), log)
        assert (refused.value.field, refused.value.index, refused.value.value) == ("sales.value", 14, value)
        assert str(refused.value).startswith(f"sales.value = {value:g} in row 14 (t = 2020-03")
        assert "Write NaN for a missing value" in str(refused.value)
    live = fog.online(structural(log=True))
    live.step(0.0, "sales", 3.0)
    with pytest.raises(fog.DataError, match=f"sales.value = {value:g}: the model takes the logarithm"):
        live.step(1.0, "sales", [value])
    assert live.rows == 1


def test_a_simulated_series_is_in_its_unit() -> None:
    model = stationary(log=True).with_parameters({"mean": 2.0})
    plain = stationary().with_parameters({"mean": 2.0})
    z, _ = fog.simulate(model, steps=30, dt=1.0, seed=2)
    y, _ = fog.simulate(plain, steps=30, dt=1.0, seed=2)
    np.testing.assert_allclose(z["sales.value"], np.exp(y["sales.value"]), rtol=1e-15)


@pytest.mark.campaign
def test_check_and_anomalies_are_those_of_the_logarithms() -> None:
    odd = SALES.copy()
    odd[40] *= 1.8
    run, by_hand = fog.run(stationary(log=True), log_of(odd)), fog.run(stationary(), log_of(np.log(odd)))
    found, expected = (fog.check(one, effort="quick") for one in (run, by_hand))
    assert found.codes == expected.codes and str(found) == str(expected)
    table, terms = fog.anomalies(run).columns(), fog.anomalies(by_hand).columns()
    assert 40.0 in table["time"]
    np.testing.assert_allclose(table["z"], terms["z"], rtol=1e-9)
    np.testing.assert_allclose(table["value"], odd[table["time"].astype(int)], rtol=1e-14)
    np.testing.assert_allclose(table["expected"], np.exp(terms["expected"]), rtol=1e-9)


def test_news_of_a_logarithm_is_refused() -> None:
    runs = [fog.run(structural(log=True), log_of(SALES[:k])) for k in (50, 52)]
    with pytest.raises(fog.ModelError, match=r"news: sales is modelled on another scale \(log\)"):
        fog.news(*runs, steps=2)


@pytest.mark.campaign
def test_choose_components_compares_scales() -> None:
    found = fog.choose_components(log_of(SALES), {"sum": structural(), "product": structural(log=True)})
    assert found.best == "product"
