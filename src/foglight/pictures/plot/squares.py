"""`nis` and `nees`: whether innovations, and errors against the truth, are as large as the filter states."""

from typing import Any

import numpy as np

from foglight.core.errors import DataError
from foglight.core.types import Floats
from foglight.diagnostics.check.correlations import correlation_time
from foglight.diagnostics.check.health import Health
from foglight.diagnostics.check.innovations import Innovations
from foglight.diagnostics.check.statistics import bound_by_row, nis_mean
from foglight.diagnostics.truth import errors_from, truth_of
from foglight.inference.smooth import Smoothed
from foglight.pictures.colours import BOUND, FILTERED, SMOOTHED, WRONG
from foglight.pictures.plot import sentences
from foglight.pictures.plot.artists import band, line, points
from foglight.pictures.plot.canvas import Panels, finish, label, panels, some, write
from foglight.pictures.plot.results import run_of, statistics_of
from foglight.pictures.plot.tracks import track_of

_SHOWN = 0.95  # the region that is drawn
_STEEP = 20.0  # times the bound: from here on the axis is logarithmic


def nis(result: Any, names: Any = None, *, track: Any = None, ax: Any = None) -> Panels:
    """Draw the normalised innovation squared (NIS) of each sensor over time, with the bound that holds 95 % of it.

    Of one track, also its mean in each tenth of the log with the 95 % band of that mean.

    Parameters
    ----------
    result : Run, Health, Smoothed, Comparison, Fit or EMFit
        What to draw; of a Comparison its best run, of a fit the run of the tuned model.
    names : str or sequence of str, default the first six
        The sensors.
    track : str or int, default the first
        Which track to draw, by name.
    ax : Axes or sequence of Axes, optional
        One for each sensor.

    Returns
    -------
    ndarray of Axes
        The panels, from the top.

    Raises
    ------
    ModelError
        If an argument is invalid, or result has no run.

    Notes
    -----
    If the model is right, the NIS of a sensor is χ² with one degree of freedom for each component used (Bar-Shalom, Li
    & Kirubarajan 2001, §5.4.2); with a gate it is truncated.

    Examples
    --------
    >>> axes = fog.plot.nis(fog.check(run))
    >>> axes[0].get_title(loc="left")
    'radar, NIS'
    """
    found, innovations = statistics_of(result, "nis")
    columns, parts = found["nis"].columns(), found["drift"].columns()
    sensors = [name.removeprefix("nis.") for name in columns if name.startswith("nis.")]
    drawn, notes = some(sensors, names, "nis")
    log = found["nis"].log
    at = track_of(log, track)
    axes = panels(len(drawn), ax, "nis")
    for k, (panel, name) in enumerate(zip(axes, drawn, strict=True)):
        values, bound = (_one_track(columns, f"{kind}.{name}", at.number) for kind in ("nis", "bound"))
        _squares(panel, at.time, values, bound, FILTERED, "NIS")
        if "track" not in columns:
            _tenths(
                panel,
                at.time,
                {key: part[parts["sensor"] == name] for key, part in parts.items()},
                columns,
                name,
            )
        said = _health(result, name) if innovations is None else _mean(innovations, name, sensors)
        if not np.isfinite(values).any():
            said = [f"No reading of {name} was used."]
        write(panel, f"{name}, NIS", said, (*notes, *at.notes) if k == 0 else ())
        label(panel, y="NIS")
    label(axes[-1], x=at.label)
    return finish(axes, ax)


def nees(result: Any, truth: Any, *, within: float = 0.0, track: Any = None, ax: Any = None) -> Any:
    """Draw the normalised estimation error squared (NEES) over time, with the bound that holds 95 % of it.

    Parameters
    ----------
    result : Run, Smoothed, Comparison, Fit or EMFit
        What to draw; of a Comparison its best run, of a fit the run of the tuned model.
    truth : array_like, dict, dataframe or Log
        The true states, as in `fog.check`.
    within : float, default 0.0
        Seconds from a row to its truth, at most, as in `fog.check`.
    track : str or int, default the first
        Which track to draw, by name.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        The panel.

    Raises
    ------
    ModelError
        If an argument is invalid, or result has no run.
    DataError
        If truth does not fit.

    Notes
    -----
    If the model is right, the NEES is χ² with one degree of freedom for each state whose truth is known (Bar-Shalom, Li
    & Kirubarajan 2001, §5.4.2). Errors of neighbouring rows are alike, which the sentence allows for.

    Examples
    --------
    >>> ax = fog.plot.nees(run, truth)
    >>> ax.get_ylabel()
    'NEES'
    """
    run = run_of(result, "nees")
    at = track_of(run.log, track)
    beliefs, colour = (result, SMOOTHED) if isinstance(result, Smoothed) else (run.filtered, FILTERED)
    if truth is None:
        raise DataError.expected("truth", truth, "the true states", "Write fog.plot.nees(run, truth).")
    errors = errors_from(beliefs, run.model, truth_of(truth, run.model, run.log, within))
    values, known = at.of(errors.nees), at.of(errors.known)
    [panel] = panels(1, ax, "nees")
    bound = np.where(known > 0, bound_by_row(known, _SHOWN, np.full(len(known), np.inf)), np.nan)
    _squares(panel, at.time, values, bound, colour, "NEES")
    said = _consistent(values, known)
    if not np.isfinite(values).any():
        said = ["There is no row with both a truth and a known state."]
    write(panel, "NEES, errors against the truth", said, at.notes)
    label(panel, y="NEES", x=at.label)
    finish([panel], ax)
    return panel


def _squares(panel: Any, time: Any, values: Floats, bound: Floats, colour: str, name: str) -> None:
    """The squares, those beyond their bound marked, and the bound."""
    beyond = values > bound
    points(panel, time, np.where(beyond, np.nan, values), colour, name)
    if beyond.any():
        points(panel, time, np.where(beyond, values, np.nan), WRONG, "beyond the bound", marker="x", ms=4)
    line(panel, time, bound, BOUND, "95 % bound", lw=1.0, ls="--")
    finite = values[np.isfinite(values)]
    if len(finite) and finite.max() > _STEEP * np.nanmax(bound, initial=1.0):
        panel.set_yscale("symlog", linthresh=float(np.nanmax(bound, initial=1.0)))
    panel.set_ylim(bottom=0.0)


def _one_track(columns: Any, name: str, number: int) -> Floats:
    """A column of a table in which the rows of tracks follow one another."""
    values: Floats = columns[name]
    return values if "track" not in columns else values[columns["track"] == number]


def _tenths(panel: Any, time: Any, parts: dict[str, Any], columns: Any, name: str) -> None:
    """The mean NIS in each tenth of a log, times the typical number of components, with its band."""
    there = np.isfinite(parts["nis"]) & (parts["rows"] > 0)
    if there.sum() < 2:
        return
    first, rows = parts["first_row"][there], parts["rows"][there]
    edges = np.stack([time[first], time[first + rows - 1]], axis=1).ravel()
    values = columns[f"nis.{name}"]
    total = np.array([np.nanmean(values[a : a + m]) for a, m in zip(first, rows, strict=True)])
    each = total / parts["nis"][there]
    low, high, mean = (
        np.repeat(v, 2) for v in (parts["low"][there] * each, parts["high"][there] * each, total)
    )
    band(panel, edges, low, high, BOUND, "95 % band of the mean", alpha=0.35)
    line(panel, edges, mean, "C7", "mean of a tenth", lw=1.6)


def _mean(found: Innovations, name: str, sensors: list[str]) -> list[str]:
    """Whether the mean NIS of a sensor is in its band."""
    mean = nis_mean(found, sentences.LEVEL, [sensors.index(name)])
    return sentences.mean_square(mean.value, mean.low, mean.high, f"NIS of {name}", "component")


def _health(health: Health, name: str) -> list[str]:
    """The first finding about a sensor, or about no sensor; else whether the mean NIS is in its band."""
    rows = [row for row in health.rows if row.statistic == "NIS per component" and row.subject == name]
    said = [
        sentence
        for row in rows
        for sentence in sentences.mean_square(row.value, row.low, row.high, f"NIS of {name}", "component")
    ]
    found = [finding for finding in health.findings if finding.subject.partition(".")[0] == name]
    found = found or [finding for finding in health.findings if finding.subject == "motion"]
    return [f"{finding.code}: {finding.sentence}" for finding in found[:1]] or said


def _consistent(values: Floats, known: Any) -> list[str]:
    """Whether the mean NEES per state is 1, allowing for errors that are alike in neighbouring rows."""
    there = np.isfinite(values) & (known > 0)
    each = values[there] / known[there]
    if len(each) < 2:
        return []
    tau = correlation_time(each - each.mean(), np.zeros(len(each), np.int64))
    spread = sentences.chance(float(np.mean(2.0 / known[there])) * tau / len(each))
    low, high = max(1.0 - spread, 0.0), 1.0 + spread
    return sentences.mean_square(float(each.mean()), low, high, "NEES", "state")
