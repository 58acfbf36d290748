"""About how much memory an exported filter takes, from its Programs."""

from collections import Counter
from typing import NamedTuple

import numpy as np

from foglight.compiler.kernel import Kernel
from foglight.trace.array_work import work
from foglight.trace.program import Program

# Bytes of code for each operation, and of stack for each number that is alive at once: measured with gcc -O2 on a
# Cortex-M4F, where float32 is in hardware and float64 is calls (`make targets` compares them).
CODE = {"float32": 9.0, "float64": 19.0}
BESIDE = {"float32": 500.0, "float64": 600.0}  # bytes of code for another start
STACK = {"float32": 1.2, "float64": 1.4}


class Footprint(NamedTuple):
    """Bytes. carry and record are exact, stack and code estimates."""

    carry: int
    record: int
    stack: int
    code: int


def footprint(kernel: Kernel) -> Footprint:
    """The memory of a kernel."""
    size = np.dtype(kernel.dtype).itemsize
    alive = max(most_alive(stage.program) for stage in kernel.stages)
    stack = size * (STACK[kernel.dtype] * alive + kernel.carried)
    return Footprint(
        size * kernel.carried,
        size * kernel.width,
        _rounded(stack),
        _rounded(CODE[kernel.dtype] * kernel.size + BESIDE[kernel.dtype]),
    )


def operations(kernel: Kernel) -> str:
    """How long a row takes, in operations: no branch leaves one out, but for stages whose sensor does not report."""
    if kernel.on_arrays:
        count = sum(work(stage.program) for stage in kernel.stages)
        return f"A row with all readings takes about {_rounded(count)} operations on numbers."
    counts = sum((stage.program.count() for stage in kernel.stages), Counter[str]())
    return (
        f"A row with all readings takes {counts.total()} operations, always the same ones. Divisions: {counts['div']}; "
        f"square roots: {counts['sqrt']}."
    )


def most_alive(program: Program) -> int:
    """How many numbers are needed later at once, at most, if the operations run in their order."""
    last: dict[int, int] = {}
    for k, i in enumerate(program.code):
        for a in i.args:
            last[a] = k
    for ks in program.outputs.values():
        for k in ks:
            last[k] = len(program.code)
    ends = np.zeros(len(program.code) + 2, int)
    alive = most = 0
    for k, i in enumerate(program.code):
        if i.op not in ("const", "input") and k in last:
            alive += 1
            ends[last[k]] += 1
        most = max(most, alive)
        alive -= ends[k]
    return most


def _rounded(value: float) -> int:
    """To two digits."""
    return int(float(f"{value:.1e}"))
