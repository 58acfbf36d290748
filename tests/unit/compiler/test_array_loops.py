"""The loops of LLVM and C against the interpreter: every operation on entries, every way that entries may lie."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agreement.generated_c import Compiled, need_gcc
from foglight.compiler.kernel import Kernel, Stage
from foglight.trace import array_functions
from foglight.trace.array_symbol import ArraySymbol, contiguous, made, mapped, shown
from foglight.trace.graph import Graph
from foglight.trace.ops import maximum, running, select
from foglight.trace.primitives import MASKS, PRIMITIVE
from foglight.trace.program import Program
from unit.array_kernels import arrays_of, engines, kernel_of, numbers, results, view_of

GIVEN, ROWS, LONGEST, TRACKS = 240, 3, 20, 6
Make = Callable[[ArraySymbol], list[Any]]

# Ways in which ROWS x n entries may lie in a vector, or in which fewer stand for as many.
LAYOUTS: dict[str, Callable[[ArraySymbol, int, int], Any]] = {
    "rows": lambda x, at, n: view_of(x, at, (ROWS, n), (n + 1, 1)),
    "transposed": lambda x, at, n: view_of(x, at, (ROWS, n), (1, ROWS)),
    "strided": lambda x, at, n: view_of(x, at, (ROWS, n), (2 * n + 3, 2)),
    "backwards": lambda x, at, n: view_of(x, at + 3 * n, (ROWS, n), (-n, -1)),
    "one row": lambda x, at, n: view_of(x, at, (n,), (1,)),
    "one column": lambda x, at, n: view_of(x, at, (ROWS, 1), (4, 1)),
    "one number": lambda x, at, n: x[at],
    "a constant": lambda x, at, n: 1.5,
}
PLAIN = ("rows", "one row", "one column", "one number")


def same_everywhere(make: Make, seed: int = 0) -> np.ndarray:
    """What every engine makes of the same numbers, after it was the same, to the bit."""
    kernel = kernel_of(make, GIVEN)
    given_arrays = arrays_of(kernel, numbers(seed, TRACKS, GIVEN))
    one, *others = (results(run(given_arrays)[0], GIVEN) for run in engines(kernel))
    for other in others:
        assert other.tobytes() == one.tobytes(), np.argwhere(
            (other != one) & ((other == other) | (one == one))
        )[:9]
    return one


def operands(op: str, count: int) -> list[tuple[str, ...]]:
    """Each layout beside each of the plain ones; at least one is an array."""
    pairs = {1: [(a,) for a in LAYOUTS], 2: [(a, b) for a in LAYOUTS for b in PLAIN]}
    pairs[2] += [(b, a) for a, b in pairs[2]]
    pairs[3] = [(a, b, c) for a in PLAIN for b in LAYOUTS for c in ("rows", "a constant")]
    return [names for names in dict.fromkeys(pairs[count]) if {*names} - {"one number", "a constant"}]


def applied(op: str, names: tuple[str, ...], x: ArraySymbol, n: int) -> Any:
    values = [LAYOUTS[name](x, 1 + 7 * k, n) for k, name in enumerate(names)]
    if op in ("pow2", "copysign"):  # a NaN has no sign and no power of two: backends may differ there
        values = [v if isinstance(v, float) else select(v == v, v, 2.0) for v in values]
    if op == "select":
        values[0] = values[0] > 0.1 if isinstance(values[0], ArraySymbol) else values[0] < 0.2
    if op in ("and", "or", "not"):
        values = [v > 0.0 for v in values]
    return mapped(op, *values)


@pytest.mark.parametrize("op", PRIMITIVE)
def test_every_operation_on_entries_of_every_layout(op: str) -> None:
    """Rows of 1 to 20 numbers, NaN and infinities among them."""

    def make(x: ArraySymbol) -> list[Any]:
        every = operands(op, PRIMITIVE[op])
        return [applied(op, names, x, n) for k, names in enumerate(every) for n in lengths(k)]

    found = same_everywhere(make)
    assert np.isfinite(found).any() and (
        np.isnan(found).any() or op in MASKS or op in ("pow2", "copysign", "exponent")
    )


def lengths(k: int) -> list[int]:
    """All of 1 to 20 for the first layouts, some of them for the others."""
    return list(range(1, LONGEST + 1)) if k < 4 else [1 + (k + 7 * j) % LONGEST for j in range(4)]


def loops(x: ArraySymbol, n: int, m: int) -> list[Any]:
    """Every other operation on n x m entries."""
    A, B = view_of(x, 3, (n, m), (m + 2, 1)), view_of(x, 5, (m, n), (1, m))
    v, w = view_of(x, 60, (m,), (2,)), view_of(x, 11, (n,), (1,))
    F = np.where(np.arange(n * m).reshape(n, m) % 3 == 0, 0.0, 1.5).astype(object)
    U, D = array_functions.unpacked(x[9 : 9 + n * (n + 1) // 2], n)
    swept, total = array_functions.sweep(U, w, x[40 : 40 + n])
    changed = A.copy() * 1.0
    changed[0, :] = v
    changed[:, m - 1] = w
    changed[1:] = changed[:-1]  # parts that overlap
    return [
        array_functions.product(A, B), array_functions.product(F, B), array_functions.product(A, v * 1.0),
        array_functions.product(w, A), array_functions.product(v, v), array_functions.product(F, v),
        array_functions.product(w, U), array_functions.product(U, w), array_functions.product(F.T, A),
        array_functions.total(v), running(x[1], v), array_functions.squares(U, D), array_functions.packed(U, D),
        array_functions.packed(swept, D), total, changed, np.outer(v, w), U + 0.0,
        np.hstack([A, A * 2.0]), A.T.ravel(), array_functions.product(A, B).diagonal(),
        array_functions.preceding(A), array_functions.preceding(B), v[:, None] - w[None], select(x[0] > 0.0, B, 1.5),
        array_functions.substituted(U, w), array_functions.substituted(U, A), array_functions.substituted(U, B.T),
        array_functions.product(A, B, lower=True), array_functions.product(B, U), *factors(x, A, v * 1.0, w * 1.0),
    ]  # fmt: skip


def factors(x: ArraySymbol, A: ArraySymbol, v: ArraySymbol, w: ArraySymbol) -> list[Any]:
    """A factor of the rows of A, with and without floors, and what is made of it in derivatives."""
    graph, (n, m) = x.graph, A.shape
    floors = [None, w] + [None] * (m >= n)
    found = []
    for k, least in enumerate(floors):
        U, D = array_functions.combine(A, v, least, triangular=k == 2)
        found.append(array_functions.packed(U, D))
    square = view_of(x, 7, (n, n), (n + 2, 1))
    triangle, diagonal = array_functions.folded(square, w)
    args = [shown(contiguous(a)) for a in (U.T, w, D, square * 0.5, x[20 : 20 + n], x[33 : 33 + n])]
    pair = graph.array("swept_along", tuple(args), ((n, n),))
    swept, sums = made(graph, "first", (pair,), (n, n)), made(graph, "second", (pair,), (n,))
    pattern = tuple(tuple(range(i - i % 8, m)) for i in range(n) if i - i % 8 < m)
    rest = made(
        graph,
        "rows",
        (shown(contiguous(A[: len(pattern)])), shown(contiguous(A.T))),
        (len(pattern), n),
        pattern,
    )
    return [*found, triangle, diagonal, swept, sums, rest]


def equations(x: ArraySymbol, n: int) -> list[Any]:
    """One more of n equations, then six, with coefficients of 0 among theirs; and the inverse of their triangle."""
    C, d = view_of(x, 2, (n, n), (n + 1, 1)) * 1.0, abs(x[20 : 20 + n])
    y = x[70 : 70 + n] * 1.0
    found = [array_functions.inverse(C)]
    for starts in ((30,), (90, 3, 47, 12, 61, 8)):
        H = [[x[at + k] if (k + at) % 3 != 2 else 0.0 for k in range(n)] for at in starts]
        z, r = [x[at + n] for at in starts], [0.5 * (at % 4) for at in starts]
        sizes = [[0.0 if k % 2 else 1.5 for k in range(n)] for _ in starts]
        rows = np.hstack([np.array(H, object), np.array(z, object)[:, None]])
        of_rows = np.hstack([sizes, np.zeros((len(z), 1))])
        C, y, d = array_functions.joined_equations(C, y, d, rows, np.array(r), of_rows, 2.0**-50)
        found += [C, y, d]
    return found


def measurements(x: ArraySymbol, n: int) -> list[Any]:
    """A factor conditioned on one to nine measurements, with further entries before its columns or none."""
    found: list[Any] = []
    for ahead, echelon, m in (
        (0, 0, 1),
        (0, 1, min(n, 5)),
        (1, 0, 4),
        (2, 0, 9),
        (1, 1, n),
        (0, -1, n),
        (1, -1, min(n, 6)),
    ):
        width = n + ahead
        rows, H = view_of(x, 3 + ahead, (n, width), (9, 1)), view_of(x, 50, (m, width), (1, 11))
        rows, given = rows * np.tri(n, width, ahead), (x[20 : 20 + n], H, abs(x[33 : 33 + m]))
        for mean in (None, (x[70 : 70 + width], x[90 : 90 + m])):
            conditioned = array_functions.conditioned(rows, *given, mean, echelon)
            found += [part for part in conditioned if part is not None]
    return found


def further_columns(x: ArraySymbol, n: int) -> list[Any]:
    """A factor with one to nine further columns, some without weight, and entries before its columns or none."""
    found: list[Any] = []
    for ahead, m in ((0, 1), (1, 4), (2, 9)):
        width = n + ahead
        rows, H = view_of(x, 3 + ahead, (n, width), (9, 1)), view_of(x, 50, (m, width), (1, 11))
        rows, w = rows * np.tri(n, width, ahead - 1) + np.eye(n, width, ahead), maximum(x[33 : 33 + m], 0.0)
        found += array_functions.increased(rows, maximum(x[20 : 20 + n], 0.0), H, w)
    return found


@pytest.mark.parametrize("n", [1, 2, 5, 7, 8, 9, 12, 14, 17])
def test_further_columns(n: int) -> None:
    same_everywhere(lambda x: further_columns(x, n))


@pytest.mark.parametrize("n", [1, 2, 5, 7, 8, 9, 12, 14])
def test_measurements(n: int) -> None:
    same_everywhere(lambda x: measurements(x, n))


@pytest.mark.parametrize("n", [1, 2, 5, 7, 8, 9, 12, 14])
def test_equations(n: int) -> None:
    same_everywhere(lambda x: equations(x, n))


@pytest.mark.parametrize("n", range(1, 14))
def test_every_other_loop(n: int) -> None:
    same_everywhere(
        lambda x: [part for m in (1, 2, 7, 8, 9, 16, 17) if m * n < 160 for part in loops(x, n, m)]
    )


@settings(max_examples=25)
@given(st.integers(1, 13), st.integers(1, 10), st.integers(0, 2**32 - 1))
def test_other_loops_of_any_size(n: int, m: int, seed: int) -> None:
    same_everywhere(lambda x: loops(x, n, m), seed)


def test_so_do_the_loops_in_c(tmp_path: Path) -> None:
    need_gcc()

    def make(x: ArraySymbol) -> list[Any]:
        maps = [
            applied(op, names, x, 1 + k % LONGEST)
            for op in PRIMITIVE
            for k, names in enumerate(operands(op, PRIMITIVE[op]))
        ]
        triangles = [part for n in (1, 5, 12) for part in (*equations(x, n), *measurements(x, n))]
        return [
            *maps,
            *triangles,
            *[part for n, m in ((1, 1), (3, 8), (9, 7), (12, 9)) for part in loops(x, n, m)],
        ]

    kernel = kernel_of(make, GIVEN)
    given_arrays = arrays_of(kernel, numbers(3, TRACKS, GIVEN))
    run = next(engines(kernel))
    found = results(Compiled(kernel, tmp_path, ("-O1",)).run(given_arrays)[0], GIVEN)
    assert found.tobytes() == results(run(given_arrays)[0], GIVEN).tobytes()


@pytest.mark.parametrize("n", [1, 7, 8, 9, 20])
def test_an_array_that_is_recorded(n: int, tmp_path: Path) -> None:
    """As numbers are: NaN where the stage does not commit, and every NaN is the canonical one."""
    graph = Graph()
    x = array_functions.input_array(graph, "carry", 0, n)
    groups = {"carry": x + 0.0, "commit": [x[0] > 0.0], "record": -x, "sums": [], "status": []}
    stage = Stage("all", Program.of(graph, groups), (("dt", 0),), tuple(range(1, n + 1)))
    widths = {"u": 0, "row": 0, "z": 0, "params": 0}
    kernel = Kernel("all", "float64", (stage,), tuple("c" * n), widths, {}, width=n + 1, status=0)
    start = np.ones((3, n))
    start[1, 0] = -1.0
    start[2, 1:].view(np.uint64)[::3] = 0xFFF8000000000123  # a NaN with a sign and a payload
    need_gcc()
    runs = [*engines(kernel), Compiled(kernel, tmp_path, ("-O0",)).run]
    one, *others = (run(arrays_of(kernel, start))[1] for run in runs)
    assert np.isnan(one[1, 0, 1:]).all() and one[0, 0, 1:].tolist() == [-1.0] * n
    assert np.isnan(one[2, 0, 1:]).any() == (n > 1)
    for other in others:
        assert other.tobytes() == one.tobytes()
