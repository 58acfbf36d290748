"""Sentinels: a value that a sensor reports where it has no reading, such as -9999 or 0, 0.

A value that repeats exactly and is far from what the filter predicts without it. Readings of a real quantity repeat a
value by their resolution only, and then they fit.
"""

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Floats
from foglight.diagnostics.check.faulty_readings.fault import Fault
from foglight.diagnostics.check.faulty_readings.reruns import Reruns
from foglight.diagnostics.check.faulty_readings.wording import numbers_text, rows_text
from foglight.diagnostics.check.health import Code

_CANDIDATES = 4  # of the values that repeat, the most frequent ones; and the extremes, and 0
_FAR = 0.5  # share of the readings of the value that must be far off, for all of them to be left out
_FIT = 0.8  # share of them that are followed by a reading that fits


def sentinels(reruns: Reruns, z: Floats) -> list[Fault]:
    """The sentinels in readings z (N, M), at most one value of each sensor and component."""
    found: list[Fault] = []
    for sensor in reruns.judged:
        at = reruns.slices[sensor]
        m = at.stop - at.start
        whole = _best(reruns, z, sensor, tuple(range(m)))
        faults = [whole] if whole or m == 1 else [_best(reruns, z, sensor, (i,)) for i in range(m)]
        for fault in faults:
            if fault is not None:
                found.append(fault)
                z = fault.without(z)
    return found


def _best(reruns: Reruns, z: Floats, sensor: int, components: tuple[int, ...]) -> Fault | None:
    first = reruns.slices[sensor].start
    columns = [first + i for i in components]
    rows = np.flatnonzero(~np.isnan(z[:, columns]).any(axis=1))
    values, inverse, counts = np.unique(
        z[np.ix_(rows, columns)], axis=0, return_inverse=True, return_counts=True
    )
    best: Fault | None = None
    far = np.bincount(inverse.ravel(), reruns.on(z).beyond[rows, sensor], len(counts))
    for k in _candidates(values, np.where(far >= 2, counts, 0)):
        fault = _judged(reruns, z, sensor, components, values[k], rows[inverse.ravel() == k])
        if fault is not None and (best is None or len(fault.rows) > len(best.rows)):
            best = fault
    return best


def _candidates(values: Floats, counts: NDArray[np.int64]) -> list[int]:
    """Of the values that repeat and are gross at least twice: the most frequent ones, the extremes, and 0."""
    repeated = np.flatnonzero(counts > 1)
    if not len(repeated):
        return []
    often = repeated[np.argsort(-counts[repeated], kind="stable")[:_CANDIDATES]]
    ends = [repeated[np.argmin(values[repeated, 0])], repeated[np.argmax(values[repeated, 0])]]
    zero = repeated[(values[repeated] == 0.0).all(axis=1)]
    return list(dict.fromkeys([*often.tolist(), *map(int, ends), *zero.tolist()]))


def _judged(
    reruns: Reruns,
    z: Floats,
    sensor: int,
    components: tuple[int, ...],
    value: Floats,
    rows: NDArray[np.int64],
) -> Fault | None:
    mask = reruns.mask(sensor, rows, components)
    same = np.zeros(mask.shape, bool)  # other sensors may report it in these rows as well
    same[rows] = np.isin(z[rows], value)
    without = reruns.on(np.where(mask | same, np.nan, z))
    nis = without.residuals(sensor, rows, z)[:, list(components)].max(axis=1)
    limit = without.limit_of_one(sensor)
    far = nis > limit
    if far.sum() < 2 or far.mean() < _FAR:  # 0 may be right elsewhere: of a robot that stands
        return None
    reports = np.searchsorted(reruns.reports(sensor, z), rows)
    if not far[0] and (np.diff(reports) == 1).all():  # it repeats a good reading: stuck
        return None
    if without.next_fit(sensor, rows).mean() < _FIT:
        return None
    subject = reruns.subject(sensor, components)
    shown = numbers_text(value)
    sentence = (
        f"{subject} reports {shown} exactly in {rows_text(reruns, rows)}, up to {np.sqrt(nis.max()):.3g} standard "
        "deviations from what the other readings predict: is that how it says that it has none? Leave these readings "
        "out (NaN)."
    )
    return Fault(
        Code.SENTINEL, subject, rows, mask, None, float(nis.max()), limit, float(len(rows)), sentence
    )  # fmt: skip
