"""`fog.report`: one HTML file about a run, which opens from disk and loads nothing."""

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any

from foglight.core.atomic_file import whole_file
from foglight.core.errors import DataError, ModelError
from foglight.diagnostics.check.check import check
from foglight.diagnostics.check.health import Health
from foglight.diagnostics.compare.compare import Comparison
from foglight.diagnostics.truth import truth_of
from foglight.inference.smooth import Smoothed
from foglight.pictures.plot.results import RUNS, run_of
from foglight.pictures.report.contents import Known, contents
from foglight.pictures.report.html import page_html
from foglight.tuning.fit import Fit

Progress = Callable[[int], None]


def report(
    result: Any,
    path: str | PathLike[str],
    *,
    truth: Any = None,
    within: float = 0.0,
    health: Health | None = None,
    comparison: Comparison | None = None,
    fit: Fit | None = None,
    effort: str = "normal",
    title: str | None = None,
    progress: Progress | None = None,
) -> Path:
    """Write what is known about a run as one HTML file: pictures that zoom together, and what the check says of them.

    Each state with its ±2σ band against readings and truth; a map of planar states; readings, innovations, NIS,
    correlations and gains; the components of a structural model; parameters, the comparison, and the model in words.
    The file opens from disk, in any browser, without a connection.

    Parameters
    ----------
    result : Run, Smoothed, Comparison or Fit
        What to report on; of a Comparison the best run, of a Fit the run of the tuned model. With a Smoothed the
        smoothed states are drawn, too.
    path : str or path
        The file. An existing one is replaced once the new one is complete.
    truth : array_like, dict, dataframe or Log, optional
        The true states, as in `fog.check`.
    within : float, default 0
        Seconds. How far from a row of the log the truth that belongs to it may be.
    health : Health, optional
        What `fog.check` found; by default the run is checked here. A log that is too short for that has no sentences.
    comparison : Comparison, optional
        What `fog.compare` found, as a table.
    fit : Fit, optional
        What `fog.tune` found: the standard errors and intervals of the parameters.
    effort : {"normal", "quick", "full", "none"}, default "normal"
        How long that check may take, as in `fog.check`; "none" for no check.
    title : str, optional
        The heading; by default the sensors of the model.
    progress : callable, default None
        Called with the number of rows that the check has filtered so far.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ModelError
        If an argument is of another type.
    DataError
        If the truth does not fit, or the file cannot be written.
    StateError
        If the run kept only its last belief.

    Notes
    -----
    A long log is thinned to the least and greatest values of short pieces of time, so that no spike is hidden, and of
    many tracks the first ones are drawn; the page says so. Its data are one JSON document, see
    docs/reference/page-data.md.

    Examples
    --------
    >>> fog.report(run, "report.html", truth=truth).name
    'report.html'
    """
    if isinstance(result, Fit) and fit is None:
        fit = result
    if isinstance(result, Comparison) and comparison is None:
        comparison = result
    _require("health", health, Health, "fog.check")
    _require("comparison", comparison, Comparison, "fog.compare")
    _require("fit", fit, Fit, "fog.tune")
    if title is not None and not isinstance(title, str):
        raise ModelError.expected("title", title, "text", "Write title='Monday'.")
    if not isinstance(path, str | PathLike):
        raise ModelError.expected("path", path, "the name of a file", "Write fog.report(run, 'report.html').")
    run = run_of(result, "report")
    states = None if truth is None else truth_of(truth, run.model, run.log, within)
    note = ""
    if health is None and effort != "none":
        try:
            health = check(run, truth, within=within, effort=effort, progress=progress)
        except DataError as error:  # too few readings
            note = str(error)
    smoothed = result if isinstance(result, Smoothed) else None
    heading = (
        f"Report on {', '.join(sensor.name for sensor in run.model.sensors)}" if title is None else title
    )
    page = page_html(contents(Known(run, smoothed, health, states, comparison, fit), heading, note))
    target = Path(path)
    with whole_file(target) as file:
        file.write(page)
    return target


def _require(field: str, given: Any, kind: type, source: str) -> None:
    if given is not None and not isinstance(given, kind):
        raise ModelError.expected(field, given, f"what {source} returned", f"Leave it out, or pass {RUNS}.")
