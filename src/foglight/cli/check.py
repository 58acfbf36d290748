"""`foglight check`: whether a filter is consistent with a log, and what to change."""

import json
from pathlib import Path
from typing import Any

import click

import foglight as fog
from foglight.cli.log_options import check_within, log_options, read_truth, truth_options
from foglight.cli.method_option import method_option
from foglight.cli.option_names import in_options
from foglight.cli.output_paths import FILE
from foglight.cli.threads_option import threads_option
from foglight.methods import registry


@click.command()
@click.argument("model")
@click.argument("log", type=FILE)
@truth_options
@method_option
@click.option(
    "--level",
    type=click.FloatRange(0.0, 1.0, min_open=True, max_open=True),
    default=0.001,
    show_default=True,
    help="Probability of any false finding, over all tests together.",
)
@click.option(
    "--effort",
    type=click.Choice(["normal", "quick", "full"]),
    default="normal",
    show_default=True,
    help="How long the search for explanations may take.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON: ok, codes, findings, notes, table.")
@threads_option
@log_options
@click.pass_context
def check(
    context: click.Context,
    /,
    model: str,
    log: Path,
    truth: Path | None,
    within: float,
    method: str | None,
    level: float,
    effort: str,
    as_json: bool,
    **reading: Any,
) -> None:
    """Check whether MODEL is consistent with LOG, and if not, what to change and by how much.

    The innovations of the filter, and with --truth its errors, are compared with the covariances that it states. Exit
    code 0: OK; 1: there are findings; 2: bad input.

    \b
    foglight check model.toml log.csv
    foglight check model.py:car drive.csv --truth truth.csv --json
    """
    from foglight.cli.progress import progress_bar
    from foglight.model import model_file

    check_within(within, truth)
    loaded, chosen = model_file.load(model)
    chosen = registry.instead_of(chosen, method)
    with progress_bar() as phase:
        found = fog.Log.read(log, progress=phase(f"reading {log.name}", None), **reading)
        states = read_truth(truth, reading)
        health = fog.check(
            fog.run(loaded, found, chosen),
            states,
            level=level,
            within=within,
            effort=effort,
            progress=phase("checking", None),
        )
    click.echo(
        json.dumps(health.as_dict(), allow_nan=False) if as_json else in_options(str(health), context.command)
    )
    if not health.ok:
        context.exit(1)
