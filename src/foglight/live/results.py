"""What one row of a live filter hands back: the belief, and what the row said.

Both are read from one copy of the row's numbers, and only when they are looked at, so that a step costs no more
than the filter does.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy import frombuffer

from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.cache import engine_of
from foglight.compiler.engine.two_phase_engine import TwoPhaseEngine
from foglight.compiler.kernel import Kernel
from foglight.core.errors import Status
from foglight.core.types import Array
from foglight.inference.detail import Block, blocks_of, gain, innovation_cov
from foglight.inference.gaussians import belief_from
from foglight.live.stepper import SensorInput
from foglight.methods.method import Method
from foglight.model.belief import Belief
from foglight.model.model import Model

_FLOAT64 = np.dtype(np.float64)


class Reader:
    """How the numbers of a row are read: the model, the method and the layout of the record."""

    def __init__(self, model: Model, method: Method, kernel: Kernel) -> None:
        self.model = model
        self.method = method
        self.kernel = kernel
        self.states = len(model.state)
        self.plain = not model.motion.limits  # whether a belief is reported as it is carried

    def belief(self, record: bytes) -> Belief:
        """The belief in a record, which may have what is unknown behind it."""
        values = np.frombuffer(record)
        return belief_from(self.model, self.method, values, values[self.kernel.width :])

    def carried(self, carry: Array) -> Belief:
        """The belief in a carry, which may have what is unknown behind it."""
        return belief_from(self.model, self.method, carry, carry[self.kernel.carried :])

    def detail(self, told: "RowData") -> tuple[Array, Array]:
        """The record of the same row with S and K in it, and what was unknown before its first sensor."""
        carry = np.frombuffer(told.before)
        arrays = Arrays(
            np.array([told.dt]),
            np.frombuffer(told.u).reshape(1, 1, -1),
            np.zeros((1, 1, 0)),
            np.frombuffer(told.z).reshape(1, 1, -1),
            np.array(list(self.model.parameters.values())),
            carry[None],
        )
        engine = engine_of(self.model, self.method, "detail")
        apart = np.zeros(0)
        if isinstance(engine, TwoPhaseEngine):
            arrays = replace(arrays, carry=engine.joined(carry)[None])
            apart = engine.unknown(arrays)[1][0].ravel()  # of one row, or none
        record: Array = engine.run(arrays)[1][0, 0]
        return record, apart


class RowData(NamedTuple):
    """A row in numbers: what the kernel recorded; what it was given; the row's time, sensor and further bits."""

    reader: Reader
    record: bytes
    before: bytes
    z: bytes
    u: bytes
    dt: float
    stamp: int
    entry: SensorInput
    bits: int

    def plain(self) -> dict[str, Any]:
        """The row as a file has it."""
        told = self._asdict()
        del told["reader"], told["entry"]
        told["record"] = told["record"][: 8 * self.reader.kernel.width]
        return told | {"sensor": self.entry.name}

    @classmethod
    def again(cls, reader: Reader, entry: SensorInput, plain: Mapping[str, Any]) -> "RowData":
        """The row that is told in a file."""
        rest = {name: value for name, value in plain.items() if name != "sensor"}
        return cls(reader=reader, entry=entry, **rest)


class LiveBelief(Belief):
    """A Belief whose numbers are read when they are first asked for."""

    __slots__ = ("told",)

    told: tuple[Any, ...]

    @property
    def mean(self) -> Array:
        """(n,)"""
        reader = self.told[0]
        # What most loops read, and nothing else: worth a way of its own.
        return frombuffer(self.told[1], _FLOAT64, reader.states) if reader.plain else self._mean

    def __getattr__(self, name: str) -> Any:
        # Reached for a slot that is still empty: to fill them all in every step would cost more than the step.
        if name not in Belief.__slots__:
            raise AttributeError(f"Belief has no attribute {name!r}")
        whole = self.told[0].belief(self.told[1])
        for slot in Belief.__slots__:
            setattr(self, slot, getattr(whole, slot))
        return getattr(self, name)

    def __reduce__(self) -> Any:
        return _plain_belief, (self.mean, self.factor, self.unknown, self.names)


def _plain_belief(mean: Array, factor: tuple[Array, Array], unknown: Array, names: tuple[str, ...]) -> Belief:
    return Belief(mean, factor=factor, unknown=unknown, names=names)


class Info:
    """What a row said. Of its sensor, in declared order: innovation (m,), NaN where unused; innovation_cov (m, m);
    gain (n, m). nis, NaN where nothing was used; loglik, 0 then; status; sensor, None for a row of all sensors;
    time in seconds and time_ns; predicted, the belief before the reading. The same numbers as in a `Run`.

    >>> belief, info = live.step(0.1, "radar", [5.2])
    >>> info.nis, info.status
    """

    __slots__ = ("__dict__", "told")

    told: tuple[Any, ...]

    def __copy__(self) -> "Info":
        return self

    def __deepcopy__(self, memo: object) -> "Info":
        return self

    def __repr__(self) -> str:
        name = self.sensor or "row"
        return f"Info({name} at {self.time:.9g} s: {self.status.name}, nis={self.nis:.4g})"

    @property
    def status(self) -> Status:
        """What happened."""
        t = self._told
        return Status(int(self._record[t.reader.kernel.status]) | t.bits)

    @property
    def innovation(self) -> Array:
        """z - h(x)."""
        t = self._told
        first = len(t.reader.kernel.carry) + t.entry.first
        return self._record[first : first + t.entry.size]

    @property
    def nis(self) -> float:
        """eᵀ S⁻¹ e."""
        return float(self._record[self._told.reader.kernel.nis])

    @property
    def loglik(self) -> float:
        """log p(z | all before it)."""
        return float(self._record[self._told.reader.kernel.loglik])

    @property
    def time(self) -> float:
        """Seconds."""
        return self._told.stamp / 1e9

    @property
    def time_ns(self) -> int:
        """Nanoseconds."""
        return self._told.stamp

    @property
    def sensor(self) -> str | None:
        """Whose reading it was."""
        return self._told.entry.name

    @property
    def predicted(self) -> Belief:
        """The belief at this time, before the reading; what innovation and S follow from, without limits."""
        record, unknown = self._told.reader.detail(self._told)
        return belief_from(self._told.reader.model, self._told.reader.method, record, unknown, limits=False)

    @cached_property
    def innovation_cov(self) -> Array:
        """S; block by block where the row has several sensors. NaN where unused, inf where an unknown direction took
        the measurement up."""
        return innovation_cov(self._detail, self.innovation, self._blocks)

    @cached_property
    def gain(self) -> Array:
        """K."""
        t = self._told
        return gain(self._detail, t.reader.states, t.entry.size, self._blocks)

    @property
    def _blocks(self) -> list[Block]:
        t = self._told
        of = slice(t.entry.first, t.entry.first + t.entry.size)
        return blocks_of(t.reader.model, len(t.reader.kernel.carry), of)

    @cached_property
    def _told(self) -> RowData:
        return RowData(*self.told)

    @cached_property
    def _record(self) -> Array:
        return np.frombuffer(self._told.record)

    @cached_property
    def _detail(self) -> Array:
        return self._told.reader.detail(self._told)[0]


def handed_back(told: tuple[Any, ...]) -> tuple[Belief, Info]:
    """The belief and the info of a row: the fields of a Told, in order."""
    belief, info = _new(LiveBelief), _new(Info)
    belief.told = info.told = told
    return belief, info


_new: Callable[[Any], Any] = object.__new__
