"""Jobs of DuckDB, Spark and Dask on 1,000,000 rows in 20,000 series, beside a small adapter around `fog.run`.

    python tests/campaigns/engine_jobs.py [duckdb] [spark] [dask] [--rows 1e6] [--tries 2]

Needs the extras duckdb, spark and dask, and Java; `make scale` sets up an environment with them. Both jobs read the
same shuffled Parquet files, on two workers, and end in the sum of the log-likelihoods of all rows. The least wall time
of each counts, with both by turns. Fails if the sums differ in more than rounding, or if an adapter takes much longer.
"""

import argparse
import os
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

MOST = 1.25  # times the wall time of the small adapter, at which a difference is no noise any more
EACH, FILES, PARTITIONS, WORKERS = 50, 8, 8, 2
MODEL = fog.Model(
    fog.motion.constant_velocity(("level",), accel=0.4),
    [fog.sensing.linear("gauge", of="level", std=0.8)],
    start=fog.Belief([0.0, 0.0], std=[5.0, 1.0]),
)
COLUMNS = ("level", "level_std", "level_speed", "level_speed_std", "loglik")
Job = Callable[[], float]


def write_rows(folder: Path, rows: int) -> None:
    """Shuffled rows of rows / 50 series, in eight files."""
    rng = np.random.default_rng(1)
    k = rng.permutation(rows)
    columns = {"series_id": k // EACH, "time": (k % EACH) * 0.5, "gauge": rng.normal(size=rows)}
    table = pa.table(columns)
    for number in range(FILES):
        first = number * rows // FILES
        part = table.slice(first, (number + 1) * rows // FILES - first)
        pq.write_table(part, folder / f"{number}.parquet")


def around_run(table: pa.Table) -> pa.Table:
    """The small adapter: sorted rows as one log with tracks, filtered by `fog.run`, and columns of the result."""
    table = table.sort_by([("series_id", "ascending"), ("time", "ascending")])
    names, when, z = (table[name].to_numpy() for name in ("series_id", "time", "gauge"))
    run = fog.run(MODEL, fog.Log.from_arrays(when, track=names, gauge=z), threads=1)
    numbers = np.column_stack([run.filtered.mean, run.filtered.std])[:, [0, 2, 1, 3]]
    return pa.table(dict(zip(COLUMNS, [*numbers.T, run.row_loglik], strict=True)))


def in_duckdb(folder: Path) -> tuple[Job, Job]:
    """The job by the adapter of DuckDB, and by the small one."""
    import duckdb

    from foglight.adapters import duckdb as engine

    def by_adapter() -> float:
        return sum(
            float(part["loglik"].to_numpy().sum()) for part in engine.batches(MODEL, folder, threads=1)
        )

    def by_run() -> float:
        rows = duckdb.sql(f"SELECT * FROM '{folder}/*.parquet' ORDER BY series_id, time").to_arrow_table()
        return float(around_run(rows)["loglik"].to_numpy().sum())

    return by_adapter, by_run


def in_spark(folder: Path) -> tuple[Job, Job]:
    """The job by the adapter of Spark, and by the small one."""
    from pyspark.sql import SparkSession, functions

    from foglight.adapters import spark as engine

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master(f"local[{WORKERS}]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.ui.showConsoleProgress", "false")
    builder = builder.config("spark.sql.shuffle.partitions", str(PARTITIONS))
    session = builder.config("spark.driver.host", "127.0.0.1").getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    rows = session.read.parquet(str(folder))
    schema = ", ".join(f"{name} double" for name in COLUMNS)

    def partition(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        table = pa.Table.from_batches(list(batches))
        yield from around_run(table).to_batches() if len(table) else ()

    def total(frame: Any) -> float:
        return float(frame.agg(functions.sum("loglik")).collect()[0][0])

    return (
        lambda: total(engine.batches(MODEL, rows)),
        lambda: total(rows.repartition("series_id").mapInArrow(partition, schema)),
    )


def in_dask(folder: Path) -> tuple[Job, Job]:
    """The job by the adapter of Dask, and by the small one."""
    import dask.dataframe as dd
    from distributed import Client, LocalCluster

    from foglight.adapters import dask as engine

    cluster = LocalCluster(
        n_workers=WORKERS, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    )
    Client(cluster)
    rows = dd.read_parquet(folder)

    def partition(part: Any) -> Any:
        return around_run(pa.Table.from_pandas(part, preserve_index=False)).to_pandas()

    meta = partition(rows.head(1))
    return (
        lambda: float(engine.batches(MODEL, rows)["loglik"].sum().compute()),
        lambda: float(
            rows.shuffle(on="series_id").map_partitions(partition, meta=meta)["loglik"].sum().compute()
        ),
    )


ENGINES = {"duckdb": in_duckdb, "spark": in_spark, "dask": in_dask}


def compared(name: str, folder: Path, tries: int) -> bool:
    """Run both jobs by turns; prints their least wall times. Whether the sums agree and the adapter is fast enough."""
    jobs = ENGINES[name](folder)
    seconds: list[list[float]] = [[], []]
    sums = [0.0, 0.0]
    for _ in range(tries):
        for which, job in enumerate(jobs):
            begin = time.perf_counter()
            sums[which] = job()
            seconds[which].append(time.perf_counter() - begin)
    ours, small = (min(found) for found in seconds)
    print(
        f"{name}: {ours:.1f} s, the small adapter {small:.1f} s, {ours / small:.2f} times; sum {sums[0]:.9g}",
        flush=True,
    )
    return abs(sums[0] - sums[1]) <= 1e-9 * abs(sums[1]) and ours <= MOST * small


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("engines", nargs="*", default=list(ENGINES))
    parser.add_argument("--rows", type=float, default=1e6)
    parser.add_argument("--tries", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_rows(Path(folder), int(given.rows))
        sound = [compared(name, Path(folder), given.tries) for name in given.engines]
    return 0 if all(sound) else 1


if __name__ == "__main__":
    sys.exit(main())
