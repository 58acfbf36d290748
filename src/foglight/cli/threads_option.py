"""The option `--threads`, which holds for the whole command."""

import click

from foglight.core.threads import at_most


def _held(context: click.Context, parameter: click.Parameter, given: int | None) -> None:
    context.with_resource(at_most(given))


threads_option = click.option(
    "--threads",
    type=click.IntRange(min=1),
    callback=_held,
    expose_value=False,
    help="Threads at most, where the log has several tracks. Default: as many as this process may use cores.",
)
