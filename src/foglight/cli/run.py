"""`foglight run`: its options, and the summary that it prints."""

from pathlib import Path
from typing import Any

import click

import foglight as fog
from foglight.cli.log_options import log_options
from foglight.cli.method_option import method_option
from foglight.cli.option_names import in_options
from foglight.cli.output_paths import FILE, can_write, model_path
from foglight.cli.threads_option import threads_option
from foglight.inference.stream import Totals
from foglight.methods import registry
from foglight.methods.method import Method


class Interrupted(click.ClickException):
    """Ctrl-C: one line, and exit code 130."""

    exit_code = 130

    def show(self, file: Any = None) -> None:
        click.echo(self.message, file=file, err=file is None)


def _per_sensor(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> Any:
    """The value of an option `0.999`, or `radar=0.999` for one sensor; repeatable."""
    found: dict[str, float] = {}
    for text in given:
        name, _, number = text.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            raise click.BadParameter(f"{text!r}: expected a number, or SENSOR=NUMBER.") from None
        if name in found and name:
            raise click.BadParameter(f"{name!r} was given twice: expected one number for each sensor.")
        found[name] = value
    if "" in found and len(given) > 1:
        raise click.BadParameter("expected one number for all sensors, or SENSOR=NUMBER for each.")
    return found.get("", found) if found else None


@click.command()
@click.argument("model")
@click.argument("log", type=FILE)
@click.option("-o", "--out", type=FILE, required=True, help="File of the estimates: CSV, or .parquet.")
@method_option
@threads_option
@log_options
@click.option(
    "--by",
    metavar="COLUMN",
    help="Column with the name of each row's series: LOG is a Parquet file, or a folder of them, in any order.",
)
@click.option(
    "--gap",
    type=float,
    metavar="SECONDS",
    help="Mark rows that come more than this after the row before as AFTER_GAP.",
)
@click.option(
    "--max-gap",
    type=float,
    metavar="SECONDS",
    help="Refuse rows that come more than this after the row before; with --on-bad flag leave them out.",
)
@click.option(
    "--gate",
    multiple=True,
    callback=_per_sensor,
    metavar="P",
    help="Reject readings outside this probability, such as 0.999, or radar=0.99 for one sensor; repeatable.",
)
@click.option(
    "--huber",
    multiple=True,
    callback=_per_sensor,
    metavar="K",
    help="Bound the influence of readings beyond K standard deviations; K, or SENSOR=K like --gate.",
)
@click.option(
    "--student",
    multiple=True,
    callback=_per_sensor,
    metavar="DOF",
    help="Let readings count the less the farther off they are: Student-t with DOF degrees of freedom, such as 4; DOF, "
    "or SENSOR=DOF like --gate.",
)
@click.option(
    "--recover",
    type=float,
    metavar="SECONDS",
    help="Widen the belief after this long a rejection that no other sensor contradicts.",
)
@click.option(
    "--on-bad",
    type=click.Choice(["raise", "flag"]),
    default="raise",
    show_default=True,
    help="Stop at a row that cannot be computed, or leave it out and flag it in its status.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Survive interruptions: continue where the last run with --resume was stopped.",
)
def run(
    model: str,
    log: Path,
    out: Path,
    method: str | None,
    by: str | None,
    gap: float | None,
    max_gap: float | None,
    gate: Any,
    huber: Any,
    student: Any,
    recover: float | None,
    on_bad: str,
    resume: bool,
    **reading: Any,
) -> None:
    """Filter LOG with MODEL: a TOML file of ready-made parts, or file.py:name.

    LOG is a CSV or Parquet file: a column of stamps (or --dt), and a column per measurement, empty or NaN where
    nothing was reported. The estimates have one row per row of the log. Neither file is ever held in memory as a whole,
    unless --sort asks for it. With --by, LOG holds many series, each of which starts from the model's start; DuckDB,
    where it is installed, sorts the rows.

    \b
    foglight run model.toml radar.csv -o estimates.csv --method ukf
    foglight run model.py:walk positions.csv -o estimates.csv --dt 0.051 --ignore z_m
    foglight run model.toml night.csv -o estimates.csv --gate 0.999 --gap 5 --resume
    foglight run model.toml odometry.csv -o estimates.csv --time %time --unit ns --ignore 'field.*' \\
        --rename field.pose.pose.position.x=gps.x --rename field.pose.pose.position.y=gps.y
    foglight run model.toml pumps/ -o estimates.parquet --by series_id
    """
    from foglight.cli.filter_file import filter_file
    from foglight.cli.progress import progress_bar
    from foglight.cli.resumable import checkpoint_of, part_of
    from foglight.core.atomic_file import is_stream
    from foglight.model import model_file

    sources = {"the log": log, "the model": model_path(model)}
    for path in (out, part_of(out), checkpoint_of(out)) if resume else (out,):
        can_write(path, sources)
    loaded, chosen = model_file.load(model)
    chosen = registry.instead_of(chosen, method)
    guards = {"gate": gate, "huber": huber, "student": student, "recover": recover}
    chosen = chosen.with_guards(**{name: value for name, value in guards.items() if value is not None})
    if recover is not None and not chosen.gate:
        raise click.UsageError(
            "--recover has no meaning without a gate: nothing is rejected. Add --gate 0.999."
        )
    if by is not None:
        from foglight.cli.run_by import run_by

        given = {**reading, "gap": gap, "max_gap": max_gap, "on_bad": on_bad, "resume": resume}
        with progress_bar() as phase:
            summary = run_by(loaded, chosen, log, out, by, given, phase(f"filtering {log.name}", None))
        click.echo(summary, err=is_stream(out))
        click.echo(f"estimates: {out}", err=is_stream(out))
        return
    if not resume and not is_stream(out) and checkpoint_of(out).exists():
        _note(
            f"an interrupted run can be continued with --resume; this one starts over and leaves {part_of(out).name} "
            "alone."
        )
    source = fog.open_log(log, **reading)
    try:
        with progress_bar() as phase:
            totals = filter_file(
                source, loaded, chosen, out, gap=gap, max_gap=max_gap, on_bad=on_bad,
                resume=_plain(reading) if resume else None,
                progress=phase(f"filtering {log.name}", source.rows()), note=_note,
            )  # fmt: skip
    except KeyboardInterrupt:
        hint = f"the same command continues from {part_of(out).name}" if resume else f"{out} is as it was"
        raise Interrupted(f"Interrupted: {hint}.") from None
    jump = totals.steps.note()
    if jump is not None:
        _note(f"{jump}.")
    to_stderr = is_stream(out)  # stdout may hold the estimates
    click.echo(_summary(totals, chosen), err=to_stderr)
    click.echo(f"estimates: {out}", err=to_stderr)


def _summary(totals: Totals, method: Method) -> str:
    from foglight.core.text import counted
    from foglight.diagnostics.chi_square import band_of

    parts = [f"{type(method).__name__}: {counted(totals.rows, 'row')}"]
    if totals.tracks > 1:
        parts[0] += f" in {totals.tracks} tracks"
    parts += [f"{count} {name.lower().replace('_', ' ')}" for name, count in totals.flags.items() if count]
    mean, low, high, components = band_of(totals.nis, totals.components)
    if not components:
        return ", ".join([*parts, "nothing measured"])
    inside = "inside" if low <= mean <= high else "OUTSIDE"
    # A gate cuts off the tail of the χ², so the NIS of accepted readings is smaller than the band assumes.
    finding = " of accepted readings" if method.gate else f", {inside} its 95 % band {low:.3f} to {high:.3f}"
    return ", ".join([
        *parts,
        f"{counted(components, 'component')} measured",
        f"log-likelihood {totals.loglik + totals.open:.6g}",
        f"NIS per component {mean:.3f}{finding}",
    ])  # fmt: skip


def _note(sentence: str) -> None:
    click.echo(f"Note: {in_options(sentence, run)}", err=True)


def _plain(reading: dict[str, Any]) -> dict[str, Any]:
    """The options for reading as data for JSON: lists instead of tuples. hold is None if it is off, as in states of
    releases that did not have it."""
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in reading.items()}
    return {**plain, "hold": reading["hold"] or None}
