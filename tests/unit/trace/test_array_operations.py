"""Operations on whole arrays against plain loops and NumPy, to the bit: views of every kind, odd numbers."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from foglight.trace import array_functions
from foglight.trace.array_functions import input_array
from foglight.trace.array_operations import ARRAY_RULES
from foglight.trace.array_sums import summed
from foglight.trace.array_symbol import ArraySymbol, View
from foglight.trace.graph import Graph
from foglight.trace.ops import conditioned, increased, preceding, running, select, total
from foglight.trace.program import Program
from unit.array_kernels import ODD, view_of

Numbers = NDArray[np.float64]
COUNT = 300
sizes = st.integers(1, 20)
seeds = st.integers(0, 2**32 - 1)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Infinities and NaN are among the numbers."""
    with np.errstate(all="ignore"):
        yield


def base(seed: int, odd: bool = True) -> Numbers:
    rng = np.random.default_rng(seed)
    values = rng.standard_normal(COUNT) * 10.0 ** rng.integers(-3, 4, COUNT)
    if odd and seed % 3:
        at = rng.random(COUNT) < 0.1
        values[at] = rng.choice(ODD, at.sum())
    return values


@st.composite
def layouts(draw: Any, shape: Sequence[int]) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
    """Start, shape and steps of a view of a vector of COUNT numbers: any steps that keep it inside."""
    room, steps = COUNT - 1, []
    for size in shape:
        largest = room // max(size - 1, 1) if len(steps) + 1 == len(shape) else room // (2 * max(size - 1, 1))
        step = draw(st.sampled_from([1, 1, -1, 0, 2, 3, size, -size]))
        step = max(-largest, min(largest, step))
        room -= abs(step) * (size - 1)
        steps.append(step)
    least = -sum(min(0, step * (size - 1)) for step, size in zip(steps, shape, strict=True))
    return least + draw(st.integers(0, room)), tuple(shape), tuple(steps)


def entries(values: Numbers, layout: tuple[int, tuple[int, ...], tuple[int, ...]]) -> Numbers:
    """The same view, index by index."""
    start, shape, steps = layout
    found = np.empty(shape)
    for index in np.ndindex(shape):
        found[index] = values[start + sum(i * step for i, step in zip(index, steps, strict=True))]
    return found


def computed(values: Numbers, make: Callable[[ArraySymbol], Any]) -> Any:
    """What the Program of an expression computes: an array of its shape, or a number."""
    graph = Graph()
    found = make(input_array(graph, "carry", 0, COUNT))
    whole = isinstance(found, ArraySymbol)
    program = Program.of(graph, {"all": found if whole else [found]})
    [result] = program.evaluate({("carry", k): values[k : k + 1] for k in range(COUNT)})["all"]
    return result[..., 0] if whole else np.ravel(result)[0]


def same(found: Any, expected: Any) -> None:
    a, b = np.asarray(found, float), np.asarray(expected, float)
    assert a.shape == b.shape
    np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(np.signbit(a[a == a]), np.signbit(b[b == b]))


def eight(terms: Sequence[float]) -> float:
    """Eight partial sums, then neighbours."""
    sums = [np.float64(0.0)] * 8
    for k, term in enumerate(terms):
        sums[k % 8] = sums[k % 8] + term
    while len(sums) > 1:
        sums = [sums[k] + sums[k + 1] for k in range(0, len(sums), 2)]
    return float(sums[0])


def serial(terms: Sequence[float]) -> float:
    """One after the other."""
    found = np.float64(terms[0])
    for term in terms[1:]:
        found = found + term
    return float(found)


def product_by(order: Callable[[Sequence[float]], float], A: Numbers, B: Numbers) -> Numbers:
    return np.array([[order(row * column) for column in B.T] for row in A])


BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "a + b": lambda a, b: a + b,
    "a - b": lambda a, b: a - b,
    "a * b": lambda a, b: a * b,
    "a / b": lambda a, b: a / b,
    "smaller": lambda a, b: (select if isinstance(a, ArraySymbol) else np.where)(a < b, a, b),
    "not larger": lambda a, b: (select if isinstance(a, ArraySymbol) else np.where)(a <= b, a, b),
    "-|a|": lambda a, b: -np.abs(a) + 0.0 * b,
    "root": lambda a, b: np.sqrt(a) * b,
    "scalar first": lambda a, b: 2.0 - a / (1.5 * b),
}


@pytest.mark.parametrize("name", BINARY)
@settings(max_examples=30)
@given(st.data(), sizes, sizes, seeds)
def test_entry_by_entry_with_numpys_broadcasting(name: str, data: Any, n: int, m: int, seed: int) -> None:
    values, operation = base(seed), BINARY[name]
    one = data.draw(layouts((n, m)))
    other = data.draw(st.sampled_from([(n, m), (m,), (n, 1), (1, m), (1, 1), (1,)]).flatmap(layouts))
    expected = operation(entries(values, one), entries(values, other))
    same(computed(values, lambda x: operation(view_of(x, *one), view_of(x, *other))), expected)


@settings(max_examples=60)
@given(st.data(), sizes, sizes, sizes, seeds)
def test_products(data: Any, n: int, m: int, k: int, seed: int) -> None:
    """A product of matrices adds one term after the other; others do, or in eight sums, as the entries lie."""
    values = base(seed, odd=False)
    A, B, v, w = (data.draw(layouts(shape)) for shape in ((n, m), (m, k), (m,), (n,)))
    a, b, c, d = (entries(values, layout) for layout in (A, B, v, w))

    def either(make: Callable[[ArraySymbol], Any], left: Numbers, right: Numbers) -> None:
        found = np.reshape(computed(values, make), (len(left), right.shape[1]))
        eights, serials = (product_by(order, left, right) for order in (eight, serial))
        assert np.array_equal(found, eights) or np.array_equal(found, serials)
        np.testing.assert_allclose(
            found, left @ right, rtol=1e-9, atol=1e-9 * np.abs(left).max() * np.abs(right).max()
        )

    product = array_functions.product
    same(computed(values, lambda x: product(view_of(x, *A), view_of(x, *B))), product_by(serial, a, b))
    lower = np.tril(np.ones(a.shape))
    below = computed(values, lambda x: product(view_of(x, *A) * lower, view_of(x, *B), lower=True))
    same(below + 0.0, product_by(serial, a * lower, b) + 0.0)
    upper, size = np.zeros((m, m)), m * (m + 1) // 2
    upper[np.tril_indices(m)] = values[:size]
    np.fill_diagonal(upper, 1.0)
    above = computed(values, lambda x: product(view_of(x, *A), array_functions.unpacked(x[:size], m)[0]))
    same(above + 0.0, product_by(serial, a, upper.T) + 0.0)

    def no_triangle(x: ArraySymbol) -> ArraySymbol:
        """A product with a triangle into which something was put below its diagonal."""
        U = array_functions.unpacked(x[:size], m)[0].copy()
        U[m - 1, 0] = 2.0
        return product(view_of(x, *A), U)

    upper[0, m - 1] = 2.0
    same(computed(values, no_triangle), product_by(serial, a, upper.T))
    same(computed(values, lambda x: product(view_of(x, *v), view_of(x, *v))), eight(c * c))
    either(lambda x: product(view_of(x, *A), view_of(x, *v)), a, c[:, None])
    either(lambda x: product(view_of(x, *w), view_of(x, *A)), d[None], a)
    either(lambda x: product(view_of(x, *A).T, view_of(x, *w)), a.T, d[:, None])


@settings(max_examples=40)
@given(st.data(), sizes, sizes, sizes, seeds)
def test_products_skip_known_zeros(data: Any, n: int, m: int, k: int, seed: int) -> None:
    """Where the first factor is known to be 0, the other may be infinite."""
    values = base(seed, odd=False)
    rng = np.random.default_rng(seed)
    kept = rng.random((n, m)) < rng.choice([0.1, 0.5, 1.0])
    kept[:, -1] = False
    F = np.where(kept, 2.5, 0.0)
    B, v = data.draw(layouts((m, k))), data.draw(layouts((m,)))
    b, c = entries(values, B), entries(values, v)
    terms = [[F[i, j] * b[j] for j in np.flatnonzero(kept[i])] or [np.zeros(k)] for i in range(n)]
    expected = np.array([[serial(column) for column in np.transpose(rows)] for rows in terms])
    same(computed(values, lambda x: array_functions.product(F.astype(object), view_of(x, *B))), expected)
    found = computed(values, lambda x: array_functions.product(F.astype(object), view_of(x, *v)))
    np.testing.assert_allclose(found, F @ c, rtol=1e-9, atol=1e-9)


@settings(max_examples=60)
@given(st.data(), sizes, seeds)
def test_sums(data: Any, n: int, seed: int) -> None:
    values, layout = base(seed), data.draw(layouts((n,)))
    terms = entries(values, layout)
    same(computed(values, lambda x: total(view_of(x, *layout))), eight(terms))
    sums = [values[0]]
    for term in terms:
        sums.append(sums[-1] + term)
    same(computed(values, lambda x: running(x[0], view_of(x, *layout))), sums)


@settings(max_examples=40)
@given(st.data(), sizes, sizes, seeds)
def test_sums_of_the_rows_before_each(data: Any, n: int, m: int, seed: int) -> None:
    values, layout = base(seed), data.draw(layouts((n, m)))
    a = entries(values, layout)
    expected = np.zeros((n, m))
    for k in range(1, n):
        expected[k] = expected[k - 1] + a[k - 1]
    same(computed(values, lambda x: preceding(view_of(x, *layout))), expected)


@settings(max_examples=40)
@given(st.data(), sizes, sizes, seeds)
def test_vectors_as_matrices(data: Any, n: int, m: int, seed: int) -> None:
    """Vectors folded into rows, or with another axis; transposes are added as they lie, and stay triangular."""
    values = base(seed)
    v, w = (data.draw(layouts((size,))) for size in (n, m))
    a, b = (entries(values, layout) for layout in (v, w))
    same(computed(values, lambda x: view_of(x, *v)[:, None] - view_of(x, *w)[None]), a[:, None] - b[None])
    same(computed(values, lambda x: view_of(x, *v)[None, :, None][0]), a[:, None])
    if n * m <= COUNT:
        same(computed(values, lambda x: x[: n * m].reshape(n, m).T), values[: n * m].reshape(n, m).T)
        turned = computed(values, lambda x: select(x[0] > 0.0, x[: n * m].reshape(n, m).T, 2.5))
        same(turned, values[: n * m].reshape(n, m).T if values[0] > 0.0 else np.full((m, n), 2.5))

    def chosen(x: ArraySymbol) -> ArraySymbol:
        factors = [array_functions.unpacked(x[first : first + n * (n + 1) // 2], n)[0] for first in (0, 40)]
        assert all(U.triangular and not U.view.contiguous for U in factors) or n == 1
        found: ArraySymbol = select(x[0] > 0.0, *factors)
        assert n == 1 or (found.triangular and not found.view.contiguous)
        assert n == 1 or not (factors[0] + factors[1]).triangular
        return found

    one, other = (
        computed(values, lambda x, k=k: array_functions.unpacked(x[k : k + n * (n + 1) // 2], n)[0])
        for k in (0, 40)
    )
    same(computed(values, chosen), one if values[0] > 0.0 else other)


def test_conditions_among_the_entries_are_numbers() -> None:
    """As packed by `lifted`: 1.0 where they hold."""
    values = base(1, odd=False)
    given_masks = computed(values, lambda x: np.array([x[0] > x[1], x[1] > x[0], True], object) * x[:3])
    same(given_masks, np.array([values[0] > values[1], values[1] > values[0], True]) * values[:3])


@settings(max_examples=60)
@given(st.data(), sizes, sizes, seeds)
def test_parts_of_arrays(data: Any, n: int, m: int, seed: int) -> None:
    """Entries, slices, transposes, diagonals; assignment changes one array and no copy of it."""
    values, layout = base(seed), data.draw(layouts((n, m)))
    a = entries(values, layout)
    i, j = data.draw(st.integers(-n, n - 1)), data.draw(st.integers(-m, m - 1))
    part = st.builds(slice, *[st.one_of(st.none(), st.integers(-22, 22))] * 2, st.sampled_from([1, 2, 3, -1]))
    rows, columns = data.draw(part), data.draw(part)

    def at(key: Any) -> Callable[[ArraySymbol], Any]:
        return lambda x: view_of(x, *layout)[key]

    same(computed(values, at((i, j))), a[i, j])
    for key in (i, (slice(None), j), (slice(i, None), slice(None, None, -1))):
        same(computed(values, at(key)), a[key])
    if a[rows, columns].size:
        same(computed(values, at((rows, columns))), a[rows, columns])
        same(computed(values, lambda x: at((rows, columns))(x).T.ravel()), a[rows, columns].T.ravel())
        same(
            computed(values, lambda x: changed(view_of(x, *layout), rows, columns)),
            changed(a.copy(), rows, columns),
        )
    same(computed(values, lambda x: view_of(x, *layout).diagonal()), np.diagonal(a))
    same(computed(values, lambda x: view_of(x, *layout)[0]), a[0])
    same(
        computed(values, lambda x: np.outer(view_of(x, *layout)[0], view_of(x, *layout)[:, 0])),
        np.outer(a[0], a[:, 0]),
    )
    same(computed(values, lambda x: np.hstack([view_of(x, *layout), view_of(x, *layout)])), np.hstack([a, a]))


def changed(a: Any, rows: slice, columns: slice) -> Any:
    """An array with parts of it assigned: numbers, one number, and itself the other way round."""
    before = a.copy()
    a = a + 0.0
    kept = a.copy()
    a[rows, columns] = before[rows, columns][::-1]
    a[0, 0] = 7.5
    a[-1] = kept[0]
    a[:, -1] = 2.0
    a[1:] = a[:-1].copy() if isinstance(a, np.ndarray) else a[:-1]
    return a - 0.5 * kept


@settings(max_examples=60)
@given(st.integers(1, 14), st.integers(1, 20), seeds)
def test_factors(n: int, m: int, seed: int) -> None:
    values = base(seed)
    stored, v, f, D = (
        values[: n * (n + 1) // 2],
        values[150 : 150 + n],
        values[180 : 180 + n],
        values[210 : 210 + n],
    )
    U, pivots, at = np.eye(n), np.empty(n), 0
    for j in range(n):
        U[:j, j], pivots[j] = stored[at : at + j], stored[at + j]
        at += j + 1

    def factor(x: ArraySymbol) -> Any:
        return array_functions.unpacked(x[: len(stored)], n)

    same(computed(values, lambda x: factor(x)[0] + 0.0), U + 0.0)
    same(computed(values, lambda x: factor(x)[1] + 0.0), pivots + 0.0)
    same(computed(values, lambda x: array_functions.packed(*factor(x))), stored)
    swept, sums, squares = U.copy(), np.zeros(n), np.zeros(n)
    for j in range(n):
        for i in range(j + 1):
            swept[i, j] = U[i, j] - f[j] * sums[i]
            sums[i] += v[j] * U[i, j]
            squares[i] += D[j] * (U[i, j] * U[i, j])
    last = np.concatenate([[*swept[:j, j], D[j]] for j in range(n)])
    same(
        computed(
            values,
            lambda x: array_functions.packed(
                array_functions.sweep(factor(x)[0], x[150 : 150 + n], x[180 : 180 + n])[0], x[210 : 210 + n]
            ),
        ),
        last,
    )
    sweep = array_functions.sweep
    same(computed(values, lambda x: sweep(factor(x)[0], x[150 : 150 + n], x[180 : 180 + n])[1]), sums)
    same(computed(values, lambda x: array_functions.squares(factor(x)[0], x[210 : 210 + n])), squares)
    same(
        computed(values, lambda x: array_functions.product(x[150 : 150 + n], factor(x)[0])),
        [eight(v[: j + 1] * U[: j + 1, j]) for j in range(n)],
    )


@settings(max_examples=60)
@given(st.integers(1, 12), st.integers(1, 20), st.booleans(), seeds)
def test_elimination(n: int, m: int, floored: bool, seed: int) -> None:
    """Weighted Gram-Schmidt, row by row from the last one on."""
    values = base(seed)
    W, w, floors = values[: n * m].reshape(n, m).copy(), values[-m:], values[5 : 5 + n]
    U, D = np.eye(n), np.zeros(n)
    for j in reversed(range(n)):
        v = W[j] * w
        D[j] = eight(v * W[j])
        if floored and D[j] < floors[j]:
            D[j] = 0.0
        s = 1.0 / D[j] if D[j] >= np.finfo(float).tiny else 0.0
        U[:j, j] = [eight(W[i] * v) * s for i in range(j)]
        for i in range(j):
            W[i] = W[i] - U[i, j] * W[j]

    def combined(x: ArraySymbol, k: int) -> ArraySymbol:
        columns, least = view_of(x, 0, (n, m), (m, 1)), x[5 : 5 + n] if floored else None
        found = array_functions.combine(columns, x[COUNT - m :], least, False)
        return found[k] * 1.0

    same(computed(values, lambda x: combined(x, 0)), U)
    same(computed(values, lambda x: combined(x, 1)), D)


@settings(max_examples=30)
@given(st.integers(1, 12), seeds)
def test_the_inverse_of_a_triangle(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = np.zeros(COUNT)
    C = np.triu(rng.uniform(-1, 1, (n, n)), 1) + np.diag(rng.standard_normal(n))
    values[: n * n] = C.ravel()
    found = computed(values, lambda x: array_functions.inverse(view_of(x, 0, (n, n), (n, 1))))
    np.testing.assert_allclose(found @ (np.triu(C, 1) + np.eye(n)), np.eye(n), atol=1e-10)
    assert (np.diagonal(found) == 1.0).all() and (np.tril(found, -1) == 0.0).all()


@settings(max_examples=40)
@given(st.data(), st.integers(1, 14), sizes, seeds)
def test_systems_with_a_triangle(data: Any, n: int, m: int, seed: int) -> None:
    """From the last row on; several right sides as each of them alone."""
    values = base(seed)
    U = array_functions.unpacked
    stored, B, v = n * (n + 1) // 2, data.draw(layouts((n, m))), data.draw(layouts((n,)))
    triangle, at = np.eye(n), 0
    for j in range(n):
        triangle[:j, j] = values[at : at + j]
        at += j + 1

    def solved(b: Numbers) -> Numbers:
        x = b.copy()
        for k in reversed(range(n)):
            for i in range(k):
                x[i] = x[i] - triangle[i, k] * x[k]
        return x

    columns = np.array([solved(column) for column in entries(values, B).T]).T
    substituted = array_functions.substituted
    same(computed(values, lambda x: substituted(U(x[:stored], n)[0], view_of(x, *B))), columns)
    same(
        computed(values, lambda x: substituted(U(x[:stored], n)[0], view_of(x, *v))),
        solved(entries(values, v)),
    )


@settings(max_examples=40)
@given(st.integers(1, 12), st.integers(1, 9), st.integers(0, 2), st.booleans(), seeds)
def test_further_columns_add_up(n: int, m: int, ahead: int, nothing: bool, seed: int) -> None:
    """U D Uᵀ + Hᵀ diag(w) H as NumPy adds it up, also where U has no weight yet; what stands before the columns is
    turned with them: U D Yᵀ + Hᵀ diag(w) Z."""
    rng, width = np.random.default_rng(seed), n + ahead
    rows = np.tril(rng.standard_normal((n, width)), ahead - 1) + np.eye(n, width, ahead)
    H, D = rng.standard_normal((m, width)), 0.0 if nothing else rng.uniform(0.1, 2.0, n)
    given = [rows, D + np.zeros(n), H, rng.uniform(0.0, 3.0, m) * (rng.random(m) < 0.8)]
    values, ends = np.zeros(COUNT), np.cumsum([0, *[a.size for a in given]])
    values[: ends[-1]] = np.concatenate([a.ravel() for a in given])

    def parts(all_: ArraySymbol) -> list[ArraySymbol]:
        flat = [all_[a:b] for a, b in pairwise(ends)]
        return [a.reshape(*b.shape) if b.ndim == 2 else a for a, b in zip(flat, given, strict=True)]

    def whole(rows: Any, D: Any, H: Any, w: Any) -> Any:
        U = np.vstack([rows[:, ahead:], H[:, ahead:]])
        return (U.T * np.concatenate([D, w])) @ np.vstack([rows, H])

    onto = [computed(values, lambda all_, k=k: increased(*parts(all_))[k] + 0.0) for k in (0, 1)]
    none = [np.zeros((0, width)), np.zeros(0)]
    for new in (onto, increased(*given)):
        np.testing.assert_array_equal(np.triu(new[0][:, ahead:]), np.eye(n), err_msg="unit triangular")
        full = m >= n or not nothing  # else some columns have no weight, and the entries before them are free
        np.testing.assert_allclose(
            whole(*new, *none)[:, 0 if full else ahead :],
            whole(*given)[:, 0 if full else ahead :],
            rtol=1e-9,
            atol=1e-9,
        )


@settings(max_examples=40)
@given(st.integers(1, 12), st.integers(1, 9), st.integers(0, 2), st.sampled_from([0, 1, -1]), seeds)
def test_measurements_are_taken_one_after_the_other(
    n: int, m: int, ahead: int, echelon: int, seed: int
) -> None:
    """As on floats, where no sum of one stands for a product of another, and no zero is left out."""
    rng, m, width = np.random.default_rng(seed), min(m, n) if echelon else m, n + ahead
    U = np.tril(rng.standard_normal((n, width)), ahead)
    H = np.triu(rng.standard_normal((m, width)), ahead) if echelon else rng.standard_normal((m, width))
    H = H[::-1] if echelon < 0 else H
    D, s = rng.uniform(0.1, 2.0, n), rng.uniform(0.0, 3.0, m) * (rng.random(m) < 0.8)
    x, z = rng.standard_normal(width), rng.standard_normal(m)
    given = [U, D, x, H, s, z]
    values = np.zeros(COUNT)
    ends = np.cumsum([0, *[a.size for a in given]])
    values[: ends[-1]] = np.concatenate([a.ravel() for a in given])

    def parts(all_: ArraySymbol) -> list[ArraySymbol]:
        flat = [all_[a:b] for a, b in pairwise(ends)]
        return [a.reshape(*b.shape) if b.ndim == 2 else a for a, b in zip(flat, given, strict=True)]

    def numbered(k: int, U: Any, D: Any, x: Any, H: Any, s: Any, z: Any, mean: bool, echelon: int) -> Any:
        return conditioned(U, D, H, s, (x, z) if mean else None, echelon)[k]

    for k, mean in ((0, True), (1, True), (2, True), (0, False), (1, False)):
        expected = numbered(k, *given, mean, 0)
        found = computed(values, lambda all_, k=k, mean=mean: numbered(k, *parts(all_), mean, echelon) + 0.0)
        np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-10)


def test_tracks_are_apart_and_what_is_shared_counts_for_all() -> None:
    """Each operation on five tracks gives what it gives for each alone, whichever of its arguments all share."""
    rng = np.random.default_rng(3)
    n, m = 5, 11
    U = np.triu(rng.standard_normal((n, n)), 1).T + np.eye(n)
    given_arguments: dict[str, tuple[Any, list[Any]]] = {
        "put": (View((0, 1), (n, 2), ((1, 0), (0, 1))), [(n, m), (n, 2)]),
        "map": (("mul", (n, m)), [(n, m), (n, m)]),
        "dot": (None, [(m,), (m,)]),
        "dots": ((False, (n,)), [(n, m), (n, m)]),
        "rows": ((((0, 2), (), (1,)), (3, m)), [(3,), (n, m)]),
        "times_upper": (((m, n),), [(m, n), U.T]),
        "conditioned": ((0, m, (n + 2, n)), [U, (n,), (m, n), (m,), (n,), (m,)]),
        "increased": ((m, (n + 1, n)), [U, (n,), (m, n), (m,)]),
        "packed": (((n * (n + 1) // 2,),), [U, (n,)]),
        "running": (((m + 1,),), [(), (m,)]),
        "sweep": (((n, n),), [U, (n,), (n,)]),
        "combine": ((False, (n, m)), [(n, m), (m,), (n,)]),
        "folded": ((n, (n * (n + 1) // 2,)), [(n, n), (n,)]),
        "swept_along": (((n, n),), [U, (n,), (n,), (n, n), (n,), (n,)]),
        "squares": (((n,),), [U, (n,)]),
        "substitute": (((n, m),), [U, (n, m)]),
        "join": ((2.0**-50, m, (n, n + 2)), [(n, n + 2), (m, n + 1), (m,), (m, n + 1)]),
    }
    for op, (static, shapes) in given_arguments.items():
        for shared in range(-1, len(shapes)):
            args = [
                (
                    np.broadcast_to(shape[..., None], (n, n, 5))
                    if isinstance(shape, np.ndarray)
                    else rng.random((*shape, 5))
                )
                for shape in shapes
            ]
            args = [a[..., :1] if k == shared else a for k, a in enumerate(args)]
            before = [a.copy() for a in args]
            every = ARRAY_RULES[op](static, *args)
            assert all((a == b).all() for a, b in zip(args, before, strict=True)), op
            for track in range(5):
                alone = ARRAY_RULES[op](static, *[a[..., track % a.shape[-1]][..., None] for a in args])
                for one, other in zip(_results(every), _results(alone), strict=True):
                    np.testing.assert_array_equal(
                        one[..., track], other[..., 0], err_msg=f"{op}, shared {shared}"
                    )


def _results(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def test_eight_partial_sums_are_not_one_after_another() -> None:
    """The order is part of the definition: another one gives another number."""
    terms = np.random.default_rng(1).standard_normal((1, 100, 1))
    assert summed(terms)[0, 0] == eight(terms[0, :, 0]) != serial(terms[0, :, 0])


def test_arrays_of_other_shapes_are_refused() -> None:
    x = input_array(Graph(), "carry", 0, COUNT)
    with pytest.raises(ValueError, match="shape"):
        x[:3] + x[:4]
    with pytest.raises(ValueError, match="do not fit"):
        x[:3] = x[:4]
    with pytest.raises(IndexError, match="outside an axis of 300"):
        x[300]
