"""The derivative of each operation on whole arrays along directions, against differences of the operation itself."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from foglight.trace import array_functions as af
from foglight.trace import array_tangents
from foglight.trace.array_functions import input_array
from foglight.trace.array_operations import ARRAY_RULES
from foglight.trace.array_symbol import ArraySymbol, contiguous, lifted
from foglight.trace.forward_mode import replayed, tangents
from foglight.trace.graph import Graph
from foglight.trace.ops import floor, joined, lookup, preceding, reciprocal, running, select, sweep, total
from foglight.trace.program import Program, lower

N, GIVEN, DIRECTIONS = 5, 90, 2
Make = Callable[[ArraySymbol], list[Any]]
# No derivative of a filter's step needs these: they are in smoothers, or what derivatives are made of.
LEFT_OUT = {"filled", "join", "inverse", "swept_along", "folded", "conditioned", "increased"}


def square(x: ArraySymbol, first: int, rows: int = N, columns: int = N) -> ArraySymbol:
    """A matrix of some of the numbers."""
    rows_of = [x[first + i * columns : first + (i + 1) * columns] for i in range(rows)]
    return af.stacked(rows_of)


def factor(x: ArraySymbol) -> tuple[ArraySymbol, ArraySymbol]:
    """U and D of a stored triangle."""
    U, D = af.unpacked(x[: N * (N + 1) // 2], N)
    return U, D * D + 0.5


def combined(x: ArraySymbol, moving: str, floors: bool = False) -> list[Any]:
    """A factor, of which all moves, the columns, some of them, or the weights."""
    graph, still = x.graph, lifted(x.graph, np.linspace(0.3, 1.7, 2 * N))
    fixed = np.linspace(-1.0, 2.0, N * N).reshape(N, N) + np.eye(N)
    right = square(x, 0) if moving != "weights" else lifted(graph, fixed + 1.0)
    left = square(x, 40) if moving == "all" else lifted(graph, fixed)
    weights = x[70 : 70 + 2 * N] * x[70 : 70 + 2 * N] + 0.2 if moving in ("all", "weights") else still
    both = af.filled(graph, "zero", (N, 2 * N))
    both[:, :N], both[:, N:] = left, right
    least = [0.0] * (N - 1) + [1e9] if floors else None
    U, D = af.combine(both, weights, least, False)
    return [af.packed(U, D), *D[:2], U[0, 2]]


OPERATIONS: dict[str, Make] = {
    "view, item, put": lambda x: [x[3:9][::2], x[7], _changed(x)],
    "pack": lambda x: [lifted(x.graph, np.array([x[0] * x[1], 2.0, x[2]], object))],
    "flat": lambda x: [square(x, 0).ravel()],
    "copy": lambda x: [contiguous(square(x, 0).T).ravel()],
    "dot, sum": lambda x: [af.product(x[:7], x[9:16]), total(x[:11] * x[:11])],
    "dots": lambda x: [af.product(square(x, 0), x[40 : 40 + N]), af.row_sums(square(x, 3))],
    "rows": lambda x: [af.product(square(x, 0), square(x, 40)).ravel(), _sparse(x)],
    "entry by entry": lambda x: [_entries(x)],
    "a choice": lambda x: [select(x[:9] > 0.2, x[10:19], x[20:29] * x[20:29]), select(x[0] > 0.0, x[:3], 1.0)],
    "a table": lambda x: [lookup(floor(x[:4] * x[:4]), [x[4:8], 3.0, x[8:12]])],
    "unpack, pivots, packed": lambda x: [af.packed(*factor(x)), af.product(factor(x)[0], x[:N])],
    "unpack_rows, times_upper": lambda x: [af.product(square(x, 30), factor(x)[0]).ravel()],
    "running": lambda x: [running(x[0] * x[1], x[3:12])],
    "preceding": lambda x: [preceding(square(x, 0)).ravel()],
    "sweep": lambda x: [_swept(x)],
    "substitute": lambda x: [
        af.substituted(factor(x)[0], x[40:45]), af.substituted(factor(x)[0], square(x, 40)).ravel()
    ],
    "squares": lambda x: [af.squares(*factor(x))],
    "combine": lambda x: combined(x, "all"),
    "combine: columns": lambda x: combined(x, "some"),
    "combine: weights": lambda x: combined(x, "weights"),
    "combine: a floor": lambda x: combined(x, "all", floors=True)[1:3],
    "combine: triangular": lambda x: _triangular(x),
    "combine: a product": lambda x: _product(x),
}  # fmt: skip


def _changed(x: ArraySymbol) -> ArraySymbol:
    y = x[:10] * 1.0
    y[2] = x[20] * x[21]
    y[4:6] = x[30:32]
    y[7:9] = 0.0
    return y


def _sparse(x: ArraySymbol) -> ArraySymbol:
    A = np.array([[0.0, x[1], 0.0], [x[3], 0.0, 2.0]], object)
    return af.product(A, square(x, 40, 3, 4)).ravel()


def _entries(x: ArraySymbol) -> ArraySymbol:
    a, b = x[:8], x[10:18]
    column = square(x, 30, 8, 1)
    curved = np.sin(a) * np.exp(b) + np.hypot(a, b) / (1.5 + np.cos(b)) - abs(-a) + np.copysign(a, b)
    powers = np.sqrt(a * a + 1.0) + np.log(b * b + 0.5) + np.tanh(a) + np.arctan2(a, b) + (a * a + 0.1) ** 1.5
    return joined(curved, powers, 3.0 - a, a * x[1], -b, (column * b).ravel())


def _swept(x: ArraySymbol) -> ArraySymbol:
    U, D = factor(x)
    swept, sums = sweep(U, x[30:35], x[40:45])
    return joined(af.packed(swept, D), sums)


def _triangular(x: ArraySymbol) -> ArraySymbol:
    """More states than are in one vector, so that what is left out begins beyond the first one."""
    n = 9
    both = af.filled(x.graph, "zero", (n, 2 * n))
    left = np.triu(np.linspace(0.2, 1.5, n * n).reshape(n, n))
    right = lifted(x.graph, left.T + np.diag(np.arange(1.0, n + 1.0)))
    both[:, :n], both[:, n:] = lifted(x.graph, left), right * x[:n]
    weights = joined(x[20 : 20 + n] * x[20 : 20 + n] + 0.1, x[40 : 40 + n] * x[40 : 40 + n] + 0.1)
    U, D = af.combine(both, weights, None, True)
    return af.packed(U, D)


def _product(x: ArraySymbol) -> ArraySymbol:
    F = np.linspace(-1.0, 1.3, N * N).reshape(N, N).astype(object) + np.eye(N)
    U, D = factor(x)
    both = af.filled(x.graph, "zero", (N, 2 * N))
    both[:, :N], both[:, N:] = lifted(x.graph, np.eye(N)), af.product(F, U)
    return af.packed(*af.combine(both, joined(x[70 : 70 + N] ** 2.0, D), None, False))


def programs(make: Make) -> tuple[Program, Program]:
    """What `make` computes, and the tangents along the directions: of the numbers ("x", k) along ("d c", k)."""
    graph = Graph()
    plain = Program.of(graph, {"out": [*_scalars(make(input_array(graph, "x", 0, GIVEN)))]})
    graph = Graph()
    again = replayed(plain, graph)["out"]
    seeds = [input_array(graph, f"d {c}", 0, GIVEN).node for c in range(DIRECTIONS)]
    found = tangents(again, [(input_array(graph, "x", 0, GIVEN).node, seeds)], DIRECTIONS)
    moved = Program.of(graph, {str(c): values for c, values in enumerate(found)} | {"out": again})
    return lower(plain), lower(moved)


def _scalars(results: list[Any]) -> list[Any]:
    return [entry for r in results for entry in (list(r) if isinstance(r, ArraySymbol) else [r])]


def evaluated(program: Program, group: str, given: dict[str, Any]) -> Any:
    inputs = {(name, k): np.array([v]) for name, values in given.items() for k, v in enumerate(values)}
    return np.array([np.broadcast_to(v, 1)[0] for v in program.evaluate(inputs)[group]])


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_derivative_is_the_difference_quotient(name: str) -> None:
    plain, moved = programs(OPERATIONS[name])
    rng = np.random.default_rng(len(name))
    x, directions = rng.uniform(0.3, 1.6, GIVEN), rng.standard_normal((DIRECTIONS, GIVEN))
    given = {"x": x} | {f"d {c}": d for c, d in enumerate(directions)}
    assert evaluated(moved, "out", given) == pytest.approx(evaluated(plain, "out", {"x": x}), rel=1e-12)
    h = 1e-3
    for c, d in enumerate(directions):
        a, b, e, f = (evaluated(plain, "out", {"x": x + k * h * d}) for k in (-2, -1, 1, 2))
        expected = (a - 8 * b + 8 * e - f) / (12 * h)
        found = evaluated(moved, str(c), given)
        assert np.abs(expected).max() > 0.1 or name == "combine: a floor"
        np.testing.assert_allclose(found, expected, rtol=2e-7, atol=2e-8 * max(1.0, np.abs(expected).max()))


def test_every_operation_has_a_derivative_or_needs_none() -> None:
    assert set(ARRAY_RULES) - {"map"} - LEFT_OUT == set(array_tangents._RULES)
    used = {i.op for make in OPERATIONS.values() for i in programs(make)[0].code}
    assert set(ARRAY_RULES) - LEFT_OUT <= used


def test_what_does_not_move_has_no_tangent() -> None:
    graph = Graph()
    x, y = input_array(graph, "x", 0, 4), input_array(graph, "y", 0, 4)
    outputs = [total(x * x), af.product(x, y), (x * 2.0).node, (y + 1.0).node]
    [found] = tangents(outputs, [(y.node, [input_array(graph, "d", 0, 4).node])], 1)
    assert isinstance(found[0], float) and found[0] == 0.0 and found[1].op == "dot"
    assert found[2].op == "filled" and found[3].op == "block", "1 times a tangent is the tangent"


def test_a_guard_has_derivative_0() -> None:
    plain, moved = programs(lambda x: [reciprocal(x[:3] * 0.0) + np.sqrt(x[3:6] * 0.0)])
    given = {"x": np.ones(GIVEN), "d 0": np.ones(GIVEN), "d 1": np.ones(GIVEN)}
    assert evaluated(plain, "out", {"x": np.ones(GIVEN)}).tolist() == [0.0] * 3
    assert evaluated(moved, "0", given).tolist() == [0.0] * 3


def test_a_wrong_derivative_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(array_tangents._RULES, "sweep", lambda node, moves: node)
    with pytest.raises(AssertionError):
        test_each_derivative_is_the_difference_quotient("sweep")


def test_no_rounding_of_rounding_is_differentiated() -> None:
    """Six rows of two columns: the rank is 2, the next two rows are rounding, and the first ones rounding of these."""
    graph, n = Graph(), 6
    C, w = input_array(graph, "C", 0, 2 * n), input_array(graph, "w", 0, 2)
    both = af.stacked([C[2 * i : 2 * i + 2] for i in range(n)])
    program = Program.of(graph, {"out": list(af.combine(both, w, None, False)[1])})
    kept = Graph()
    replay = Program.of(kept, replayed(program, kept))
    rounding = 0
    for seed in range(200):
        values = np.random.default_rng(seed).uniform(0.1, 3.0, 2 * n)
        plain, found = (evaluated(p, "out", {"C": values, "w": np.ones(2)}) for p in (program, replay))
        variances = (values.reshape(n, 2) ** 2).sum(axis=1)
        assert found[-2:].tolist() == plain[-2:].tolist() and (plain[:-2] < 1e-26).all()
        assert ((found == 0.0) | (found > 2.0**-157 * variances)).all()
        rounding += 0.0 < plain[1] != found[1] == 0.0
    assert rounding > 20
