"""Which sensor is wrong, since when and how: what `fog.suspects` and `fog.watch` share.

Each hypothesis is compared with the filter as it is by the CUSUM of its log-likelihood ratio (Page 1954),

    g = max(0, g + log p_hypothesis(z) - log p(z)),

row by row. If the filter is right, the ratio has the mean 1 given the past, so that Σ_k Π_{i>=k} ratio_i - n is a
martingale (Shiryaev 1963; Pollak 1985), and g reaches h within n rows with a probability of at most n e^-h, whatever
the model is.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from foglight.core.checks import is_number
from foglight.core.errors import ModelError
from foglight.core.types import Floats
from foglight.inference.fault_hypotheses import BIAS, LARGEST, NOISE, Hypothesis
from foglight.inference.fault_kinds import Course, kind_of
from foglight.model.model import MOTION

RATE = 1e-6  # false alarms a row: at most one log of 10,000 rows in a hundred
_SURE = 0.99  # the probability from which one subject is named alone


@dataclass(frozen=True)
class Suspect:
    """A sensor, or the motion, that may be at fault.

    Attributes
    ----------
    subject : str
        The name of the sensor; "motion" if the state moves otherwise than stated.
    probability : float
        That it is at fault and none of the others, if one of them is and all are equally likely before.
    statistic : float
        The largest CUSUM of its log-likelihood ratios.
    row : int
        The row from which on it is suspected.
    since : float
        The time of that row, in seconds.
    kind : str
        "noise", "bias", "drift", "scale" or "stuck"; "" where nothing tells.
    size : float
        By what factor the noise is larger, the last bias, the drift per second, or the scale; nan for "stuck".

    Examples
    --------
    >>> fog.suspects(run).suspects
    ()
    """

    subject: str
    probability: float
    statistic: float
    row: int
    since: float
    kind: str
    size: float


@dataclass(frozen=True)
class Suspects:
    """Who may be at fault; nobody if `suspects` is empty.

    Attributes
    ----------
    suspects : tuple of Suspect
        Those whose probability is above 1 %, the most likely first.
    limit : float
        The CUSUM from which on there is a suspect.
    sensor : str or None
        The one subject that is at fault with a probability of 99 %; None if nobody is, or several fit alike.

    Examples
    --------
    >>> print(fog.suspects(run))
    nothing is at fault: no log-likelihood ratio reached 14.9
    """

    suspects: tuple[Suspect, ...]
    limit: float
    where: str = ""

    @property
    def sensor(self) -> str | None:
        """The one that is at fault; None if nobody is, or several fit alike."""
        return self.suspects[0].subject if self.suspects and self.suspects[0].probability >= _SURE else None

    def __str__(self) -> str:
        if not self.suspects:
            return f"nothing is at fault: no log-likelihood ratio reached {self.limit:.3g}"
        first, names = self.suspects[0], [one.subject for one in self.suspects]
        since = f"from {self.where} on (log-likelihood ratio {first.statistic:.4g})"
        if self.sensor is None:
            return f"{' or '.join(names)} is at fault {since}: they differ, and nothing tells which is right"
        if first.subject == MOTION:
            return f"the motion is other than stated {since}, and no sensor is at fault"
        return f"{first.subject} is at fault {since}{_described(first)}"


def _described(one: Suspect) -> str:
    """Its kind and size, in words."""
    what = {
        "noise": f"its noise is {one.size:.3g} times as large as stated",
        "bias": f"it has a bias of {one.size:.3g}",
        "drift": f"it drifts by {one.size:.3g} a second",
        "scale": f"it reads {one.size:.3g} times what it measures",
        "stuck": "it is stuck",
    }
    return f": {what[one.kind]}" if one.kind else ""


def limit_of(false_alarms: float, count: int) -> float:
    """h, so that `count` CUSUMs together raise at most this many false alarms a row."""
    if not (is_number(false_alarms) and 0.0 < false_alarms < 1.0):
        raise ModelError.expected(
            "false_alarms", false_alarms, "a probability above 0 and below 1", "Write false_alarms=1e-6."
        )
    return math.log(count / false_alarms)


def cusum(ratio: Floats) -> Floats:
    """g after each row."""
    total = np.concatenate([[0.0], np.cumsum(ratio)])
    found: Floats = (total - np.minimum.accumulate(total))[1:]
    return found


class Evidence(NamedTuple):
    """What speaks for a hypothesis: its largest CUSUM, the row from which on that grew, and the sensor since then."""

    hypothesis: Hypothesis
    statistic: float
    row: int
    course: Course


def _telling(one: Evidence, found: Sequence[Evidence]) -> Evidence:
    """The evidence that tells the kind of a fault: that of a bias, if a noise would have to be beyond all bounds."""
    of_bias = [
        other
        for other in found
        if other.hypothesis.subject == one.hypothesis.subject and other.hypothesis.kind == BIAS
    ]
    beyond = one.hypothesis.kind == NOISE and one.course.scale >= 0.5 * LARGEST
    return of_bias[0] if beyond and of_bias else one


def judged(
    found: Sequence[Evidence], limit: float, where: Callable[[int], str], time: Floats | Mapping[int, float]
) -> Suspects:
    """Who is at fault. where, time: of a row, in words and in seconds.

    A sensor that repeats itself while its readings are unlikely is stuck, whatever else would explain them.
    """
    best: dict[str, Evidence] = {}
    for one in found:
        subject = one.hypothesis.subject
        if subject not in best or one.statistic > best[subject].statistic:
            best[subject] = one
    top = max(one.statistic for one in best.values())
    if top < limit:
        return Suspects((), limit)
    stuck = [name for name, one in best.items() if one.statistic >= limit and one.course.stuck]
    best = {stuck[0]: best[stuck[0]]} if len(stuck) == 1 else best
    top = max(one.statistic for one in best.values())
    weights = {name: math.exp(one.statistic - top) for name, one in best.items()}
    whole, named = sum(weights.values()), []
    for name in sorted(best, key=lambda name: -weights[name]):
        one, probability = best[name], weights[name] / whole
        if probability > 1.0 - _SURE:
            shown = _telling(one, found)
            kind, size = kind_of(shown.course, shown.hypothesis.kind)
            named.append(Suspect(name, probability, one.statistic, one.row, float(time[one.row]), kind, size))
    return Suspects(tuple(named), limit, where(named[0].row))
