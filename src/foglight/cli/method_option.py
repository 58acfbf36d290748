"""The option `--method`: the names in the registry of methods."""

import click

from foglight.methods.registry import METHODS

method_option = click.option(
    "--method",
    type=click.Choice(list(METHODS), case_sensitive=False),
    help="Which filter. Default: what the model file says, or ekf.",
)
