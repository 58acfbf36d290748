"""The gradient kernel of a linear model on whole arrays, by the recursion of its covariance's derivative.

It is what `gradient_kernel` makes, where only noises depend on the parameters, with two differences. What moves is the
mean and the covariance (`equations.sensitivity`), not each number that is carried: that takes a third of the work. And
each stage of the filter is followed by one of its own that moves the derivatives. Where the first free parameter is
given as NaN, these stages are silent, and the kernel is that of the likelihood alone: a search evaluates most points
without a gradient, and compiles no second kernel for them.

    carry  = that of `gradient_kernel`, the NIS so far, of the last reading k, ε, S and whether it was absorbed, and
             whether its derivatives are still to come
"""

import functools
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from foglight.compiler.delayed_start import is_delayed
from foglight.compiler.inputs import SymbolInputs
from foglight.compiler.kernel import Kernel
from foglight.compiler.kernels.gradient import (
    SLOPE,
    SQUARES,
    GradientLayout,
    record_columns,
    seed_labels,
    with_stages,
)
from foglight.compiler.recipe import Outputs, Recipe, StageRecipe, traced_stage
from foglight.compiler.user_functions import measurement_noise, motion_noise, number_times
from foglight.equations import ud
from foglight.equations.gaussian import Factored
from foglight.equations.measurement import mask_rows, noise_factor
from foglight.equations.sensitivity import Score, Sensitivity, slope
from foglight.methods.ekf import EKF
from foglight.model.model import Model, Sensor
from foglight.trace.array_functions import input_array
from foglight.trace.array_symbol import ArraySymbol
from foglight.trace.forward_mode import tangents
from foglight.trace.graph import Graph
from foglight.trace.ops import in_type_of, joined, known_zero, product, reciprocal, select, sqrt, zeros
from foglight.trace.program import reach
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
    handed = [_handed(model, j) for j in range(max(len(sensor.measures) for sensor in model.sensors))]
    beside = [SQUARES, *[label for labels in handed for label in labels], "to be differentiated"]
    layout = GradientLayout(len(base.carry), len(which), directions, n + n * n, len(beside))
    numbers = [""] if directions == 1 else [f" {c + 1}" for c in range(directions)]
    names = [base.labels["params"][i] for i in which]
    moved = [f"d{c} {state}" for state in model.state for c in numbers]
    moved += [f"d{c} P[{a},{b}]" for a in model.state for c in numbers for b in model.state]
    labels = (*base.carry, *moved, *[SLOPE] * directions, *seed_labels(numbers, names), *names, *beside)
    sizes = [0, *[2 * len(sensor.measures) for sensor in model.sensors]]
    columns = record_columns(sizes, directions)
    predict, *updates = recipe.stages
    pairs = [(functools.partial(_unmoved, recipe=predict), _predicted)]
    for stage, (sensor, at) in zip(updates, model.blocks, strict=True):
        known = {"sensor": sensor, "first": at.start}
        pairs.append(
            (functools.partial(_updated, recipe=stage, **known), functools.partial(_update_moved, **known))
        )
    stages = []
    for stage, pair, record in zip(recipe.stages, pairs, columns, strict=True):
        for derivative, outputs in enumerate(pair):
            own = StageRecipe(
                f"derivative of {stage.name}", _unless_silent(which), stage.outputs, record=record
            )
            moving = functools.partial(_moving, outputs=outputs, layout=layout, which=which)
            try:
                found = traced_stage(
                    replace(own if derivative else replace(stage, record=()), outputs=moving),
                    model, recipe.method, base.dtype, arrays=True, limit=graph_limit,
                )  # fmt: skip
            except _NotOfNoisesOnlyError:
                return None
            stages.append(found)
    return with_stages(base, stages, labels, directions * sum(sizes))


def _unless_silent(which: tuple[int, ...]) -> tuple[tuple[str, int], ...]:
    """What triggers a stage of derivatives."""
    return tuple(("params", i) for i in which[:1])


def _handed(model: Model, j: int) -> list[str]:
    """The labels of what an update hands to its derivative, of component j of a reading."""
    return [*[f"gain {j} of {state}" for state in model.state], f"eps {j}", f"S {j}", f"absorbed {j}"]


def _is_plain(recipe: Recipe) -> bool:
    """Whether this is a Kalman filter without guards, and its start does not move.

    Of a start that is resolved late, the covariance and its derivative do not hold all digits.
    """
    model, method = recipe.model, recipe.method
    plain_method = getattr(method, "method", method)
    if is_delayed(model, plain_method):
        return False
    kind: Any = type(plain_method)
    linearises = (kind.predict, kind.update) == (EKF.predict, EKF.update)
    plain = linearises and method.factored and method.iterations == 1 and not method.joint
    guarded = method.gate or method.huber or method.student or method.adaptations
    angles = model.motion.angles or any(sensor.angles for sensor in model.sensors)
    moves = model.parametric_start is not None
    return plain and not guarded and not angles and not moves


@dataclass(frozen=True)
class _Moved:
    """What a stage carries beside the filter's numbers.

    along: [(a parameter, its part of each direction)].  nis: so far.  handed: of the last reading.  due: whether
    its derivatives are still to come.  unmoved: all of it up to these three, as it is.  last: all of it from behind the
    derivatives up to `due`."""

    sensitivity: Sensitivity
    slopes: list[Any]
    along: list[tuple[Symbol, list[Any]]]
    nis: Any
    handed: Any
    due: Any
    unmoved: Any
    last: Any

    def tangents(self, graph: Graph, values: list[Any]) -> list[list[Any]]:
        """Of each value, its derivative along each direction."""
        found = tangents([graph.lift(v) for v in values], self.along, len(self.slopes))
        return [list(along) for along in zip(*found, strict=True)]

    def behind(self, carry: Any, sensitivity: Sensitivity, slopes: list[Any], due: Any) -> Any:
        """All that is carried: the filter's numbers, and what these derivatives are."""
        s = sensitivity
        return joined(carry, s.x.ravel(), s.P.ravel(), slopes, self.last, [due])


def _moving(
    inputs: SymbolInputs, _: None, *, outputs: Any, layout: GradientLayout, which: tuple[int, ...]
) -> Outputs:
    """The outputs of a stage of the filter, or of the one that moves the derivatives."""
    n, d, graph = len(inputs.model.state), layout.directions, inputs.graph
    x = input_array(graph, "carry", layout.primal, n * d).reshape(n, d)
    P = input_array(graph, "carry", layout.primal + n * d, n * n * d).reshape(n, n * d)
    slopes = input_array(graph, "carry", layout.tangent, d)
    rest = input_array(graph, "carry", layout.seeds.start, layout.values.stop - layout.seeds.start)
    [nis] = input_array(graph, "carry", layout.values.stop, 1)
    handed = input_array(graph, "carry", layout.values.stop + 1, layout.beside - 2)
    [due] = input_array(graph, "carry", layout.stop - 1, 1)
    unmoved = input_array(graph, "carry", layout.primal, layout.values.stop - layout.primal)
    last = input_array(graph, "carry", layout.seeds.start, layout.stop - 1 - layout.seeds.start)
    p = layout.parameters
    inputs.given = {("params", i): rest[d * p + k] for k, i in enumerate(which)}
    along = [(inputs.given["params", i], [rest[c * p + k] for c in range(d)]) for k, i in enumerate(which)]
    found: Outputs = outputs(
        inputs, _Moved(Sensitivity(x, P), list(slopes), along, nis, handed, due, unmoved, last)
    )
    return found


def _unmoved(inputs: SymbolInputs, moved: _Moved, *, recipe: StageRecipe) -> Outputs:
    """The prediction itself."""
    found = recipe.run(inputs)
    return replace(found, carry=joined(found.carry, moved.unmoved, [moved.nis], moved.handed, [moved.due]))


def _predicted(inputs: SymbolInputs, moved: _Moved) -> Outputs:
    """The derivatives after the motion."""
    F = inputs.curve(inputs.model.motion).linearise(inputs.belief.x)[1]
    _require_fixed(F, moved)
    s = moved.sensitivity.predict(F, _noise_moves(inputs, moved))
    return Outputs(carry=moved.behind(inputs.carry, s, moved.slopes, moved.due), commit=inputs.dt > 0.0)


def _updated(
    inputs: SymbolInputs, moved: _Moved, *, recipe: StageRecipe, sensor: Sensor, first: int
) -> Outputs:
    """The update itself, as `equations.extended.update` does, one component after the other."""
    found = recipe.run(inputs)
    used, L, r, H = _reading(inputs, moved, sensor, first)
    z, belief = _measured(inputs, sensor, first), inputs.belief
    value = inputs.curve(sensor).linearise(belief.x)[0]
    e, spreads = (
        ud.whiten(L, in_type_of(L, mask_rows(np.array(z, object) - value, used))),
        ud.spread_of(H, belief.U, belief.D),
    )
    new, handed = belief._replace(x=zeros(len(belief.x), belief.x)), []
    for j, h in enumerate(H):
        eps = select(used[j], e[j] - product(h, new.x), 0.0)
        floor = ud.rounding_floor(spreads[j], r[j], len(belief.x))
        new, S, k, absorbed = new.take(h, r[j], eps, used[j], floor)
        handed += [k, [eps, S, select(absorbed, 1.0, 0.0)]]
    handed += [[0.0] * (len(moved.handed) - len(H) * (len(belief.x) + 3)), [1.0]]
    carry = joined(found.carry, moved.unmoved, [moved.nis + found.sums[0]], *handed)
    return replace(found, carry=carry, record=[], white=[])


def _update_moved(inputs: SymbolInputs, moved: _Moved, *, sensor: Sensor, first: int) -> Outputs:
    """The derivatives after a sensor."""
    used, _, r, H = _reading(inputs, moved, sensor, first)
    n, dr = len(inputs.model.state), moved.tangents(inputs.graph, list(r))
    s, slopes, scores = moved.sensitivity, moved.slopes, []
    for j, h in enumerate(H):
        part = moved.handed[j * (n + 3) : (j + 1) * (n + 3)]
        eps, S, absorbed = part[n:]
        s, score = s.take(h, dr[j], part[:n], eps, S, used[j], absorbed > 0.0)
        slopes = [a + b for a, b in zip(slopes, slope(score, eps, S), strict=True)]
        scores.append((score, reciprocal(S)))
    return Outputs(
        carry=moved.behind(inputs.carry, s.taken(), slopes, 0.0),
        commit=moved.due > 0.0,
        record=[part for c in range(len(slopes)) for part in _shown(scores, c)],
    )


def _measured(inputs: SymbolInputs, sensor: Sensor, first: int) -> list[Any]:
    return inputs.numbers("z", [f"{sensor.name}.{name}" for name in sensor.measures], first)


def _reading(
    inputs: SymbolInputs, moved: _Moved, sensor: Sensor, first: int
) -> tuple[list[Any], Any, Any, list[Any]]:
    """Which components of a reading there are, the factor L, r of its noise, and its independent rows h.

    The first of them is as the sensor has it: it may pick one state.
    """
    z = _measured(inputs, sensor, first)
    used = [True] if len(z) == 1 else [value == value for value in z]
    R = measurement_noise(inputs, sensor, used)[0].astype(object)
    _require_fixed(R, moved, but_for_parameters=True)
    correlated = any(not known_zero(v) for v in R[~np.eye(len(R), dtype=bool)])
    scaled = number_times(R) if correlated else None
    L, r, _ = noise_factor(scaled[1].astype(object) if scaled else R, used, inputs.belief.x)
    if scaled:  # L does not depend on a parameter that all of R is multiplied with
        r = np.array([select(u, v * scaled[0], 1.0) for u, v in zip(used, r, strict=True)], object)
    H = inputs.curve(sensor).linearise(inputs.belief.x)[1]
    _require_fixed(joined(L, H), moved)
    return used, L, r, [H[0], *ud.whiten(L, in_type_of(L, H))[1:]]


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
        _require_fixed(Q.variances, moved, but_for_parameters=True)
        for k, along in enumerate(moved.tangents(inputs.graph, list(Q.variances))):
            column = {i: v for i, v in enumerate(Q.G[:, k]) if not known_zero(v)}
            for i, a in column.items() if not all(map(known_zero, along)) else ():
                for j, b in column.items():
                    so_far = found.get((i, j), [0.0] * len(along))
                    found[i, j] = [v + a * b * dv for v, dv in zip(so_far, along, strict=True)]
    else:
        _require_fixed(Q, moved, but_for_parameters=True)
        at = list(np.ndindex(n, n))
        for entry, along in zip(at, moved.tangents(inputs.graph, list(Q.ravel())), strict=True):
            if not all(map(known_zero, along)):
                found[entry] = along
    if len(found) > _ENTRIES * n:
        raise _NotOfNoisesOnlyError
    return found


def _require_fixed(matrix: Any, moved: _Moved, but_for_parameters: bool = False) -> None:
    """Refuse a matrix that depends on what is carried: the belief, and the parameters unless it may on these."""
    parameters = {id(node) for value, _ in moved.along if but_for_parameters for node in value.args}
    whole = isinstance(matrix, ArraySymbol)
    for node in reach([matrix.node] if whole else [v for v in np.ravel(matrix) if isinstance(v, Symbol)]):
        if node.op in ("block", "input") and node.value[0] == "carry" and id(node) not in parameters:
            raise _NotOfNoisesOnlyError
