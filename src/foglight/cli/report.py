"""`foglight report`: one HTML file about a log and its filter."""

from pathlib import Path
from typing import Any

import click

import foglight as fog
from foglight.cli.log_options import check_within, log_options, read_truth, truth_options
from foglight.cli.method_option import method_option
from foglight.cli.output_paths import FILE, can_write, model_path
from foglight.cli.threads_option import threads_option
from foglight.methods import registry


@click.command()
@click.argument("model")
@click.argument("log", type=FILE)
@click.option("-o", "--out", type=FILE, required=True, help="File of the report, such as report.html.")
@truth_options
@method_option
@click.option("--smooth", is_flag=True, help="Draw the smoothed states, too.")
@click.option("--compare", is_flag=True, help="Add a table of KF, EKF, UKF and others on the same log.")
@click.option(
    "--tune", is_flag=True, help="Tune the model to the log first; adds standard errors and intervals."
)
@click.option(
    "--effort",
    type=click.Choice(["normal", "quick", "full", "none"]),
    default="normal",
    show_default=True,
    help="How long the check may search for explanations; none for no check.",
)
@threads_option
@log_options
def report(
    model: str,
    log: Path,
    out: Path,
    truth: Path | None,
    within: float,
    method: str | None,
    smooth: bool,
    compare: bool,
    tune: bool,
    effort: str,
    **reading: Any,
) -> None:
    """Write what MODEL makes of LOG as one HTML file, which opens in any browser, from disk.

    Pictures of states, readings, innovations and gains that zoom together, a map, the model, and what `foglight check`
    says, each sentence linked to the picture that shows it.

    \b
    foglight report model.toml log.csv -o report.html
    foglight report model.py:car drive.csv -o drive.html --truth truth.csv --smooth --compare
    """
    from foglight.cli.progress import progress_bar
    from foglight.core.atomic_file import is_stream
    from foglight.model import model_file

    check_within(within, truth)
    sources = {"the log": log, "the model": model_path(model)}
    can_write(out, sources if truth is None else {**sources, "the truth": truth})
    loaded, chosen = model_file.load(model)
    chosen = registry.instead_of(chosen, method)
    with progress_bar() as phase:
        found = fog.Log.read(log, progress=phase(f"reading {log.name}", None), **reading)
        states = read_truth(truth, reading)
        fit = None
        if tune:
            fit = fog.tune(loaded, found, method=chosen, progress=phase("tuning", None))
            loaded = fit.model
        run = fog.run(loaded, found, chosen)
        fog.report(
            fog.smooth(run) if smooth else run,
            out,
            truth=states,
            within=within,
            comparison=fog.compare(loaded, found, None, states, within=within) if compare else None,
            fit=fit,
            effort=effort,
            progress=phase("checking", None),
            title=f"{log.name}, filtered with {Path(model).name}",
        )
    click.echo(f"report: {out}", err=is_stream(out))
