"""How far a model's functions bend over what is known of the state: row by row, in standard deviations.

At each row's own belief the moments of f and of each h are computed twice, from the Taylor term and from sigma
points, and compared. Where they agree, an EKF has nothing to lose; where they differ, the table says which function,
when, and by how much. The filter runs once more for it: one stage before each of its own looks, and changes nothing.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.engine.cache import without_records
from foglight.compiler.engine.engine import COMPILED_BELOW, Engine
from foglight.compiler.engine.reference import opaque_functions
from foglight.compiler.kernel import Kernel, Stage
from foglight.compiler.kernels.filter import TRACED_BELOW, Inputs, SymbolicCurve, indices, make_kernel
from foglight.compiler.user_functions import (
    full_noise,
    motion_function,
    motion_noise,
    noise_of,
    sensor_function,
    sensor_noise,
)
from foglight.core.locks import COMPILING
from foglight.data.log import Log
from foglight.data.table import Table
from foglight.diagnostics.compare.known_rows import known_rows
from foglight.equations import unscented
from foglight.equations.angles import wrap
from foglight.equations.gaussian import Belief
from foglight.inference.run import Run
from foglight.methods.layout import wrapped
from foglight.methods.methods import EKF, UKF, Method
from foglight.model.model import Model, Sensor
from foglight.trace import derivatives, ops
from foglight.trace.graph import Graph
from foglight.trace.ops import all_finite, select, total
from foglight.trace.primitives import TooLongError
from foglight.trace.program import Program, lower

Array = NDArray[Any]


class Curvature(Table):
    """A row a log row. names: of the values of f, then of each h, `gap`, `radar.range`.

    shift (T, N): by how much the mean moves from the Taylor term to sigma points, signed: for a state in predicted
    standard deviations; for a measure in those of its noise (of its innovation where it has none), since so far off is
    what is taken in. widening (T, N): the standard deviation from sigma points by that from the Taylor term, less 1;
    a measure's is its innovation's. NaN where nothing moved, nothing was measured, or something of the state is yet
    unknown. A leading axis where tracks share their times.
    """

    def __init__(self, names: tuple[str, ...], shift: Array, widening: Array, log: Log) -> None:
        self.names = names
        self.shift = shift
        self.widening = widening
        self.log = log

    def columns(self) -> dict[str, Array]:
        """time (and track), then `gap_shift`, `gap_widening`, …"""
        clock = {name: values for name, values in self.log.columns().items() if name in ("time", "track")}
        count = len(self.names)
        shift, widening = self.shift.reshape(-1, count), self.widening.reshape(-1, count)
        for i, name in enumerate(self.names):
            clock |= {f"{name}_shift": shift[:, i], f"{name}_widening": widening[:, i]}
        return clock

    @property
    def size(self) -> Array:
        """The larger of |shift| and |widening| (T, N)."""
        return np.fmax(np.abs(self.shift), np.abs(self.widening))

    @property
    def largest(self) -> tuple[float, str, int]:
        """The largest of all: how large, of which function, in which row; (0, "", -1) where nothing bends."""
        flat = self.size.reshape(-1, len(self.names))
        if not np.nanmax(flat, initial=0.0) > 0.0:
            return 0.0, "", -1
        row, column = np.unravel_index(int(np.nanargmax(flat)), flat.shape)
        return float(flat[row, column]), self.names[column], int(row)

    @property
    def typical(self) -> float:
        """The median over the rows of the largest in each; 0 where nothing bends."""
        flat = self.size.reshape(-1, len(self.names))
        said = ~np.isnan(flat).all(axis=1)
        return float(np.median(np.nanmax(flat[said], axis=1))) if said.any() else 0.0


def curvature_of(run: Run) -> Curvature | None:
    """How the functions bend at a run's own beliefs; None where nothing can be compiled (opaque, or too large)."""
    engine = _engine(run.model, run.method if run.method.factored else EKF())
    if engine is None:
        return None
    records = np.full((*run._kept.shape[:2], engine.kernel.width), np.nan)
    for place, arrays in known_rows(run):
        records[place] = engine.run(arrays)[1]
    records = records if run.log.tracks is not None else records[0]
    half = engine.kernel.width // 2
    unused = np.isnan(run.innovation)
    for first in (half - unused.shape[-1], engine.kernel.width - unused.shape[-1]):
        records[..., first : first + unused.shape[-1]][unused] = np.nan
    return Curvature(_names(run.model), records[..., :half], records[..., half:], run.log)


def _names(model: Model) -> tuple[str, ...]:
    return (*model.state, *(f"{s.name}.{m}" for s in model.sensors for m in s.measures))


def _engine(model: Model, method: Method) -> Engine | None:
    key = (repr(method), "curvature")
    with COMPILING:
        if key not in model.kernels:
            try:
                kernel = None if opaque_functions(model) else curvature_kernel(model, method)
            except TooLongError:
                kernel = None
            small = kernel is not None and kernel.size <= COMPILED_BELOW
            model.kernels[key] = Engine(kernel) if kernel is not None and small else None
        engine: Engine | None = model.kernels[key]
        return engine


def curvature_kernel(model: Model, method: Method) -> Kernel:
    """The method's kernel with a stage before each of its own that records shift and widening, and changes nothing."""
    kernel = without_records(make_kernel(model, method))
    names = _names(model)
    predict, *updates = kernel.stages
    n = len(model.state)

    def looking(stage: Stage, first: int, count: int, build: Callable[[Inputs], Any]) -> Stage:
        graph = Graph(limit=TRACED_BELOW)
        shift, widening = build(Inputs(model, method, graph))
        carry = [graph.input(("carry", i), label) for i, label in enumerate(kernel.carry)]
        outputs = {
            "carry": carry,
            "commit": [all_finite([*shift, *widening])],
            "record": [*shift, *widening],
            "sums": [],
            "status": [],
        }
        place = (*range(first, first + count), *range(len(names) + first, len(names) + first + count))
        program = lower(Program.of(graph, outputs), kernel.dtype)
        return Stage(f"{stage.name} bends", program, stage.trigger, place)

    stages = [looking(predict, 0, n, _motion_bend), predict]
    first = n
    for sensor, update in zip(model.sensors, updates, strict=True):
        m = len(sensor.measures)
        stages += [looking(update, first, m, lambda inputs, s=sensor: _sensor_bend(inputs, s)), update]  # type: ignore[misc]
        first += m
    return replace(kernel, stages=tuple(stages), width=2 * len(names))


def _motion_bend(inputs: Inputs) -> tuple[list[Any], list[Any]]:
    model = inputs.model
    angles = indices(model.motion.angles, model.state)
    curve = SymbolicCurve(inputs.graph, motion_function(inputs), angles)
    Q, _ = noise_of(motion_noise(inputs), "motion.noise", len(model.state))
    noise = [total(list(row * row * Q.variances)) for row in Q.G]
    return _bend(inputs, curve, noise, predicted=True)


def _sensor_bend(inputs: Inputs, sensor: Sensor) -> tuple[list[Any], list[Any]]:
    curve = SymbolicCurve(
        inputs.graph, sensor_function(inputs, sensor), indices(sensor.angles, sensor.measures)
    )
    R = full_noise(sensor_noise(inputs, sensor), f"{sensor.name}.noise", len(sensor.measures))
    return _bend(inputs, curve, list(R.diagonal()), predicted=False)


def _bend(
    inputs: Inputs, curve: SymbolicCurve, noise: list[Any], predicted: bool
) -> tuple[list[Any], list[Any]]:
    """shift and widening of each value of the curve. predicted: in units of what is predicted, else of the noise."""
    belief: Belief = inputs.belief
    y, F = curve.linearise(belief.x)
    if derivatives.linear(inputs.graph, y, belief.x):
        return [0.0] * len(y), [0.0] * len(y)
    weights = UKF().weights(len(belief.x))
    centre, s, d = curve.spread(belief.x, unscented.points(belief, weights))
    mean, deviations = unscented.moments(centre, s, d, weights, curve.angles)
    moved = mean - wrapped(y, curve.angles)
    straight = _variances(F @ belief.U, belief.D)
    bent = _variances(deviations, np.full(deviations.shape[1], 1.0 / weights.square))
    shifts, widenings = [], []
    for i, (linear, curved, r) in enumerate(zip(straight, bent, noise, strict=True)):
        rise = wrap(moved[i]) if i in curve.angles else moved[i]
        whole = linear + r
        unit = whole if predicted else select(ops.positive(r), r, whole)
        shifts.append(rise * np.sqrt(ops.reciprocal(unit)))
        widenings.append(
            np.sqrt((curved + r) * ops.reciprocal(whole)) - select(ops.positive(whole), 1.0, 0.0)
        )
    return shifts, widenings


def _variances(columns: Array, weights: Array) -> list[Any]:
    """The variances of C diag(w) Cᵀ."""
    return [total(list(row * row * weights)) for row in columns]
