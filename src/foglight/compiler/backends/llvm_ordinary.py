"""A stage in an ordinary row, as LLVM text: what it leaves out and what it checks is in ordinary.py."""

from collections.abc import Iterable, Mapping

import numpy as np

from foglight.compiler.backends.llvm_text import Text
from foglight.compiler.backends.ordinary import Usual
from foglight.trace.program import Program


def compute(
    t: Text, program: Program, usual: Usual, scope: Mapping[tuple[str, int], str], here: str, rest: str
) -> tuple[dict[int, str], list[str]]:
    """The registers of a Program by number, at the start of a block that only ordinary rows reach that commit. All
    others go to the block `rest`, from the blocks that are returned.

    The belief comes first, and then, in a block of its own, what the sums need: the logarithms of the likelihood take
    their time, and the next row can begin meanwhile.
    """
    registers: dict[int, str] = {}
    left_in = []
    for number, part in enumerate(usual.parts):
        for k, i in enumerate(program.code):
            if k in registers:
                continue
            if k in usual.masks:
                registers[k] = t.splat("i1", "true" if usual.masks[k] else "false")
            elif usual.of(k) in registers:
                registers[k] = registers[usual.of(k)]
            elif i.op == "input":
                registers[k] = scope[i.value]
            elif i.op == "const":
                registers[k] = t.number(i.value)
            elif k in part:
                registers[k] = t.operation(i.op, [registers[a] for a in i.args])
        checks = [*_checks(t, program.dtype, usual, part, registers)]
        commits = [registers[k] for k in program.outputs["commit"] if number == 0]
        if commits or checks:
            t.branch(t.every_mask([*commits, *checks]), f"{here}.{number}", rest)
            left_in.append(t.block)
            t.label(f"{here}.{number}")
    return registers, left_in


def _checks(
    t: Text, dtype: str, usual: Usual, part: Iterable[int], registers: Mapping[int, str]
) -> Iterable[str]:
    """Whether the numbers that an ordinary row takes for granted are so."""
    tiny, infinity = t.number(float(np.finfo(dtype).tiny)), t.number(np.inf)
    for k in sorted(usual.normal & set(part)):
        yield t.new(f"fcmp oge {t.float} {registers[k]}, {tiny}")
    for k in sorted(usual.finite & set(part)):
        yield t.new(f"fcmp olt {t.float} {registers[k]}, {infinity}")
