"""Rows of many series through `fog.batches`: the peak of memory, the rate, and the CPU beside `fog.run` on arrays.

    python tests/campaigns/many_series.py [--rows 2e7] [--each 100] [--output filtered]
    python tests/campaigns/many_series.py --file

Rows are made as they are asked for, so that nothing but the filter needs memory: 2e8 of them take minutes. `--file`
filters a sorted Parquet file of 1,000,000 rows in 20,000 series. Fails above the bars.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import foglight as fog

PEAK, PEAK_OF_FILE = 512, 400  # MB
MOST = 1.5  # times the CPU of fog.run on arrays and of reading the file
MODEL = fog.Model(
    fog.motion.constant_velocity(("level",), accel=0.4),
    [fog.sensing.linear("gauge", of="level", std=0.8)],
    start=fog.Belief([0.0, 0.0], std=[5.0, 1.0]),
)


def generated(rows: int, each: int, at_once: int = 100_000) -> Iterator[pa.RecordBatch]:
    """Record batches of this many rows in all, with `each` rows in each series."""
    rng = np.random.default_rng(1)
    for first in range(0, rows, at_once):
        k = np.arange(first, min(first + at_once, rows))
        yield pa.record_batch({
            "series_id": k // each, "time": (k % each) * 0.5, "gauge": rng.normal(size=len(k)),
        })  # fmt: skip


def peak() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def many(rows: int, each: int, output: str) -> bool:
    """Filter generated rows; prints the rate and the peak. Whether the peak is below its bar."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = sum(batch.num_rows for batch in fog.batches(MODEL, generated(rows, each), output=output))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    expected = rows if output != "summary" else -(-rows // each)
    print(
        f"{rows:.3g} rows in series of {each}, {output}: {wall:.1f} s, {cpu:.1f} s CPU with making the rows, "
        f"{rows / wall / 1e6:.2f} million rows a second, peak {peak():.0f} MB"
    )
    return found == expected and peak() < PEAK


def from_a_file(tries: int = 7) -> bool:
    """Filter a sorted file in parts, and beside it read it and run it whole. Whether peak and CPU are below their
    bars."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "series.parquet"
        with pq.ParquetWriter(path, next(generated(1, 50)).schema) as file:
            for batch in generated(1_000_000, 50):
                file.write_batch(batch)
        parts = least(tries, lambda: [batch.num_rows for batch in in_parts(path)])
        most = peak()
        whole = least(tries, lambda: at_once(path))
    print(
        f"1e6 rows from a file: {parts:.3f} s CPU in parts, {whole:.3f} s read and run whole, peak {most:.0f} MB"
    )
    return parts <= MOST * whole and most < PEAK_OF_FILE


def in_parts(path: Path) -> Any:
    """The record batches of the file, filtered."""
    return fog.batches(MODEL, pq.ParquetFile(path).iter_batches())


def at_once(path: Path) -> fog.Run:
    """The run of the file as arrays."""
    table = pq.read_table(path)
    names, when, z = (table[name].to_numpy() for name in ("series_id", "time", "gauge"))
    return fog.run(MODEL, fog.Log.from_arrays(when, track=names, gauge=z))


def least(tries: int, call: Callable[[], Any]) -> float:
    """The least CPU of so many calls, in seconds."""
    found = []
    for _ in range(tries):
        begin = time.process_time()
        call()
        found.append(time.process_time() - begin)
    return min(found)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=float, default=2e7)
    parser.add_argument("--each", type=int, default=100, help="rows of a series")
    parser.add_argument("--output", default="filtered", choices=("filtered", "smoothed", "summary"))
    parser.add_argument("--file", action="store_true")
    given = parser.parse_args()
    sound = from_a_file() if given.file else many(int(given.rows), given.each, given.output)
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
