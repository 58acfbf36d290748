"""A trace that takes another path than the plain function is refused when the model is made, and no sound one is."""

import contextlib
import copy
import decimal
import functools
import linecache
import math
import numbers
import pickle
import re
import statistics
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.trace.named_vector import Vector
from unit.expressions import OPERATIONS, draw

NAMES = ("a", "b", "c")
START = (0.3, -1.2, 2.5)
Function = Callable[..., Any]
HERE = "test_verification.py"


def motion(**changes: Any) -> fog.Motion:
    parts: dict[str, Any] = {
        "state": NAMES,
        "dynamics": lambda x, dt, p: list(x),
        "noise": lambda x, dt, p: np.zeros((3, 3)),
    }
    return fog.Motion(**parts | changes)


def model(
    measure: Function, start: Any = START, std: Any = (0.0, 0.0, 0.0), R: float = 0.0, **options: Any
) -> fog.Model:
    """Three states that stand still, and one sensor with this function, exact if R is 0."""
    sensor = fog.Sensor("s", ("z",), measure, lambda x, p: [[R]], params={"k": 0.01})
    return fog.Model(motion(), [sensor], fog.Belief(start, std=std), **options)


def number(measure: Function, x: Any) -> float:
    """What a user's function returns on numbers."""
    values = [np.float64(v) for v in x]
    with np.errstate(all="ignore"):
        found = measure(Vector(NAMES, values), Vector(("k",), [np.float64(0.01)], "parameter"))
    return float(np.ravel(found)[0])


def domain_guard(x: Any, p: Any) -> Any:
    try:
        return [math.sqrt(x.a**2 - p.k)]
    except ValueError:
        return [0.0]


def catches_everything(x: Any, p: Any) -> Any:
    try:
        return [math.log(x.a)]
    except Exception:
        return [-10.0]


def suppressed(x: Any, p: Any) -> Any:
    v = 0.0
    with contextlib.suppress(ValueError):
        v = math.sqrt(abs(x.a))
    return [v]


def returns_in_finally(x: Any, p: Any) -> Any:
    out = 0.0
    try:
        out = math.exp(x.a)
    finally:
        return [out]  # noqa: B012


def catches_a_branch(x: Any, p: Any) -> Any:
    try:
        return [x.a if x.a > 0.0 else 0.0]
    except Exception:
        return [x.b]


def catches_equality(x: Any, p: Any) -> Any:
    try:
        return [1.0 if x.a == 0.3 else 0.0]
    except Exception:
        return [0.0]


def catches_a_hash(x: Any, p: Any) -> Any:
    try:
        return [{x.a: 1.0}[x.a]]
    except Exception:
        return [0.0]


def catches_a_pickle(x: Any, p: Any) -> Any:
    try:
        return [pickle.loads(pickle.dumps(x.a))]
    except Exception:
        return [0.0]


def catches_int(x: Any, p: Any) -> Any:
    try:
        k = int(x.a)
    except Exception:
        k = 0
    return [[1.0, 2.0, 3.0][k % 3] + x.b]


def catches_a_format(x: Any, p: Any) -> Any:
    try:
        return [float(f"{x.a:.1f}")]
    except Exception:
        return [0.0]


def catches_round(x: Any, p: Any) -> Any:
    try:
        return [round(x.a, 1)]
    except Exception:
        return [x.a]


@functools.lru_cache
def cached_sine(v: Any) -> Any:
    return np.sin(v)


# What the tracer can intercept: refused with the line, even where the function catches the error.
STICKY: list[tuple[Function, str]] = [
    (domain_guard, "math.sqrt(x.a**2 - p.k)"),
    (catches_everything, "math.log(x.a)"),
    (suppressed, "math.sqrt(abs(x.a))"),
    (returns_in_finally, "math.exp(x.a)"),
    (catches_a_branch, "x.a > 0.0"),
    (catches_equality, "x.a == 0.3"),
    (catches_a_hash, "{x.a: 1.0}"),
    (catches_a_pickle, "pickle.dumps(x.a)"),
    (catches_int, "int(x.a)"),
    (catches_a_format, 'f"{x.a:.1f}"'),
    (catches_round, "round(x.a, 1)"),
    (lambda x, p: [{0.3: 1.0}.get(x.a, 9.0)], "{0.3: 1.0}.get(x.a, 9.0)"),
    (lambda x, p: [1.0 if x.a in {0.3, 1.6} else 0.0], "x.a in {0.3, 1.6}"),
    (lambda x, p: [1.0 if x.a in [0.3, 1.6] else 0.0], "x.a in [0.3, 1.6]"),
    (lambda x, p: [cached_sine(x.a)], "cached_sine(x.a)"),
    (lambda x, p: [2.0 if x.a != 0.3 else 0.0], "x.a != 0.3"),
    (lambda x, p: [max(x.a, x.b)], "max(x.a, x.b)"),
    (lambda x, p: [np.add(x.a, 1.0, np.array(7.0), where=False)], "np.add(x.a, 1.0, np.array(7.0), where=False)"),
    (lambda x, p: [np.max([x.a, x.b])], "np.max([x.a, x.b])"),
    (lambda x, p: [np.nanmax([x.a, np.nan])], "np.nanmax([x.a, np.nan])"),
    (lambda x, p: [np.nansum([x.a, x.b])], "np.nansum([x.a, x.b])"),
    (lambda x, p: [np.nan_to_num(x.a)], "np.nan_to_num(x.a)"),
    (lambda x, p: [np.fmax.reduce([x.a, x.b])], "np.fmax.reduce([x.a, x.b])"),
    (lambda x, p: [((x.a > 0) + (x.c > 0)) * 1.0], "(x.a > 0) + (x.c > 0)"),
    (lambda x, p: [1.0 * np.sum([x.a > 0, x.c > 0])], "np.sum([x.a > 0, x.c > 0])"),
    (lambda x, p: [np.mean([x.a > 0, x.c > 0])], "np.mean([x.a > 0, x.c > 0])"),
    (lambda x, p: [np.count_nonzero([x.a > 0, x.c > 0])], "np.count_nonzero([x.a > 0, x.c > 0])"),
    (lambda x, p: [2 * x.a if hasattr(x.a, "dtype") else x.b], 'hasattr(x.a, "dtype")'),
    (lambda x, p: [getattr(x.a, "item", lambda: x.b)()], 'getattr(x.a, "item", lambda: x.b)'),
    (lambda x, p: [2 * x.a if np.ndim(x.a) == 0 else x.b], "np.ndim(x.a)"),
    (lambda x, p: [2 * x.a if np.isreal(x.a) else x.b], "np.isreal(x.a)"),
    (lambda x, p: [statistics.fmean([x.a, x.b])], "statistics.fmean([x.a, x.b])"),
]  # fmt: skip


def matched(x: Any, p: Any) -> Any:
    match x.a:
        case float():
            return [x.a]
        case _:
            return [0.0]


def catches_a_decimal(x: Any, p: Any) -> Any:
    try:
        return [float(decimal.Decimal(x.a))]
    except TypeError:
        return [0.0]


def catches_a_numpy_error(x: Any, p: Any) -> Any:
    with np.errstate(invalid="raise"):
        try:
            return [np.sqrt(x.a**2 - 4.0)]
        except FloatingPointError:
            return [0.0]


def catches_a_warning(x: Any, p: Any) -> Any:
    with warnings.catch_warnings(), np.errstate(all="warn"):
        warnings.simplefilter("error")
        try:
            return [np.log(x.a - 3.0)]
        except RuntimeWarning:
            return [0.0]


# What it cannot: refused because the numbers differ, with both of them and with the place where the paths part.
DIFFERENT: list[tuple[Function, str]] = [
    (matched, "float()"),
    (catches_a_decimal, "decimal.Decimal(x.a)"),
    (lambda x, p: [2 * x.a if isinstance(x.a, float) else x.b], "2 * x.a if isinstance(x.a, float) else x.b"),
    (lambda x, p: [2 * x.a if type(x.a) is np.float64 else x.b], "type(x.a) is np.float64"),
    (lambda x, p: [2 * x.a if np.asarray(x).dtype == float else x.b], "np.asarray(x).dtype == float"),
    (lambda x, p: [np.where(x.a > 40.0, 3.0 if isinstance(x.a, float) else 5.0, x.a)], "isinstance(x.a, float)"),
    (lambda x, p: [np.where(np.sin(x.b) > 0.99, float(isinstance(p.k, float)), x.a)], ""),
    (lambda x, p: [{"0.3": 1.0}.get(str(x.a), 9.0)], ""),
    (lambda x, p: [1.0 * ((x.a > 0) & 2)], ""),
    (lambda x, p: [np.nan_to_num(np.array([np.sqrt(x.a)]))[0]], ""),
    (catches_a_numpy_error, "np.sqrt(x.a**2 - 4.0)"),
    (catches_a_warning, "np.log(x.a - 3.0)"),
]  # fmt: skip


def names(cases: list[tuple[Function, str]]) -> list[str]:
    return [f.__name__ if f.__name__ != "<lambda>" else words or str(k) for k, (f, words) in enumerate(cases)]


def line_of(function: Function, words: str) -> str:
    """file:line of these words in a function of this file."""
    first = function.__code__.co_firstlineno
    for line in range(first, first + 12):
        if words in linecache.getline(__file__, line):
            return f"{HERE}:{line}:"
    raise AssertionError(words)


@pytest.mark.parametrize("function, words", STICKY, ids=names(STICKY))
def test_a_refusal_stands_even_if_it_is_caught(function: Function, words: str) -> None:
    with pytest.raises(fog.ModelError) as caught:
        model(function)
    assert caught.value.field == "s.measure"
    assert line_of(function, words) in str(caught.value) and f"`{words}`" in str(caught.value)


@pytest.mark.parametrize("function, words", STICKY, ids=names(STICKY))
def test_it_stands_in_a_model_that_is_not_verified(function: Function, words: str) -> None:
    """A run never uses a trace that took another path because the function caught the error."""
    unverified = model(function, verify=False)
    for method in (fog.EKF(), fog.UKF()):
        with pytest.raises(fog.ModelError) as caught:
            fog.run(unverified, fog.Log.regular([1.0, 2.0], dt=0.1), method)
        assert caught.value.field == "s.measure" and f"`{words}`" in str(caught.value)


@pytest.mark.parametrize("function, words", DIFFERENT, ids=names(DIFFERENT))
def test_another_number_is_refused_with_both(function: Function, words: str) -> None:
    with pytest.raises(fog.ModelError, match=r"on numbers and .* where it is traced") as caught:
        model(function)
    message = str(caught.value)
    found = re.search(
        r"returns z = (\S+) on numbers and (\S+) where it is traced, at a = (\S+), b = (\S+), c", message
    )
    assert found is not None and found.group(1) != found.group(2)
    if "k = 0.01" in message:
        x = [float(found.group(3)), float(found.group(4)), 0.0]
        if abs(x[0]) != 40.0 and "where(" not in message:
            assert number(function, x) == pytest.approx(float(found.group(1)), rel=1e-4)
    assert caught.value.field == "s.measure" and "fog.opaque" in message
    if sys.gettrace() is None:
        assert line_of(function, words) in message and words in message


def kept_in_a_dict() -> Function:
    cache: dict[str, Any] = {}

    def measure(x: Any, p: Any) -> Any:
        if "v" not in cache:
            cache["v"] = np.sin(x.a)
        return [cache["v"]]

    return measure


def kept_in_a_default() -> Function:
    def measure(x: Any, p: Any, seen: list[Any] = []) -> Any:  # noqa: B006
        seen.append(x.a)
        return [seen[0] + x.b]

    return measure


def kept_in_an_object() -> Function:
    class Smoother:
        last: Any = 0.0

        def __call__(self, x: Any, p: Any) -> Any:
            found, self.last = 0.5 * x.a + 0.5 * self.last, x.a
            return [found]

    return Smoother()


def kept_by_a_condition() -> Function:
    known: list[Any] = []

    def measure(x: Any, p: Any) -> Any:
        known.append(np.where(x.a > 0.0, x.a, 0.0))
        return [known[-2] if len(known) > 1 else known[-1]]

    return measure


@pytest.mark.parametrize("make", [kept_in_a_dict, kept_in_a_default, kept_in_an_object, kept_by_a_condition])
def test_a_function_that_remembers_an_argument(make: Callable[[], Function]) -> None:
    with pytest.raises(fog.ModelError, match="a value of an earlier call") as caught:
        model(make())
    assert caught.value.field == "s.measure"
    assert HERE in str(caught.value) and "make it a state" in str(caught.value)


@pytest.mark.parametrize("method", [fog.EKF(), fog.UKF(), fog.EKF(iterations=2)], ids=repr)
def test_nor_does_it_run_unverified(method: Any) -> None:
    """Symbols of two traces never meet in silence, nor in an error that is not of this package."""
    with pytest.raises(fog.ModelError, match="a value of an earlier call"):
        unverified = model(kept_in_an_object(), verify=False)
        for _ in range(2):
            fog.run(unverified, fog.Log.regular([1.0, 2.0], dt=0.1), method)
            unverified = unverified.with_start(fog.Belief([1.0, 0.0, 0.0], std=[1.0, 1.0, 1.0]))
            unverified.kernels.clear()


def counting() -> Function:
    calls = [0.0]

    def measure(x: Any, p: Any) -> Any:
        calls[0] += 1.0
        return [x.a * calls[0]]

    return measure


def drawing() -> Function:
    rng = np.random.default_rng(3)
    return lambda x, p: [x.a + rng.normal()]


@pytest.mark.parametrize("make", [counting, drawing])
def test_a_function_that_returns_another_value_each_time(make: Callable[[], Function]) -> None:
    with pytest.raises(fog.ModelError, match=r"returned z = .* and then .* for the same arguments, a = 0\.3"):
        model(make())


def test_another_shape_on_numbers() -> None:
    def noise(x: Any, p: Any) -> Any:
        return [[2.0]] if isinstance(x.a, float) else fog.noise.factored([[1.0, 1.0]], [1.0, 1.0])

    sensor = fog.Sensor("s", ("z",), lambda x, p: [x.a], noise)
    with pytest.raises(
        fog.ModelError, match=r"returns shape \(1, 1\) on numbers and G \(1, 2\), variances \(2,\)"
    ):
        fog.Model(motion(), [sensor], fog.Belief(START, std=[1.0, 1.0, 1.0]))


def test_every_function_of_a_model_is_compared() -> None:
    """Each function, and each of its arguments: states, the step, parameters, controls."""

    def typed(value: Any) -> float:
        return 1.0 if isinstance(value, float) else 2.0

    def built(**wrong: Function) -> fog.Model:
        moving = motion(
            params={"q": 0.5}, controls=("push",),
            dynamics=wrong.get("dynamics", lambda x, dt, p, u: [x.a + u.push, x.b, x.c]),
            noise=wrong.get("process", lambda x, dt, p, u: np.eye(3) * (dt * p.q)),
        )  # fmt: skip
        seeing = fog.Sensor(
            "s", ("z",), wrong.get("measure", lambda x, p, u: [x.a]), wrong.get("noise", lambda x, p, u: [[p.std]]),
            params={"std": 0.5}, controls=("push",),
        )  # fmt: skip
        return fog.Model(moving, [seeing], fog.Belief(START, std=[1.0, 1.0, 1.0]))

    built()
    wrong: list[tuple[str, str, Function]] = [
        ("dynamics", "motion.dynamics returns b", lambda x, dt, p, u: [x.a, typed(x.b), x.c]),
        ("dynamics", "motion.dynamics returns a", lambda x, dt, p, u: [x.a * typed(dt), x.b, x.c]),
        ("dynamics", "motion.dynamics returns c", lambda x, dt, p, u: [x.a, x.b, typed(u.push)]),
        ("process", "motion.noise returns .1,1.", lambda x, dt, p, u: np.diag([dt, dt * typed(p.q), 1.0])),
        ("measure", "s.measure returns z", lambda x, p, u: [x.a + typed(u.push)]),
        ("noise", "s.noise returns .0,0.", lambda x, p, u: [[p.std * typed(p.std)]]),
        (
            "process", r"motion.noise returns variances\[1\]",
            lambda x, dt, p, u: fog.noise.factored(np.eye(3)[:, :2], [dt, dt * typed(x.a)]),
        ),
        (
            "process", r"motion.noise returns G\[2,1\]",
            lambda x, dt, p, u: fog.noise.factored([[1.0, 0.0], [0.0, 1.0], [0.0, typed(x.a)]], [dt, dt]),
        ),
    ]  # fmt: skip
    for name, expected, function in wrong:
        with pytest.raises(fog.ModelError, match=expected + " = "):
            built(**{name: function})


# Sound ones, siblings of those that are refused: what they compute is compared at many points, in a run.
SOUND: list[Function] = [
    lambda x, p: [2 * x.a if np.isscalar(x.a) else x.b],
    lambda x, p: [2 * x.a if isinstance(x.a, numbers.Real) else x.b],
    lambda x, p: [copy.deepcopy(x.a) * 2 + copy.copy(x).b],
    lambda x, p: [copy.deepcopy(x)[0] * x.b],
    lambda x, p: [np.fmax(x.a, np.nan)],
    lambda x, p: [np.fmax(np.sqrt(x.a), x.b) + np.fmin(x.c, np.log(x.b))],
    lambda x, p: [1.0 * (x.a > 0) + 1.0 * (x.b > 0)],
    lambda x, p: [1.0 * sum([x.a > 0, x.b > 0, x.c > 0])],
    lambda x, p: [((x.a > 0) | (x.c > 0)) * 1.0 + ((x.a > 0) ^ (x.b > 0)) + ((x.a > 0) * (x.b > 0))],
    lambda x, p: [((x.a > 0) == (x.b > 0)) + 2.0 * ((x.a > 0) < (x.b > 0)) + (x.a > 0) ** 2],
    lambda x, p: [(x.a > 0) / 2 + abs(x.b > 0) + np.maximum(x.a > 0, x.c > 0)],
    lambda x, p: [round(x.a) + math.floor(x.b) + math.ceil(x.c) + math.trunc(x.b)],
    lambda x, p: [np.where(np.isnan(np.sqrt(x.a)), 0.0, np.sqrt(x.a))],
    lambda x, p: [np.where(np.isfinite(1.0 / x.a), 1.0 / x.a, 0.0)],
    lambda x, p: [np.where(x.a > 1e5, 1.0, x.a % 2.0) + np.trunc(x.b)],
    lambda x, p: [x.a**3 + 2.0**x.b + abs(x.c) ** (1 / 3)],
    lambda x, p: [np.hypot(x.a, x.b) + np.arctan2(x.a, x.c) + np.tanh(1e3 * x.b)],
]  # fmt: skip


@pytest.mark.parametrize("function", SOUND, ids=range(len(SOUND)))
def test_sound_functions_are_accepted_and_right(function: Function) -> None:
    accepted = model(function)
    for x in (START, (-0.7, 0.4, -1.1), (1.6, 2.2, 0.05), (-2.4, -0.9, 3.3), (5.5, -3.5, 0.5)):
        expected = number(function, x)
        if np.isfinite(expected):
            log, _ = fog.simulate(accepted, steps=1, dt=1.0, seed=1, start=list(x))
            assert log.blocks["s.z"][0, 0] == pytest.approx(expected, rel=1e-12)


def test_random_functions_are_accepted_and_a_planted_difference_is_not() -> None:
    """Rounding, also far off and where a condition changes, is no difference; a millionth of the value is one."""
    rng = np.random.default_rng(11)
    names = [name for name in OPERATIONS]
    for _ in range(60):
        x = rng.uniform(0.3, 1.5, 3) * rng.choice([-1.0, 1.0], 3)
        expression = draw(rng, [list(x)], names, 8)
        model(lambda s, p, e=expression: [e.traced(list(s))], start=x, std=rng.choice([0.0, 0.1, 3.0], 3))

        def planted(s: Any, p: Any, e: Any = expression) -> Any:
            return [e.traced(list(s)) * (1.0 + 1e-6 * isinstance(s[0], float))]

        with pytest.raises(fog.ModelError, match="on numbers and"):
            model(planted, start=x)


@pytest.mark.parametrize(
    "condition",
    [
        lambda x: x.a > 1234.5, lambda x: x.a < -0.1 * x.b - 7e4, lambda x: x.a**2 + x.b**2 < 0.01,
        lambda x: (x.a > 3.0) & (x.b > 4.0), lambda x: np.exp(x.a) > 1e6, lambda x: np.hypot(x.a - 50.0, x.c) <= 2.0,
        lambda x: x.a == 4.0, lambda x: np.rint(x.a) > 17.0, lambda x: np.sin(x.a) * x.b > 0.5,
    ],
)  # fmt: skip
@pytest.mark.parametrize("inside", [True, False])
def test_both_sides_of_every_condition_are_compared(condition: Function, inside: bool) -> None:
    """A difference on one side alone is found, wherever the start is."""

    def wrong(x: Any) -> Any:
        return 3.0 if isinstance(x.a, float) else 5.0

    def measure(x: Any, p: Any) -> Any:
        return [np.where(condition(x), *((wrong(x), x.c) if inside else (x.c, wrong(x))))]

    with pytest.raises(fog.ModelError, match="on numbers and"):
        model(measure, std=(0.1, 0.1, 0.1))


def test_verify_false_means_it() -> None:
    """The user who knows better; and what is derived from his model is not verified again."""

    def measure(x: Any, p: Any) -> Any:
        return [x.a if isinstance(x.a, float) else x.a + 0.0 * x.b + p.k]

    chosen = model(measure, std=(1.0, 1.0, 1.0), R=0.3, verify=False)
    log = fog.Log.regular([0.3, 0.4, 0.5], dt=0.1)
    assert np.isfinite(fog.run(chosen, log).loglik)
    assert chosen.with_parameters({"k": 0.02}).parameters == {"s.k": 0.02}
    assert chosen.with_start(fog.Belief(START, std=[2.0, 1.0, 1.0])).start.std[0] == 2.0
    assert copy.deepcopy(chosen).state == NAMES
    with pytest.raises(fog.ModelError, match="on numbers and"):
        fog.Model(chosen.motion, chosen.sensors, chosen.start)


def test_opaque_functions_are_free() -> None:
    opaque = fog.opaque(lambda x, p: [max(x.a, 0.0) if isinstance(x.a, float) else 7.0])
    run = fog.run(model(opaque, std=(1.0, 1.0, 1.0), R=0.3), fog.Log.regular([0.3, 0.4], dt=0.1))
    assert np.isfinite(run.loglik)


def test_a_pushed_function_is_compared_too() -> None:
    belief = fog.Belief([1.0, 2.0], cov=[[0.1, 0.02], [0.02, 0.2]], names=("a", "b"))
    for function, words in (
        (lambda x: [x.a if isinstance(x.a, float) else x.b], r"f returns f\[0\] = 1 on numbers and 2"),
        (lambda x: [x.a, domain_guard(x, Vector(("k",), [0.01]))[0]], r"math\.sqrt needs numbers"),
        (
            lambda x: [np.where(x.b > 90.0, float(isinstance(x.a, float)), x.a)],
            r"f\[0\] = 1 on numbers and 0",
        ),
    ):
        with pytest.raises(fog.ModelError, match=words) as caught:
            fog.push(belief, function)
        assert caught.value.field == "f"
    assert fog.push(belief, fog.opaque(lambda x: [x.a if isinstance(x.a, float) else x.b])).true.mean == [1.0]


def test_a_library_that_needs_numbers_is_named_with_the_user_s_line_and_the_way_out() -> None:
    """SciPy's objects refuse symbols in their own words; the message shows where they were called from."""
    interpolate = pytest.importorskip("scipy.interpolate")
    special, stats = pytest.importorskip("scipy.special"), pytest.importorskip("scipy.stats")
    optimize, spatial = pytest.importorskip("scipy.optimize"), pytest.importorskip("scipy.spatial")
    line = interpolate.interp1d([0.0, 1.0, 2.0], [0.0, 1.0, 4.0], fill_value="extrapolate")
    spline = interpolate.CubicSpline([-5.0, 0.0, 1.0, 6.0], [0.0, 0.0, 1.0, 2.0])
    grid = interpolate.RegularGridInterpolator(
        ([-9.0, 9.0], [-9.0, 9.0]), [[0.0, 1.0], [2.0, 4.0]], bounds_error=False, fill_value=None
    )
    tree = spatial.cKDTree([[0.0, 1.0], [2.0, 3.0]])

    def guarded(x: Any, p: Any) -> Any:
        try:
            return [line(x.a)]
        except ValueError:
            return [0.0]

    cases: list[tuple[Function, str]] = [
        (lambda x, p: [line(x.a)], "line(x.a)"),
        (lambda x, p: list(line([x.a])), "line([x.a])"),
        (guarded, "line(x.a)"),
        (lambda x, p: [spline(x.a)], "spline(x.a)"),
        (lambda x, p: [grid([x.a, x.b])[0]], "grid([x.a, x.b])"),
        (lambda x, p: [special.gamma(x.a)], "special.gamma(x.a)"),
        (lambda x, p: [special.j0(np.array([x.a]))[0]], "special.j0(np.array([x.a]))"),
        (lambda x, p: [stats.norm.cdf(x.a)], "stats.norm.cdf(x.a)"),
        (lambda x, p: [optimize.brentq(lambda q: q**3 - x.a, -9.0, 9.0)], "optimize.brentq("),
        (lambda x, p: [tree.query([x.a, x.b])[0]], "tree.query([x.a, x.b])"),
    ]
    for function, words in cases:
        with pytest.raises(fog.ModelError) as caught:
            model(function)
        assert line_of(function, words) in str(caught.value), str(caught.value)
        assert "fog.opaque" in str(caught.value) and caught.value.field == "s.measure"
        assert ("fog.table(curve)" in str(caught.value)) == (
            "np." not in words and "scipy" in str(caught.value)
        )
        fog.run(model(fog.opaque(function), std=(1.0, 1.0, 1.0), R=0.3), fog.Log.regular([0.3, 0.4], dt=0.1))


def test_a_noise_that_is_symmetric_at_the_start_only() -> None:
    for upper, lower in ((0.5, 0.0), (0.0, 0.5), (0.5, -0.5), (0.5, 0.5 + 1e-7)):
        sensor = fog.Sensor(
            "s", ("u", "v"), lambda x, p: [x.a, 2.0 * x.b],
            lambda x, p, u=upper, v=lower: [[1.0, u * np.tanh(x.c)], [v * np.tanh(x.c), 1.0]],
        )  # fmt: skip
        with pytest.raises(
            fog.ModelError, match=r"s\.noise\[0,1\] = .* but s\.noise\[1,0\] = .* at a = "
        ) as caught:
            fog.Model(motion(), [sensor], fog.Belief([0.0, 0.0, 0.0], std=[1.0, 1.0, 1.0]))
        assert caught.value.field == "s.noise" and caught.value.index == (0, 1)
    sound = fog.Sensor(
        "s", ("u", "v"), lambda x, p: [x.a, x.b], lambda x, p: [[1.0, x.c / 3], [x.c * (1 / 3), 9.0]]
    )
    fog.Model(motion(), [sound], fog.Belief([0.0, 0.0, 0.0], std=[1.0, 1.0, 1.0]))
    with pytest.raises(fog.ModelError, match=r"motion\.noise\[0,2\] = .* dt = 0\.1"):
        fog.Model(
            motion(noise=lambda x, dt, p: np.eye(3) * dt + (dt - 1.0) * np.eye(3, k=2)), [sound],
            fog.Belief([0.0, 0.0, 0.0], std=[1.0, 1.0, 1.0]),
        )  # fmt: skip


def test_a_function_too_long_to_be_traced_is_not_cut_short_by_an_except(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It runs on floats, like any other that is too long."""

    def long(x: Any, p: Any) -> Any:
        try:
            y = x.a
            for _ in range(200):
                y = 0.99 * y + 0.01 * x.b
            return [y]
        except Exception:
            return [0.0]

    expected = fog.run(model(long, std=(1.0, 1.0, 1.0), R=0.3), fog.Log.regular([0.3, 0.4], dt=0.1))
    monkeypatch.setattr("foglight.model.verification.TRACED_BELOW", 150)
    monkeypatch.setattr("foglight.compiler.recipe.TRACED_BELOW", 150)
    for verify in (True, False):
        chosen = model(long, std=(1.0, 1.0, 1.0), R=0.3, verify=verify)
        with pytest.warns(fog.FoglightWarning, match="too large to compile"):
            run = fog.run(chosen, fog.Log.regular([0.3, 0.4], dt=0.1))
        assert run.engine.startswith("reference")
        np.testing.assert_allclose(run.filtered.mean, expected.filtered.mean, rtol=1e-6)
