"""Time, tracks and sensors in the index of a pandas dataframe."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import foglight as fog
from foglight.core.errors import DataError, TimeError

STAMPS = pd.date_range("2026-03-02T10:15:00.000000001", periods=4, freq="100ms")
NS = STAMPS.to_numpy().astype("M8[ns]").astype(np.int64).tolist()
X = [5.0, 5.1, 5.2, 5.3]


@pytest.mark.parametrize(
    "index",
    [
        STAMPS,
        STAMPS.rename("time"),
        STAMPS.rename("stamp"),
        STAMPS.tz_localize("UTC"),
        STAMPS.tz_localize("UTC").tz_convert("America/New_York"),
    ],
    ids=["plain", "named", "other name", "utc", "zoned"],
)
def test_an_index_of_dates_is_the_time(index: Any) -> None:
    frame = pd.DataFrame({"x": X}, index=index)
    before = frame.copy()
    log = fog.Log.from_frame(frame)
    assert log.time_ns.tolist() == NS and list(log.blocks) == ["x"] and log["x"].tolist() == X
    pd.testing.assert_frame_equal(frame, before)
    back = log.to_frame()
    assert (back["time"].dt.tz is None) == (index.tz is None)
    assert repr(log) == (
        "Log(4 rows, 2026-03-02 10:15:00.000000001 to 2026-03-02 10:15:00.300000001"
        + (" UTC" if index.tz is not None else "")
        + ", x)"
    )


def test_a_column_comes_before_the_index() -> None:
    frame = pd.DataFrame({"time": [0.0, 0.5, 1.0, 1.5], "x": X}, index=STAMPS)
    assert fog.Log.from_frame(frame).time_ns[-1] == 1_500_000_000
    named = pd.DataFrame({"x": X, "y": X}, index=pd.Index([0, 5, 10, 15], name="t"))
    assert fog.Log.from_frame(named, time="t").time_ns[-1] == 15_000_000_000
    assert fog.Log.from_frame(named, time="t", unit="ms").time_ns[-1] == 15_000_000
    renamed = named.reset_index()
    assert fog.Log.from_frame(renamed.set_index(STAMPS), rename={"t": "time"}).time_ns[-1] == 15_000_000_000


def test_durations_and_periods() -> None:
    durations = pd.DataFrame({"x": X}, index=STAMPS - STAMPS[0])
    assert fog.Log.from_frame(durations).time_ns.tolist() == [0, 100_000_000, 200_000_000, 300_000_000]
    months = pd.DataFrame({"x": X}, index=pd.period_range("2026-01", periods=4, freq="M"))
    assert fog.Log.from_frame(months).time_ns.astype("M8[ns]").astype("M8[M]").astype(str).tolist() == [
        "2026-01", "2026-02", "2026-03", "2026-04",
    ]  # fmt: skip


def test_levels_of_the_index_may_hold_time_track_and_sensor() -> None:
    index = pd.MultiIndex.from_product([["b", "a"], STAMPS[:2]], names=["walker", "time"])
    log = fog.Log.from_frame(pd.DataFrame({"x": X}, index=index), track="walker")
    assert log.track_names == ("b", "a") and log.time_ns.tolist() == NS[:2] * 2
    long = pd.DataFrame(
        {"value": X}, index=pd.MultiIndex.from_arrays([STAMPS, ["u", "v", "u", "v"]], names=[None, "who"])
    )
    read = fog.Log.from_frame(long, sensor="who")
    np.testing.assert_array_equal(read["u.value"], [5.0, np.nan, 5.2, np.nan])
    assert read.time_ns.tolist() == NS


def test_an_index_that_is_no_time_is_left_alone() -> None:
    for index in (pd.RangeIndex(4), pd.Index([0.0, 0.1, 0.2, 0.3]), pd.Index(list("abcd"))):
        with pytest.raises(DataError, match="has no column 'time': found x"):
            fog.Log.from_frame(pd.DataFrame({"x": X}, index=index))
    assert len(fog.Log.from_frame(pd.DataFrame({"x": X}, index=STAMPS), dt=0.1).blocks) == 1
    with pytest.raises(TimeError, match=r"time\[2\] = .* is earlier than the row before it"):
        fog.Log.from_frame(pd.DataFrame({"x": X}, index=STAMPS[[0, 2, 1, 3]]))
    with pytest.raises(TimeError, match=r"time\[1\] = "):
        fog.Log.from_frame(pd.DataFrame({"x": X}, index=STAMPS.where([True, False, True, True])))
