"""A kernel of one stage that turns stored factors into full covariances."""

from typing import Any

import numpy as np

from foglight.compiler.kernel import Kernel, Stage
from foglight.equations import ud
from foglight.methods.layout import upper
from foglight.trace.graph import Graph
from foglight.trace.program import Program, lower


def covariance_kernel(n: int, is_factor: bool, width: int) -> Kernel:
    """The kernel that turns stored factors (n means and a triangle in a record of `width`) into full covariances."""
    graph = Graph()
    entries = {pair: graph.input(("z", n + k), f"P{k}") for k, pair in enumerate(upper(n))}
    if is_factor:
        U = ud.unit(n, np.empty(0, object))
        for (i, j), value in entries.items():
            if i < j:
                U[i, j] = value
        P = ud.covariance(U, np.array([entries[i, i] for i in range(n)], dtype=object))
    else:
        P = np.array([[entries[min(i, j), max(i, j)] for j in range(n)] for i in range(n)], dtype=object)
    outputs: dict[str, Any] = {
        "carry": [],
        "commit": [True],
        "record": list(P.ravel()),
        "sums": [],
        "status": [],
    }
    stage = Stage("cov", lower(Program.of(graph, outputs)), (("z", 0),), tuple(range(n * n)))
    return Kernel(
        "cov", "float64", (stage,), (), {"u": 0, "row": 0, "z": width, "params": 0}, {}, width=n * n
    )
