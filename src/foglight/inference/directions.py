"""Directions of a likelihood's gradient. They run as tracks, and share an engine's lanes with the tracks of a log."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from foglight.compiler.backends.backend import Engine
from foglight.compiler.backends.llvm_engine import CompiledEngine
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.two_phase_engine import TwoPhaseEngine
from foglight.compiler.kernels.gradient import GradientLayout
from foglight.core.types import Array
from foglight.inference.moving_start import MovingStart

GradientEngine = Engine | TwoPhaseEngine
_LANES = 8  # the largest number that any machine has
_FEW = 4  # parameters, at most, for which half as many lanes are filled
_MANY = 16  # this many tracks one after another, since each would cost a call from Python
_LARGEST = 1 << 26  # bytes of derivatives that are kept at once


def parts_of(
    engine: GradientEngine, arrays: Arrays, p: int, moving: MovingStart | None = None
) -> Iterator["DirectionRuns"]:
    """The tracks, split so that either they or the pairs fill the lanes. p: the number of parameters."""
    one = engine.first if isinstance(engine, TwoPhaseEngine) else engine
    enough = max(2, one.lanes(_LANES)) if isinstance(one, CompiledEngine) else 2
    in_turn = (
        arrays.first is not None and not isinstance(engine, TwoPhaseEngine) and len(arrays.first) >= _MANY
    )
    if in_turn or (arrays.first is None and arrays.tracks >= enough):
        yield SideBySide(engine, arrays, p, moving)
    else:
        for alone in arrays.each():
            yield Alone(engine, alone, p, moving)


class Along(NamedTuple):
    """What the runs found for pairs of a point and a direction.

    ends: the carries (pairs, tracks, carried).  slopes: of the log-likelihood (pairs, tracks).  scores: the pairs' own
    parts of the records (pairs, rows x innovations).
    """

    ends: Array
    slopes: Array
    scores: Array


class DirectionRuns:
    """Rows that are scanned for several pairs of a point (values of the parameters) and a direction from it.

    moving: the start, where it depends on the parameters.
    """

    def __init__(self, engine: GradientEngine, p: int, moving: MovingStart | None) -> None:
        self.engine = engine
        kernel = engine.first.kernel if isinstance(engine, TwoPhaseEngine) else engine.kernel
        self.layout = GradientLayout.of(kernel, p)
        self.p, self.moving = p, moving
        self.blocks: list[Arrays] = []

    def run(self, block: Arrays, points: Array, directions: Array) -> Along:
        """What is found for points and directions (pairs, p)."""
        raise NotImplementedError

    def silenced(self, block: Arrays, parameter: int) -> Arrays:
        """The rows as a kernel that can leave out derivatives takes them for that: its first free parameter is NaN."""
        params = block.params.copy()
        params[parameter] = np.nan
        return replace(block, params=params)

    def start(self, carry: Array, points: Array, directions: Array) -> Array:
        """The filter's carry (…, its own + 2) extended to that of the gradient at these points (…, p) along directions
        (…, d, p), as many as the kernel carries."""
        wide = np.zeros((max(len(carry), len(points)), self.layout.stop + 2))
        n = self.layout.primal
        wide[:, :n], wide[:, -2:] = carry[:, :n], carry[:, -2:]
        for k, point in enumerate(points if self.moving is not None else ()):
            assert self.moving is not None
            at = slice(None) if len(points) == 1 else slice(k, k + 1)
            same = k and (point == points[k - 1]).all()
            wide[at, :n] = wide[k - 1, :n] if same else self.moving.at(point)
            for c, direction in enumerate(directions[k]):
                wide[at, (1 + c) * n : (2 + c) * n] = self.moving.along(point, direction)
        wide[:, self.layout.seeds] = directions.reshape(len(directions), -1)
        wide[:, self.layout.values] = points
        return wide

    def grouped(self, points: Array, directions: Array) -> tuple[Array, Array, list[tuple[int, int]]]:
        """The pairs in groups of as many directions from one point as the kernel carries: the points (groups, p), their
        directions (groups, d, p), and for each pair its group and its number there."""
        d, at = self.layout.directions, []
        group, k = -1, d
        for pair, point in enumerate(points):
            if k == d or (point != points[pair - 1]).any():
                group, k = group + 1, 0
            at.append((group, k))
            k += 1
        together = np.zeros((group + 1, d, self.p))
        where = np.zeros((group + 1, self.p))
        for pair, (group, k) in enumerate(at):
            where[group], together[group, k] = points[pair], directions[pair]
        return where, together, at

    def found(self, carry: Array, records: Array, k: int) -> Along:
        """Of one group, the part of its direction k: the tracks' carries, slopes and scores."""
        scores = records.reshape(-1, self.layout.directions, self.width)[:, k].ravel()
        return Along(carry, carry[:, self.layout.tangent + k], scores)

    @property
    def width(self) -> int:
        """The numbers of a record that belong to one direction."""
        return self.engine.kernel.width // self.layout.directions


class Alone(DirectionRuns):
    """One track: the groups of pairs are its lanes."""

    def __init__(
        self, engine: GradientEngine, arrays: Arrays, p: int, moving: MovingStart | None = None
    ) -> None:
        # One width for a single gradient and for many pairs, since each is compiled apart.
        self._lanes = 1 if engine.kernel.on_arrays else _LANES if p > _FEW else _FEW
        super().__init__(_narrowed(engine, self._lanes), p, moving)
        self.blocks = [arrays]
        self._most = max(self._lanes, _LARGEST // (8 * max(1, len(arrays.dt) * engine.kernel.width)))

    def run(self, block: Arrays, points: Array, directions: Array) -> Along:
        where, along, at = self.grouped(points, directions)
        parts: list[Along] = []
        for first in range(0, len(where), self._most):
            last = min(first + self._most, len(where))
            count = last - first
            start = np.empty((max(count, self._lanes), self.layout.stop + 2))
            start[:count] = self.start(block.carry[:1], where[first:last], along[first:last])
            start[count:] = start[0]  # any group, until the lanes are full
            carry, records = self.engine.run(replace(block, carry=start))
            for group, k in at:
                if first <= group < last:
                    parts.append(self.found(carry[None, group - first], records[group - first], k))
        return _together(parts)


class SideBySide(DirectionRuns):
    """One group after the other, all tracks in one call: tracks that share their times fill the lanes."""

    def __init__(
        self, engine: GradientEngine, arrays: Arrays, p: int, moving: MovingStart | None = None
    ) -> None:
        super().__init__(engine, p, moving)
        if arrays.first is not None:
            self.blocks = [arrays]
            return
        tracks, rows = arrays.tracks, len(arrays.dt)
        some = max(1, _LARGEST // (8 * max(1, p * rows * self.width)))
        for first in range(0, tracks, some):
            at = slice(first, min(first + some, tracks))
            u, row, z = (a[at] if len(a) > 1 else a for a in (arrays.u, arrays.row, arrays.z))
            carry = arrays.carry[at] if len(arrays.carry) > 1 else arrays.carry
            self.blocks.append(replace(arrays, u=u, row=row, z=z, carry=carry))

    def run(self, block: Arrays, points: Array, directions: Array) -> Along:
        where, along, at = self.grouped(points, directions)
        ran = []
        for point, several in zip(where, along, strict=True):
            start = self.start(block.carry, point[None], several[None])
            ran.append(self.engine.run(replace(block, carry=start)))
        return _together([self.found(*ran[group], k) for group, k in at])


def _together(parts: list[Along]) -> Along:
    ends, slopes, scores = (np.array([part[k] for part in parts]) for k in range(3))
    return Along(ends, slopes, _finite(scores))


def _narrowed(engine: GradientEngine, lanes: int) -> GradientEngine:
    """The engine with this many lanes at most, where it has lanes."""

    def phase(one: Engine) -> Engine:
        return one.narrowed(lanes) if isinstance(one, CompiledEngine) and not one.kernel.on_arrays else one

    if isinstance(engine, TwoPhaseEngine):
        return replace(engine, first=phase(engine.first), then=phase(engine.then))
    return phase(engine)


def _finite(scores: Array) -> Array:
    """The scores with 0 in place of NaN, which stands for a stage that did not run."""
    return np.where(np.isnan(scores), 0.0, scores) if np.isnan(scores).any() else scores
