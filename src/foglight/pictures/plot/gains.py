"""`gain`: how much each reading moves each state, over time."""

from typing import Any

import numpy as np

from foglight.core.types import Floats
from foglight.inference.run import Run
from foglight.model.model import Model
from foglight.pictures.colours import of_series
from foglight.pictures.plot.artists import line
from foglight.pictures.plot.canvas import Panels, finish, label, panels, some, write
from foglight.pictures.plot.results import run_of, unit_of
from foglight.pictures.plot.tracks import Track, track_of

_DEAF = 1e-6  # share of a variance that readings remove in a row, below which they no longer matter


def gain(result: Any, names: Any = None, *, track: Any = None, ax: Any = None) -> Panels:
    """Draw the Kalman gain over time: how far each reading moves a state, per unit of its innovation.

    Parameters
    ----------
    result : Run, Smoothed, Comparison, Fit or EMFit
        What to draw; of a Comparison its best run, of a fit the run of the tuned model.
    names : str or sequence of str, default the first six
        The states.
    track : str or int, default the first
        Which track to draw, by name.
    ax : Axes or sequence of Axes, optional
        One for each state.

    Returns
    -------
    ndarray of Axes
        The panels, from the top.

    Raises
    ------
    ModelError
        If an argument is invalid, or result has no run.
    StateError
        If the run kept only its last belief.

    Examples
    --------
    >>> axes = fog.plot.gain(run, "gap")
    >>> axes[0].get_title(loc="left")
    'gap, gain'
    """
    run = run_of(result, "gain")
    model, K = run.model, run.gain
    at = track_of(run.log, track)
    drawn, notes = some(model.state, names, "gain")
    axes = panels(len(drawn), ax, "gain")
    e = at.of(run.innovation)
    for k, (panel, name) in enumerate(zip(axes, drawn, strict=True)):
        i = model.state.index(name)
        values = at.of(K[..., i, :])
        shown = [j for j in range(values.shape[1]) if np.nanmax(np.abs(values[:, j]), initial=0.0) > 0.0]
        for j in shown:
            line(panel, at.time, values[:, j], of_series(j), model.components[j])
        said = _deaf(run, at, e, i) if shown else [f"No reading moves {name}."]
        write(panel, f"{name}, gain", said, (*notes, *at.notes) if k == 0 else ())
        label(panel, y=_unit(model, name, shown))
    label(axes[-1], x=at.label)
    return finish(axes, ax)


def _unit(model: Model, name: str, shown: list[int]) -> str:
    """`K (m / rad)`, where all that is drawn has one unit."""
    mine = unit_of(model, name)
    units = {unit_of(model, model.components[j]) for j in shown}
    if len(units) != 1 or not (mine or units != {""}):
        return "K"
    (other,) = units
    return "K" if mine == other else f"K ({mine or '1'} / {other or '1'})"


def _deaf(run: Run, at: Track, e: Floats, i: int) -> list[str]:
    """That the last readings leave the variance of a state as it is: the filter no longer learns from them."""
    used = np.flatnonzero(np.isfinite(e).any(axis=1))
    if len(used) < 2:
        return []
    before, after = (at.of(beliefs.cov[..., i, i])[used[-1]] for beliefs in (run.predicted, run.filtered))
    if not np.isfinite(before) or before <= 0.0 or 1.0 - after / before > _DEAF:
        return []
    name = run.model.state[i]
    return [
        f"The last readings no longer change {name}: its standard deviation is {np.sqrt(after):.3g} for good."
    ]
