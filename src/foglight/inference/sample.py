"""Draw whole trajectories given all readings: what the state may have done, rather than where it was on average.

In a linear model the first state is drawn given all readings, then each state given the one before it; in other models
the last state is drawn from its filtered belief, then each state given the one after it (Carter & Kohn 1994;
Frühwirth-Schnatter 1994). Draws are tracks of one scan.
"""

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.kernels.smoother_stage import SMOOTH
from foglight.core import memory
from foglight.core.checks import is_whole
from foglight.core.errors import DataError, ModelError
from foglight.core.types import Array
from foglight.inference.gaussians import anchors_of, seen
from foglight.inference.random_numbers import normals, uniforms
from foglight.inference.run import Run
from foglight.inference.smoothers import smoother_of

_STREAM = 2  # the first stream of random numbers that a simulation with the same seed does not use


def sample(run: Run, draws: int, seed: int) -> NDArray[np.float64]:
    """Draw trajectories from p(x_1:T | z_1:T), given all readings of the log.

    Each draw is one possible course of the state, with the right correlation between its rows. Over many draws, the
    mean and covariance of a row are those of `fog.smooth` in a linear model.

    Parameters
    ----------
    run : Run
        The result of `fog.run`, with keep="all".
    draws : int
        The number of trajectories, at least 1.
    seed : int
        Seed of the random numbers, from 0 to 2^64 - 1.

    Returns
    -------
    ndarray (draws, T, n)
        The trajectories, in units of the states; (draws, tracks, T, n) where tracks share their times. The rows of
        tracks of different lengths follow one another.

    Raises
    ------
    ModelError
        If run is not the result of `fog.run`, or draws or seed is invalid.
    StateError
        If the run kept only its last belief.
    DataError
        If the log leaves a state unknown, or the draws do not fit in memory.

    Notes
    -----
    Forward filtering, backward sampling (Carter & Kohn 1994; Frühwirth-Schnatter 1994). In a linear model the draws run
    forward from the first row given all readings, which has the same distribution. The model's limits are not applied
    to draws. The same seed gives the same draws, and a larger number of draws begins with the smaller one.

    Examples
    --------
    >>> paths = fog.sample(run, draws=100, seed=1)
    >>> paths.shape
    (100, 300, 2)
    >>> largest_gap = paths[:, :, 0].max(axis=1)
    """
    if not isinstance(run, Run):
        raise ModelError(
            f"sample({type(run).__name__}): expected what fog.run returned. Write fog.sample(fog.run(model, log), …).",
            field="run",
            value=run,
        )
    if not is_whole(draws) or draws < 1:
        raise ModelError.expected("draws", draws, "a whole number >= 1", "Write draws=100.")
    n, rows = len(run.model.state), len(run.log)
    tracks = run.log.tracks or 1
    size, what = 3 * 8 * int(draws) * tracks * rows * n, f"{draws} draws of {rows} rows"
    memory.check_fits(size, what, "Draw fewer at a time.", "draws", draws)
    xi = np.empty((draws, tracks, rows, n))
    for k in range(draws):
        xi[k] = normals(uniforms(seed, _STREAM + k, (tracks, rows, n, 2)))
    paths = trajectories(run, xi)
    if run.model.charts.parts:
        anchors = anchors_of(run.model, run._kept)
        paths = seen(run.model.charts, paths, np.broadcast_to(anchors, (draws, *anchors.shape)))
    return paths[:, 0] if run.log.tracks is None else paths


def trajectories(run: Run, xi: Array) -> NDArray[np.float64]:
    """The trajectories (draws, tracks, T, n) for these standard normals; zeros give the smoothed means."""
    smoother = smoother_of(run)
    if len(smoother.unknown.rows):
        left = smoother.run(SMOOTH).unknown
        if len(left.rows):
            free = [run.model.state[i] for i in np.flatnonzero((left.A != 0.0).any(axis=(0, 1, 3)))]
            raise DataError(
                f"the log does not determine {', '.join(free)} in row {left.rows[0]}, so there is no distribution to "
                "draw from. Expected a log that resolves the start. Give the model a start with a finite std.",
                field="start", index=int(left.rows[0]), value=free,
            )  # fmt: skip
    return smoother.drawn(xi)
