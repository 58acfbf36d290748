"""Steps: from some row on a sensor reads higher or lower, or what it measures jumped there.

Each sensor in turn is given an offset from that row to the end of the track, or to a row at which its readings leap
back, and the state a jump. The largest 2 Δloglik names the sensor, unless a jump of the state explains as much.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from foglight.core.types import Floats
from foglight.diagnostics.check.faulty_readings.fault import Fault
from foglight.diagnostics.check.faulty_readings.offsets import EVEN, better, offset_fits, offset_of
from foglight.diagnostics.check.faulty_readings.outliers import heavy_tailed
from foglight.diagnostics.check.faulty_readings.reruns import Rerun, Reruns
from foglight.diagnostics.check.faulty_readings.state_jumps import jump_of_the_state
from foglight.diagnostics.check.faulty_readings.step_wording import step_fault

_BEFORE = 5  # readings of the sensor before a step, at least: else it is the start that is off
_LEAST = 40.0  # 2 Δloglik of an offset, at least
_HEAVY = 4.0  # times that, if the noise of the sensor has heavy tails
_TRIED = 5  # rows at which a step may begin, at most
_NEAR = 20  # rows from there on whose gross innovations say which sensors may have jumped:
_SENSORS = 3  # so many of them, at most
_LEAPS = 3  # rows at which each of them may have leapt back
_AROUND = 9  # changes of a reading, among them its own, that show the usual speed


def steps(reruns: Reruns, z: Floats, begins: list[tuple[int, int]]) -> list[Fault]:
    """The step in readings z (N, M) that explains most, of those that may begin at (row, sensor); none, or one."""
    reports = {seen: reruns.reports(seen, z) for _, seen in begins}
    rows = sorted({row for row, seen in begins if _late_enough(reruns, reports[seen], row)})[:_TRIED]
    before = reruns.on(z)
    lasting = [step for row in rows for step in _steps_from(before, row, [reruns.ends(row)[1]])]
    ending = [step for row in rows for step in _steps_from(before, row, _leaps(before, row))]
    best, other = (max(found, key=lambda step: step[0], default=None) for found in (lasting, ending))
    if other is not None and (best is None or better(other[0], best[0])):
        best = other
    return [] if best is None else [best[1]]


def _steps_from(before: Rerun, row: int, ends: list[int]) -> list[tuple[float, Fault]]:
    """2 Δloglik, and the fault, of steps from a row to one of these ends, if the log fits with it; before: the run
    without one."""
    reruns = before.reruns
    steps, last, sensors = [], reruns.ends(row)[1], _gross_from(before, row)
    for end in ends:
        found = [offset for s in sensors if (offset := offset_of(before, row, end, s)) is not None]
        if not found:
            continue
        first = max(found, key=lambda one: one.gain)
        of_state, fits = jump_of_the_state(before, row) if end == last else (0.0, False)
        of_motion = better(of_state, first.gain)
        if of_motion and len(reruns.slices) == 1:  # a manoeuvre, which is no fault of the readings
            continue
        gain = max(first.gain, of_state)
        least = _LEAST * (_HEAVY if heavy_tailed(first.rerun, first.sensor) else 1.0)
        if gain >= least and (fits if of_motion else offset_fits(before, first)):
            alike = [one for one in found if one is not first and one.gain > first.gain - EVEN]
            steps.append((gain, step_fault(reruns, before.z, first, alike, of_state, least)))
    return steps


def _gross_from(before: Rerun, row: int) -> list[int]:
    """The sensors with most gross innovations from a row on."""
    count = before.beyond[row : row + _NEAR].sum(axis=0)
    order = [int(k) for k in np.argsort(-count, kind="stable") if count[k] and int(k) in before.reruns.judged]
    return order[:_SENSORS]


def _leaps(before: Rerun, row: int) -> list[int]:
    """Rows after this one in which readings of a sensor leap most, beside how they change in the rows around."""
    reruns, z = before.reruns, before.z
    elapsed = np.cumsum(np.tile(reruns.original._arrays.dt, reruns.original._arrays.tracks))
    found = set()
    for sensor in _gross_from(before, row):
        reports = reruns.reports(sensor, z)
        reports = reports[(reports > row) & (reports < reruns.ends(row)[1])]
        leap = _leap(z[reports][:, reruns.slices[sensor]], elapsed[reports])
        usual = np.nanmedian(leap, axis=0) if len(leap) else np.zeros(1)
        if (usual > 0.0).all() and np.isfinite(usual).all():
            most = np.argsort(-np.nan_to_num(leap / usual).max(axis=1))[:_LEAPS]
            found |= {int(reports[k + 1]) for k in most}
    return sorted(found)


def _leap(readings: Floats, time: Floats) -> Floats:
    """How far each of some readings (k, m) but the first is from the one before it, less what the usual speed of the
    readings around makes of the time between them."""
    change, step = np.diff(readings, axis=0), np.diff(time)[:, None]
    if len(change) < _AROUND:
        return np.abs(change)
    speed = np.divide(change, step, out=np.full_like(change, np.nan), where=step > 0.0)
    around = sliding_window_view(speed, _AROUND, axis=0)
    usual = np.nanmedian(np.where(np.isnan(around).all(axis=-1, keepdims=True), 0.0, around), axis=-1)
    usual = np.pad(usual, ((_AROUND // 2, _AROUND // 2), (0, 0)), mode="edge")
    return np.abs(change - usual * step)


def _late_enough(reruns: Reruns, reports: NDArray[np.int64], row: int) -> bool:
    """Whether a sensor has enough readings before a row, given the rows of its reports: else it is the start that is
    off."""
    first, last = np.searchsorted(reports, (reruns.ends(row)[0], row))
    return bool(last - first >= _BEFORE)
