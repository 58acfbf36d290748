"""Whether the filter at the tuned parameters has lost what it tracks, so that its likelihood says nothing about them.

A filter whose state runs away predicts readings, or uncertainties of them, that are far beyond all readings of the log.
Once the uncertainty is 1e100 times the noise, no reading changes with any parameter, and standard errors are as large.
"""

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import REFUSED
from foglight.core.types import Array
from foglight.diagnostics.check.divergence import Track, lost_in, stretch, tracks_of, where
from foglight.diagnostics.check.innovations import recorded, variances_of
from foglight.inference.run import Run, run
from foglight.model.model import Model, unknown_directions
from foglight.tuning.objective import Objective, Point

_BEYOND = 100.0  # ranges of its readings from which an innovation, or its standard deviation, is lost
_LASTING = 5  # rows with such a reading, less twice those without
_FAR_BEYOND = 1e6  # ranges at which one reading is enough, once the filter had settled
_PRECISE = 0.1  # share of the standard error that independent readings would give a noise


def lost_filter(objective: Objective, point: Point, converged: bool) -> list[str]:
    """A sentence if the filter is lost at this point in one of the logs; else []."""
    likelihood = objective.likelihood
    if not (likelihood.method.gate or not converged or _implausible(objective, point)):
        return []
    model = likelihood.model.with_parameters(dict(zip(objective.names, point.values.tolist(), strict=True)))
    for k, log in enumerate(likelihood.logs):
        tried = run(model, log, likelihood.method, start_time=likelihood.start_time, on_bad="flag")
        tracks = list(tracks_of(tried))
        said = _runs_away(tried, tracks) or _rejects(tried, tracks)
        if said:
            of_log = f" in log {k + 1}" if len(likelihood.logs) > 1 else ""
            return [
                f"The filter is lost{of_log} from {said}. So the log says nothing about the parameters, and they have "
                "no standard errors. Start from other parameters, bound them with fog.param(…, low=, high=), or "
                f"{start_remedy(model)}."
            ]
    return []


def start_remedy(model: Model) -> str:
    """What to change about the start."""
    unknown = unknown_directions(model)
    if unknown < 2:
        return "widen the start"
    return (
        "give the model a start, model.with_start(fog.Belief(mean, std=…)), since the first rows may hardly determine "
        f"the {unknown} unknown directions of the state, as those of several long waves"
    )


def _implausible(objective: Objective, point: Point) -> bool:
    """Whether the information on some logarithm is far from what so many readings can give."""
    known = np.diag(point.information)[objective.logs & objective.free(point)]
    most = 2.0 * max(objective.likelihood.innovations, 1)
    return bool((known > most / _PRECISE**2).any() or (known < 1.0 / most).any())


def _runs_away(tried: Run, tracks: list[Track]) -> str:
    """The first row, and what the filter predicts there, if it goes on to predict readings far beyond all of them."""
    M = len(tried.model.components)
    e, z = tried.innovation.reshape(-1, M), tried._received.reshape(-1, M)
    deviation = np.sqrt(variances_of(tried.model, recorded(tried.model, tried.method, tried._arrays)))
    extent = _extents(z)
    with np.errstate(invalid="ignore", over="ignore"):
        off = np.fmax(np.abs(e), deviation) / extent
    refused = (tried.status.ravel() & int(REFUSED)) != 0
    off[refused[:, None] & ~np.isnan(z)] = np.inf  # a row that cannot be computed
    for track in tracks:
        rows = track.rows[~np.isnan(z[track.rows]).all(axis=1)]
        size = np.nanmax(np.where(np.isnan(off[rows]), 0.0, off[rows]), axis=1, initial=0.0)
        score, first, _ = stretch(size > _BEYOND)
        settled = np.minimum.accumulate(size) < _BEYOND if len(size) else size > 0.0
        gone = np.flatnonzero(settled & (size > _FAR_BEYOND))
        if score >= _LASTING or len(gone):
            row = int(rows[first if score >= _LASTING else gone[0]])
            i = int(np.nanargmax(off[row]))
            name, predicted = tried.model.components[i], z[row, i] - e[row, i]
            return (
                f"{where(tried, row)} on at these parameters: it predicts {name} = {predicted:.3g} ± "
                f"{deviation[row, i]:.2g}, and all readings are within {extent[i]:.3g} of one another"
            )
    return ""


def _extents(z: Array) -> Array:
    """The range of the readings of each component (M,); inf where they are all alike, or none."""
    found = np.full(z.shape[1], np.inf)
    for i, column in enumerate(z.T):
        known: NDArray[np.float64] = column[np.isfinite(column)]
        if len(known) and np.ptp(known) > 0.0:
            found[i] = float(np.ptp(known))
    return found


def _rejects(tried: Run, tracks: list[Track]) -> str:
    """What a check says of a filter whose gate rejects most readings."""
    found = next(filter(None, (lost_in(tried, track) for track in tracks)), None)
    return "" if found is None else f"{found.rows} at these parameters: {found.reason}"
