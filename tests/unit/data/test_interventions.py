"""Interventions: what they are in each row, by row, by time and by date."""

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

import foglight as fog

MONTHS = pd.Series(np.arange(6.0), pd.date_range("1983-01", periods=6, freq="MS"), name="series")


def values(log: fog.Log, at: Any, kind: str = "step") -> list[float]:
    model = fog.structural(intervention=fog.intervention("law", at, kind))
    return [float(value) for value in np.atleast_2d(log.controls(model))[..., -1].ravel()]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("step", [0, 0, 1, 1, 1, 1]), ("pulse", [0, 0, 1, 0, 0, 0]), ("ramp", [0, 0, 0, 1, 2, 3])],
)
def test_each_kind(kind: str, expected: list[float]) -> None:
    assert values(fog.Log.regular(np.zeros((6, 1)), dt=0.5), 2, kind) == expected
    assert values(fog.Log.regular(np.zeros((6, 1)), dt=0.5), 0.8, kind) == expected


@pytest.mark.parametrize(
    "at", ["1983-03", "1983-Q2", date(1983, 4, 1), pd.Timestamp("1983-04-01"), 7, 6, 0], ids=str
)
def test_months(at: Any) -> None:
    first = {"1983-03": 2, 7: 7, 6: 6, 0: 0}.get(at, 3)
    assert values(fog.Log.series(MONTHS), at) == [float(k >= first) for k in range(6)]


@pytest.mark.parametrize(
    "at", ["2023-02-10", np.datetime64("2023-02-10"), datetime(2023, 2, 10, tzinfo=UTC)], ids=str
)
def test_dates_that_are_no_calendar(at: Any) -> None:
    """The row is the first that is not earlier."""
    days = ["2023-01-03", "2023-02-07", "2023-02-15", "2023-06-01"]
    frame = pd.DataFrame({"time": pd.to_datetime(days, utc=True), "series": 1.0})
    assert values(fog.Log.from_frame(frame), at) == [0, 0, 1, 1]


def test_each_track_counts_its_own_rows() -> None:
    log = fog.Log.from_arrays([0.0, 1.0, 2.0, 5.0, 6.0], track=["a", "a", "a", "b", "b"], series=np.zeros(5))
    assert values(log, 1, "ramp") == [0, 0, 1, 0, 0]
    assert values(log, 1, "step") == [0, 1, 1, 0, 1]


def test_a_column_of_that_name_is_used_instead() -> None:
    log = fog.Log.from_arrays([0.0, 1.0, 2.0], series=np.zeros(3), law=[0.0, 0.5, 1.0])
    assert values(log, 1) == [0.0, 0.5, 1.0]


def test_beside_regressors_that_are_given_in_order() -> None:
    model = fog.structural(regression="price", intervention=fog.intervention("law", 1))
    log = fog.Log.regular(np.zeros((3, 1)), dt=1.0, u=[5.0, 6.0, 7.0])
    assert log.controls(model).tolist() == [[5, 0], [6, 1], [7, 1]]


@pytest.mark.parametrize("kind", ["step", "pulse", "ramp"])
def test_a_forecast_goes_on_with_it(kind: str) -> None:
    """The same as filtering rows without readings, whose interventions are known."""
    rng = np.random.default_rng(5)
    z = np.append(rng.normal(size=20), np.full(4, np.nan))
    model = fog.structural(level="fixed", intervention=fog.intervention("law", 10, kind))
    whole = fog.run(model, fog.Log.regular(z[:, None], dt=1.0))
    ahead = fog.forecast(fog.run(model, fog.Log.regular(z[:20, None], dt=1.0)), steps=4)
    law = {"step": np.ones(4), "pulse": np.zeros(4), "ramp": np.arange(10.0, 14.0)}[kind]
    expected = whole.filtered.mean[20:] @ [1.0, 0.0] + whole.filtered.mean[20:, 1] * law
    assert ahead.sensors["series"].mean[:, 0] == pytest.approx(expected, rel=1e-13)


def test_tracks_are_forecast_from_their_own_rows() -> None:
    stamps = np.concatenate([np.arange(8.0), np.arange(5.0)])
    z = np.random.default_rng(6).normal(size=13)
    log = fog.Log.from_arrays(stamps, track=["a"] * 8 + ["b"] * 5, series=z)
    model = fog.structural(level="fixed", intervention=fog.intervention("law", 2, "ramp"))
    run = fog.run(model, log)
    means = fog.forecast(run, steps=1).sensors["series"].mean[:, 0]
    ends = [belief.mean for belief in run.belief]
    assert means == pytest.approx([ends[0] @ [1.0, 6.0], ends[1] @ [1.0, 3.0]], rel=1e-13)


def test_simulated_logs_have_it() -> None:
    model = fog.structural(level="fixed", intervention=fog.intervention("law", 3))
    log, truth = fog.simulate(
        model.with_parameters({"irregular_std": 1e-6}), 6, 1.0, seed=1, start=[1.0, 10.0]
    )
    assert log["series.value"] == pytest.approx([1, 1, 1, 11, 11, 11], abs=1e-4)
    assert truth.tolist() == [[1.0, 10.0]] * 6
    assert fog.run(model, log).belief.mean == pytest.approx([1.0, 10.0], abs=1e-4)


def test_in_a_part_of_a_log_a_step_at_a_time_is_known() -> None:
    """Anything else counts rows, and some of them are in the parts before."""
    log = fog.Log.from_arrays(np.arange(100.0), series=np.zeros(100))
    step = fog.structural(intervention=fog.intervention("law", 40.0))
    parts = [log[k : k + 30].controls(step, goes_on=k > 0) for k in range(0, 90, 30)]
    assert np.concatenate(parts).ravel().tolist() == [float(k >= 40) for k in range(90)]
    for at, kind in ((40.0, "pulse"), (40.0, "ramp"), (40, "step")):
        other = fog.structural(intervention=fog.intervention("law", at, kind))
        with pytest.raises(fog.DataError, match=f"law: a {kind} at {at} counts the rows.*column named law"):
            log[30:60].controls(other, goes_on=True)


REFUSED = [
    (fog.Log.series(MONTHS), "1982-11", "law: at = 1982-11 is before the first row, 1983-01"),
    (fog.Log.series(MONTHS), "spring", "law: at = 'spring': expected a date"),
    (fog.Log.regular(np.zeros((3, 1)), dt=1.0), "1983-02", "law: at = 1983-02 is a date: expected seconds"),
    (fog.Log.regular(np.zeros((3, 1)), dt=1.0), -2.5, "law: at = -2.5 is before the first row"),
]


@pytest.mark.parametrize(("log", "at", "message"), REFUSED, ids=lambda value: str(value)[:20])
def test_times_that_are_refused(log: fog.Log, at: Any, message: str) -> None:
    with pytest.raises(fog.TimeError, match=message):
        values(log, at)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("law", -3), "at = -3: expected a row >= 0"), (("law", None), "at = None: expected a date"),
     (("law", True), "at = True"), (("law", [1, 2]), r"at = \[1, 2\]"), (("a law", 1), "name = 'a law'"),
     (("law", 1, "bump"), "kind = 'bump': expected one of 'step', 'pulse', 'ramp'")],
)  # fmt: skip
def test_descriptions_that_are_refused(arguments: Any, message: str) -> None:
    with pytest.raises(fog.ModelError, match=message):
        fog.intervention(*arguments)
