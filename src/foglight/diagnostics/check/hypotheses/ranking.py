"""One search over all hypotheses about the readings: how likely each makes the log, and the best of them.

Every family is first judged on the first rows, at the numbers that it tries. The best families are then judged on all
rows, and their number is refined by golden sections of its logarithm. Hypotheses are ranked by 2 Δloglik less
log(readings) for each number that the log decides (Schwarz 1978).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from foglight.data.log import Log
from foglight.data.slicing import some_rows
from foglight.diagnostics.check.hypotheses import bearings, delay, gains, signs, slips, swapped, units
from foglight.diagnostics.check.hypotheses.hypothesis import Evidence, Family, Hypothesis
from foglight.diagnostics.check.hypotheses.judge import Judge
from foglight.model.model import Model

Kind = Callable[[Evidence], list[Family]]
# Faults that a search of the model may not see.
HIDDEN: tuple[Kind, ...] = (slips.families, delay.families)
KINDS: tuple[Kind, ...] = (
    signs.families, gains.families, units.families, bearings.families, swapped.families, *HIDDEN,
)  # fmt: skip
_FIRST_ROWS = 2_000  # of up to 8 components; fewer of more
_REFINED = 5  # families that are judged on all rows
_SECTIONS = 16  # golden sections: to 5e-4 of the interval
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


def explanations(evidence: Evidence, judge: Judge, first: Judge) -> list[Explained]:
    """Hypotheses that make the log likelier, the best first.

    judge: of all rows.  first: of the rows of the first round.
    """
    kinds = KINDS if evidence.suspected else HIDDEN
    families = [family for kind in kinds for family in kind(evidence)]
    rough = [(family, *_best_tried(family, first)) for family in families]
    rough = sorted((one for one in rough if one[2] > 0.0), key=lambda one: -one[2])
    found = [(family, _refined(family, number, judge)) for family, number, _ in rough[:_REFINED]]
    return _in_order([(family, one) for family, one in found if one.net > 0.0], judge)


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
    return sorted((one for _, one in found), key=lambda one: -one.rank)


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


def _refined(family: Family, number: float, judge: Judge) -> Explained:
    """The most likely number of a family near this one."""
    low, high = _neighbours(family, number)
    judge = _comparable(family, judge, high)
    if family.fitted:
        number, loglik = _maximum(lambda value: judge.of(family.at(value)), low, high)
    else:
        loglik = judge.of(family.at(number))
    gain, net = _net(family, loglik, judge)
    error = _error(family, number, loglik, judge) if family.fitted else np.nan
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


def _maximum(of: Callable[[float], float], low: float, high: float) -> tuple[float, float]:
    """Where a function of a positive number is largest between two, by golden sections of its logarithm, and its value
    there."""
    a, b = np.log(low), np.log(high)
    c, d = b - _GOLDEN * (b - a), a + _GOLDEN * (b - a)
    at_c, at_d = of(float(np.exp(c))), of(float(np.exp(d)))
    for _ in range(_SECTIONS):
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
