"""Results as columns and dataframes: the same numbers, in the user's own library, with dates if the log had dates."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import foglight as fog
from foglight.data.table import Table

MODEL = fog.Model(
    fog.motion.constant_velocity(("gap",), accel=0.4),
    [fog.sensing.linear("radar", of="gap", std=0.8)],
    fog.Belief([5.0, 0.0], std=[2.0, 1.0]),
)
Z = [5.1, 4.7, float("nan"), 4.9]
DATES = [dt.datetime(2026, 3, 2, 10, 15, 0, 51_000 * k, tzinfo=dt.UTC) for k in range(4)]


def test_a_run_gives_the_columns_that_the_command_line_writes() -> None:
    run = fog.run(MODEL, fog.Log.from_arrays([0.0, 0.1, 0.3, 0.4], radar=Z))
    columns = run.columns()
    assert list(columns) == [
        "time",
        "gap",
        "gap_std",
        "gap_speed",
        "gap_speed_std",
        "nis",
        "loglik",
        "status",
    ]
    np.testing.assert_array_equal(columns["time"], [0.0, 0.1, 0.3, 0.4])
    np.testing.assert_array_equal(columns["gap_speed"], run.filtered.mean[:, 1])
    np.testing.assert_array_equal(columns["gap_std"], run.filtered.std[:, 0])
    np.testing.assert_array_equal(columns["nis"], run.nis)
    assert columns["status"].tolist() == ["USED", "USED", "MISSING", "USED"]


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_a_frame_has_the_library_and_the_dates_of_the_log(make: Any) -> None:
    log = fog.Log.from_frame(make({"time": DATES, "radar": Z}))
    frame = fog.run(MODEL, log).to_frame()
    assert type(frame) is type(make({"time": DATES}))
    again = fog.Log.from_frame(frame, ignore=("status",))
    assert again.time_ns.tobytes() == log.time_ns.tobytes()
    assert type(fog.run(MODEL, log).to_frame("polars")) is pl.DataFrame


def test_tracks_follow_one_another() -> None:
    ragged = fog.Log.from_arrays([0.0, 0.1, 0.0, 0.2], radar=Z, track=[7, 7, 9, 9])
    assert fog.run(MODEL, ragged).columns()["track"].tolist() == [7, 7, 9, 9]
    side = fog.Log.regular(np.array(Z).reshape(2, 2, 1), dt=0.5)
    columns = fog.run(MODEL, side).columns()
    assert columns["track"].tolist() == [0, 0, 1, 1]
    assert columns["time"].tolist() == [0.0, 0.5, 0.0, 0.5]
    np.testing.assert_array_equal(columns["gap"], fog.run(MODEL, side).filtered.mean[..., 0].ravel())


def test_two_columns_with_one_name_are_refused() -> None:
    model = fog.Model(
        fog.motion.random_walk(("nis",), std=1.0),
        [fog.sensing.linear("radar", of="nis", std=0.8)],
        fog.Belief([0.0], std=[1.0]),
    )
    run = fog.run(model, fog.Log.from_arrays([0.0, 1.0], radar=[1.0, 2.0]))
    with pytest.raises(fog.ModelError, match="two columns of the table would be called 'nis'"):
        run.columns()


def test_without_a_dataframe_the_library_must_be_named() -> None:
    run = fog.run(MODEL, fog.Log.from_arrays([0.0, 1.0], radar=[1.0, 2.0]))
    with pytest.raises(fog.DataError, match=r"Write run.to_frame\('pandas'\)"):
        run.to_frame()
    assert run.to_frame("pandas")["time"].tolist() == [0.0, 1.0]


def test_a_table_without_a_log_and_without_stamps() -> None:
    class Two(Table):
        def columns(self) -> dict[str, Any]:
            return {"method": np.array(["EKF", "UKF"]), "time": np.array([1.0, 2.0])}

    assert Two().to_frame("polars").to_dict(as_series=False) == {"method": ["EKF", "UKF"], "time": [1.0, 2.0]}
    with pytest.raises(fog.DataError, match=r"two.to_frame\('pandas'\)"):
        Two().to_frame()
    with pytest.raises(NotImplementedError):
        Table().to_frame("pandas")
