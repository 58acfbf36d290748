"""Columns under other names, patterns of columns to leave out, and rows sorted when a file is read in parts."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import foglight as fog
from foglight.data.readers.position import position_of

# What `rostopic echo -b walk.bag -p /gps` writes: receipt in nanoseconds, text columns, and rows in order of receipt.
HEADER = (
    "%time,field.header.seq,field.header.stamp,field.header.frame_id,field.pose.x,field.pose.y,"
    "field.pose.covariance0"
)
ROWS = [
    (1_600_000_000_000_000_010, 0, 1_600_000_000_000_000_000, "odom", 5.0, 0.5, 0.0),
    (1_600_000_000_250_000_000, 2, 1_600_000_000_200_000_000, "odom", 5.2, 0.7, 0.0),
    (1_600_000_000_260_000_000, 1, 1_600_000_000_100_000_000, "odom", 5.1, 0.6, 0.0),
    (1_600_000_000_310_000_000, 3, 1_600_000_000_300_000_000, "odom", 5.3, 0.8, 0.0),
]
OPTIONS: dict[str, Any] = {
    "rename": {"field.header.stamp": "time", "field.pose.x": "gps.x", "field.pose.y": "gps.y"},
    "unit": "ns",
    "ignore": ["field.*", "%time"],
}
NAMES = HEADER.split(",")


def csv(folder: Path, rows: Any = ROWS) -> Path:
    path = folder / "gps.csv"
    path.write_text("\n".join([HEADER, *(",".join(map(str, row)) for row in rows)]) + "\n")
    return path


def parquet(folder: Path) -> Path:
    path = folder / "gps.parquet"
    pl.DataFrame(dict(zip(NAMES, zip(*ROWS, strict=True), strict=True))).write_parquet(path, row_group_size=3)
    return path


@pytest.mark.parametrize("kind", ["csv", "parquet", "polars", "pandas"])
def test_columns_are_renamed_left_out_and_sorted(kind: str, tmp_path: Path) -> None:
    columns = dict(zip(NAMES, map(list, zip(*ROWS, strict=True)), strict=True))
    if kind in ("csv", "parquet"):
        log = fog.Log.read(csv(tmp_path) if kind == "csv" else parquet(tmp_path), sort=True, **OPTIONS)
    else:
        frame: Any = pl.DataFrame(columns) if kind == "polars" else pd.DataFrame(columns)
        log = fog.Log.from_frame(frame, sort=True, **OPTIONS)
    assert list(log.blocks) == ["gps.x", "gps.y"]
    assert (log.time_ns - ROWS[0][2]).tolist() == [0, 100_000_000, 200_000_000, 300_000_000]
    assert log["gps.x"].tolist() == [5.0, 5.1, 5.2, 5.3] and log["gps.y"].tolist() == [0.5, 0.6, 0.7, 0.8]


def test_the_time_column_keeps_its_name_if_it_is_not_renamed(tmp_path: Path) -> None:
    log = fog.Log.read(
        csv(tmp_path), time="%time", unit="ns", rename={"field.pose.x": "gps.x"}, ignore=["field.*"]
    )
    assert list(log.blocks) == ["gps.x"] and log["gps.x"].tolist() == [5.0, 5.2, 5.1, 5.3]


def test_a_star_stands_for_any_text_and_nothing_else_is_a_pattern(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("time,a[0],a.x,ab,b?\n0,1,2,3,4\n")
    for ignore, left in (
        (["a[0]"], ["a.x", "ab", "b?"]),
        (["a.*"], ["a[0]", "ab", "b?"]),
        (["a*"], ["b?"]),
        (["*?", "a.x"], ["a[0]", "ab"]),
        (["[a]*"], ["a[0]", "a.x", "ab", "b?"]),
    ):
        assert list(fog.Log.read(path, ignore=ignore).blocks) == left
    with pytest.raises(fog.DataError, match="'time' is ignored, but holds the time"):
        fog.Log.read(path, ignore=["*i*"])


@pytest.mark.parametrize(
    ("rename", "words"),
    [
        ({"pose": "gps"}, "has no column 'pose', which rename= renames: found %time, field.header.seq"),
        ({"field.pose.x": "gps", "field.pose.y": "gps"}, "two columns are called 'gps'"),
        ({"field.pose.x": "field.pose.y"}, "two columns are called 'field.pose.y'"),
        (["field.pose.x=gps"], "expected {name in the table: new name}"),
        ({"field.pose.x": 3}, "expected {name in the table: new name}"),
        ("field.pose.x=gps", "expected {name in the table: new name}"),
    ],
)
def test_renamings_that_do_not_fit_are_refused(rename: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(fog.DataError) as caught:
        fog.Log.read(csv(tmp_path), rename=rename, time="%time", unit="ns")
    assert words in str(caught.value)


def test_two_columns_can_change_names(tmp_path: Path) -> None:
    log = fog.Log.read(
        csv(tmp_path), time="%time", unit="ns", ignore=["field.header*", "*0"],
        rename={"field.pose.x": "field.pose.y", "field.pose.y": "field.pose.x"},
    )  # fmt: skip
    assert log["field.pose.x"][0] == 0.5 and log["field.pose.y"][0] == 5.0


def unsorted(folder: Path, kind: str) -> tuple[Path, dict[str, Any]]:
    """300 rows of three tracks, in any order."""
    rng = np.random.default_rng(4)
    order = rng.permutation(300)
    columns = {"time": order // 3, "id": [f"t{k}" for k in order % 3], "x": rng.normal(size=300).round(4)}
    path = folder / f"log.{kind}"
    frame = pl.DataFrame(columns)
    frame.write_csv(path) if kind == "csv" else frame.write_parquet(path)
    return path, {"track": "id"}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("rows", [1, 7, 100, 1000])
def test_parts_of_sorted_rows_are_the_sorted_log(kind: str, rows: int, tmp_path: Path) -> None:
    path, options = unsorted(tmp_path, kind)
    whole = fog.Log.read(path, sort=True, **options)
    parts = list(fog.open_log(path, sort=True, **options).parts(rows=rows))
    assert np.concatenate([part.log.time_ns for part in parts]).tobytes() == whole.time_ns.tobytes()
    assert np.concatenate([part.log["x"] for part in parts]).tobytes() == whole["x"].tobytes()
    labels = np.concatenate([part.log.columns()["track"] for part in parts])
    assert labels.tolist() == whole.columns()["track"].tolist()
    goes_on = [labels[k] == labels[k - 1] for k in np.cumsum([0, *(len(p.log) for p in parts)])[1:-1]]
    assert [part.goes_on for part in parts] == [False, *goes_on]
    for part in parts[:: max(1, len(parts) // 4)]:
        after = position_of(json.loads(json.dumps(asdict(part.after))))
        rest = list(fog.open_log(path, sort=True, **options).parts(after, rows=1000))
        left = len(whole) - part.after.rows
        assert sum(len(other.log) for other in rest) == left
        assert not left or rest[0].log["x"][0] == whole["x"][part.after.rows]


def test_a_counter_that_wraps_cannot_be_sorted(tmp_path: Path) -> None:
    with pytest.raises(fog.DataError, match="sort=True and wraps="):
        fog.open_log(csv(tmp_path), sort=True, wraps=2**32)
