"""One search over all hypotheses about the readings: how likely each makes the log, and the best of them.

Every family is first judged on the first rows, near the best number that it tries. The best are then judged on all
rows, and their number is refined by golden sections of its logarithm. Hypotheses are ranked by 2 Δloglik less
log(readings) for each number that the log decides (Schwarz 1978).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from foglight.data.log import Log
from foglight.data.slicing import some_rows
from foglight.diagnostics.check.health import Code
from foglight.diagnostics.check.hypotheses import (
    bearings,
    clocks,
    delay,
    dynamics,
    gains,
    onsets,
    ramps,
    signs,
    slips,
    swapped,
    units,
    wander,
)
from foglight.diagnostics.check.hypotheses.hypothesis import Evidence, Family, Hypothesis
from foglight.diagnostics.check.hypotheses.judge import Judge
from foglight.model.model import Model

Kind = Callable[[Evidence], list[Family]]
# Faults that a search of the model may not see.
HIDDEN: tuple[Kind, ...] = (slips.families, delay.families, dynamics.of_parameters, clocks.of_sensors)
KINDS: tuple[Kind, ...] = (
    signs.families, gains.families, units.families, bearings.families, swapped.families, *HIDDEN,
    dynamics.of_pace, ramps.families, wander.families, clocks.of_log,
)  # fmt: skip
ALIKE = 6.0  # 2 Δloglik within which explanations fit alike
_FIRST_ROWS = 2_000  # of up to 8 components; fewer of more
_REFINED = 8  # families that are judged on all rows
_SHARPENED = 16  # families whose number is fitted roughly in the first round
_SECTIONS = 22  # golden sections: to 3e-5 of the interval
_FEW = 8  # sections, to 2 % of the interval, after which a number that makes the log no likelier is given up
_NEARBY = 0.02  # relative distance over which a curvature is taken
_GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0


@dataclass(frozen=True)
class Explained:
    """A hypothesis, and what it gains.

    gain: its 2 Δloglik on all readings.  net: that less what its fitted numbers cost.  rank: the same on readings that
    other hypotheses leave comparable.  error: the standard error of its number, NaN if it was not fitted.
    """

    hypothesis: Hypothesis
    gain: float
    net: float
    rank: float
    error: float


def explanations(
    evidence: Evidence, judge: Judge, first: Judge, left_out: frozenset[str] = frozenset()
) -> list[Explained]:
    """Hypotheses that make the log likelier, the best first.

    judge: of all rows.  first: of the rows of the first round.  left_out: sensors about which none is tried.
    """
    kinds = KINDS if evidence.suspected else HIDDEN
    families = [family for kind in kinds for family in kind(evidence) if _sensor_of(family) not in left_out]
    rough = [(family, *_best_tried(family, first)) for family in families]
    rough = sorted((one for one in rough if one[2] > 0.0), key=lambda one: -one[2])[:_SHARPENED]
    rough = sorted((_sharpened(*one, first) for one in rough), key=lambda one: -one[2])
    # In the order of the kinds: of two that are the same in other words, to rounding, the first one is preferred.
    worth = sorted(_worth_refining(rough), key=lambda one: families.index(one[0]))
    found = _improving([(family, _refined(family, number, judge)) for family, number in worth])
    ranked = _in_order(found, judge)
    steps = [(family, _refined(family, family.tried[0], judge)) for family in _onsets(ranked, judge)]
    return _in_order([*_improving(steps), *found], judge) if steps else ranked


def _improving(found: list[tuple[Family, Explained]]) -> list[tuple[Family, Explained]]:
    return [(family, one) for family, one in found if one.net > 0.0]


def _onsets(ranked: list[Explained], judge: Judge) -> list[Family]:
    """A step of each sensor whose drift is the best explanation, or as good as the best."""
    if not ranked or ranked[0].hypothesis.code != Code.DRIFT:
        return []
    drifts = [
        one for one in ranked if one.hypothesis.code == Code.DRIFT and one.rank > ranked[0].rank - ALIKE
    ]
    return onsets.families(judge, list(dict.fromkeys(one.hypothesis.sensor for one in drifts)))


def _sensor_of(family: Family) -> str:
    """The sensor that a family accuses, or the log or the motion."""
    return family.at(family.tried[0]).sensor


def _worth_refining(rough: list[tuple[Family, float, float]]) -> list[tuple[Family, float]]:
    """The best families, and of those that accuse the same in the same way one that is fitted and one that is not: the
    numbers that a fitted one tries may all be far from its best."""
    chosen: dict[tuple[str, bool], tuple[Family, float]] = {}
    for family, number, _ in rough:
        chosen.setdefault((family.at(number).name, family.fitted), (family, number))
    return list(chosen.values())[:_REFINED]


def _in_order(found: list[tuple[Family, Explained]], judge: Judge) -> list[Explained]:
    """The explanations, the best first: all on the readings that every one of them leaves comparable."""
    shared = judge
    for family, one in found:
        shared = _comparable(family, shared, one.hypothesis.value)
    if shared is not judge:
        found = [
            (family, replace(one, rank=_net(family, shared.of(one.hypothesis), shared)[1]))
            for family, one in found
        ]
    return sorted((one for _, one in found), key=lambda one: -round(one.rank))


def _net(family: Family, loglik: float, judge: Judge) -> tuple[float, float]:
    """The 2 Δloglik of a hypothesis, and that less what its fitted number costs; -inf if the filter breaks."""
    gain = 2.0 * (loglik - judge.loglik)
    gain = gain if np.isfinite(gain) else -np.inf
    return gain, gain - family.dof * float(np.log(max(judge.counts.sum(), 2)))


def _best_tried(family: Family, judge: Judge) -> tuple[float, float]:
    """The most likely of the numbers that a family tries, and its 2 Δloglik."""
    judge = _comparable(family, judge, family.tried[-1])
    if not np.isfinite(judge.loglik):
        return family.tried[0], 0.0
    gains = [2.0 * (judge.of(family.at(number)) - judge.loglik) for number in family.tried]
    best = int(np.nanargmax(gains))
    return family.tried[best], gains[best]


def _sharpened(family: Family, number: float, gain: float, judge: Judge) -> tuple[Family, float, float]:
    """A family with the 2 Δloglik that it reaches near the number that was tried: all of those may be far from it."""
    if family.fitted:
        low, high = _neighbours(family, number)
        judge = _comparable(family, judge, high)
        _, loglik = _maximum(lambda value: judge.of(family.at(value)), low, high, judge.loglik, _FEW)
        gain = max(gain, 2.0 * (loglik - judge.loglik))
    return family, number, gain


def _refined(family: Family, number: float, judge: Judge) -> Explained:
    """The most likely number of a family near this one."""
    low, high = _neighbours(family, number)
    judge = _comparable(family, judge, high)
    if family.fitted:
        number, loglik = _maximum(lambda value: judge.of(family.at(value)), low, high, judge.loglik)
    else:
        loglik = judge.of(family.at(number))
    gain, net = _net(family, loglik, judge)
    error = _error(family, number, loglik, judge) if family.fitted and net > 0.0 else np.nan
    return Explained(family.at(number), gain, net, net, error)


def _error(family: Family, number: float, loglik: float, judge: Judge) -> float:
    """The standard error of a fitted number, from the curvature of the log-likelihood in its logarithm."""
    below, above = (judge.of(family.at(number * float(np.exp(k * _NEARBY)))) for k in (-1, 1))
    curvature = (2.0 * loglik - below - above) / _NEARBY**2
    return number / float(np.sqrt(curvature)) if np.isfinite(curvature) and curvature > 0.0 else np.nan


def _comparable(family: Family, judge: Judge, number: float) -> Judge:
    """The judge of the readings that every number up to this one leaves comparable."""
    return judge if family.common is None else judge.on(family.common(judge.log, number))


def _neighbours(family: Family, number: float) -> tuple[float, float]:
    """The interval of a number between those that were tried beside it."""
    k = family.tried.index(number)
    low = family.tried[k - 1] if k else 0.5 * number
    high = family.tried[k + 1] if k + 1 < len(family.tried) else 2.0 * number
    return (low, high) if family.fitted else (number, number)


def _maximum(
    of: Callable[[float], float], low: float, high: float, least: float, sections: int = _SECTIONS
) -> tuple[float, float]:
    """Where a function of a positive number is largest between two, by golden sections of its logarithm, and its value
    there. least: its value at 0. A parabola that exceeds it anywhere still does so 2 % beside its largest value."""
    a, b = np.log(low), np.log(high)
    c, d = b - _GOLDEN * (b - a), a + _GOLDEN * (b - a)
    at_c, at_d = of(float(np.exp(c))), of(float(np.exp(d)))
    for k in range(sections):
        if k == _FEW and max(at_c, at_d) < least:
            break
        if at_c >= at_d:
            b, d, at_d = d, c, at_c
            c = b - _GOLDEN * (b - a)
            at_c = of(float(np.exp(c)))
        else:
            a, c, at_c = c, d, at_d
            d = a + _GOLDEN * (b - a)
            at_d = of(float(np.exp(d)))
    return (float(np.exp(c)), at_c) if at_c >= at_d else (float(np.exp(d)), at_d)


def rows_of_first_round(model: Model) -> int:
    """How many rows the first round judges."""
    return max(300, min(_FIRST_ROWS, 8 * _FIRST_ROWS // len(model.components)))


def first_rows(log: Log, rows: int) -> Log:
    """About this number of rows of a log, over all tracks: its first tracks, or its first rows if there is one."""
    if log.tracks is not None:
        few, cut = max(1, min(log.tracks, rows // len(log))), min(rows, len(log))
        blocks = {name: block[:few] if block.ndim == 3 else block for name, block in log.blocks.items()}
        log = replace(log, blocks=blocks)
    elif log.track is not None:
        ends = np.append(np.flatnonzero(log.starts())[1:], len(log))
        cut = int(ends[min(int(np.searchsorted(ends, rows)), len(ends) - 1)])
    else:
        cut = rows
    return log if cut >= len(log) else replace(log, **some_rows(log, np.arange(cut)))
