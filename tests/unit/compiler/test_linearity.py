"""What counts as linear and Gaussian: the functions are linear in the state, and the noises the same for all states."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import foglight as fog

LOG = fog.Log.regular([[0.3], [0.4], [0.9]], dt=0.1)
START = fog.Belief([0.5, 1.0], cov=[[1.0, 0.2], [0.2, 0.5]])


def model(noise: Any = None, process: Any = None, **changes: Any) -> fog.Model:
    motion = fog.Motion(
        ("gap", "speed"), lambda x, dt, p, u: [x.gap + dt * x.speed, x.speed + u.push],
        process or (lambda x, dt, p, u: fog.noise.white_acceleration(dt, psd=p.accel)),
        params={"accel": 0.4}, controls=("push",),
    )  # fmt: skip
    sensor = fog.Sensor(
        "s", ("z",), lambda x, p, u: [x.gap], noise or (lambda x, p, u: [[p.std**2]]),
        params={"std": 0.5}, controls=("push",),
    )  # fmt: skip
    return fog.Model(motion, [sensor], START, **changes)


def run(model: fog.Model, method: Any) -> fog.Run:
    log = fog.Log.from_arrays([0.0, 0.1, 0.3], s=[0.3, 0.4, 0.9], u=[[0.1], [0.2], [-0.1]])
    return fog.run(model, log, method)


DEPEND: list[tuple[str, Callable[..., Any], str]] = [
    ("s.noise", lambda x, p, u: [[p.std**2 + x.gap**2]], "x.gap**2"),
    ("s.noise", lambda x, p, u: [[np.exp(x.speed)]], "np.exp(x.speed)"),
    ("s.noise", lambda x, p, u: [[np.where(x.gap > 9.0, 1.0, 4.0)]], "x.gap > 9.0"),
    ("s.noise", lambda x, p, u: [[x.speed]], "speed"),
    ("s.noise", lambda x, p, u: fog.noise.factored([[1.0, x.speed / 3.0]], [0.1, 0.2]), "x.speed / 3.0"),
    ("s.noise", lambda x, p, u: fog.noise.factored([[1.0]], [0.1 + x.gap * x.gap]), "x.gap * x.gap"),
    ("motion.noise", lambda x, dt, p, u: np.diag([dt, dt * x.speed**2]), "x.speed**2"),
    ("motion.noise", lambda x, dt, p, u: fog.noise.factored([[dt], [1.0]], [np.abs(x.gap)]), "np.abs(x.gap)"),
]


@pytest.mark.parametrize("what, noise, words", DEPEND, ids=[f"{what}: {words}" for what, _, words in DEPEND])
def test_kf_refuses_a_noise_that_depends_on_the_state(what: str, noise: Any, words: str) -> None:
    wrong = model(noise) if what == "s.noise" else model(process=noise)
    for method in (fog.KF(), fog.KF(form="joseph"), fog.KF(gate=0.99)):
        with pytest.raises(
            fog.ModelError, match=f"{what} depends on the state: .*KF.. needs a noise that is the same"
        ) as e:
            run(wrong, method)
        assert e.value.field == what and words in str(e.value)
    with pytest.raises(fog.ModelError, match=f"{what} depends on the state"):
        fog.online(wrong, fog.KF(), start_time=0.0)
    assert np.isfinite(run(wrong, fog.EKF()).loglik)  # which evaluates it at the mean


@pytest.mark.parametrize("what", ["s.noise", "motion.noise"])
def test_an_opaque_noise_cannot_be_checked(what: str) -> None:
    constant = fog.opaque(lambda *arguments: [[0.3]] if len(arguments) == 3 else [[0.3, 0.1], [0.1, 0.2]])
    wrong = model(constant) if what == "s.noise" else model(process=constant)
    with pytest.raises(
        fog.ModelError, match=f"{what} is opaque: whether it depends on the state cannot be checked"
    ) as e:
        run(wrong, fog.KF())
    assert e.value.field == what
    assert np.isfinite(run(wrong, fog.EKF()).loglik)


def test_what_a_noise_may_depend_on() -> None:
    """The step, parameters and controls; a state that folds away; the matrices of a linear model."""
    sound = model(
        lambda x, p, u: [[p.std**2 * (1.0 + u.push**2) + 0.0 * x.gap]],
        lambda x, dt, p, u: np.diag([dt * p.accel, dt**2 + np.exp(u.push)]),
    )
    assert run(sound, fog.KF()).loglik == run(sound, fog.EKF()).loglik
    R = np.array([[[0.1]], [[0.2]], [[0.4]]])
    varying = fog.linear_model(
        [[1.0, 0.1], [0.0, 1.0]], [[0.2, 0.1], [0.1, 0.3]], [[1.0, 0.0]], R, start=START
    )
    assert fog.run(varying, LOG, fog.KF()).loglik == fog.run(varying, LOG, fog.EKF()).loglik


def test_a_stationary_filter_needs_the_same() -> None:
    wrong = fog.Model(
        fog.motion.random_walk("level", std=0.3),
        [fog.Sensor("s", ("z",), lambda x, p: [x.level], lambda x, p: [[1.0 + x.level**2]])],
        fog.Belief([0.5], std=[1.0]),
    )
    with pytest.raises(
        fog.ModelError, match=r"s\.noise depends on the state: .* a stationary filter needs a noise"
    ):
        fog.steady_state(wrong, dt=0.1)
