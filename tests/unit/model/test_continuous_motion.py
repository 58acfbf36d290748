"""Motions in continuous time: their steps against finer ones and against closed forms, and what is refused."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from foglight.trace.named_vector import Vector
from unit.van_loan import van_loan

SWING = ("angle", "rate")
PARAMS = {"friction": 0.1, "shake": 0.2}
ENCODER = fog.Sensor("encoder", SWING[:1], lambda x, p: [x.angle], lambda x, p: [[1e-4]], angles=SWING[:1])


def swing(x: Any, p: Any) -> list[Any]:
    return [x.rate, -9.81 * np.sin(x.angle) - p.friction * x.rate]


def shaken(x: Any, p: Any) -> Any:
    return fog.noise.factored([[0.0], [1.0]], [p.shake**2])


def pendulum(**options: Any) -> fog.Motion:
    return fog.Motion.continuous(
        SWING, swing, shaken, params=PARAMS, angles=SWING[:1], **{"longest_step": 0.1, **options}
    )


def step(motion: fog.Motion, x: Any, dt: float, *u: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """The mean and the covariance of the noise after a step, on floats."""
    names = tuple(motion.params)
    arguments = (
        Vector(motion.state, np.array(x, dtype=float)),
        np.float64(dt),
        Vector(names, [np.float64(motion.params[name]) for name in names]),
        *u,
    )
    return np.array(motion.dynamics(*arguments)), motion.noise(*arguments).cov


def finely(x: tuple[float, float], T: float, substeps: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Mean and covariance of the pendulum after T seconds in very short steps, by equations of moments of its own."""

    def rates(s: list[float]) -> list[float]:
        angle, rate, a, b, c = s
        k = -9.81 * math.cos(angle)
        return [
            rate,
            -9.81 * math.sin(angle) - 0.1 * rate,
            2 * b,
            c + k * a - 0.1 * b,
            2 * (k * b - 0.1 * c) + 0.04,
        ]

    h, s = T / substeps, [*x, 0.0, 0.0, 0.0]
    for _ in range(substeps):
        middle = [v + h / 2 * r for v, r in zip(s, rates(s), strict=True)]
        middle = [
            v + h / 2 * r for v, r in zip(s, rates(middle), strict=True)
        ]  # of order 2: enough at this h
        ends = [v + h * r for v, r in zip(s, rates(middle), strict=True)]
        s = [
            v + h / 6 * (p + 4 * q + r)
            for v, p, q, r in zip(s, rates(s), rates(middle), rates(ends), strict=True)
        ]
    return np.array(s[:2]), np.array([[s[2], s[3]], [s[3], s[4]]])


@pytest.mark.parametrize("substeps", [10_000, pytest.param(100_000, marks=pytest.mark.campaign)])
def test_a_pendulum_against_very_short_steps(substeps: int) -> None:
    """The default: 1e-8 per second, of the mean, and of the covariance relative to its size."""
    x, P = finely((1.2, 0.5), 0.1, substeps)
    mean, Q = step(pendulum(), (1.2, 0.5), 0.1)
    assert np.abs(mean - x).max() < 1e-8 * 0.1
    assert np.abs(Q - P).max() < 1e-8 * 0.1 * P.max()


def test_mean_and_noise_are_of_order_four() -> None:
    x, P = finely((1.2, 0.5), 0.1, 5000)
    found = [step(pendulum(substeps=n), (1.2, 0.5), 0.1) for n in (2, 4, 8)]
    for errors in (
        np.array([np.abs(mean - x).max() for mean, _ in found]),
        np.array([np.abs(Q - P).max() for _, Q in found]),
    ):
        assert np.all((errors[:-1] / errors[1:] > 13.0) & (errors[:-1] / errors[1:] < 20.0)), errors


def test_same_bits_as_the_method_written_by_hand() -> None:
    motion = pendulum(substeps=3, longest_step=1.0)

    def dynamics(x: Any, dt: Any, p: Any) -> Any:
        h = dt / 3
        for _ in range(3):
            k1 = np.array(swing(x, p))
            k2 = np.array(swing(Vector(SWING, x + h / 2 * k1), p))
            k3 = np.array(swing(Vector(SWING, x + h / 2 * k2), p))
            k4 = np.array(swing(Vector(SWING, x + h * k3), p))
            x = Vector(SWING, x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4))
        return list(x)

    by_hand = fog.Motion(SWING, dynamics, motion.noise, params=PARAMS, angles=SWING[:1])
    start = fog.Belief([0.5, 0.0], std=[0.1, 0.2])
    one, other = (fog.Model(m, [ENCODER], start) for m in (motion, by_hand))
    log, _ = fog.simulate(one, 50, 0.1, seed=3)
    for method in (fog.EKF(), fog.UKF()):
        runs = [fog.run(model, log, method=method) for model in (one, other)]
        assert np.array_equal(runs[0].filtered.mean, runs[1].filtered.mean)
        assert np.array_equal(runs[0].filtered.cov, runs[1].filtered.cov)


def linear(A: Any, W: Any, named: bool, **options: Any) -> fog.Motion:
    """A linear motion, with A of numbers or of parameters."""
    A, n = np.array(A, dtype=float), len(A)
    state = tuple(f"x{i}" for i in range(n))
    params = {f"a{i}{j}": A[i, j] for i in range(n) for j in range(n) if A[i, j]} if named else {}

    def drift(x: Any, p: Any) -> Any:
        return [sum([getattr(p, f"a{i}{j}", 0.0) * x[j] for j in range(n) if A[i, j]], 0.0) for i in range(n)]

    return fog.Motion.continuous(
        state, drift if named else lambda x, p: A @ x, lambda x, p: W, params=params, **options
    )


LINEAR = {
    "Ornstein-Uhlenbeck": ([[-2.0]], [[3.0]], 1.5),
    "constant acceleration": (np.diag([1.0, 1.0], k=1), np.diag([0.0, 0.0, 0.5]), None),
    "damped oscillator": ([[0.0, 1.0], [-4.0, -0.4]], np.diag([0.0, 0.3]), 2.0),
    "correlated noise": ([[-1.0, 0.2, 0.0], [0.5, -0.3, 0.7], [0.0, -0.9, -0.1]], None, 2.0),
}


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("dt", [1e-3, 0.3, 1.5])
@pytest.mark.parametrize("which", LINEAR)
def test_a_linear_drift_is_discretised_exactly(which: str, dt: float, named: bool) -> None:
    A, W, longest = LINEAR[which]
    A = np.array(A)
    n = len(A)
    B = np.array([[1.0, 0.2], [0.3, 0.8], [-0.5, 0.4]])
    W = B @ B.T if W is None else np.array(W)
    motion = linear(A, W, named, longest_step=longest)
    assert motion.integration is not None and motion.integration.substeps == 0
    assert motion.integration.longest_step == (longest or math.inf)
    Phi, P = van_loan(A, W, dt)
    F = np.array([step(motion, e, dt)[0] for e in np.eye(n)]).T
    Q = step(motion, np.ones(n), dt)[1]
    assert np.abs(F - Phi).max() < 1e-13
    spread = np.sqrt(np.diag(Q))
    assert np.abs((Q - P) / np.outer(spread, spread)).max() < 1e-13
    assert np.linalg.eigvalsh(Q / np.outer(spread, spread)).min() > 0.0


@pytest.mark.parametrize(
    ("ready_made", "drift", "density"),
    [
        (
            fog.motion.constant_velocity(("x", "y"), accel=0.4),
            lambda x, p: [x.x_speed, x.y_speed, 0.0, 0.0],
            [0.0, 0.0, 0.16, 0.16],
        ),
        (fog.motion.ornstein_uhlenbeck(("x",), tau=2.0, std=3.0, mean=1.0), lambda x, p: [(1.0 - x.x) / 2.0], [9.0]),
        (
            fog.motion.sway("x", tau=0.5, std=0.2, mean=5.0),
            lambda x, p: [x.x_speed, -4.0 * (x.x - 5.0) - 4.0 * x.x_speed],
            [0.0, 4.0 * 0.04 / 0.5**3],
        ),
    ],
)  # fmt: skip
def test_ready_made_motions_from_their_drifts(ready_made: fog.Motion, drift: Any, density: Any) -> None:
    made = fog.Motion.continuous(ready_made.state, drift, lambda x, p: np.diag(density), longest_step=0.7)
    x = 0.3 + np.arange(len(made.state))
    for found, expected in zip(step(made, x, 0.6), step(ready_made, x, 0.6), strict=True):
        assert found == pytest.approx(expected, rel=1e-13, abs=1e-15)


def test_a_drift_that_is_linear_for_each_control() -> None:
    """A turn at a measured rate: the control multiplies the state, and the step is a rotation."""
    motion = fog.Motion.continuous(
        ("east", "north"),
        lambda x, p, u: [-u.rate * x.north, u.rate * x.east],
        lambda x, p, u: np.diag([p.walk, p.walk]),
        params={"walk": 0.1},
        controls=("rate",),
        longest_step=0.5,
    )
    mean, Q = step(motion, (3.0, 1.0), 0.5, Vector(("rate",), [np.float64(1.4)]))
    c, s = math.cos(0.7), math.sin(0.7)
    assert mean == pytest.approx([3.0 * c - s, 3.0 * s + c], rel=1e-14)
    assert Q == pytest.approx(0.05 * np.eye(2), abs=1e-16)
    too_fast, _ = step(motion, (3.0, 1.0), 0.5, Vector(("rate",), [np.float64(1e4)]))
    assert np.isnan(too_fast).all()


def test_a_drift_that_changes_over_time() -> None:
    """dx/dt = -x + cos 3t, from the time of the row before to that of the row."""
    motion = fog.Motion.continuous(
        ("x",), lambda x, t: [-x.x + np.cos(3.0 * t)], lambda p: [[0.2]], longest_step=0.2
    )
    dt, t = 0.2, 0.9

    def settled(t: float) -> float:
        return (math.cos(3 * t) + 3 * math.sin(3 * t)) / 10

    mean, Q = step(motion, (2.0,), dt, Vector(("t",), [np.float64(t)]))
    exact = settled(t) + (2.0 - settled(t - dt)) * math.exp(-dt)
    assert mean == pytest.approx([exact], rel=1e-8 * dt) and mean != [exact]
    assert Q == pytest.approx(np.array([[0.1 * -math.expm1(-2 * dt)]]), rel=1e-8)


def test_noise_that_depends_on_the_state_follows_it_through_the_step() -> None:
    """dx = -x dt + √(0.3 x) dw: linear in the mean, but W changes on the way."""
    motion = fog.Motion.continuous(
        ("x",), lambda x, p: [-x.x], lambda x, p: [[0.3 * x.x]], longest_step=0.5, around=[2.0]
    )
    mean, Q = step(motion, (2.0,), 0.5)
    assert motion.integration is not None and motion.integration.substeps > 1
    assert mean == pytest.approx([2.0 * math.exp(-0.5)], rel=1e-8)
    exact = 0.3 * 2.0 * math.exp(-0.5) * -math.expm1(-0.5)  # ∫ e^(-2 (T - s)) 0.3 x(s) ds
    assert Q == pytest.approx(np.array([[exact]]), rel=1e-8)


@pytest.mark.parametrize("curved", [False, True])
def test_units_that_are_powers_of_two_change_no_digit(curved: bool) -> None:
    scale = np.array([2.0**9, 2.0**-4])

    def made(s: NDArray[Any]) -> fog.Motion:
        def drift(x: Any, p: Any) -> list[Any]:
            angle, rate = x[0] / s[0], x[1] / s[1]
            return [rate * s[0], (-3.0 * (np.sin(angle) if curved else angle) - 0.3 * rate) * s[1]]

        return fog.Motion.continuous(
            SWING,
            drift,
            lambda x, p: np.diag([0.0, 0.04 * s[1] ** 2]),
            longest_step=0.3,
            around=[0.4, 0.2] * s,
        )

    plain, scaled = made(np.ones(2)), made(scale)
    assert plain.integration is not None and scaled.integration is not None
    assert plain.integration.substeps == scaled.integration.substeps
    mean, Q = step(plain, [0.7, -0.1], 0.25)
    other, other_Q = step(scaled, scale * [0.7, -0.1], 0.25)
    assert np.array_equal(scale * mean, other)
    assert np.array_equal(np.outer(scale, scale) * Q, other_Q)


def test_the_number_of_substeps_follows_the_tolerance_and_is_reported() -> None:
    counts = []
    for tolerance in (1e-4, 1e-6, 1e-8):
        chosen = pendulum(tolerance=tolerance).integration
        assert chosen is not None and chosen.error <= tolerance
        fewer = pendulum(substeps=chosen.substeps - 1).integration
        assert fewer is not None and fewer.error > tolerance
        counts.append(chosen.substeps)
    assert counts == sorted(counts) and counts[-1] == pytest.approx(counts[0] * 10, rel=0.6)
    x, _ = finely((1.2, 0.5), 0.1, 2000)
    motion = pendulum(substeps=2)
    assert motion.integration is not None
    assert np.abs(step(motion, (1.2, 0.5), 0.1)[0] - x).max() < 2.0 * 0.1 * motion.integration.error
    assert repr(pendulum()) == (
        "Motion(angle, rate; friction=0.1; shake=0.2; 16 substeps for steps of up to 0.1 s, error 9e-09 per second)"
    )
    assert "exact for steps of up to 2 s" in repr(linear([[-1.0]], [[1.0]], False, longest_step=2.0))


def test_around_a_belief_the_states_near_it_count() -> None:
    """A drift that is flat where nothing is, and bends a standard deviation away."""

    def made(around: Any) -> Any:
        motion = fog.Motion.continuous(
            ("a", "b"), lambda x, p: [x.b, -(x.a**3)], lambda x, p: np.eye(2), longest_step=0.2, around=around
        )
        assert motion.integration is not None
        return motion.integration.substeps

    near, far = fog.Belief([0.0, 0.0], std=[0.1, 1.0]), fog.Belief([0.0, 0.0], std=[3.0, 1.0])
    assert made(None) <= made(near) < made(far) == made([[0.0, 0.0], [3.0, 0.0], [0.0, 1.0]])
    unknown = fog.Belief([3.0, 0.0], std=[np.inf, 1.0])
    assert made(unknown) >= made([3.0, 0.0])


def test_around_controls() -> None:
    """A gyroscope with a bias: the faster it turns, the more substeps."""

    def made(around: Any) -> int:
        motion = fog.Motion.continuous(
            ("c", "s", "bias"),
            lambda x, u: [-(u.rate - x.bias) * x.s, (u.rate - x.bias) * x.c, 0.0],
            lambda x, u: 1e-4 * np.eye(3),
            controls=("rate",),
            longest_step=0.1,
            around=around,
        )
        assert motion.integration is not None
        return motion.integration.substeps

    start = [1.0, 0.0, 0.0]
    assert made(start) == made([*start, 1.0]) < made([[*start, 0.0], [*start, 4.0]])
    with pytest.raises(fog.ModelError, match=r"or 4 values, of c, s, bias, rate"):
        made([*start, 1.0, 2.0])


def settling(**options: Any) -> fog.Motion:
    """Without noise, so that no row is refused for what a parameter does."""
    return fog.Motion.continuous(
        ("a",), lambda x, p: [-p.k * np.tanh(x.a)], lambda x, p: [[0.0]], params={"k": 1.0}, longest_step=0.1,
        around=[1.0], **options,
    )  # fmt: skip


@pytest.mark.parametrize("beside", [False, True])
def test_parameters_that_make_a_drift_stiff_are_refused(beside: bool) -> None:
    sensor, start = fog.sensing.linear("s", of="a", std=0.1), fog.Belief([1.0], std=[0.1])

    def model(motion: fog.Motion) -> fog.Model:
        if not beside:
            return fog.Model(motion, [sensor], start)
        slow = fog.Motion.continuous(
            ("b",), lambda x, p: [-p.c * np.sin(x.b)], lambda x: [[0.1]], params={"c": 1.0}, longest_step=0.05
        )
        return fog.Model(motion.with_states(slow), [sensor], fog.Belief([1.0, 0.0], std=[0.1, 0.1]))

    one = model(settling())
    slower = one.with_parameters({"k": 0.3}).with_parameters({"k": 3.0})
    for other, k, message in (
        (
            one,
            30.0,
            r"k = 30: the drift is stiff, too fast for the \d+ substeps .* 1e-08, its tolerance\. Make",
        ),
        (slower, 30.0, r"k = 30: the drift is stiff, too fast"),
        (
            one,
            1e4,
            r"k = 10000: substeps = \d+: the drift is stiff\. Its fastest part changes within .* 0\.1 s",
        ),
        (model(settling(substeps=1)), 100.0, r"k = 100: substeps = 1: the drift is stiff"),
    ):
        with pytest.raises(fog.ModelError, match=message):
            other.with_parameters({"k": k})
    assert model(settling(substeps=1)).with_parameters({"k": 20.0}).parameters["motion.k"] == 20.0


def test_an_error_of_half_the_digits_is_refused() -> None:
    """The estimate is that of a motion made with these parameters, and as many substeps."""
    one = settling(tolerance=1e-6)
    assert one.integration is not None
    start = fog.Belief([1.0], std=[0.1])
    model = fog.Model(one, [fog.sensing.linear("s", of="a", std=0.1)], start)
    seen = set()
    for k in np.geomspace(2.0, 30.0, 12):
        made = fog.Motion.continuous(
            ("a",), lambda x, p: [-p.k * np.tanh(x.a)], lambda x, p: [[0.0]], params={"k": k}, longest_step=0.1,
            around=[1.0], substeps=one.integration.substeps,
        )  # fmt: skip
        refused = made.integration is not None and made.integration.error > 1e-3
        seen.add(refused)
        if refused:
            with pytest.raises(fog.ModelError, match="expected about 1e-06, its tolerance"):
                model.with_parameters({"k": k})
        else:
            model.with_parameters({"k": k})
    assert seen == {False, True}


def test_with_states_and_explain_say_how_it_is_integrated() -> None:
    both = pendulum().with_states(fog.motion.random_walk("bias", std=[0.01]))
    assert both.integration == pendulum().integration
    model = fog.Model(pendulum(), [ENCODER], None)
    assert "  in continuous time: 16 substeps for steps of up to 0.1 s" in str(fog.explain(model))
    moved = model.with_parameters({"shake": 0.5}).motion
    assert moved.integration == pendulum().integration and moved.params["shake"] == 0.5


@pytest.mark.campaign
def test_a_motion_that_wraps_one_by_hand_is_told_how() -> None:
    inner, start = pendulum(), fog.Belief([0.5, 0.0], std=[0.1, 0.2])

    def wrapped(**options: Any) -> fog.Model:
        motion = fog.Motion(
            SWING,
            lambda x, dt, p: inner.dynamics(x, dt, p),
            inner.noise,
            params=PARAMS,
            angles=SWING[:1],
            **options,
        )
        return fog.Model(motion, [ENCODER], start)

    with pytest.raises(
        fog.ModelError, match=r"motion\.dynamics: angle = nan .* dt = 1 s: expected at most longest_step = 0\.1 s\. "
        r"In a fog\.Motion that calls another one, write integration=other\.integration"
    ):  # fmt: skip
        wrapped()
    log = fog.Log.regular([0.5, 0.49, 0.46], dt=0.1)
    found, plain = (
        fog.run(wrapped(integration=inner.integration), log),
        fog.run(fog.Model(inner, [ENCODER], start), log),
    )
    np.testing.assert_array_equal(found.filtered.mean, plain.filtered.mean)
    with pytest.raises(
        fog.NumericalError, match=r"expected at most longest_step = 0\.1 s, for which the motion"
    ):
        fog.run(wrapped(integration=inner.integration), fog.Log.regular([0.5, 0.4], dt=0.3))


def made(**changes: Any) -> Callable[[], fog.Motion]:
    given: dict[str, Any] = {"drift": swing, "noise_density": shaken, "params": PARAMS, "longest_step": 0.1}
    return lambda: fog.Motion.continuous(SWING, **(given | changes))


STIFF = {"drift": lambda x, p: [x.rate, -1e5 * np.sinh(x.rate)]}
FAULTS = {
    "too few values": (made(drift=lambda x, p: [x.rate]), r"drift returned shape \(1,\)"),
    "a vector for a covariance": (
        made(noise_density=lambda x, p: [0.0, 0.1]),
        r"expected a covariance of shape \(2, 2\)",
    ),
    "a full matrix of parameters": (
        made(noise_density=lambda x, p: [[p.shake, 0.1], [0.1, p.shake]]),
        r"noise_density\[0,1\] depends on a state.*fog.noise.factored",
    ),
    "an indefinite matrix": (made(noise_density=lambda x, p: [[1.0, 2.0], [2.0, 1.0]]), "noise_density"),
    "a negative variance": (made(noise_density=lambda x, p: np.diag([0.0, -1.0])), "variance per second of -1"),
    "not finite": (
        made(drift=lambda x, p: [x.rate, 1.0 / x.angle]),
        r"drift \[rate\] = inf at angle = 0, rate = 0: .*around=start",
    ),
    "a table that starts beyond": (
        made(drift=lambda x, p: [x.rate, -fog.table([1.0, 2.0], [1.0, 4.0], name="drag")(x.rate)]),
        r"drift \[rate\] = nan at angle = 0, rate = 0: .*drag was called with x = 0: expected 1 to 2.*around=start",
    ),
    "a slope that is not finite": (
        made(drift=lambda x, p: [x.rate, np.sqrt(x.angle)]),
        r"the derivative of drift \[rate, angle\] = (inf|nan)",
    ),
    "no longest step": (made(longest_step=None), "longest_step = None: .*Write longest_step=0.1"),
    "a step of zero": (made(longest_step=0.0), "longest_step = 0.0: expected a time > 0"),
    "stiff": (made(**STIFF), "stiff. Its fastest part changes within 1e-05 s.* 4000 substeps"),
    "stiff, with a number of substeps": (made(**STIFF, substeps=100), "substeps = 100: the drift is stiff.*4000"),
    "too long for the tolerance": (
        made(longest_step=1.0),
        "longest_step = 1 s: an error of 1e-08 per second needs 156 substeps.*tolerance=1e-06",
    ),
    "a tolerance of zero": (made(tolerance=0.0), "tolerance = 0.0: expected an error > 0"),
    "a pole on the way": (
        made(drift=lambda x, p: [x.rate, np.exp(np.exp(400.0 * x.angle))], around=[0.01, 100.0]),
        "longest_step = 0.1 s: the drift is (not finite on the way|stiff)",
    ),
    "a shared parameter without a value": (
        made(params={"friction": 0.1, "shake": fog.shared("beam.shake")}),
        r"params\['shake'\] is shared.*expected it here, too",
    ),
    "no substeps": (made(substeps=0), "substeps = 0: expected a whole number >= 1"),
    "substeps where it is exact": (
        made(drift=lambda x, p: [x.rate, 0.0], substeps=3),
        "substeps = 3: expected none: this drift is linear",
    ),
    "around other states": (made(around=[1.0, 2.0, 3.0]), r"around has shape \(3,\).*angle, rate"),
    "opaque": (made(drift=fog.opaque(swing)), "drift = .*can be traced"),
    "not a function": (made(noise_density=np.eye(2)), "(?s)noise_density = .*expected a function"),
    "math": (made(drift=lambda x, p: [x.rate, math.sin(x.angle)]), "Write np.sin instead"),
    "an unknown state": (made(drift=lambda x, p: [x.speed, 0.0]), "there is no state 'speed'"),
    "an error of its own": (made(drift=lambda x, p: [x.rate, {}["a"]]), "drift raised KeyError: 'a'"),
    "undeclared controls": (made(drift=lambda x, p, u: [x.rate, u.torque]), "controls"),
}  # fmt: skip


@pytest.mark.parametrize("which", FAULTS)
def test_what_is_refused(which: str) -> None:
    make, message = FAULTS[which]
    with pytest.raises(fog.ModelError, match=message):
        make()
