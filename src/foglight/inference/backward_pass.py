"""The backward scan of a run: its rows in reverse; the rows with unknown directions come last."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.backends import interpreter
from foglight.compiler.backends.backend import Engine
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.cache import backward_engine
from foglight.compiler.kernel import SEEN, Kernel
from foglight.compiler.kernels.smoother_stage import DRAW, SMOOTH, recorded
from foglight.core.errors import REFUSED, NumericalError, StateError, Status
from foglight.core.row_names import Rows
from foglight.core.types import Array
from foglight.inference.gaussians import Unknown
from foglight.inference.run import Run
from foglight.methods.diffuse_start import Diffuse
from foglight.methods.layout import belief_size, carried
from foglight.methods.method import Method
from foglight.model.model import Model

_FEW = 32  # up to this many rows, interpreting is faster than compiling a kernel for them


class ReversedTrack(NamedTuple):
    """Rows of one track: track and rows are its position in the log; arrays are those of the scan, in reverse."""

    track: int
    rows: slice
    arrays: Arrays
    unknown: Unknown


class Backward:
    """The backward scans over rows that have been filtered.

    arrays: the filter's input; records (tracks, T, width): its output; unknown: its unknown directions; status: the
    column of the status in records.
    """

    def __init__(
        self, model: Model, method: Method, arrays: Arrays, records: Array, status: int, unknown: Unknown
    ) -> None:
        self.model, self.method = model, method
        self.arrays = _backwards(model, method, arrays, records, status)
        self.unknown = unknown

    @classmethod
    def of(cls, run: Run) -> "Backward":
        """The scans of a run; StateError if it kept only its last belief."""
        if run._records is None:
            raise StateError(
                "this run kept only its last belief, and a smoother needs every row's. Run again with keep='all'.",
                field="keep",
                value="last",
            )
        status = run._engine.kernel.status
        return cls(run.model, run.method, run._arrays, run._records, status, run._unknown())

    def describe(self) -> str:
        """What computes the scan, in words."""
        return backward_engine(self.model, self.method, SMOOTH).describe(self.arrays)

    def run(self, what: str) -> tuple[Array, Unknown]:
        """Records (tracks, T, width) in the log's order, and the directions that all readings leave unknown."""
        if self.arrays.first is None or not len(self.unknown.rows):
            return self.scan(what, self.arrays, self.unknown)
        records, left = [], []
        for track_rows in self.reversed_tracks():
            found, unknown = self.scan(what, track_rows.arrays, track_rows.unknown)
            records.append(found)
            left.append(unknown._replace(rows=unknown.rows + track_rows.rows.start))
        rows, A, w = (
            np.concatenate(parts[::-1], axis=axis)
            for axis, parts in zip((0, 1, 1), zip(*left, strict=True), strict=True)
        )
        return np.concatenate(records[::-1], axis=1), Unknown(rows, A, w)

    def reversed_tracks(self) -> Iterator[ReversedTrack]:
        """The tracks one by one; where their rows follow one another, the last track first."""
        stop, ragged = len(self.arrays.dt), self.arrays.first is not None
        rows, A, w = self.unknown
        for track, one in enumerate(self.arrays.each()):
            at = slice(stop - len(one.dt), stop)
            if ragged:
                mine, own, stop = (at.start <= rows) & (rows < at.stop), slice(0, 1), at.start
            else:
                mine, own = np.ones(len(rows), bool), slice(track, track + 1)
            yield ReversedTrack(
                0 if ragged else track,
                at,
                one,
                Unknown(rows[mine] - at.start, A[own][:, mine], w[own][:, mine]),
            )

    def scan(self, what: str, arrays: Arrays, unknown: Unknown) -> tuple[Array, Unknown]:
        """As `run`, for tracks that share their times. Rows with unknown directions are the first ones of the log."""
        engine = backward_engine(self.model, self.method, what)
        count, rows = len(unknown.rows), len(arrays.dt)
        n, d = unknown.A.shape[2:]
        nothing = Unknown(unknown.rows[:0], unknown.A[:, :0], unknown.w[:, :0])
        if not count:
            return _scanned(engine, arrays)[1][:, ::-1], nothing
        parts, carry = [], arrays.carry
        if count < rows:
            carry, part = _scanned(engine, contiguous(arrays.rows_of(0, rows - count)))
            parts.append(part)
        last = rows - count
        first = arrays.rows_of(last, rows)
        size = belief_size(n)
        directions = np.concatenate([_flat(unknown.A), unknown.w], axis=2)[:, ::-1]
        z = np.concatenate([first.z[:, :, :size], directions, first.z[:, :, size:]], axis=2)
        if what != DRAW:
            free = np.zeros((len(carry), n * d)) if count < rows else _flat(unknown.A)[:, -1]
            carry = np.concatenate([carry[:, :size], free, np.zeros((len(carry), 2))], axis=1)
        diffuse = Diffuse(self.method, d)
        engine = backward_engine(self.model, diffuse, what)
        part = _scanned(engine, contiguous(replace(first, z=z, carry=carry)), few=count <= _FEW)[1]
        if what != SMOOTH:
            return np.concatenate([*parts, part], axis=1)[:, ::-1], nothing
        A = part[:, ::-1, size:].reshape(len(part), count, d, n).swapaxes(2, 3)
        left = np.flatnonzero((A != 0.0).any(axis=(0, 2, 3)))
        parts.append(part[:, :, :size])
        weights = (A[:, left] != 0.0).any(axis=2).astype(float)
        return np.concatenate(parts, axis=1)[:, ::-1], Unknown(left, A[:, left], weights)


def _flat(A: Array) -> Array:
    """Directions (tracks, rows, n, d) in the order in which they are carried: (tracks, rows, d n)."""
    return A.swapaxes(2, 3).reshape(*A.shape[:2], -1)


def contiguous(arrays: Arrays) -> Arrays:
    """The same arrays, made contiguous for a scan where they are slices of others."""
    parts: dict[str, Any] = {
        name: np.ascontiguousarray(getattr(arrays, name)) for name in ("dt", "u", "row", "z", "carry")
    }
    return replace(arrays, **parts)


def _scanned(engine: Engine, arrays: Arrays, few: bool = False) -> tuple[Array, Array]:
    """Carry and records of the scan, or the error of its first bad row.

    few: so few rows that compiling is not worth it; the interpreter gives the same bits.
    """
    if few and engine.same_bits:
        carry, records = interpreter.scan(engine.kernel, arrays)
    else:
        carry, records = engine.run(arrays)
    if any(int(seen) & int(REFUSED) for seen in carry[:, SEEN]):
        _raise_first_bad(engine.kernel, arrays)
    return carry, records


def _backwards(model: Model, method: Method, arrays: Arrays, records: Array, status: int) -> Arrays:
    """The input of a backward scan: the rows in reverse, each with the step that leads to the row after it."""
    n, rows = len(model.state), len(arrays.dt)
    size = belief_size(n)
    after = np.minimum(np.arange(rows) + 1, rows - 1)[::-1]
    dt = arrays.dt[after]
    firsts = np.zeros(1, np.int64) if arrays.first is None else arrays.first
    ends = np.append(firsts[1:], rows) - 1  # the last row of each track: its smoothed belief is the filter's
    dt[rows - 1 - ends] = 0.0
    z = np.ascontiguousarray(records[:, ::-1, :size])
    kernel = backward_engine(model, method, SMOOTH).kernel
    if kernel.widths["z"] > size:
        reset = (records[:, :, status].astype(np.int64) & int(Status.RESET)) != 0
        reset = np.append(reset[:, 1:], np.zeros((len(records), 1), bool), axis=1)
        reset[:, ends] = False
        z = np.concatenate([z, np.where(reset, 1.0, np.nan)[:, ::-1, None]], axis=2)
    last = records[:, rows - 1, :size] if arrays.first is None else records[0, ends[::-1], :size]
    carry = np.zeros((len(last), size + 2))
    carry[:, :size] = last if method.factored else [carried(recorded(method, row, n)) for row in last]
    labels = arrays.rows
    return Arrays(
        dt=np.ascontiguousarray(dt),
        u=np.ascontiguousarray(arrays.u[:, after]),
        row=np.ascontiguousarray(arrays.row[:, after]),
        z=z,
        params=arrays.params,
        carry=carry,
        first=None if arrays.first is None else rows - 1 - ends[::-1],
        rows=_ReversedRows(
            _flipped(labels.time_ns), _flipped(labels.track), labels.names, last=labels.before + rows - 1
        ),
    )


def _flipped(array: NDArray[np.int64] | None) -> NDArray[np.int64] | None:
    return None if array is None else array[::-1]


@dataclass(frozen=True)
class _ReversedRows(Rows):
    """Rows in reverse order; `last` is the number in the log of the one that comes first here."""

    last: int = 0

    def number(self, k: int) -> int:
        return self.last - self.before - k


def _raise_first_bad(kernel: Kernel, arrays: Arrays) -> NoReturn:
    """The error of the latest row whose smoothed belief is not finite."""
    width = kernel.width
    kernel = replace(kernel, status=width, width=width + 1)
    for number, one in enumerate(arrays.each()):
        status = interpreter.scan(kernel, one)[1][0, :, width].astype(np.int64)
        bad = np.flatnonzero(status & int(REFUSED))
        if len(bad):
            k = int(bad[0])
            where = one.rows.where(k, str(number) if arrays.tracks > 1 else "")
            raise NumericalError(
                f"the smoothed belief of {where} is not finite: expected finite numbers. Check the motion and its "
                "noise at the row after it, or their units.",
                field="row", index=one.rows.number(k), value=one.rows.number(k),
            )  # fmt: skip
    raise NumericalError("a smoothed belief is not finite. Check the model.", field="row")
