"""`foglight export`: a model as C files."""

from pathlib import Path

import click

import foglight as fog
from foglight.cli.method_option import method_option
from foglight.cli.output_paths import FILE, can_write, model_path
from foglight.methods import registry


@click.command()
@click.argument("model")
@click.option("-o", "--out", type=FILE, required=True, help="The C file, such as ekf.c.")
@method_option
@click.option(
    "--dtype",
    type=click.Choice(["float64", "float32"]),
    default="float64",
    show_default=True,
    help="float32 for a processor with single-precision hardware only.",
)
@click.option("--step-only", is_flag=True, help="Leave out the function that takes a whole log.")
def export(model: str, out: Path, method: str | None, dtype: str, step_only: bool) -> None:
    """Write MODEL as C99 for a computer without Python, with a test that it gives the same bits there.

    Beside ekf.c stand its header, a self-test, a program that shows its use, and a class for C++17. Prints their names.

    \b
    foglight export model.toml -o ekf.c
    foglight export model.py:walk -o walk.c --method ukf --dtype float32
    """
    from foglight.model import model_file

    can_write(out, {"the model": model_path(model)})
    loaded, chosen = model_file.load(model)
    chosen = registry.instead_of(chosen, method)
    parts = ("step",) if step_only else ("step", "scan")
    for file in fog.export_c(loaded, out, chosen, dtype=dtype, parts=parts):
        click.echo(file)
