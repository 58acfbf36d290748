"""Beliefs cut off at the limits of their states, mean and covariance: what is reported of a filter.

The filter itself carries the belief as if there were no limits. Fed back, a belief that was cut off would be cut off
again at the next row: the same knowledge, counted once a row, would narrow it without end.
Each limited state in declared order: the moments of its normal distribution between the limits, and then what
they say of the other states through the covariance. Simon & Simon 2010, §3; here the second step is an update by a
measurement of the state that leaves it with these moments, so that it works on the factor and subtracts nothing.
Where that moves an earlier state out of its own limits, it is all done once more.
"""

import functools

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Array
from foglight.equations import textbook
from foglight.equations.gaussian import Belief, FullBelief
from foglight.equations.ud import condition
from foglight.methods.layout import belief_of, carried, upper
from foglight.methods.method import Method
from foglight.model.model import Model
from foglight.model.parameters import Bounds
from foglight.trace.graph import Graph
from foglight.trace.program import Program, lower

_DECAY = 40.0  # e^-40 of the density's peak is below the last digit of its integral
_REACH = np.sqrt(2.0 * _DECAY)  # standard deviations beyond which a limit changes no digit
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)
_CHUNK = 8192  # rows at a time
_PASSES = 64  # over states that pull each other out of their limits; far from them two or three will do


def limited(model: Model, method: Method, records: Array) -> Array:
    """The beliefs that records (..., width) begin with, cut off at the model's limits; records if it has none."""
    limits = model.motion.limits
    if not limits:
        return records
    n = len(model.state)
    size = n + n * (n + 1) // 2
    beliefs = np.array(records[..., :size]).reshape(-1, size)
    ends = {model.state.index(name): pair for name, pair in limits.items()}
    rows = np.arange(len(beliefs))
    for _ in range(_PASSES):
        before = beliefs[rows]
        for first in range(0, len(rows), _CHUNK):
            some = rows[first : first + _CHUNK]
            part = beliefs[some]
            for i, pair in ends.items():
                _cut_off(part, n, i, pair, method)
            beliefs[some] = part
        after = beliefs[rows]
        rows = rows[_outside(after, ends) & (after != before).any(axis=1)]
    beliefs.flags.writeable = False
    return beliefs.reshape(*records.shape[:-1], size)


def _outside(beliefs: Array, ends: dict[int, Bounds]) -> NDArray[np.bool_]:
    """Whether any mean lies outside its limits: a later state has pulled it there through their covariance."""
    x = beliefs[:, list(ends)]
    low, high = np.array(list(ends.values())).T
    found: NDArray[np.bool_] = ((x < low) | (x > high)).any(axis=1)
    return found


def moments(low: Array, high: Array) -> tuple[Array, Array, Array]:
    """Mean and variance of the standard normal between low < high: the nearest point to 0, what the mean is beyond
    it, and the variance; each to 1e-13 of itself, also far out in a tail.

    Gauss–Legendre over where the density is within e^-40 of its largest value, relative to which it is taken: nothing
    underflows, and nothing cancels as in 1 - δ (δ - low), δ the ratio of density and tail.
    """
    nearest = np.clip(0.0, low, high)
    reach = 2.0 * _DECAY / (np.abs(nearest) + np.sqrt(nearest * nearest + 2.0 * _DECAY))
    first, last = np.maximum(low - nearest, -reach), np.minimum(high - nearest, reach)
    half = 0.5 * (last - first)
    u = first[:, None] + half[:, None] * (1.0 + _NODES)
    density = _WEIGHTS * np.exp(-u * (nearest[:, None] + 0.5 * u))
    density /= density.sum(axis=1, keepdims=True)
    beyond = (density * u).sum(axis=1)
    return nearest, beyond, (density * (u - beyond[:, None]) ** 2).sum(axis=1)


def _cut_off(beliefs: Array, n: int, i: int, ends: Bounds, method: Method) -> None:
    """Cut off state i of beliefs (rows, size), in place, where a limit is near enough to matter."""
    low, high = ends
    place = {pair: n + k for k, pair in enumerate(upper(n))}
    variance = beliefs[:, place[i, i]].copy()
    if method.factored:
        for j in range(i + 1, n):
            variance += beliefs[:, place[i, j]] ** 2 * beliefs[:, place[j, j]]
    std = np.sqrt(variance)
    near = (beliefs[:, i] - low < _REACH * std) | (high - beliefs[:, i] < _REACH * std)
    rows = np.flatnonzero(near & (std > 0.0))  # a state that is known exactly stays where it is
    mean, std, variance = beliefs[rows, i], std[rows], variance[rows]
    _, beyond, share = moments((low - mean) / std, (high - mean) / std)
    inside = np.clip(np.clip(mean, low, high) + std * beyond, low, high)
    lost = 1.0 - share
    some = lost > 0.0
    rows, inside, lost = rows[some], inside[some], lost[some]
    values = {("belief", k): column for k, column in enumerate(beliefs[rows].T)}
    # A measurement with this noise leaves the share of the variance, and moves the mean by `lost` of its innovation.
    values[("r", 0)] = variance[some] * share[some] / lost
    values[("e", 0)] = (inside - mean[some]) / lost
    beliefs[rows] = np.array(_conditioning(n, i, method).evaluate(values)["belief"]).T
    beliefs[rows, i] = inside


@functools.lru_cache(maxsize=64)
def _conditioning(n: int, i: int, method: Method) -> Program:
    """The Program that conditions a belief of n states on a measurement of state i with noise r and innovation e."""
    graph = Graph()
    values = np.array([graph.input(("belief", k)) for k in range(n + n * (n + 1) // 2)])
    r, e = graph.input(("r", 0)), graph.input(("e", 0))
    h = np.zeros(n).astype(object)
    h[i] = 1.0
    belief = belief_of(method, values, n)
    new: Belief | FullBelief
    if isinstance(belief, Belief):
        new = Belief(*condition(*belief, h, r, e)[:3])
    else:
        x, P = textbook.update_joseph(belief.x, belief.P, h[None], np.array([[r]]), np.array([e]))[:2]
        new = FullBelief(x, P)
    return lower(Program.of(graph, {"belief": carried(new)}))
