"""Motions side by side, and ready-made motions inside motions of one's own."""

from typing import Any

import numpy as np
import pytest

import foglight as fog

TURNING = fog.motion.ctrv(accel=0.4, turn_accel=0.05)
DRIFT = fog.motion.random_walk("bias", std=[0.02])
START = fog.Belief([0.0, 0.0, 3.0, 0.4, 0.1, 0.5], cov=np.diag([4.0, 3.0, 1.0, 0.2, 0.01, 0.3]) + 0.01)
RADIUS = fog.Sensor(
    "radius", ("r",), lambda x, p: [np.hypot(x.x - 20.0, x.y) + x.bias], lambda x, p: [[0.04]]
)
GPS = fog.sensing.linear("gps", of=("x", "y"), std=1.0)


def by_hand() -> fog.Motion:
    """The same motion, whose functions call those of the ready-made one on its own states."""

    def noise(x: Any, dt: Any, p: Any) -> Any:
        return fog.noise.stack(TURNING.noise(x[:5], dt, p), fog.noise.independent(p.bias_std**2 * dt))

    return fog.Motion(
        (*TURNING.state, "bias"),
        lambda x, dt, p: [*TURNING.dynamics(x[:5], dt, p), x.bias],
        noise,
        params={"accel": 0.4, "turn_accel": 0.05, "bias_std": 0.02},
        angles=TURNING.angles,
    )


@pytest.mark.parametrize("method", [fog.EKF(), fog.UKF(), fog.EKF(form="joseph", iterations=2)], ids=repr)
def test_side_by_side_is_the_motion_written_by_hand(method: Any) -> None:
    motion = TURNING.with_states(DRIFT)
    assert motion.state == (*TURNING.state, "bias") and motion.angles == ("heading",)
    assert dict(motion.params) == {"accel": 0.4, "turn_accel": 0.05, "bias_std": 0.02}
    model, other = fog.Model(motion, [GPS, RADIUS], START), fog.Model(by_hand(), [GPS, RADIUS], START)
    log, _ = fog.simulate(model, 200, 0.2, seed=4)
    run, hand = fog.run(model, log, method), fog.run(other, log, method)
    np.testing.assert_allclose(run.filtered.mean, hand.filtered.mean, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(run.filtered.cov, hand.filtered.cov, rtol=1e-9, atol=1e-12)
    assert run.loglik == pytest.approx(hand.loglik, rel=1e-12)


def test_a_bias_is_found() -> None:
    model = fog.Model(TURNING.with_states(DRIFT), [GPS, RADIUS], START)
    log, truth = fog.simulate(model, 400, 0.2, seed=8)
    run = fog.run(model, log)
    nees = ((run.filtered.mean - truth)[:, 5] / run.filtered.std[:, 5]) ** 2
    assert 0.4 < nees.mean() < 2.0 and run.filtered.std[-1, 5] < 0.3


def test_controls_limits_units_bounds_and_shared_names_are_kept() -> None:
    pushed = fog.Motion(
        ("place",),
        lambda x, dt, p, u: [x.place + dt * p.gain * u.push],
        lambda x, dt, p, u: [[0.1 * dt]],
        params={"gain": fog.param(0.8, low=0.1)},
        controls=("push",),
        units={"place": "m"},
        limits={"place": (0.0, None)},
    )
    pulled = fog.Motion(
        ("depth",),
        lambda x, dt, p, u: [x.depth - dt * p.factor * u.pull + dt * u.push],
        lambda x, dt, p, u: [[0.2 * dt * (1.0 + u.pull**2)]],
        params={"factor": fog.shared("all.factor", 1.5)},
        controls=("pull", "push"),
    )
    both = pushed.with_states(pulled, DRIFT)
    assert both.state == ("place", "depth", "bias") and both.controls == ("push", "pull")
    assert both.bounds["gain"] == (0.1, np.inf) and both.shared == {"factor": "all.factor"}
    assert both.units == {"place": "m"} and both.limits == {"place": (0.0, np.inf)}
    model = fog.Model(
        both, [fog.sensing.linear("s", of=both.state, std=0.1)], fog.Belief([1.0, 2.0, 3.0], std=[0.0] * 3)
    )
    log = fog.Log.from_arrays([0.0, 0.5], s=np.full((2, 3), np.nan), u=[[0.0, 0.0], [2.0, 3.0]])
    run = fog.run(model, log)
    np.testing.assert_allclose(
        run.filtered.mean[1], [1.0 + 0.5 * 0.8 * 2.0, 2.0 - 0.5 * 1.5 * 3.0 + 0.5 * 2.0, 3.0]
    )
    np.testing.assert_allclose(run.filtered.cov[1].diagonal(), [0.05, 1.0, 0.0002], rtol=1e-12)


def test_an_opaque_part_makes_the_whole_opaque() -> None:
    blind = fog.Motion(("h",), fog.opaque(lambda x, dt, p: [x.h]), lambda x, dt, p: [[dt]])
    model = fog.Model(blind.with_states(DRIFT), [fog.sensing.linear("s", of="h", std=1.0)], None)
    assert isinstance(model.motion.dynamics, type(fog.opaque(abs))) and not isinstance(
        model.motion.noise, type(fog.opaque(abs))
    )


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(fog.ModelError, match="a state that the motions before do not have") as refused:
        TURNING.with_states(DRIFT, fog.motion.random_walk("heading", std=[1.0]))
    assert refused.value.index == 1 and refused.value.value == "heading"
    with pytest.raises(
        fog.ModelError, match=r"a parameter that the motions before do not have.*given as a list"
    ):
        fog.motion.random_walk("a", std=1.0).with_states(fog.motion.random_walk("b", std=1.0))
    with pytest.raises(fog.ModelError, match=r"others\[0\] = 'bias': expected a fog.Motion"):
        TURNING.with_states("bias")  # type: ignore[arg-type]
    assert TURNING.with_states().state == TURNING.state
