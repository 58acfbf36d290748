"""The command line: parse, call, print. The words are those of the library."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import foglight
from foglight.errors import DataError, FoglightError

if TYPE_CHECKING:
    from foglight.log import Log
    from foglight.methods import Method
    from foglight.scan import Run

FILE = click.Path(path_type=Path)


class BadInput(click.ClickException):
    """One line on stderr."""

    exit_code = 2


class Commands(click.Group):
    """A group in which an error of ours is bad input, without a traceback."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except FoglightError as error:
            raise BadInput(" ".join(str(error).split())) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(foglight.__version__, prog_name="foglight")
def main() -> None:
    """See through the noise: filter a log with a model.

    \b
    foglight demo
    foglight run model.toml log.csv -o estimates.csv
    """


@main.command()
@click.option(
    "-o", "--out", type=FILE, default=Path("foglight-demo"), show_default=True, help="Folder to write to."
)
def demo(out: Path) -> None:
    """One radar in the fog, told from the first fusion to the UKF.

    \b
    foglight demo -o my-folder
    """
    from foglight.demonstration import tell

    for line in tell(out):
        click.echo(line)


@main.command()
@click.argument("model")
@click.argument("log", type=FILE)
@click.option("-o", "--out", type=FILE, required=True, help="CSV file to write the estimates to.")
@click.option(
    "--method",
    type=click.Choice(["kf", "ekf", "ukf", "ckf"], case_sensitive=False),
    help="Which filter. Default: what the model file says, or ekf.",
)
@click.option("--dt", type=float, help="Seconds between rows, for a log without a time column.")
@click.option("--time", default="time", show_default=True, help="The column of stamps, in seconds.")
@click.option(
    "--ignore", multiple=True, metavar="COLUMN", help="A column that is no measurement; repeatable."
)
@click.option(
    "--on-bad",
    type=click.Choice(["raise", "flag"]),
    default="raise",
    show_default=True,
    help="Stop at a row that cannot be computed, or leave it out and say so in its status.",
)
def run(
    model: str,
    log: Path,
    out: Path,
    method: str | None,
    dt: float | None,
    time: str,
    ignore: tuple[str, ...],
    on_bad: str,
) -> None:
    """Filter LOG with MODEL: a TOML file of ready-made parts, or file.py:name.

    LOG is a CSV file: a column of seconds called time (or --dt), and a column per measurement, empty or NaN where
    nothing was reported. The estimates have one row per row of the log.

    \b
    foglight run model.toml radar.csv -o estimates.csv --method ukf
    foglight run model.py:walk positions.csv -o estimates.csv --dt 0.051 --ignore z_m
    """
    from foglight import model_file
    from foglight.estimates import write_run
    from foglight.log import Log
    from foglight.scan import run as run_filter
    from foglight.whole_file import is_stream

    _can_write(out, {"the log": log, "the model": _model_path(model)})
    loaded, chosen = model_file.load(model)
    if method is not None and type(chosen).__name__.lower() != method:
        chosen = model_file.METHODS[method]()
    with _progress() as phase:
        rows = Log.read(log, dt=dt, time=time, ignore=ignore, progress=phase(f"reading {log.name}", None))
        phase("filtering", None)
        result = run_filter(loaded, rows, chosen, on_bad=on_bad)
        write_run(out, result, progress=phase(f"writing {out.name}", len(rows)))
    aside = is_stream(out)  # then stdout may be the estimates' own
    click.echo(_summary(result, chosen, rows), err=aside)
    click.echo(f"estimates: {out}", err=aside)


@main.command()
@click.argument("model")
@click.option("-o", "--out", type=FILE, required=True, help="CSV file to write the log to.")
@click.option("--steps", type=click.IntRange(min=1), required=True, help="Rows of the log.")
@click.option("--dt", type=float, required=True, help="Seconds between rows.")
@click.option("--seed", type=click.IntRange(min=0), required=True, help="The same seed gives the same log.")
@click.option("--missing", type=click.FloatRange(0, 1), default=0.0, help="Share of reports left out.")
@click.option("--truth", type=FILE, help="CSV file to write the true states to.")
def simulate(
    model: str, out: Path, steps: int, dt: float, seed: int, missing: float, truth: Path | None
) -> None:
    """Make a log that the sensors of MODEL could have reported.

    \b
    foglight simulate model.toml -o log.csv --steps 500 --dt 0.1 --seed 1 --truth truth.csv
    """
    from foglight import model_file
    from foglight.estimates import write_log, write_states
    from foglight.simulation import simulate as simulate_log

    _can_write(out, {"the model": _model_path(model)})
    if truth is not None:
        _can_write(truth, {"the model": _model_path(model), "the log": out})
    loaded, _ = model_file.load(model)
    log, states = simulate_log(loaded, steps, dt, seed, missing=missing)
    write_log(out, log)
    click.echo(f"log: {out}")
    if truth is not None:
        write_states(truth, log, loaded.state, states)
        click.echo(f"truth: {truth}")


def _summary(run: "Run", method: "Method", log: "Log") -> str:
    from foglight.consistency import nis_band

    label = type(method).__name__
    mean, low, high, components = nis_band(run)
    rows = f"{len(log)} row{'s' * (len(log) != 1)}"
    if not components:
        return f"{label}: {rows}, nothing measured"
    verdict = "inside" if low <= mean <= high else "OUTSIDE"
    return (
        f"{label}: {rows}, {components} component{'s' * (components != 1)} measured, log-likelihood {run.loglik:.6g}, "
        f"NIS per component {mean:.3f}, {verdict} its 95 % band {low:.3f} to {high:.3f}"
    )


def _model_path(model: str) -> Path:
    path, colon, _ = model.rpartition(":")
    return Path(path if colon and path.endswith(".py") else model)


def _can_write(out: Path, sources: Mapping[str, Path]) -> None:
    """Complain before the work, not after it."""
    if str(out) == "-":
        raise DataError(
            "cannot write -: expected the name of a file. Write /dev/stdout for the screen.", field="-"
        )
    if not out.parent.is_dir():
        raise DataError(
            f"cannot write {out}: there is no folder {out.parent}. Create it first.", field=str(out.parent)
        )
    if out.is_dir():
        raise DataError(f"cannot write {out}: it is a folder. Name a file in it.", field=str(out))
    for what, source in sources.items():
        if out.resolve() == source.resolve() or (out.exists() and source.exists() and out.samefile(source)):
            raise DataError(f"{out} is {what} itself. Write to another file.", field=str(out))


Phase = Callable[[str, int | None], Callable[[int], None]]


@contextmanager
def _progress() -> Iterator[Phase]:
    """A bar on stderr while there is somebody to watch it; gone when the work is done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:

        def phase(description: str, total: int | None) -> Callable[[int], None]:
            for earlier in bar.task_ids:
                bar.update(earlier, visible=False)
            task = bar.add_task(description, total=total)
            return lambda done: bar.update(task, completed=done)

        yield phase
