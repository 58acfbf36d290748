"""Series in files and relations of DuckDB: in any order, with the bits that fog.run gives each of them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("duckdb", reason="the extra duckdb is not installed")

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

import foglight as fog
from foglight.adapters import duckdb as engine
from unit.model.travelling import radar


def shuffled(series: int = 8, rows: int = 20, seed: int = 2) -> pa.Table:
    """Rows of several series in random order."""
    rng = np.random.default_rng(seed)
    names = np.repeat([f"pump {k}" for k in range(series)], rows)
    table = pa.table({
        "time": np.tile(np.arange(rows) * 0.1, series),
        "radar": 5.0 + rng.normal(size=rows * series),
        "series_id": names,
    })  # fmt: skip
    return table.take(rng.permutation(rows * series))


def alone(table: pa.Table, name: str) -> fog.Run:
    """The run of one series."""
    own = table.filter(pa.compute.equal(table["series_id"], name)).sort_by("time")
    return fog.run(
        radar(), fog.Log.from_arrays(own["time"].to_numpy(), radar=own["radar"].to_numpy()[:, None])
    )


def same(found: pa.Table, table: pa.Table) -> None:
    """The results are those of each series alone, bit for bit."""
    for name in table["series_id"].unique().to_pylist():
        own = found.filter(pa.compute.equal(found["series_id"], name))
        run = alone(table, name)
        assert own["gap"].to_numpy().tobytes() == run.filtered.mean[:, 0].tobytes(), name
        assert own["gap_speed_std"].to_numpy().tobytes() == run.filtered.std[:, 1].tobytes(), name


@pytest.fixture
def folder(tmp_path: Path) -> tuple[Path, pa.Table]:
    """Files of shuffled rows, one in a folder within."""
    table = shuffled()
    (tmp_path / "day=2").mkdir()
    pq.write_table(table.slice(0, 70), tmp_path / "a.parquet")
    pq.write_table(table.slice(70), tmp_path / "day=2" / "b.parquet")
    return tmp_path, table


def test_a_folder_of_files(folder: tuple[Path, pa.Table]) -> None:
    path, table = folder
    found = engine.batches(radar(), path, ignore=["day"], memory="200MB").read_all()
    assert found.num_rows == table.num_rows
    same(found, table)


def test_a_relation_and_a_summary(folder: tuple[Path, pa.Table]) -> None:
    _, table = folder
    relation = duckdb.connect().from_arrow(table)
    same(engine.batches(radar(), relation).read_all(), table)
    summary = engine.batches(radar(), relation, output="summary").read_all().to_pylist()
    assert [row["series_id"] for row in summary] == sorted(table["series_id"].unique().to_pylist())
    assert summary[3]["log_likelihood"] == alone(table, "pump 3").loglik


def test_rows_of_one_time_are_in_the_order_of_their_values() -> None:
    rows = [("a", 0.0, 5.0), ("a", 0.1, 5.3), ("a", 0.1, 4.9), ("a", 0.1, None)]
    found = []
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]):
        columns: Any = zip(*[rows[k] for k in order], strict=True)
        table = pa.table(dict(zip(("series_id", "time", "radar"), map(list, columns), strict=True)))
        found.append(repr(engine.batches(radar(), duckdb.connect().from_arrow(table)).read_all().to_pylist()))
    assert len(set(found)) == 1


def test_a_series_that_cannot_be_filtered_is_flagged(folder: tuple[Path, pa.Table]) -> None:
    _, table = folder
    radar_column = table["radar"].to_numpy().copy()
    bad = int(np.flatnonzero(table["series_id"].to_numpy(zero_copy_only=False) == "pump 5")[0])
    radar_column[bad] = np.inf
    broken = table.set_column(table.schema.get_field_index("radar"), "radar", pa.array(radar_column))
    relation = duckdb.connect().from_arrow(broken)
    with pytest.raises(fog.DataError, match="inf"):
        engine.batches(radar(), relation).read_all()
    found = engine.batches(radar(), relation, output="summary", on_error="flag").read_all().to_pylist()
    status = {row["series_id"]: row["status"] for row in found}
    assert status["pump 5"] != status["pump 4"] and status["pump 4"] == "USED"


def test_what_is_absent_is_named(tmp_path: Path) -> None:
    with pytest.raises(fog.DataError, match=r"source = .*none\.parquet.*Name a file, a folder or a pattern"):
        engine.batches(radar(), tmp_path / "none.parquet")
    relation = duckdb.connect().from_arrow(shuffled())
    with pytest.raises(fog.DataError, match=r"by = 'pump': expected one of the columns .*Name it with by="):
        engine.batches(radar(), relation, by="pump")
