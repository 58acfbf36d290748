"""Forecasts of the readings of a log from many of its rows, each from the belief that the filter had there.

The rows from which forecasts begin are tracks of one scan, whose rows follow one another. As in `foglight.forecast`, a
forecast is the filter on rows without readings; here these rows are in the log, with their times, inputs and matrices.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.cache import engine_of
from foglight.compiler.engine.two_phase_engine import TwoPhaseEngine
from foglight.core import memory
from foglight.core.types import Array
from foglight.inference.predicted_readings import predicted_readings
from foglight.inference.row_errors import any_refused, raise_first_bad
from foglight.inference.run import Run


class RollingForecast(NamedTuple):
    """Mean and variance (N, S, M) of every component of the readings 1 … S rows after each of N rows."""

    mean: Array
    variance: Array


def rolling_forecast(
    run: Run, tracks: NDArray[np.int64], rows: NDArray[np.int64], steps: int
) -> RollingForecast:
    """Forecasts from rows (N,) of these tracks (N,), which are 0 where tracks do not share their times.

    Each row must be followed by `steps` rows of its track, and leave no direction of the state unknown.
    """
    model, method, arrays = run.model, run.method, run._arrays
    engine = engine_of(model, method, "result")
    engine = engine.then if isinstance(engine, TwoPhaseEngine) else engine
    count, width = len(rows), engine.kernel.width
    memory.check_fits(
        8 * count * steps * width,
        f"{count} forecasts of {steps} rows",
        "Give a larger every=.",
        "every",
        count,
    )
    ahead = (rows[:, None] + np.arange(1, steps + 1)).ravel()
    of_track = np.repeat(tracks, steps)
    u, row = (a[np.minimum(of_track, len(a) - 1), ahead][None] for a in (arrays.u, arrays.row))
    carry = np.zeros((count, engine.kernel.carried))
    carry[:, :-2] = run._kept[tracks, rows, : engine.kernel.carried - 2]
    scan = Arrays(
        dt=arrays.dt[ahead],
        u=u,
        row=row,
        z=np.full((1, count * steps, len(model.components)), np.nan),
        params=arrays.params,
        carry=carry,
        first=np.arange(count) * steps,
    )
    carries, records = engine.run(scan)
    if any_refused(carries):
        raise_first_bad(model, method, scan, records)
    found = predicted_readings(model, method, scan, records)
    h = np.concatenate([found[sensor.name][0][0] for sensor in model.sensors], axis=1)
    S = [np.diagonal(found[sensor.name][1][0], axis1=1, axis2=2) for sensor in model.sensors]
    shape = (count, steps, len(model.components))
    return RollingForecast(h.reshape(shape), np.concatenate(S, axis=1).reshape(shape))
