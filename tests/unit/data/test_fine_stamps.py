"""Stamps that need a finer resolution than nanoseconds are refused; those that floats have torn apart are not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import foglight as fog
from foglight.core.errors import TimeError

DOORS: dict[str, Callable[[np.ndarray[Any, Any], Path], fog.Log]] = {
    "arrays": lambda time, folder: fog.Log.from_arrays(time, g=np.zeros(len(time))),
    "arrays in ms": lambda time, folder: fog.Log.from_arrays(time * 1e3, unit="ms", g=np.zeros(len(time))),
    "polars": lambda time, folder: fog.Log.from_frame(pl.DataFrame({"time": time, "g": np.zeros(len(time))})),
    "pandas": lambda time, folder: fog.Log.from_frame(pd.DataFrame({"time": time, "g": np.zeros(len(time))})),
    "file": lambda time, folder: fog.Log.read(written(time, folder / "log.csv")),
    "parquet": lambda time, folder: fog.Log.read(written(time, folder / "log.parquet")),
}  # fmt: skip
STAMPS = "whole nanoseconds, and rounding to them changes this step by more than 1%"


def written(time: Any, path: Path) -> Path:
    frame = pl.DataFrame({"time": time, "g": np.zeros(len(time))})
    frame.write_csv(path) if path.suffix == ".csv" else frame.write_parquet(path)
    return path


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("dt", [1e-12, 1e-10, 4e-10, 1.4e-9, 33.4e-9])
def test_steps_that_rounding_changes_noticeably_are_refused(dt: float, door: str, tmp_path: Path) -> None:
    with pytest.raises(TimeError, match=STAMPS) as caught:
        DOORS[door](np.arange(50) * dt, tmp_path)
    assert caught.value.field == "time" and "multiply the stamps by 1000" in str(caught.value)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "time",
    [
        np.arange(50) * 1e-9, np.arange(50) * 7e-9, np.arange(50) * 1e-6 / 3, np.arange(50) / 30.0,
        np.cumsum(np.full(50, 0.1)), 1.7e9 + np.arange(50) / 30.0, np.repeat(np.arange(25) * 0.1, 2),
        np.sort(np.r_[np.arange(25) * 0.1, np.cumsum(np.full(25, 0.1)) - 0.1]), np.zeros(50),
    ],
    ids=["1 ns", "7 ns", "333.3 ns", "thirtieths", "added up", "epoch", "pairs", "torn pairs", "one stamp"],
)  # fmt: skip
def test_other_steps_are_taken(time: Any, door: str, tmp_path: Path) -> None:
    log = DOORS[door](time, tmp_path)
    np.testing.assert_allclose(log.dt()[1:], np.diff(time), atol=1.01e-9 + 2 * np.spacing(time[-1]))


def test_a_regular_step_is_no_finer_than_nanoseconds() -> None:
    for dt in (1e-10, 1.4e-9):
        with pytest.raises(TimeError) as caught:
            fog.Log.regular(np.zeros(50), dt=dt)
        assert caught.value.field == "dt"
    assert fog.Log.regular(np.zeros(50), dt=3e-9).dt()[1] == 3e-9
    assert fog.Log.regular(np.zeros(4), dt=1e-6 / 3).time_ns.tolist() == [0, 333, 667, 1000]


@pytest.mark.parametrize("unit", ["ps", "fs", "as"])
@pytest.mark.parametrize("kind", ["M8", "m8"])
def test_dates_of_a_finer_unit_are_exact_or_refused(kind: str, unit: str) -> None:
    per = {"ps": 10**3, "fs": 10**6, "as": 10**9}[unit]
    whole = np.array([0, 2, 5]) * per
    assert fog.Log.from_arrays(whole.astype(f"{kind}[{unit}]"), g=np.zeros(3)).time_ns.tolist() == [0, 2, 5]
    with pytest.raises(TimeError, match=r"time\[1\] = .*whole nanoseconds"):
        fog.Log.from_arrays((np.array([0, 4, 8]) * (per // 10)).astype(f"{kind}[{unit}]"), g=np.zeros(3))
    fine = np.array([0, 1_000 * per + 1, 2_000 * per + 2]).astype(f"{kind}[{unit}]")
    assert fog.Log.from_arrays(fine, g=np.zeros(3)).time_ns.tolist() == [0, 1_000, 2_000]
    far = np.array([0, 9 * 10**18]).astype(f"{kind}[{unit}]")
    expected = 9 * 10**18 // per
    assert fog.Log.from_arrays(far, g=np.zeros(2)).time_ns.tolist() == [0, expected]


@pytest.mark.parametrize("unit", ["Y", "M", "W", "D", "h", "m", "s", "ms", "us"])
def test_dates_beyond_the_range_are_refused_in_every_unit(unit: str) -> None:
    for year in ("1500-01-01", "2300-01-01"):
        stamps = np.array(["2026-01-01", year], "M8[s]").astype(f"M8[{unit}]")
        with pytest.raises(TimeError, match=r"time\[1\] = .* expected 1678 to 2262") as caught:
            fog.Log.from_arrays(stamps, g=np.zeros(2))
        assert caught.value.index == 1
    with pytest.raises(TimeError, match=r"time\[1\] = .* expected 1678 to 2262"):
        fog.Log.from_arrays(np.array([0, np.iinfo(np.int64).max]).astype(f"M8[{unit}]"), g=np.zeros(2))


@pytest.mark.parametrize("count", [2, 7, 40])
def test_units_with_a_count_are_exact(count: int) -> None:
    stamps = np.array([3, 4, 6]).astype(f"m8[{count}ms]")
    expected = [k * count * 1_000_000 for k in (3, 4, 6)]
    assert fog.Log.from_arrays(stamps, g=np.zeros(3)).time_ns.tolist() == expected


@pytest.mark.parametrize("door", ["arrays", "file", "pandas"])
def test_the_jump_from_a_stamp_that_was_never_set_is_shown(door: str, tmp_path: Path) -> None:
    """Stamps of 0 among 1.6e9: the first sensor reports before it has a clock."""
    time = np.r_[np.zeros(3), 1.6e9 + np.arange(40) * 0.1]
    log = DOORS[door](time, tmp_path)
    page = log.describe()
    assert "18,519 days pass before row 3, and all other steps together take 3.9 s: is a stamp wrong?" in str(
        page
    )
    assert "longest 1600000000 s after t = 0 s" in str(page)
    model = fog.Model(
        fog.motion.random_walk("a", std=0.1),
        [fog.sensing.linear("g", of="a", std=1.0)],
        fog.Belief([0.0], std=[1.0]),
    )
    run = fog.run(model, log)
    assert "; 18,519 days pass before row 3" in repr(run)
    assert any("18,519 days pass before row 3" in note for note in fog.check(run).notes)
    flagged = fog.run(model, log, max_gap=60.0, on_bad="flag")
    assert "days" not in repr(flagged) and int(flagged.status[3]) & fog.Status.TIME_JUMP


def test_an_ordinary_gap_is_no_jump() -> None:
    for time in (
        [0.0, 0.1, 0.2, 60.0, 60.1],
        np.r_[np.arange(100.0), 5_000.0 + np.arange(100)],
        [0.0, 1e6],
        [5.0],
    ):
        log = fog.Log.from_arrays(np.array(time), g=np.zeros(len(time)))
        assert "pass before row" not in str(log.describe())
