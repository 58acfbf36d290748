"""How a whole belief follows some of its states, whose moments have become others: as Programs over rows of beliefs.

A belief is a row of numbers, (rows, size), in the layout of what a filter carries.
"""

import functools

import numpy as np

from foglight.core.types import Array
from foglight.equations import textbook
from foglight.equations.gaussian import Belief, FullBelief
from foglight.equations.ud import combine, condition
from foglight.methods.layout import belief_of, belief_size, carried, upper
from foglight.methods.method import Method
from foglight.trace.graph import Graph
from foglight.trace.program import Program, lower


def marginal(beliefs: Array, n: int, states: tuple[int, ...], method: Method) -> tuple[Array, Array]:
    """Mean (rows, k) and covariance (rows, k, k) of these states."""
    triangle = np.zeros((len(beliefs), n, n))
    for column, (i, j) in enumerate(upper(n), n):
        triangle[:, i, j] = beliefs[:, column]
    if method.factored:
        D = np.diagonal(triangle, axis1=1, axis2=2).copy()
        triangle[:, range(n), range(n)] = 1.0
        U = triangle[:, states]
        return beliefs[:, states], (U * D[:, None]) @ U.transpose(0, 2, 1)
    P = np.triu(triangle) + np.triu(triangle, 1).transpose(0, 2, 1)
    return beliefs[:, states], P[:, states][:, :, states]


def measured(beliefs: Array, n: int, i: int, r: Array, e: Array, method: Method) -> Array:
    """Beliefs after a measurement of state i with noise r (rows,) and innovation e (rows,)."""
    values = _numbers(beliefs) | {("r", 0): r, ("e", 0): e}
    return np.array(_conditioning(n, i, method).evaluate(values)["belief"]).T


def known(beliefs: Array, n: int, states: tuple[int, ...], method: Method) -> tuple[Array, Array, Array]:
    """Beliefs given the exact values of these states, learnt one after the other.

    Returns the gains (rows, n, k) and the variances (rows, k) of the innovations, both 0 for what was known before, and
    the beliefs for innovations that are 0.
    """
    rows, k = len(beliefs), len(states)
    found = _knowing(n, states, method).evaluate(_numbers(beliefs))
    gains, S, given = (
        np.array([np.broadcast_to(value, rows) for value in found[name]]).T
        for name in ("gains", "S", "belief")
    )
    return gains.reshape(rows, k, n).transpose(0, 2, 1), S, given


def widened(beliefs: Array, n: int, columns: Array, weights: Array, method: Method) -> Array:
    """Beliefs with Σ w_j c_j c_jᵀ added to the covariance. columns c (rows, n, k), weights w (rows, k)."""
    k = weights.shape[1]
    values = _numbers(beliefs) | {("w", j): weights[:, j] for j in range(k)}
    values |= {("c", i, j): columns[:, i, j] for i in range(n) for j in range(k)}
    return np.array(_widening(n, k, method).evaluate(values)["belief"]).T


def _numbers(beliefs: Array) -> dict[object, Array]:
    return {("belief", k): numbers for k, numbers in enumerate(beliefs.T)}


def _given(graph: Graph, n: int, method: Method) -> Belief | FullBelief:
    values = np.array([graph.input(("belief", k)) for k in range(belief_size(n))])
    given: Belief | FullBelief = belief_of(method, values, n)
    return given


@functools.lru_cache(maxsize=64)
def _conditioning(n: int, i: int, method: Method) -> Program:
    """The Program that conditions a belief of n states on a measurement of state i with noise r and innovation e."""
    graph = Graph()
    belief = _given(graph, n, method)
    r, e = graph.input(("r", 0)), graph.input(("e", 0))
    h = _picking(n, i)
    new: Belief | FullBelief
    if isinstance(belief, Belief):
        new = Belief(*condition(*belief, h, r, e)[:3])
    else:
        x, P = textbook.update_joseph(belief.x, belief.P, h[None], np.array([[r]]), np.array([e]))[:2]
        new = FullBelief(x, P)
    return lower(Program.of(graph, {"belief": carried(new)}))


@functools.lru_cache(maxsize=64)
def _knowing(n: int, states: tuple[int, ...], method: Method) -> Program:
    """The Program that conditions a belief on the exact values of these states, with innovations that are 0."""
    graph = Graph()
    belief = _given(graph, n, method)
    gains, variances = [], []
    for i in states:
        h = _picking(n, i)
        if isinstance(belief, Belief):
            *new, S, gain = condition(*belief, h, graph.zero, graph.zero)
            belief = Belief(*new)
        else:
            none = np.array([[graph.zero]])
            x, P, (S,), K = textbook.update_joseph(belief.x, belief.P, h[None], none, none[0])
            P[i] = P[:, i] = 0.0  # what is left there is rounding
            belief, S, gain = FullBelief(x, P), S[0], K[:, 0]
        gains += list(gain)
        variances.append(S)
    return lower(Program.of(graph, {"gains": gains, "S": variances, "belief": carried(belief)}))


@functools.lru_cache(maxsize=64)
def _widening(n: int, k: int, method: Method) -> Program:
    """The Program that adds k columns with their weights to the covariance of a belief."""
    graph = Graph()
    belief = _given(graph, n, method)
    columns = np.array([[graph.input(("c", i, j)) for j in range(k)] for i in range(n)])
    weights = np.array([graph.input(("w", j)) for j in range(k)])
    new: Belief | FullBelief
    if isinstance(belief, Belief):
        new = Belief(belief.x, *combine(np.hstack([belief.U, columns]), np.concatenate([belief.D, weights])))
    else:
        new = FullBelief(belief.x, textbook.symmetric(belief.P + (columns * weights) @ columns.T))
    return lower(Program.of(graph, {"belief": carried(new)}))


def _picking(n: int, i: int) -> Array:
    """The row h that measures state i."""
    h = np.zeros(n).astype(object)
    h[i] = 1.0
    return h
