"""The option `--method`: the names in the registry of methods."""

import click

from foglight.methods.registry import METHODS


class MethodName(click.ParamType):  # type: ignore[type-arg]
    """A name in the registry of methods, which is looked up when the command runs."""

    name = "method"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return f"[{'|'.join(METHODS)}]"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value.lower() not in METHODS:
            self.fail(f"{value!r} is not one of {', '.join(map(repr, METHODS))}.", param, ctx)
        return value.lower()


method_option = click.option(
    "--method", type=MethodName(), help="The filter. Default: that of the model file, or ekf."
)
