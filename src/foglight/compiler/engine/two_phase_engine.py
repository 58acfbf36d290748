"""Two kernels one after the other: a first one that carries more, until what it carries more is used up.

A start of which something is unknown is run by a kernel that carries the unknown directions and their weights; once
all weights are 0 the ordinary kernel goes on. The first computes what the second does, to the bit, wherever all
weights are 0, so that it does not matter after which row they change places. Nothing here knows what is carried.
Where one of them is not compiled they agree to rounding, and change places after the first row that allows it.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.backends.backend import Engine
from foglight.compiler.engine.arrays import Arrays, concatenated, placed
from foglight.compiler.kernel import LOGLIK, SEEN, Kernel
from foglight.core import memory
from foglight.core.types import Array

_FEWEST = 16  # rows that the first kernel is given at a time; twice as many each time


@dataclass(frozen=True)
class TwoPhaseEngine:
    """An engine of two. kept: where in the first's carry the numbers of the second's are; weights: where those are
    that are 0 once the second can go on. note: what to tell of the first phase."""

    first: Engine
    then: Engine
    kept: tuple[int, ...]
    weights: tuple[int, ...]
    note: str = ""

    @property
    def same_bits(self) -> bool:
        """Whether both do."""
        return self.first.same_bits and self.then.same_bits

    @property
    def kernel(self) -> Kernel:
        """The layout of the records: the second's."""
        return self.then.kernel

    @property
    def carried(self) -> int:
        """Numbers carried from run to run: the first's."""
        return self.first.kernel.carried

    @cached_property
    def apart(self) -> tuple[int, ...]:
        """Where in the first's carry the numbers are that the second does not have."""
        kept = set(self.kept)
        return tuple([k for k in range(len(self.first.kernel.carry)) if k not in kept])

    def run(self, arrays: Arrays, out: Array | None = None) -> tuple[Array, Array]:
        """carry_out (tracks, carried) as the first carries, and records (tracks, rows, width) as the second leaves."""
        if arrays.first is not None:
            return placed(concatenated(self.run(one) for one in arrays.each()), out)
        carry, parts = self._first_phase(arrays)
        done = sum(part.shape[1] for part in parts)
        shape = (len(carry), len(arrays.dt), self.kernel.width)
        records = memory.empty(shape, np.dtype(self.kernel.dtype)) if out is None else out
        records[:, :done] = self._told(np.concatenate(parts, axis=1)) if parts else 0.0
        if done < len(arrays.dt):
            both = [*self.kept, LOGLIK, SEEN]
            rest = replace(arrays.rows_of(done, len(arrays.dt)), carry=np.ascontiguousarray(carry[:, both]))
            carry[:, both] = self.then.run(rest, records[:, done:])[0]
        return carry, records

    def joined(self, parted: Array) -> Array:
        """Carries (…, carried) as the first has them, from the second's with what is carried apart behind it."""
        whole = np.empty((*parted.shape[:-1], self.carried))
        whole[..., [*self.kept, LOGLIK, SEEN, *self.apart]] = parted
        return whole

    def parted(self, carry: Array) -> Array:
        """The second's carries with what is carried apart behind them, from carries as the first has them."""
        return np.ascontiguousarray(carry[..., [*self.kept, LOGLIK, SEEN, *self.apart]])

    def unknown(self, arrays: Arrays) -> tuple[NDArray[np.int64], Array]:
        """The rows that leave a weight of some track that is not 0, and what is carried apart there (tracks, rows,
        numbers); where the first's records have the carry of another stage, there. One scan of the first phase."""
        if arrays.first is not None:
            found = [self.unknown(one) for one in arrays.each()]
            places = [first + part for first, (part, _) in zip(arrays.first, found, strict=True)]
            return np.concatenate(places), np.concatenate([apart for _, apart in found], axis=1)
        carry, parts = self._first_phase(arrays)
        place = next(iter(self.first.kernel.snapshots.values()))
        records = (
            np.concatenate(parts, axis=1) if parts else np.zeros((len(carry), 0, self.first.kernel.width))
        )
        alive = (records[:, :, place + np.array(self.weights)] != 0.0).any(axis=(0, 2))
        rows = np.flatnonzero(alive).astype(np.int64)
        return rows, records[:, rows][:, :, place + np.array(self.apart)]

    def _first_phase(self, arrays: Arrays) -> tuple[Array, list[Array]]:
        """The carry after the first phase, and its records, part by part."""
        carry = np.broadcast_to(arrays.carry, (arrays.tracks, self.carried)).copy()
        parts: list[Array] = []
        done, rows = 0, len(arrays.dt)
        while done < rows and carry[:, self.weights].any():
            last = min(rows, max(2 * done, _FEWEST) if self.same_bits else done + 1)
            carry, records = self.first.run(replace(arrays.rows_of(done, last), carry=carry))
            parts.append(records)
            done = last
        return carry, parts

    def _told(self, records: Array) -> Array:
        """Records of the first as the second has them. What no component could be checked by has no NIS."""
        first, then = self.first.kernel, self.then.kernel
        if not then.snapshots:
            return records
        rest = range(len(first.carry), first.width)
        told = records[:, :, [*self.kept, *rest]]
        if then.sums >= 0:
            untested = np.isnan(told[:, :, len(then.carry) : then.sums]).all(axis=2)
            told[untested, then.sums] = np.nan
        return told

    def describe(self, arrays: Arrays) -> str:
        """What ran."""
        size = self.first.kernel.size
        told = [f"{size} operations"] * bool(size) + [self.note] * bool(self.note)
        rest = f"; {', '.join(told)} while something is unknown" if told else ""
        return self.then.describe(arrays) + rest
