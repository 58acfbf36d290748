"""Two kernels built by hand, small enough to read as text: one with everything in it, one that settles."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from foglight.compiler.backends import c99, javascript, llvm
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel, Stage
from foglight.core.errors import Status
from foglight.trace.graph import Graph
from foglight.trace.program import Program
from foglight.trace.symbol import Symbol

SOURCES = ("carry", "dt", "u", "row", "z", "params")  # the arrays of numbers that a kernel reads

Keys = tuple[tuple[str, int], ...]


class Inputs:
    """The inputs of a stage by source and place: `i.carry[0]`, `i.z[1]`, each with a label."""

    def __init__(self, dtype: str) -> None:
        self.graph = Graph(dtype)

    def __getattr__(self, source: str) -> list[Symbol]:
        return [self.graph.input((source, k), f"{source} {k}") for k in range(4)]

    def of(self, op: str, *args: Any) -> Symbol:
        """One operation, unfolded."""
        return self.graph.apply(op, *map(self.graph.lift, args))

    def program(self, carry: Sequence[Any], commit: Any, **more: Sequence[Any]) -> Program:
        """The Program of a stage."""
        return Program.of(
            self.graph, {"carry": carry, "commit": [commit], "record": [], "sums": [], "status": []} | more
        )


def odds(dtype: str = "float64") -> Kernel:
    """Every source, every operation, each kind of constant; stages with and without a record, sums and flags."""
    i = Inputs(dtype)
    (a, b, c, _), dt, p = i.carry, i.dt[0], i.params[1]
    ahead = a + dt * b * p + i.u[0]
    down = i.of("floor", b / 2.0) - i.of("rint", i.row[1])
    move = i.program(
        [ahead, down, i.of("sqrt", i.of("abs", c))],
        (ahead < 100.0) | ~(down <= ahead),
        status=[~(c >= 0.0)],
    )
    i = Inputs(dtype)
    (a, b, c, _), (z, y, *_) = i.carry, i.z
    gap = i.of("select", z == z, z - a, 0.0)
    size = i.of("pow2", i.of("exponent", gap + 1.5))
    look = i.program(
        [a + 0.1 * gap, i.of("copysign", b, gap), -c],
        (gap < float("inf")) & (gap > float("-inf")),
        record=[size, i.of("select", y == y, y, float("nan"))],
        sums=[gap * gap, -0.5 * gap],
        status=[(z != z) | (y != y), size > 4.0],
    )
    i = Inputs(dtype)
    (a, b, c, _), far = i.carry, i.z[2]
    last = i.program([far, b, c + 1.0], far < 9.0, record=[far, c + 1.0])
    return Kernel(
        "odds */ and\nends",
        dtype,
        (
            Stage("move", move, (("dt", 0),), status=(Status.NONFINITE,)),
            Stage(
                "look", look, (("z", 0), ("z", 1)), (3, 5), (Status.PARTIAL, Status.INDEFINITE), Status.USED
            ),
            Stage("far", last, (("z", 2),), (4, 12)),
        ),
        ("a", "b%", "c"),
        {"u": 1, "row": 2, "z": 3, "params": 2},
        {"u": ("thrust",), "z": ("near", "or", "far"), "params": ("unused", "gain")},
        snapshots={0: 6, 2: 0},
        sums=9,
        status=11,
        width=13,
    )


def settling(dtype: str = "float64") -> Kernel:
    """A state that follows the data, and two carried numbers that do not: they settle."""
    i = Inputs(dtype)
    (x, v, w, _), dt = i.carry, i.dt[0]
    for _ in range(9):
        v = 0.5 * v + dt
        w = 0.25 * w + i.params[0]
    move = i.program([x + dt * w, v, w], (v < 50.0) & (x < 1e9))
    i = Inputs(dtype)
    (x, v, w, _), (z, y, *_) = i.carry, i.z
    here, there = z == z, y == y
    gain = i.of("select", here, v / (v + w), 0.0) + i.of("select", there, 0.125, 0.0)
    gap = i.of("select", here, z - x, 0.0)
    rest = w - gain * v
    look = i.program(
        [x + gain * gap, v * 0.75, i.of("select", rest > 0.5, rest, w)],
        (gap < 1e9) & (rest < 60.0),
        record=[gap, gain],
        sums=[gap * gap, gain * gap],
        status=[(y != y) | ~here],
    )
    return Kernel(
        "settling",
        dtype,
        (
            Stage("move", move, (("dt", 0),)),
            Stage("look", look, (("z", 0), ("z", 1)), (3, 4), (Status.PARTIAL,), Status.USED),
        ),
        ("x", "v", "w"),
        {"u": 0, "row": 0, "z": 2, "params": 1},
        {"z": ("z", "y"), "params": ("push",)},
        snapshots={1: 0},
        sums=5,
        status=7,
        width=8,
    )


def arrays(kernel: Kernel, tracks: int, rows: int, damage: float = 0.2) -> Arrays:
    """What a scan of such a kernel reads: rows of no length, missing components and infinities among the rest."""
    rng = np.random.default_rng(17)
    z = rng.normal(size=(tracks, rows, kernel.widths["z"])).cumsum(axis=1)
    z[rng.random(z.shape) < damage] = np.nan
    z[rng.random(z.shape) < 0.1 * damage] = np.inf
    dt = np.where(rng.random(rows) < damage, 0.0, 0.1)
    found = Arrays(
        dt,
        rng.normal(size=(tracks, rows, kernel.widths["u"])),
        rng.normal(size=(1, rows, kernel.widths["row"])) * 3.0,
        z,
        np.linspace(0.3, 0.7, kernel.widths["params"]),
        np.array([[2.0, 7.0, 3.0, 12.5, 32.0]]),
    )
    typed = {name: getattr(found, name).astype(kernel.dtype) for name in SOURCES}
    return Arrays(**{name: np.ascontiguousarray(array) for name, array in typed.items()})


TEXTS = {
    "odds.c": lambda: c99.text(odds(), "odds"),
    "odds_single.c": lambda: c99.text(odds("float32")),
    "odds.mjs": lambda: javascript.text(odds()),
    "odds_single.mjs": lambda: javascript.text(odds("float32")),
    "odds.ll": lambda: llvm.text(odds("float32")),
    "odds_four_lanes.ll": lambda: llvm.text(odds(), 4),
    "settling.ll": lambda: llvm.text(settling()),
    "settling_twice.ll": lambda: llvm.text(settling(), twice=True),
    "settling_two_lanes.ll": lambda: llvm.text(settling("float32"), 2),
}
