"""Ready-made motions against their differential equations, in 40 digits, and through the Program."""

import doctest
from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from numpy.typing import NDArray

import foglight
from foglight import Belief, Model, ModelError, param
from foglight.equations.angles import wrap
from foglight.model import motion, sensing, turning_motion
from foglight.model.model import Motion
from foglight.model.special_functions import bow, sinc
from foglight.trace.named_vector import Vector
from unit.traced import Traced

STEPS = (1e-12, 1e-6, 3e-3, 1.0, 7e2, 1e9)
TURNS = (
    0.0,
    5e-324,
    1e-300,
    -1e-12,
    1e-6,
    -0.03,
    0.9999,
    1.0001,
    -1.7,
    6.5,
)  # rad/s; sinc switches from its series at 1


@pytest.fixture(autouse=True)
def digits() -> Any:
    with mp.workdps(40):
        yield


def parameters(model: Motion) -> Vector:
    return Vector(tuple(model.params), list(model.params.values()), "parameter")


def step(model: Motion, x: Any, dt: Any) -> list[Any]:
    return list(model.dynamics(Vector(model.state, list(x)), dt, parameters(model)))


def process_noise(model: Motion, x: Any, dt: Any) -> Any:
    return model.noise(Vector(model.state, list(x)), dt, parameters(model))


def transition(model: Motion, dt: float) -> NDArray[np.float64]:
    """F of a linear motion without an offset, column by column."""
    n = len(model.state)
    return np.array([step(model, column, dt) for column in np.eye(n)], dtype=float).T


LINEAR = {
    "random_walk": motion.random_walk(("a", "b"), std=[0.3, 1.7]),
    "constant_velocity": motion.constant_velocity(("x", "y"), accel=[0.4, 1.1]),
    "constant_acceleration": motion.constant_acceleration(("x", "y"), jerk=[0.4, 1.1]),
    "singer": motion.singer(("x", "y"), tau=1.3, accel=[0.4, 1.1]),
    "ornstein_uhlenbeck": motion.ornstein_uhlenbeck(("a", "b"), tau=1.3, std=[0.4, 1.1]),
    "sway": motion.sway(("x", "y"), tau=1.3, std=[0.4, 1.1]),
}


@pytest.mark.parametrize("kind", LINEAR)
@pytest.mark.parametrize("dt", [1e-6, 0.35, 0.65, 1.3, 9.0])
def test_two_half_steps_are_one(kind: str, dt: float) -> None:
    """F(2 dt) = F F and Q(2 dt) = F Q Fᵀ + Q: noise and motion are consistent, on every axis."""
    model = LINEAR[kind]
    x = np.zeros(len(model.state))
    F, Q = transition(model, dt), process_noise(model, x, dt).cov
    whole = process_noise(model, x, 2 * dt).cov
    scale = np.sqrt(np.outer(np.diag(whole), np.diag(whole)))
    np.testing.assert_allclose(transition(model, 2 * dt), F @ F, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose((F @ Q @ F.T + Q) / scale, whole / scale, rtol=0, atol=1e-14)


GENERATORS: dict[str, Callable[[Any], Any]] = {
    "singer": lambda tau: mp.matrix([[0, 1, 0], [0, 0, 1], [0, 0, -1 / tau]]),
    "sway": lambda tau: mp.matrix([[0, 1], [-1 / tau**2, -2 / tau]]),
    "ornstein_uhlenbeck": lambda tau: mp.matrix([[-1 / tau]]),
}


@pytest.mark.parametrize("kind", GENERATORS)
@pytest.mark.parametrize("tau", [1e-6, 1.3, 1e6])
def test_transition_is_the_exponential_of_the_generator(kind: str, tau: float) -> None:
    """F = expm(A dt) entry by entry, relative 1e-12, for steps from 1 ps to 30 years."""
    make = {"singer": motion.singer, "sway": motion.sway, "ornstein_uhlenbeck": motion.ornstein_uhlenbeck}[
        kind
    ]
    model = make("x", tau, 1.0)
    for dt in STEPS:
        with mp.workdps(80):
            T, t = mp.mpf(dt), mp.mpf(dt) / mp.mpf(tau)
            if t < 1e3:
                expected = mp.expm(GENERATORS[kind](mp.mpf(tau)) * T)
            elif kind == "singer":  # e^-t is below 1e-434
                expected = mp.matrix(
                    [[1, T, mp.mpf(tau) * (T - mp.mpf(tau))], [0, 1, mp.mpf(tau)], [0, 0, 0]]
                )
            else:
                expected = mp.zeros(len(model.state))
        F = transition(model, dt)
        for i, j in np.ndindex(F.shape):
            if abs(expected[i, j]) > 1e-290:
                # 1 - t has no relative accuracy at its zero: e^-t is its size
                size = max(abs(expected[i, j]), mp.exp(-t) if kind == "sway" and i == j else 0)
                assert abs(F[i, j] - expected[i, j]) < 1e-12 * size, (dt, i, j)
            else:
                assert abs(F[i, j]) <= 1e-290


def test_mean_reverting_motions_settle_at_their_mean_and_spread() -> None:
    ou = motion.ornstein_uhlenbeck(("a", "b"), tau=2.0, std=0.3, mean=[5.0, -1.0])
    assert step(ou, [9.0, 9.0], 1e4) == [5.0, -1.0]
    np.testing.assert_allclose(process_noise(ou, [9.0, 9.0], 1e4).cov, 0.09 * np.eye(2), rtol=1e-15)
    swaying = motion.sway("gap", tau=2.0, std=0.3, mean=5.0)
    assert step(swaying, [9.0, 3.0], 1e4) == [5.0, 0.0]
    settled = process_noise(swaying, [9.0, 3.0], 1e4).cov
    np.testing.assert_allclose(settled, np.diag([0.09, 0.09 / 4]), rtol=1e-14, atol=1e-300)
    assert step(swaying, [5.0, 0.0], 0.7) == [5.0, 0.0]


def test_singer_lies_between_its_limits() -> None:
    short, straight = motion.singer("x", 1e-9, 1.0), motion.constant_velocity("x", 1.0)
    np.testing.assert_allclose(transition(short, 0.7)[:2, :2], transition(straight, 0.7), rtol=1e-8)
    long, curved = motion.singer("x", 1e9, 1.0), motion.constant_acceleration("x", 1.0)
    np.testing.assert_allclose(transition(long, 0.7), transition(curved, 0.7), rtol=1e-8)


# Turning.


def arc(x: list[Any], dt: Any) -> list[Any]:
    """The end of a path with constant turn rate and acceleration, by quadrature. x: east, north, speed, heading,
    turn_rate, accel."""
    east, north, speed, heading, turn_rate, accel = x
    knots = [0, dt / 2, dt]

    def moved(trig: Any) -> Any:
        return mp.quad(
            lambda s: (speed + accel * s) * trig(heading + turn_rate * s), knots, method="gauss-legendre"
        )

    return [east + moved(mp.cos), north + moved(mp.sin), speed + accel * dt, heading + turn_rate * dt]


def arc_slopes(x: list[Any], dt: Any) -> Any:
    """d (east, north) / d (speed, heading, turn_rate, accel), by quadrature of the derivatives."""
    _, _, speed, heading, turn_rate, accel = x
    rows = []
    for f, df in ((mp.cos, lambda a: -mp.sin(a)), (mp.sin, mp.cos)):
        integrands = [
            lambda s, f=f: f(heading + turn_rate * s),
            lambda s, df=df: (speed + accel * s) * df(heading + turn_rate * s),
            lambda s, df=df: (speed + accel * s) * s * df(heading + turn_rate * s),
            lambda s, f=f: s * f(heading + turn_rate * s),
        ]
        rows.append([mp.quad(g, [0, dt / 2, dt], method="gauss-legendre") for g in integrands])
    return rows


@pytest.fixture(scope="module")
def turning() -> dict[str, Traced]:
    ctrv, ctra = turning_motion.ctrv(accel=1.0, turn_accel=0.3), turning_motion.ctra(jerk=1.0, turn_accel=0.3)
    return {
        "ctrv": Traced(lambda *x: step(ctrv, x[:5], x[5]), 6),
        "ctra": Traced(lambda *x: step(ctra, x[:6], x[6]), 7),
    }


@pytest.mark.parametrize("turn_rate", TURNS)
@pytest.mark.parametrize("dt", [1e-9, 0.3, 1.0])
def test_arcs_and_their_slopes_are_exact_through_zero_turn_rate(
    turn_rate: float, dt: float, turning: dict[str, Traced]
) -> None:
    """Values and Jacobians of CTRV and CTRA, compiled, against quadrature; continuous at 0 and where sinc switches."""
    state = [3.0, -2.0, 11.0, 0.7, turn_rate, 1.9]
    for kind, accel in (("ctrv", 0.0), ("ctra", 1.9)):
        exact = [mp.mpf(v) for v in state[:5]] + [mp.mpf(accel)]
        n = 5 if kind == "ctrv" else 6
        values, slopes = turning[kind](*state[:n], dt)
        for found, expected in zip(values[:4], arc(exact, mp.mpf(dt)), strict=True):
            assert abs(found - expected) < 2e-15 * (abs(expected) + 5), kind
        expected_slopes = arc_slopes(exact, mp.mpf(dt))
        columns = [2, 3, 4, 5][: n - 2]
        for row in (0, 1):
            for k, column in enumerate(columns):
                size = max(abs(expected_slopes[r][k]) for r in (0, 1))
                assert abs(slopes[row, column] - expected_slopes[row][k]) < 4e-14 * size, (kind, row, column)
        assert slopes[3, 4] == dt and slopes[3, 3] == 1.0


@pytest.mark.parametrize("h", [0.0, 1e-300, -1e-9, 0.3, 0.49999, 0.5, 0.50001, -1.0, 2.5, 10.0, 1e5])
def test_sinc_and_bow(h: float) -> None:
    values, slopes = Traced(lambda h: [sinc(h), bow(h)], 1)(h)
    exact = mp.mpf(h)
    flat = exact == 0
    chord = mp.mpf(1) if flat else mp.sin(exact) / exact
    bowed = exact / 3 if abs(exact) < 1e-15 else (mp.sin(exact) - exact * mp.cos(exact)) / exact**2
    bent = mp.mpf(1) / 3 if abs(exact) < 1e-15 else (mp.sin(exact) - 2 * bowed) / exact
    assert abs(values[0] - chord) < 5e-16
    assert abs(values[1] - bowed) < 2e-15 * max(abs(bowed), 1e-300)
    assert abs(slopes[0, 0] + bowed) < 3e-15 * max(abs(bowed), 1e-300)
    assert abs(slopes[1, 0] - bent) < 1e-14
    assert sinc(h) == pytest.approx(values[0], rel=4e-16)  # the same on floats


def linearised_noise(
    x: list[float], dt: float, densities: tuple[float, float], kind: str
) -> NDArray[np.float64]:
    """Q of the flow linearised along the nominal path, by quadrature over the age u of each impulse.

    An impulse of jerk or acceleration moves the position along the remaining path; an impulse of angular acceleration
    turns that path. No direction is held.
    """
    _, _, speed, heading, turn_rate, *rest = x
    accel = rest[0] if rest else 0.0
    n, T = len(x), dt
    nodes, weights = np.polynomial.legendre.leggauss(20)
    Q = np.zeros((n, n))
    for node, weight in zip(nodes, weights, strict=True):
        start = T * (1 + node) / 2  # time of the impulse
        u = T - start
        s, w = start + u * (1 + nodes) / 2, weights * u / 2
        angle, v = heading + turn_rate * s, speed + accel * s
        power = 1 if kind == "ctra" else 0
        gained = (s - start) ** power  # speed at s after an impulse
        along = np.array([w @ (gained * np.cos(angle)), w @ (gained * np.sin(angle))])
        bend = v * (s - start)
        across = np.array([w @ (-bend * np.sin(angle)), w @ (bend * np.cos(angle))])
        first = np.array([*along, u**power, 0, 0, *([1.0] * power)])
        second = np.array([*across, 0, u, 1, *([0.0] * power)])
        for impulse, density in zip((first, second), densities, strict=True):
            Q += weight * T / 2 * density * np.outer(impulse, impulse)
    return Q


@pytest.mark.parametrize("kind", ["ctrv", "ctra"])
def test_turning_noise_is_exact_on_a_straight_course(kind: str) -> None:
    """CTRA uses the mean speed for the noise across the path, so it is exact there at a steady speed."""
    model = (
        turning_motion.ctrv(accel=0.7, turn_accel=0.3)
        if kind == "ctrv"
        else turning_motion.ctra(jerk=0.7, turn_accel=0.3)
    )
    x = [3.0, -2.0, 11.0, 0.7, 0.0, 0.0][: len(model.state)]
    expected = linearised_noise(x, 0.4, (0.49, 0.09), kind)
    np.testing.assert_allclose(process_noise(model, x, 0.4).cov, expected, rtol=1e-13, atol=1e-18)


@pytest.mark.parametrize("kind", ["ctrv", "ctra"])
def test_turning_noise_is_right_to_first_order_in_the_turned_angle(kind: str) -> None:
    model = (
        turning_motion.ctrv(accel=0.7, turn_accel=0.3)
        if kind == "ctrv"
        else turning_motion.ctra(jerk=0.7, turn_accel=0.3)
    )
    errors = []
    for turn_rate in (0.02, 0.2):
        x = [3.0, -2.0, 11.0, 0.7, turn_rate, 0.0][: len(model.state)]
        expected = linearised_noise(x, 0.5, (0.49, 0.09), kind)
        size = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
        errors.append((abs(process_noise(model, x, 0.5).cov - expected) / size).max())
    assert errors[0] < 0.02 * 0.5 and errors[1] < 0.2 * 0.5
    assert errors[1] / errors[0] == pytest.approx(10, rel=0.2)


@pytest.mark.parametrize("kind", ["ctrv", "ctra"])
def test_turning_noise_runs_on_symbols(kind: str) -> None:
    model = (
        turning_motion.ctrv(accel=0.7, turn_accel=0.3)
        if kind == "ctrv"
        else turning_motion.ctra(jerk=0.7, turn_accel=0.3)
    )
    n = len(model.state)

    def both(*x: Any) -> list[Any]:
        found = process_noise(model, x[:n], x[n])
        return [*found.G.ravel(), *found.variances]

    x = [3.0, -2.0, 11.0, 0.7, -0.4, 1.9][:n]
    values, _ = Traced(both, n + 1)(*x, 0.3)
    found = process_noise(model, x, 0.3)
    np.testing.assert_allclose(values, [*found.G.ravel(), *found.variances], rtol=1e-15, atol=1e-18)


@pytest.mark.parametrize("turns", [-3, -1, 0, 2, 1000])
def test_wrap_keeps_angles_in_the_half_open_circle(turns: int) -> None:
    edge = np.array([-np.pi, np.nextafter(-np.pi, 0), -1.0, -5e-324, 0.0, 2.0, np.nextafter(np.pi, 0)])
    around = np.concatenate([edge + turns * 2 * np.pi, np.nextafter(edge + turns * 2 * np.pi, -np.inf)])
    wrapped = wrap(around)
    assert ((wrapped >= -np.pi) & (wrapped < np.pi)).all()
    apart = np.abs(np.exp(1j * wrapped) - np.exp(1j * around))
    assert apart.max() < 3e-16 * (4 + abs(turns)) + np.spacing(np.abs(around).max())
    if turns == 0:
        np.testing.assert_array_equal(wrapped[:7], edge)
    assert np.isnan(wrap(np.float64("nan")))
    values, slopes = Traced(lambda a: [wrap(a)], 1)(around[0])
    assert values[0] == wrapped[0] and slopes[0, 0] == 1.0


# Arguments.


def test_names_and_parameters() -> None:
    model = motion.singer(("x", "y"), tau=20.0, accel=[1.0, param(2.0, low=0.5, high=4.0)])
    assert model.state == ("x", "y", "x_speed", "y_speed", "x_accel", "y_accel")
    assert dict(model.params) == {"x_accel": 1.0, "y_accel": 2.0}
    assert model.bounds == {"x_accel": (0.0, np.inf), "y_accel": (0.5, 4.0)}
    assert turning_motion.ctrv(("e", "n"), accel=1.0, turn_accel=0.1).state[:2] == ("e", "n")
    assert dict(motion.constant_velocity("gap", 0.4).params) == {"accel": 0.4}


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: motion.constant_velocity("gap", -0.4), "accel = -0.4: expected a number >= 0"),
        (lambda: motion.constant_velocity(("x", "y"), [0.1]), "accel has 1 values: .*each of x, y"),
        (lambda: motion.constant_velocity(("x", "x"), 0.1), r"axes\[1\] = 'x': duplicate name"),
        (lambda: motion.singer("x", 0.0, 1.0), "tau = 0: expected a time > 0, in seconds"),
        (lambda: motion.singer("x", float("nan"), 1.0), "tau = nan: expected a finite number"),
        (lambda: motion.ornstein_uhlenbeck("x", 1.0, 1.0, [1.0, 2.0]), r"mean has shape \(2,\)"),
        (lambda: turning_motion.ctrv("x", accel=1.0, turn_accel=1.0), "axes has 1 names: expected two"),
        (lambda: motion.random_walk((), 1.0), "states is empty"),
        (lambda: motion.random_walk("level", float("inf")), "std = inf: expected a finite number"),
    ],
)
def test_wrong_arguments_are_named(build: Callable[[], Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        build()


def test_every_motion_is_a_model() -> None:
    """A new model calls every function: shapes fit for each ready-made motion, with one axis and with several."""
    several = [
        *LINEAR.values(),
        turning_motion.ctrv(accel=1.0, turn_accel=0.3),
        turning_motion.ctra(jerk=1.0, turn_accel=0.3),
    ]
    single = [
        motion.singer("x", 2.0, 1.0),
        motion.sway("x", 2.0, 1.0),
        motion.constant_acceleration("x", 0.1),
    ]
    for model in several + single:
        n = len(model.state)
        start = Belief(np.linspace(0.5, 1.5, n), std=np.ones(n))
        assert Model(model, [sensing.linear("s", of=model.state[0], std=0.5)], start).state == model.state


def test_examples_in_the_docstrings() -> None:
    results = [doctest.testmod(module, extraglobs={"fog": foglight}) for module in (motion, turning_motion)]
    assert sum(result.attempted for result in results) >= 8 and sum(result.failed for result in results) == 0
