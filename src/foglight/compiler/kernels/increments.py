"""The kernel of a likelihood whose gains come from the increments of the covariance (`equations.increments`).

It takes a log from the row on at which the first readings have determined all states. Rows without a reading and with
dt > 0 begin: from the parameters they make the gains; x is given. Every other row has a reading, and dt = 0.

    carry = x (n), k (n), m (n), S, S at the beginning, the NIS so far
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.delayed_start import is_delayed, is_plain_linear
from foglight.compiler.inputs import SymbolInputs
from foglight.compiler.kernel import SEEN, Kernel, Stage
from foglight.compiler.kernels.filter import filter_recipe
from foglight.compiler.kernels.gradient import gradient_kernel
from foglight.compiler.user_functions import measurement_noise, motion_noise
from foglight.core.errors import Status
from foglight.core.types import Array, Floats
from foglight.equations.gaussian import Factored
from foglight.equations.increments import Beginning, Gains
from foglight.equations.measurement import LOG_2PI
from foglight.methods.method import Method
from foglight.model.model import Model
from foglight.trace.graph import Graph
from foglight.trace.ops import all_finite, negated, reciprocal
from foglight.trace.primitives import TooLongError
from foglight.trace.program import Program, lower, reach
from foglight.trace.symbol import Symbol

# The least share of S at the beginning that is left of it: below, digits are lost, and the filter itself is taken.
LEAST = 2.0**-20
LOST = Status.ILL_CONDITIONED
# Operations of a gradient, at most: with more, as of many states that all move one another, compiling takes too long.
_LONGEST = 8_000


def digits_lost(carry: Array) -> NDArray[np.bool_]:
    """Where the last carry (…, carried) says that digits were lost, so that the filter itself is to be taken."""
    return np.asarray(carry[..., SEEN].astype(np.int64) & int(LOST) != 0)


@dataclass(frozen=True)
class Increments:
    """Kernels by increments for steps of one length: of the likelihood, and of its gradient, which carries the same
    numbers first.

    offsets (n,): the readings of the first n rows for a mean that begins at 0, and where it is then, `offset` (n,).
    """

    likelihood: Kernel
    gradient: Kernel
    beginning: Beginning
    offsets: Floats
    offset: Floats

    @property
    def nis(self) -> int:
        """The index of the NIS so far among what is carried."""
        return 3 * self.states + 2

    @property
    def states(self) -> int:
        """How many states there are, and rows before the kernel begins."""
        return len(self.offset)

    def means(self, readings: Array) -> Array:
        """The means (K, n) of the states in the row after these readings (K, n)."""
        found = np.tile(self.offset, (len(readings), 1))
        for reading, offset, column in zip(
            readings.T, self.offsets, self.beginning.from_readings.T, strict=True
        ):
            found += (reading - offset)[:, None] * column
        return found

    @property
    def loglik(self) -> float:
        """The log-likelihood of these readings: each was all that is known about a direction."""
        return -self.beginning.log_det - 0.5 * self.states * LOG_2PI


class _Inputs(SymbolInputs):
    """Inputs of rows that are a step of one length apart."""

    def __init__(self, model: Model, method: Method, graph: Graph, step: float) -> None:
        self._step = step
        super().__init__(model, method, graph)

    def number(self, source: str, index: int, label: str) -> Any:
        return self.graph.constant(self._step) if source == "dt" else super().number(source, index, label)


def increments_of(model: Model, method: Method, which: tuple[int, ...], step: float) -> Increments | None:
    """The kernels, the gradient in the parameters with these indices; None for a model or a method of another kind."""
    one = len(model.sensors) == 1 and len(model.sensors[0].measures) == 1
    if not one or model.start is not None or model.inputs or model.rows or not which:
        return None
    if not is_plain_linear(model, method) or is_delayed(model, method):
        return None
    try:
        return _traced(model, method, which, step)
    except TooLongError:
        return None


def _traced(model: Model, method: Method, which: tuple[int, ...], step: float) -> Increments | None:
    graph, n = Graph(limit=_LONGEST), len(model.state)
    inputs, sensor = _Inputs(model, method, graph, step), model.sensors[0]
    x = np.array([graph.input(("carry", i), name) for i, name in enumerate(model.state)], object)
    (y, F), (mean, H) = (inputs.curve(part).linearise(x) for part in (model.motion, sensor))
    Q, R = motion_noise(inputs), measurement_noise(inputs, sensor, [True])[0]
    if not isinstance(Q, Factored):
        if any(Q[i, j] is not graph.zero and Q[i, j] != 0.0 for i in range(n) for j in range(n) if i != j):
            return None
        Q = Factored(np.eye(n), np.diagonal(Q))
    known = [found for matrix in (F, H, Q.G) if (found := _numbers(matrix)) is not None]
    variances = [graph.lift(v) for v in (*Q.variances, R[0, 0])]
    if len(known) < 3 or not _of_parameters(variances):
        return None
    F, H, G = known
    some = [j for j, v in enumerate(variances[:-1]) if v is not graph.zero]
    beginning = Beginning.of(F, H[0], G[:, some])
    if beginning is None:
        return None
    variances = [variances[j] for j in (*some, -1)]
    stages = (_begins(graph, x, beginning, variances), _steps(graph, inputs, x, y, F, mean[0], H[0]))
    layout = filter_recipe(model, method).layout
    labels = [f"{what} {name}" for what in ("x", "k", "m") for name in model.state]
    kernel = Kernel(
        f"increments of {', '.join(model.state)}", layout.dtype, stages, (*labels, "S", "S first", "nis"),
        layout.widths, layout.labels,
    )  # fmt: skip
    b, d = (np.array([_at_zero(graph, v, x) for v in values]) for values in (y, mean))
    offsets, at = [], np.zeros(n)
    for _ in range(n):
        offsets.append(float(H[0] @ at + d[0]))
        at = F @ at + b
    lowered = replace(
        kernel, stages=tuple(replace(s, program=lower(s.program, kernel.dtype)) for s in stages)
    )
    gradient = gradient_kernel(kernel, which, 2 * _LONGEST)
    if gradient.size > _LONGEST:
        return None
    return Increments(lowered, gradient, beginning, np.array(offsets), at)


def _begins(graph: Graph, x: Any, beginning: Beginning, variances: list[Any]) -> Stage:
    """The gains in a first row."""
    k, m, S = beginning.gains(variances)
    refused = negated(S > 0.0)
    for v in variances:
        refused = refused | (v < 0.0)
    return _stage(
        graph,
        "begin",
        ("dt", 0),
        [*x, *k, *m, S, S, 0.0],
        [],
        [],
        {Status.INDEFINITE: refused},
        negated(refused),
    )


def _steps(graph: Graph, inputs: SymbolInputs, x: Any, y: Any, F: Any, mean: Any, h: Any) -> Stage:
    """A reading, and the prediction of the next row."""
    n, sensor = len(x), inputs.model.sensors[0]
    carried = np.array([graph.input(("carry", n + i)) for i in range(2 * n + 3)], object)
    gains, (first, so_far) = Gains(carried[:n], carried[n : 2 * n], carried[2 * n]), carried[2 * n + 1 :]
    [z] = inputs.numbers("z", [f"{sensor.name}.{name}" for name in sensor.measures])
    e, inverse = z - mean, reciprocal(gains.S)
    nis = e * e * inverse
    loglik = -0.5 * (nis + np.log(gains.S) + LOG_2PI)
    if sensor.transform is not None:
        loglik = loglik + sensor.transform.log_slope(z)
    after = gains.next(np.array(F, object), np.array(h, object))
    moved = [a + k * (e * inverse) for a, k in zip(y, gains.k, strict=True)]
    new = [*moved, *after.k, *after.m, after.S, first, so_far + nis]
    finite = all_finite([*new, loglik])
    status = {Status.NONFINITE: negated(finite), LOST: (first > 0.0) & (after.S <= LEAST * first)}
    return _stage(graph, sensor.name, ("z", 0), new, [nis, loglik], [e, gains.S], status, finite)


def _stage(
    graph: Graph,
    name: str,
    trigger: tuple[str, int],
    carry: list[Any],
    sums: list[Any],
    white: list[Any],
    status: dict[Status, Any],
    commit: Any,
) -> Stage:
    outputs = {
        "carry": carry,
        "commit": [commit],
        "record": [],
        "sums": sums,
        "status": list(status.values()),
    }
    outputs |= {"white": white} if white else {}
    program = Program.of(graph, {key: [graph.lift(v) for v in group] for key, group in outputs.items()})
    return Stage(name, program, (trigger,), status=tuple(status), used=Status.USED if sums else Status(0))


def _numbers(matrix: Any) -> Floats | None:
    """A matrix of constants as numbers; None if it is none."""
    values = [v.value if isinstance(v, Symbol) and v.op == "const" else v for v in np.ravel(matrix)]
    if any(isinstance(v, Symbol) for v in values):
        return None
    return np.array(values, float).reshape(np.shape(matrix))


def _of_parameters(values: list[Symbol]) -> bool:
    """Whether nothing but parameters is read."""
    return all(node.op != "input" or node.value[0] == "params" for node in reach(values))


def _at_zero(graph: Graph, value: Any, x: Any) -> float:
    """A linear function of x, where that is 0."""
    program = Program.of(graph, {"y": [graph.lift(value)]})
    return float(program.evaluate({node.value: 0.0 for node in x})["y"][0])
