"""`innovations`: what each reading added, within ±2 of its own standard deviations."""

from typing import Any

import numpy as np

from foglight.pictures.colours import BOUND, FILTERED, WRONG
from foglight.pictures.plot import sentences
from foglight.pictures.plot.artists import band, points
from foglight.pictures.plot.canvas import Panels, finish, label, panels, some, write
from foglight.pictures.plot.rejected import crosses, innovations_of, rejected
from foglight.pictures.plot.results import labelled, run_of, unit_of
from foglight.pictures.plot.tracks import track_of

_BAND = 2.0  # standard deviations
_USUAL = 0.95  # share of rows whose band is within the panel


def innovations(result: Any, names: Any = None, *, track: Any = None, ax: Any = None) -> Panels:
    """Draw the innovations z - h(x) of each component over time, with ±2 of their standard deviations.

    Hollow crosses are readings that a gate rejected, at z - h(x) of the prediction.

    Parameters
    ----------
    result : Run, Smoothed, Comparison, Fit or EMFit
        What to draw; of a Comparison its best run, of a fit the run of the tuned model.
    names : str or sequence of str, default the first six
        The components, such as "radar.range".
    track : str or int, default the first
        Which track to draw, by name.
    ax : Axes or sequence of Axes, optional
        One for each component.

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
    >>> axes = fog.plot.innovations(run)
    >>> axes[0].get_ylabel()
    'radar.gap'
    """
    run = run_of(result, "innovations")
    model = run.model
    at = track_of(run.log, track)
    drawn, notes = some(model.components, names, "innovations")
    axes = panels(len(drawn), ax, "innovations")
    all_e, all_S = run.innovation, run.innovation_cov
    left_out = rejected(run)
    all_others = innovations_of(run, left_out)
    for k, (panel, name) in enumerate(zip(axes, drawn, strict=True)):
        j = model.components.index(name)
        e = at.of(all_e[..., j])
        std = np.sqrt(at.of(all_S[..., j, j]))
        known = np.isfinite(std)  # of rows with a reading
        band(panel, at.time[known], -_BAND * std[known], _BAND * std[known], BOUND, "±2σ")
        beyond = np.abs(e) > _BAND * std
        points(panel, at.time, np.where(beyond, np.nan, e), FILTERED, "innovation")
        if beyond.any():
            points(panel, at.time, np.where(beyond, e, np.nan), WRONG, "beyond ±2σ", marker="x", ms=4)
        others = np.full(len(e), np.nan) if all_others is None else at.of(all_others[..., j])
        crosses(panel, at.time, others)
        panel.axhline(0.0, color=BOUND, lw=0.8)
        if (
            known.any()
        ):  # all innovations, and the band but where it is far wider than usual, as after a silence
            usual = _BAND * float(np.quantile(std[known], _USUAL))
            edge = 1.1 * max(float(np.nanmax(np.abs([e, others]), initial=0.0)), usual)
            panel.set_ylim(-edge, edge)
        said = sentences.off_zero(e, std, name, unit_of(model, name))
        if not np.isfinite(e).any():
            said = [f"No reading of {name} was used."]
        write(panel, f"{name}, innovations", said, (*notes, *at.notes) if k == 0 else ())
        label(panel, y=labelled(model, name))
    label(axes[-1], x=at.label)
    return finish(axes, ax)
