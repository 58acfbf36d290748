"""The points at which a model function and its trace are compared: around the start, far off, and on both sides of
every condition.
"""

from collections.abc import Sequence

import numpy as np

from foglight.core.types import Floats
from foglight.trace import derivatives
from foglight.trace.graph import Graph
from foglight.trace.primitives import COMPARISON
from foglight.trace.program import Program, reach
from foglight.trace.rounding import Evaluated
from foglight.trace.symbol import Symbol

STATE, STEP, PARAMETER, CONTROL, ELAPSED = "state", "step", "parameter", "control", "time"
SECOND_OFFSETS = 1.0 + 0.1 * np.arange(
    10_000
)  # from the first point, all different: that may be a special one
# One row each: deviations of the states, in their spread at the start and in units of their size; and the steps (s).
_NEAR = ((0.5, 0.1), (1.0, 2.0), (2.0, 0.5), (3.0, 0.01))
_FAR = ((3.0, 1e-3), (10.0, 0.05), (30.0, 1.0), (100.0, 5.0), (300.0, 30.0), (1000.0, 600.0))
_FACTORS, _STEPS = np.array([*_NEAR, *_FAR]).T[:, :, None]
_IS_FAR = np.arange(len(_FACTORS))[:, None] >= len(_NEAR)
_NEWTON_STEPS = 8
_CONDITIONS = 24  # at most so many comparisons are taken to their other side
_GRID = np.concatenate([[0.0], *[(s * 10.0 ** np.arange(-3, 7)) for s in (1.0, -1.0)]])


def around_and_far(base: Floats, spread: Floats, kinds: Sequence[str]) -> Floats:
    """Points (K, N) for arguments whose values at the start are `base` (N,); the first is the start itself.

    spread (N,): the standard deviations of states at the start, 0 or inf where unknown.  kinds (N,): what each is.
    """
    kind = np.array(kinds)
    x, p, u = kind == STATE, kind == PARAMETER, kind == CONTROL
    size = np.where(base != 0.0, np.abs(base), 1.0)
    near = np.where((spread > 0.0) & np.isfinite(spread), spread, size)
    # In [-1, 1], all different and none of them round: a Weyl sequence.
    k = np.arange(1, 1 + len(_FACTORS))[:, None]
    v = 2.0 * np.modf(k * np.sqrt(np.arange(len(base)) + 2.41421356))[0] - 1.0
    states = base + _FACTORS * np.where(_IS_FAR, np.maximum(near, size), near) * v
    # Parameters keep their sign: a standard deviation has one.
    params = np.where(base == 0.0, 0.5 * (1.0 + v), base * np.where(_IS_FAR, 2.0**v, 1.0 + 0.2 * v))
    controls = np.where(_IS_FAR, 100.0, 1.0) * v
    elapsed = (1.0 + k) * _STEPS  # later than one step after the start
    around = np.select([x, p, u, kind == ELAPSED], [states, params, controls, elapsed], _STEPS)
    second = base + np.where(x, np.resize(SECOND_OFFSETS, len(base)), 0.0)
    return np.concatenate([[base, second, np.where(x | u, 0.0, base)], around])


def on_both_sides(
    graph: Graph, inputs: Sequence[Symbol], outputs: Sequence[Symbol], points: Floats
) -> Floats:
    """More points (K, N), so that every `select` under the outputs takes both of its sides where they can be found.

    The comparison's two sides a and b are brought to a - b = 0 by Newton's method along its gradient, from each of the
    points, and the condition is tried at the root and on either side of it. Where that fails, as at a step, one
    argument after the other goes through a grid of magnitudes.
    """
    masks = list({n.args[0].serial: n.args[0] for n in reach(outputs) if n.op == "select"}.values())
    if not masks:
        return points[:0]
    truths = Program.of(graph, {"masks": masks})
    wanted = _one_sided(_at(truths, points))
    found = points[:0]
    for tries in (_beside_roots, _on_a_grid):
        if not any(wanted):
            break
        tried = tries(graph, inputs, [masks[k] for k, sides in enumerate(wanted) if sides], points)
        held = _at(truths, tried)
        chosen = {
            int(np.argmax(held[:, k] == side)) for k, side in _pairs(wanted) if (held[:, k] == side).any()
        }
        found = np.concatenate([found, tried[sorted(chosen)]])
        wanted = _one_sided(_at(truths, np.concatenate([points, found])))
    return found


def _one_sided(held: Floats) -> list[set[bool]]:
    """For each condition, the truth values that it does not take at these points (K, conditions)."""
    return [{True, False} - set(column.astype(bool).tolist()) for column in held.T]


def _pairs(wanted: list[set[bool]]) -> list[tuple[int, bool]]:
    return [(k, side) for k, sides in enumerate(wanted) for side in sides]


def _beside_roots(graph: Graph, inputs: Sequence[Symbol], masks: list[Symbol], points: Floats) -> Floats:
    comparisons = [n for n in reach(masks) if n.op in COMPARISON][:_CONDITIONS]
    tried = [points]
    scale = np.maximum(np.abs(points).max(axis=0), 1e-3)
    for node in comparisons:
        difference = graph.apply("sub", *node.args)
        slopes = derivatives.jacobian(graph, [difference], inputs)
        program = Program.of(graph, {"g": [difference], "slopes": list(slopes.ravel())})
        z, along = points, np.zeros_like(points)
        with np.errstate(all="ignore"):
            for _ in range(_NEWTON_STEPS):
                values = _at(program, z)
                g, along = values[:, :1], values[:, 1:] * scale * scale
                step = g * along / (along * values[:, 1:]).sum(axis=1, keepdims=True)
                z = z - np.where(np.isfinite(step), step, 0.0)
            length = np.sqrt(((along / scale) ** 2).sum(axis=1, keepdims=True))
            unit = np.where(length > 0.0, along / length, 0.0)
        tried.append(z + 0.5 * (z - points))
        # At the root itself rounding decides the condition: it comes last, for conditions that hold nowhere else.
        tried += [z + share * unit for share in (1e-2, -1e-2, 1e-6, -1e-6, 0.0)]
    return _sound(np.concatenate(tried), points)


def _on_a_grid(graph: Graph, inputs: Sequence[Symbol], masks: list[Symbol], points: Floats) -> Floats:
    moving = [k for k, x in enumerate(inputs) if derivatives.depends(graph, masks, [x])]
    scale = np.maximum(np.abs(points[0]), 1.0)
    tried = [points]
    for k in moving[:_CONDITIONS]:
        line = np.repeat(points[:1], len(_GRID), axis=0)
        line[:, k] = _GRID * scale[k]
        tried.append(line)
    return _sound(np.concatenate(tried), points)


def _sound(tried: Floats, points: Floats) -> Floats:
    """Those that are finite, and whose arguments have the signs of a step and of parameters where all points have."""
    positive, negative = (points > 0.0).all(axis=0), (points < 0.0).all(axis=0)
    kept = np.isfinite(tried).all(axis=1) & ((tried > 0.0) | ~positive).all(axis=1)
    return tried[kept & ((tried < 0.0) | ~negative).all(axis=1)]


def _at(program: Program, points: Floats) -> Floats:
    return Evaluated(program, {("argument", k): column for k, column in enumerate(points.T)}).outputs()
