"""`foglight studio`: its options, and the URL that it prints."""

from pathlib import Path
from typing import Any

import click

from foglight.cli.log_options import log_options
from foglight.cli.method_option import method_option
from foglight.cli.output_paths import FILE

PORT = 8117


@click.command()
@click.argument("model", required=False)
@click.argument("log", type=FILE, required=False)
@method_option
@log_options
@click.option(
    "--port",
    type=click.IntRange(1, 65_535),
    default=PORT,
    show_default=True,
    help="Port to serve the page at; if it is in use, the next free one.",
)
@click.option("--no-browser", is_flag=True, help="Print the URL only; do not open a browser.")
@click.option("--stay", is_flag=True, help="Go on after the last tab was closed, until Ctrl-C.")
def studio(
    model: str | None,
    log: Path | None,
    method: str | None,
    port: int,
    no_browser: bool,
    stay: bool,
    **reading: Any,
) -> None:
    """Open a live page: move a parameter of MODEL, and see LOG filtered again at once.

    With sliders, switches for method and outliers, auto-tune, and the numbers of every row. Without MODEL and LOG it
    teaches with a pedestrian in the fog. The page is served on this computer only, and ends with its last tab.

    \b
    foglight studio
    foglight studio model.toml radar.csv
    foglight studio model.py:walk positions.csv --dt 0.051 --port 9000 --no-browser
    """
    from foglight.pictures.studio.lesson import lesson
    from foglight.pictures.studio.opening import opened
    from foglight.pictures.studio.server import Studio, need_packages

    need_packages()
    if model is not None and log is None:
        raise click.UsageError("expected MODEL and LOG, or neither of them. Add the log.")
    given = lesson(method) if model is None or log is None else opened(model, log, method, reading)
    served = Studio(given, port, stay=stay)
    if served.port != port:
        click.echo(f"Port {port} is in use: this studio is at port {served.port}.")
    click.echo(f"Studio: {served.url}")
    click.echo("It ends with Ctrl-C." if stay else "It ends with Ctrl-C, or when its last tab is closed.")
    if not no_browser:
        click.launch(served.url)
    served.run()
    click.echo("The studio has ended.")
