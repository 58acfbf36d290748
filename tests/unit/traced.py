"""A model function as the compiler sees it: traced, differentiated, lowered, and evaluated on numbers."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.trace import derivatives
from foglight.trace.graph import Graph
from foglight.trace.program import Program, lower


class Traced:
    """Values and Jacobian of `function`, which takes n symbols and returns a list."""

    def __init__(self, function: Callable[..., Any], n: int) -> None:
        graph = Graph()
        inputs = [graph.input(("x", i), f"x{i}") for i in range(n)]
        outputs = list(np.ravel(np.array(function(*inputs), dtype=object)))
        slopes = derivatives.jacobian(graph, outputs, inputs)
        self.shape = slopes.shape
        self.program = lower(Program.of(graph, {"values": outputs, "slopes": list(slopes.ravel())}))

    def __call__(self, *x: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        found = self.program.evaluate({("x", i): v for i, v in enumerate(x)})
        values, slopes = (np.array([float(v) for v in found[k]]) for k in ("values", "slopes"))
        return values, slopes.reshape(self.shape)


def mixed(rng: np.random.Generator, low: Sequence[float], high: Sequence[float]) -> list[float]:
    """Uniform draws, one for each pair of bounds."""
    return [float(v) for v in rng.uniform(low, high)]
