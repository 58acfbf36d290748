"""The smoother of any model: a backward scan of a run; the rows with unknown directions come last."""

from dataclasses import replace

import numpy as np

from foglight.compiler import adaptation
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.cache import backward_engine, engine_of
from foglight.compiler.inputs import indices
from foglight.compiler.kernel import LOGLIK
from foglight.compiler.kernels.smoother import resets
from foglight.compiler.kernels.smoother_stage import DRAW, SMOOTH, recorded
from foglight.core.errors import Status
from foglight.core.types import Array
from foglight.inference.gaussians import Unknown, anchors_of
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
from foglight.methods.diffuse_start import Diffuse
from foglight.methods.layout import belief_of, belief_size, carried, wrapped
from foglight.methods.method import Method
from foglight.model.model import MOTION, Model


class Backward(Smoother):
    """The smoother of Rauch, Tung & Striebel, for any model: a scan of rows in reverse.

    arrays: the filter's input; records (tracks, T, width): its output; unknown: its unknown directions; status: the
    column of the status in records.
    """

    def __init__(
        self, model: Model, method: Method, arrays: Arrays, records: Array, status: int, unknown: Unknown
    ) -> None:
        self.model, self.method = model, method
        self.arrays = _backwards(model, method, arrays, records, status)
        self.unknown = unknown

    def describe(self) -> str:
        """What computes the scan, in words."""
        return backward_engine(self.model, self.method, SMOOTH).describe(self.arrays)

    def scan(self, what: str, arrays: Arrays, unknown: Unknown, tracks: slice) -> Scanned:
        """As `run`, for tracks of one log. Rows with unknown directions are the first ones of the log."""
        records, left = self._scan(what, arrays, unknown)
        return Scanned(records, left, np.zeros(records.shape[:2], bool))

    def drawn(self, xi: Array) -> Array:
        """Trajectories for these standard normals: each state is drawn given the one after it, the last one first."""
        paths = np.empty(xi.shape)
        for track, rows, _, arrays, unknown in self.reversed_tracks():
            scan = self._with_normals(arrays, xi[:, track, rows])
            paths[:, track, rows] = self._scan(DRAW, scan, unknown)[0]
        return paths

    def _with_normals(self, arrays: Arrays, xi: Array) -> Arrays:
        """The rows of one track in reverse, for draws that begin at its last belief; xi (draws, T, n)."""
        model, n, draws = self.model, len(self.model.state), len(xi)
        belief = belief_of(self.method.in_factors(), arrays.carry[0, :LOGLIK], n)
        backwards = xi[:, ::-1]
        carry = np.zeros((draws, n + 2))
        angles = indices(model.motion.angles, model.state)
        spread = (np.sqrt(belief.D) * backwards[:, 0]) @ belief.U.T
        carry[:, :n] = [wrapped(x, angles) for x in belief.x + spread]
        u = np.concatenate([np.repeat(arrays.u, draws, axis=0), backwards], axis=2)
        return replace(arrays, u=u, carry=carry)

    def _scan(self, what: str, arrays: Arrays, unknown: Unknown) -> tuple[Array, Unknown]:
        engine = backward_engine(self.model, self.method, what)
        count, rows = len(unknown.rows), len(arrays.dt)
        n, d = unknown.A.shape[2:]
        nothing = nothing_unknown(unknown)
        if not count:
            return scanned(engine, arrays)[1][:, ::-1], nothing
        parts, carry = [], arrays.carry
        if count < rows:
            carry, part = scanned(engine, arrays.rows_of(0, rows - count))
            parts.append(part)
        last = rows - count
        first = arrays.rows_of(last, rows)
        size = belief_size(n)
        directions = np.concatenate([flat(unknown.A), unknown.w], axis=2)[:, ::-1]
        z = np.concatenate([first.z[:, :, :size], directions, first.z[:, :, size:]], axis=2)
        if what != DRAW:
            free = np.zeros((len(carry), n * d)) if count < rows else flat(unknown.A)[:, -1]
            carry = np.concatenate([carry[:, :size], free, np.zeros((len(carry), 2))], axis=1)
        diffuse = Diffuse(self.method, d)
        engine = backward_engine(self.model, diffuse, what)
        part = scanned(engine, replace(first, z=z, carry=carry), few=count <= FEW)[1]
        if what != SMOOTH:
            return np.concatenate([*parts, part], axis=1)[:, ::-1], nothing
        parts.append(part[:, :, :size])
        left = left_unknown(unflat(part[:, ::-1, size:], n))
        return np.concatenate(parts, axis=1)[:, ::-1], left


def _backwards(model: Model, method: Method, arrays: Arrays, records: Array, status: int) -> Arrays:
    """The input of a backward scan: the rows in reverse, each with the step that leads to the row after it."""
    n, rows = len(model.state), len(arrays.dt)
    size = belief_size(n)
    after = np.minimum(np.arange(rows) + 1, rows - 1)[::-1]
    dt = arrays.dt[after]
    _, ends = firsts_and_ends(arrays)  # the smoothed belief of a track's last row is the filter's
    dt[rows - 1 - ends] = 0.0
    z = records[:, ::-1, :size]
    if resets(method):
        reset = (records[:, :, status].astype(np.int64) & int(Status.RESET)) != 0
        reset = np.append(reset[:, 1:], np.zeros((len(records), 1), bool), axis=1)
        reset[:, ends] = False
        z = np.concatenate([z, np.where(reset, 1.0, np.nan)[:, ::-1, None]], axis=2)
    carried_numbers = len(engine_of(model, method, "result").kernel.carry)
    scale = adaptation.columns(model, method, carried_numbers).get(MOTION)
    if scale is not None:
        z = np.concatenate([z, records[:, ::-1, scale : scale + 1]], axis=2)
    if model.charts.size:
        z = np.concatenate([z, anchors_of(model, records)[:, ::-1]], axis=2)
    last = records[:, rows - 1, :size] if arrays.first is None else records[0, ends[::-1], :size]
    carry = np.zeros((len(last), size + 2))
    carry[:, :size] = last if method.factored else [carried(recorded(method, row, n)) for row in last]
    return Arrays(
        dt=dt,
        u=arrays.u[:, after],
        row=arrays.row[:, after],
        z=z,
        params=arrays.params,
        carry=carry,
        first=reversed_firsts(arrays),
        rows=reversed_rows(arrays.rows, rows),
    )
