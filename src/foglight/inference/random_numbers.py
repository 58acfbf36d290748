"""Normal and uniform numbers that are the same on every machine and in every version.

Philox, keyed by the seed, gives the bits (Salmon et al. 2011). The Box–Muller transform turns them into normals inside
a Program, whose logarithm and cosine are sequences of IEEE operations. So a simulated log can be reproduced to the
byte.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from foglight.core.checks import is_whole
from foglight.core.errors import ModelError
from foglight.trace.graph import Graph
from foglight.trace.program import Program, lower

BLOCK = 65_536  # numbers transformed at a time, which bounds the memory of the registers


def uniforms(seed: int, stream: int, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Numbers in (0, 1), row after row: a longer draw begins with the shorter one. Streams do not overlap."""
    if not is_whole(seed) or not 0 <= seed < 2**64:
        raise ModelError.expected(
            "seed", seed, "a whole number from 0 to 2^64 - 1", "Choose any, and keep it."
        )
    bits = np.random.Philox(key=int(seed), counter=stream << 192).random_raw(int(np.prod(shape)))
    return ((bits >> np.uint64(12)).astype(np.float64) + 0.5).reshape(shape) * 2.0**-52


def normals(pairs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard normals (…) from uniforms (…, 2): z = √(-2 ln a) cos 2πb (Box & Muller 1958)."""
    flat = pairs.reshape(-1, 2)
    out = np.empty(len(flat))
    for first in range(0, len(flat), BLOCK):
        part = flat[first : first + BLOCK]
        inputs = {("uniform", 0): part[:, 0], ("uniform", 1): part[:, 1]}
        out[first : first + BLOCK] = _box_muller().evaluate(inputs)["normal"][0]
    return out.reshape(pairs.shape[:-1])


@cache
def _box_muller() -> Program:
    graph = Graph()
    a, b = graph.input(("uniform", 0), "a"), graph.input(("uniform", 1), "b")
    return lower(Program.of(graph, {"normal": [np.sqrt(-2.0 * np.log(a)) * np.cos((2.0 * np.pi) * b)]}))
