"""The gradient kernel of a linear model on whole arrays, by the recursion of its covariance's derivative.

It is what `gradient_kernel` makes, where only noises depend on the parameters, with one difference: what moves is the
mean and the covariance (`equations.sensitivity`), not each number that is carried. That takes a third of the work.
"""

import functools
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from foglight.compiler.inputs import SymbolInputs
from foglight.compiler.kernel import Kernel, Stage
from foglight.compiler.kernels.gradient import SLOPE, GradientLayout, record_columns, seed_labels, with_stages
from foglight.compiler.recipe import Outputs, Recipe, StageRecipe, traced_stage
from foglight.compiler.user_functions import measurement_noise, motion_noise
from foglight.equations import ud
from foglight.equations.gaussian import Factored
from foglight.equations.measurement import mask_rows, noise_factor
from foglight.equations.sensitivity import Score, Sensitivity, slope
from foglight.methods.ekf import EKF
from foglight.model.model import Sensor
from foglight.trace.array_functions import input_array
from foglight.trace.forward_mode import replayed, tangents
from foglight.trace.graph import Graph
from foglight.trace.ops import joined, known_zero, product, reciprocal, select, sqrt, zeros
from foglight.trace.program import Program, lower, reach
from foglight.trace.symbol import Symbol

_ENTRIES = 4  # entries of dQ for each state, at most


class _NotOfNoisesOnlyError(Exception):
    """Something else than the noises depends on the parameters."""


def sensitivity_kernel(
    recipe: Recipe, which: tuple[int, ...], graph_limit: int | None, directions: int
) -> Kernel | None:
    """The gradient kernel in the parameters with these indices; None for a model or a method of another kind.

    recipe: of a filter that outputs its independent innovations.  Raises TooLongError as `gradient_kernel` does.
    """
    if not _is_plain(recipe):
        return None
    model, base, n = recipe.model, recipe.layout, len(recipe.model.state)
    layout = GradientLayout(len(base.carry), len(which), directions, n + n * n)
    numbers = [""] if directions == 1 else [f" {c + 1}" for c in range(directions)]
    names = [base.labels["params"][i] for i in which]
    moved = [f"d{c} {state}" for state in model.state for c in numbers]
    moved += [f"d{c} P[{a},{b}]" for a in model.state for c in numbers for b in model.state]
    labels = (*base.carry, *moved, *[SLOPE] * directions, *seed_labels(numbers, names), *names)
    predict, *updates = recipe.stages
    parts = [functools.partial(_predicted, recipe=predict)]
    parts += [
        functools.partial(_updated, recipe=stage, sensor=sensor, first=at.start)
        for stage, (sensor, at) in zip(updates, model.blocks, strict=True)
    ]
    sizes = [0, *[2 * len(sensor.measures) for sensor in model.sensors]]
    stages = []
    columns = record_columns(sizes, directions)
    for stage, outputs, record in zip(recipe.stages, parts, columns, strict=True):
        moving = replace(
            stage,
            outputs=functools.partial(_moving, outputs=outputs, layout=layout, which=which),
            record=record,
        )
        try:
            found = traced_stage(
                moving, model, recipe.method, base.dtype, lowered=False, arrays=True, limit=graph_limit
            )
        except _NotOfNoisesOnlyError:
            return None
        stages.append(_carrying_parameters(found, layout, which, base.dtype))
    return with_stages(base, stages, labels, directions * sum(sizes))


def _is_plain(recipe: Recipe) -> bool:
    """Whether this is a Kalman filter without guards, and its start does not move."""
    model, method = recipe.model, recipe.method
    kind: Any = type(getattr(method, "method", method))
    linearises = (kind.predict, kind.update) == (EKF.predict, EKF.update)
    plain = linearises and method.factored and method.iterations == 1 and not method.joint
    guarded = method.gate or method.huber or method.student or method.adaptations
    angles = model.motion.angles or any(sensor.angles for sensor in model.sensors)
    moves = model.parametric_start is not None
    return plain and not guarded and not angles and not moves


@dataclass(frozen=True)
class _Moved:
    """What a stage carries beside the filter's numbers. along: {index of a parameter: its part of each direction}."""

    sensitivity: Sensitivity
    slopes: list[Any]
    rest: Any
    along: dict[int, list[Any]]

    def tangents(self, graph: Graph, values: list[Any]) -> list[list[Any]]:
        """Of each value, its derivative along each direction."""
        seeds = [(graph.input(("params", i)), along) for i, along in self.along.items()]
        found = tangents([graph.lift(v) for v in values], seeds, len(self.slopes))
        return [list(along) for along in zip(*found, strict=True)]


def _moving(
    inputs: SymbolInputs, _: None, *, outputs: Any, layout: GradientLayout, which: tuple[int, ...]
) -> Outputs:
    """The outputs of a stage with the derivatives of what it carries."""
    n, d, graph = len(inputs.model.state), layout.directions, inputs.graph
    x = input_array(graph, "carry", layout.primal, n * d).reshape(n, d)
    P = input_array(graph, "carry", layout.primal + n * d, n * n * d).reshape(n, n * d)
    slopes = input_array(graph, "carry", layout.tangent, d)
    rest = input_array(graph, "carry", layout.seeds.start, layout.values.stop - layout.seeds.start)
    p = layout.parameters
    along = {i: [rest[c * p + k] for c in range(d)] for k, i in enumerate(which)}
    found: Outputs
    found, moved = outputs(inputs, _Moved(Sensitivity(x, P), list(slopes), rest, along))
    s = moved.sensitivity
    return replace(found, carry=joined(found.carry, s.x.ravel(), s.P.ravel(), moved.slopes, rest), white=[])


def _predicted(inputs: SymbolInputs, moved: _Moved, *, recipe: StageRecipe) -> tuple[Outputs, _Moved]:
    F = inputs.curve(inputs.model.motion).linearise(inputs.belief.x)[1]
    _require_fixed(F, moved)
    s = moved.sensitivity.predict(F, _noise_moves(inputs, moved))
    return recipe.run(inputs), replace(moved, sensitivity=s)


def _updated(
    inputs: SymbolInputs, moved: _Moved, *, recipe: StageRecipe, sensor: Sensor, first: int
) -> tuple[Outputs, _Moved]:
    """As `equations.extended.update` does, one component after the other."""
    found = recipe.run(inputs)
    z = inputs.numbers("z", [f"{sensor.name}.{name}" for name in sensor.measures], first)
    m, d, belief = len(z), len(moved.slopes), inputs.belief
    used = [True] if m == 1 else [value == value for value in z]
    R = measurement_noise(inputs, sensor, used)[0].astype(object)
    _require_fixed(R)
    L, r, _ = noise_factor(R, used)
    value, H = inputs.curve(sensor).linearise(belief.x)
    _require_fixed(joined(L.ravel(), H.ravel()), moved)
    e, H = ud.whiten(L, mask_rows(np.array(z, object) - value, used)), ud.whiten(L, H)
    spreads, dr = ud.spread_of(H, belief.U, belief.D), moved.tangents(inputs.graph, list(r))
    s, slopes, scores = moved.sensitivity, moved.slopes, []
    new = belief._replace(x=zeros(len(belief.x), belief.x))
    for j, h in enumerate(H):
        eps = select(used[j], e[j] - product(h, new.x), 0.0)
        new, S, k, absorbed = new.take(
            h, r[j], eps, used[j], ud.rounding_floor(spreads[j], r[j], len(belief.x))
        )
        s, score = s.take(h, dr[j], k, eps, S, used[j], absorbed)
        slopes = [a + b for a, b in zip(slopes, slope(score, eps, S), strict=True)]
        scores.append((score, reciprocal(S)))
    shown = [part for c in range(d) for part in _shown(scores, c)]
    return replace(found, record=shown), replace(moved, sensitivity=s.taken(), slopes=slopes)


def _shown(scores: list[tuple[Score, Any]], c: int) -> list[Any]:
    """What is recorded of a direction: dε/√S, then d log S/√2."""
    whitened = [score.eps[c] * sqrt(inverse) for score, inverse in scores]
    return whitened + [math.sqrt(0.5) * (score.S[c] * inverse) for score, inverse in scores]


def _noise_moves(inputs: SymbolInputs, moved: _Moved) -> dict[tuple[int, int], list[Any]]:
    """Along each direction, the entries of the derivative of Q that are not 0."""
    Q, n = motion_noise(inputs), len(inputs.model.state)
    found: dict[tuple[int, int], list[Any]] = {}
    if isinstance(Q, Factored):
        _require_fixed(Q.G, moved)
        _require_fixed(Q.variances)
        for k, along in enumerate(moved.tangents(inputs.graph, list(Q.variances))):
            column = {i: v for i, v in enumerate(Q.G[:, k]) if not known_zero(v)}
            for i, a in column.items() if not all(map(known_zero, along)) else ():
                for j, b in column.items():
                    so_far = found.get((i, j), [0.0] * len(along))
                    found[i, j] = [v + a * b * dv for v, dv in zip(so_far, along, strict=True)]
    else:
        _require_fixed(Q)
        at = list(np.ndindex(n, n))
        for entry, along in zip(at, moved.tangents(inputs.graph, list(Q.ravel())), strict=True):
            if not all(map(known_zero, along)):
                found[entry] = along
    if len(found) > _ENTRIES * n:
        raise _NotOfNoisesOnlyError
    return found


def _require_fixed(matrix: Any, moved: _Moved | None = None) -> None:
    """Refuse a matrix that depends on the belief, or on the parameters if they are given by what moves."""
    parameters = {} if moved is None else moved.along
    for node in reach([v for v in np.ravel(matrix) if isinstance(v, Symbol)]):
        source, index = node.value[:2] if node.op in ("block", "input") else ("", 0)
        if source == "carry" or (source == "params" and index in parameters):
            raise _NotOfNoisesOnlyError


def _carrying_parameters(stage: Stage, layout: GradientLayout, which: tuple[int, ...], dtype: str) -> Stage:
    """The stage with the values of the parameters as they are carried, lowered."""
    graph = Graph()
    values = input_array(graph, "carry", layout.values.start, layout.parameters)
    carried = {("params", i): value for i, value in zip(which, values, strict=True)}
    return replace(stage, program=lower(Program.of(graph, replayed(stage.program, graph, carried)), dtype))
