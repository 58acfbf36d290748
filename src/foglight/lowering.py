"""From a model and a method to the Kernel that a backend compiles."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.equations.angles import wrap
from foglight.equations.factored import split
from foglight.errors import FoglightError, ModelError, Status
from foglight.kernel import Kernel, Stage
from foglight.methods import Curve, Method, belief_of, carried, upper
from foglight.model import Model, Motion, Sensor
from foglight.noise import Factored
from foglight.trace import diff
from foglight.trace.difference import difference
from foglight.trace.graph import Graph
from foglight.trace.place import foreign, of_frame
from foglight.trace.program import Program, lower
from foglight.trace.symbol import Symbol, absolute, negated, select, total
from foglight.trace.vector import Vector

Array = NDArray[Any]
TRACED_BELOW = 60_000  # nodes; a longer trace would not be compiled anyway


class SymbolicCurve:
    """A user's function on symbols: exact derivatives and exact differences."""

    def __init__(self, graph: Graph, function: Callable[[Array], Array], angles: tuple[int, ...]) -> None:
        self.graph = graph
        self.function = function
        self.angles = angles

    def linearise(self, x: Array) -> tuple[Array, Array]:
        y = self.function(x)
        return y, diff.jacobian(self.graph, y, x)

    def spread(self, x: Array, columns: Array) -> tuple[Array, Array, Array]:
        y = self.function(x)
        return y, *difference(self.graph, y, x, columns)


class Inputs:
    """The symbols that a stage starts from, named for the reader of generated code."""

    def __init__(self, model: Model, method: Method, graph: Graph) -> None:
        self.model = model
        self.method = method
        self.graph = graph
        self.dt = graph.input(("dt", 0), "dt")
        self.carry = np.array([graph.input(("carry", i), name) for i, name in enumerate(carry_labels(model, method))])
        self.belief = belief_of(method, self.carry, len(model.state))
        self.u = self._vector("control", "u", 0, model.motion.controls)
        self.rows = self._row_arrays()

    def params(self, part: Motion | Sensor) -> Vector:
        """The part's own parameters, by their own names."""
        return self._vector("parameter", "params", parameter_offset(self.model, part), tuple(part.params))

    def matrix(self, name: str) -> Array:
        """A matrix of a linear model: this row's, or the constant one."""
        return self.rows[name] if name in self.rows else self.model.matrices[name]

    def _row_arrays(self) -> dict[str, Array]:
        labels = row_labels(self.model)
        arrays, first = {}, 0
        for name, values in self.model.rows.items():
            shape = values.shape[1:]
            size = int(np.prod(shape))
            symbols = [self.graph.input(("row", first + i), labels[first + i]) for i in range(size)]
            arrays[name] = np.array(symbols, dtype=object).reshape(shape)
            first += size
        return arrays

    def _vector(self, kind: str, source: str, first: int, names: tuple[str, ...]) -> Vector:
        return Vector(names, [self.graph.input((source, first + i), name) for i, name in enumerate(names)], kind)


def make_kernel(model: Model, method: Method, dtype: str = "float64", detail: bool = False) -> Kernel:
    """The kernel of a run. detail: record what leads to the result (predicted, S, K) instead of the result.

    Raises TooLong for a model whose steps are longer than is worth compiling.
    """
    return lay_out(model, method, dtype, detail, _predict_stage, _update_stage)


def lay_out(
    model: Model,
    method: Method,
    dtype: str,
    detail: bool,
    predict: Callable[..., Stage],
    update: Callable[..., Stage],
) -> Kernel:
    """A kernel from the makers of its stages."""
    if method.linear_only:
        require_linear(model)
    n, total = len(model.state), sum(len(s.measures) for s in model.sensors)
    labels = carry_labels(model, method)
    place = len(labels)
    sizes = [len(s.measures) for s in model.sensors]
    fields = detail_sizes(n, sizes) if detail else sizes
    stages = [predict(model, method, dtype)]
    first = 0
    for sensor, size, count in zip(model.sensors, sizes, fields, strict=True):
        record = tuple(range(place, place + count))
        stages.append(update(model, method, sensor, first, record, dtype, detail))
        place += count
        first += size
    return Kernel(
        name=f"{type(method).__name__.lower()} of {', '.join(model.state)}",
        dtype=dtype,
        stages=tuple(stages),
        carry=labels,
        widths={"u": len(model.motion.controls), "row": len(row_labels(model)), "z": total, "params": len(model.parameters)},
        labels={
            "u": model.motion.controls,
            "row": row_labels(model),
            "z": tuple(f"{s.name}.{m}" for s in model.sensors for m in s.measures),
            "params": tuple(model.parameters),
        },
        snapshots={0: 0} if detail else {len(stages) - 1: 0},
        sums=-1 if detail else place,
        status=-1 if detail else place + 2,
        width=place if detail else place + 3,
    )


def detail_sizes(n: int, sizes: Sequence[int]) -> list[int]:
    """How many numbers of S (upper triangle) and K each sensor leaves in a detail record."""
    return [m * (m + 1) // 2 + n * m for m in sizes]


def carry_labels(model: Model, method: Method) -> tuple[str, ...]:
    """A name for each carried number: the states, then U and D (or P) by pairs of states."""
    names = model.state
    letters = ("U", "D") if method.factored else ("P", "P")
    return (*names, *[f"{letters[i == j]}[{names[i]},{names[j]}]" for i, j in upper(len(names))])


def row_labels(model: Model) -> tuple[str, ...]:
    """A name for each number that a linear model gives row by row."""
    labels = []
    for name, array in model.rows.items():
        labels += [f"{name}[{', '.join(map(str, index))}]" for index in np.ndindex(array.shape[1:])]
    return tuple(labels)


def parameter_offset(model: Model, part: Motion | Sensor) -> int:
    """Where the part's parameters start among all parameters of the model."""
    offset = 0
    for other in (model.motion, *model.sensors):
        if other is part:
            return offset
        offset += len(other.params)
    raise ValueError("not a part of this model")


def _predict_stage(model: Model, method: Method, dtype: str) -> Stage:
    graph = Graph(limit=TRACED_BELOW)
    inputs = Inputs(model, method, graph)
    curve = SymbolicCurve(graph, motion_function(inputs), indices(model.motion.angles, model.state))
    program = lower(Program.of(graph, predict_outputs(inputs, curve)), dtype)
    return predict_stage(program)


def _update_stage(
    model: Model, method: Method, sensor: Sensor, first: int, record: tuple[int, ...], dtype: str, detail: bool
) -> Stage:
    graph = Graph(limit=TRACED_BELOW)
    inputs = Inputs(model, method, graph)
    z = [graph.input(("z", first + i), f"{sensor.name}.{name}") for i, name in enumerate(sensor.measures)]
    curve = SymbolicCurve(graph, sensor_function(inputs, sensor), indices(sensor.angles, sensor.measures))
    program = lower(Program.of(graph, update_outputs(inputs, sensor, curve, z, detail)), dtype)
    return update_stage(sensor, program, first, record)


def predict_stage(program: Any) -> Stage:
    """The stage that moves the belief over dt > 0."""
    return Stage("predict", program, (("dt", 0),), (), (Status.NONFINITE, Status.INDEFINITE))


def update_stage(sensor: Sensor, program: Any, first: int, record: tuple[int, ...]) -> Stage:
    """The stage that takes in a sensor whose components of z start at `first`."""
    bits = (Status.NONFINITE, Status.INDEFINITE, Status.PARTIAL)
    trigger = tuple(("z", first + i) for i in range(len(sensor.measures)))
    return Stage(sensor.name, program, trigger, record, bits, Status.USED)


def predict_outputs(inputs: Any, curve: Curve) -> dict[str, list[Any]]:
    """The outputs of a predict stage, on symbols or on floats."""
    model = inputs.model
    Q, bad = noise_of(motion_noise(inputs), "motion.noise", len(model.state))
    new = carried(inputs.method.predict(inputs.belief, curve, Q))
    finite = _finite(new)
    return {
        "carry": new,
        "commit": [finite & negated(bad)],
        "record": [],
        "sums": [],
        "status": [negated(finite), bad],
    }


def update_outputs(inputs: Any, sensor: Sensor, curve: Curve, z: list[Any], detail: bool) -> dict[str, list[Any]]:
    """The outputs of an update stage, on symbols or on floats."""
    m = len(z)
    # A sensor of one component is used whenever its stage runs; others are used component by component.
    used = [True] if m == 1 else [v == v for v in z]

    def innovate(h: Array) -> Array:
        e = np.array(z, dtype=h.dtype) - h
        for i in curve.angles:
            e[i] = wrap(e[i])
        return e

    R, bad_R = _full_noise(sensor_noise(inputs, sensor), f"{sensor.name}.noise", m)
    angles = indices(inputs.model.motion.angles, inputs.model.state)
    belief, info = inputs.method.update(inputs.belief, curve, innovate, R, used, angles)
    new = carried(belief)
    finite = _finite([*new, info.loglik])
    bad = bad_R | info.bad
    if detail:
        shown = [info.S[i, j] for i, j in upper(m)] + list(info.K.ravel())
    else:
        shown = [select(u, v, np.nan) for u, v in zip(used, info.innovation, strict=True)]
    return {
        "carry": new,
        "commit": [finite & negated(bad)],
        "record": shown,
        "sums": [] if detail else [info.nis, info.loglik],
        "status": [negated(finite), bad, functools.reduce(lambda a, b: a | b, [negated(u) for u in used])],
    }


def _finite(values: Sequence[Any]) -> Any:
    """Whether all values are finite: then so is their sum, short of overflow."""
    return absolute(total(values)) < np.inf


def indices(names: Sequence[str], among: Sequence[str]) -> tuple[int, ...]:
    """Where these names stand among those."""
    return tuple(among.index(name) for name in names)


# The user's functions, called as the tracer calls them.
def motion_function(inputs: Inputs) -> Callable[[Array], Array]:
    """x -> f(x, dt, p) or f(x, dt, p, u), as an array of n."""
    model, motion = inputs.model, inputs.model.motion
    extra = (inputs.u,) if motion.controls else ()

    def function(x: Array) -> Array:
        if model.rows.keys() & {"F", "b"}:
            return inputs.matrix("F") @ x + inputs.matrix("b")
        result = call(motion.dynamics, Vector(model.state, x), inputs.dt, inputs.params(motion), *extra)
        return as_array(result, (len(model.state),), "dynamics")

    return function


def sensor_function(inputs: Inputs, sensor: Sensor) -> Callable[[Array], Array]:
    """x -> h(x, p), as an array of m."""
    model = inputs.model

    def function(x: Array) -> Array:
        if model.rows.keys() & {"H", "d"}:
            return inputs.matrix("H") @ x + inputs.matrix("d")
        result = call(sensor.measure, Vector(model.state, x), inputs.params(sensor))
        return as_array(result, (len(sensor.measures),), f"{sensor.name}.measure")

    return function


def motion_noise(inputs: Inputs) -> Any:
    """Q at the filtered mean."""
    model, motion = inputs.model, inputs.model.motion
    if "Q_G" in model.rows:
        return Factored(inputs.matrix("Q_G"), inputs.matrix("Q_v"))
    extra = (inputs.u,) if motion.controls else ()
    x = Vector(model.state, inputs.belief.x)
    return call(motion.noise, x, inputs.dt, inputs.params(motion), *extra)


def sensor_noise(inputs: Inputs, sensor: Sensor) -> Any:
    """R at the predicted mean."""
    if "R" in inputs.model.rows:
        return inputs.matrix("R")
    return call(sensor.noise, Vector(inputs.model.state, inputs.belief.x), inputs.params(sensor))


def noise_of(noise: Any, field: str, n: int) -> tuple[Factored, Any]:
    """A noise as G, variances, and whether it is no covariance. A full constant matrix is factored here."""
    if isinstance(noise, Factored):
        return noise, False
    Q = as_array(noise, (n, n), field)
    if not any(isinstance(v, Symbol) for v in Q.ravel()):
        from foglight.equations.factoring import factor_covariance

        return Factored(*factor_covariance(Q.astype(float), field=field)), False
    L, d, bad = split(Q)
    return Factored(L, d), bad


def _full_noise(noise: Any, field: str, m: int) -> tuple[Array, Any]:
    if isinstance(noise, Factored):
        return (noise.G * noise.variances) @ noise.G.T, False
    return as_array(noise, (m, m), field), False


def call(function: Callable[..., Any], *args: Any) -> Any:
    """The function on symbols; what NumPy or Python cannot do with them becomes a ModelError with its line."""
    try:
        return function(*args)
    except FoglightError:
        raise
    except (TypeError, AttributeError, ValueError, IndexError, KeyError, np.exceptions.AxisError) as reason:
        place = _place(reason)
        raise ModelError(
            f"{place}: {reason}. This cannot be traced: use + - * / ** @, np.where, np.sin … on single states and "
            "parameters, and return a list or np.array([...])."
        ) from reason


def _place(reason: BaseException) -> Any:
    trace, found = reason.__traceback__, None
    while trace is not None:
        if not foreign(trace.tb_frame.f_code.co_filename):
            found = of_frame(trace.tb_frame, trace.tb_lasti)
        trace = trace.tb_next
    return found


def as_array(result: Any, shape: tuple[int, ...], field: str) -> Array:
    """What a function returned, as an array of symbols and numbers of this shape."""
    array = np.array(result, dtype=object)
    if array.shape != shape:
        raise ModelError(
            f"{field} returned shape {array.shape}, expected {shape}. Return "
            + ("one value a component, as a list." if len(shape) == 1 else "a full matrix, as a list of rows."),
            field=field,
            value=array.shape,
        )
    return array


def require_linear(model: Model) -> None:
    """ModelError naming the line that bends, unless every function of the model is linear in the state."""
    for part, what in [(model.motion, "dynamics"), *[(s, f"{s.name}.measure") for s in model.sensors]]:
        if is_linear(model, part):
            continue
        graph = Graph()
        places: dict[int, Any] = {}
        graph.on_new = functools.partial(_remember, places)
        x, y = _traced(model, part, graph)
        node = diff.bends(graph, y, x)
        where = places.get(node.serial) if node is not None else None
        raise ModelError(
            f"{what} is not linear in the state: {where or 'see its definition'} bends. "
            "Use fog.EKF() or fog.UKF(), or measure a linear quantity.",
            field=what,
        )


def is_linear(model: Model, part: Motion | Sensor) -> bool:
    """Whether the part's function is linear (affine) in the state."""
    graph = Graph()
    x, y = _traced(model, part, graph)
    return diff.linear(graph, y, x)


def _traced(model: Model, part: Motion | Sensor, graph: Graph) -> tuple[Array, Array]:
    from foglight.methods import EKF

    inputs = Inputs(model, EKF(), graph)
    function = motion_function(inputs) if isinstance(part, Motion) else sensor_function(inputs, part)
    return inputs.belief.x, function(inputs.belief.x)


def _remember(places: dict[int, Any], node: Symbol) -> None:
    from foglight.trace.place import here

    places[node.serial] = here()
