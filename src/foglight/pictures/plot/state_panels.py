"""`states`: what is known of each state over time, against the readings of it and the truth."""

from typing import Any

import numpy as np

from foglight.core.types import Floats
from foglight.data.log import Log
from foglight.diagnostics.truth import truth_of
from foglight.inference.forecast import Forecast
from foglight.inference.smooth import Smoothed
from foglight.model.intervals import reach
from foglight.model.model import Model
from foglight.pictures.colours import FILTERED, MEASURED, PREDICTED, SMOOTHED, TRUTH
from foglight.pictures.plot import sentences
from foglight.pictures.plot.artists import band, line, points, unbroken
from foglight.pictures.plot.canvas import Panels, finish, label, logarithmic, panels, some, write
from foglight.pictures.plot.rejected import NAME as REJECTED
from foglight.pictures.plot.rejected import crosses, rejected
from foglight.pictures.plot.results import band_of, labelled, named, readings_of, run_of
from foglight.pictures.plot.tracks import Track, track_of

_STEEP = 20.0  # ratio of standard deviations from which their axis is logarithmic
_MARKERS = (".", "+", "x", "^", "s")  # of the sensors, in their order


def states(
    result: Any,
    names: Any = None,
    *,
    truth: Any = None,
    std: bool = False,
    probability: float = 0.95,
    track: Any = None,
    ax: Any = None,
) -> Panels:
    """Draw each state over time with its band, the readings of it, and the truth if it is given.

    Hollow crosses are readings that a gate rejected.

    Parameters
    ----------
    result : Run, Smoothed, Forecast, Comparison, Fit, EMFit or Log
        What to draw; of a Comparison its best run, of a fit the run of the tuned model, of a Log its columns.
    names : str or sequence of str, default the first six
        The states; columns of a Log.
    truth : array_like, dict, dataframe or Log, optional
        The true states, as in `fog.check`.
    std : bool, default False
        Whether a panel of standard deviations follows each state: before and after the readings of each row.
    probability : float, default 0.95
        Of the band, which is that of each row on its own.
    track : str or int, default the first
        Which track to draw, by name.
    ax : Axes or sequence of Axes, optional
        One for each panel.

    Returns
    -------
    ndarray of Axes
        The panels, from the top.

    Raises
    ------
    ModelError
        If an argument is invalid, or result has no states.
    DataError
        If truth does not fit.
    StateError
        If the run kept only its last belief.

    Examples
    --------
    >>> gap, speed = fog.plot.states(run)
    >>> gap.get_ylabel(), gap.get_xlabel()
    ('gap', '')
    """
    z = reach(probability)
    if isinstance(result, Log):
        return _columns(result, names, track, ax)
    if isinstance(result, Forecast):
        return _ahead(result, names, probability, track, ax)
    run = run_of(result, "states")
    model, smoothed = run.model, result if isinstance(result, Smoothed) else None
    at = track_of(run.log, track)
    beliefs = run.filtered if smoothed is None else smoothed
    found, before = named(beliefs), named(run.predicted) if std else {}
    drawn, notes = some(list(found), names, "states")
    known = None if truth is None else truth_of(truth, model, run.log)
    axes = panels(len(drawn) * (2 if std else 1), ax, "states")
    left_out = rejected(run)
    kind, colour = ("filtered", FILTERED) if smoothed is None else ("smoothed", SMOOTHED)
    for k, name in enumerate(drawn):
        panel = axes[(2 if std else 1) * k]
        mean, spread = found[name]
        x, s = at.of(mean), None if spread is None else at.of(spread)
        wraps = name in model.motion.angles
        shown = unbroken(x) if wraps else x
        said = []
        for component, reading in readings_of(run, name):
            values = at.of(reading)
            values = shown + np.arctan2(np.sin(values - x), np.cos(values - x)) if wraps else values
            sensor = component.rpartition(".")[0]
            marker = _MARKERS[model.sensor_names.index(sensor) % len(_MARKERS)]
            off = at.of(left_out[..., model.components.index(component)])
            points(
                panel, at.time, np.where(off, np.nan, values), MEASURED, f"measured, {sensor}", marker=marker
            )
            crosses(panel, at.time, np.where(off, values, np.nan), f"{REJECTED}, {sensor}")
        if smoothed is not None:
            filtered = at.of(named(run.filtered)[name][0])
            line(panel, at.time, unbroken(filtered) if wraps else filtered, FILTERED, "filtered", lw=0.9)
        if s is not None:
            low, high = band_of(model, name, shown, s, z)
            band(panel, at.time, low, high, colour, f"{100 * probability:g} %")
            said += sentences.unknown(s, name)
        line(panel, at.time, shown, colour, kind)
        if known is not None:
            said += _truth(
                panel, at, known[..., model.ambient.index(name)], x, shown, s, wraps, probability, name
            )
        write(panel, f"{name}, {kind}", said, (*notes, *at.notes) if k == 0 else ())
        label(panel, y=labelled(model, name))
        if std:
            _spread(axes[2 * k + 1], at, name, before[name][1], spread, kind, colour, model)
    label(axes[-1], x=at.label)
    return finish(axes, ax)


def _truth(
    panel: Any, at: Track, known: Floats, x: Floats, shown: Floats, s: Floats | None, wraps: bool,
    probability: float, name: str,
) -> list[str]:  # fmt: skip
    """Draw the truth of a state, and say how often it is outside the band."""
    true = at.of(known)
    error = np.arctan2(np.sin(true - x), np.cos(true - x)) if wraps else true - x
    line(panel, at.time, shown + error if wraps else true, TRUTH, "truth", lw=1.1)
    if s is None:
        return []
    return sentences.outside_band(error, s, reach(probability), probability, f"The true {name}", "its band")


def _spread(
    panel: Any,
    at: Track,
    name: str,
    before: Floats | None,
    after: Floats | None,
    kind: str,
    colour: str,
    model: Model,
) -> None:
    """The standard deviations of a state, before and after the readings of each row."""
    if after is not None and before is not None:
        line(panel, at.time, at.of(before), PREDICTED, "predicted")
        line(panel, at.time, at.of(after), colour, kind)
        found = np.concatenate([at.of(before), at.of(after)])
        found = found[np.isfinite(found) & (found > 0.0)]
        if len(found) and found.max() > _STEEP * found.min():
            logarithmic(panel, "y")
    write(panel, f"{name}, standard deviation" if after is not None else f"{name} is part of a rotation")
    label(panel, y=f"std of {labelled(model, name)}")


def _ahead(ahead: Forecast, names: Any, probability: float, track: Any, ax: Any) -> Panels:
    """The states of a forecast."""
    at = track_of(ahead.log, track, ahead._time_ns, ahead.track)
    model = ahead._ahead.model
    found = named(ahead._ahead.beliefs)
    drawn, notes = some(list(found), names, "states")
    axes = panels(len(drawn), ax, "states")
    for k, (panel, name) in enumerate(zip(axes, drawn, strict=True)):
        mean, spread = found[name]
        x = at.of(mean)
        x = unbroken(x) if name in model.motion.angles else x
        if spread is not None:
            low, high = band_of(model, name, x, at.of(spread), reach(probability))
            band(panel, at.time, low, high, PREDICTED, f"{100 * probability:g} %")
        line(panel, at.time, x, PREDICTED, "forecast")
        write(panel, f"{name}, forecast", (), (*notes, *at.notes) if k == 0 else ())
        label(panel, y=labelled(model, name))
    label(axes[-1], x=at.label)
    return finish(axes, ax)


def _columns(log: Log, names: Any, track: Any, ax: Any) -> Panels:
    """The columns of a log."""
    at = track_of(log, track)
    found = {name: values for name, values in log.columns().items() if name not in ("time", "track")}
    drawn, notes = some(list(found), names, "states")
    axes = panels(len(drawn), ax, "states")
    for k, (panel, name) in enumerate(zip(axes, drawn, strict=True)):
        values = found[name].reshape(log.tracks, -1) if log.tracks is not None else found[name]
        values = at.of(values)
        points(panel, at.time, values, MEASURED)
        said = [] if np.isfinite(values).any() else [f"{name} has no reading."]
        write(panel, name, said, (*notes, *at.notes) if k == 0 else ())
        label(panel, y=name)
    label(axes[-1], x=at.label)
    return finish(axes, ax)
