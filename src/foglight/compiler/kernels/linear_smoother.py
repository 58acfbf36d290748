"""The smoother of linear models with Gaussian noise: readings go backwards as equations, see `equations.information`.

The backward kernel reads the rows of a log in reverse. In row k + 1 its sensors add their readings to what later rows
say about x_k+1, then the motion takes all of it back to x_k, where it meets the belief that the filter recorded. So z
of this kernel is the row's readings, then the filtered belief of the row before.

    smooth        record: the smoothed belief of x_k
    lag one       record: Cov(x_k+1, x_k) given all readings
    disturbance   record: the smoothed belief of x_k, then that of the noise of the step
    message       record: what all readings from row k + 1 on say about x_k+1

Where the filter knows nothing yet in some directions, `start_recipe` joins the start with what all readings say about
it, and the forward kernel goes on from there: x_k+1 given x_k and all readings. It draws whole trajectories, too.
"""

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from foglight.compiler.inputs import Inputs, row_labels
from foglight.compiler.kernel import Kernel
from foglight.compiler.kernels.smoother_stage import DRAW, LAG_ONE, SMOOTH, recorded
from foglight.compiler.recipe import Outputs, Recipe, StageRecipe
from foglight.compiler.user_functions import measurement_noise, process_noise
from foglight.core.errors import Status
from foglight.core.types import Array
from foglight.equations import diffuse, gaussian, information, ud
from foglight.equations.gaussian import Factored
from foglight.equations.information import Equations
from foglight.equations.measurement import mask_rows, noise_factor
from foglight.methods.ekf import KF
from foglight.methods.layout import Layout, belief_of, belief_size, carried, factor_of, stored
from foglight.methods.method import Method
from foglight.model.model import MOTION, Model, Motion, Sensor
from foglight.trace.ops import (
    all_constants,
    all_finite,
    in_type_of,
    joined,
    known_zero,
    negated,
    product,
    with_diagonal,
)

DISTURBANCE, MESSAGE = "disturbance", "message"
LINES_BELOW = 20_000  # operations: rotations are mostly divisions, which whole arrays do not make faster


def equations_size(n: int) -> int:
    """The size of equations for n states: y, the triangle with its diagonal, and d."""
    return belief_size(n) + n


def sensor_stages(model: Model, reading: Callable[..., Outputs]) -> list[StageRecipe]:
    """A stage for each sensor, present where one of its components is. reading: its outputs, given sensor and first."""
    return [
        StageRecipe(
            sensor.name,
            tuple(("z", i) for i in range(at.start, at.stop)),
            functools.partial(reading, sensor=sensor, first=at.start),
        )
        for sensor, at in model.blocks
    ]


def backward_recipe(model: Model, method: Method, what: str) -> Recipe:
    """The recipe of the backward scan. method: of the run, for the form of the beliefs that it recorded."""
    n, size = len(model.state), belief_size(len(model.state))
    width = {SMOOTH: size, LAG_ONE: n * n, DISTURBANCE: 2 * size, MESSAGE: 0}[what]
    back = StageRecipe(
        what,
        (("dt", 0),),
        functools.partial(_back, what=what),
        status=(Status.NONFINITE,),
        record=tuple(range(width)),
    )
    given = [] if what == MESSAGE else labelled("filtered", size)
    layout = layout_of(model, what, labelled("later", equations_size(n)), [*model.components, *given])
    stages = (*sensor_stages(model, _reading), back)
    if what == MESSAGE:
        layout = replace(layout, snapshots={len(model.sensors) - 1: 0}, width=equations_size(n))
    else:
        layout = replace(layout, width=width)
    return Recipe(model, method, layout, stages, (MOTION, *model.sensor_names), LINES_BELOW)


def start_recipe(model: Model, method: Method, directions: int) -> Recipe:
    """The recipe of one row: from what all readings say about the start, the carry, and the start itself, z, to the
    start given all readings."""
    n = len(model.state)
    size = Layout(n, directions).weights.stop
    stage = StageRecipe(
        "start", (("z", 0),), functools.partial(_start, directions=directions), record=tuple(range(size))
    )
    layout = layout_of(model, "start", labelled("later", equations_size(n)), labelled("start", size))
    return Recipe(model, method, replace(layout, width=size), (stage,), (), LINES_BELOW)


def forward_recipe(model: Model, method: Method, what: str, directions: int) -> Recipe:
    """The recipe of the forward scan: from x_k given all readings to x_k+1, with z what the readings from row k + 1 on
    say about x_k+1. DRAW carries the difference from the mean, and reads standard normals after the controls."""
    n, size = len(model.state), belief_size(len(model.state))
    draws = what == DRAW
    carry = list(model.state) if draws else labelled("smoothed", size + n * directions)
    width = {SMOOTH: 0, LAG_ONE: n * n, DISTURBANCE: size, DRAW: 0}[what]
    stage = StageRecipe(
        what,
        (("dt", 0),),
        _drawn if draws else functools.partial(_forward, what=what, directions=directions),
        status=(Status.NONFINITE,),
        record=tuple(range(width)),
    )
    layout = layout_of(model, what, carry, labelled("later", equations_size(n)), more=n * draws)
    shown = {} if width else {0: 0}
    layout = replace(layout, snapshots=shown, width=width or len(carry))
    return Recipe(
        model,
        method,
        layout,
        (stage,),
        (MOTION,),
        LINES_BELOW,
    )


def _back(inputs: Inputs, _: None, *, what: str) -> Outputs:
    """What all later readings say about the state before the step, and the result there."""
    F, b, Q, bad = linear_step(inputs)
    n, first = len(F), len(inputs.model.components)
    later, w = information.before_motion(_carried_equations(inputs), F, b, Q)
    new: Any = _packed(later)
    record: Any = []
    if what != MESSAGE:
        values = inputs.array("z", labelled("filtered", belief_size(n)), first)
        known = information.smoothed(recorded(inputs.method, values, n), later)
        record = information.lag_one(known, F, Q.G, w).ravel() if what == LAG_ONE else carried(known)
        if what == DISTURBANCE:
            record = joined(record, carried(information.noise(known, Q.G, w)))
    return outputs(new, record, bad)


def _reading(inputs: Inputs, _: None, *, sensor: Sensor, first: int) -> Outputs:
    """What later readings and this sensor's reading say about the state."""
    H, e, r, _used = independent_readings(inputs, sensor, first)
    return Outputs(_packed(_carried_equations(inputs).joined_each(H, e, r)), commit=True)


def independent_readings(
    inputs: Inputs, sensor: Sensor, first: int, weighed: bool = False
) -> tuple[Array, Array, Array, list[Any]]:
    """A sensor's reading as H x = e + N(0, diag r), and which of its components there are: the others have zeros, and r
    is 1. weighed: the others will have no weight, so that constants of H that no other component needs may stay."""
    z = np.array(inputs.numbers("z", [f"{sensor.name}.{name}" for name in sensor.measures], first))
    used = [value == value for value in z]
    H, d = _affine(inputs, sensor)
    R, _bad = measurement_noise(inputs, sensor, used)
    L, r, _bad = noise_factor(R.astype(H.dtype), used, inputs.belief.x)
    apart = all(known_zero(L[i, j]) for i in range(len(L)) for j in range(i))
    if not (weighed and apart and all_constants(H)):
        H = ud.whiten(L, mask_rows(in_type_of(L, H), used))
    return H, ud.whiten(L, in_type_of(L, mask_rows(z - d, used))), r, used


def _start(inputs: Inputs, _: None, *, directions: int) -> Outputs:
    """The start given all readings."""
    n = len(inputs.model.state)
    layout = Layout(n, directions)
    values = inputs.array("z", labelled("start", layout.weights.stop))
    A = values[layout.unknown].reshape(directions, n).T
    known = recorded(inputs.method, values[layout.belief], n)
    start = diffuse.Belief(known.x, known.U, known.D, A, values[layout.weights])
    carry = inputs.array("carry", labelled("later", equations_size(n)))
    return Outputs(carry, commit=True, record=carried(information.resolved(start, _equations_of(carry, n))))


def _forward(inputs: Inputs, _: None, *, what: str, directions: int) -> Outputs:
    """The belief after the step given all readings."""
    n = len(inputs.model.state)
    size = belief_size(n)
    values = inputs.array("carry", labelled("smoothed", size + n * directions))
    F, b, Q, bad = linear_step(inputs)
    w = information.before_motion(_later(inputs), F, b, Q)[1]
    known = belief_of(KF(), values[:size], n)
    whole: Any = known
    if directions:
        A = values[size:].reshape(directions, n).T
        whole = diffuse.Belief(known.x, known.U, known.D, A, np.full(directions, 0.0, A.dtype))
    after = information.after_motion(whole, F, b, Q.G, w)
    new = carried(after)[: size + n * directions]
    record: Any = information.lag_one(known, F, Q.G, w).ravel() if what == LAG_ONE else []
    if what == DISTURBANCE:
        record = carried(information.noise(known, Q.G, w))
    return outputs(new, record, bad)


def _drawn(inputs: Inputs, _: None) -> Outputs:
    """A draw of the state after the step, as its difference from the smoothed mean."""
    n, first = len(inputs.model.state), len(inputs.model.inputs)
    away = inputs.array("carry", inputs.model.state)
    F, b, Q, bad = linear_step(inputs)
    w = information.before_motion(_later(inputs), F, b, Q)[1]
    xi = inputs.array("u", [f"xi{i}" for i in range(n)], first)[: len(w.d)]
    pushed = product(w.B, away) + product(w.M, np.sqrt(w.d) * xi)
    return outputs(product(F, away) + product(Q.G, pushed), [], bad)


def outputs(new: Any, record: Any, bad: Any, unsound: Any = False) -> Outputs:
    """What is carried and recorded, if it is sound, finite, and the noise of the motion is a covariance."""
    sound = all_finite(new)
    if len(record):
        sound = sound & all_finite(record)
    if unsound is not False:
        sound = sound & negated(unsound)
    return Outputs(
        new, sound & negated(bad), record, status={Status.NONFINITE: negated(sound) & negated(bad)}
    )


def linear_step(inputs: Inputs) -> tuple[Array, Array, Factored, Any]:
    """The motion x' = F x + b + G w, w ~ N(0, variances), and whether its noise is not a covariance. Noises that are
    known to be 0 are left out; the others are at most as many as states."""
    F, b = _affine(inputs, inputs.model.motion)
    whole, bad = process_noise(inputs)
    moved = [j for j, v in enumerate(whole.variances) if not known_zero(v)]
    Q = Factored(whole.G.astype(F.dtype)[:, moved], np.array([whole.variances[j] for j in moved], F.dtype))
    return F, b, Q if len(moved) <= len(F) else Factored(*ud.combine(Q.G, Q.variances)), bad


def _affine(inputs: Inputs, part: Motion | Sensor) -> tuple[Array, Array]:
    """The slope and the constant of the part's function, which is linear in the state."""
    n = len(inputs.model.state)
    if not inputs.traced:
        zeros = np.zeros(n)
        inputs.belief = gaussian.Belief(zeros, np.eye(n), zeros)
    x = inputs.belief.x
    slope = inputs.curve(part).linearise(x)[1]
    return slope, inputs.function(part)(np.full(n, 0.0, x.dtype))


def _carried_equations(inputs: Inputs) -> Equations:
    n = len(inputs.model.state)
    return _equations_of(inputs.array("carry", labelled("later", equations_size(n))), n)


def _later(inputs: Inputs) -> Equations:
    n = len(inputs.model.state)
    return _equations_of(inputs.array("z", labelled("later", equations_size(n))), n)


def _packed(equations: Equations) -> Any:
    """Equations as numbers: y, the triangle of C, d."""
    return joined(equations.y, stored(equations.C, equations.C.diagonal()), equations.d)


def _equations_of(values: Any, n: int) -> Equations:
    C, diagonal = factor_of(values[n : len(values) - n], n)
    return Equations(with_diagonal(C, diagonal), values[:n], values[len(values) - n :])


def labelled(what: str, count: int) -> list[str]:
    return [f"{what} {i}" for i in range(count)]


def layout_of(model: Model, what: str, carry: list[str], z: list[str], more: int = 0) -> Kernel:
    return Kernel(
        name=f"{what} of {', '.join(model.state)}",
        dtype="float64",
        stages=(),
        carry=tuple(carry),
        widths={
            "u": len(model.inputs) + more,
            "row": len(row_labels(model)),
            "z": len(z),
            "params": len(model.parameters),
        },
        labels={
            "u": model.inputs,
            "row": row_labels(model),
            "z": tuple(z),
            "params": tuple(model.parameters),
        },
    )
