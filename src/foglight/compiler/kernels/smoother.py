"""The smoother: an ordinary kernel of one stage, run by the ordinary engine on rows in reverse.

What a filter calls z is here the belief that it recorded after row k; dt, u and row are those that lead to row k + 1;
carried is what all readings say of row k + 1, and what the stage leaves is what they say of row k:

    smooth   carry: belief of x_k+1              record: nothing, or Cov(x_k+1, x_k) of all readings
    draw     carry: a value of x_k+1             u: behind the controls, n standard normals

Where the filter had no time to predict over (dt = 0), or could not and left the belief unchanged, the stage does not
commit: x_k is x_k+1. Its Program decides that by the filter's own operations.
"""

import functools

import numpy as np

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
from foglight.methods.layout import belief_size
from foglight.methods.method import Method
from foglight.model.model import MOTION, Model


def smoother_recipe(model: Model, method: Method, what: str, dtype: str = "float64") -> Recipe:
    """The recipe of a backward scan that smooths, smooths with lag-one covariances, or draws."""
    n, size = len(model.state), _given_size(model, method)
    carry = _carry_labels(model, method, what)
    record = tuple(range(n * n)) if what == LAG_ONE else ()
    resets = _resets(method)
    layout = Kernel(
        name=f"{what} of {', '.join(model.state)}",
        dtype=dtype,
        stages=(),
        carry=carry,
        widths={
            "u": len(model.motion.controls) + (n if what == DRAW else 0),
            "row": len(row_labels(model)),
            "z": size + resets,
            "params": len(model.parameters),
        },
        labels={"u": model.motion.controls, "row": row_labels(model), "params": tuple(model.parameters)},
        snapshots={} if what == LAG_ONE else {0: 0},
        width=n * n if what == LAG_ONE else len(carry),
    )
    stage = StageRecipe(
        name=what,
        # A row in which the filter began anew says so in one more number; it is present whatever dt is.
        trigger=(("dt", 0), *[("z", size)] * resets),
        outputs=functools.partial(_back, what=what),
        status=(Status.NONFINITE,),
        record=record,
        shared=_ahead,
    )
    return Recipe(model, method, layout, (stage,), (MOTION,))


def _ahead(inputs: Inputs) -> Ahead:
    """What the filtered belief says of the row after, whatever that turned out to be."""
    model, method = inputs.model, inputs.method
    labels = [f"filtered {i}" for i in range(_given_size(model, method))]
    inputs.belief = recorded(method, np.array(inputs.numbers("z", labels)), len(model.state))
    return look_ahead(inputs, inputs.curve(model.motion))


def _back(inputs: Inputs, ahead: Ahead, *, what: str) -> Outputs:
    """What all readings say of this row."""
    model, method = inputs.model, inputs.method
    n, controls = len(model.state), len(model.motion.controls)
    carry = np.array(inputs.numbers("carry", _carry_labels(model, method, what)))
    after = After(
        carry if what == DRAW else belief_after(method, carry, n),
        np.array(inputs.numbers("u", [f"xi{i}" for i in range(n * (what == DRAW))], controls)),
        inputs.number("z", _given_size(model, method), "anew") if _resets(method) else None,
    )
    return backward_outputs(method, ahead, after, inputs.angles(model.motion), what)


def _carry_labels(model: Model, method: Method, what: str) -> tuple[str, ...]:
    if what == DRAW:
        return model.state
    n = len(model.state)
    return tuple(f"after {i}" for i in range(belief_size(n) + n * method.directions))


def _given_size(model: Model, method: Method) -> int:
    """Numbers of a filtered belief: beside those of a known one, each unknown direction and its weight."""
    n = len(model.state)
    return belief_size(n) + method.directions * (n + 1)


def _resets(method: Method) -> int:
    """1 where the filter may widen its belief after a rejection, and so begin anew; else 0."""
    guards = plain_method(method)
    return int(bool(guards.gate) and np.isfinite(guards.recover))
