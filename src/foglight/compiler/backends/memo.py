"""The part of a kernel that does not depend on the data, which a filter in steady state need not compute again.

In a linear model the covariance does not depend on the measurements, only on which of them are present. Once it
repeats (after some hundred rows, mostly with a period of 1 to 4 rows; with the period of the sensors if they take
turns), or if tracks share it, all that follows from it repeats too, to the bit. The scan then takes those values
from a memo instead of computing them. This is not an approximation: a row's memo is used only if every number that
it depends on is equal, bit for bit.

A register is static if it depends only on static carried numbers, dt, params, and which components of z are present.
"""

from dataclasses import dataclass

from foglight.compiler.kernel import Kernel, Stage
from foglight.trace.program import LEAVES

# Slots for one series: they serve rows that repeat with any period that divides it, 1 to 6, 8, 10, 12, 20 …
PERIOD = 120
_WORTH = 40  # static operations below which a look-up costs more than computing
_BITS = 62  # components of z whose presence fits one integer


@dataclass(frozen=True)
class Memo:
    """The contents of a slot.

    carry: indices of the static carried numbers; with dt and presence they are the key.  static: the static registers
    of each stage.  live: those of them that other registers or outputs need.
    """

    carry: tuple[int, ...]
    live: tuple[tuple[int, ...], ...]
    static: tuple[frozenset[int], ...]

    @property
    def vectors(self) -> int:
        """Numbers (vectors of lanes) in a slot: the first key number for a quick look, the key, the kept values."""
        return 1 + len(self.carry) + sum(len(live) for live in self.live)


def plan(kernel: Kernel) -> Memo | None:
    """The memo of this kernel, or None if there is little to save."""
    carry = set(range(len(kernel.carry)))
    while True:
        static = [_static(stage, carry) for stage in kernel.stages]
        moved = {
            i
            for stage, found in zip(kernel.stages, static, strict=True)
            for i, register in enumerate(stage.program.outputs["carry"])
            if register not in found
        }
        if not carry & moved:
            break
        carry -= moved
    saved = sum(
        sum(stage.program.code[k].op not in LEAVES for k in found)
        for stage, found in zip(kernel.stages, static, strict=True)
    )
    if not carry or saved < _WORTH or kernel.widths["z"] > _BITS:
        return None
    live = tuple(_live(stage, found) for stage, found in zip(kernel.stages, static, strict=True))
    return Memo(tuple(sorted(carry)), live, tuple(frozenset(found) for found in static))


def presence(stage: Stage, register: int) -> bool:
    """Whether a register only states that a component of z is present, or missing: cheap, and part of the key."""
    i = stage.program.code[register]
    if i.op not in ("eq", "ne") or i.args[0] != i.args[1]:
        return False
    operand = stage.program.code[i.args[0]]
    return operand.op == "input" and operand.value[0] == "z"


def _static(stage: Stage, carry: set[int]) -> set[int]:
    found: set[int] = set()
    for k, i in enumerate(stage.program.code):
        if i.op == "input":
            source, index = i.value
            if source in ("dt", "params") or (source == "carry" and index in carry):
                found.add(k)
        elif presence(stage, k) or all(a in found for a in i.args):
            found.add(k)
    return found


def _live(stage: Stage, static: set[int]) -> tuple[int, ...]:
    code = stage.program.code
    wanted = {k for ks in stage.program.outputs.values() for k in ks}
    for k, i in enumerate(code):
        if k not in static:
            wanted |= set(i.args)
    kept = [k for k in sorted(wanted & static) if code[k].op not in LEAVES and not presence(stage, k)]
    return tuple(kept)
