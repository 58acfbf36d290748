"""`foglight compare`: several filters on one log, as a table or as JSON."""

import json
from pathlib import Path
from typing import Any

import click

import foglight as fog
from foglight.cli.log_options import check_within, log_options, read_truth, truth_options
from foglight.cli.output_paths import FILE
from foglight.cli.threads_option import threads_option
from foglight.methods.registry import METHODS

USUAL = ("kf", "ekf", "iekf", "ukf", "ckf")
KNOWN = {"iekf": fog.EKF(iterations=3)} | {name: kind() for name, kind in METHODS.items()}


@click.command()
@click.argument("model")
@click.argument("log", type=FILE)
@truth_options
@click.option(
    "--method",
    "names",
    multiple=True,
    type=click.Choice(list(KNOWN), case_sensitive=False),
    help="A filter to compare, the simplest first; repeatable. Default: all.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON: best, advice, methods, curvature.")
@threads_option
@log_options
def compare(
    model: str,
    log: Path,
    truth: Path | None,
    within: float,
    names: tuple[str, ...],
    as_json: bool,
    **reading: Any,
) -> None:
    """Compare KF, EKF, iterated EKF (iekf), UKF and CKF on LOG with MODEL, and say which to use.

    Prints the log-likelihood, the NIS with its 95 % band and the time per step; with --truth also errors, NEES and
    coverage. A filter that does not accept the model is listed with the reason. All use the gates and bounds of the
    model file.

    \b
    foglight compare model.toml log.csv
    foglight compare model.py:car drive.csv --truth truth.csv --method ekf --method ukf --json
    """
    from foglight.cli.progress import progress_bar
    from foglight.model import model_file

    check_within(within, truth)
    loaded, chosen = model_file.load(model)
    with progress_bar() as phase:
        found = fog.Log.read(log, progress=phase(f"reading {log.name}", None), **reading)
    states = read_truth(truth, reading)
    methods = [KNOWN[name].with_guards(**chosen.guards) for name in names or USUAL]
    result = fog.compare(loaded, found, methods, states, within=within)
    click.echo(
        json.dumps(result.as_dict(), ensure_ascii=False, allow_nan=False, indent=2)
        if as_json
        else repr(result)
    )
