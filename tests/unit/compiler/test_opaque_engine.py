"""Opaque functions called between compiled kernels: the results of traced functions, and the price of the calls."""

import copy
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from foglight.compiler.backends.llvm_engine import LlvmBackend
from foglight.compiler.engine.argument_vectors import vectors_of
from foglight.compiler.kernels.filter import filter_recipe
from foglight.compiler.opaque_row import opaque_row
from foglight.trace.named_vector import Vector
from unit.on_floats import on_floats

STATES, START = ("x", "speed", "heading"), fog.Belief([8.0, 2.0, 0.4], std=[1.0, 0.7, 0.3])
Wrap = Callable[[Any], Any]


def moved(x: Any, dt: Any, p: Any, u: Any) -> list[Any]:
    return [x.x + dt * x.speed * np.cos(x.heading), x.speed - 0.1 * dt * x.speed**2, x.heading + dt * u.turn]


def pushed(x: Any, dt: Any, p: Any, u: Any) -> Any:
    return p.std**2 * dt * np.diag([0.1, 1.0 + 0.1 * x.speed**2, 0.2])


def seen(x: Any, p: Any) -> list[Any]:
    return [np.sqrt(x.x**2 + p.height**2), np.arctan2(p.height, x.x) - x.heading]


def cart(wrap: Wrap, noise: Wrap = lambda f: f, start: Any = START, beacon: Any = seen) -> fog.Model:
    """A cart on a rail that sees a beacon, and at times its own speed."""
    motion = fog.Motion(
        STATES, wrap(moved), noise(pushed), {"std": 0.5}, controls=("turn",), angles=("heading",)
    )
    mast = fog.Sensor(
        "mast", ("range", "bearing"), wrap(beacon), noise(lambda x, p: [[0.04, 0.01], [0.01, 0.02]]),
        {"height": 3.0}, angles=("bearing",),
    )  # fmt: skip
    wheel = fog.Sensor("wheel", ("rate",), wrap(lambda x, p: [x.speed * 1.02]), lambda x, p: [[0.1]])
    return fog.Model(motion, [mast, wheel], start)


def journey(rows: int = 40, jump: float = 0.0) -> fog.Log:
    rng = np.random.default_rng(8)
    x, speed, heading, z, w = 8.5, 1.8, 0.3, [], []
    turn = 0.3 * np.sin(np.arange(rows) * 0.3)
    for k in range(rows):
        if k:
            x, speed, heading = (
                x + 0.2 * speed * np.cos(heading),
                speed - 0.02 * speed**2,
                heading + 0.2 * turn[k],
            )
        far = x + jump * (k >= rows // 2)
        z.append([np.hypot(far, 3.0), np.arctan2(3.0, far) - heading] + 0.1 * rng.standard_normal(2))
        w.append(speed + 0.2 * rng.standard_normal())
    readings, rates = np.array(z), np.array(w)
    readings[3], readings[7, 1], rates[::3] = np.nan, np.nan, np.nan
    return fog.Log.from_arrays(np.arange(rows) * 0.2, mast=readings, wheel=rates, u=turn)


GUARDED = {"gate": {"mast": 0.99}, "huber": {"wheel": 1.5}, "recover": 1.0}
METHODS = [
    fog.EKF(), fog.EKF(iterations=3), fog.EKF(form="joseph"), fog.EKF(form="textbook", iterations=2),
    fog.EKF(joint=True, iterations=3), fog.EKF(**GUARDED), fog.EKF(student=4.0), fog.UKF(),
    fog.UKF(**GUARDED), fog.CKF(),
]  # fmt: skip


def same(one: Any, other: Any, tolerance: float) -> None:
    assert (one.status == other.status).all()
    known = np.isfinite(one.filtered.std).all(axis=1)
    assert (np.isfinite(other.filtered.std).all(axis=1) == known).all() and known[5:].all()
    scale, (a, P), (b, S) = (
        one.filtered.std[known],
        *[(r.filtered.mean[known], r.filtered.cov[known]) for r in (one, other)],
    )
    assert np.abs((b - a) / scale).max() <= tolerance
    shift = (S - P) / (scale[:, :, None] * scale[:, None])
    assert np.abs(shift).max() <= tolerance
    assert other.loglik == pytest.approx(one.loglik, rel=tolerance)


@pytest.fixture(params=["scalars", "arrays"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How a row is compiled: on whole arrays where it can be, as if the model had many states."""
    if request.param == "arrays":
        monkeypatch.setattr("foglight.compiler.engine.engine._MANY", 1)
    return str(request.param)


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_the_filter_is_that_of_traced_functions(way: str, method: Any) -> None:
    """Sigma points go through the same functions; a difference quotient has nine or ten digits."""
    log = journey(jump=6.0 if method.gate else 0.0)
    one = fog.run(cart(lambda f: f), log, method=method)
    other = fog.run(cart(fog.opaque), log, method=method)
    assert "called in Python" in other.engine and other.engine.startswith("llvm")
    assert other._engine._row.whole.on_arrays == (way == "arrays")
    same(one, other, 1e-10 if method.points else 2e-8)
    if method.gate:
        assert (one.status & fog.Status.RESET).any() and (one.status & fog.Status.GATED).any()


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_the_filter_is_that_of_the_equations_on_floats(way: str, method: Any) -> None:
    """They make the same calls with the same differences."""
    log = journey(jump=6.0 if method.gate else 0.0)
    one = fog.run(cart(fog.opaque, fog.opaque), log, method=method)
    with on_floats():
        other = fog.run(cart(fog.opaque, fog.opaque), log, method=method)
    assert other.engine.startswith("reference")
    same(one, other, 1e-9)


@pytest.mark.parametrize("method", [fog.EKF(), fog.UKF()], ids=repr)
def test_a_start_with_unknown_states(way: str, method: Any) -> None:
    start = fog.Belief([8.0, 2.0, 0.4], std=[np.inf, np.inf, 0.3])
    one, other = (
        fog.run(cart(wrap, start=start), journey(), method=method) for wrap in (lambda f: f, fog.opaque)
    )
    same(one, other, 1e-7)
    one, other = (fog.smooth(run) for run in (one, other))
    assert np.abs((one.mean - other.mean) / one.std).max() <= 1e-7


NOISES: dict[str, Any] = {
    "full": lambda x, dt, p, u: pushed(x, dt, p, u) + 0.01 * dt,
    "no rank": lambda x, dt, p, u: np.zeros((3, 3)),
    "one column": lambda x, dt, p, u: fog.noise.factored([[0.5 * dt], [1.0], [0.1]], [0.2 + 0.1 * x.speed**2]),
    "five columns": lambda x, dt, p, u: fog.noise.factored(
        np.arange(15.0).reshape(3, 5) % 4 - 1.3, [0.1, 0.2 * dt, 0.0, 0.3, 0.1 + x.speed**2]
    ),
}  # fmt: skip


@pytest.mark.parametrize("noise", NOISES.values(), ids=NOISES)
def test_noises_of_every_form(way: str, noise: Any) -> None:
    def model(wrap: Wrap) -> fog.Model:
        plain = cart(lambda f: f)
        motion = fog.Motion(STATES, moved, wrap(noise), {"std": 0.5}, controls=("turn",), angles=("heading",))
        return fog.Model(motion, plain.sensors, START)

    for method in (fog.EKF(), fog.EKF(form="joseph"), fog.UKF()):
        one, other = (fog.run(model(wrap), journey(), method=method) for wrap in (lambda f: f, fog.opaque))
        same(one, other, 1e-10)


def test_interpreted_kernels_give_the_same_bits(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    log, method = journey(12), fog.EKF(iterations=2)
    compiled = fog.run(cart(fog.opaque, fog.opaque), log, method=method)
    monkeypatch.setattr(LlvmBackend, "available", lambda self: False)
    other = fog.run(cart(fog.opaque, fog.opaque), log, method=method)
    assert other.engine.startswith("interpreter, ")
    assert other.filtered.mean.tobytes() == compiled.filtered.mean.tobytes()
    assert other.loglik == compiled.loglik


def line(measure: Any) -> fog.Model:
    motion = fog.Motion(("gap",), lambda x, dt, p: [x.gap], lambda x, dt, p: [[dt]])
    return fog.Model(
        motion,
        [fog.Sensor("s", ("a",), fog.opaque(measure), lambda x, p: [[0.5]])],
        fog.Belief([1.0], std=[1.0]),
    )


GAPS = fog.Log.regular([1.1, 1.3, 0.9], dt=0.5)


@pytest.mark.parametrize(
    "shaped",
    [tuple, np.array, np.float32, lambda v: v[0], lambda v: np.array(v, dtype=object), lambda v: [np.float32(v[0])]],
    ids=["tuple", "array", "one float32", "one number", "objects", "float32"],
)  # fmt: skip
def test_results_of_every_kind(shaped: Any) -> None:
    expected = fog.run(line(lambda x, p: [2.0 * x.gap]), GAPS).filtered.mean
    found = fog.run(line(lambda x, p: shaped([2.0 * x.gap])), GAPS).filtered.mean
    assert np.abs(found - expected).max() <= (0.3 if "32" in str(shaped([1.0]).__class__) else 1e-2)
    assert fog.run(line(lambda x, p: [3]), GAPS).filtered.mean.tolist() == [[1.0]] * 3  # whole numbers


@pytest.mark.parametrize(
    "wrong, words",
    [
        ([1.0, 2.0], r"returned shape \(2,\)"), (None, "returned None"), (["far"], "returned text"),
        ([1j], "returned complex"), ([[1.0]], r"returned shape \(1, 1\)"), ({"a": 1.0}, "expected real numbers"),
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_result_at_a_place_beside_the_mean_names_the_row(wrong: Any, words: str) -> None:
    """Three calls in each row: the eighth is made beside the mean of row 2."""
    calls: list[float] = []

    def measure(x: Any, p: Any) -> Any:
        calls.append(float(x.gap))
        return wrong if built and len(calls) == 8 else [2.0 * x.gap]

    built = False
    model = line(measure)
    calls, built = [], True
    with pytest.raises(fog.ModelError, match=r"row 2 \(t = 1 s\): called with gap = .*" + words) as caught:
        fog.run(model, GAPS)
    assert caught.value.field == "s.measure" and f"gap = {calls[7]:.6g}" in str(caught.value)
    assert calls[6] < calls[7] and len(calls) in (8, 9)


def test_a_run_can_be_copied() -> None:
    run = fog.run(line(lambda x, p: [2.0 * x.gap]), GAPS)
    twin = copy.deepcopy(run)
    assert twin.filtered.mean.tobytes() == run.filtered.mean.tobytes()
    assert fog.smooth(twin).mean.tobytes() == fog.smooth(run).mean.tobytes()
    with on_floats():
        slow = copy.deepcopy(fog.run(line(lambda x, p: [2.0 * x.gap]), GAPS))
    assert np.abs(slow.filtered.mean - run.filtered.mean).max() <= 1e-12


def test_a_function_may_itself_run_the_model() -> None:
    inner: list[float] = []

    def measure(x: Any, p: Any) -> Any:
        if depth:
            depth.pop()
            inner.append(fog.run(model, GAPS).loglik)
        return [2.0 * x.gap]

    depth: list[int] = []
    model = line(measure)
    plain = fog.run(model, GAPS)
    depth.append(1)
    again = fog.run(model, GAPS)
    assert again.loglik == plain.loglik == inner[0]
    assert again.filtered.mean.tobytes() == plain.filtered.mean.tobytes()


@pytest.mark.parametrize("arrays", [False, True])
def test_calls_are_made_together_unless_one_needs_another(arrays: bool) -> None:
    """One batch for the prediction, and one for each linearisation of each sensor."""
    for iterations in (1, 3):
        row = opaque_row(filter_recipe(cart(fog.opaque), fog.EKF(iterations=iterations)), arrays=arrays)
        assert len(row.asking) == 1 + 2 * iterations
    row = opaque_row(filter_recipe(cart(fog.opaque), fog.UKF()), arrays=arrays)
    # A sensor is also linearised; on whole arrays the middle is then called again.
    assert [len(asks.groups[0].starts) for asks in row.asking] == [7, 13 + arrays, 13 + arrays]


def test_arguments_are_vectors() -> None:
    x, plain = (
        vectors_of(("gap", "kind", "_names"), "state")([1.0, 2.0, 3.0]),
        Vector(("gap", "kind", "_names"), [1, 2, 3]),
    )
    assert isinstance(x, Vector) and repr(x) == "gap=1.0, kind=2.0, _names=3.0"
    assert (x.gap, x.kind, x["gap"], x["_names"], x[0], x[-1], *x) == (1, 2, 1, 3, 1, 3, 1, 2, 3)
    assert x[:2].tolist() == [1.0, 2.0] and (x + plain).tolist() == [2.0, 4.0, 6.0] and len(x) == 3
    for attempt in (lambda: x.speed, lambda: x[3], lambda: x["speed"], lambda: setattr(x, "gap", 1.0)):
        with pytest.raises(fog.ModelError):
            attempt()


def test_the_reference_path_warns_once_for_a_model() -> None:
    model, log = cart(fog.opaque), journey(8)
    with warnings.catch_warnings(record=True) as heard, pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("always")
        fog.run(model, log)
        assert not heard
        patch.setattr("foglight.compiler.engine.engine.COMPILED_BELOW", 10)
        slow = cart(fog.opaque)
        fog.run(slow, log)
        fog.run(slow.with_parameters({"motion.std": 0.4}), log, method=fog.UKF())
    assert [w.category for w in heard] == [fog.FoglightWarning] and heard[0].filename == __file__
    assert "mast.measure" in str(heard[0].message) and "ms for each row" in str(heard[0].message)


def numpy_ekf(f: Any, h: Any, Q: Any, R: Any, start: fog.Belief, z: NDArray[Any], dt: float) -> NDArray[Any]:
    """An EKF as it is written by hand: textbook equations, derivatives by central differences, 2n + 1 calls of each."""

    def linearised(g: Any, x: NDArray[Any], P: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        value, columns = np.array(g(x)), []
        for k, width in enumerate(6e-6 * np.maximum(np.abs(x), np.sqrt(np.diag(P)))):
            step = np.zeros(len(x))
            step[k] = width
            columns.append((np.array(g(x + step)) - np.array(g(x - step))) / (2.0 * width))
        return value, np.array(columns).T

    x, P, means = np.array(start.mean), np.array(start.cov), []
    for k, reading in enumerate(z):
        if k:
            x, F = linearised(lambda x: f(x, dt, None), x, P)
            P = F @ P @ F.T + Q
        value, H = linearised(lambda x: h(x, None), x, P)
        S = H @ P @ H.T + R
        K = P @ H.T @ np.linalg.inv(S)
        x = x + K @ (reading - value)
        I_KH = np.eye(len(x)) - K @ H
        P = I_KH @ P @ I_KH.T + K @ R @ K.T
        means.append(x)
    return np.array(means)


def test_a_row_costs_less_than_in_a_hand_written_filter() -> None:
    """With the same Python functions, called as often: the rest of a row takes less time than NumPy's."""

    def f(x: Any, dt: Any, p: Any) -> list[Any]:
        return [x[0] + dt * x[1], x[1] - dt * np.sin(x[0]), x[2] + dt * x[3], x[3]]

    def h(x: Any, p: Any) -> list[Any]:
        return [np.sqrt(1.0 + x[0] ** 2 + x[2] ** 2), x[2] * x[3]]

    Q, R = np.diag([0.001, 0.002, 0.001, 0.002]), np.array([[0.04, 0.01], [0.01, 0.09]])
    start = fog.Belief([1.0, 0.5, 0.8, 0.3], std=[0.5, 0.4, 0.3, 0.2])
    motion = fog.Motion(tuple("abcd"), fog.opaque(f), lambda x, dt, p: Q)
    model = fog.Model(motion, [fog.Sensor("s", ("u", "v"), fog.opaque(h), lambda x, p: R)], start)
    z = [1.5, 0.3] + 0.1 * np.random.default_rng(1).standard_normal((400, 2))
    log, times = fog.Log.regular(z, dt=0.1), []
    run = fog.run(model, log)
    assert np.abs(run.filtered.mean - numpy_ekf(f, h, Q, R, start, z, 0.1)).max() <= 1e-7
    for call in (lambda: fog.run(model, log), lambda: numpy_ekf(f, h, Q, R, start, z, 0.1)) * 5:
        began = time.process_time()
        call()
        times.append(time.process_time() - began)
    assert min(times[::2]) < min(times[1::2]), times
