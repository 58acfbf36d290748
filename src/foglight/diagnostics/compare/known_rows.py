"""The rows of a run after the diffuse phase, in which every state is known, as its ordinary kernel scans them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from foglight.compiler.backends.backend import Engine
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.reference import ReferenceEngine
from foglight.compiler.engine.two_phase_engine import TwoPhaseEngine
from foglight.inference.run import Run

RowsOfTracks = tuple[Any, slice]  # the tracks and the rows among those of a result (tracks, T, …)


def ordinary_engine(run: Run) -> Engine | ReferenceEngine:
    """The engine that computes the rows in which every state is known."""
    return run._engine.then if isinstance(run._engine, TwoPhaseEngine) else run._engine


def known_rows(run: Run) -> Iterator[tuple[RowsOfTracks, Arrays]]:
    """Stretches of rows, and the arrays that the ordinary kernel reads there; a run with a start is one stretch."""
    arrays = run._arrays
    if not isinstance(run._engine, TwoPhaseEngine):
        yield (slice(None), slice(None)), arrays
        return
    records, size = run._kept, len(run._engine.kernel.carry)
    rows, _, weights = run._unknown()
    stop = 0
    for track, one in enumerate(arrays.each()):
        start = stop if arrays.first is not None else 0
        stop = start + len(one.dt)
        own = 0 if arrays.first is not None else track
        diffuse = rows[(start <= rows) & (rows < stop) & weights[own].any(axis=1)]
        # After the last diffuse row comes the row that resolves what is still unknown; ordinary rows follow it.
        begin = start if not len(diffuse) else min(int(diffuse[-1]) + 2, stop)
        carry = np.zeros((1, size + 2))
        if begin > start:
            carry[0, :size] = records[own, begin - 1, :size]
        else:
            carry[0, :size] = one.carry[0, list(run._engine.kept)]
        if begin < stop:
            part = one.rows_of(begin - start, stop - start)
            yield (slice(own, own + 1), slice(begin, stop)), replace(part, carry=carry)
