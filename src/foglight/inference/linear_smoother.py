"""The smoother of linear models: readings go backwards as equations, and meet what the filter knew.

What goes backwards does not depend on what was known before the log, so that seasons of an unknown start, and a motion
without noise that forgets, lose no digits: see `foglight.equations.information`. In the first rows, where the filter
still knows nothing in some directions, the first belief given all readings moves forward instead.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.backends.backend import Engine
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.cache import (
    engine_of,
    equations_engine,
    forward_engine,
    start_engine,
    weighted_engine,
)
from foglight.compiler.kept import kept
from foglight.compiler.kernel import SEEN
from foglight.compiler.kernels.linear_smoother import DISTURBANCE, MESSAGE, equations_size
from foglight.compiler.kernels.smoother_stage import DRAW, LAG_ONE, SMOOTH, recorded
from foglight.compiler.kernels.weighted_smoother import nothing_yet
from foglight.compiler.linearity import is_linear_gaussian
from foglight.core import memory
from foglight.core.errors import REFUSED, Status
from foglight.core.types import Array
from foglight.inference.gaussians import Gaussians, Unknown
from foglight.inference.scans import (
    FEW,
    Scanned,
    Smoother,
    firsts_and_ends,
    flat,
    left_unknown,
    nothing_unknown,
    reversed_firsts,
    reversed_rows,
    scanned,
    unflat,
)
from foglight.methods.ekf import EKF
from foglight.methods.layout import belief_of, belief_size, carried
from foglight.methods.method import Method
from foglight.methods.ukf import UKF
from foglight.model.model import Model

AGREES = 1e-6  # of a standard deviation: two ways to the same belief differ by rounding alone


def applies(model: Model, method: Method, records: Array, status: int) -> bool:
    """Whether these records of a run are those of a linear filter with Gaussian noise. status: its column in them.

    A bound on outliers changes the noise with the reading, an adapted noise changes with all readings before, and where
    a gate widened the belief, later readings do not change the rows before. In a row in which one sensor was gated and
    another one not testable, the records do not tell which.
    """
    # On a linear model these two are exact, and so are the methods made from them; another one may not be.
    exact = [(kind.predict, kind.update) for kind in (EKF, UKF)]
    if (type(method).predict, type(method).update) not in exact:
        return False
    if method.huber is not None or method.student is not None or method.adaptations:
        return False
    if model.motion.angles or any(sensor.angles for sensor in model.sensors):
        return False
    if rows_apart(records[:, :, status].astype(np.int64)).any():
        return False
    return kept(model, ("linear and Gaussian",), lambda: is_linear_gaussian(model))


def rows_apart(bits: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The rows, by the bits of their status, in which a filter of a linear model was not a linear one."""
    unclear = int(Status.GATED | Status.DIFFUSE)
    found: NDArray[np.bool_] = ((bits & int(Status.RESET | REFUSED)) != 0) | ((bits & unclear) == unclear)
    return found


class LinearSmoother(Smoother):
    """The smoother of a linear model with Gaussian noise.

    arrays: the filter's input; records (tracks, T, width): its output; unknown: its unknown directions.
    """

    def __init__(
        self, model: Model, method: Method, arrays: Arrays, records: Array, unknown: Unknown
    ) -> None:
        self.model, self.method, self.unknown = model, method, unknown
        self._few = len(unknown.rows) <= FEW  # in all tracks together
        self._exact = False  # whether a reading turned out to be all but exact
        n, rows = len(model.state), len(arrays.dt)
        self._size = belief_size(n)
        firsts, self._ends = firsts_and_ends(arrays)
        last = records[:, -1, : self._size] if arrays.first is None else records[0, self._ends, : self._size]
        self._last = (
            last if method.factored else np.array([carried(recorded(method, row, n)) for row in last])
        )
        readings, beliefs = self._accepted(arrays.z, records), records[:, :, : self._size]
        # In reverse, beside each row's readings the belief of the row before. No row comes before the first one: its
        # own belief starts the rows with unknown directions.
        z = memory.empty((len(records), rows, readings.shape[2] + self._size), np.float64)
        known = z[:, :, readings.shape[2] :]
        z[:, :, : readings.shape[2]] = readings[:, ::-1]
        known[:, : rows - 1] = beliefs[:, : rows - 1][:, ::-1]
        known[:, rows - 1 - firsts] = beliefs[:, firsts]
        carry = np.zeros((len(last), equations_size(n) + 2))
        carry[:, self._size : -2] = 1.0
        dt, labels = arrays.dt.copy(), arrays.rows
        dt[firsts] = 0.0
        shifted = replace(
            labels,
            time_ns=None if labels.time_ns is None else np.roll(labels.time_ns, 1),
            track=None if labels.track is None else np.roll(labels.track, 1),
            before=labels.before - 1,
        )
        self.arrays = Arrays(
            dt=dt[::-1],
            u=arrays.u[:, ::-1],
            row=arrays.row[:, ::-1],
            z=z,
            params=arrays.params,
            carry=carry,
            first=reversed_firsts(arrays),
            rows=reversed_rows(shifted, rows),
        )

    def _accepted(self, z: Array, records: Array) -> Array:
        """The readings (tracks, T, M) with NaN for those that a gate rejected: the filter recorded no innovation."""
        kernel = engine_of(self.model, self.method, "result").kernel
        gated = (records[:, :, kernel.status].astype(np.int64) & int(Status.GATED)) != 0
        if not gated.any():
            return z
        z = np.broadcast_to(z, (len(records), *z.shape[1:])).copy()
        stages = {stage.name: stage for stage in kernel.stages}
        for sensor, at in self.model.blocks:
            if sensor.name in self.method.gated((sensor.name,)):
                innovations = records[:, :, stages[sensor.name].record]
                z[gated & np.isnan(innovations).all(axis=2), at] = np.nan
        return z

    def describe(self) -> str:
        """What computes the scan, in words."""
        engine = self._weighted() or equations_engine(self.model, self.method, SMOOTH)
        return engine.describe(self.arrays)

    def scan(self, what: str, arrays: Arrays, unknown: Unknown, tracks: slice) -> Scanned:
        """As `run`, for tracks of one log. Rows with unknown directions are the first ones of the log."""
        count, rows = len(unknown.rows), len(arrays.dt)
        nothing = nothing_unknown(unknown)
        if not count:
            found = self._by_weights(arrays) if what == SMOOTH else None
            if found is None:
                found = scanned(equations_engine(self.model, self.method, what), arrays)[1]
            records = self._in_order(what, found, arrays, tracks)
            return Scanned(records, nothing, np.zeros(records.shape[:2], bool))
        engine = equations_engine(self.model, self.method, what)
        unsure = (unknown.w != 0.0).any(axis=2)
        later = max(
            rows - 1 - count, 0
        )  # how many rows come after the first one in which every track is sure
        carry, found = scanned(engine, arrays.rows_of(0, later))
        first = replace(arrays.rows_of(later, rows), carry=carry)
        rest = np.full((len(found), rows - later, engine.kernel.width), np.nan)
        if not unsure.all():
            rest = scanned(engine, first)[1]
        records = self._in_order(what, np.concatenate([found, rest], axis=1), arrays, tracks)
        forward, A = self._from_the_start(what, first, unknown)
        doubtful = np.zeros(records.shape[:2], bool)
        if what == SMOOTH and count < rows:
            doubtful[:, :count] = (
                unsure & self._differ(forward[:, count], records[:, count], A[:, count])[:, None]
            )
        own = np.where(unsure[:, :, None], forward[:, :count], records[:, :count])
        records[:, :count] = own
        if what == LAG_ONE:
            return Scanned(records, nothing, doubtful)
        left = left_unknown(np.where(unsure[:, :, None, None], A[:, :count], 0.0))
        return Scanned(records, left, doubtful)

    def _by_weights(self, arrays: Arrays) -> Array | None:
        """The records of `scan` from equations with weights; None for few states, or if a reading is all but exact."""
        engine = self._weighted()
        if engine is None:
            return None
        carry = np.zeros((len(self._last), engine.kernel.carried))
        for own, record in zip(carry, self._last, strict=True):
            known = belief_of(self.method.in_factors(), record, len(self.model.state))
            own[:-2] = nothing_yet(known.U**2 @ known.D)
        carry, records = engine.run(replace(arrays, carry=carry))
        self._exact = any(int(seen) & int(REFUSED) for seen in carry[:, SEEN])
        return None if self._exact else records

    def _weighted(self) -> Engine | None:
        if self._exact or len(self.unknown.rows):
            return None
        return weighted_engine(self.model, self.method)

    def drawn(self, xi: Array) -> Array:
        """Trajectories for these standard normals: each state is drawn given the one before it and all readings."""
        n, paths = len(self.model.state), np.empty(xi.shape)
        smoothed = self.run(SMOOTH).records
        for track, rows, _, arrays, _unknown in self.reversed_tracks():
            messages = self._messages(arrays, len(self.arrays.dt) <= FEW)[1]
            own, normals = smoothed[track, rows], xi[:, track, rows]
            belief = belief_of(self.method.in_factors(), own[0], n)
            carry = np.zeros((len(xi), n + 2))
            carry[:, :n] = (np.sqrt(belief.D) * normals[:, 0]) @ belief.U.T
            scan = self._forwards(arrays, messages, carry)
            u = np.concatenate([np.repeat(scan.u, len(xi), axis=0), normals], axis=2)
            engine = forward_engine(self.model, self.method, DRAW, 0)
            paths[:, track, rows] = own[:, :n] + scanned(engine, replace(scan, u=u))[1]
        return paths

    def _in_order(self, what: str, found: Array, arrays: Arrays, tracks: slice) -> Array:
        """Records of a scan, each of which belongs to the row before, in the log's order.

        The last row of a track has the belief of the filter; rows of one time have that of the last of them.
        """
        rows = len(arrays.dt)
        records = memory.empty(found.shape, found.dtype)
        records[:, : rows - 1], records[:, rows - 1] = found[:, ::-1][:, 1:], found[:, rows - 1]
        ends = self._ends if arrays.first is not None else np.array([rows - 1])
        if what == LAG_ONE:
            records[:, ends] = np.nan
            return records
        records[:, ends, self._size :] = np.nan
        records[:, ends, : self._size] = (
            self._last[tracks][None] if arrays.first is not None else self._last[tracks][:, None]
        )
        same = np.append(arrays.dt[::-1][1:] <= 0.0, False)
        same[ends] = False
        if same.any():
            at = np.where(same, rows, np.arange(rows))
            at = np.minimum.accumulate(at[::-1])[::-1]
            records[:, :, : self._size] = records[:, at, : self._size]
        return records

    def _from_the_start(self, what: str, first: Arrays, unknown: Unknown) -> tuple[Array, Array]:
        """The records of the first rows from the belief of the first one given all readings, and the directions
        (tracks, rows, n, d) that stay unknown. first: these rows in reverse, with what later readings say about the
        last of them."""
        model, method = self.model, self.method
        n, d = unknown.A.shape[2:]
        size, rest = self._size, first.rows_of(0, len(first.dt) - 1)
        carry, messages = self._messages(rest, self._few)
        known = first.z[:, -1:, len(model.components) :]
        start = np.concatenate([known, flat(unknown.A[:, :1]), unknown.w[:, :1]], axis=2)
        one = replace(first.rows_of(0, 1), z=start, carry=carry)
        begins = scanned(start_engine(model, method, d), one, few=self._few)[1][:, :, : size + n * d]
        carry = np.concatenate([begins[:, 0], np.zeros((len(begins), 2))], axis=1)
        scan = self._forwards(rest, messages, carry)
        beliefs = scanned(forward_engine(model, method, SMOOTH, d), scan, few=self._few)[1]
        beliefs = np.concatenate([begins, beliefs], axis=1)
        A = unflat(beliefs[:, :, size:], n)
        if what == SMOOTH:
            return beliefs[:, :, :size], A
        steps = scanned(forward_engine(model, method, what, d), scan, few=self._few)[1]
        steps = np.concatenate([steps, np.full((len(steps), 1, steps.shape[2]), np.nan)], axis=1)
        return (np.concatenate([beliefs[:, :, :size], steps], axis=2) if what == DISTURBANCE else steps), A

    def _messages(self, arrays: Arrays, few: bool) -> tuple[Array, Array]:
        """The carry after these rows; and what all readings from each row on say about its state, in the log's order
        (tracks, rows, numbers)."""
        engine = equations_engine(self.model, self.method, MESSAGE)
        scan = replace(arrays, z=arrays.z[:, :, : len(self.model.components)])
        carry, records = scanned(engine, scan, few)
        return carry, records[:, ::-1]

    def _forwards(self, arrays: Arrays, messages: Array, carry: Array) -> Arrays:
        """Rows in reverse, in the log's order again, for a forward scan."""
        return replace(
            arrays,
            dt=arrays.dt[::-1],
            u=arrays.u[:, ::-1],
            row=arrays.row[:, ::-1],
            z=messages,
            carry=carry,
        )

    def _differ(self, one: Array, other: Array, A: Array) -> NDArray[np.bool_]:
        """Whether two beliefs of one row (tracks, numbers) differ by more than rounding, where nothing is unknown."""
        n = len(self.model.state)
        found, expected = (
            Gaussians(self.model, self.method.in_factors(), records[None], False) for records in (one, other)
        )
        std = expected.std[0]
        away = np.abs(one[:, :n] - other[:, :n]) > AGREES * std + AGREES**2 * np.abs(other[:, :n])
        wide = np.abs(found.std[0] - std) > AGREES * std + AGREES**2 * np.abs(other[:, :n])
        differ: NDArray[np.bool_] = (A == 0.0).all(axis=(1, 2)) & (away | wide).any(axis=1)
        return differ
