"""The elementary functions beyond accuracy: symmetries to the bit, exact results, the ends of every range, and a record
of the bits and the operations of all of them."""

import hashlib
import math
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf
from numpy.typing import NDArray

from foglight.trace.elementary import LOWERING, exact, format, inverse
from foglight.trace.elementary.coefficients import FLOAT32, FLOAT64
from foglight.trace.elementary.exponential import scale, unpack
from foglight.trace.graph import Graph
from foglight.trace.primitives import ELEMENTARY
from foglight.trace.program import Program
from oracle.elementary import BARS, BINARY, ulps
from oracle.elementary import exact as true_value

GOLDEN = Path(__file__).parents[2] / "golden" / "elementary.txt"
DTYPES = ("float64", "float32")
FORMS = {"float64": FLOAT64, "float32": FLOAT32}
Floats = NDArray[Any]
each_dtype = pytest.mark.parametrize("dtype", DTYPES)
each_function = pytest.mark.parametrize("name", sorted(ELEMENTARY))
LOG_TWO, EIGHTH = math.log(2.0), inverse.EIGHTH


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Elements that a select discards may overflow or be invalid."""
    with np.errstate(all="ignore"):
        yield


def call(name: str, dtype: str, *arguments: Any) -> Any:
    return LOWERING[dtype][name](*[np.asarray(a, dtype=dtype) for a in arguments])


def patterns(dtype: str, count: int, start: int = 1) -> Floats:
    """Floats of every size and sign, NaN among them: the multiples of an odd number, read as bits."""
    whole = np.arange(start, start + count, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    if dtype == "float64":
        return whole.view(np.float64)
    return (whole >> np.uint64(32)).astype(np.uint32).view(np.float32)


def powers(dtype: str) -> Floats:
    """Every power of two, the subnormal ones included."""
    info = np.finfo(dtype)
    one = np.asarray(1.0, dtype)
    found: Floats = np.ldexp(one, np.arange(info.minexp - info.nmant, info.maxexp))
    return found


def around(values: Any, dtype: str, steps: int = 2) -> Floats:
    """Each value and its nearest floats on either side."""
    up = down = np.asarray(values, dtype)
    found = [up]
    for _ in range(steps):
        up, down = np.nextafter(up, up.dtype.type(np.inf)), np.nextafter(down, down.dtype.type(-np.inf))
        found += [up, down]
    return np.concatenate(found)


def seams(dtype: str) -> Floats:
    """Arguments of either sign where some function changes from one piece to the next, or rounds a tie."""
    form, k = FORMS[dtype], np.arange(64) + 0.5
    most = form.largest
    single = [
        0.25, 0.5, 0.75, 1.0, 2.0, 3.0, 6.0, EIGHTH, 1.0 / EIGHTH, math.sqrt(2.0), math.sqrt(0.5), form.erf_one,
        form.angle, 0.5 * form.digits, 1.5 * form.digits, 2.0 * form.digits, math.sqrt(most), most,
        math.nextafter(most, 0.0), 2.0**60, 5.0, 7.0, 0.0,
        *[(form.bias + k) * LOG_TWO for k in (-1, 1, form.digits, form.digits + 23)],
    ]  # fmt: skip
    sizes = around([*single, *(k * LOG_TWO), *(k * math.pi / 2), *(k * math.pi / 4), *k, *(2.0 * k)], dtype)
    return np.concatenate([sizes, -sizes, np.array([np.inf, -np.inf, np.nan], dtype)])


def even(low: float, high: float, count: int, dtype: str) -> Floats:
    """Points spread evenly, except for their last bits."""
    share = np.arange(count) * 0.6180339887498949 % 1.0
    return (low + (high - low) * share).astype(dtype)


def everywhere(name: str, dtype: str) -> tuple[Floats, ...]:
    """Some ten thousand arguments: every size, every seam, and the ranges that are used most."""
    edges = around(powers(dtype), dtype, 1)
    if name not in BINARY:
        wide = 0.76 * FORMS[dtype].bias
        middle = [even(-w, w, 2000, dtype) for w in (1.0, 2.5, 20.0, wide)]
        middle.append(even(1.0, 4.0, 20000, dtype))
        return (np.concatenate([patterns(dtype, 4000), edges, -edges, seams(dtype), *middle]),)
    few = np.concatenate([edges[:: edges.size // 40], around([1.0, 2.0, 3.0, 0.5, 0.0, EIGHTH], dtype, 1)])
    few = np.concatenate([few, -few, seams(dtype)[-3:], np.array([0.0, -0.0, 2.5, 7.0, -5.0, 1e30], dtype)])
    x, y = (g.ravel() for g in np.meshgrid(few, few))
    parts = [(x, y), (patterns(dtype, 3000), patterns(dtype, 3000, 10**6))]
    parts += [(even(-w, w, 2000, dtype), even(-3.0 * w, w, 2000, dtype)[::-1]) for w in (1.0, 10.0)]
    slanted = around([EIGHTH, 1.0 / EIGHTH, 1.0, 0.5, 2.0], dtype)
    parts += [(slanted, np.ones_like(slanted)), (-slanted, np.ones_like(slanted))]
    parts += [(edges, np.ones_like(edges)), *[(edges, edges * edges.dtype.type(t)) for t in (0.75, 0.0057)]]
    low = np.ldexp(even(0.25, 4.0, 4000, dtype), -(FORMS[dtype].bias // 2))  # the smallest squares that exist
    parts += [(low, low * even(0.0, 0.05, 4000, dtype)[::-1])]
    near_one = around(1.0 + np.ldexp(even(-0.5, 1.0, 400, "float64"), -(np.arange(400) // 20)), dtype, 1)
    parts += [(near_one, even(-3000.0, 3000.0, near_one.size, dtype))]
    parts += [(np.abs(patterns(dtype, 3000)), even(-3.0, 3.0, 3000, dtype))]
    return np.concatenate([a for a, _ in parts]), np.concatenate([b for _, b in parts])


def bits(found: Floats) -> bytes:
    """The bits of results, with all NaN made equal."""
    return np.where(np.isnan(found), np.asarray(np.nan, found.dtype), found).tobytes()


def operations(name: str, dtype: str) -> Counter[str]:
    graph = Graph(dtype)
    inputs = [graph.input(i) for i in range(ELEMENTARY[name])]
    return Program.of(graph, {"found": [LOWERING[dtype][name](*inputs)]}).count()


def record(name: str, dtype: str) -> str:
    """The cost of a function, and a hash of its results."""
    count, arguments = operations(name, dtype), everywhere(name, dtype)
    signature = hashlib.sha256(bits(call(name, dtype, *arguments))).hexdigest()
    return (
        f"{name} {dtype}: {count.total()} operations\n"
        f"  {', '.join(f'{op} {n}' for op, n in sorted(count.items()))}\n"
        f"  {arguments[0].size} results: sha256 {signature}\n"
    )


def test_golden_bits_and_operations(request: pytest.FixtureRequest) -> None:
    """A change here changes the last bits of what users compute, or its cost: check it, then write with --update."""
    found = "".join(record(name, dtype) for name in sorted(ELEMENTARY) for dtype in DTYPES)
    if request.config.getoption("--update"):
        GOLDEN.write_text(found)
    wanted = GOLDEN.read_text().splitlines()
    differing = [line for line, old in zip(found.splitlines(), wanted, strict=True) if line != old]
    assert not differing, f"if that is intended: pytest --update {__file__}"


@pytest.mark.parametrize("name", sorted(set(ELEMENTARY) - BINARY))
@each_dtype
def test_every_seam_is_accurate(name: str, dtype: str) -> None:
    """The stated accuracy where pieces meet, at ties of the reductions and at the ends."""
    x = seams(dtype)
    most = (
        FORMS[dtype].angle
        if name in ("sin", "cos", "tan")
        else {"asin": 1.0, "acos": 1.0, "atanh": math.nextafter(1.0, 0.0)}.get(name, np.inf)
    )
    least = {"log": 0.0, "log2": 0.0, "log10": 0.0, "log1p": -1.0, "acosh": math.nextafter(1.0, 0.0)}.get(
        name, -np.inf
    )
    x = x[np.isfinite(x) & (abs(x) <= most) & (x > least)]
    found = call(name, dtype, x)
    assert x.size > 30
    assert (
        max(ulps(f, true_value(name, (a,)), dtype) for f, a in zip(found, x.tolist(), strict=True))
        <= BARS[name]
    )


@pytest.mark.parametrize("name", ["sin", "cos", "tan", "asin", "atan", "tanh", "erf"])
@each_dtype
def test_odd_and_even(name: str, dtype: str) -> None:
    """To the bit, except for angles half-way between two quadrants, which are rounded up on either side of zero."""
    (x,) = everywhere(name, dtype)
    if name in ("sin", "cos", "tan"):
        x = x[np.abs(np.abs(x.astype(float)) * (2.0 / math.pi) % 1.0 - 0.5) > 1e-3]
    turned = call(name, dtype, -x) if name == "cos" else -call(name, dtype, -x)
    assert x.size > 3000 and bits(call(name, dtype, x)) == bits(turned)


@pytest.mark.parametrize("name", ["expm1", "log1p"])
@each_dtype
def test_the_sign_of_the_argument(name: str, dtype: str) -> None:
    (x,) = everywhere(name, dtype)
    found = call(name, dtype, x)
    real = ~np.isnan(found)
    assert real.sum() > 5000
    np.testing.assert_array_equal(np.signbit(found[real]), np.signbit(x[real]))


@each_dtype
def test_symmetries_of_two_arguments(dtype: str) -> None:
    x, y = everywhere("hypot", dtype)
    assert (
        bits(call("hypot", dtype, x, y))
        == bits(call("hypot", dtype, -y, x))
        == bits(call("hypot", dtype, y, -x))
    )
    assert bits(call("atan2", dtype, -y, x)) == bits(-call("atan2", dtype, y, x))
    whole = np.array([-7.0, -4.0, 3.0, 2.0, 5.0, 10.0], dtype)
    a, k = (g.ravel() for g in np.meshgrid(even(0.1, 9.0, 60, dtype), whole))
    signs = np.where(k % 2 == 0, 1.0, -1.0).astype(dtype)
    assert bits(call("pow", dtype, -a, k)) == bits(signs * call("pow", dtype, a, k))


@each_dtype
def test_powers_of_two_as_units_keep_the_bits(dtype: str) -> None:
    """An angle does not depend on the unit of length, and a length scales with it: up to the largest numbers, and down
    to where a side is subnormal or, between the two scales of hypot, its square is."""
    info = np.finfo(dtype)
    x = np.concatenate([np.sign(v) * (abs(v) + 2.0**-8) for v in [even(-1.0, 0.99, 50, dtype)]] * 2).astype(
        dtype
    )
    y = np.concatenate([even(0.3, 1.0, 50, dtype), x[:50]])
    angle, length = call("atan2", dtype, y, x), call("hypot", dtype, y, x)
    middle = -(info.maxexp // 2)
    for power in range(info.minexp + info.nmant + 8, info.maxexp - 1):
        u, v = np.ldexp(x, power), np.ldexp(y, power)
        assert bits(call("atan2", dtype, v, u)) == bits(angle), power
        if not middle <= power < middle + 6:
            assert bits(call("hypot", dtype, v, u)) == bits(np.ldexp(length, power)), power


@each_dtype
def test_exact_results(dtype: str) -> None:
    info = np.finfo(dtype)
    two, k = powers(dtype), np.arange(info.minexp - info.nmant, info.maxexp)
    assert bits(call("pow", dtype, 2.0, k)) == bits(two)
    assert bits(call("pow", dtype, two, 1.0)) == bits(two)
    assert bits(call("pow", dtype, two[::2], 0.5)) == bits(np.sqrt(two[::2]))
    assert bits(call("pow", dtype, two[:200], 0.0)) == bits(np.ones(200, dtype))
    three = np.arange(1, 16 if dtype == "float32" else 33)
    assert [float(v) for v in call("pow", dtype, 3.0, three)] == [float(3**n) for n in three.tolist()]
    sides = two[info.nmant + 1 : -3]
    assert sides.size > 200
    assert bits(call("hypot", dtype, 3.0 * sides, -4.0 * sides)) == bits(5.0 * sides)
    assert bits(call("hypot", dtype, 0.0, two)) == bits(two)
    assert bits(call("exp", dtype, 0.0 * two)) == bits(np.ones_like(two))
    ones = np.ones_like(two)
    assert bits(call("cos", dtype, two[two < 2.0**-info.nmant])) == bits(ones[two < 2.0**-info.nmant])
    assert bits(call("atan2", dtype, two, two)) == bits(ones * ones.dtype.type(math.pi / 4))


@each_dtype
def test_overflow_and_underflow_occur_where_they_should(dtype: str) -> None:
    info = np.finfo(dtype)
    with mp.workdps(50):
        half_above = mpf(float(info.max)) + mpf(2) ** (info.maxexp - info.nmant - 2)
        top = np.asarray(float(mp.log(half_above)), dtype)
        bottom = np.asarray(float(mp.log(mpf(float(info.smallest_subnormal)) / 2)), dtype)
        above, below = around([top], dtype, 3), around([bottom], dtype, 3)
        for x, found in zip(above, call("exp", dtype, above), strict=True):
            assert np.isinf(found) == (mp.exp(mpf(float(x))) >= half_above)
        for x, found in zip(above, call("expm1", dtype, above), strict=True):
            assert np.isinf(found) == (mp.expm1(mpf(float(x))) >= half_above)
        for x, found in zip(below, call("exp", dtype, below), strict=True):
            assert (found == 0.0) == (mp.exp(mpf(float(x))) <= mpf(float(info.smallest_subnormal)) / 2)


def wholes(values: Any) -> list[Fraction]:
    return [Fraction(float(v)) for v in np.ravel(values)]


@each_dtype
def test_rounding_errors_are_recovered(dtype: str) -> None:
    """Sums and halves as exact fractions."""
    form = FORMS[dtype]
    a = even(-1.0, 1.0, 300, dtype) * np.ldexp(1.0, np.arange(300) % 40).astype(dtype)
    b = even(-1.0, 1.0, 300, dtype)[::-1] * np.ldexp(1.0, np.arange(300) % 23).astype(dtype)
    total, rest = exact.two_sum(a, b)
    assert total.tobytes() == (a + b).tobytes() and np.count_nonzero(rest) > 100
    pairs = zip(wholes(a), wholes(b), wholes(total), wholes(rest), strict=True)
    assert all(u + v == t + r for u, v, t, r in pairs)
    longer, shorter = np.where(abs(a) > abs(b), a, b), np.where(abs(a) > abs(b), b, a)
    assert np.array_equal(exact.fast_two_sum(longer, shorter), (total, rest))
    high, low = exact.split(a, form)
    assert all(h + r == v for h, r, v in zip(wholes(high), wholes(low), wholes(a), strict=True))
    for part, other in ((high, high), (high, low), (low, low)):
        products = zip(wholes(part), wholes(other[::-1]), wholes(part * other[::-1]), strict=True)
        assert all(u * v == w for u, v, w in products)


@each_dtype
def test_polynomials_are_sums_of_powers(dtype: str) -> None:
    x = even(-1.0, 1.0, 40, dtype)
    for count in range(1, 9):
        coefficients = [0.5 - 0.3 * k + 0.07 * k * k for k in range(count)]
        true = sum(c * x.astype(float) ** k for k, c in enumerate(coefficients))
        assert np.max(np.abs(exact.polynomial(x, coefficients) - true)) < 8.0 * np.finfo(dtype).eps
        graph = Graph(dtype)
        program = Program.of(graph, {"sum": [exact.polynomial(graph.input("x"), coefficients)]})
        assert program.size == (2 * count - 2 if count < 5 else 2 * count - 1)


@each_dtype
def test_scale_and_unpack(dtype: str) -> None:
    """Any number is its mantissa times a power of two, and no such product is rounded twice."""
    form, two = FORMS[dtype], powers(dtype)
    x = np.concatenate([around(two, dtype, 1), two * two.dtype.type(1.4142135), two * two.dtype.type(1.42)])
    x = x[np.isfinite(x) & (x > 0.0)]
    k, m = unpack(x, form)
    assert (m >= 0.7071067).all() and (m <= 1.4142137).all()
    assert bits(np.ldexp(m.astype(float), k.astype(int)).astype(dtype)) == bits(x)
    p, k = (
        g.ravel() for g in np.meshgrid(even(0.6, 1.5, 30, dtype), np.arange(-form.bias - 60, form.bias + 2))
    )
    assert bits(scale(p, k.astype(dtype))) == bits(np.ldexp(p, k))


@each_dtype
def test_a_format_agrees_with_numpy(dtype: str) -> None:
    form, info = FORMS[dtype], np.finfo(dtype)
    assert (form.name, form.digits, form.bias) == (dtype, info.nmant + 1, info.maxexp - 1)
    assert form.largest == float(info.max) and len({FLOAT64, FLOAT32, form}) == 2
    assert form.splitter == {"float64": 2.0**27 + 1.0, "float32": 2.0**12 + 1.0}[dtype]
    found = format.choose(np.array([True, False]), 1.5, -2.0, np.zeros(2, dtype))
    assert found.dtype == dtype and found.tolist() == [1.5, -2.0]


@each_dtype
def test_numbers_take_the_type_and_raise_nothing(dtype: str) -> None:
    """Python's numbers and arrays of the other type are rounded first, whatever NumPy's settings for overflow are."""
    with np.errstate(all="raise"):
        found = [LOWERING[dtype]["exp"](v) for v in (0.3, np.float64(0.3), np.float32(0.3), 1e9, -1e9)]
    assert [v.dtype for v in found] == [np.dtype(dtype)] * 5
    assert found[0] == found[1] == call("exp", dtype, [0.3])[0] and found[3:] == [math.inf, 0.0]
    assert LOWERING[dtype]["pow"](np.full((2, 1), 2.0), np.arange(3.0, dtype="float32")).dtype == dtype
