"""How far a model's functions bend over the spread of the belief: row by row, in standard deviations.

At each row's own belief the moments of f and of each h are computed twice, from the Taylor term and from sigma
points, and compared. Where they agree, an EKF is as good as any; where they differ, the table shows which function,
when, and by how much. For this the filter runs once more, with an extra stage before each of its own that only reads.
"""

import numpy as np

from foglight.compiler.backends.backend import Engine
from foglight.compiler.engine.engine import SLOW, engine_for
from foglight.compiler.kept import kept
from foglight.compiler.kernels.curvature import curvature_kernel
from foglight.core.types import Array
from foglight.data.log import Log
from foglight.data.table import Table
from foglight.diagnostics.compare.known_rows import known_rows
from foglight.inference.run import Run
from foglight.methods.ekf import EKF
from foglight.methods.method import Method
from foglight.model.model import Model, opaque_functions
from foglight.trace.primitives import TooLongError


class Curvature(Table):
    """The difference between the moments from sigma points and from the Taylor term, one row per log row.

    names (N,): the values of f, then those of each h: `gap`, `radar.range`.
    shift (T, N): mean from sigma points less mean from the Taylor term; for a state in predicted standard deviations,
    for a measure in standard deviations of its noise (of its innovation where it has no noise), since that is by how
    much the innovation is wrong.  widening (T, N): standard deviation from sigma points over that from the Taylor
    term, less 1; for a measure that of its innovation.  NaN where no time passes, nothing is measured, or some state
    is still unknown. A leading axis where tracks share their times.
    """

    def __init__(self, names: tuple[str, ...], shift: Array, widening: Array, log: Log) -> None:
        self.names = names
        self.shift = shift
        self.widening = widening
        self.log = log

    def columns(self) -> dict[str, Array]:
        """time (and track), then `gap_shift`, `gap_widening`, …"""
        clock = {name: values for name, values in self.log.columns().items() if name in ("time", "track")}
        count = len(self.names)
        shift, widening = self.shift.reshape(-1, count), self.widening.reshape(-1, count)
        for i, name in enumerate(self.names):
            clock |= {f"{name}_shift": shift[:, i], f"{name}_widening": widening[:, i]}
        return clock

    @property
    def size(self) -> Array:
        """The larger of |shift| and |widening| (T, N)."""
        return np.fmax(np.abs(self.shift), np.abs(self.widening))

    @property
    def largest(self) -> tuple[float, str, int]:
        """The largest of all: its size, the function and the row; (0, "", -1) where nothing bends."""
        flat = self.size.reshape(-1, len(self.names))
        if not np.nanmax(flat, initial=0.0) > 0.0:
            return 0.0, "", -1
        row, column = np.unravel_index(int(np.nanargmax(flat)), flat.shape)
        return float(flat[row, column]), self.names[column], int(row)

    @property
    def typical(self) -> float:
        """The median over the rows of the largest size in each; 0 where nothing bends."""
        flat = self.size.reshape(-1, len(self.names))
        known = ~np.isnan(flat).all(axis=1)
        return float(np.median(np.nanmax(flat[known], axis=1))) if known.any() else 0.0


def curvature_of(run: Run) -> Curvature | None:
    """How far the functions bend at a run's own beliefs; None if they cannot be compiled (opaque, or too large)."""
    engine = _engine(run.model, run.method if run.method.factored else EKF())
    if engine is None:
        return None
    records = np.full((*run._kept.shape[:2], engine.kernel.width), np.nan)
    for tracks_and_rows, arrays in known_rows(run):
        records[tracks_and_rows] = engine.run(arrays)[1]
    records = records if run.log.tracks is not None else records[0]
    half = engine.kernel.width // 2
    unused = np.isnan(run.innovation)
    for first in (half - unused.shape[-1], engine.kernel.width - unused.shape[-1]):
        records[..., first : first + unused.shape[-1]][unused] = np.nan
    return Curvature(
        (*run.model.state, *run.model.components), records[..., :half], records[..., half:], run.log
    )


def _engine(model: Model, method: Method) -> Engine | None:
    def make() -> Engine | None:
        if opaque_functions(model):
            return None
        try:
            kernel = curvature_kernel(model, method)
        except TooLongError:
            return None
        return engine_for(kernel) if kernel.size <= SLOW else None

    return kept(model, (repr(method), "curvature"), make)
