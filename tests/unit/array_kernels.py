"""Kernels of one stage that compute arrays from the carry, and the engines that run them."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.backends import interpreter
from foglight.compiler.backends.llvm_engine import LlvmBackend
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel, Stage
from foglight.trace.array_functions import input_array
from foglight.trace.array_symbol import ArraySymbol, View
from foglight.trace.graph import Graph
from foglight.trace.ops import joined
from foglight.trace.program import Program

Numbers = NDArray[np.float64]
# What arithmetic treats apart, among ordinary numbers.
ODD = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 5e-324, 1e308, 2.5, -3.5])


def view_of(array: ArraySymbol, start: int, shape: tuple[int, ...], steps: Sequence[int]) -> ArraySymbol:
    """The entries of a vector from `start` on, with these steps along the axes of the result."""
    view = View((0, start), shape, tuple((0, step) for step in steps))
    return ArraySymbol(array.graph, array.node, view)


def kernel_of(make: Callable[[ArraySymbol], list[Any]], given: int) -> Kernel:
    """A kernel with `given` numbers and, behind them, all that `make` returns for them: arrays and scalars."""
    graph = Graph()
    results = make(input_array(graph, "carry", 0, given))
    flat = [_flat(r) for r in results]
    size = given + sum(len(r) for r in flat)
    graph = Graph()
    x = input_array(graph, "carry", 0, size)
    flat = [_flat(r) for r in make(x[:given])]
    groups: dict[str, Any] = {
        "carry": joined(x[:given], *flat), "commit": [True], "record": [], "sums": [], "status": []
    }  # fmt: skip
    stage = Stage("all", Program.of(graph, groups), (("dt", 0),))
    labels = tuple(f"c{k}" for k in range(size))
    return Kernel("all", "float64", (stage,), labels, {"u": 0, "row": 0, "z": 0, "params": 0}, {})


def _flat(result: Any) -> Any:
    return result.ravel() if isinstance(result, ArraySymbol) else np.array([result], object)


def arrays_of(kernel: Kernel, numbers: Numbers) -> Arrays:
    """One row for tracks that start with these numbers (tracks, given)."""
    nothing = np.zeros((1, 1, 0))
    carry = np.zeros((len(numbers), kernel.carried))
    carry[:, : numbers.shape[1]] = numbers
    return Arrays(np.ones(1), nothing, nothing, nothing, np.zeros(0), carry)


def results(carry: Numbers, given: int) -> Numbers:
    """What the kernel computed, with every NaN the same."""
    return interpreter.canonical(carry[:, given:-2])


def engines(kernel: Kernel) -> Iterator[Callable[[Arrays], Any]]:
    """The interpreter and LLVM."""
    yield lambda arrays: interpreter.scan(kernel, arrays)
    yield LlvmBackend().engine(kernel, brief=True).run


def numbers(seed: int, tracks: int, count: int) -> Numbers:
    """Ordinary numbers in the first track; among them, in the others, ever more of the odd ones."""
    rng = np.random.default_rng(seed)
    found = rng.standard_normal((tracks, count))
    for k, track in enumerate(found):
        at = rng.random(count) < k / tracks
        track[at] = rng.choice(ODD, at.sum())
    return found
