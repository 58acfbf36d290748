"""The compiled step of one filter, and the memory that it reads and writes.

The memory has two sides. A step reads the carry of one side and writes carry and record of the other; the caller
decides when the sides swap. Each sensor has an input row of its own, with NaN in the columns of the other sensors.
"""

from dataclasses import replace
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from foglight.compiler.backends.backend import Engine
from foglight.compiler.backends.llvm_engine import CompiledEngine
from foglight.compiler.backends.llvm_frames import COLUMN, make_frame
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.cache import engine_of
from foglight.compiler.engine.two_phase_engine import TwoPhaseEngine
from foglight.core.entry_names import ordered
from foglight.core.errors import DataError, FoglightError
from foglight.core.resolution import NS
from foglight.core.row_names import NUMBERS_ONLY, Rows
from foglight.core.types import Array
from foglight.data.numbers import readings
from foglight.data.on_time import delays_of
from foglight.inference.elapsed import takes_time
from foglight.inference.prepare import start_carry
from foglight.inference.row_errors import row_of, why
from foglight.methods.method import Method
from foglight.model.box_cox import BoxCox
from foglight.model.model import Model, parameter_values
from foglight.model.reading_scales import no_logarithm


class _Scaled:
    """The memory of a reading of which some components are stored on another scale, as they are written."""

    __slots__ = ("_labels", "_scales", "_view")

    def __init__(self, view: Array, labels: tuple[str, ...], scales: list[BoxCox | None]) -> None:
        self._view = view
        self._labels = labels
        self._scales = scales

    def __setitem__(self, at: int | slice, value: Any) -> None:
        every = enumerate(np.broadcast_to(value, self._view.shape))
        for i, z in [(at, value)] if isinstance(at, int) else every:
            scale = self._scales[i]
            if scale is not None and z <= 0.0:
                raise no_logarithm(self._labels[i], float(z))
            self._view[i] = z if scale is None else scale.of(z)


class SensorInput:
    """The memory that a reading of one sensor is written to; with name=None, that of a whole row.

    first, size: the sensor's components of z. view (size,): where a reading is written; number: the same memory,
    for writing one component at a time. row (M,): all of z; copy(): its bytes. sides: for each side that a step can
    read, the address of its frame, a function that copies the carry there, a view of the status in the other side's
    record, and a function that copies that record. delay: how late the sensor's readings are, in nanoseconds; of a
    whole row, the largest delay.
    """

    __slots__ = (
        "copy",
        "delay",
        "first",
        "labels",
        "name",
        "number",
        "row",
        "shape",
        "sides",
        "size",
        "view",
    )

    def __init__(
        self,
        name: str | None,
        first: int,
        labels: tuple[str, ...],
        row: Array,
        scales: list[BoxCox | None],
    ) -> None:
        self.name = name
        self.first = first
        self.size = len(labels)
        self.shape = (self.size,)
        self.labels = labels
        self.delay = 0
        self.row = row
        self.copy = self.row.tobytes
        view = self.row[first : first + self.size]
        self.view: Any = view
        self.number: Any = memoryview(view)  # type: ignore[arg-type]
        if any(scale is not None for scale in scales):
            self.view = self.number = _Scaled(view, labels, scales)
        self.sides: tuple[Any, ...] = ()

    def read(self, z: Any) -> None:
        """Store a reading: (size,), or one number where size is 1. NaN is a missing component, None no reading."""
        if z is None:
            self.view[:] = np.nan
            return
        names = [label if self.name is None else label.partition(".")[2] for label in self.labels]
        values = readings(ordered(z, names, "z", DataError), "z")
        if values.shape != self.shape and not (values.shape == () and self.size == 1):
            column = values.shape == (self.size, 1)
            remedy = "Pass one number per component, NaN where one is missing."
            raise DataError(
                f"z has shape {values.shape}, expected {self.shape}: {', '.join(self.labels)}. "
                + ("Vectors are 1-D: write np.ravel(z)." if column else remedy),
                field="z",
                value=values.shape,
            )
        self.view[:] = values


class _Plan(NamedTuple):
    """What the filters of a model and a method have in common.

    start (carried + more,), record (width,): the first carry and record. params: the parameters. timed: whether a
    function takes t. scales, delays: of the components, and of the sensors that are late.
    """

    start: Array
    record: Array
    params: Array
    timed: bool
    scales: list[BoxCox | None]
    delays: dict[str, int]


_PLANS: WeakKeyDictionary[Model, dict[Method, _Plan]] = (
    WeakKeyDictionary()
)  # thousands of filters may share one


def _plan_of(model: Model, method: Method, engine: Engine | TwoPhaseEngine) -> _Plan:
    plans = _PLANS.setdefault(model, {})
    if method not in plans:
        kernel = engine.kernel
        start = np.array([*start_carry(model, method), 0.0, 0.0])
        start = engine.parted(start) if isinstance(engine, TwoPhaseEngine) else start
        record = np.full(kernel.width, np.nan)
        record[: len(kernel.carry)] = start[: len(kernel.carry)]
        record[kernel.status] = 0.0
        scales = [sensor.transform for sensor in model.sensors for _ in sensor.measures]
        plans[method] = _Plan(
            start, record, parameter_values(model), takes_time(model), scales, delays_of(model)
        )
    return plans[method]


class Stepper:
    """The step of a model and a method, with its own memory.

    carries (2, carried), records (2, width): one row for each side. dt (1,): the time step in seconds; seconds: the
    same memory, for writing a float. u: the inputs; controls (n_u,): their part of it; timed: whether t comes after
    them. params: the parameters. scan: the compiled step, or None where the equations run in Python. whole (2, carried
    + more): the carries followed by the unknown directions and their weights, which the compiled step neither reads
    nor writes. clock: the kind of the stamps, for messages.
    """

    clock = ""

    def __init__(self, model: Model, method: Method) -> None:
        self.model = model
        self.method = method
        self.engine = engine_of(model, method, "result")
        self.kernel = kernel = self.engine.kernel
        plan = _plan_of(model, method, self.engine)
        self.two_phase = self.engine if isinstance(self.engine, TwoPhaseEngine) else None
        self.whole = np.array([plan.start, plan.start])
        self.carries, self.unknown = self.whole[:, : kernel.carried], self.whole[:, kernel.carried :]
        self.records = np.array([plan.record, plan.record])
        self.dt, self.u = np.zeros(1), np.full(kernel.widths["u"], np.nan)
        self.controls, self.timed = self.u[: len(model.controls)], plan.timed
        self.seconds: Any = memoryview(self.dt)  # type: ignore[arg-type]
        self.params = plan.params
        self.scan: Any = None
        self._memo: Any = None
        then = self.engine if self.two_phase is None else self.two_phase.then
        if self.two_phase is not None and isinstance(self.two_phase.first, CompiledEngine):
            self.two_phase.first.scan(1)
        if isinstance(then, CompiledEngine):
            self.scan, self._memo = then.scan(1), then.memo(1, 1, 1)[:1]
        self.inputs: dict[str | None, SensorInput] = self._make_inputs(plan)

    def _make_inputs(self, plan: _Plan) -> dict[str | None, SensorInput]:
        """The inputs by sensor, with those of a whole row first."""
        labels, first = self.kernel.labels["z"], 0
        rows = np.full((1 + len(self.model.sensors), self.kernel.widths["z"]), np.nan)
        found: dict[str | None, SensorInput] = {None: SensorInput(None, 0, labels, rows[0], plan.scales)}
        found[None].delay = max(plan.delays.values(), default=0)
        for sensor, row in zip(self.model.sensors, rows[1:], strict=True):
            last = first + len(sensor.measures)
            found[sensor.name] = SensorInput(
                sensor.name, first, labels[first:last], row, plan.scales[first:last]
            )
            found[sensor.name].delay = plan.delays.get(sensor.name, 0)
            first = last
        at, addresses = self.kernel.status, self._addresses(rows)
        sides = []
        for side in (0, 1):
            record = self.records[1 - side]
            status: Any = memoryview(record[at : at + 1])
            sides.append((self.whole[side].tobytes, status, record.tobytes))
        for entry, own in zip(found.values(), addresses, strict=True):
            entry.sides = tuple([(address, *shared) for address, shared in zip(own, sides, strict=True)])
        return found

    def _addresses(self, rows: Array) -> list[list[int]]:
        """For each of these input rows, the addresses of the frames of both sides; 0 where nothing is compiled."""
        if self.scan is None:
            return [[0, 0] for _ in rows]
        arrays = self._arrays(rows[0], 0)
        frame = make_frame(self.kernel, arrays, self.carries[1:], self.records[None, 1:], self._memo)
        self._frames = frames = np.array([[frame, frame]] * len(rows))  # keeps the memory alive
        frames[:, :, COLUMN["z"]] += rows.strides[0] * np.arange(len(rows))[:, None]
        for name, memory in (("carry_in", self.whole), ("carry_out", self.whole), ("out", self.records)):
            frames[:, 1, COLUMN[name]] += memory.strides[0] * (1 if name == "carry_in" else -1)
        first, (entry, side, _) = frames.ctypes.data, frames.strides
        return [[first + k * entry, first + k * entry + side] for k in range(len(rows))]

    def _arrays(self, row: Array, side: int, rows: Rows = NUMBERS_ONLY) -> Arrays:
        """The arrays that a step from this side reads, as views of this memory."""
        carry, no_matrices = self.whole[side][None], np.zeros((1, 1, 0))
        return Arrays(
            self.dt, self.u[None, None], no_matrices, row[None, None], self.params, carry, rows=rows
        )

    def at(self, stamp: int, began: int | None) -> int | None:
        """Set t for a row with this stamp, where the model takes it. began: the start, None for this row; returned."""
        if not self.timed:
            return None
        began = stamp if began is None else began
        self.u[-1] = (stamp - began) / NS
        return began

    def step(self, entry: SensorInput, side: int, stamp: int, number: int) -> None:
        """One step from this side to the other. stamp, number: of the row, for error messages."""
        if self.scan is not None and not self.has_unknown(self.whole[side]):
            self.scan(entry.sides[side][0])
            self.unknown[1 - side] = 0.0
            return
        carry, records = self.run(self._row(entry, side, stamp, number))
        self.whole[1 - side], self.records[1 - side] = carry[0], records[0, 0]

    def has_unknown(self, whole: Array) -> bool:
        """Whether a carry, followed by its unknown directions and their weights, is still one of the first phase."""
        return self.two_phase is not None and bool(whole[-len(self.two_phase.until) :].any())

    def still_unknown(self, side: int) -> bool:
        """Whether any direction is still unknown on this side; if none is, clears both sides for the steps to come."""
        if self.has_unknown(self.whole[side]):
            return True
        self.unknown[:] = 0.0
        return False

    def run(self, arrays: Arrays) -> tuple[Array, Array]:
        """Carry and records of rows; the carries that go in and come out are followed by the unknown directions."""
        if self.two_phase is None:
            return self.engine.run(arrays)
        carry, records = self.two_phase.run(replace(arrays, carry=self.two_phase.joined(arrays.carry)))
        return self.two_phase.parted(carry), records

    def unknown_after(self, arrays: Arrays) -> Array:
        """The unknown directions and weights after each of these rows (rows, numbers): 0 where nothing is unknown."""
        unknown = np.zeros((len(arrays.dt), self.unknown.shape[1]))
        if self.two_phase is not None and self.has_unknown(arrays.carry[0]):
            rows, apart = self.two_phase.unknown(replace(arrays, carry=self.two_phase.joined(arrays.carry)))
            unknown[rows] = apart[0]
        return unknown

    def record_of(self, side: int) -> bytes:
        """The record of this side, followed by the unknown directions if there are any."""
        record: bytes = self.records[side].tobytes()
        return record + self.unknown[side].tobytes() if self.has_unknown(self.whole[side]) else record

    def step_error(self, entry: SensorInput, side: int, stamp: int, number: int) -> FoglightError:
        """The error that explains why the step from this side was refused."""
        return self.row_error(self._row(entry, side, stamp, number), self.whole[side], 0)

    def row_error(self, arrays: Arrays, carry: Array, k: int) -> FoglightError:
        """The error that explains why row k was refused. carry: the one before it, followed by what was unknown."""
        kernel = self.kernel
        if self.two_phase is not None and self.has_unknown(carry):
            kernel, carry = self.two_phase.first.kernel, self.two_phase.joined(carry)
        inputs = row_of(arrays, carry[: len(kernel.carry)], 0, k)
        where, number = arrays.rows.where(k), arrays.rows.number(k)
        return why(self.model, self.method, kernel, inputs, where, number)

    def _row(self, entry: SensorInput, side: int, stamp: int, number: int) -> Arrays:
        """The arrays of a row from this side. stamp, number: for error messages."""
        rows = Rows(np.array([stamp]), before=number, kind=self.clock)
        return self._arrays(entry.row, side, rows)
