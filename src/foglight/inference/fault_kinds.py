"""What kind of fault a sensor has, from its readings and its estimated bias since the fault set in."""

from typing import NamedTuple

import numpy as np

from foglight.core.types import Floats
from foglight.inference.fault_hypotheses import NOISE

STUCK, DRIFT, SCALE = "stuck", "drift", "scale"
_EQUAL, _SHARE = (
    5,
    0.9,
)  # readings since the fault, at least, and the share of them that repeat the one before
_EXPLAINS = 0.5  # of the variance of a bias that a line, or a multiple of the reading, must explain
_SETTLES = 0.2  # of the time since the fault, in which the estimate of the bias may still move towards it


class Course(NamedTuple):
    """One sensor since its fault set in: times in seconds (k,), readings (k, m), the estimated biases (k, m) or (k, 0),
    and the scale of its noise at the end, 1 where that is not estimated."""

    time: Floats
    readings: Floats
    biases: Floats
    scale: float

    @property
    def stuck(self) -> bool:
        """Whether the later half of its readings repeats itself."""
        if not self.readings.shape[1]:
            return False
        seen = self.readings[~np.isnan(self.readings).any(axis=1)]
        seen = seen[len(seen) // 2 :]
        same = (seen[1:] == seen[:-1]).all(axis=1)
        return bool(len(seen) > _EQUAL and same.mean() >= _SHARE)


def kind_of(course: Course, hypothesis: str) -> tuple[str, float]:
    """The kind of a fault and its size, see `foglight.inference.suspects.Suspect`. hypothesis: "noise" or "bias"."""
    if course.stuck:
        return STUCK, float("nan")
    if hypothesis == NOISE:
        return NOISE, float(np.sqrt(course.scale))
    first = int(_SETTLES * len(course.time))
    time, readings, biases = (values[first:] for values in course[:3])
    size = np.abs(biases).mean(axis=0)
    i = int(np.argmax(size))
    known = ~np.isnan(readings[:, i])
    t, b, h = time[known], biases[known, i], readings[known, i] - biases[known, i]
    if len(t) < _EQUAL:
        return hypothesis, float(biases[-1, i])
    whole = float(np.sum((b - b.mean()) ** 2))
    slope = np.polyfit(t - t[0], b, 1)
    of_line = float(np.sum((b - np.polyval(slope, t - t[0])) ** 2))
    gain = float(b @ h / (h @ h)) if (h @ h) > 0.0 else 0.0
    of_scale = float(np.sum((b - gain * h) ** 2))
    if of_scale < min(of_line, _EXPLAINS * whole):
        return SCALE, 1.0 + gain
    if of_line < _EXPLAINS * whole:
        return DRIFT, float(slope[0])
    return hypothesis, float(b[-1])
