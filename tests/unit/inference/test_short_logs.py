"""Logs that are too short for a season, or for a start of which nothing is known: a warning says so."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import foglight as fog

YEAR = fog.fourier(12, harmonics=1)


def months(rows: int) -> Any:
    y = np.random.default_rng(1).normal(size=rows)
    return pd.Series(y, pd.period_range("2000-01", periods=rows, freq="M"), name="y")


@pytest.mark.parametrize("use", [fog.run, lambda *given: fog.tune(*given, heldout=False, resolution=False)])
def test_a_season_that_is_longer_than_the_log_is_named_with_its_dates(use: Callable[..., Any]) -> None:
    said = r"the log has 11 rows, 2000-01 to 2000-11, less than season of 12 rows: .*leave season out"
    with pytest.warns(fog.FoglightWarning, match=said) as warned:
        use(fog.structural("y", seasonal=YEAR), months(11))
    assert [one.filename for one in warned] == [__file__]
    use(fog.structural("y", seasonal=YEAR), months(12))


def test_the_longest_of_several_seasons_is_named() -> None:
    model = fog.structural("y", seasonal=(4, YEAR))
    assert dict(model.with_parameters({"level_std": 2.0}).seasons) == {"season_4": 4, "season_12": 12.0}
    with pytest.warns(fog.FoglightWarning, match="less than season_12 of 12 rows"):
        fog.run(model, months(10))


def test_a_season_of_arima_counts() -> None:
    with pytest.warns(fog.FoglightWarning, match=r"the log has 8 rows.* less than season of 12 rows"):
        fog.run(fog.arima((1, 0, 0), (1, 0, 0, 12), ar=[0.5], seasonal_ar=[0.5], series="y"), months(8))


def test_a_series_shorter_than_a_season_is_too_short_among_many() -> None:
    panel = pd.concat([
        pd.DataFrame({"unique_id": name, "ds": y.index.to_timestamp(), "y": y.to_numpy()})
        for name, y in {"long": months(60), "short": months(11)}.items()
    ])  # fmt: skip
    model = fog.structural("y", level="fixed", seasonal={YEAR: "fixed"})
    fits = fog.tune_each(model, panel, id="unique_id", time="ds", freq="MS")
    assert fits.status.tolist() == ["converged", "too short"]


def test_fewer_readings_than_unknown_states_are_named_with_their_dates() -> None:
    model = fog.structural("y", trend="random")
    said = (
        r"the log has 1 reading, 2000-01 to 2000-03, and the model 2 states of which nothing is known at the start "
        r"\(level, slope\): some stay unknown to the last row.*a start with a finite std"
    )
    log = months(3)
    log.iloc[1:] = np.nan
    with pytest.warns(fog.FoglightWarning, match=said):
        run = fog.run(model, log)
    assert np.isinf(run.belief.std).any()
    fog.run(model, months(2))
    fog.run(model.with_start(fog.Belief([0.0, 0.0], std=[1.0, 1.0])), log)


def test_the_first_track_with_too_few_is_named() -> None:
    model, z = fog.structural("y", trend="random"), np.zeros((3, 4, 1))
    z[1:, 1:] = np.nan
    with pytest.warns(
        fog.FoglightWarning, match=r"track 1 \(and 1 more\) has 1 reading, t = 0 to 3 s, and the model"
    ):
        fog.run(model, fog.Log.regular(z, dt=1.0))
    table = pd.DataFrame({"time": [0.0, 1.0, 0.0], "y": [1.0, 2.0, 3.0], "shop": ["a", "a", "b"]})
    with pytest.warns(fog.FoglightWarning, match=r"track 'b' has 1 reading, and the model 2 states"):
        fog.run(model, fog.Log.from_frame(table, time="time", track="shop"))


def test_long_enough_logs_are_not_warned_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fog.run(fog.structural("y", seasonal=4), months(4))
