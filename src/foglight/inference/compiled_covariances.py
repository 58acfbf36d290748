"""Covariances of very many rows from their factors, compiled once in a process for each number of states.

The scan reads the factor of each row and writes P = U D Uᵀ: in the operations of the equation on symbols, and so with
the bits of NumPy's way through the same equation, which is faster for few rows.
"""

import functools

import numpy as np

from foglight.compiler.backends.llvm_engine import CompiledEngine
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.engine import engine_for
from foglight.compiler.kernel import Kernel, Stage
from foglight.core.types import Array
from foglight.equations import ud
from foglight.methods.layout import upper
from foglight.trace.graph import Graph
from foglight.trace.ops import unit
from foglight.trace.program import Program, lower

# Numbers of covariances that NumPy computes in about the time that compiling takes, up to so many states.
WORTH, MOST_STATES = 5_000_000, 8
_seen: dict[tuple[int, int], int] = {}  # numbers so far, by states and width of records


def compiled(rows: Array, n: int, found: Array) -> bool:
    """Write the covariances of rows (T, width), n means and the upper triangle of a factor, to `found` (T, n, n).

    False, and nothing written, while it does not pay: until this process has asked for as much as compiling takes.
    """
    kind = n, rows.shape[1]
    if n > MOST_STATES or rows.dtype != np.float64 or not rows.flags.c_contiguous:
        return False
    _seen[kind] = _seen.get(kind, 0) + found.size
    engine = _engine(*kind) if _seen[kind] >= WORTH else None
    if not isinstance(engine, CompiledEngine):
        return False
    none, start = np.zeros((1, 1, 0)), np.zeros((1, engine.carried))
    engine.run(
        Arrays(np.ones(len(rows)), none, none, rows[None], np.zeros(0), start), found.reshape(1, -1, n * n)
    )
    return True


@functools.cache
def _engine(n: int, width: int) -> object:
    """The engine for records of this width."""
    graph = Graph()
    U, D = unit(n, np.empty(0, object)), np.empty(n, object)
    for k, (i, j) in enumerate(upper(n), n):
        number = graph.input(("z", k))
        if i == j:
            D[i] = number
        else:
            U[i, j] = number
    P = ud.covariance(U, D)
    graph.close()
    outputs = {"carry": [], "commit": [True], "record": list(P.ravel()), "sums": [], "status": []}
    stage = Stage("covariance", lower(Program.of(graph, outputs)), (("dt", 0),), tuple(range(n * n)))
    widths = {"u": 0, "row": 0, "z": width, "params": 0}
    labels: dict[str, tuple[str, ...]] = {"u": (), "z": ("",) * width, "params": ()}
    return engine_for(Kernel("covariance", "float64", (stage,), (), widths, labels, width=n * n))
