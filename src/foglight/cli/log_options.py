"""The options of commands that read a log, named like the arguments of `Log.read`."""

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

import foglight as fog
from foglight.cli.output_paths import FILE


def _renaming(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """The value of an option `OLD=NEW`, repeatable."""
    found: dict[str, str] = {}
    for text in given:
        old, equals, new = text.rpartition("=")
        if not (equals and old and new):
            raise click.BadParameter(f"{text!r}: expected OLD=NEW.")
        if old in found:
            raise click.BadParameter(f"{old!r} was given twice: expected one new name.")
        found[old] = new
    return found


def _held_from(
    context: click.Context, parameter: click.Parameter, given: tuple[str, ...]
) -> dict[str, float]:
    """The value of an option `NAME=VALUE`, repeatable."""
    found: dict[str, float] = {}
    for text in given:
        name, equals, value = text.partition("=")
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not (equals and name and math.isfinite(number)):
            raise click.BadParameter(f"{text!r}: expected NAME=VALUE, such as current=0.5.")
        if name in found:
            raise click.BadParameter(f"{name!r} was given twice: expected one value.")
        found[name] = number
    return found


_OPTIONS = (
    click.option("--time", default="time", show_default=True, help="Column of time stamps."),
    click.option(
        "--unit",
        type=click.Choice(["s", "ms", "us", "ns"]),
        default="s",
        show_default=True,
        help="Unit of the numbers in that column; dates and times need none.",
    ),
    click.option("--dt", type=float, help="Seconds between rows, for a log without a time column."),
    click.option(
        "--track", metavar="COLUMN", help="Column of track labels; each track starts from the model's start."
    ),
    click.option(
        "--sensor",
        metavar="COLUMN",
        help="Column with the name of each row's sensor, for a log in long format.",
    ),
    click.option(
        "--ignore",
        multiple=True,
        metavar="COLUMN",
        help="Column that is not a measurement; * stands for any text, as in 'field.header.*'; repeatable.",
    ),
    click.option(
        "--rename",
        multiple=True,
        callback=_renaming,
        metavar="OLD=NEW",
        help="Rename a column; the other options use the new name; repeatable.",
    ),
    click.option(
        "--sort", is_flag=True, help="Sort the rows by track and time; the log is then held in memory."
    ),
    click.option(
        "--repeats",
        type=click.Choice(["keep", "skip"]),
        default="keep",
        show_default=True,
        help="Keep a reading that equals the sensor's previous one, or skip it.",
    ),
    click.option(
        "--hold", is_flag=True, help="Carry the last value of each control forward, to rows that have none."
    ),
    click.option(
        "--hold-from",
        multiple=True,
        callback=_held_from,
        metavar="NAME=VALUE",
        help="Do so, and take this value of a control before its first one, such as current=0.5; repeatable.",
    ),
    click.option(
        "--wraps",
        type=int,
        metavar="RANGE",
        help="The stamps are a counter that restarts at 0 after RANGE units.",
    ),
)
_TRUTH = (
    click.option(
        "--truth", type=FILE, help="File of true states at the log's stamps, as `simulate --truth` writes it."
    ),
    click.option(
        "--within",
        type=click.FloatRange(min=0.0),
        default=0.0,
        metavar="SECONDS",
        help="Take the nearest true state within this time, if none has the row's stamp.",
    ),
)


def log_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for reading a log to a command, which receives them under the names of `Log.read`."""

    @functools.wraps(command)
    def with_hold(*arguments: Any, hold: bool, hold_from: dict[str, float], **others: Any) -> Any:
        return command(*arguments, hold=hold_from or hold, **others)

    return _with(_OPTIONS, with_hold)


def truth_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for comparing with true states to a command, which receives them as `truth` and `within`."""
    return _with(_TRUTH, command)


def check_within(within: float, truth: Path | None) -> None:
    """UsageError for --within without --truth."""
    if within and truth is None:
        raise click.UsageError("--within has no meaning without --truth. Add --truth FILE.")


def read_truth(truth: Path | None, reading: Mapping[str, Any]) -> "fog.Log | None":
    """The true states, whose time and tracks are read like those of the log; None without --truth."""
    if truth is None:
        return None
    return fog.Log.read(truth, **{name: reading[name] for name in ("time", "unit", "dt", "track")})


def _with(options: Sequence[Callable[..., Any]], command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with these options, in this order."""
    for option in reversed(options):
        command = option(command)
    return command
