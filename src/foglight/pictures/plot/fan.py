"""`forecast`: the fan of what the sensors will read, after what they have read."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from foglight.core.errors import DataError
from foglight.core.types import Floats
from foglight.data.log import Log
from foglight.diagnostics.backtest import Backtest
from foglight.inference.forecast import Forecast
from foglight.inference.prediction import Prediction
from foglight.model.intervals import reach
from foglight.pictures.colours import MEASURED, PREDICTED, TRUTH
from foglight.pictures.plot import sentences
from foglight.pictures.plot.artists import band, line, points
from foglight.pictures.plot.canvas import Panels, finish, label, panels, some, write
from foglight.pictures.plot.results import labelled, refusal
from foglight.pictures.plot.shares import off_share
from foglight.pictures.plot.tracks import Track, track_of

_FAN = (0.5, 0.8, 0.95)
_SHADES = {0.5: 0.45, 0.8: 0.3, 0.95: 0.2}
_BEFORE = 4  # times the forecast, of readings before it
_FANS = 6  # of a backtest

Ends = Callable[[float], tuple[Floats, Floats]]  # of the interval of a probability


def forecast(
    result: Any, names: Any = None, *, readings: Log | None = None, track: Any = None, ax: Any = None
) -> Panels:
    """Draw the fan of a forecast, with bands of 50, 80 and 95 %, after the last readings; of a backtest, several fans.

    Parameters
    ----------
    result : Forecast or Backtest
        What to draw.
    names : str or sequence of str, default the first six
        The measures, such as "gauge.flow".
    readings : Log, optional
        What was read later, to compare with a Forecast.
    track : str or int, default the first
        Which track to draw, by name.
    ax : Axes or sequence of Axes, optional
        One for each measure.

    Returns
    -------
    ndarray of Axes
        The panels, from the top.

    Raises
    ------
    ModelError
        If an argument is invalid, or result is no forecast.
    DataError
        If readings do not fit the model.

    Examples
    --------
    >>> axes = fog.plot.forecast(fog.forecast(run, steps=20))
    >>> axes[0].get_ylabel()
    'radar.gap'
    """
    if isinstance(result, Backtest):
        return _backtest(result, names, track, ax)
    if not isinstance(result, Forecast):
        raise refusal("forecast", result, "a Forecast or a Backtest: fog.forecast(run, steps=10)")
    if readings is not None and not isinstance(readings, Log):
        raise DataError.expected("readings", type(readings).__name__, "a fog.Log", "Write fog.Log.read(...).")
    model, log = result._ahead.model, result.log
    at, past = track_of(log, track, result._time_ns, result.track), track_of(log, track)
    drawn, notes = some(model.components, names, "forecast")
    axes = panels(len(drawn), ax, "forecast")
    z = log.bind(model)
    later = None if readings is None else readings.bind(model)
    ahead = None if readings is None else track_of(readings, track)
    last = slice(max(len(past.time) - _BEFORE * len(at.time) - 10, 0), None)
    for k, (panel, name) in enumerate(zip(axes, drawn, strict=True)):
        sensor, _, own = name.partition(".")
        part = result.sensors[sensor]
        i, j = part.names.index(own), model.components.index(name)
        history, mean = past.of(z)[:, j], at.of(part.mean)[:, i]
        points(panel, past.time[last], history[last], MEASURED, "measured")
        ends = partial(_ends, part, at, i)
        _fan(panel, at.time, mean, ends)
        widest = ends(_FAN[-1])
        said = _useless(history, widest, name)
        if later is not None and ahead is not None:
            points(panel, ahead.time, ahead.of(later)[:, j], TRUTH, "read later", ms=5)
            said += _missed(at, widest, ahead, ahead.of(later)[:, j], name)
        write(panel, f"{name}, forecast", said, (*notes, *at.notes) if k == 0 else ())
        label(panel, y=labelled(model, name))
    label(axes[-1], x=at.label)
    return finish(axes, ax)


def _fan(panel: Any, time: Any, mean: Floats, ends: Ends | None, named: bool = True) -> None:
    """A forecast with its intervals, the widest first."""
    if ends is not None:
        for p in reversed(_FAN):
            low, high = ends(p)
            band(panel, time, low, high, PREDICTED, f"{100 * p:g} %" * named, alpha=_SHADES[p])
    line(panel, time, mean, PREDICTED, "forecast" * named)


def _ends(part: Prediction, at: Track, i: int, probability: float) -> tuple[Floats, Floats]:
    """The interval of one value of a prediction, of one track."""
    low, high = part.interval(probability)
    return at.of(low)[:, i], at.of(high)[:, i]


def _around(mean: Floats, std: Floats, probability: float) -> tuple[Floats, Floats]:
    """The interval of a Gaussian."""
    off = reach(probability) * std
    return mean - off, mean + off


def _useless(history: Floats, widest: tuple[Floats, Floats], name: str) -> list[str]:
    """That the forecast ends wider than all that was ever read."""
    read = history[np.isfinite(history)]
    if len(read) < 2:
        return []
    width = widest[1] - widest[0]
    wide = np.flatnonzero(width > 2.0 * np.ptp(read))
    if not len(wide):
        return []
    return [
        f"From step {wide[0] + 1} on, the 95 % interval of {name} is more than twice as wide as all its readings: the "
        "forecast says nothing there."
    ]  # fmt: skip


def _missed(at: Track, widest: tuple[Floats, Floats], ahead: Track, later: Floats, name: str) -> list[str]:
    """That readings came outside the interval of their time more often than stated."""
    _, mine, theirs = np.intersect1d(at.time, ahead.time, return_indices=True)
    read = np.isfinite(later[theirs])
    low, high = (end[mine][read] for end in widest)
    z = later[theirs][read]
    errors = (z - (low + high) / 2.0) / np.where(high > low, high - low, 1.0)
    return sentences.outside((low <= z) & (z <= high), errors, 0.95, name, "its 95 % interval")


def _backtest(result: Backtest, names: Any, track: Any, ax: Any) -> Panels:
    """Fans from some origins of a backtest, against what was read."""
    log, model = result.log, result.model
    at = track_of(log, track)
    drawn, notes = some(result.measures, names, "forecast")
    axes = panels(len(drawn), ax, "forecast")
    z = log.bind(model)
    rows = at.rows if at.rows is not None else np.arange(len(log))
    origins, first = _origins(result, at)
    inside = np.flatnonzero(np.isin(origins, rows))
    chosen = inside[np.unique(np.linspace(0, len(inside) - 1, _FANS).astype(int))] if len(inside) else inside
    steps = np.arange(1, result.mean.shape[1] + 1)
    sensors = np.repeat(np.arange(len(model.sensors)), [at.stop - at.start for _, at in model.blocks])
    for k, (panel, name) in enumerate(zip(axes, drawn, strict=True)):
        j = result.measures.index(name)
        points(panel, at.time, at.of(z)[:, j], MEASURED, "measured")
        for count, n in enumerate(chosen):
            time = at.time[np.searchsorted(rows, origins[n]) + steps]
            mean, std = result.mean[first + n, :, j], result.std[first + n, :, j]
            scaled = (
                getattr(model.sensors[sensors[j]], "transform", None) is not None
            )  # its quantiles are not known here
            _fan(panel, time, mean, None if scaled else partial(_around, mean, std), named=not count)
        said = off_share(result, result.scores.covered[-1, :, j] - 0.95, 0.95, j)
        write(panel, f"{name}, forecasts from {len(chosen)} of {len(inside)} origins", said,
              (*notes, *at.notes) if k == 0 else ())  # fmt: skip
        label(panel, y=labelled(model, name))
    label(axes[-1], x=at.label)
    return finish(axes, ax)


def _origins(result: Backtest, at: Track) -> tuple[Any, int]:
    """The rows that forecasts of a track begin from, and the number of the first of these forecasts."""
    return result.origins, at.number * len(result.origins) if at.shared else 0
