"""The options of commands that read a log: the words of `Log.read`."""

from collections.abc import Callable
from typing import Any

import click

_OPTIONS = (
    click.option("--time", default="time", show_default=True, help="The column of stamps."),
    click.option(
        "--unit",
        type=click.Choice(["s", "ms", "us", "ns"]),
        default="s",
        show_default=True,
        help="What numbers in that column count; dates and times are read as such.",
    ),
    click.option("--dt", type=float, help="Seconds between rows, for a log without a time column."),
    click.option("--track", metavar="COLUMN", help="The column that tells tracks apart; each starts anew."),
    click.option(
        "--sensor", metavar="COLUMN", help="The column that names the sensor of a row, in a long log."
    ),
    click.option(
        "--ignore", multiple=True, metavar="COLUMN", help="A column that is no measurement; repeatable."
    ),
    click.option(
        "--repeats",
        type=click.Choice(["keep", "skip"]),
        default="keep",
        show_default=True,
        help="Take a reading that repeats the one before as new, or skip it.",
    ),
    click.option(
        "--wraps",
        type=int,
        metavar="RANGE",
        help="Stamps are a counter that starts again at 0 after so many units.",
    ),
)


def log_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with the options of reading, passed to it under the names that `Log.read` gives them."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
