"""What a stage need not compute in an ordinary row: one in which every component is there, and no number is subnormal,
infinite or NaN where the equations ask for that.

The equations ask at every division and every sum, and nearly all answers are as usual. So a row first runs through code
in which these answers are constants, and which checks at its end, all at once, that they hold. Where one does not, the
row runs through the whole Program. Both give the same bits.
"""

import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from foglight.compiler.backends.memo import Memo, presence
from foglight.compiler.kernel import Kernel, Stage
from foglight.trace.program import LEAVES, Program

_LONGEST = 1_000  # operations of a kernel; code of more gains nothing, and takes twice as long to compile
_WORTH = 1.5  # operations saved for each stage and each number that is checked, below which that costs more
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "lt": operator.lt, "le": operator.le, "eq": operator.eq, "ne": operator.ne,
}  # fmt: skip


@dataclass
class Usual:
    """What holds in an ordinary row, and what is left to compute, by register.

    present: components of z that are there.  normal: numbers that are at least the smallest normal one.  finite:
    numbers below infinity.  masks: those that are known.  same: registers that equal an earlier one.  parts: what is
    computed, first for all outputs but the sums, and then for these and for the numbers that are checked.
    """

    present: set[int] = field(default_factory=set)
    normal: set[int] = field(default_factory=set)
    finite: set[int] = field(default_factory=set)
    masks: dict[int, bool] = field(default_factory=dict)
    same: dict[int, int] = field(default_factory=dict)
    parts: tuple[frozenset[int], frozenset[int]] = frozenset(), frozenset()

    def of(self, register: int) -> int:
        """The register that holds the value of this one."""
        return self.same.get(register, register)


def ordinary(kernel: Kernel, memo: Memo | None = None) -> list[Usual] | None:
    """What holds in an ordinary row, for each stage; None if code for such rows does not pay.

    memo: what is kept of each stage besides its outputs.
    """
    if kernel.size > _LONGEST:
        return None
    kept = memo.live if memo else [()] * len(kernel.stages)
    found = [_usual(stage, live) for stage, live in zip(kernel.stages, kept, strict=True)]
    checks = sum(1 + len(usual.normal) + len(usual.finite) for usual in found)
    left = sum(
        stage.program.code[k].op not in LEAVES
        for stage, usual in zip(kernel.stages, found, strict=True)
        for k in frozenset().union(*usual.parts)
    )
    return found if kernel.size - left > _WORTH * checks else None


def _usual(stage: Stage, kept: Sequence[int]) -> Usual:
    """What holds in an ordinary row of one stage."""
    program, found = stage.program, Usual()
    for k, i in enumerate(program.code):
        args = [found.of(a) for a in i.args]
        known = _mask(found, stage, k, args)
        if known is not None:
            found.masks[k] = known
        elif i.op in ("and", "or") and (undecided := [a for a in args if a not in found.masks]) != args:
            found.same[k] = undecided[0]
        elif i.op == "select" and args[0] in found.masks:
            found.same[k] = args[1 if found.masks[args[0]] else 2]
    belief = {k for name, ks in program.outputs.items() if name != "sums" for k in ks}
    first = _needed(program, found, belief | {*kept})
    every = _needed(program, found, first | {*program.outputs["sums"]} | found.normal | found.finite)
    found.parts = first, every - first
    return found


def _mask(found: Usual, stage: Stage, k: int, args: list[int]) -> bool | None:
    """The value of register k in an ordinary row if it is a mask, None if that may be either."""
    i, masks = stage.program.code[k], found.masks
    if presence(stage, k):
        found.present.add(args[0])
        return i.op == "eq"
    if i.op == "not":
        return None if args[0] not in masks else not masks[args[0]]
    if i.op in ("and", "or"):
        known = [masks[a] for a in args if a in masks]
        decides = i.op == "or"
        return decides if decides in known else not decides if len(known) == len(args) else None
    return _comparison(found, stage.program, i.op, *args) if i.op in _COMPARE else None


def _comparison(found: Usual, program: Program, op: str, a: int, b: int) -> bool | None:
    """The usual answer to a comparison, None if there is none; what it takes for granted is noted."""
    left, right = _constant(program, a), _constant(program, b)
    tiny = float(np.finfo(program.dtype).tiny)
    if left is not None and right is not None:
        return _COMPARE[op](left, right)
    if op == "lt" and right == tiny:
        found.normal.add(a)
        return False
    if op == "le" and left == tiny:
        found.normal.add(b)
        return True
    if op == "lt" and right == np.inf:
        found.finite.add(a)
        return True
    if op in ("lt", "le") and right == 0.0 and a in found.normal:
        return False
    if op in ("lt", "le") and left == 0.0 and b in found.normal:
        return True
    return None


def _constant(program: Program, register: int) -> float | None:
    i = program.code[register]
    return float(np.dtype(program.dtype).type(i.value)) if i.op == "const" else None


def _needed(program: Program, found: Usual, wanted: Iterable[int]) -> frozenset[int]:
    """The registers that are computed in an ordinary row for those that are wanted."""
    needed = {found.of(k) for k in wanted}
    for k in reversed(range(len(program.code))):
        if k in needed and k not in found.masks:
            needed |= {found.of(a) for a in program.code[k].args}
    return frozenset(k for k in needed if k not in found.masks)
