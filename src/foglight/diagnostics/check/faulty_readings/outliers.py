"""Outliers: a few readings that are far off, while those around them fit.

A gross reading moves the state, and so what comes after it looks gross, too. So of each cluster of gross innovations
the first is left out, the filter runs again, and so on until nothing is gross; a reading that fits after all is taken
back. Where one reading after another would be left out, it is a step, not an outlier.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Floats
from foglight.diagnostics.check.faulty_readings.fault import Fault, Mask
from foglight.diagnostics.check.faulty_readings.reruns import Rerun, Reruns
from foglight.diagnostics.check.faulty_readings.wording import rows_text
from foglight.diagnostics.check.health import Code

_ROUNDS = 25  # reruns, at most
_QUIET = 3  # rows without a gross innovation that end a cluster
_RUN = 3  # readings in a row that are no outliers any more
_MOST = 0.02  # share of a sensor's readings that may be outliers; with more, its noise has heavy tails
_FEW = 4  # outliers that a short log may have, if they are fewer than a tenth
_WORSE = 4.0  # 2 Δloglik that the readings after an outlier may lose without it, by chance
_REST = 0.02  # share of rows that may be gross without the outliers; with more, the model is wrong
_WIDE = 4.0  # median NIS over that of χ² with which the noise is so wrong that nothing is called an outlier
_AFTER = 50  # rows by which this is judged
_BEFORE = 2  # readings of the sensor before an outlier, at least
_TAILS = 0.01  # share beyond 3 standard deviations with which tails are heavy: 0.27 % are expected
_JUDGED = 500  # readings from which tails are judged


class Gross(NamedTuple):
    """left_out (N, sensors): readings that are far off.  begins: (row, sensor) of runs of two and more of them, which
    may be steps; of long runs nothing is left out.  rerun: without those that are."""

    left_out: Mask
    begins: list[tuple[int, int]]
    rerun: Rerun


def gross(reruns: Reruns, z: Floats) -> Gross:
    """Search readings z (N, M) for single readings, and for the beginnings of runs, that are far off."""
    left_out = np.zeros((len(z), len(reruns.slices)), bool)
    closed = np.zeros(len(z), bool)  # rows in which no more readings are left out
    begins: list[tuple[int, int]] = []
    rerun = reruns.on(z)
    for _ in range(_ROUNDS):
        heads = _heads(reruns, rerun, closed)
        back = _fitting(reruns, rerun, left_out, z)
        if not heads.any() and not back.any():
            break
        left_out = (left_out & ~back) | heads
        for row, sensor, end in _runs(reruns, left_out, z, _RUN):
            begins.append((row, sensor))
            left_out[row:end, sensor] = False
            closed[row:end] = True
        rerun = reruns.on(_without(reruns, left_out, z))
    begins += [(row, sensor) for row, sensor, _ in _runs(reruns, left_out, z, 2)]
    return Gross(left_out, sorted(set(begins)), rerun)


def outliers(reruns: Reruns, z: Floats, found: Gross) -> list[Fault]:
    """The outliers among readings z (N, M): a fault of each sensor that has some, but not many."""
    faults: list[Fault] = []
    if (found.rerun.ratio > 1.0).any(axis=1).mean() > _REST:
        return faults
    for sensor in reruns.judged:
        rows = np.flatnonzero(found.left_out[:, sensor])
        if not len(rows) or found.rerun.width(sensor) > _WIDE:
            continue
        rows = rows[_late_enough(reruns, z, sensor, rows)]
        rows = rows[found.rerun.next_fit(sensor, rows) & _mended(reruns, z, found, rows)]
        reports = len(reruns.reports(sensor, z))
        if not 0 < len(rows) <= max(_MOST * reports, min(_FEW, 0.1 * reports)):
            continue
        if heavy_tailed(found.rerun, sensor):
            continue
        faults.append(_fault(reruns, z, found.rerun, sensor, rows))
    return faults


def _late_enough(reruns: Reruns, z: Floats, sensor: int, rows: NDArray[np.int64]) -> Mask:
    """Whether a sensor has enough readings before each row: else it is the start that is off."""
    reports = reruns.reports(sensor, z)
    before = np.searchsorted(reports, rows) - np.searchsorted(
        reports, np.array([reruns.ends(int(row))[0] for row in rows], int)
    )
    return np.asarray(before >= _BEFORE)


def heavy_tailed(rerun: Rerun, sensor: int) -> bool:
    """Whether the readings that are left have heavy tails: then those that were left out are the ends of these."""
    value = rerun.found.value[:, rerun.reruns.slices[sensor]]
    value = value[~np.isnan(value).any(axis=1)]
    if len(value) < _JUDGED:
        return False
    beyond = np.abs(value) > 3.0 * np.sqrt(np.mean(value**2, axis=0))
    return bool(beyond.mean() > _TAILS)


def _fault(reruns: Reruns, z: Floats, rerun: Rerun, sensor: int, rows: NDArray[np.int64]) -> Fault:
    one = reruns.model.sensors[sensor]
    m = len(one.measures)
    nis = rerun.residuals(sensor, rows, z)
    limit = rerun.limit_of_one(sensor)
    off = [i for i in range(m) if (nis[:, i] > limit).any()] or list(range(m))
    subject, largest = reruns.subject(sensor, tuple(off)), float(nis.max())
    reports = len(reruns.reports(sensor, z))
    what = "an outlier" if len(rows) == 1 else f"{len(rows)} outliers"
    sentence = (
        f"{subject} has {what} among {reports} readings, in {rows_text(reruns, rows)}: up to "
        f"{np.sqrt(largest):.3g} standard deviations from what the readings around predict, which fit. Leave them out "
        "(NaN), or set student=4 or gate= for this sensor."
    )
    mask = reruns.mask(sensor, rows, tuple(off))
    return Fault(
        Code.OUTLIERS, subject, rows, mask, None, largest, limit, float(len(rows)), sentence
    )  # fmt: skip


def _heads(reruns: Reruns, rerun: Rerun, closed: Mask) -> Mask:
    """The reading that is farthest off in the first row of each cluster of gross innovations (N, sensors)."""
    ratio = rerun.ratio
    read = np.flatnonzero((rerun.found.counts > 0).any(axis=1))
    hit = (ratio[read] > 1.0).any(axis=1)
    at = np.flatnonzero(hit)
    quiet = np.diff(at, prepend=-_QUIET - 2) > _QUIET
    rows = read[at]
    begins = quiet | np.append(True, np.diff(reruns.track[rows]) != 0)[: len(rows)]
    rows = rows[begins & ~closed[rows]]
    sensor = np.argmax(ratio[rows], axis=1) if len(rows) else np.zeros(0, int)
    heads = np.zeros(ratio.shape, bool)
    judged = np.isin(sensor, reruns.judged)
    heads[rows[judged], sensor[judged]] = True
    return heads


def _fitting(reruns: Reruns, rerun: Rerun, left_out: Mask, z: Floats) -> Mask:
    """The readings that were left out, and that fit now."""
    back = np.zeros(left_out.shape, bool)
    for sensor in reruns.judged:
        rows = np.flatnonzero(left_out[:, sensor])
        if len(rows):
            limit = rerun.limit_of_one(sensor)
            back[rows, sensor] = (rerun.residuals(sensor, rows, z) <= limit).all(axis=1)
    return back


def _runs(reruns: Reruns, left_out: Mask, z: Floats, least: int) -> list[tuple[int, int, int]]:
    """(first row, sensor, row after the last) where so many readings of a sensor in a row were left out."""
    found = []
    for sensor in reruns.judged:
        reports = reruns.reports(sensor, z)
        edges = np.flatnonzero(np.diff(left_out[reports, sensor].astype(int), prepend=0, append=0))
        for first, end in zip(edges[::2], edges[1::2], strict=True):
            if end - first >= least:
                found.append((int(reports[first]), sensor, int(reports[end - 1]) + 1))
    return found


def _mended(reruns: Reruns, z: Floats, found: Gross, rows: NDArray[np.int64]) -> Mask:
    """Whether the readings after each row are about as likely, or likelier, without it: else it was a good one."""
    gain = 2.0 * np.nan_to_num(found.rerun.found.loglik - reruns.on(z).found.loglik, neginf=0.0).sum(axis=1)
    others = np.flatnonzero(found.left_out.any(axis=1))
    ends = np.append(others, len(z))[np.searchsorted(others, rows, side="right")]
    ends = np.minimum(ends, rows + _AFTER)
    return np.array([gain[row:end].sum() > -_WORSE for row, end in zip(rows, ends, strict=True)], bool)


def _without(reruns: Reruns, left_out: Mask, z: Floats) -> Floats:
    sizes = [at.stop - at.start for at in reruns.slices]
    return np.where(np.repeat(left_out, sizes, axis=1), np.nan, z)
