"""What one row of a live filter returns: the belief, and the info about the row.

Both are read from one copy of the row's numbers, and only when they are asked for, so that a step costs no more
than the filter itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy import frombuffer

from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.cache import engine_of, shown_of
from foglight.compiler.engine.two_phase_engine import TwoPhaseEngine
from foglight.compiler.kernel import Kernel
from foglight.core.errors import Status
from foglight.core.timestamps import time_text
from foglight.core.types import Array
from foglight.inference.detail import Block, blocks_of, gain, innovation_cov
from foglight.inference.gaussians import belief_from
from foglight.live.stepper import SensorInput
from foglight.methods.method import Method
from foglight.model.belief import Belief
from foglight.model.charts import NONE, Names
from foglight.model.model import Model, parameter_values

_FLOAT64 = np.dtype(np.float64)


class Reader:
    """Reads the numbers of a row: the model, the method and the layout of the record. clock: the kind of stamps."""

    clock = ""

    def __init__(self, model: Model, method: Method, kernel: Kernel) -> None:
        self.model = model
        self.method = method
        self.kernel = kernel
        self.states = len(model.state)
        self.plain = not (
            model.motion.limits or model.charts.parts
        )  # whether a belief is reported as it is carried

    def belief(self, record: bytes) -> Belief:
        """The belief in a record, which may be followed by unknown directions."""
        values = np.frombuffer(record)
        return self._belief(values, values[self.kernel.width :])

    def carried(self, carry: Array) -> Belief:
        """The belief in a carry, which may be followed by unknown directions."""
        return self._belief(carry, carry[self.kernel.carried :])

    def _belief(self, values: Array, apart: Array) -> Belief:
        shown = apart[shown_of(self.model, self.method)] if len(apart) else apart
        return belief_from(self.model, self.method, values, shown)

    def without_reading(self, record: bytes) -> bytes:
        """The record of a row in which nothing was measured, with the belief of this record."""
        kernel, values = self.kernel, np.frombuffer(record).copy()
        values[len(kernel.carry) : kernel.width] = np.nan
        values[kernel.sums + 1], values[kernel.status] = 0.0, float(Status.MISSING)
        return values.tobytes()

    def detail(self, data: "RowData") -> tuple[Array, Array]:
        """The record of the same row with S and K in it, and what was unknown before its first sensor."""
        carry = np.frombuffer(data.before)
        arrays = Arrays(
            np.array([data.dt]),
            np.frombuffer(data.u).reshape(1, 1, -1),
            np.zeros((1, 1, 0)),
            np.frombuffer(data.z).reshape(1, 1, -1),
            parameter_values(self.model),
            carry[None],
        )
        engine = engine_of(self.model, self.method, "detail")
        unknown = np.zeros(0)
        if isinstance(engine, TwoPhaseEngine):
            arrays = replace(arrays, carry=engine.joined(carry)[None])
            unknown = engine.directions(arrays)[1][0].ravel()  # of this one row; empty if nothing is unknown
        record: Array = engine.run(arrays)[1][0, 0]
        return record, unknown


class RowData(NamedTuple):
    """A row in numbers.

    record: what the kernel wrote, possibly followed by unknown directions. before: the carry before the row. z, u: the
    reading and the controls. dt: seconds since the row before. stamp: nanoseconds. entry: the sensor. bits: the status
    bits that do not come from the kernel.
    """

    reader: Reader
    record: bytes
    before: bytes
    z: bytes
    u: bytes
    dt: float
    stamp: int
    entry: SensorInput
    bits: int

    def as_plain(self) -> dict[str, Any]:
        """The row as plain data, for a saved file."""
        data = self._asdict()
        del data["reader"], data["entry"]
        data["record"] = data["record"][: 8 * self.reader.kernel.width]
        return data | {"sensor": self.entry.name}

    @classmethod
    def from_plain(cls, reader: Reader, entry: SensorInput, plain: Mapping[str, Any]) -> "RowData":
        """The row that `as_plain` gave."""
        rest = {name: value for name, value in plain.items() if name != "sensor"}
        return cls(reader=reader, entry=entry, **rest)


class LiveBelief(Belief):
    """A Belief whose numbers are read when they are first asked for. data: the fields of a RowData."""

    __slots__ = ("data",)

    data: tuple[Any, ...]

    @property
    def mean(self) -> Array:
        """(n,)"""
        reader = self.data[0]
        # Most loops read the mean and nothing else: it has a fast path of its own.
        return frombuffer(self.data[1], _FLOAT64, reader.states) if reader.plain else self._mean

    def __getattr__(self, name: str) -> Any:
        # Reached for a slot that is still empty: to fill them all in every step would cost more than the step.
        if name not in Belief.__slots__:
            raise AttributeError(f"Belief has no attribute {name!r}")
        whole = self.data[0].belief(self.data[1])
        for slot in Belief.__slots__:
            setattr(self, slot, getattr(whole, slot))
        return getattr(self, name)

    def __reduce__(self) -> Any:
        charts = self.charts
        return _plain_belief, (
            *(self.mean, self.factor, self.unknown, self.names, self.angles),
            *(charts.rotations, charts.unit_vectors),
        )


def _plain_belief(
    mean: Array,
    factor: tuple[Array, Array],
    unknown: Array,
    names: tuple[str, ...],
    angles: tuple[int, ...] = (),
    rotations: Names = NONE,
    unit_vectors: Names = NONE,
) -> Belief:
    return Belief(
        mean,
        factor=factor,
        unknown=unknown,
        names=names,
        angles=angles,
        rotations=rotations,
        unit_vectors=unit_vectors,
    )


class Info:
    """What one row of a live filter did, with the same numbers as the row of a `Run`. Returned by `Live.step`.

    The arrays are those of the row's sensor, or of all sensors in declared order for a row of all of them.

    Attributes
    ----------
    status : Status
        What happened in the row.
    innovation : array (m,)
        z - h(x), NaN where unused.
    innovation_cov : array (m, m)
        S, NaN where unused.
    gain : array (n, m)
        K, NaN where the sensor did not report.
    nis : float
        eᵀ S⁻¹ e, NaN where nothing was used.
    loglik : float
        log p(z | all before it), 0 where nothing was used.
    predicted : Belief
        The belief at the time of the row, before the reading.
    time : float
        The time of the row in seconds.
    time_ns : int
        The time of the row in nanoseconds.
    sensor : str or None
        The sensor that was read, None for a row of all sensors.

    Examples
    --------
    >>> live = fog.online(model)
    >>> belief, info = live.step(0.1, "radar", [5.2])
    >>> info
    Info(radar at 0.1 s: USED, nis=0.00156)
    """

    __slots__ = ("__dict__", "data")

    data: tuple[Any, ...]

    def __copy__(self) -> "Info":
        return self

    def __deepcopy__(self, memo: object) -> "Info":
        return self

    def __reduce__(self) -> Any:
        reader, *numbers, stamp, entry, bits = self.data
        return _info_of, (reader.model, reader.method, reader.clock, entry.name, *numbers, stamp, bits)

    def __repr__(self) -> str:
        name = self.sensor or "row"
        when = time_text(self.time_ns, self._row.reader.clock)
        return f"Info({name} at {when}: {self.status.name}, nis={self.nis:.4g})"

    @property
    def status(self) -> Status:
        """What happened in the row."""
        row = self._row
        return Status(int(self._record[row.reader.kernel.status]) | row.bits)

    @property
    def innovation(self) -> Array:
        """z - h(x) of the row's sensor (m,), NaN where unused."""
        row = self._row
        first = len(row.reader.kernel.carry) + row.entry.first
        return self._record[first : first + row.entry.size]

    @property
    def nis(self) -> float:
        """eᵀ S⁻¹ e, NaN where nothing was used."""
        return float(self._record[self._row.reader.kernel.nis])

    @property
    def loglik(self) -> float:
        """log p(z | all before it), 0 where nothing was used."""
        return float(self._record[self._row.reader.kernel.loglik])

    @property
    def time(self) -> float:
        """The time of the row in seconds."""
        return self._row.stamp / 1e9

    @property
    def time_ns(self) -> int:
        """The time of the row in nanoseconds."""
        return self._row.stamp

    @property
    def sensor(self) -> str | None:
        """The sensor that was read, None for a row of all sensors."""
        return self._row.entry.name

    @property
    def predicted(self) -> Belief:
        """The belief at the time of the row, before the reading; innovation and S follow from it. Without limits."""
        record, unknown = self._row.reader.detail(self._row)
        return belief_from(self._row.reader.model, self._row.reader.method, record, unknown, limits=False)

    @cached_property
    def innovation_cov(self) -> Array:
        """S (m, m), with one block on the diagonal for each sensor of the row.

        NaN where unused, inf where an unknown direction absorbed the measurement.
        """
        return innovation_cov(self._detail, self.innovation, self._blocks)

    @cached_property
    def gain(self) -> Array:
        """K (n, m), NaN where the sensor did not report."""
        row = self._row
        return gain(self._detail, row.reader.states, row.entry.size, self._blocks)

    @property
    def _blocks(self) -> list[Block]:
        row = self._row
        of = slice(row.entry.first, row.entry.first + row.entry.size)
        return blocks_of(row.reader.model, len(row.reader.kernel.carry), of)

    @cached_property
    def _row(self) -> RowData:
        return RowData(*self.data)

    @cached_property
    def _record(self) -> Array:
        return np.frombuffer(self._row.record)

    @cached_property
    def _detail(self) -> Array:
        return self._row.reader.detail(self._row)[0]


def _info_of(model: Model, method: Method, clock: str, sensor: str | None, *numbers: Any) -> Info:
    """The info of a row from elsewhere. numbers: the fields of a RowData, without its reader and its sensor."""
    kernel = engine_of(model, method, "result").kernel
    reader = Reader(model, method, kernel)
    reader.clock = clock
    at = slice(0, len(model.components))
    if sensor is not None:
        at = next(at for own, at in model.blocks if own.name == sensor)
    entry = SensorInput(sensor, at.start, kernel.labels["z"][at], np.full(len(model.components), np.nan), [])
    *before, bits = numbers
    info: Info = _new(Info)
    info.data = (reader, *before, entry, bits)
    return info


def result_of(data: tuple[Any, ...]) -> tuple[Belief, Info]:
    """The belief and the info of a row. data: the fields of a RowData, in order."""
    belief, info = _new(LiveBelief), _new(Info)
    belief.data = info.data = data
    return belief, info


_new: Callable[[Any], Any] = object.__new__
