"""`foglight tune`: its options, and the tuned model file."""

import json
from pathlib import Path
from typing import Any

import click

import foglight as fog
from foglight.cli.log_options import log_options
from foglight.cli.method_option import method_option
from foglight.cli.option_names import in_options
from foglight.cli.output_paths import FILE, can_write, model_path
from foglight.cli.run import Interrupted
from foglight.cli.threads_option import threads_option
from foglight.methods import registry
from foglight.methods.without_gates import without_gates


def _names(
    context: click.Context, parameter: click.Parameter, given: tuple[str, ...]
) -> tuple[str, ...] | None:
    """`--free accel,std` or `--free accel --free std`."""
    names = tuple(name.strip() for text in given for name in text.split(",") if name.strip())
    if given and not names:
        raise click.BadParameter("expected names of parameters. Leave it out for all.", context, parameter)
    return names or None


@click.command()
@click.argument("model")
@click.argument("logs", type=FILE, nargs=-1, required=True, metavar="LOG...")
@click.option("-o", "--out", type=FILE, help="File of the tuned model, for a TOML model.")
@click.option(
    "--free",
    multiple=True,
    callback=_names,
    metavar="NAMES",
    help="Parameters to tune, such as accel,range_std; repeatable. Default: all.",
)
@method_option
@threads_option
@log_options
@click.option("--no-heldout", is_flag=True, help="Skip the second fit, on the first 80 % of the rows.")
@click.option("--no-check", is_flag=True, help="Skip the check of the tuned model on the logs.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_context
def tune(
    context: click.Context,
    /,
    model: str,
    logs: tuple[Path, ...],
    out: Path | None,
    free: tuple[str, ...] | None,
    method: str | None,
    no_heldout: bool,
    no_check: bool,
    as_json: bool,
    **reading: Any,
) -> None:
    """Find the parameters of MODEL for which all LOGs together are most likely.

    MODEL is a TOML file of ready-made parts, or file.py:name. Prints each parameter with its standard error, how well
    the model predicts rows that it was not tuned on, which parameters the logs do not determine, and what `foglight
    check` still finds.

    \b
    foglight tune model.toml monday.csv tuesday.csv -o tuned.toml
    foglight tune model.py:walk positions.csv --free accel --dt 0.051 --json
    """
    from foglight.cli.progress import progress_bar
    from foglight.core.atomic_file import whole_file
    from foglight.model import model_file
    from foglight.model.model_text import with_values
    from foglight.tuning.fit import report
    from foglight.tuning.tune import names_of

    toml = model_path(model)
    if out is not None:
        if toml.suffix == ".py":
            raise click.UsageError(
                "-o writes a TOML model; for a model in Python the values are printed. Leave -o out."
            )
        can_write(out, {"the model": toml} | {f"the log {log}": log for log in logs})
    loaded, chosen = model_file.load(model)
    chosen = registry.instead_of(chosen, method)
    if chosen.gate:
        chosen = without_gates(chosen, loaded.sensor_names)
        click.echo(
            "Note: readings rejected by a gate add nothing to the likelihood; tuned with a bound instead: "
            f"{chosen!r}.",
            err=True,
        )
    text = "" if out is None else toml.read_text(encoding="utf-8")
    if out is not None:  # fails before the search if the file cannot be written
        with_values(text, {name: loaded.parameters[name] for name in names_of(loaded, free)})
    try:
        with progress_bar() as phase:
            read = [fog.Log.read(log, progress=phase(f"reading {log.name}", None), **reading) for log in logs]
            fit = fog.tune(
                loaded, read, free, method=chosen, heldout=not no_heldout, progress=phase("tuning", None)
            )
            check = None if no_check or not fit.converged else fit.check(progress=phase("checking", None))
    except KeyboardInterrupt:
        raise Interrupted(f"Interrupted: {out or model} is as it was.") from None
    if as_json:
        found = fit.as_dict() | ({} if check is None else {"check": check.sentences})
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        click.echo(in_options(report(fit, check), context.command))
    if out is not None:
        with whole_file(out) as file:
            file.write(with_values(text, fit.params))
        click.echo(f"model: {out}", err=as_json)
