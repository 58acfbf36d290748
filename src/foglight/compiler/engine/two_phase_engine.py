"""Two kernels in sequence: the first carries extra numbers, and the second takes over when these are used up.

A start with unknown directions is run by a kernel that carries those directions and their weights. Once all weights
are 0, the ordinary kernel continues. Wherever all weights are 0, the first kernel computes the same bits as the
second, so the row after which they switch does not matter. Nothing here knows what the carried numbers mean. If one of
the kernels is not compiled, they agree to rounding, and switch after the first row that allows it.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.backends.backend import Engine
from foglight.compiler.engine.arrays import Arrays, concatenated, placed
from foglight.compiler.kernel import LOGLIK, SEEN, Kernel
from foglight.core import memory
from foglight.core.types import Array

_FURTHER_ROWS = 16  # of the second part of the first phase, at least; each further part doubles the rows done


@dataclass(frozen=True)
class TwoPhaseEngine:
    """An engine of two phases.

    kept: the indices in the first kernel's carry of the numbers that the second carries too.  weights: the indices of
    the weights, all of them 0 once the second kernel can take over.  note: on the first phase, for `describe`.
    waiting: the indices of further numbers of which the same holds, after the weights.  shown: which of the extra
    numbers are the unknown directions and their weights.
    """

    first: Engine
    then: Engine
    kept: tuple[int, ...]
    weights: tuple[int, ...]
    note: str = ""
    waiting: tuple[int, ...] = ()
    shown: slice = field(default_factory=lambda: slice(None), hash=False)

    @property
    def same_bits(self) -> bool:
        """Whether both engines give the bits of every other backend."""
        return self.first.same_bits and self.then.same_bits

    @property
    def kernel(self) -> Kernel:
        """The second kernel, whose layout the records have."""
        return self.then.kernel

    @property
    def carried(self) -> int:
        """Numbers carried from run to run, in the first kernel's layout."""
        return self.first.kernel.carried

    @property
    def until(self) -> tuple[int, ...]:
        """The indices of the numbers that are 0 once the second kernel can take over."""
        return self.weights + self.waiting

    @cached_property
    def apart(self) -> tuple[int, ...]:
        """Indices in the first kernel's carry of the numbers that the second does not carry: the extra numbers."""
        kept = set(self.kept)
        return tuple([k for k in range(len(self.first.kernel.carry)) if k not in kept])

    @cached_property
    def _both(self) -> NDArray[np.int64]:
        """Indices in the first kernel's carry of all that the second's has, in its order."""
        return np.array([*self.kept, LOGLIK, SEEN])

    def run(self, arrays: Arrays, out: Array | None = None) -> tuple[Array, Array]:
        """carry_out (tracks, carried) in the first kernel's layout, records (tracks, rows, width) in the second's."""
        if arrays.first is not None and not self.same_bits:
            return placed(concatenated(self.run(one) for one in arrays.each()), out)
        if arrays.first is not None:
            return self._run_tracks(arrays, out)
        carry, parts = self._first_phase(arrays)
        done = sum(part.shape[1] for part in parts)
        shape = (len(carry), len(arrays.dt), self.kernel.width)
        records = memory.empty(shape, np.dtype(self.kernel.dtype)) if out is None else out
        records[:, :done] = self._in_second_layout(np.concatenate(parts, axis=1)) if parts else 0.0
        if done < len(arrays.dt):
            rest = replace(arrays.rows_of(done, len(arrays.dt)), carry=carry[:, self._both])
            carry[:, self._both] = self.then.run(rest, records[:, done:])[0]
        return carry, records

    def _run_tracks(self, arrays: Arrays, out: Array | None) -> tuple[Array, Array]:
        """The same for tracks whose rows follow one another: each phase takes all of them at once."""
        carry, done, parts = self._first_phase_of_tracks(arrays)
        shape = (1, len(arrays.dt), self.kernel.width)
        records = memory.empty(shape, np.dtype(self.kernel.dtype)) if out is None else out
        for rows, part in parts:
            records[:, rows] = self._in_second_layout(part)
        left = arrays.lengths - done
        tracks = np.flatnonzero(left)
        if len(tracks):
            rest, rows = arrays.parts_of(tracks, done[tracks], left[tracks])
            carries, records[:, rows] = self.then.run(replace(rest, carry=carry[tracks][:, self._both]))
            carry[np.ix_(tracks, self._both)] = carries
        return carry, records

    def joined(self, parted: Array) -> Array:
        """Carries (…, carried) in the first kernel's layout, from the second's with the extra numbers appended."""
        whole = np.empty((*parted.shape[:-1], self.carried))
        whole[..., [*self.kept, LOGLIK, SEEN, *self.apart]] = parted
        return whole

    def parted(self, carry: Array) -> Array:
        """Carries in the second kernel's layout with the extra numbers appended, from carries in the first's."""
        return np.ascontiguousarray(carry[..., [*self.kept, LOGLIK, SEEN, *self.apart]])

    def unknown(self, arrays: Arrays) -> tuple[NDArray[np.int64], Array]:
        """The rows after which the first phase of some track goes on, and the extra numbers there (tracks, rows,
        numbers).

        If the first kernel records its carry after another stage, the numbers are those after that stage. Takes one
        scan of the first phase.
        """
        if arrays.first is not None and not self.same_bits:
            found = [self.unknown(one) for one in arrays.each()]
            rows_found = [first + part for first, (part, _) in zip(arrays.first, found, strict=True)]
            return np.concatenate(rows_found), np.concatenate([apart for _, apart in found], axis=1)
        if arrays.first is not None:
            carry, _, of_tracks = self._first_phase_of_tracks(arrays)
            numbers, parts = [rows for rows, _ in of_tracks], [part for _, part in of_tracks]
            at = np.concatenate([np.zeros(0, np.int64), *numbers])
        else:
            carry, parts = self._first_phase(arrays)
            at = np.arange(sum(part.shape[1] for part in parts))
        start = next(iter(self.first.kernel.snapshots.values()))
        sides = 1 if arrays.first is not None else len(carry)
        none = np.zeros((sides, 0, self.first.kernel.width), self.first.kernel.dtype)
        records = np.concatenate([none, *parts], axis=1)
        order = np.argsort(at)
        alive = (records[:, order][:, :, start + np.array(self.until)] != 0.0).any(axis=(0, 2))
        rows = order[alive]
        return at[rows].astype(np.int64), records[:, rows][:, :, start + np.array(self.apart)]

    def directions(self, arrays: Arrays) -> tuple[NDArray[np.int64], Array]:
        """The rows after which a weight of some track is not 0, and the directions and their weights there (tracks,
        rows, numbers). As `unknown`."""
        rows, apart = self.unknown(arrays)
        found = apart[:, :, self.shown]
        alive = (found[:, :, found.shape[2] - len(self.weights) :] != 0.0).any(axis=(0, 2))
        return rows[alive], found[:, alive]

    def unsettled(self, apart: Array) -> Array:
        """The directions and their weights among extra numbers (…, numbers), with weights of 1 where the first phase
        goes on though nothing is unknown: for a smoother, which takes such rows from the start on, too."""
        found = apart[..., self.shown].copy()
        if self.waiting:
            waits = (apart[..., -len(self.waiting) :] != 0.0).any(axis=-1)
            weights = found[..., -len(self.weights) :]
            weights[waits & ~weights.any(axis=-1)] = 1.0
        return found

    def _first_phase(self, arrays: Arrays) -> tuple[Array, list[Array]]:
        """The carry after the first phase, and its records in parts."""
        carry = np.broadcast_to(arrays.carry, (arrays.tracks, self.carried)).copy()
        parts: list[Array] = []
        done, rows = 0, len(arrays.dt)
        while done < rows and carry[:, self.until].any():
            more = int(self._rows_ahead(carry, np.array([done])).max()) if self.same_bits else 1
            last = min(rows, done + more)
            carry, records = self.first.run(replace(arrays.rows_of(done, last), carry=carry))
            parts.append(records)
            done = last
        return carry, parts

    def _first_phase_of_tracks(
        self, arrays: Arrays
    ) -> tuple[Array, NDArray[np.int64], list[tuple[NDArray[np.int64], Array]]]:
        """The carries after the first phase, the rows done of each track, and parts: row numbers and records."""
        lengths = arrays.lengths
        carry = np.broadcast_to(arrays.carry, (len(lengths), self.carried)).copy()
        done, parts = np.zeros(len(lengths), np.int64), []
        while len(tracks := np.flatnonzero(carry[:, self.until].any(axis=1) & (done < lengths))):
            count = np.minimum(lengths[tracks] - done[tracks], self._rows_ahead(carry[tracks], done[tracks]))
            part, rows = arrays.parts_of(tracks, done[tracks], count)
            carry[tracks], records = self.first.run(replace(part, carry=carry[tracks]))
            parts.append((rows, records))
            done[tracks] += count
        return carry, done, parts

    def _rows_ahead(self, carry: Array, done: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many rows of each track to run next: at first as many as its unknown directions need, if each reading
        takes one; later more, so that there are few parts."""
        unknown = np.count_nonzero(carry[:, self.until], axis=1)
        needed = -(-unknown // max(1, self.first.kernel.widths["z"]))
        return np.where(done == 0, needed, np.maximum(done, _FURTHER_ROWS))

    def _in_second_layout(self, records: Array) -> Array:
        """The first kernel's records in the second's layout. A row in which no component could be tested has no NIS."""
        first, then = self.first.kernel, self.then.kernel
        if bool(first.width) != bool(then.width):  # one of them records nothing, and nothing will be read
            return np.full((*records.shape[:2], then.width), np.nan)
        if not then.snapshots:
            return records
        rest = range(len(first.carry), first.width)
        converted = records[:, :, [*self.kept, *rest]]
        if then.sums >= 0:
            untested = np.isnan(converted[:, :, len(then.carry) : then.sums]).all(axis=2)
            converted[untested, then.sums] = np.nan
        return converted

    def describe(self, arrays: Arrays) -> str:
        """What ran, in words."""
        size = self.first.kernel.size
        parts = [f"{size} operations"] * bool(size) + [self.note] * bool(self.note)
        rest = f"; {', '.join(parts)} while something is unknown" if parts else ""
        return self.then.describe(arrays) + rest
