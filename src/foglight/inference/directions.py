"""Directions of a likelihood's gradient. They run as tracks, and share an engine's lanes with the tracks of a log."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from foglight.compiler.backends.backend import Engine
from foglight.compiler.backends.llvm_engine import CompiledEngine
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.two_phase_engine import TwoPhaseEngine
from foglight.compiler.kernels.gradient import GradientLayout
from foglight.core.types import Array

GradientEngine = Engine | TwoPhaseEngine
_LANES = 8  # the largest number that any machine has
_MANY = 16  # this many tracks one after another, since each would cost a call from Python
_LARGEST = 1 << 26  # bytes of derivatives that are kept at once


def parts_of(engine: GradientEngine, arrays: Arrays, p: int) -> Iterator["DirectionRuns"]:
    """The tracks, split so that either they or the directions fill the lanes."""
    one = engine.first if isinstance(engine, TwoPhaseEngine) else engine
    enough = max(2, one.lanes(_LANES)) if isinstance(one, CompiledEngine) else 2
    in_turn = (
        arrays.first is not None and not isinstance(engine, TwoPhaseEngine) and len(arrays.first) >= _MANY
    )
    if in_turn or (arrays.first is None and arrays.tracks >= enough):
        yield SideBySide(engine, arrays, p)
    else:
        for alone in arrays.each():
            yield Alone(engine, alone, p)


class DirectionRuns:
    """Rows that are scanned by one call, or by one call per direction."""

    def __init__(self, engine: GradientEngine, p: int) -> None:
        kernel = engine.first.kernel if isinstance(engine, TwoPhaseEngine) else engine.kernel
        self.layout = GradientLayout.of(kernel, p)
        self.slope = self.layout.tangent
        self.p = p
        self.blocks: list[Arrays] = []

    def run(self, engine: GradientEngine, block: Arrays) -> tuple[Array, Array]:
        """carry (directions, tracks, carried), and scores (directions, rows x innovations)."""
        raise NotImplementedError

    def start(self, carry: Array, directions: Array) -> Array:
        """The filter's carry (…, its own + 2) extended to the carry of the gradient along each direction."""
        wide = np.zeros((len(directions), self.layout.seeds.stop + 2))
        wide[:, : self.layout.primal] = carry[:, : self.layout.primal]
        wide[:, self.layout.seeds] = directions
        return wide


class Alone(DirectionRuns):
    """One track: the directions are its lanes."""

    def __init__(self, engine: GradientEngine, arrays: Arrays, p: int) -> None:
        super().__init__(engine, p)
        full = 1
        while full < p:
            full *= 2
        directions = np.eye(max(full, 1), p)  # as many as fill the lanes; those beyond p are zero
        self.blocks = [replace(arrays, carry=self.start(arrays.carry, directions))]

    def run(self, engine: GradientEngine, block: Arrays) -> tuple[Array, Array]:
        carry, records = engine.run(block)
        return carry[: max(self.p, 1), None], _finite(records[: self.p].reshape(self.p, records[0].size))


class SideBySide(DirectionRuns):
    """One direction after the other, all tracks in one call: tracks that share their times fill the lanes."""

    def __init__(self, engine: GradientEngine, arrays: Arrays, p: int) -> None:
        super().__init__(engine, p)
        if arrays.first is not None:
            self.blocks = [arrays]
            return
        tracks, rows = arrays.tracks, len(arrays.dt)
        some = max(1, _LARGEST // (8 * max(1, p * rows * engine.kernel.width)))
        for first in range(0, tracks, some):
            at = slice(first, min(first + some, tracks))
            u, row, z = (a[at] if len(a) > 1 else a for a in (arrays.u, arrays.row, arrays.z))
            carry = arrays.carry[at] if len(arrays.carry) > 1 else arrays.carry
            self.blocks.append(replace(arrays, u=u, row=row, z=z, carry=carry))

    def run(self, engine: GradientEngine, block: Arrays) -> tuple[Array, Array]:
        carries, scores = [], []
        for direction in np.eye(max(self.p, 1), self.p):
            seeds = np.broadcast_to(direction, (len(block.carry), self.p))
            carry, records = engine.run(replace(block, carry=self.start(block.carry, seeds)))
            carries.append(carry)
            scores.append(records.ravel())
        return np.array(carries)[: max(self.p, 1)], _finite(np.array(scores)[: self.p])


def log_variances(engine: GradientEngine) -> list[int]:
    """The columns of d log S/√2 in a record; in each stage, those of dε/√S come before them."""
    columns: list[int] = []
    for stage in engine.kernel.stages:
        columns += stage.record[len(stage.record) // 2 :]
    return columns


def _finite(scores: Array) -> Array:
    """The scores with 0 in place of NaN, which stands for a stage that did not run."""
    return np.where(np.isnan(scores), 0.0, scores) if np.isnan(scores).any() else scores
