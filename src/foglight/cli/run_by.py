"""`foglight run --by`: many series in Parquet files, in any order."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

import foglight as fog
from foglight.cli.filter_file import is_parquet, need_pyarrow
from foglight.cli.progress import Report
from foglight.core.atomic_file import whole_file
from foglight.core.text import counted
from foglight.methods.method import Method

# Options for one log that streams of series do not have, with their defaults.
_ONE_LOG: dict[str, Any] = {
    "dt": None, "track": None, "sensor": None, "rename": {}, "sort": False, "repeats": "keep", "hold": False,
    "wraps": None, "gap": None, "max_gap": None, "resume": False,
}  # fmt: skip


def run_by(
    model: fog.Model,
    method: Method,
    log: Path,
    out: Path,
    by: str,
    options: Mapping[str, Any],
    progress: Report,
) -> str:
    """Write the estimates of each series, and return the summary. options: of the command line."""
    for name, default in _ONE_LOG.items():
        if options[name] != default:
            option = f"--{name.replace('_', '-')}"
            raise click.UsageError(
                f"{option} is for one log, and --by for many series. Leave one of them out."
            )
    need_pyarrow(out)
    names = {name: options[name] for name in ("time", "unit", "ignore")}
    found = _batches(model, method, log, by, {**names, "on_error": options["on_bad"]})
    totals = _Totals()
    with whole_file(out, binary=True) as file, _writer(file, found.schema, out) as writer:
        for batch in found:
            writer.write_batch(batch)
            totals.add(batch, by)
            progress(totals.rows)
    return totals.summary(method)


def _batches(model: fog.Model, method: Method, log: Path, by: str, options: dict[str, Any]) -> Any:
    """The results of each row: sorted by DuckDB where it is installed, else of one file that is sorted."""
    try:
        from foglight.adapters.duckdb import batches
    except ModuleNotFoundError:
        import pyarrow.parquet as pq

        if not log.is_file():
            raise fog.DataError(
                f"{log} is not a file: expected one Parquet file that is sorted by {by} and {options['time']}, since "
                "DuckDB, which sorts, is not installed. Run pip install 'foglight[duckdb]'.",
                field=str(log),
            ) from None
        return fog.batches(model, pq.ParquetFile(log).iter_batches(), method, by=by, **options)
    return batches(model, log, method, by=by, **options)


def _writer(file: Any, schema: Any, out: Path) -> Any:
    import pyarrow.csv
    import pyarrow.parquet

    make = pyarrow.parquet.ParquetWriter if is_parquet(out) else pyarrow.csv.CSVWriter
    return make(file, schema)


class _Totals:
    """Counts of what was written."""

    def __init__(self) -> None:
        self.rows = self.series = self.refused = 0
        self.loglik = 0.0
        self._last: Any = None

    def add(self, batch: Any, by: str) -> None:
        """Count the rows of a batch; those of a series follow one another."""
        import pyarrow.compute as pc

        keys = batch.column(by)
        runs = [self._last, *_changes(keys)]
        self.series += len(runs) - 1 - (len(runs) > 1 and runs[1] == self._last)
        self._last = runs[-1]
        self.rows += batch.num_rows
        self.loglik += pc.sum(batch.column("loglik").fill_null(0.0)).as_py() or 0.0
        self.refused += pc.sum(pc.starts_with(batch.column("status"), "REFUSED")).as_py() or 0

    def summary(self, method: Method) -> str:
        """One line."""
        parts = [f"{type(method).__name__}: {counted(self.rows, 'row')} of {self.series} series"]
        parts += [f"{self.refused} refused"] * bool(self.refused)
        return ", ".join([*parts, f"log-likelihood {self.loglik:.6g}"])


def _changes(keys: Any) -> Iterator[Any]:
    """The first name of each stretch of equal ones."""
    import pyarrow.compute as pc

    for value in pc.run_end_encode(keys).values:
        yield value.as_py()
