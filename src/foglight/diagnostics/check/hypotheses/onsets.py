"""A bias that sets in at some row: a step too small for single readings to show it.

A random walk explains a step, too, in place of one offset by an increment in every row. So where a drift is the
most likely explanation, an offset of the same sensor is fitted from each of a few rows on, and then from rows nearer
and nearer to the best of them.
"""

from functools import partial

import numpy as np

from foglight.core.types import Floats
from foglight.data.log import Log
from foglight.data.replaced_readings import with_readings
from foglight.diagnostics.check.faulty_readings.offsets import Offset, offset_of
from foglight.diagnostics.check.faulty_readings.reruns import Rerun, Reruns
from foglight.diagnostics.check.faulty_readings.wording import offset_text
from foglight.diagnostics.check.health import Code
from foglight.diagnostics.check.hypotheses.hypothesis import Family, Hypothesis
from foglight.diagnostics.check.hypotheses.judge import Judge
from foglight.model.model import Model

_PARTS = 12  # of the log: a bias is tried from the end of each on
_SHARE = 0.3  # of the largest offset of a component, in standard deviations, from which another is off, too
_LEVEL = 1e-3  # of what is gross, which is not asked here


def families(judge: Judge, sensors: list[str]) -> list[Family]:
    """The most likely onset of a bias of each of these sensors; none of a log of several tracks."""
    log, model = judge.log, judge.model
    if log.tracks is not None or log.track is not None:
        return []
    run = judge.run(model, log)
    if run is None:
        return []
    reruns = Reruns(run, _LEVEL)
    before = reruns.on(reruns.z)
    found = [_most_likely(before, model.sensor_names.index(sensor)) for sensor in sensors]
    return [_family(offset, log) for offset in found if offset is not None]


def _most_likely(before: Rerun, sensor: int) -> Offset | None:
    """The offset of a sensor from some row on that makes the log likeliest; before: the run without one."""
    last = len(before.z)

    def at(row: int) -> Offset | None:
        return offset_of(before, row, last, sensor) if 0 < row < last else None

    step = last // _PARTS
    best = max((at(k * step) for k in range(1, _PARTS)), key=_gain, default=None)
    while best is not None and step > 1:
        step = (step + 1) // 2
        best = max(best, at(best.row - step), at(best.row + step), key=_gain)
    return best


def _gain(offset: Offset | None) -> float:
    return -np.inf if offset is None or not np.isfinite(offset.gain) else offset.gain


def _family(offset: Offset, log: Log) -> Family:
    """The offset as a hypothesis: its row and its sizes are fitted already."""
    off = _components(offset)
    return Family(partial(_begun, offset, off, log), (float(np.abs(offset.size).max()),), beside=len(off) + 1)


def _components(offset: Offset) -> tuple[int, ...]:
    """The components of the sensor that are off."""
    reruns = offset.rerun.reruns
    size = np.abs(offset.size) / np.nanmedian(
        offset.rerun.found.scale[:, reruns.slices[offset.sensor]], axis=0
    )
    return tuple(np.flatnonzero(size >= _SHARE * size.max()).tolist())


def _begun(offset: Offset, off: tuple[int, ...], log: Log, _: float) -> Hypothesis:
    reruns, sizes = offset.rerun.reruns, offset.size[list(off)]
    subject = reruns.subject(offset.sensor, off)
    first = reruns.slices[offset.sensor].start
    reports = reruns.reports(offset.sensor, reruns.z)
    begins = reruns.where(int(reports[reports >= offset.row][0]))
    step = np.zeros(reruns.z.shape[1])
    step[[first + i for i in off]] = sizes
    return Hypothesis(
        Code.BIAS,
        subject,
        float(sizes[np.argmax(np.abs(sizes))]),
        f"{subject} reads {offset_text(sizes)} from about {begins} on",
        "subtract that from its readings there",
        f"a bias of {subject} from about {begins} on",
        partial(_taken_out, step, int(log.time_ns[offset.row])),
        modest=True,
    )


def _taken_out(step: Floats, begins: int, model: Model, log: Log) -> tuple[Model, Log]:
    z = log.bind(model).copy()
    z[log.time_ns >= begins] -= step
    return model, with_readings(log, model, z)
