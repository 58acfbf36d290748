"""The forecaster for sktime: sktime's own checks, and that it forecasts what Foglight does. Skipped without sktime."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import foglight as fog

pytest.importorskip("sktime", reason="the extra sktime is not installed")

from sktime.utils.estimator_checks import check_estimator

from foglight.adapters.sktime import StructuralForecaster

pytestmark = [pytest.mark.filterwarnings("ignore")]  # those of sktime are not ours


def series(rows: int = 60) -> Any:
    rng = np.random.default_rng(1)
    values = rng.normal(size=rows).cumsum() + 0.5 * rng.normal(size=rows)
    return pd.Series(values, pd.period_range("2015-01", periods=rows, freq="M"), name="sales")


def test_it_forecasts_what_foglight_does() -> None:
    y = series()
    y.iloc[20:23] = np.nan
    found = StructuralForecaster().fit(y.drop(y.index[40]), fh=[1, 3])
    y.iloc[40] = np.nan
    log = fog.Log.regular(y.to_numpy()[:, None], dt=1.0)
    fit = fog.tune(fog.structural("series"), log, heldout=False)
    ahead = fog.forecast(fog.run(fit.model, log), 3).sensors["series"]
    assert found.model_.parameters == pytest.approx(fit.params)
    assert found.predict().to_numpy() == pytest.approx(ahead.mean[[0, 2], 0])
    assert found.predict().index.astype(str).tolist() == ["2020-01", "2020-03"]
    interval = found.predict_interval(coverage=0.9).to_numpy()
    assert interval == pytest.approx(np.column_stack([end[[0, 2], 0] for end in ahead.interval(0.9)]))


def test_columns_of_x_are_regressors() -> None:
    y, rng = series(), np.random.default_rng(2)
    X = pd.DataFrame({"a price": rng.normal(size=63)}, pd.period_range("2015-01", periods=63, freq="M"))
    y = y + 4.0 * X["a price"].iloc[:60]
    found = StructuralForecaster().fit(y, X.iloc[:60], fh=[3])
    far, near = (found.predict(X=X.iloc[62:].assign(**{"a price": v})).iloc[0] for v in (1.0, 0.0))
    assert far - near == pytest.approx(4.0, abs=0.5)


def test_new_rows_are_filtered_with_the_old_parameters() -> None:
    y = series()
    found = StructuralForecaster().fit(y.iloc[:50], fh=[1])
    before = found.params_
    found.update(y.iloc[50:], update_params=False)
    assert found.params_ == before and found.predict().index.astype(str).tolist() == ["2020-01"]
    log = fog.Log.regular(y.to_numpy()[:, None], dt=1.0)
    ahead = fog.forecast(fog.run(found.model_, log), 1).sensors["series"]
    assert found.predict().to_numpy() == pytest.approx(ahead.mean[:, 0])
    found.update(y.iloc[50:], update_params=True)
    assert found.params_ == pytest.approx(fog.tune(fog.structural("series"), log, heldout=False).params)


def test_dates_without_a_frequency_are_refused() -> None:
    y = pd.Series(
        np.arange(5.0), pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-05", "2024-01-11", "2024-02-01"])
    )
    with pytest.raises(fog.TimeError, match=r"y\.index: the dates from 2024-01-01"):
        StructuralForecaster().fit(y, fh=[1])


@pytest.mark.campaign
def test_the_checks_of_sktime() -> None:
    found = check_estimator(StructuralForecaster, raise_exceptions=False, verbose=False)
    assert len(found) > 100
    assert [name for name, outcome in found.items() if outcome != "PASSED"] == []
