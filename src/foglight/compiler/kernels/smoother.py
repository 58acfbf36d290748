"""The scan of a smoother: an ordinary kernel of one stage, run by the ordinary engine on rows in reverse.

What a filter calls z is here the belief that it recorded after row k; dt, u and row are those that lead to row k + 1;
carried is what all readings say of row k + 1, and what the stage leaves is what they say of row k:

    smooth   carry: belief of x_k+1              record: nothing, or Cov(x_k+1, x_k) of all readings
    draw     carry: a value of x_k+1             u: behind the controls, n standard normals

Where the filter had no time to predict over (dt = 0), or could not and left the belief standing, the stage does not
commit: x_k is x_k+1. Its Program decides that by the filter's own operations.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from foglight.compiler.curves import SymbolicCurve
from foglight.compiler.engine.arrays import Arrays, placed
from foglight.compiler.engine.engine import COMPILED_BELOW, Engine
from foglight.compiler.engine.reference import Given, Numbers, NumericCurve, NumericProgram, ReferenceEngine
from foglight.compiler.inputs import TRACED_BELOW, Inputs, indices, row_labels
from foglight.compiler.kernel import Kernel, Stage
from foglight.compiler.kernels.smoother_stage import (
    DRAW,
    LAG_ONE,
    Ahead,
    backward_outputs,
    belief_after,
    look_ahead,
    plain_method,
    recorded,
)
from foglight.compiler.user_functions import motion_function
from foglight.core.errors import Status
from foglight.core.locks import COMPILING
from foglight.core.types import Array
from foglight.methods.method import Method
from foglight.model.model import Model, opaque_functions
from foglight.trace.graph import Graph
from foglight.trace.named_vector import Vector
from foglight.trace.primitives import TooLongError
from foglight.trace.program import Program, lower


def backward_engine(model: Model, method: Method, what: str) -> Engine | ReferenceEngine:
    """The engine that smooths, smooths and tells lag-one covariances, or draws; made once."""
    key = (repr(method), "backward", what)
    with COMPILING:
        if key not in model.kernels:
            model.kernels[key] = _new_engine(model, method, what)
        engine: Engine | ReferenceEngine = model.kernels[key]
        return engine


def belief_size(n: int) -> int:
    """Numbers of a belief: n means and a triangle."""
    return n + n * (n + 1) // 2


def _new_engine(model: Model, method: Method, what: str) -> Engine | ReferenceEngine:
    opaque = [name for name in opaque_functions(model) if name.startswith("motion.")]
    if opaque:
        return _Reference(model, method, what, f"{', '.join(opaque)} cannot be traced")
    try:
        kernel = backward_kernel(model, method, what)
    except TooLongError:
        return _Reference(model, method, what, "the model is too large to compile")
    if kernel.size > COMPILED_BELOW:
        return _Reference(model, method, what, f"{kernel.size} operations are too many to compile")
    return Engine(kernel)


def backward_kernel(model: Model, method: Method, what: str, dtype: str = "float64") -> Kernel:
    """The kernel of a backward scan."""
    graph = Graph(limit=TRACED_BELOW)
    inputs = _Symbols(model, method, what, graph)
    curve = SymbolicCurve(graph, motion_function(inputs), indices(model.motion.angles, model.state))
    outputs = backward_outputs(inputs, look_ahead(inputs, curve), curve.angles, what)
    program = lower(Program.of(graph, outputs), dtype)
    note = curve.note(method, "motion.dynamics")
    return _lay_out(model, method, program, what, note, dtype)


def _lay_out(
    model: Model, method: Method, program: Any, what: str, note: str = "", dtype: str = "float64"
) -> Kernel:
    n, size = len(model.state), _given_size(model, method)
    carry = _carry_labels(model, method, what)
    record = tuple(range(n * n)) if what == LAG_ONE else ()
    resets = _resets(method)
    # A row in which the filter began anew says so in one more number; it is present whatever dt is.
    trigger = (("dt", 0), *[("z", size)] * resets)
    stage = Stage(what, program, trigger, record, (Status.NONFINITE,), note=note)
    return Kernel(
        name=f"{what} of {', '.join(model.state)}",
        dtype=dtype,
        stages=(stage,),
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


class _Symbols(Inputs):
    """What the backward stage starts from: `belief` is the filtered one, `after` what is known of the next row."""

    def __init__(self, model: Model, method: Method, what: str, graph: Graph) -> None:
        super().__init__(model, method, graph)
        n, size = len(model.state), _given_size(model, method)
        labels = _carry_labels(model, method, what)
        carry = np.array([graph.input(("carry", i), label) for i, label in enumerate(labels)])
        self.belief = recorded(
            method, np.array([graph.input(("z", i), f"filtered {i}") for i in range(size)]), n
        )
        self.after = carry if what == DRAW else belief_after(method, carry, n)
        first = len(model.motion.controls)
        self.xi = np.array([graph.input(("u", first + i), f"xi{i}") for i in range(n * (what == DRAW))])
        self.anew = graph.input(("z", size), "anew") if _resets(method) else None


class _Floats(Numbers):
    """The same on floats."""

    def __init__(self, model: Model, method: Method, what: str, given: Given) -> None:
        self.model, self.method, self.given = model, method, given
        n, size = len(model.state), _given_size(model, method)
        carry = np.array(self._floats("carry", 0, len(_carry_labels(model, method, what))))
        self.belief = recorded(method, np.array(self._floats("z", 0, size)), n)
        self.after = carry if what == DRAW else belief_after(method, carry, n)
        self.clocks = {}
        self.dt = self._float("dt", 0)
        self.u = Vector(model.motion.controls, self._floats("u", 0, len(model.motion.controls)), "control")
        self.xi = np.array(self._floats("u", len(model.motion.controls), n * (what == DRAW)))
        self.anew = self._float("z", size) if _resets(method) else None


class _Stage(NumericProgram):
    """The backward stage as the equations themselves."""

    def __init__(self, model: Model, method: Method, what: str) -> None:
        super().__init__(model, method, model.motion, 0, False)
        self.what = what
        self.latest: tuple[bytes, Ahead] | None = None

    def evaluate(self, given: Given) -> dict[str, list[Any]]:
        inputs = _Floats(self.model, self.method, self.what, given)
        angles = indices(self.model.motion.angles, self.model.state)
        outputs = backward_outputs(inputs, self._ahead(inputs, given, angles), angles, self.what)
        return {group: [np.atleast_1d(v) for v in values] for group, values in outputs.items()}

    def _ahead(self, inputs: _Floats, given: Given, angles: tuple[int, ...]) -> Ahead:
        """What does not depend on the row after: the same for all draws of a row, and computed for the first."""
        row = b"".join(
            np.asarray(given[key]).tobytes()
            for key in sorted(given)
            if key[0] != "carry" and (key[0] != "u" or key[1] < len(self.model.motion.controls))
        )
        latest = self.latest
        if latest is None or latest[0] != row:
            curve = NumericCurve(self, given, motion_function(inputs), angles, inputs.stds())
            self.latest = latest = row, look_ahead(inputs, curve)
        return latest[1]


class _Reference(ReferenceEngine):
    """A backward scan row by row on floats."""

    def __init__(self, model: Model, method: Method, what: str, reason: str) -> None:
        self._reason = reason
        self.kernel = _lay_out(model, method, _Stage(model, method, what), what)

    def run(self, arrays: Arrays, out: Array | None = None) -> tuple[Array, Array]:
        """As any engine. Tracks of one log, which are draws, go through each row together."""
        if arrays.first is not None or len(arrays.z) > 1 or arrays.tracks == 1:
            return super().run(arrays, out)
        carry, parts = arrays.carry, []
        for k in range(len(arrays.dt)):
            row = replace(arrays.rows_of(k, k + 1), carry=carry)
            carry, part = super().run(row)
            parts.append(part)
        return placed((carry, np.concatenate(parts, axis=1)), out)
