"""Models with rotations: against 50 digits by hand, angles, and small angles; and the same bits everywhere."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from mpmath import mpf
from numpy.typing import NDArray

import foglight as fog
from agreement import flights, generated_c
from foglight.compiler.backends.interpreter import InterpretedEngine
from foglight.compiler.backends.llvm_engine import CompiledEngine, LlvmBackend
from foglight.compiler.engine.reference import ReferenceEngine
from foglight.compiler.kernels.filter import filter_recipe
from foglight.compiler.recipe import traced
from foglight.diagnostics.truth import errors_from
from foglight.inference.prepare import prepare
from foglight.model.charts import Charts

METHODS = [fog.EKF(), fog.EKF(iterations=3), fog.EKF(form="joseph"), fog.UKF(), fog.CKF()]
ONE_AND_MORE = [METHODS[0], *(pytest.param(method, marks=pytest.mark.campaign) for method in METHODS[1:])]


# In 50 digits, by hand: Solà 2017, "Quaternion kinematics for the error-state Kalman filter".


def product(p: list[Any], q: list[Any]) -> list[Any]:
    (a, b), (c, d) = (p[0], mp.matrix(p[1:])), (q[0], mp.matrix(q[1:]))
    cross = skew(b) * d
    scalar = a * c - (b.T * d)[0]
    return [scalar, *(a * d + c * b + cross)]


def skew(v: Any) -> Any:
    x, y, z = v
    return mp.matrix([[0, -z, y], [z, 0, -x], [-y, x, 0]])


def turn(v: Any) -> list[Any]:
    angle = mp.sqrt(sum(c * c for c in v))
    if angle == 0:
        return [mpf(1), mpf(0), mpf(0), mpf(0)]
    return [mp.cos(angle / 2), *[mp.sin(angle / 2) * c / angle for c in v]]


def matrix(q: list[Any]) -> Any:
    w, v = q[0], mp.matrix(q[1:])
    return (w * w - (v.T * v)[0]) * mp.eye(3) + 2 * v * v.T + 2 * w * skew(v)


def right(v: Any) -> Any:
    """The right Jacobian of the exponential: exp(v + e) = exp(v) exp(J e), eq. 183."""
    angle = mp.sqrt(sum(c * c for c in v))
    S = skew(v)
    if angle == 0:
        return mp.eye(3)
    return mp.eye(3) - (1 - mp.cos(angle)) / angle**2 * S + (angle - mp.sin(angle)) / angle**3 * S * S


def by_hand(u: NDArray[Any], z: NDArray[Any], dt: float, std: float) -> tuple[Any, Any]:
    """One prediction and one update with the accelerometer, in perturbations: the mean (7,) and P (6, 6)."""
    x = [mpf(v) for v in flights.START]
    length = mp.sqrt(sum(c * c for c in x[:4]))
    q, b = [c / length for c in x[:4]], mp.matrix(x[4:])
    P = mp.diag([mpf(s) ** 2 for s in [0.3] * 3 + [0.05] * 3])
    step = mpf(dt) * (mp.matrix([mpf(c) for c in u]) - b)
    F = mp.eye(6)
    F[:3, :3] = matrix(turn(step)).T  # δθ' = R(step)ᵀ δθ - J(step) dt δb
    F[:3, 3:] = -mpf(dt) * right(step)
    q = product(q, turn(step))
    P = F * P * F.T + mp.diag([mpf(dt) * mpf(0.02) ** 2] * 3 + [mpf(dt) * mpf(0.002) ** 2] * 3)
    R = matrix(q)
    seen = R.T * mp.matrix(flights.UP)
    H = mp.zeros(3, 6)
    H[:, :3] = skew(seen)  # (R exp(δθ))ᵀ g = seen - δθ × seen
    S = H * P * H.T + mpf(std) ** 2 * mp.eye(3)
    K = P * H.T * S**-1
    delta = K * (mp.matrix([mpf(c) for c in z]) - seen)
    P = (mp.eye(6) - K * H) * P
    J = mp.eye(6)
    J[:3, :3] = right(delta[:3])  # from the tangent at the prediction to that at the mean
    return [*product(q, turn(delta[:3])), *(b + mp.matrix(delta[3:]))], J * P * J.T


@pytest.mark.parametrize("form", ["ud", "joseph"])
def test_a_step_is_the_one_by_hand_in_fifty_digits(form: str) -> None:
    moving, std, dt = flights.motion(), 0.05, 0.2
    start = moving.belief(flights.START, std=[0.3] * 3 + [0.05] * 3)
    model = fog.Model(moving, [flights.sensor("accelerometer", flights.UP, std)], start)
    u, z = np.array([0.7, -0.4, 0.9]), np.array([0.35, 0.6, 0.55])
    log = fog.Log.from_arrays([0.0, dt], accelerometer=[[np.nan] * 3, z], u=[u, u])
    found = fog.run(model, log, method=fog.EKF() if form == "ud" else fog.EKF(form=form)).filtered
    with mp.workdps(50):
        mean, P = by_hand(u, z, dt, std)
        sign = 1 if mean[0] * mpf(float(found.mean[1, 0])) > 0 else -1
        off = max(abs(sign * m - mpf(float(f))) for m, f in zip(mean[:4], found.mean[1, :4], strict=True))
        off = max(off, *(abs(m - mpf(float(f))) for m, f in zip(mean[4:], found.mean[1, 4:], strict=True)))
        of_P = max(
            abs(P[i, j] - mpf(float(found.cov[1, i, j]))) / mp.sqrt(P[i, i] * P[j, j])
            for i in range(6)
            for j in range(6)
        )
    assert off < 1e-13
    assert of_P < 1e-13


def test_a_covariance_that_is_left_in_the_old_tangent_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        Charts, "turned", lambda self, x, anchor: np.broadcast_to(np.eye(6), (*x.shape[:-1], 6, 6))
    )
    with pytest.raises(AssertionError):
        test_a_step_is_the_one_by_hand_in_fifty_digits("ud")


def test_a_rotation_of_the_plane_is_an_angle() -> None:
    """The same filter with a heading, and with its cosine and sine: a boat that knows its speed."""

    def noise(x: Any, dt: Any, p: Any) -> Any:
        return fog.noise.independent([0.01 * dt, 0.01 * dt, 0.04 * dt, 0.02 * dt])

    angle = fog.Motion(
        ("x", "y", "heading", "rate"),
        lambda x, dt, p: [
            x.x + 2.0 * dt * np.cos(x.heading),
            x.y + 2.0 * dt * np.sin(x.heading),
            x.heading + dt * x.rate,
            x.rate,
        ],
        noise,
        angles=("heading",),
    )

    def turned(x: Any, dt: Any, p: Any) -> list[Any]:
        c, s = np.cos(dt * x.rate), np.sin(dt * x.rate)
        return [x.x + 2.0 * dt * x.c, x.y + 2.0 * dt * x.s, x.c * c - x.s * s, x.s * c + x.c * s, x.rate]

    plane = fog.Motion(("x", "y", "c", "s", "rate"), turned, noise, rotations={"heading": ("c", "s")})
    assert plane.state == ("x", "y", "heading_turn", "rate")
    std = [1.0, 1.0, 0.5, 0.2]
    gps = fog.sensing.linear("gps", of=("x", "y"), std=0.5)
    one = fog.Model(angle, [gps], angle.belief([0.0, 0.0, 2.9, 0.3], std=std))
    other = fog.Model(plane, [gps], plane.belief([0.0, 0.0, np.cos(2.9), np.sin(2.9), 0.3], std=std))
    log, _ = fog.simulate(one, 60, 0.5, seed=2)
    for method in METHODS[:3]:
        a, b = fog.run(one, log, method=method), fog.run(other, log, method=method)
        heading = np.arctan2(b.filtered.mean[:, 3], b.filtered.mean[:, 2])
        apart = np.abs(np.angle(np.exp(1j * (a.filtered.mean[:, 2] - heading))))
        assert apart.max() < 1e-14
        off = (b.filtered.mean[:, [0, 1, 4]] - a.filtered.mean[:, [0, 1, 3]]) / a.filtered.std[:, [0, 1, 3]]
        assert np.abs(off).max() < 1e-14
        scale = a.filtered.std[:, :, None] * a.filtered.std[:, None, :]
        assert (np.abs(b.filtered.cov - a.filtered.cov) / scale).max() < 1e-14
        assert b.loglik == pytest.approx(a.loglik, abs=1e-10)


def test_tiny_rotations_are_small_angles() -> None:
    """Against the additive model of rotation vectors, φ' = φ + dt ω, which is right to first order: a tenth of the
    rotations, a hundredth of the difference."""

    def additive(size: float) -> fog.Model:
        moving = fog.Motion(
            ("a", "b", "c"),
            lambda x, dt, p, u: [v + dt * r for v, r in zip(x, u, strict=True)],
            lambda x, dt, p, u: fog.noise.independent([dt * (0.02 * size) ** 2] * 3),
            controls=("rx", "ry", "rz"),
        )
        sensors = [
            fog.Sensor(
                name,
                ("x", "y", "z"),
                lambda x, p, along=along: np.array(along) + np.cross(along, x[:]),
                lambda x, p: fog.noise.independent([(0.05 * size) ** 2] * 3),
            )
            for name, along in (("up", flights.UP), ("north", flights.NORTH))
        ]
        return fog.Model(moving, sensors, moving.belief([0.0] * 3, std=[size] * 3))

    def rotated(size: float) -> fog.Model:
        moving = fog.Motion(
            flights.QUATERNION,
            lambda x, dt, p, u: list(fog.rotation.integrate(x, u[:], dt)),
            lambda x, dt, p, u: fog.noise.independent([dt * (0.02 * size) ** 2] * 3),
            controls=("rx", "ry", "rz"),
            rotations={"attitude": flights.QUATERNION},
        )
        sensors = [
            flights.sensor(name, along, 0.05 * size)
            for name, along in (("up", flights.UP), ("north", flights.NORTH))
        ]
        return fog.Model(moving, sensors, moving.belief([1.0, 0.0, 0.0, 0.0], std=[size] * 3))

    apart = []
    for size in (1e-2, 1e-3):
        log, _ = fog.simulate(rotated(size), 50, 0.1, seed=3, u=size * flights.rates(50))
        one, other = fog.run(additive(size), log), fog.run(rotated(size), log)
        apart.append(np.abs(one.filtered.mean - fog.rotation.log(other.filtered.mean)).max())
    assert apart[0] < 0.05 * 1e-2
    assert 50.0 < apart[0] / apart[1] < 200.0


@pytest.mark.parametrize("method", ONE_AND_MORE, ids=repr)
def test_smoothing_draws_forecasts_and_live_agree(method: Any) -> None:
    """One model through every verb: what each of them says about the others."""
    model = flights.flight()
    log, truth = flights.simulated(model, 60, seed=5)
    run = fog.run(model, log, method=method)
    assert np.abs(np.linalg.norm(run.filtered.mean[:, :4], axis=1) - 1.0).max() < 4e-16
    smoothed = fog.smooth(run)
    assert smoothed.mean[-1].tolist() == run.filtered.mean[-1].tolist()
    errors = errors_from(smoothed, model, truth)
    assert np.mean(errors.nees) < 2.0 * 6
    live = fog.online(model, method=method, lag=10.0)
    for k, stamp in enumerate(log.time_ns / 1e9):
        z = [v for sensor in model.sensors for v in _reading(log, sensor)[k]]
        belief, _ = live.step(stamp, None, z, u=flights.rates(60)[k])
    assert belief.mean.tolist() == run.filtered.mean[-1].tolist()
    assert np.array_equal(belief.cov, run.belief.cov)
    np.testing.assert_allclose(live.smoothed(log.time_ns[20] / 1e9).mean, smoothed.mean[20], atol=1e-14)
    ahead = fog.forecast(run, steps=2, u=flights.rates(62)[60:])
    assert np.abs(np.linalg.norm(ahead.state.mean[:, :4], axis=1) - 1.0).max() < 4e-16


def _reading(log: fog.Log, sensor: fog.Sensor) -> NDArray[Any]:
    return np.hstack([log.blocks[f"{sensor.name}.{name}"] for name in sensor.measures])


def level() -> fog.Model:
    """The direction of gravity, which tilts slowly, seen from two sides."""
    motion = fog.Motion(
        ("ux", "uy", "uz"),
        lambda x, dt, p: list(x),
        lambda x, dt, p: fog.noise.independent([1e-3 * dt] * 2),
        unit_vectors={"up": ("ux", "uy", "uz")},
    )
    sides = fog.Sensor(
        "sides", ("x", "y"), lambda x, p: [x.ux, x.uy], lambda x, p: fog.noise.independent([1e-2] * 2)
    )
    return fog.Model(motion, [sides], motion.belief([0.3, 0.2, 1.0], std=[0.5, 0.5]))


def test_a_late_reading_and_a_saved_filter(tmp_path: Path) -> None:
    model = level()
    log, _ = fog.simulate(model, 12, 0.5, seed=1)
    z = np.hstack([log.blocks[name] for name in model.components])
    live = fog.online(model, history=10.0)
    for k in (0, 1, 2, 4, 5, 3, *range(6, 11)):
        live.step(0.5 * k, "sides", z[k])
    live.save(tmp_path / "level.fog")
    again = fog.restore(tmp_path / "level.fog", model)
    belief, _ = again.step(5.5, "sides", z[11])
    assert belief == fog.run(model, log).belief


@pytest.mark.parametrize(
    "model, method, arrays",
    [
        (level, fog.EKF(), False),
        pytest.param(level, fog.UKF(), False, marks=pytest.mark.campaign),
        pytest.param(flights.flight, fog.EKF(), False, marks=pytest.mark.campaign),
        pytest.param(flights.flight, fog.EKF(), True, marks=pytest.mark.campaign),
        pytest.param(flights.flight, fog.UKF(), False, marks=pytest.mark.campaign),
        pytest.param(flights.flight, fog.UKF(), True, marks=pytest.mark.campaign),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_same_bits_on_every_backend(
    model: Callable[[], fog.Model], method: Any, arrays: bool, tmp_path: Path
) -> None:
    made = model()
    u = flights.rates(12) if made.controls else None
    log, _ = fog.simulate(made, 12, 0.05, seed=7, u=u, missing=0.2)
    given = prepare(made, log, method, None)
    kernel = traced(filter_recipe(made, method), arrays=arrays)
    expected = InterpretedEngine(kernel).run(given)
    engines: list[Any] = [LlvmBackend().engine(kernel, brief=True)]
    if not arrays:
        generated_c.need_gcc()
        engines += [CompiledEngine(kernel, 4, effort=0)]
        engines += [generated_c.Compiled(kernel, tmp_path, generated_c.FLAGS["gcc -O0"])]
    for engine in engines:
        for found, same in zip(engine.run(given), expected, strict=True):
            assert np.array_equal(found, same, equal_nan=True)


@pytest.mark.campaign
def test_the_equations_on_floats_agree() -> None:
    log, _ = flights.simulated(flights.flight(), 5, seed=8)
    for method in (fog.EKF(), fog.UKF()):
        model = flights.flight()
        compiled = fog.run(model, log, method=method)
        engine = ReferenceEngine(filter_recipe(model, method), "it is a test")
        with pytest.warns(fog.FoglightWarning, match="row by row in Python"):
            records = engine.run(prepare(model, log, method, None))[1][0]
        mean = fog.rotation.multiply(records[:, 27:31], fog.rotation.exp(records[:, :3]))
        np.testing.assert_allclose(mean, compiled.filtered.mean[:, :4], atol=1e-13)
        np.testing.assert_allclose(records[:, 3:6], compiled.filtered.mean[:, 4:], atol=1e-13)


@pytest.mark.campaign
def test_opaque_functions_turn_as_well() -> None:
    """By central differences, which are right to some digits."""
    model = flights.flight()
    log, _ = flights.simulated(model, 15, seed=8)
    moving = flights.motion()
    hidden = fog.Motion(
        flights.STATE,
        fog.opaque(lambda x, dt, p, u: list(moving.dynamics(x, dt, p, u))),
        moving.noise,
        params=dict(moving.params),
        controls=moving.controls,
        rotations={"attitude": flights.QUATERNION},
    )
    opaque = fog.Model(hidden, model.sensors, model.start)
    for method in (fog.EKF(), fog.UKF()):
        known, found = fog.run(model, log, method=method), fog.run(opaque, log, method=method)
        np.testing.assert_allclose(found.filtered.mean, known.filtered.mean, atol=1e-6)
        np.testing.assert_allclose(found.filtered.std, known.filtered.std, rtol=1e-5)
