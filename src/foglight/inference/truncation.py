"""Beliefs truncated at the limits of their states, mean and covariance: what a filter reports.

The filter itself carries the belief as if there were no limits. If a truncated belief were fed back, it would be
truncated again at the next row: the same knowledge, counted once per row, would narrow it without end.
Each limited state is treated in declared order: first the moments of its normal distribution between the limits, then
their effect on the other states through the covariance. Simon & Simon 2010, §3. Here the second step is an update by a
measurement of the state that leaves it with these moments, so that it works on the factor and subtracts nothing.
Where that moves an earlier state out of its own limits, all steps are repeated.
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
_CHUNK = 8192  # rows at a time
_PASSES = 64  # at most, over states that move each other out of their limits; far from these two or three do


@functools.cache
def _gauss_legendre() -> tuple[Array, Array]:
    """Nodes and weights of 64 points; numpy loads its polynomials only when asked for."""
    nodes, weights = np.polynomial.legendre.leggauss(64)
    return nodes, weights


def limited(model: Model, method: Method, records: Array) -> Array:
    """The beliefs at the beginning of records (..., width), truncated at the model's limits; records if it has none."""
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
    """Whether any mean lies outside its limits: a later state has moved it there through their covariance."""
    x = beliefs[:, list(ends)]
    low, high = np.array(list(ends.values())).T
    found: NDArray[np.bool_] = ((x < low) | (x > high)).any(axis=1)
    return found


def moments(low: Array, high: Array) -> tuple[Array, Array, Array]:
    """Mean and variance of the standard normal truncated to low < high.

    Returns the point nearest to 0, the distance of the mean beyond it, and the variance. Each has a relative error of
    at most 1e-13, also far out in a tail. Gauss–Legendre quadrature over the points where the density is within e^-40
    of its largest value, relative to that value: nothing underflows, and nothing cancels as in 1 - δ (δ - low), with δ
    the ratio of density and tail.
    """
    nearest = np.clip(0.0, low, high)
    reach = 2.0 * _DECAY / (np.abs(nearest) + np.sqrt(nearest * nearest + 2.0 * _DECAY))
    first, last = np.maximum(low - nearest, -reach), np.minimum(high - nearest, reach)
    half = 0.5 * (last - first)
    nodes, weights = _gauss_legendre()
    u = first[:, None] + half[:, None] * (1.0 + nodes)
    density = weights * np.exp(-u * (nearest[:, None] + 0.5 * u))
    density /= density.sum(axis=1, keepdims=True)
    beyond = (density * u).sum(axis=1)
    return nearest, beyond, (density * (u - beyond[:, None]) ** 2).sum(axis=1)


def _cut_off(beliefs: Array, n: int, i: int, ends: Bounds, method: Method) -> None:
    """Truncate state i of beliefs (rows, size), overwriting them, where a limit is near enough to matter."""
    low, high = ends
    column = {pair: n + k for k, pair in enumerate(upper(n))}
    variance = beliefs[:, column[i, i]].copy()
    if method.factored:
        for j in range(i + 1, n):
            variance += beliefs[:, column[i, j]] ** 2 * beliefs[:, column[j, j]]
    std = np.sqrt(variance)
    near = (beliefs[:, i] - low < _REACH * std) | (high - beliefs[:, i] < _REACH * std)
    rows = np.flatnonzero(near & (std > 0.0))  # a state that is known exactly is unchanged
    mean, std, variance = beliefs[rows, i], std[rows], variance[rows]
    _, beyond, share = moments((low - mean) / std, (high - mean) / std)
    inside = np.clip(np.clip(mean, low, high) + std * beyond, low, high)
    lost = 1.0 - share
    some = lost > 0.0
    rows, inside, lost = rows[some], inside[some], lost[some]
    values = {("belief", k): numbers for k, numbers in enumerate(beliefs[rows].T)}
    # A measurement with this noise leaves `share` of the variance, and moves the mean by `lost` times its innovation.
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
