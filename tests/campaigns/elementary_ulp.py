"""The largest error of every elementary function over a million points: prints a table, fails above its bar.

    python tests/campaigns/elementary_ulp.py [--points 1000000] [--seed 1] [--only sin exp] [--write]

80-bit arithmetic finds the worst points of each function, mpmath measures them. `--write` puts the table into
docs/reference/elementary.md. Needs a platform whose long double has 64 bits.
"""

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "src")]

from foglight.trace.elementary import LOWERING  # noqa: E402
from foglight.trace.graph import Graph  # noqa: E402
from foglight.trace.primitives import ELEMENTARY  # noqa: E402
from oracle.elementary import ANGLE, BARS, exact, points, ulps  # noqa: E402

PAGE = ROOT / "docs" / "reference" / "elementary.md"
MARK = re.compile(r"(<!-- measured -->\n).*?(<!-- end -->)", re.DOTALL)
SUSPECTS = 60
Long = NDArray[np.longdouble]

RANGES = {
    "sin": "−A to A", "cos": "−A to A", "tan": "−A to A", "asin": "−1 to 1", "acos": "−1 to 1", "log": "x ≥ 0",
    "log1p": "x ≥ −1", "pow": "all; NaN for x < 0 unless y is whole", "log2": "x ≥ 0", "log10": "x ≥ 0",
    "acosh": "x ≥ 1", "atanh": "−1 to 1", "mod": "x / b below 2^53 (2^24)",
}  # fmt: skip


def erf(x: Long) -> Long:
    """exp(-x^2) times a series of positive terms, in 80-bit arithmetic."""
    size = np.minimum(np.abs(x), np.longdouble(8))
    term = total = np.ones_like(x)
    for n in range(1, 260):
        term = term * (2 * size * size) / (2 * n + 1)
        total = total + term
    root_pi = np.sqrt(np.longdouble("3.14159265358979323846264338327950288"))
    return np.copysign(2 / root_pi * size * np.exp(-size * size) * total, x)


LONG: dict[str, Callable[..., Any]] = {
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
    "atan2": np.arctan2, "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "pow": np.power,
    "tanh": np.tanh, "hypot": np.hypot, "erf": erf, "exp2": np.exp2, "log2": np.log2, "log10": np.log10,
    "cbrt": np.cbrt, "sinh": np.sinh, "cosh": np.cosh, "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh,
    "mod": np.remainder,
    "expit": lambda x: np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x))),
}  # fmt: skip


def measure(
    name: str, dtype: str, count: int, rng: np.random.Generator
) -> tuple[int, float, tuple[float, ...]]:
    """(points, largest error in ulp, where) of one function."""
    arguments = points(name, dtype, count, rng)
    info = np.finfo(dtype)
    with np.errstate(all="ignore"):
        found = LOWERING[dtype][name](*arguments).astype(np.longdouble)
        near = LONG[name](*[a.astype(np.longdouble) for a in arguments])
        place = np.maximum(np.frexp(near)[1] - 1, info.minexp) - info.nmant
        error = np.abs(found - near) / np.ldexp(np.longdouble(1), place)
        error[found == near] = 0.0
    error = np.where(np.isnan(error), np.inf, error)
    worst, where = 0.0, ()
    for i in np.argsort(error)[-SUSPECTS:]:
        row = tuple(float(a[i]) for a in arguments)
        measured = ulps(float(found[i]), exact(name, row), dtype)
        if measured >= worst:
            worst, where = measured, row
    return found.size, worst, where


def cost(name: str, dtype: str) -> int:
    """How many operations the function takes in a Program."""
    graph = Graph(dtype)
    waiting = [LOWERING[dtype][name](*[graph.input(i) for i in range(ELEMENTARY[name])])]
    seen = set()
    while waiting:
        node = waiting.pop()
        if node.op not in ("input", "const") and node.serial not in seen:
            seen.add(node.serial)
            waiting.extend(node.args)
    return len(seen)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=list(BARS), choices=list(BARS))
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if np.finfo(np.longdouble).nmant < 63:
        parser.error("long double is no longer than a double here; run this on x86-64 Linux")
    lines = [
        "| function | range | bound | ulp, float64 | ulp, float32 | operations, float64 | operations, float32 |",
        "|---|---|---|---|---|---|---|",
    ]
    failures = []
    for name in options.only:
        row = [f"`{name}`", RANGES.get(name, "all"), f"{BARS[name]:g}"]
        for dtype in LOWERING:
            size, worst, where = measure(name, dtype, options.points, np.random.default_rng(options.seed))
            print(f"{name:6} {dtype}: {worst:.3f} ulp in {size} points, at {where}", flush=True)
            row.append(f"{worst:.2f}")
            if worst > BARS[name]:
                failures.append(f"{name} {dtype}: {worst:.3f} ulp is above {BARS[name]}")
        lines.append("| " + " | ".join(row + [str(cost(name, dtype)) for dtype in LOWERING]) + " |")
    lines.append("")
    lines.append(" ".join(f"A = 2^{np.log2(a):.0f} in {dtype}." for dtype, a in ANGLE.items()))
    table = "\n".join(lines)
    print(table)
    if options.write:
        PAGE.write_text(MARK.sub(lambda found: f"{found[1]}{table}\n{found[2]}", PAGE.read_text()))
    print(*failures, sep="\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
