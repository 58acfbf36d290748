"""The smoother: an ordinary kernel of one stage, run by the ordinary engine on rows in reverse.

Here z is the belief that the filter recorded after row k, the scale of Q if that is adapted, and the anchors of
rotations; dt, u and row are those of the step to row k + 1. The stage reads the result given all readings for row k + 1
from the carry, and replaces it by the same for row k:

    smooth   carry: belief of x_k+1              record: nothing, or Cov(x_k+1, x_k) given all readings
    draw     carry: a value of x_k+1             u: after the controls, n standard normals

If the filter had no time to predict over (dt = 0), or could not predict and left the belief unchanged, the stage does
not commit: x_k is x_k+1. Its Program decides this by the filter's own operations.
"""

import functools

import numpy as np

from foglight.compiler.adaptation import Adapted
from foglight.compiler.inputs import Inputs, row_labels
from foglight.compiler.kernel import Kernel
from foglight.compiler.kernels.smoother_stage import (
    DRAW,
    LAG_ONE,
    After,
    Ahead,
    backward_outputs,
    belief_after,
    look_ahead,
    plain_method,
    recorded,
)
from foglight.compiler.recipe import Outputs, Recipe, StageRecipe
from foglight.core.errors import Status
from foglight.methods import adaptation
from foglight.methods.layout import belief_size
from foglight.methods.method import Method
from foglight.model.model import MOTION, Model

# Operations on scalars. With more, whole arrays are two to three times as fast for one series, if not for many tracks.
LINES_BELOW = 12_000
DRAWS_BELOW = 20_000  # draws are many tracks, which fill the lanes


def smoother_recipe(model: Model, method: Method, what: str, dtype: str = "float64") -> Recipe:
    """The recipe of a backward scan that smooths, smooths with lag-one covariances, or draws."""
    n, size = len(model.state), _given_size(model, method)
    carry = _carry_labels(model, method, what)
    record = tuple(range(n * n)) if what == LAG_ONE else ()
    reset = resets(method)
    layout = Kernel(
        name=f"{what} of {', '.join(model.state)}",
        dtype=dtype,
        stages=(),
        carry=carry,
        widths={
            "u": len(model.inputs) + (n if what == DRAW else 0),
            "row": len(row_labels(model)),
            "z": size + reset + _scaled(method) + model.charts.size,
            "params": len(model.parameters),
        },
        labels={"u": model.inputs, "row": row_labels(model), "params": tuple(model.parameters)},
        snapshots={} if what == LAG_ONE else {0: 0},
        width=n * n if what == LAG_ONE else len(carry),
    )
    stage = StageRecipe(
        name=what,
        # One more number of z is not NaN if the filter was reset in the next row; the stage is then present for any dt.
        trigger=(("dt", 0), *[("z", size)] * reset),
        outputs=functools.partial(_back, what=what),
        status=(Status.NONFINITE,),
        record=record,
        shared=_ahead,
    )
    below = DRAWS_BELOW if what == DRAW else LINES_BELOW
    return Recipe(model, method, layout, (stage,), (MOTION,), below if dtype == "float64" else None)


def _ahead(inputs: Inputs) -> Ahead:
    """What the filtered belief alone implies for the step to the next row."""
    model, method = inputs.model, inputs.method
    labels = [f"filtered {i}" for i in range(_given_size(model, method))]
    inputs.belief = recorded(method, inputs.array("z", labels), len(model.state))
    last = len(labels) + resets(method)
    inputs.adapted = Adapted({}, inputs.number("z", last, "scale of the noise") if _scaled(method) else None)
    inputs.anchor = inputs.numbers("z", model.charts.labels, last + _scaled(method))
    return look_ahead(inputs, inputs.curve(model.motion))


def _back(inputs: Inputs, ahead: Ahead, *, what: str) -> Outputs:
    """The result for this row given all readings."""
    model, method = inputs.model, inputs.method
    n, controls = len(model.state), len(model.inputs)
    carry = inputs.array("carry", _carry_labels(model, method, what))
    after = After(
        carry if what == DRAW else belief_after(method, carry, n),
        inputs.array("u", [f"xi{i}" for i in range(n * (what == DRAW))], controls),
        inputs.number("z", _given_size(model, method), "anew") if resets(method) else None,
    )
    return backward_outputs(method, ahead, after, inputs.angles(model.motion), what)


def _carry_labels(model: Model, method: Method, what: str) -> tuple[str, ...]:
    if what == DRAW:
        return model.state
    n = len(model.state)
    return tuple(f"after {i}" for i in range(belief_size(n) + n * method.directions))


def _given_size(model: Model, method: Method) -> int:
    """Numbers of a filtered belief: mean and triangle, then each unknown direction and its weight."""
    n = len(model.state)
    return belief_size(n) + method.directions * (n + 1)


def _scaled(method: Method) -> int:
    """1 if the filter adapts the noise of the motion, whose scale is then the last number of z; else 0."""
    return int(adaptation.of_motion(method.adaptations) is not None)


def resets(method: Method) -> int:
    """1 if the filter may widen its belief after a rejection, which is a reset; else 0."""
    guards = plain_method(method)
    return int(bool(guards.gate) and np.isfinite(guards.recover))
