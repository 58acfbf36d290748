"""Parquet files: the same options as CSV, and an error message for every broken or incomplete file."""

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from foglight.core.errors import DataError, FoglightError
from foglight.data.log import Log


def write(folder: Path, columns: dict[str, Any], name: str = "log.parquet", **options: Any) -> Path:
    path = folder / name
    pq.write_table(pa.table(columns), path, **options)
    return path


def test_a_parquet_file_gives_the_same_log_as_a_csv_file(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    columns = {
        "stamp": [1_700_000_000_000_000 + 33_333 * k for k in range(40)],
        "who": ["radar" if k % 3 else "gauge" for k in range(40)],
        "value": rng.normal(size=40).tolist(),
        "note": ["fog"] * 40,
    }
    options: dict[str, Any] = {"time": "stamp", "unit": "us", "sensor": "who", "ignore": ["note"]}
    text = "stamp,who,value,note\n" + "".join(
        f"{a},{b},{c!r},{d}\n" for a, b, c, d in zip(*columns.values(), strict=True)
    )
    csv = tmp_path / "log.csv"
    csv.write_text(text)
    one = Log.read(csv, **options)
    for name in ("log.parquet", "log.PQ"):
        other = Log.read(write(tmp_path, columns, name, row_group_size=7), **options)
        assert one.time_ns.tobytes() == other.time_ns.tobytes()
        assert [*one.blocks] == [*other.blocks]
        assert all(one.blocks[key].tobytes() == other.blocks[key].tobytes() for key in one.blocks)


def test_progress_is_reported_in_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foglight.data.readers.whole.ROWS", 4)
    seen: list[int] = []
    Log.read(
        write(tmp_path, {"time": list(range(10)), "z": [1.0] * 10}, row_group_size=3), progress=seen.append
    )
    assert seen == [4, 8, 10]


@pytest.mark.parametrize(
    ("columns", "words", "field", "index"),
    [
        ({"time": [0, 1], "z": ["1", "2"]}, "log.parquet: z[0] = '1', type String", "z", 0),
        ({"time": [0, 1], "z": [[1.0], [2.0]]}, "type List", "z", 0),
        ({"time": [0, 1, None], "z": [1.0] * 3}, "log.parquet: time[2] = null is not a time", "time", 2),
        ({"time": [0, 2, 1], "z": [1.0] * 3}, "log.parquet: time[2] = 1 s is earlier", "time", 2),
        ({"time": [0, 1], "n": [1, 2**60]}, "n[1] = 1152921504606846976: integers beyond 2^53", "n", 1),
        ({"z": [1.0]}, "has no column 'time': found z", "time", None),
        ({"time": pa.array([], pa.int64()), "z": pa.array([], pa.float64())}, "has no rows", "", None),
    ],
)
def test_tables_that_are_refused(
    tmp_path: Path, columns: dict[str, Any], words: str, field: str, index: int | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The row number is that of the file, also in a later part."""
    path = write(tmp_path, columns)
    for rows in (1, 100):
        monkeypatch.setattr("foglight.data.readers.whole.ROWS", rows)
        with pytest.raises(FoglightError, match=re.escape(words)) as caught:
            Log.read(path)
        assert caught.value.field == (field or str(path)) and caught.value.index == index


def test_files_that_are_broken(tmp_path: Path) -> None:
    path = write(tmp_path, {"time": list(range(1000)), "z": np.sin(np.arange(1000.0))}, compression="zstd")
    whole = path.read_bytes()
    for size in (0, 3, 7, 11, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(DataError, match=f"incomplete file: {size} bytes, no footer") as caught:
            Log.read(path)
        assert caught.value.value == size and caught.value.field == str(path)
    path.write_bytes(b"PAR1" + b"\xff" * 200 + b"PAR1")
    with pytest.raises(DataError, match="broken Parquet file"):
        Log.read(path)
    found = 0
    for offset in range(4, len(whole) - 8, 97):
        path.write_bytes(whole[:offset] + bytes([whole[offset] ^ 0xFF]) + whole[offset + 1 :])
        try:
            Log.read(path)
        except FoglightError as error:
            found += 1
            assert "\n" not in str(error)
    assert found > 10


def test_without_pyarrow_the_error_names_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, {"time": [0], "z": [1.0]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(DataError, match=r"needs pyarrow.*pip install 'foglight\[parquet\]'"):
        Log.read(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.parquet: No such file"):
        Log.read(tmp_path / "nowhere.parquet")
