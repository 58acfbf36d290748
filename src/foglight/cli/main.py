"""The command line: parse, call, print. Options have the names of the library's arguments."""

import errno
from pathlib import Path
from typing import Any

import click

import foglight as fog
from foglight.cli.check import check
from foglight.cli.compare import compare
from foglight.cli.export import export
from foglight.cli.log_options import log_options
from foglight.cli.option_names import in_options
from foglight.cli.output_paths import FILE, can_write, model_path
from foglight.cli.report import report
from foglight.cli.run import Interrupted, run
from foglight.cli.smooth import smooth
from foglight.cli.studio import studio
from foglight.cli.tune import tune


class BadInput(click.ClickException):
    """Bad input: one line on stderr, and exit code 2."""

    exit_code = 2


class Commands(click.Group):
    """A group that reports the errors of Foglight as bad input, without a traceback."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except fog.FoglightError as error:
            message, chosen = (
                " ".join(str(error).split()),
                self.commands.get(context.invoked_subcommand or ""),
            )
            raise BadInput(message if chosen is None else in_options(message, chosen)) from error
        except KeyboardInterrupt:
            raise Interrupted("Interrupted.") from None
        except MemoryError:
            raise click.ClickException("out of memory.") from None
        except OSError as error:
            if error.filename is not None or error.errno == errno.EPIPE:  # a closed pipe is not an error
                raise
            raise BadInput(f"cannot print: {error.strerror}. Redirect the output elsewhere.") from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(fog.__version__, prog_name="foglight")
def main() -> None:
    """See through the noise: filter a log with a model.

    \b
    foglight demo
    foglight run model.toml log.csv -o estimates.csv
    foglight tune model.toml log.csv -o tuned.toml
    foglight check tuned.toml log.csv
    """


main.add_command(run)
main.add_command(check)
main.add_command(smooth)
main.add_command(tune)
main.add_command(compare)
main.add_command(report)
main.add_command(studio)
main.add_command(export)


@main.command()
@click.option(
    "-o", "--out", type=FILE, default=Path("foglight-demo"), show_default=True, help="Folder to write to."
)
def demo(out: Path) -> None:
    """Tell the story of one radar in the fog, from the first fusion to the UKF.

    \b
    foglight demo -o my-folder
    """
    from foglight.cli.demo import story

    for line in story(out):
        click.echo(line)


@main.command()
@click.argument("log", type=FILE)
@click.option(
    "--model", metavar="MODEL", help="The model that the log is for: it says which columns are controls."
)
@log_options
def describe(log: Path, model: str | None, **reading: Any) -> None:
    """Print what is in LOG, a CSV or Parquet file: rates, gaps, repeats, missing readings, ranges.

    \b
    foglight describe radar.csv
    foglight describe drive.csv --model model.toml
    foglight describe events.csv --time stamp --unit ms --sensor name
    """
    from foglight.cli.progress import progress_bar
    from foglight.model import model_file

    loaded = None if model is None else model_file.load(model)[0]
    with progress_bar() as phase:
        found = fog.Log.read(log, progress=phase(f"reading {log.name}", None), **reading)
    click.echo(in_options(str(found.describe(loaded)), describe))


@main.command()
@click.argument("model")
@click.option("-o", "--out", type=FILE, required=True, help="CSV file to write the log to.")
@click.option("--steps", type=click.IntRange(min=1), required=True, help="Rows of the log.")
@click.option("--dt", type=float, required=True, help="Seconds between rows.")
@click.option("--seed", type=click.IntRange(min=0), required=True, help="The same seed gives the same log.")
@click.option(
    "--missing", type=click.FloatRange(0, 1), default=0.0, help="Fraction of readings that are missing."
)
@click.option("--truth", type=FILE, help="CSV file to write the true states to.")
def simulate(
    model: str, out: Path, steps: int, dt: float, seed: int, missing: float, truth: Path | None
) -> None:
    """Simulate a log that the sensors of MODEL could have reported.

    \b
    foglight simulate model.toml -o log.csv --steps 500 --dt 0.1 --seed 1 --truth truth.csv
    """
    from foglight.data.column_files import write_log, write_states
    from foglight.data.on_time import on_time
    from foglight.model import model_file

    can_write(out, {"the model": model_path(model)})
    if truth is not None:
        can_write(truth, {"the model": model_path(model), "the log": out})
    loaded, _ = model_file.load(model)
    log, states = fog.simulate(loaded, steps, dt, seed, missing=missing)
    write_log(out, log)
    click.echo(f"log: {out}")
    if truth is not None:
        write_states(truth, on_time(loaded, log), loaded.state, states)
        click.echo(f"truth: {truth}")


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script with which SHELL completes the commands and options of foglight.

    \b
    foglight completion bash >> ~/.bashrc
    foglight completion zsh >> ~/.zshrc
    foglight completion fish > ~/.config/fish/completions/foglight.fish
    """
    from click.shell_completion import get_completion_class

    completer = get_completion_class(shell)
    assert completer is not None
    click.echo(completer(main, {}, "foglight", "_FOGLIGHT_COMPLETE").source())
