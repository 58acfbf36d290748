"""About how many scalar operations a Program on whole arrays stands for: what it would be without them."""

import math
from collections.abc import Callable
from typing import Any

from foglight.trace.array_operations import ARRAY_RULES
from foglight.trace.program import LEAVES, Instruction, Program

_MOVES = frozenset(
    {"view", "item", "put", "pack", "filled", "copy", "flat", "unpack", "unpack_rows", "pivots", "packed"}
) | {"first", "second"}
# By the static arguments of an operation, the last of which is its shape; for others, each entry is an operation.
_WORK: dict[str, Callable[..., float]] = {
    "rows": lambda pattern, shape: 2 * sum(map(len, pattern)) * shape[1],
    "times_upper": lambda shape: 2 * shape[0] * shape[1] ** 2,
    "combine": lambda triangular, shape: 2 * shape[0] ** 2 * shape[1] / (1 + triangular),
    "conditioned": lambda echelon, count, shape: 3 * count * shape[1] ** 2 / (1 + abs(echelon)),
    "increased": lambda count, shape: 5 * count * shape[1] ** 2 / 2,
    "sweep": lambda shape: 2 * shape[0] ** 2,
    "swept_along": lambda shape: 5 * shape[0] ** 2,
    "join": lambda seen, equations, shape: 4 * equations * shape[0] ** 2,
    "inverse": lambda shape: shape[0] ** 3 / 3,
    "substitute": lambda shape: shape[0] * math.prod(shape),
}  # fmt: skip


def work(program: Program) -> float:
    """The number of scalar operations: to a quarter in filters; of rotations and sparse matrices at most twice."""
    return sum(_of(program, i) for i in program.code if i.op not in LEAVES and i.op not in _MOVES)


def is_dense(program: Program) -> bool:
    """Whether all matrices that are multiplied are without zeros: then scalars would have none to leave out either."""
    patterns = [i.value[0] for i in program.code if i.op == "rows"]
    return all(len(columns) == len(set().union(*pattern)) for pattern in patterns for columns in pattern)


def _of(program: Program, i: Instruction) -> float:
    if i.op in ("dot", "dots", "sum"):  # as many multiplications, and additions, as entries
        return 2 * math.prod(_shape(program, i.args[0]))
    if i.op in _WORK:
        return _WORK[i.op](*i.value)
    return math.prod(i.value[-1]) if i.op in ARRAY_RULES else 1


def _shape(program: Program, k: int) -> tuple[int, ...]:
    i: Instruction = program.code[k]
    shape: Any = i.value.shape if i.op == "view" else i.value[-1]
    return tuple(shape)
