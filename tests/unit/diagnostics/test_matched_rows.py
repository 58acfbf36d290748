"""Which true state belongs to which row: by time, within a tolerance, and never by accident."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import foglight as fog
from foglight.diagnostics.truth import truth_of

MODEL = fog.Model(
    fog.motion.constant_velocity(("x",), accel=0.5),
    [fog.sensing.linear("gps", of="x", std=1.0)],
    fog.Belief([0.0, 8.0], std=[3.0, 2.0]),
)


@cache
def simulated() -> tuple[fog.Log, Any]:
    """The log and its true states."""
    return fog.simulate(MODEL, steps=800, dt=0.2, seed=5)


@cache
def filtered() -> fog.Run:
    return fog.run(MODEL, simulated()[0])


def late() -> dict[str, Any]:
    """The truth 1 ms late; one stamp coincides."""
    log, states = simulated()
    return {"time": np.r_[log.time[:1], log.time[1:] + 1e-3], "x": states[:, 0]}


DOORS = {
    "check": lambda truth, **options: fog.check(filtered(), truth, **options),
    "compare": lambda truth, **options: fog.compare(MODEL, simulated()[0], [fog.EKF()], truth, **options),
    "tune": lambda truth, **options: fog.tune(
        MODEL, simulated()[0], ["gps.std"], truth=truth, heldout=False, **options
    ),
}


@pytest.mark.parametrize("door", DOORS)
def test_a_truth_on_another_clock_is_refused(door: str) -> None:
    with pytest.raises(fog.DataError) as caught:
        DOORS[door](late())
    assert str(caught.value) == (
        "truth: its stamps are those of only 1 of the log's 800 rows; the others are 0.001 s from the nearest one "
        "(median). Expected at least 10%. Give within= in seconds, to take the nearest row of the truth, or correct "
        "one of the clocks."
    )
    assert caught.value.field == "truth" and caught.value.value == 1


def test_within_takes_the_nearest_row_of_the_truth() -> None:
    whole, states = simulated()
    found = truth_of(late(), MODEL, whole, 2e-3)
    np.testing.assert_array_equal(found[:, 0], states[:, 0])
    assert np.isnan(found[:, 1]).all()
    coarse = {"time": [0.0, 1.0, 1.5], "x": [0.0, 10.0, 15.0]}
    log = fog.Log.from_arrays([0.1, 0.4, 0.9, 1.25, 1.6, 2.2], gps=np.ones(6))
    np.testing.assert_array_equal(
        truth_of(coarse, MODEL, log, 0.25)[:, 0], [0.0, np.nan, 10.0, 10.0, 15.0, np.nan]
    )
    with pytest.raises(fog.DataError, match=r"within = 0\.1: the truth has no times to match"):
        truth_of({"x": states[:, 0]}, MODEL, whole, 0.1)
    for bad in (-1.0, float("inf"), float("nan"), "0.1", None, True):
        with pytest.raises(fog.DataError, match=r"within = .*: expected a number of seconds >= 0"):
            truth_of(late(), MODEL, whole, bad)  # type: ignore[arg-type]


def test_the_errors_within_are_those_of_the_whole_truth() -> None:
    log, states = simulated()
    whole = fog.check(filtered(), {"x": states[:, 0]})
    within = fog.check(filtered(), late(), within=2e-3)
    assert [row for row in whole.rows if row.value == row.value] == [
        row for row in within.rows if row.value == row.value
    ]
    compared = fog.compare(MODEL, log, [fog.EKF()], late(), within=2e-3)
    assert compared.columns()["rmse_x"][0] == pytest.approx(
        np.sqrt(np.mean((filtered().filtered.mean[:, 0] - states[:, 0]) ** 2)), rel=1e-12
    )


@pytest.mark.parametrize("every", [1, 4, 40])
def test_every_result_says_how_many_rows_have_truth(every: int) -> None:
    """A truth that is sparse on the same clock is no accident, and is used."""
    log, states = simulated()
    sparse = {"time": log.time[::every], "x": states[::every, 0], "x_speed": states[::every, 1]}
    count = len(log.time[::every])
    health = fog.check(filtered(), sparse)
    (row,) = (row for row in health.rows if row.statistic == "rows with truth")
    assert row.value == count / 800 and row.count == count
    note = f"{count} of 800 rows have truth; errors are those of these rows."
    assert (note in health.notes) == (every > 1)
    compared = fog.compare(MODEL, log, [fog.EKF()], sparse)
    assert compared.truth_rows == count and compared.as_dict()["truth_rows"] == count
    assert repr(compared).endswith(f"{count} of 800 rows have truth.")


def test_a_share_of_a_tenth_is_needed_of_the_rows_that_could_match() -> None:
    """Rows outside the span of the truth do not count."""
    log, states = simulated()
    short = {"time": log.time[100:120], "x": states[100:120, 0]}
    assert (~np.isnan(truth_of(short, MODEL, log)[:, 0])).sum() == 20
    for shared, refused in ((79, True), (80, False)):
        stamps = log.time + 0.03
        stamps[:: 800 // shared][:shared] = log.time[:: 800 // shared][:shared]
        mixed = {"time": np.sort(stamps), "x": states[:, 0]}
        if refused:
            with pytest.raises(
                fog.DataError, match=f"of only {shared} of the log's 800 rows; the others are 0.03 s"
            ):
                truth_of(mixed, MODEL, log)
        else:
            truth_of(mixed, MODEL, log)


@pytest.mark.parametrize("epoch", np.random.default_rng(3).integers(0, 2 * 10**15, 20).tolist())
def test_a_truth_that_went_through_float_seconds_matches(epoch: int) -> None:
    stamps = epoch + np.arange(50) * 100_003
    log = fog.Log.from_arrays(stamps, unit="us", gps=np.ones(50))
    for time in (log.time, stamps / 1e6, stamps * 1e-6, [stamp / 10**6 for stamp in stamps.tolist()]):
        found = truth_of({"time": time, "x": np.arange(50.0)}, MODEL, log)[:, 0]
        np.testing.assert_array_equal(found, np.arange(50.0))


def test_tracks_are_matched_each_on_its_own() -> None:
    log = fog.Log.from_arrays([0.0, 1.0, 0.0, 1.0], gps=np.ones(4), track=["a", "a", "b", "b"])
    truth: Any = {
        "time": [0.0, 1.01, 0.02, 1.0],
        "track": ["b", "b", "a", "a"],
        "x": [30.0, 40.0, 10.0, 20.0],
    }
    np.testing.assert_array_equal(truth_of(truth, MODEL, log, 0.05)[:, 0], [10.0, 20.0, 30.0, 40.0])
    truth["track"] = ["b", "b", "c", "c"]
    np.testing.assert_array_equal(truth_of(truth, MODEL, log, 0.05)[:, 0], [np.nan, np.nan, 30.0, 40.0])
    truth["track"] = ["c", "c", "d", "d"]
    with pytest.raises(fog.DataError, match="none of its 4 stamps"):
        truth_of(truth, MODEL, log, 0.05)


def test_dates_of_a_truth_match_dates_of_a_log() -> None:
    stamps = pd.date_range("2026-03-02", periods=30, freq="100ms", tz="UTC")
    log = fog.Log.from_arrays(stamps, gps=np.ones(30))
    frame = pd.DataFrame({"x": np.arange(30.0)}, index=stamps.tz_convert("Asia/Tokyo"))
    np.testing.assert_array_equal(truth_of(frame, MODEL, log)[:, 0], np.arange(30.0))
    frame.index = stamps.tz_localize(None) + pd.Timedelta(1, "h")
    with pytest.raises(
        fog.DataError, match="from 2026-03-02 01:00:00 on, is in the log, which begins at 2026-03-02"
    ):
        truth_of(frame, MODEL, log)
