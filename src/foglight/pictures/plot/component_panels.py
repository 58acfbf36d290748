"""`components`: what a reading is made of, each component in a panel of its own."""

from typing import Any

import numpy as np

from foglight.core.errors import ModelError
from foglight.inference.components import IRREGULAR, Components, Decomposable, Decomposition
from foglight.inference.forecast import Forecast
from foglight.inference.smooth import Smoothed
from foglight.inference.transformed_prediction import TransformedPrediction
from foglight.pictures.colours import BOUND, FILTERED, MEASURED, PREDICTED, SMOOTHED
from foglight.pictures.plot import sentences
from foglight.pictures.plot.artists import band, line, points
from foglight.pictures.plot.canvas import Panels, finish, label, panels, some, with_unit, write
from foglight.pictures.plot.results import refusal, run_of
from foglight.pictures.plot.tracks import Track, track_of
from foglight.tuning.em import EMFit
from foglight.tuning.fit import Fit

_EXPECTED = "Components, a Decomposition, or a Run, Smoothed, Forecast or Fit, which have them"


def components(
    result: Any,
    names: Any = None,
    *,
    measure: str | None = None,
    probability: float = 0.95,
    track: Any = None,
    ax: Any = None,
) -> Panels:
    """Draw a reading and, below it, each component that it is made of, with its band.

    Parameters
    ----------
    result : Components, Decomposition, Run, Smoothed, Forecast, Comparison, Fit or EMFit
        What to draw; of a fit the components of the smoothed run of the tuned model.
    names : str or sequence of str, default the first six
        The components.
    measure : str, default the first
        The full name of the measure, such as "gauge.flow".
    probability : float, default 0.95
        Of the bands.
    track : str or int, default the first
        Which track to draw, by name.
    ax : Axes or sequence of Axes, optional
        One for the reading, and one for each component.

    Returns
    -------
    ndarray of Axes
        The panels, from the top.

    Raises
    ------
    ModelError
        If an argument is invalid, a sensor is not linear in the state, or result has no components.

    Examples
    --------
    >>> axes = fog.plot.components(fog.smooth(run))
    >>> [ax.get_title(loc="left") for ax in axes]
    ['radar.gap and the sum of its components', 'gap', 'irregular']
    """
    found = _components(result, probability)
    of = found._of
    j = _measure(found, measure)
    here = [name for name in found.names if found._seen[name][j]]
    drawn, notes = some(here, names, "components")
    at = _track(of, track)
    axes = panels(1 + len(drawn), ax, "components")
    colour = SMOOTHED if isinstance(of, Smoothed) else PREDICTED if isinstance(of, Forecast) else FILTERED
    parts = {name: at.of(found._parts[name].median)[:, j] for name in here}
    whole = np.stack([values for name, values in parts.items() if name != IRREGULAR])
    product = isinstance(found._parts[IRREGULAR], TransformedPrediction)  # a logarithm is modelled
    total = whole.prod(axis=0) if product else whole.sum(axis=0)
    how = "product" if product else "sum"
    if not isinstance(of, Forecast):
        read = total * parts[IRREGULAR] if product else total + parts[IRREGULAR]
        points(axes[0], at.time, read, MEASURED, "measured")
    line(axes[0], at.time, total, colour, f"{how} of the components")
    write(axes[0], f"{found.measures[j]} and the {how} of its components", (), (*notes, *at.notes))
    unit = _unit(of, found.measures[j])
    label(axes[0], y=with_unit(found.measures[j], unit))
    for panel, name in zip(axes[1:], drawn, strict=True):
        said = []
        if isinstance(found, Components) and name != IRREGULAR:
            low, high = (at.of(end)[:, j] for end in found[name].interval(probability))
            band(panel, at.time, low, high, colour, f"{100 * probability:g} %")
            said = sentences.unknown(at.of(found[name].std)[:, j], name)
        if name == IRREGULAR:
            panel.axhline(1.0 if product else 0.0, color=BOUND, lw=0.8)
            points(panel, at.time, parts[name], MEASURED)
        else:
            line(panel, at.time, parts[name], colour)
        write(panel, name, said)
        label(panel, y=with_unit(name, unit))
    label(axes[-1], x=at.label)
    return finish(axes, ax)


def _components(result: Any, probability: float) -> Components | Decomposition:
    """The components of a result."""
    if isinstance(result, Components | Decomposition):
        return result
    if isinstance(result, Decomposable):
        return result.components(probability=probability)
    if isinstance(result, Fit | EMFit):
        from foglight.inference.smooth import smooth

        return smooth(run_of(result, "components")).components(probability=probability)
    try:
        return run_of(result, "components").components(probability=probability)
    except ModelError as error:
        raise refusal("components", result, _EXPECTED) from error


def _measure(found: Components | Decomposition, measure: str | None) -> int:
    """The number of a measure."""
    if measure is None:
        return 0
    if measure not in found.measures:
        raise ModelError.expected(
            "measure", measure, f"one of {', '.join(found.measures[:20])}", "Correct it."
        )
    return found.measures.index(measure)


def _track(of: Decomposable, track: Any) -> Track:
    if isinstance(of, Forecast):
        return track_of(of.log, track, of._time_ns, of.track)
    return track_of(of.log, track)


def _unit(of: Decomposable, measure: str) -> str:
    """The unit of a measure."""
    sensor, _, own = measure.partition(".")
    sensors = {one.name: one for one in of._states().model.sensors}
    return sensors[sensor].units.get(own, "")
