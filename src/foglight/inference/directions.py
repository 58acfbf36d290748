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
_FEW = 4  # parameters, at most, for which half as many lanes are filled
_MANY = 16  # this many tracks one after another, since each would cost a call from Python
_LARGEST = 1 << 26  # bytes of derivatives that are kept at once


def parts_of(engine: GradientEngine, arrays: Arrays, values: Array) -> Iterator["DirectionRuns"]:
    """The tracks, split so that either they or the pairs fill the lanes. values: of the parameters in the model."""
    one = engine.first if isinstance(engine, TwoPhaseEngine) else engine
    enough = max(2, one.lanes(_LANES)) if isinstance(one, CompiledEngine) else 2
    in_turn = (
        arrays.first is not None and not isinstance(engine, TwoPhaseEngine) and len(arrays.first) >= _MANY
    )
    if in_turn or (arrays.first is None and arrays.tracks >= enough):
        yield SideBySide(engine, arrays, len(values))
    else:
        for alone in arrays.each():
            yield Alone(engine, alone, values)


class DirectionRuns:
    """Rows that are scanned for several pairs of a point (values of the parameters) and a direction from it."""

    def __init__(self, engine: GradientEngine, p: int) -> None:
        self.engine = engine
        kernel = engine.first.kernel if isinstance(engine, TwoPhaseEngine) else engine.kernel
        self.layout = GradientLayout.of(kernel, p)
        self.slope = self.layout.tangent
        self.p = p
        self.blocks: list[Arrays] = []

    def run(self, block: Arrays, points: Array, directions: Array) -> tuple[Array, Array]:
        """carry (pairs, tracks, carried) and scores (pairs, rows x innovations) of points and directions (pairs, p)."""
        raise NotImplementedError

    def start(self, carry: Array, points: Array, directions: Array) -> Array:
        """The filter's carry (…, its own + 2) extended to that of the gradient at these points along directions."""
        wide = np.zeros((max(len(carry), len(points)), self.layout.values.stop + 2))
        wide[:, : self.layout.primal] = carry[:, : self.layout.primal]
        wide[:, self.layout.seeds] = directions
        wide[:, self.layout.values] = points
        return wide


class Alone(DirectionRuns):
    """One track: the pairs are its lanes."""

    def __init__(self, engine: GradientEngine, arrays: Arrays, values: Array) -> None:
        p = len(values)
        # One width for a single gradient and for many pairs, since each is compiled apart.
        self._lanes = _LANES if p > _FEW else _FEW
        super().__init__(_narrowed(engine, self._lanes), p)
        along = np.eye(max(p, self._lanes), p)  # of the gradient at these values; those beyond p are zero
        self.blocks = [
            replace(arrays, carry=self.start(arrays.carry, np.tile(values, (len(along), 1)), along))
        ]
        self._most = max(self._lanes, _LARGEST // (8 * max(1, len(arrays.dt) * engine.kernel.width)))

    def run(self, block: Arrays, points: Array, directions: Array) -> tuple[Array, Array]:
        carries, scores = [], []
        for first in range(0, len(points), self._most):
            last = min(first + self._most, len(points))
            pairs = last - first
            start = np.empty((max(pairs, self._lanes), self.layout.values.stop + 2))
            start[:pairs] = self.start(block.carry[:1], points[first:last], directions[first:last])
            start[pairs:] = start[0]  # any pair, until the lanes are full
            carry, records = self.engine.run(replace(block, carry=start))
            carries.append(carry[:pairs, None])
            scores.append(records[:pairs].reshape(pairs, records[0].size))
        if len(carries) == 1:
            return carries[0], _finite(scores[0])
        return np.concatenate(carries), _finite(np.concatenate(scores))


class SideBySide(DirectionRuns):
    """One pair after the other, all tracks in one call: tracks that share their times fill the lanes."""

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

    def run(self, block: Arrays, points: Array, directions: Array) -> tuple[Array, Array]:
        carries, scores = [], []
        for point, direction in zip(points, directions, strict=True):
            start = self.start(block.carry, point[None], direction[None])
            carry, records = self.engine.run(replace(block, carry=start))
            carries.append(carry)
            scores.append(records.ravel())
        return np.array(carries), _finite(np.array(scores))


def _narrowed(engine: GradientEngine, lanes: int) -> GradientEngine:
    """The engine with this many lanes at most, where it has lanes."""

    def phase(one: Engine) -> Engine:
        return one.narrowed(lanes) if isinstance(one, CompiledEngine) else one

    if isinstance(engine, TwoPhaseEngine):
        return replace(engine, first=phase(engine.first), then=phase(engine.then))
    return phase(engine)


def log_variances(engine: GradientEngine) -> list[int]:
    """The columns of d log S/√2 in a record; in each stage, those of dε/√S come before them."""
    columns: list[int] = []
    for stage in engine.kernel.stages:
        columns += stage.record[len(stage.record) // 2 :]
    return columns


def _finite(scores: Array) -> Array:
    """The scores with 0 in place of NaN, which stands for a stage that did not run."""
    return np.where(np.isnan(scores), 0.0, scores) if np.isnan(scores).any() else scores
