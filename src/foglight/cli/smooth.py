"""`foglight smooth`: estimates of every row from the whole log, as a file."""

import json
from pathlib import Path
from typing import Any

import click
import numpy as np

import foglight as fog
from foglight.cli.log_options import log_options
from foglight.cli.method_option import method_option
from foglight.cli.output_paths import FILE, can_write, model_path
from foglight.cli.threads_option import threads_option
from foglight.data.column_files import heading, write
from foglight.data.columns import Columns
from foglight.methods import registry


@click.command()
@click.argument("model")
@click.argument("log", type=FILE)
@click.option("-o", "--out", type=FILE, required=True, help="File of the estimates: CSV, or .parquet.")
@method_option
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@threads_option
@log_options
def smooth(model: str, log: Path, out: Path, method: str | None, as_json: bool, **reading: Any) -> None:
    """Estimate every row of LOG from all its readings, earlier and later, with MODEL.

    The estimates have one row per row of the log: time, each state and its standard deviation, status. The log and
    the estimates are held in memory; `foglight run` filters logs that do not fit.

    \b
    foglight smooth model.toml radar.csv -o smoothed.csv
    foglight smooth model.py:walk positions.csv -o smoothed.parquet --dt 0.051 --json
    """
    from foglight.cli.filter_file import is_parquet, need_pyarrow
    from foglight.cli.progress import progress_bar
    from foglight.core.atomic_file import is_stream
    from foglight.data.table import for_json
    from foglight.inference.run_columns import run_columns
    from foglight.inference.smooth import smoothed_columns
    from foglight.model import model_file

    can_write(out, {"the log": log, "the model": model_path(model)})
    if is_parquet(out):
        need_pyarrow(out)
    loaded, chosen = model_file.load(model)
    chosen = registry.instead_of(chosen, method)
    with progress_bar() as phase:
        found = fog.Log.read(log, progress=phase(f"reading {log.name}", None), **reading)
        filtered = fog.run(loaded, found, chosen)
        smoothed = fog.smooth(filtered)
        columns = [*smoothed_columns(smoothed), run_columns(filtered)[-1]]  # the status
        rows = len(filtered.log) * (found.tracks or 1)
        if is_parquet(out):
            _write_parquet(out, columns)
        else:
            write(out, columns, rows, phase(f"writing {out.name}", rows))
    summary = {**_summary(filtered, smoothed), "out": str(out)}
    text = (
        json.dumps(for_json(summary), allow_nan=False) if as_json else f"{_line(summary)}\nestimates: {out}"
    )
    click.echo(text, err=is_stream(out))


def _write_parquet(out: Path, columns: Columns) -> None:
    import pyarrow
    from pyarrow.parquet import write_table

    from foglight.core.atomic_file import whole_file

    heading(out, columns)  # refuses duplicate names, which a table would merge
    with whole_file(out, binary=True) as file:
        write_table(pyarrow.table({name: column.array() for name, column in columns}), file)


def _summary(run: "fog.Run", smoothed: "fog.Smoothed") -> dict[str, Any]:
    """The summary as data. The standard deviations are medians over the rows."""
    pairs = zip(smoothed.names, _medians(run.filtered.std), _medians(smoothed.std), strict=True)
    return {
        "method": repr(run.method),
        "rows": len(run.log),
        "tracks": 1 if run.track is None else len(run.log.track_names),
        "loglik": float(np.sum(run.loglik)),
        "engine": smoothed.engine,
        "states": {name: {"filtered_std": before, "smoothed_std": after} for name, before, after in pairs},
    }


def _medians(std: Any) -> list[float]:
    """The median of each state."""
    return [float(v) for v in np.median(std.reshape(-1, std.shape[-1]), axis=0)]


def _line(summary: dict[str, Any]) -> str:
    """The summary as a line of text."""
    from foglight.core.text import counted

    tracks = f" in {summary['tracks']} tracks" if summary["tracks"] > 1 else ""
    stds = [
        f"{name} ± {std['smoothed_std']:.3g} (filtered {std['filtered_std']:.3g})"
        for name, std in summary["states"].items()
    ]
    return f"{summary['method']}: {counted(summary['rows'], 'row')}{tracks} smoothed; {', '.join(stds)}"
