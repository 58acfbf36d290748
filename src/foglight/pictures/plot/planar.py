"""`map`: the path of a planar state, with ellipses that hold it with a stated probability."""

from typing import Any

import numpy as np

from foglight.core.checks import is_number
from foglight.core.errors import ModelError
from foglight.core.types import Floats
from foglight.diagnostics.truth import truth_of
from foglight.inference.forecast import Forecast
from foglight.inference.smooth import Smoothed
from foglight.model.intervals import reach
from foglight.model.model import Model
from foglight.pictures.colours import FILTERED, MEASURED, PREDICTED, SMOOTHED, TRUTH
from foglight.pictures.decimation import decimated
from foglight.pictures.plot import sentences
from foglight.pictures.plot.canvas import finish, label, panels, write
from foglight.pictures.plot.rejected import NAME as REJECTED
from foglight.pictures.plot.rejected import crosses, rejected
from foglight.pictures.plot.results import labelled, readings_of, run_of
from foglight.pictures.plot.tracks import Track, track_of

_AXES = (
    ("x", "y"),
    ("east", "north"),
    ("px", "py"),
    ("pos_x", "pos_y"),
    ("lon", "lat"),
    ("easting", "northing"),
)
_AROUND = np.linspace(0.0, 2.0 * np.pi, 61)


def map(
    result: Any,
    x: str | None = None,
    y: str | None = None,
    *,
    truth: Any = None,
    probability: float = 0.95,
    ellipses: int = 12,
    track: Any = None,
    ax: Any = None,
) -> Any:
    """Draw the path of two states in their plane, with ellipses that hold the true position with a stated probability.

    Parameters
    ----------
    result : Run, Smoothed, Forecast, Comparison, Fit or EMFit
        What to draw; of a Comparison its best run, of a fit the run of the tuned model.
    x, y : str, default x and y, east and north, or the like
        The states to the right and upwards.
    truth : array_like, dict, dataframe or Log, optional
        The true states, as in `fog.check`.
    probability : float, default 0.95
        Of each ellipse.
    ellipses : int, default 12
        How many, evenly over the rows.
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
        If an argument is invalid, result has no states, or two states are not in a plane.
    DataError
        If truth does not fit.

    Examples
    --------
    >>> ax = fog.plot.map(run, "gap", "gap_speed", ellipses=5)
    >>> ax.get_xlabel(), ax.get_legend_handles_labels()[1][-1]
    ('gap', '95 % ellipses')
    """
    reach(probability)  # refuses what is no probability
    if not is_number(ellipses) or ellipses < 0:
        raise ModelError.expected("ellipses", ellipses, "a number of ellipses", "Write ellipses=12.")
    run = None if isinstance(result, Forecast) else run_of(result, "map")
    if run is None:
        model, beliefs, kind, colour = result._ahead.model, result._ahead.beliefs, "forecast", PREDICTED
        at = track_of(result.log, track, result._time_ns, result.track)
    else:
        smoothed = isinstance(result, Smoothed)
        model, beliefs = run.model, result if smoothed else run.filtered
        kind, colour = ("smoothed", SMOOTHED) if smoothed else ("filtered", FILTERED)
        at = track_of(run.log, track)
    i, j = _pair(model, x, y)
    path = at.of(beliefs.mean)[:, [model.ambient.index(model.state[k]) for k in (i, j)]]
    cov = at.of(beliefs.cov)[:, [i, j]][:, :, [i, j]]
    [panel] = panels(1, ax, "map")
    said = []
    if run is not None:
        said += _readings(panel, run, at, model.state[i], model.state[j])
    if truth is not None and run is not None:
        known = at.of(truth_of(truth, model, run.log))
        said += _truth(
            panel, path, cov, known[:, [model.ambient.index(model.state[k]) for k in (i, j)]], probability
        )
    _draw(panel, path, colour, kind)
    if len(path):
        panel.plot(*path[-1], "o", color=colour, ms=6, label="last row")
    known_rows = np.flatnonzero(np.isfinite(cov).all(axis=(1, 2)) & np.isfinite(path).all(axis=1))
    if len(known_rows) and ellipses:
        rows = known_rows[np.unique(np.linspace(0, len(known_rows) - 1, int(ellipses)).astype(int))]
        rings = np.concatenate([ellipse(path[k], cov[k], probability) for k in rows])
        panel.plot(
            rings[:, 0],
            rings[:, 1],
            color=colour,
            lw=0.9,
            alpha=0.8,
            label=f"{100 * probability:g} % ellipses",
        )
    said += _unknown(cov, model, i, j)
    write(panel, f"{model.state[i]} and {model.state[j]}, {kind}", said, at.notes)
    label(panel, x=labelled(model, model.state[i]), y=labelled(model, model.state[j]))
    if model.motion.units.get(model.state[i], "") == model.motion.units.get(model.state[j], ""):
        panel.set_aspect("equal", adjustable="datalim")
    finish([panel], ax)
    return panel


def ellipse(mean: Floats, cov: Floats, probability: float) -> Floats:
    """Points around the ellipse that holds N(mean, cov) of the plane with this probability, then NaN.

    Its radii are r √λ with r² = -2 log(1 - p), the quantile of χ² with two degrees of freedom.
    """
    values, vectors = np.linalg.eigh(cov)
    radii = np.sqrt(-2.0 * np.log1p(-probability) * np.maximum(values, 0.0))
    circle = np.stack([np.cos(_AROUND), np.sin(_AROUND)], axis=1)
    return np.concatenate([mean + (circle * radii) @ vectors.T, [[np.nan, np.nan]]])


def _pair(model: Model, x: str | None, y: str | None) -> tuple[int, int]:
    """The indices of the two states."""
    plain = [name for name in model.state if name in model.ambient]
    if x is None and y is None:
        x, y = next((pair for pair in _AXES if set(pair) <= set(plain)), (None, None))
        if x is None:
            raise ModelError(
                f"map: no two states of {', '.join(plain[:20]) or 'the model'} are known as a plane: expected their "
                "names. Write fog.plot.map(run, 'x', 'y').",
                field="x", value=None,
            )  # fmt: skip
    for field, name in (("x", x), ("y", y)):
        if name not in plain:
            raise ModelError.expected(
                f"map: {field}", name, f"one of {', '.join(plain[:20]) or 'none'}", "Correct it."
            )
    return model.state.index(str(x)), model.state.index(str(y))


def _draw(panel: Any, path: Floats, colour: str, name: str, **style: Any) -> None:
    """A path through the plane, thinned where either coordinate has no extreme."""
    order = np.arange(len(path))
    at = np.union1d(decimated(order, path[:, 0]), decimated(order, path[:, 1]))
    panel.plot(path[at, 0], path[at, 1], color=colour, label=name, **{"lw": 1.4, **style})


def _readings(panel: Any, run: Any, at: Track, x: str, y: str) -> list[str]:
    """What sensors read of both states directly."""
    across, up = (dict(readings_of(run, name)) for name in (x, y))
    left_out = rejected(run)
    for first, values in across.items():
        sensor = first.partition(".")[0]
        other = next((up[name] for name in up if name.partition(".")[0] == sensor), None)
        if other is not None:
            z = np.stack([at.of(values), at.of(other)], axis=1)
            off = at.of(left_out[..., run.model.components.index(first)])[:, None]
            _draw(
                panel,
                np.where(off, np.nan, z),
                MEASURED,
                f"measured, {sensor}",
                ls="",
                marker=".",
                ms=3,
                zorder=1.9,
            )
            crosses(panel, z[:, 0], np.where(off, z, np.nan)[:, 1], f"{REJECTED}, {sensor}")
    return []


def _truth(panel: Any, path: Floats, cov: Floats, known: Floats, probability: float) -> list[str]:
    """Draw the true path, and say how often it is outside the ellipses."""
    _draw(panel, known, TRUTH, "truth", lw=1.1)
    there = np.isfinite(known).all(axis=1) & np.isfinite(cov).all(axis=(1, 2)) & np.isfinite(path).all(axis=1)
    there &= np.linalg.det(np.where(np.isfinite(cov), cov, 0.0)) > 0.0
    e = (known - path)[there]
    distance = np.einsum("ti,ti->t", e, np.linalg.solve(cov[there], e[:, :, None])[:, :, 0])
    inside = distance <= -2.0 * np.log1p(-probability)
    return sentences.outside(
        inside,
        e / np.sqrt(np.diagonal(cov[there], axis1=1, axis2=2)),
        probability,
        "The true position",
        "its ellipse",
    )


def _unknown(cov: Floats, model: Model, i: int, j: int) -> list[str]:
    """That nothing determines one of the two states in some rows."""
    count = int((~np.isfinite(cov).all(axis=(1, 2))).sum())
    if not count:
        return []
    return [f"Nothing determines {model.state[i]} or {model.state[j]} in {count} of {len(cov)} rows."]
