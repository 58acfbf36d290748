"""ARIMA in 30 specifications, vector autoregressions and dynamic factors against statsmodels at fixed parameters.

Missing values are included. Likelihood, smoothed series, forecasts and their standard deviations. The start is the
same, stationary and exactly diffuse; statsmodels' switch to a steady state is off, as it is a tolerance. The gain of a
comparison is in the specifications, so that they are many.
"""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import foglight as fog
from foglight.model.series import companion

Orders = tuple[int, int, int]
Season = tuple[int, int, int, int]
NONE: Season = (0, 0, 0, 0)
SPECIFICATIONS: list[tuple[Orders, Season, dict[str, list[float]], str | None, bool]] = [
    ((1, 1, 1), NONE, {"ar": [0.5], "ma": [0.4]}, None, False),
    ((1, 0, 1), (1, 0, 1, 4), {"ar": [0.3], "ma": [-0.4], "seasonal_ar": [0.5], "seasonal_ma": [0.6]}, None, True),
    ((1, 0, 0), NONE, {"ar": [0.7]}, None, False),
    ((3, 0, 0), NONE, {"ar": [0.5, 0.3, -0.2]}, "constant", False),
    ((0, 0, 2), NONE, {"ma": [0.4, 0.3]}, None, False),
    ((2, 0, 1), NONE, {"ar": [0.5, 0.2], "ma": [0.4]}, "linear", False),
    ((1, 0, 3), NONE, {"ar": [0.95], "ma": [0.4, -0.2, 0.1]}, "constant", True),
    ((0, 1, 0), NONE, {}, "linear", False),
    ((0, 1, 1), NONE, {"ma": [-0.8]}, None, True),
    ((2, 1, 0), NONE, {"ar": [0.5, -0.3]}, "linear", False),
    ((1, 2, 1), NONE, {"ar": [0.4], "ma": [-0.7]}, None, False),
    ((0, 0, 0), (1, 0, 0, 12), {"seasonal_ar": [0.8]}, None, False),
    ((0, 0, 0), (0, 1, 1, 12), {"seasonal_ma": [-0.6]}, None, True),
    ((1, 0, 0), (0, 1, 1, 7), {"ar": [0.6], "seasonal_ma": [-0.5]}, None, False),
    ((0, 1, 1), (0, 1, 1, 12), {"ma": [-0.4], "seasonal_ma": [-0.6]}, None, False),
    ((1, 1, 1), (1, 1, 1, 4), {"ar": [0.3], "ma": [-0.4], "seasonal_ar": [0.5], "seasonal_ma": [-0.6]}, None, True),
    ((0, 1, 2), (2, 0, 1, 4), {"ma": [-0.4, 0.1], "seasonal_ar": [0.5, 0.2], "seasonal_ma": [-0.6]}, None, False),
    ((2, 0, 0), NONE, {"ar": [1.2, -0.5]}, "constant", True),
    ((0, 0, 1), NONE, {"ma": [0.9]}, "linear", True),
    ((5, 0, 0), NONE, {"ar": [0.3, -0.2, 0.1, 0.1, 0.2]}, None, False),
    ((2, 0, 3), NONE, {"ar": [0.5, -0.4], "ma": [0.3, 0.2, -0.1]}, None, False),
    ((0, 1, 0), NONE, {}, None, True),
    ((0, 2, 2), NONE, {"ma": [-0.9, 0.2]}, None, False),
    ((3, 1, 1), NONE, {"ar": [0.3, 0.2, -0.1], "ma": [-0.5]}, "linear", True),
    ((1, 0, 1), NONE, {"ar": [0.999], "ma": [-0.9]}, "constant", False),
    ((0, 0, 0), (1, 0, 1, 12), {"seasonal_ar": [0.9], "seasonal_ma": [-0.5]}, "constant", False),
    ((1, 0, 0), (0, 0, 1, 7), {"ar": [0.4], "seasonal_ma": [0.7]}, "linear", False),
    ((1, 1, 0), (1, 0, 0, 12), {"ar": [-0.4], "seasonal_ar": [0.6]}, None, False),
    ((0, 1, 1), (0, 1, 1, 4), {"ma": [-0.3], "seasonal_ma": [-0.7]}, None, True),
    ((2, 1, 2), (1, 1, 0, 4), {"ar": [0.4, -0.3], "ma": [0.2, 0.1], "seasonal_ar": [-0.4]}, None, False),
]  # fmt: skip
ROWS, AHEAD, STD = 96, 8, 1.3


def series() -> np.ndarray:
    rng = np.random.default_rng(7)
    z = rng.normal(size=ROWS).cumsum() + np.tile(3.0 * rng.normal(size=12), ROWS // 12)
    z[20:24] = z[40] = np.nan
    return np.asarray(z)


def ids(specification: tuple[Any, ...]) -> str:
    order, season, _, trend, regressed = specification
    return f"{order}{season if season[3] else ''}{trend or ''}{' regression' if regressed else ''}".replace(
        " ", ""
    )


@pytest.mark.parametrize(
    "specification",
    [SPECIFICATIONS[0], *[pytest.param(one, marks=pytest.mark.campaign) for one in SPECIFICATIONS[1:]]],
    ids=ids,
)
def test_sarimax(specification: tuple[Any, ...]) -> None:
    from statsmodels.tsa.statespace.initialization import Initialization
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    order, season, coefficients, trend, regressed = specification
    z, k = series(), np.arange(ROWS + AHEAD, dtype=float)
    inputs = {"price": np.sin(k)} if regressed else {}
    columns = [*inputs.values()] + ([np.ones_like(k)] if trend and not (order[1] or season[1]) else [])
    columns += [k] if trend == "linear" else []
    slopes = [0.7, -0.3, 0.05][: len(columns)]
    model = fog.arima(
        order, season if season[3] else None, regression=tuple(inputs), trend=trend, std=STD, **coefficients
    )
    named = [name for name in model.parameters if name.startswith("series.")]
    model = model.with_parameters(dict(zip(named, slopes, strict=True)))
    u = {name: values[:ROWS] for name, values in inputs.items()} or None
    run = fog.run(model, fog.Log.regular(z[:, None], dt=1.0, u=u))
    ahead = fog.forecast(run, steps=AHEAD, u={name: values[ROWS:] for name, values in inputs.items()} or None)

    exog = np.column_stack(columns) if columns else np.zeros((len(k), 0))
    peer = SARIMAX(
        z, exog[:ROWS] if columns else None, order, season, trend="n",
        enforce_stationarity=False, enforce_invertibility=False,
    )  # fmt: skip
    unknown = order[1] + season[1] * season[3]
    start = Initialization(peer.k_states)
    if unknown:
        start.set((0, unknown), "diffuse")
    if unknown < peer.k_states:
        start.set((unknown, peer.k_states), "stationary")
    peer.ssm.initialize(start)
    peer.loglikelihood_burn, peer.ssm.tolerance = 0, 0.0
    given = [
        value for kind in ("ar", "ma", "seasonal_ar", "seasonal_ma") for value in coefficients.get(kind, [])
    ]
    found = peer.smooth([*slopes, *given, STD**2])
    assert run.loglik == pytest.approx(found.llf, abs=1e-8)
    design = found.filter_results.design[0, :, 0]
    smoothed = fog.smooth(run)
    assert smoothed.mean[:, 0] == pytest.approx(design @ found.smoothed_state, abs=1e-8)
    variance = np.einsum("i,ijt,j->t", design, found.smoothed_state_cov, design)
    assert smoothed.std[:, 0] ** 2 == pytest.approx(variance, abs=1e-8)
    expected = found.get_forecast(AHEAD, exog=exog[ROWS:] if columns else None)
    readings = ahead.sensors["series"]
    assert readings.mean[:, 0] == pytest.approx(expected.predicted_mean, abs=1e-8)
    assert readings.std[:, 0] == pytest.approx(expected.se_mean, abs=1e-8)
    assert np.column_stack(readings.interval(0.95))[:, [0, 1]] == pytest.approx(expected.conf_int(), abs=1e-8)


A = np.array([[[0.5, 0.1], [-0.2, 0.4]], [[0.1, 0.0], [0.3, -0.2]]])
COV = np.array([[1.0, 0.3], [0.3, 2.0]])


@pytest.mark.campaign
def test_varmax() -> None:
    from statsmodels.tsa.statespace.varmax import VARMAX

    z = np.random.default_rng(0).normal(size=(60, 2)).cumsum(axis=0) * 0.2
    z[5, 1] = z[30, 0] = np.nan
    z[20:23] = np.nan
    model = fog.vector_autoregression(("output", "prices"), 2, coefficients=A, cov=COV)
    run = fog.run(model, fog.Log.regular(z, dt=1.0))
    peer = VARMAX(z, order=(2, 0), trend="n")
    peer.ssm.tolerance = 0.0
    found = peer.smooth([*np.hstack(list(A)).ravel(), *np.linalg.cholesky(COV)[np.tril_indices(2)]])
    assert run.loglik == pytest.approx(found.llf, abs=1e-8)
    assert fog.smooth(run).mean[:, :2] == pytest.approx(found.smoothed_state[:2].T, abs=1e-8)
    readings = fog.forecast(run, steps=6).sensors["series"]
    expected = found.get_forecast(6)
    assert readings.mean == pytest.approx(expected.predicted_mean, abs=1e-8)
    assert readings.std == pytest.approx(expected.se_mean, abs=1e-8)


@pytest.mark.campaign
def test_a_factor_of_monthly_and_quarterly_series() -> None:
    """statsmodels' weights of the months are 1, 2, 3, 2, 1: three times ours."""
    from statsmodels.tsa.statespace.dynamic_factor_mq import DynamicFactorMQ

    rng = np.random.default_rng(3)
    months, quarters = (
        pd.period_range("2000-01", periods=48, freq="M"),
        pd.period_range("2000Q1", periods=16, freq="Q"),
    )
    monthly = pd.DataFrame(rng.normal(size=(48, 2)), months, ["jobs", "sales"])
    monthly.iloc[4, 0] = np.nan
    quarterly = pd.DataFrame(rng.normal(size=(16, 1)), quarters, ["gdp"])
    peer = DynamicFactorMQ(
        monthly,
        endog_quarterly=quarterly,
        factors=1,
        factor_orders=2,
        idiosyncratic_ar1=True,
        standardize=False,
    )
    peer.ssm.tolerance = 0.0
    found = peer.smooth([0.8, 0.5, 0.7 / 3.0, 0.5, 0.2, 1.0, 0.3, -0.2, 0.4, 0.6, 0.9, 0.5 / 9.0])
    model = fog.dynamic_factor(("jobs", "sales", "gdp"), 1, 2, errors=1, quarterly={"gdp": "growth"})
    moves = companion.moves_of([np.array([[0.5]]), np.array([[0.2]])], np.eye(1))
    assert moves is not None
    model = model.with_parameters({
        "jobs_loading": 0.8, "sales_loading": 0.5, "gdp_loading": 0.7,
        "partial_1_factor_factor": moves[0].item(), "partial_2_factor_factor": moves[1].item(),
        "jobs_error_partial_1": 0.3, "sales_error_partial_1": -0.2, "gdp_error_partial_1": 0.4,
        "jobs_std": 0.6**0.5, "sales_std": 0.9**0.5, "gdp_std": 0.5**0.5,
    })  # fmt: skip
    gdp = np.full(48, np.nan)
    gdp[2::3] = quarterly["gdp"]
    run = fog.run(model, fog.Log.regular(np.column_stack([monthly, gdp]), dt=1.0))
    assert run.loglik == pytest.approx(found.llf, abs=1e-8)
    assert fog.smooth(run).mean[:, 0] == pytest.approx(found.factors.smoothed.iloc[:, 0].to_numpy(), abs=1e-8)


def test_a_coefficient_that_is_off_by_1e_6_is_noticed() -> None:
    z = series()
    logliks = [
        fog.run(fog.arima((1, 0, 0), ar=[ar]), fog.Log.regular(z[:, None], dt=1.0)).loglik
        for ar in (0.7, 0.700001)
    ]
    assert abs(logliks[1] - logliks[0]) > 1e-6
