"""The most likely jump of the state between two rows: the rival of a step of a sensor."""

from dataclasses import replace

import numpy as np

from foglight.compiler.engine.two_phase_engine import TwoPhaseEngine
from foglight.core.types import Floats
from foglight.diagnostics.check.faulty_readings.offsets import AFTER, alike
from foglight.diagnostics.check.faulty_readings.reruns import Rerun
from foglight.diagnostics.check.innovations import Innovations, normalised, recorded, track_of
from foglight.diagnostics.chi_square import quantile


def jump_of_the_state(rerun: Rerun, row: int) -> tuple[float, bool]:
    """2 Δloglik of the most likely shift of all states between a row and the one before it, and whether all sensors fit
    with it; 0 if it is unknown."""
    reruns = rerun.reruns
    T = reruns.shape[-2]
    if isinstance(reruns.original._engine, TwoPhaseEngine):
        return 0.0, False
    run = rerun.run
    track, first = row // T, row % T
    last = reruns.ends(row)[1] - track * T
    n = len(run.model.state)
    carried = run._engine.kernel.carry
    carry = np.zeros(run._arrays.carry.shape[1])
    carry[: len(carried)] = run._kept[track, first - 1, : len(carried)]
    a = run._arrays
    u, rows, readings = (v[min(track, len(v) - 1), first:last][None] for v in (a.u, a.row, a.z))
    arrays = replace(a, dt=a.dt[first:last], u=u, row=rows, z=readings, first=None)

    def shifted(shift: Floats) -> Innovations:
        start = carry.copy()
        start[:n] += shift
        now = replace(arrays, carry=start[None])
        return normalised(run.model, run.method, recorded(run.model, run.method, now), track_of(now))

    std = run.filtered.std.reshape(-1, n)[row - 1]
    base = shifted(np.zeros(n))
    columns = [(shifted(np.where(np.arange(n) == i, std, 0.0)).value - base.value).ravel() for i in range(n)]
    A, e = np.stack(columns, axis=1), base.value.ravel()
    known = np.isfinite(A).all(axis=1) & np.isfinite(e)
    best = shifted(np.linalg.lstsq(A[known], -e[known], rcond=None)[0] * std)
    gain = 2.0 * float(np.nansum(best.loglik) - np.nansum(base.loglik))
    squares = np.nanmedian(best.value**2, axis=0) / quantile(1, 0.5)
    before = rerun.found.value[reruns.ends(row)[0] : row]
    usual = np.nanmedian(before**2, axis=0) / quantile(1, 0.5)
    first_nis = best.nis[:AFTER]
    gross = any((first_nis[:, k] > reruns.bound(m)).any() for k, m in enumerate(best.sizes))
    return gain, not gross and all(alike(a, b) for a, b in zip(usual, squares, strict=True))
