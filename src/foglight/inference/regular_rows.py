"""Logs whose rows are equally far apart, without a gap, as the kernel by increments takes them.

Its rows are those behind the first readings, which determine all states: one without a reading to begin with, then a
reading each. Series that are shorter end with rows of no effect. So series of any lengths lie side by side.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.backends.backend import Engine
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.cache import increments_engine
from foglight.core.types import Array
from foglight.methods.method import Method
from foglight.model.model import Model


class RegularRows(NamedTuple):
    """The engines of the likelihood and of its gradient, their input for the tracks that are regular, and which these
    are, in the order of all tracks. nis: the index of the NIS so far among what is carried."""

    likelihood: Engine
    gradient: Engine
    arrays: Arrays
    regular: NDArray[np.bool_]
    nis: int


def regular_rows(
    model: Model, method: Method, which: Sequence[int], logs: Sequence[Arrays]
) -> RegularRows | None:
    """None where the model is of another kind, or no track has equal steps, no gaps, and more readings than states."""
    if model.start is not None or len(model.components) != 1:
        return None
    n, tracks = len(model.state), [one for arrays in logs for one in _tracks(arrays)]
    steps = [dt[1] for dt, _ in tracks if len(dt) > n + 1]
    step = float(steps[0]) if steps else 0.0
    readings = [_readings(dt, z, step) if len(dt) > n + 1 else z[:0] for dt, z in tracks]
    regular = np.array([len(z) > n + 1 for z in readings], bool)
    found = increments_engine(model, method, tuple(which), step) if step > 0.0 and regular.any() else None
    if found is None:
        return None
    increments, likelihood, gradient = found
    kept = [z for z in readings if len(z) > n + 1]
    rows = 1 + max(map(len, kept)) - n
    z = np.full((len(kept), rows, 1), np.nan)
    for own, one in zip(z, kept, strict=True):
        own[1 : 1 + len(one) - n, 0] = one[n:]
    carry = np.zeros((len(kept), likelihood.carried))
    carry[:, :n] = increments.means(np.array([one[:n] for one in kept]))
    carry[:, -2] = increments.loglik
    dt = np.concatenate([[step], np.zeros(rows - 1)])
    nothing = np.zeros((1, rows, 0))
    arrays = Arrays(dt, nothing, nothing, z, logs[0].params, carry)
    return RegularRows(likelihood, gradient, arrays, regular, increments.nis)


def _tracks(arrays: Arrays) -> list[tuple[Array, Array]]:
    """The steps and the readings of each track."""
    if arrays.first is None:
        z = np.broadcast_to(arrays.z[:, :, 0], (arrays.tracks, len(arrays.dt)))
        return [(arrays.dt, own) for own in z]
    ends = np.append(arrays.first[1:], len(arrays.dt))
    return [
        (arrays.dt[first:last], arrays.z[0, first:last, 0])
        for first, last in zip(arrays.first.tolist(), ends.tolist(), strict=True)
    ]


def _readings(dt: Array, z: Array, step: float) -> Array:
    """The readings of a track up to its last one; none if rows before have none, or are not so many seconds apart."""
    known = np.isfinite(z)
    count = int(np.flatnonzero(known)[-1]) + 1 if known.any() else 0
    regular = known[:count].all() and dt[0] == 0.0 and (dt[1:count] == step).all()
    return z[:count] if regular else z[:0]
