"""Stuck sensors: one that repeats its last reading while the state moves on.

A run of equal readings is suspicious if it is longer than the resolution of the sensor explains. A sensor is accused
only if the filter, without these readings, moves away from them, or if all other readings are far likelier without
them, or if it is a sensor whose noise makes every other reading differ from the one before: the odometer of a robot
that is parked repeats 0.
"""

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Floats
from foglight.diagnostics.check.faulty_readings.fault import Fault
from foglight.diagnostics.check.faulty_readings.reruns import Reruns
from foglight.diagnostics.check.faulty_readings.wording import numbers_text, rows_text
from foglight.diagnostics.check.health import Code
from foglight.diagnostics.check.statistics import STUCK, beyond_chance, longest_run

_FAR = 16.0  # NIS of a component, beyond what the width of the sensor's innovations explains
_AWAY = 3  # readings of the run, at least, that are far from what the rest predicts
_LIKELIER = 30.0  # or 2 Δloglik of all other readings without the run
_SILENT = 20  # equal readings other than 0 that are too many for a sensor that repeats none elsewhere
_RUNS = 20  # of one sensor, at most


def stuck_runs(reruns: Reruns, z: Floats) -> list[Fault]:
    """The stuck runs in readings z (N, M)."""
    found: list[Fault] = []
    for sensor in reruns.judged:
        m = reruns.slices[sensor].stop - reruns.slices[sensor].start
        several = [tuple(range(m)), *([(i,) for i in range(m)] if m > 1 else [])]
        for components in several:
            for _ in range(_RUNS):
                fault = _longest(reruns, z, sensor, components)
                if fault is None:
                    break
                found.append(fault)
                z = fault.without(z)
    return found


def _longest(reruns: Reruns, z: Floats, sensor: int, components: tuple[int, ...]) -> Fault | None:
    columns = [reruns.slices[sensor].start + i for i in components]
    rows = np.flatnonzero(~np.isnan(z[:, columns]).any(axis=1))
    rows, often = _equal(z[np.ix_(rows, columns)], rows, reruns.track[rows])
    if not len(rows):
        return None
    rows = rows[1:]  # the first reading of the run is a good one
    mask = reruns.mask(sensor, rows, components)
    without = reruns.on(np.where(mask, np.nan, z))
    nis = without.residuals(sensor, rows, z)[:, list(components)].max(axis=1)
    limit = _FAR / reruns.bound(1) * without.limit_of_one(sensor)
    away = (nis > limit).sum() >= _AWAY or without.gain_over(reruns.on(z)) >= _LIKELIER
    others = len(reruns.reports(sensor, z)) - len(rows)
    silent = min(len(rows), others) >= _SILENT and not often and bool((z[rows[0], columns] != 0.0).any())
    if not away and not silent:
        return None
    shown = (
        f"the rest of the log moves up to {np.sqrt(nis.max()):.3g} standard deviations away"
        if away
        else "it never repeats a reading elsewhere"
    )
    subject, value = reruns.subject(sensor, components), numbers_text(z[rows[0], columns])
    sentence = (
        f"{subject} is stuck: it repeats {value} in {rows_text(reruns, rows)} ({len(rows)} readings), while {shown}. "
        "Leave these readings out (NaN), or read the log with repeats='skip'."
    )
    return Fault(
        Code.STUCK, subject, rows, mask, None, float(nis.max()), float(limit), float(len(rows)), sentence
    )  # fmt: skip


def _equal(
    values: Floats, rows: NDArray[np.int64], track: NDArray[np.int64]
) -> tuple[NDArray[np.int64], float]:
    """The rows of the longest run of equal values (K, m) within a track, if it is too long to be chance, and how often
    a value equals the one before it elsewhere."""
    if len(rows) < STUCK:
        return rows[:0], 0.0
    changed = np.append(True, (values[1:] != values[:-1]).any(axis=1) | (track[1:] != track[:-1]))
    length, first, often = longest_run(np.cumsum(changed).astype(float))
    found = beyond_chance(length, often, len(rows)) and length < len(rows)
    return (rows[first : first + length] if found else rows[:0]), often
