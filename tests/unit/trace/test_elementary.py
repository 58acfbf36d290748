"""The elementary functions: accuracy against mpmath, special values, and the same bits traced as on arrays."""

import dataclasses
import importlib.util
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foglight.trace.elementary import LOWERING, coefficients, inverse, trigonometric
from foglight.trace.graph import Graph
from foglight.trace.primitives import ELEMENTARY, PRIMITIVE, RULES
from oracle.elementary import ANGLE, BARS, BINARY, exact, near_quarter_turns, points, ulps

DTYPES = ("float64", "float32")
INF, NAN, PI = math.inf, math.nan, math.pi
each_function = pytest.mark.parametrize("name", sorted(ELEMENTARY))
each_dtype = pytest.mark.parametrize("dtype", DTYPES)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Elements that a select discards may overflow or be invalid."""
    with np.errstate(all="ignore"):
        yield


def call(name: str, dtype: str, *arguments: Any) -> Any:
    return LOWERING[dtype][name](*[np.asarray(a, dtype=dtype) for a in arguments])


def worst(name: str, dtype: str, arguments: tuple[Any, ...], found: Any) -> float:
    rows = zip(*[a.tolist() for a in arguments], strict=True)
    return max(ulps(f, exact(name, row), dtype) for f, row in zip(found, rows, strict=True))


def traced(names: list[str], dtype: str) -> tuple[list[Any], list[Any], list[Any]]:
    """(inputs, every operation in order, outputs) of the named functions of the same inputs."""
    graph = Graph(dtype)
    inputs = [graph.input(i, f"x{i}") for i in range(ELEMENTARY[names[0]])]
    outputs = [LOWERING[dtype][name](*inputs) for name in names]
    seen: dict[int, Any] = {}
    waiting = list(outputs)
    while waiting:
        node = waiting.pop()
        if node.serial not in seen:
            seen[node.serial] = node
            waiting.extend(node.args)
    return inputs, [seen[serial] for serial in sorted(seen)], outputs


def operations(names: list[str], dtype: str) -> list[str]:
    return [node.op for node in traced(names, dtype)[1] if node.op not in ("input", "const")]


def test_every_function_has_a_lowering() -> None:
    assert set(LOWERING) == set(DTYPES)
    for functions in LOWERING.values():
        assert set(functions) == set(ELEMENTARY) == set(BARS)


@each_function
@each_dtype
def test_accuracy(name: str, dtype: str) -> None:
    arguments = points(name, dtype, 3000, np.random.default_rng(7))
    found = call(name, dtype, *arguments)
    assert found.dtype == dtype
    assert worst(name, dtype, arguments, found) <= BARS[name]


@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
@each_dtype
def test_the_hardest_angles(name: str, dtype: str) -> None:
    """The floats nearest to multiples of pi/2, up to the largest angle; the hardest is 2**-60 from its multiple."""
    last = int(ANGLE[dtype] * 2 / PI)
    turns = np.concatenate([29 * 2 ** np.arange(12), [1, 3, 161], np.arange(last - 400, last + 1)])
    angles = near_quarter_turns(dtype, turns[turns <= last]).astype(dtype)
    assert worst(name, dtype, (angles,), call(name, dtype, angles)) <= BARS[name]


@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
@each_dtype
def test_beyond_the_largest_angle_is_nan(name: str, dtype: str) -> None:
    limit = np.asarray(ANGLE[dtype], dtype)
    assert np.isfinite(call(name, dtype, [limit, -limit])).all()
    beyond = [np.nextafter(limit, np.asarray(INF, dtype)), -1.5 * limit, 1e30, INF, -INF, NAN]
    assert np.isnan(call(name, dtype, beyond)).all()


def test_a_wrong_digit_is_noticed() -> None:
    """An error in the sixteenth digit of one coefficient is enough to exceed the bound."""
    good = coefficients.FLOAT64
    bad = dataclasses.replace(good, sin=(good.sin[0] * (1 + 1e-14), *good.sin[1:]))
    (x,) = points("sin", "float64", 1600, np.random.default_rng(7))
    assert worst("sin", "float64", (x,), trigonometric.sin(x, bad)) > BARS["sin"]
    short = dataclasses.replace(good, half_pi=(*good.half_pi[:3], 0.0))
    angles = near_quarter_turns("float64", 29 * 2 ** np.arange(12))
    assert worst("sin", "float64", (angles,), trigonometric.sin(angles, short)) > BARS["sin"]


SPECIAL: dict[str, list[tuple[Any, ...]]] = {
    "sin": [(0.0, 0.0), (-0.0, -0.0), (NAN, NAN)],
    "cos": [(0.0, 1.0), (-0.0, 1.0), (NAN, NAN)],
    "tan": [(0.0, 0.0), (-0.0, -0.0), (NAN, NAN)],
    "asin": [(0.0, 0.0), (-0.0, -0.0), (1.0, PI / 2), (-1.0, -PI / 2), (1.5, NAN), (-INF, NAN), (NAN, NAN)],
    "acos": [(1.0, 0.0), (-1.0, PI), (0.0, PI / 2), (-0.0, PI / 2), (-1.5, NAN), (INF, NAN), (NAN, NAN)],
    "atan": [(0.0, 0.0), (-0.0, -0.0), (1.0, PI / 4), (INF, PI / 2), (-INF, -PI / 2), (NAN, NAN)],
    "exp": [(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0), (1e6, INF), (-1e6, 0.0), (1e38, INF), (NAN, NAN)],
    "expm1": [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -1.0), (1e6, INF), (-1e6, -1.0), (NAN, NAN)],
    "log": [(1.0, 0.0), (0.0, -INF), (-0.0, -INF), (-1.0, NAN), (-INF, NAN), (INF, INF), (NAN, NAN)],
    "log1p": [(0.0, 0.0), (-0.0, -0.0), (-1.0, -INF), (-1.5, NAN), (-INF, NAN), (INF, INF), (NAN, NAN)],
    "tanh": [(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (30.0, 1.0), (-30.0, -1.0), (NAN, NAN)],
    "exp2": [(0.0, 1.0), (3.0, 8.0), (-2.0, 0.25), (INF, INF), (-INF, 0.0), (1e38, INF), (-1e6, 0.0), (NAN, NAN)],
    "log2": [(1.0, 0.0), (8.0, 3.0), (2.0**-100, -100.0), (0.0, -INF), (-0.0, -INF), (-1.0, NAN), (INF, INF)],
    "log10": [(1.0, 0.0), (1000.0, 3.0), (1e10, 10.0), (0.0, -INF), (-1.0, NAN), (-INF, NAN), (INF, INF), (NAN, NAN)],
    "cbrt": [(0.0, 0.0), (-0.0, -0.0), (27.0, 3.0), (-1000.0, -10.0), (2.0**-60, 2.0**-20), (INF, INF), (-INF, -INF)],
    "sinh": [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -INF), (1e6, INF), (-1e30, -INF), (NAN, NAN)],
    "cosh": [(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, INF), (1e6, INF), (-1e30, INF), (NAN, NAN)],
    "asinh": [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -INF), (NAN, NAN)],
    "acosh": [(1.0, 0.0), (0.5, NAN), (-1.0, NAN), (-3.0, NAN), (-INF, NAN), (INF, INF), (NAN, NAN)],
    "atanh": [(0.0, 0.0), (-0.0, -0.0), (1.0, INF), (-1.0, -INF), (1.5, NAN), (-INF, NAN), (INF, NAN), (NAN, NAN)],
    "expit": [(0.0, 0.5), (-0.0, 0.5), (INF, 1.0), (-INF, 0.0), (100.0, 1.0), (-1e6, 0.0), (NAN, NAN)],
    "mod": [
        (7.0, 3.0, 1.0), (-7.0, 3.0, 2.0), (7.0, -3.0, -2.0), (-7.0, -3.0, -1.0), (6.0, 3.0, 0.0), (-6.0, 3.0, 0.0),
        (0.0, 3.0, 0.0), (-0.0, 3.0, 0.0), (6.0, -3.0, -0.0), (5.0, INF, 5.0), (-5.0, INF, INF), (5.0, -INF, -INF),
        (0.0, INF, 0.0), (1.0, 0.0, NAN), (INF, 3.0, NAN), (INF, INF, NAN), (NAN, 3.0, NAN), (3.0, NAN, NAN),
        (1e30, 3.0, NAN),
    ],
    "erf": [(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (7.0, 1.0), (-7.0, -1.0), (NAN, NAN)],
    "hypot": [
        (0.0, -0.0, 0.0), (3.0, -4.0, 5.0), (-0.0, -7.0, 7.0), (INF, 1.0, INF), (1.0, -INF, INF),
        (INF, NAN, INF), (NAN, -INF, INF), (NAN, 1.0, NAN), (0.0, NAN, NAN),
    ],
    "atan2": [
        (0.0, 0.0, 0.0), (-0.0, 0.0, -0.0), (0.0, -0.0, PI), (-0.0, -0.0, -PI),
        (0.0, 2.0, 0.0), (-0.0, 2.0, -0.0), (0.0, -2.0, PI), (-0.0, -2.0, -PI),
        (2.0, 0.0, PI / 2), (2.0, -0.0, PI / 2), (-2.0, 0.0, -PI / 2), (-2.0, -0.0, -PI / 2),
        (2.0, INF, 0.0), (-2.0, INF, -0.0), (2.0, -INF, PI), (-2.0, -INF, -PI),
        (0.0, INF, 0.0), (-0.0, INF, -0.0), (0.0, -INF, PI), (-0.0, -INF, -PI),
        (INF, 2.0, PI / 2), (INF, -2.0, PI / 2), (-INF, 2.0, -PI / 2), (-INF, -0.0, -PI / 2),
        (INF, INF, PI / 4), (-INF, INF, -PI / 4), (INF, -INF, 3 * PI / 4), (-INF, -INF, -3 * PI / 4),
        (NAN, 1.0, NAN), (1.0, NAN, NAN), (NAN, 0.0, NAN), (0.0, NAN, NAN), (NAN, INF, NAN), (INF, NAN, NAN),
    ],
    "pow": [
        (NAN, 0.0, 1.0), (NAN, -0.0, 1.0), (1.0, NAN, 1.0), (0.0, 0.0, 1.0), (INF, -0.0, 1.0), (-2.0, 0.0, 1.0),
        (NAN, 1.0, NAN), (2.0, NAN, NAN), (0.0, NAN, NAN), (INF, NAN, NAN), (-1.0, NAN, NAN),
        (0.0, -3.0, INF), (-0.0, -3.0, -INF), (-0.0, -2.0, INF), (-0.0, -2.5, INF), (-0.0, -INF, INF),
        (0.0, 3.0, 0.0), (-0.0, 3.0, -0.0), (-0.0, 2.0, 0.0), (-0.0, 2.5, 0.0), (-0.0, INF, 0.0),
        (-1.0, INF, 1.0), (-1.0, -INF, 1.0), (1.0, INF, 1.0), (1.0, -INF, 1.0),
        (0.5, -INF, INF), (0.5, INF, 0.0), (1.5, -INF, 0.0), (1.5, INF, INF), (-1.5, INF, INF), (-0.5, INF, 0.0),
        (-INF, -3.0, -0.0), (-INF, -2.0, 0.0), (-INF, 3.0, -INF), (-INF, 2.0, INF), (-INF, 2.5, INF),
        (INF, -0.5, 0.0), (INF, 0.5, INF), (-INF, -INF, 0.0), (-INF, -2.5, 0.0),
        (-2.0, 3.0, -8.0), (-2.0, 4.0, 16.0), (-8.0, 1 / 3, NAN), (-2.0, 0.5, NAN), (2.0, -3.0, 0.125),
        (-1.0, 2.0**24, 1.0), (-3.0, 1e30, INF), (3.0, -1e30, 0.0), (4.0, 0.5, 2.0),
    ],
}  # fmt: skip


@each_function
@each_dtype
def test_special_values(name: str, dtype: str) -> None:
    """Bit for bit, signs of zeros included; multiples of pi are the nearest floats."""
    for *arguments, expected in SPECIAL[name]:
        found = call(name, dtype, *arguments)
        right = np.asarray(expected, dtype)
        same = np.isnan(found) if expected != expected else found.tobytes() == right.tobytes()
        assert same, f"{name}{tuple(arguments)} gave {found}, not {right}"


@each_dtype
def test_remainders_have_the_bits_of_numpy(dtype: str) -> None:
    """Of angles beside multiples of a turn, on either side, and of anything else below 2^digits quotients."""
    rng = np.random.default_rng(2)
    x, b = points("mod", dtype, 4000, rng)
    turn = np.asarray(2.0 * PI, dtype)
    k = (np.arange(-400, 401) * turn).astype(dtype)
    x = np.concatenate(
        [x, k, np.nextafter(k, np.asarray(INF, dtype)), np.nextafter(k, np.asarray(-INF, dtype))]
    )
    b = np.concatenate([b, *[np.full(k.size, turn)] * 3])
    for divisor in (b, -b):
        assert call("mod", dtype, x, divisor).tobytes() == np.remainder(x, divisor).tobytes()


@each_dtype
def test_logarithms_of_powers_of_their_base_are_whole(dtype: str) -> None:
    info, tens = np.finfo(dtype), np.arange(23 if dtype == "float64" else 11)
    k = np.arange(info.minexp - info.nmant, info.maxexp)
    np.testing.assert_array_equal(call("log2", dtype, np.ldexp(np.asarray(1.0, dtype), k)), k)
    np.testing.assert_array_equal(call("log10", dtype, np.array([10.0 ** int(n) for n in tens])), tens)
    np.testing.assert_array_equal(call("exp2", dtype, k.astype(dtype)), np.ldexp(np.asarray(1.0, dtype), k))


@each_dtype
def test_subnormal_arguments_and_results(dtype: str) -> None:
    info = np.finfo(dtype)
    least, normal = info.smallest_subnormal, info.smallest_normal
    tiny = np.array([least, 3 * least, normal - least, normal, -5 * least], dtype)
    for name in ("sin", "tan", "asin", "atan", "expm1", "log1p", "tanh"):
        assert call(name, dtype, tiny).tobytes() == tiny.tobytes(), name
    assert call("atan2", dtype, tiny, np.ones(5)).tobytes() == tiny.tobytes()
    assert call("hypot", dtype, tiny, np.zeros(5)).tobytes() == np.abs(tiny).tobytes()
    assert call("pow", dtype, 2.0, float(np.log2(least))) == least
    assert call("pow", dtype, np.abs(tiny), np.ones(5)).tobytes() == np.abs(tiny).tobytes()
    deep = np.linspace(np.log(float(least)) - 0.5, np.log(float(normal)), 200).astype(dtype)
    results = call("exp", dtype, deep)
    assert (results < normal).sum() > 150
    assert worst("exp", dtype, (deep,), results) <= 1.0
    assert worst("log", dtype, (np.abs(tiny),), call("log", dtype, np.abs(tiny))) <= 1.0


@each_dtype
def test_nothing_overflows_on_the_way(dtype: str) -> None:
    largest = np.finfo(dtype).max
    x = np.array([largest, largest / 2, 0.9 * largest, largest, 3.0], dtype)
    y = np.array([largest, -largest, 0.5 * largest, 1.0, largest], dtype)
    assert worst("atan2", dtype, (y, x), call("atan2", dtype, y, x)) <= 1.0
    half = (x / 2, y / 2)
    assert worst("hypot", dtype, half, call("hypot", dtype, *half)) <= BARS["hypot"]
    for name in ("atan", "log", "log1p"):
        assert worst(name, dtype, (x,), call(name, dtype, x)) <= 1.0


@each_function
@each_dtype
def test_traced_is_the_same_to_the_bit(name: str, dtype: str) -> None:
    rng = np.random.default_rng(3)
    common = np.array([0.0, -0.0, 1.0, -1.0, INF, -INF, NAN, 0.5, 2.0, -3.5, 1e-40, 1e38], dtype)
    grid = np.meshgrid(common, common) if name in BINARY else [common]
    arguments = [
        np.concatenate([g.ravel(), p]) for g, p in zip(grid, points(name, dtype, 2000, rng), strict=True)
    ]
    inputs, nodes, (output,) = traced([name], dtype)
    values: dict[int, Any] = {symbol.serial: a for symbol, a in zip(inputs, arguments, strict=True)}
    for node in nodes:
        if node.op == "const":
            values[node.serial] = np.dtype(dtype).type(node.value)
        elif node.op != "input":
            values[node.serial] = RULES[node.op](*[values[a.serial] for a in node.args])
            assert values[node.serial].dtype in (dtype, bool)
    found, direct = values[output.serial], call(name, dtype, *arguments)
    assert np.array_equal(np.isnan(found), np.isnan(direct))
    real = ~np.isnan(direct)
    assert found[real].tobytes() == direct[real].tobytes()
    one = call(name, dtype, *[a[-1] for a in arguments])
    assert one.dtype == dtype
    assert one.tobytes() == direct[-1].tobytes()


@each_dtype
def test_a_number_beside_a_symbol_is_a_constant_of_the_graph(dtype: str) -> None:
    graph = Graph(dtype)
    x = graph.input("x")
    assert LOWERING[dtype]["pow"](0.3, x) is LOWERING[dtype]["pow"](graph.constant(0.3), x)
    assert LOWERING[dtype]["atan2"](x, 0.3) is LOWERING[dtype]["atan2"](x, graph.constant(0.3))


def test_shapes_are_kept() -> None:
    y, x = np.array([[1.0], [-2.0]]), np.array([0.5, 3.0, -4.0])
    found = LOWERING["float64"]["atan2"](y, x)
    assert found.shape == (2, 3)
    assert found[1, 2] == LOWERING["float64"]["atan2"](-2.0, -4.0)


@each_function
@each_dtype
def test_constant_arguments_fold_away(name: str, dtype: str) -> None:
    numbers = [1.25 if name == "acosh" else 0.75, 0.3][: ELEMENTARY[name]]
    graph = Graph(dtype)
    folded = LOWERING[dtype][name](*[graph.constant(v) for v in numbers])
    assert folded.op == "const"
    assert folded.value == float(call(name, dtype, *numbers))


# Operations in float64 and float32: bounds on the cost, so that an increase is noticed.
COSTS = {
    ("sin",): (64, 52), ("cos",): (65, 53), ("sin", "cos"): (67, 55), ("tan",): (63, 47),
    ("asin",): (57, 43), ("acos",): (60, 46), ("atan",): (66, 54), ("atan2",): (90, 78),
    ("exp",): (40, 30), ("expm1",): (43, 33), ("tanh",): (49, 39), ("log",): (44, 35), ("log1p",): (54, 45),
    ("pow",): (160, 140), ("hypot",): (21, 21), ("erf",): (93, 53),
    ("exp2",): (38, 28), ("log2",): (87, 77), ("log10",): (91, 81), ("cbrt",): (63, 54), ("sinh",): (43, 33),
    ("cosh",): (37, 27), ("asinh",): (67, 58), ("acosh",): (66, 57), ("expit",): (46, 36), ("mod",): (46, 46),
}  # fmt: skip


@pytest.mark.parametrize("names", COSTS, ids=" ".join)
def test_cost(names: tuple[str, ...]) -> None:
    for dtype, bound in zip(DTYPES, COSTS[names], strict=True):
        used = operations(list(names), dtype)
        assert set(used) <= set(PRIMITIVE)
        assert len(used) <= bound
        assert used.count("div") <= (2 if "asinh" in names else 1)


@each_dtype
def test_seam_of_atan2(dtype: str) -> None:
    """Along a circle the angle rises to pi, drops to -pi at the seam, and never exceeds either."""
    turn = np.linspace(-0.4, 0.4, 4001)
    x, y = -np.cos(turn).astype(dtype), -np.sin(turn).astype(dtype)
    found = call("atan2", dtype, y, x)
    above, below = found[y > 0], found[y < 0]
    assert (np.diff(above) >= 0).all()
    assert (np.diff(below) >= 0).all()
    pi = np.asarray(PI, dtype)
    assert above.max() <= pi
    assert below.min() >= -pi
    assert above.min() > 2.7
    assert below.max() < -2.7


@pytest.mark.parametrize(
    ("name", "seams"),
    [
        ("atan", [inverse.EIGHTH, 1 / inverse.EIGHTH, 1.0]),
        ("asin", [0.5, -0.5]),
        ("erf", [1.0, -1.0]),
        ("tanh", [math.log(2) * 0.25, math.log(2) * 0.75, -math.log(2) * 0.25]),
        ("exp", [math.log(2) * 0.5, -math.log(2) * 0.5, math.log(2) * 10.5]),
        ("expm1", [math.log(2) * 0.5, -math.log(2) * 0.5]),
        ("log", [math.sqrt(0.5), math.sqrt(2), 1.0]),
        ("log1p", [math.sqrt(0.5) - 1, math.sqrt(2) - 1]),
    ],
)
@each_dtype
def test_rising_across_the_seams_between_pieces(name: str, seams: list[float], dtype: str) -> None:
    """Steps of 8 ulp of the argument, whose order a rounding of a few ulp of the result must not reverse."""
    for seam in seams:
        step = 8 * float(np.spacing(np.asarray(abs(seam), dtype)))
        x = (seam + step * np.arange(-200, 201)).astype(dtype)
        assert (np.diff(call(name, dtype, x)) >= 0).all()


def test_the_constants_are_what_the_generator_writes() -> None:
    path = Path(__file__).parents[3] / "tools" / "fit_elementary.py"
    if not path.is_file():
        pytest.skip("the generator is not shipped with this copy")
    spec = importlib.util.spec_from_file_location("fit_elementary", path)
    assert spec is not None
    assert spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    text = generator.source()[0]
    assert Path(coefficients.__file__).read_text() == text
    rebuilt: dict[str, Any] = {"__name__": coefficients.__name__}
    exec(text, rebuilt)
    assert (rebuilt["FLOAT64"], rebuilt["FLOAT32"]) == (coefficients.FLOAT64, coefficients.FLOAT32)
