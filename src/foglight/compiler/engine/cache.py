"""Kernels of a model, made once and kept on it, and the arrays that a log gives them."""

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.engine.engine import COMPILED_BELOW, Arrays, Engine
from foglight.compiler.engine.reference import ReferenceEngine, opaque_functions
from foglight.compiler.engine.two_phases import TwoPhases
from foglight.compiler.kernel import Kernel, Stage
from foglight.compiler.kernels.filter import indices, make_kernel, points_note
from foglight.core.errors import ModelError, TimeError
from foglight.core.locks import COMPILING
from foglight.core.row_names import Rows
from foglight.core.timestamps import LAST_SECOND, NS, nanoseconds
from foglight.data.log import Log
from foglight.equations import ud
from foglight.equations.gaussian import Belief as Factors
from foglight.equations.gaussian import FullBelief
from foglight.inference.row_marks import Standing
from foglight.methods.diffuse_start import Diffuse, start_belief, unknown_directions
from foglight.methods.layout import carried, upper, wrapped
from foglight.methods.methods import UKF, Method
from foglight.model.model import Model
from foglight.trace.graph import Graph
from foglight.trace.primitives import TooLongError
from foglight.trace.program import Program, lower

Array = NDArray[Any]


def engine_of(model: Model, method: Method, outputs: str) -> Engine | ReferenceEngine | TwoPhases:
    """The engine for "result" (what a run stores), "detail" (what led to it) or "last" (no row at all).

    Of two phases where something of the start is unknown.
    """
    return in_phases(model, method, lambda phase: _engine_of(model, phase, outputs))


def in_phases(
    model: Model, method: Method, make: Callable[[Method], Engine | ReferenceEngine]
) -> Engine | ReferenceEngine | TwoPhases:
    """The engine that `make` gives for the method; where something of the start is unknown, with its first phase."""
    directions = unknown_directions(model)
    then = make(method)
    if not directions:
        return then
    diffuse: Any = Diffuse(method, directions)
    first = make(diffuse)
    n = len(model.state)
    known = n + n * (n + 1) // 2
    apart = directions * (n + 1)
    kept = [k for k in range(len(first.kernel.carry)) if not known <= k < known + apart]
    weights = range(known + directions * n, known + apart)
    note = "linearised" if isinstance(method, UKF) else ""
    return TwoPhases(first, then, tuple(kept), tuple(weights), note)


def _engine_of(model: Model, method: Method, outputs: str) -> Engine | ReferenceEngine:
    key = (repr(method), outputs)
    with COMPILING:
        if key not in model.kernels:
            model.kernels[key] = _new_engine(model, method, outputs)
        engine: Engine | ReferenceEngine = model.kernels[key]
        return engine


def _new_engine(model: Model, method: Method, outputs: str) -> Engine | ReferenceEngine:
    detail = outputs == "detail"
    opaque = opaque_functions(model)
    if opaque:
        for name in opaque:
            if not name.endswith(".noise"):
                points_note(method, name, "opaque")
        return ReferenceEngine(model, method, detail, f"{', '.join(opaque)} cannot be traced")
    try:
        kernel = make_kernel(model, method, detail=detail)
    except TooLongError:
        return ReferenceEngine(model, method, detail, "the model is too large to compile")
    if kernel.size > COMPILED_BELOW:
        return ReferenceEngine(model, method, detail, f"{kernel.size} operations are too many to compile")
    return Engine(without_records(kernel) if outputs == "last" else kernel, brief=method.directions > 0)


def without_records(kernel: Kernel) -> Kernel:
    """The kernel that only carries."""

    def bare(program: Program) -> Program:
        return lower(replace(program, outputs={**program.outputs, "record": ()}), program.dtype)

    stages = tuple(replace(stage, record=(), program=bare(stage.program)) for stage in kernel.stages)
    return replace(kernel, stages=stages, snapshots={}, sums=-1, status=-1, width=0)


def prepare(
    model: Model, log: Log, method: Method, start_time: float | None, after: Standing | None = None
) -> Arrays:
    """What the scan reads from this model and log. Each of its tracks begins at the model's start, but for a first
    one that goes on from the rows before, `after`."""
    dt = log.dt()
    first = None if log.track is None else np.flatnonzero(log.starts())
    given: Any = start_time
    number = isinstance(given, (int, float, np.number)) and not isinstance(given, (bool, np.timedelta64))
    sound = number and abs(float(given)) < LAST_SECOND
    if start_time is not None and not sound:
        raise TimeError(
            f"start_time = {start_time!r}: expected seconds. Leave it out to start at the first row.",
            field="start_time", value=start_time,
        )  # fmt: skip
    if start_time is not None and len(dt):
        began = int(nanoseconds([start_time], "start_time")[0])
        begins = [0] if first is None else first.tolist()
        waits = [int(log.time_ns[k]) - began for k in begins]
        if min(waits) < 0:
            k = begins[int(np.argmin(waits))]
            raise TimeError(
                f"start_time = {start_time}: after the first row at {log.time_ns[k] / 1e9}. Expected it at or before; "
                "leave it out to start at the first row.",
                field="start_time", value=start_time,
            )  # fmt: skip
        dt = dt.copy()
        dt[begins] = np.array(waits) / 1e9
    carry = np.tile([*start_carry(model, method), 0.0, 0.0], (1 if first is None else len(first), 1))
    goes_on = after is not None and after.carry is not None
    if after is not None and goes_on:
        dt = dt.copy()
        dt[:1] = (log.time_ns[:1] - after.stamp) / NS
        carry[0] = after.carry
    z = log.bind(model, before=None if after is None else after.reports)
    before = 0 if after is None else after.rows
    u = log.controls(model, goes_on=goes_on, rows_before=before)
    return Arrays(
        dt=np.ascontiguousarray(dt),
        u=_tracks(u),
        row=row_values(model, len(dt), None if after is None else after.rows)[None],
        z=_tracks(z),
        params=np.array([float(v) for v in model.parameters.values()]),
        carry=carry,
        first=first,
        rows=Rows(log.time_ns, log.track, log.track_names, before),
    )


def start_carry(model: Model, method: Method) -> list[Any]:
    """The model's start as the numbers that are carried, its angles wrapped; where something of it is unknown, as the
    first of two phases carries it."""
    angles = indices(model.motion.angles, model.state)
    start: Any
    if unknown_directions(model):
        start = start_belief(model, method)
    else:
        assert model.start is not None
        start = Factors(model.start.mean, *model.start.factor)
        start = start if method.factored else FullBelief(model.start.mean, model.start.cov)
    belief = carried(start._replace(x=wrapped(start.x, angles)))
    return [*belief, *[-1.0] * len(method.gated(model))]  # no clock runs


def row_values(model: Model, rows: int, before: int | None = None) -> Array:
    """What a linear model gives row by row, (rows, width); of the rows after so many, where the log is in parts."""
    if before is None or before + rows > min(map(len, model.rows.values()), default=before + rows):
        one_a_row(model, rows + (before or 0))
    if not model.rows:
        return np.zeros((rows, 0))
    at = slice(before or 0, (before or 0) + rows)
    flat = [np.asarray(array[at], dtype=float).reshape(rows, -1) for array in model.rows.values()]
    return np.ascontiguousarray(np.hstack(flat))


def one_a_row(model: Model, rows: int) -> None:
    """ModelError where a matrix that changes row by row has not one entry a row."""
    for name, array in model.rows.items():
        if len(array) != rows:
            raise ModelError(
                f"{name} has {len(array)} entries, the log {rows} rows. Expected one a row; entry k leads to row k.",
                field=name, value=len(array),
            )  # fmt: skip


def _tracks(array: Array) -> Array:
    array = np.ascontiguousarray(array, dtype=np.float64)
    return array[None] if array.ndim == 2 else array


@functools.lru_cache(maxsize=64)
def covariance_kernel(n: int, is_factor: bool, width: int) -> Engine:
    """An engine that turns stored factors (n means and a triangle in a record of `width`) into full covariances."""
    graph = Graph()
    entries = {pair: graph.input(("z", n + k), f"P{k}") for k, pair in enumerate(upper(n))}
    if is_factor:
        U = ud.unit(n, np.empty(0, object))
        for (i, j), value in entries.items():
            if i < j:
                U[i, j] = value
        P = ud.covariance(U, np.array([entries[i, i] for i in range(n)], dtype=object))
    else:
        P = np.array([[entries[min(i, j), max(i, j)] for j in range(n)] for i in range(n)], dtype=object)
    outputs: dict[str, Any] = {
        "carry": [],
        "commit": [True],
        "record": list(P.ravel()),
        "sums": [],
        "status": [],
    }
    stage = Stage("cov", lower(Program.of(graph, outputs)), (("z", 0),), tuple(range(n * n)))
    kernel = Kernel(
        "cov", "float64", (stage,), (), {"u": 0, "row": 0, "z": width, "params": 0}, {}, width=n * n
    )
    return Engine(kernel)
