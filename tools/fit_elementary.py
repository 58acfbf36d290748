"""Derive every constant of `foglight.trace.elementary`: `python tools/fit_elementary.py` rewrites its table.

The polynomials are minimax fits by the exchange algorithm of Remez (E. W. Cheney, Introduction to
Approximation Theory, ch. 3), run in 50-digit arithmetic; the other constants are pi and log 2 cut into parts.
"""

from collections.abc import Callable
from pathlib import Path

from mpmath import mp, mpf

Function = Callable[[mpf], mpf]
TARGET = Path(__file__).parents[1] / "src/foglight/trace/elementary/coefficients.py"
DIGITS = {"float64": 53, "float32": 24}


def remez(f: Function, low: mpf, high: mpf, count: int, weight: Function) -> tuple[list[mpf], mpf]:
    """`count` coefficients, lowest power first, and the maximum of |weight * (f - polynomial)|, the least."""

    def spread(n: int) -> list[mpf]:
        return [(low + high) / 2 - (high - low) / 2 * mp.cos(mp.pi * i / n) for i in range(n + 1)]

    nodes, grid = spread(count), spread(24 * count)
    values, weights = [f(x) for x in grid], [weight(x) for x in grid]
    for _ in range(12):
        rows = [[x**j for j in range(count)] + [(-1) ** i / weight(x)] for i, x in enumerate(nodes)]
        *coefficients, level = mp.lu_solve(mp.matrix(rows), mp.matrix([f(x) for x in nodes]))
        fitted = [mp.fsum(c * x**j for j, c in enumerate(coefficients)) for x in grid]
        errors = [w * (v - p) for v, p, w in zip(values, fitted, weights, strict=True)]
        nodes = []
        peaks: list[mpf] = []
        for x, e in zip(grid, errors, strict=True):
            if not peaks or (e > 0) != (peaks[-1] > 0):
                nodes.append(x)
                peaks.append(e)
            elif abs(e) > abs(peaks[-1]):
                nodes[-1], peaks[-1] = x, e
        while len(nodes) > count + 1:
            drop = 0 if abs(peaks[0]) < abs(peaks[-1]) else -1
            del nodes[drop], peaks[drop]
        if len(nodes) < count + 1:
            raise ArithmeticError("the error curve has too few alternations")
        worst = max(abs(e) for e in errors)
        if worst < abs(level) * mpf("1.02"):
            return coefficients, worst
    return coefficients, worst


def over(f: Function, limit: mpf) -> Function:
    """f, with its limit where it divides zero by zero; more digits stand in for the ones that cancel."""

    def safe(x: mpf) -> mpf:
        with mp.workdps(110):
            return f(x) if abs(x) > mpf(10) ** -25 else limit

    return safe


def targets(dtype: str) -> dict[str, tuple[Function, mpf, mpf, int, Function]]:
    """Per polynomial: the function, its interval, how many coefficients, and the weight of an error."""
    wide = dtype == "float64"
    log2, root = mp.log(2), mp.sqrt
    slack = mpf("1.0001")
    turn = (mp.pi / 4) ** 2 * slack
    arc = mp.tan(mp.pi / 8) ** 2 * slack
    ratio = ((root(2) - 1) / (root(2) + 1)) ** 2 * slack
    end = mpf("5.95") if wide else mpf("3.93")

    def log_ratio(z: mpf) -> mpf:
        return 2 * mp.atanh(root(z)) / root(z)

    def even(f: Function, limit: mpf, high: mpf, *counts: int) -> tuple[Function, mpf, mpf, int, Function]:
        """A polynomial in z = r**2 that is multiplied by z when it is used."""
        return over(f, limit), mpf(0), high, counts[0 if wide else 1], lambda z: z / high + mpf("0.02")

    def power(base: mpf, high: mpf, *counts: int) -> tuple[Function, mpf, mpf, int, Function]:
        """base**r less its first two terms, over r**2."""
        f = over(lambda r: (mp.exp(r * base) - 1 - r * base) / r**2, base**2 / 2)

        def weight(r: mpf) -> mpf:
            return (1 if r < 0 else 0.5) * (abs(r) + mpf("0.02"))  # below one, an ulp is half as large

        return f, -high, high, counts[0 if wide else 1], weight

    return {
        "sin": even(lambda z: (1 - mp.sin(root(z)) / root(z)) / z, mpf(1) / 6, turn, 6, 3),
        "cos": even(lambda z: (mp.cos(root(z)) - 1 + z / 2) / z**2, mpf(1) / 24, turn, 6, 3),
        "tan": even(lambda z: (mp.tan(root(z)) / root(z) - 1) / z, mpf(1) / 3, turn, 15, 7),
        "atan": even(lambda z: (mp.atan(root(z)) / root(z) - 1) / z, -mpf(1) / 3, arc, 11, 5),
        "asin": even(lambda z: (mp.asin(root(z)) / root(z) - 1) / z, mpf(1) / 6, mpf("0.25"), 12, 5),
        "exp": power(mpf(1), log2 / 2 * slack, 10, 5),
        "exp2": power(log2, slack / 2, 10, 5),
        "log": even(lambda z: (log_ratio(z) - 2) / z, mpf(2) / 3, ratio, 7, 3),
        "log2": even(lambda z: (1.5 * log_ratio(z) - 3 - z) / z**2, mpf(3) / 5, ratio, 8, 3),
        "erf_near": (
            over(lambda z: mp.erf(root(z)) / root(z) - 1, 2 / root(mp.pi) - 1),
            mpf(0), mpf(1), 12 if wide else 7, lambda z: mpf(1),
        ),
        "erf_far": (lambda x: mp.log(mp.erfc(x)), mpf(1), end, 17 if wide else 7, mp.erfc),
        "cbrt": (mp.cbrt, root(2) / 2, root(2), 7 if wide else 3, lambda x: 1 / mp.cbrt(x)),
    }  # fmt: skip


def rounded(value: mpf, bits: int, to: Function = mp.nint) -> mpf:
    """The nearest number of that many bits (or the next one `to` some side)."""
    unit = mpf(2) ** (mp.floor(mp.log(abs(value), 2)) + 1 - bits)
    return to(value / unit) * unit


def parts(value: mpf, *bits: int, to: Function = mp.nint) -> list[mpf]:
    """value as a sum of numbers of that many bits each."""
    cut = []
    for count in bits:
        cut.append(rounded(value, count, to))
        value -= cut[-1]
    return cut


def table(dtype: str) -> tuple[str, list[str]]:
    """The Format of one dtype as source text, and a line on the error of each fit."""
    digits = DIGITS[dtype]
    wide = dtype == "float64"
    angle, quadrant_bits, exponent_bits = (20, 20, 11) if wide else (12, 12, 8)
    short = digits - quadrant_bits
    constants: dict[str, list[mpf]] = {
        "half_pi": parts(mp.pi / 2, short, short, short, digits, to=mp.floor),  # no part negative
        "quarter_pi": parts(mp.pi / 4, digits - 2, digits),
        "log_two": parts(mp.log(2), digits - exponent_bits, digits),
        "two_thirds": parts(2 / (3 * mp.log(2)), digits // 2, digits),
        "log10_two": parts(mp.log10(2), digits // 2, digits),
    }
    report = []
    for name, (f, low, high, count, weight) in targets(dtype).items():
        fitted, worst = remez(f, low, high, count, weight)
        constants[name] = [rounded(c, digits) for c in fitted]
        report.append(f"{dtype} {name}: {count} coefficients, error 2**{float(mp.log(worst, 2)):.1f}")
    lines = [
        f"{dtype.upper()} = Format(",
        f'    name="{dtype}",',
        f"    digits={digits},",
        f"    bias={1023 if wide else 127},",
        f"    angle=2.0**{angle},",
    ]
    for name, values in constants.items():
        lines.append(f"    {name}=_hex(")
        lines += [f'        "{float(v).hex()}",' for v in values]
        lines.append("    ),")
    lines += [f"    erf_one={float(targets(dtype)['erf_far'][2])},", ")"]
    return "\n".join(lines), report


def source() -> tuple[str, list[str]]:
    """The text of coefficients.py, and a line on the error of each fit."""
    head = [
        '"""The constants of both float types. Written by tools/fit_elementary.py; change that instead."""',
        "from foglight.trace.elementary.format import Format",
        "\ndef _hex(*texts: str) -> tuple[float, ...]:\n    return tuple(float.fromhex(text) for text in texts)\n",
    ]
    with mp.workdps(50):
        tables = [table(dtype) for dtype in DIGITS]
    return "\n\n".join(head + [text for text, _ in tables]) + "\n", [
        line for _, lines in tables for line in lines
    ]


if __name__ == "__main__":
    text, fits = source()
    TARGET.write_text(text)
    print(*fits, f"wrote {TARGET.name}", sep="\n")
