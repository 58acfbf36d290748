"""Angles that a sensor takes from the motion, or must declare; angles of beliefs, across the seam at ±π."""

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.equations.angles import wrap

CTRV = fog.motion.ctrv(accel=0.1, turn_accel=0.01)
START = fog.Belief([0.0, 0.0, 5.0, 2.9, 0.2], std=[1.0, 1.0, 0.5, 0.1, 0.02])
GPS = fog.sensing.linear("gps", of=("x", "y"), std=1.0)
COMPASS = fog.sensing.linear("compass", of="heading", std=0.05)
DEGREES = 180.0 / np.pi


def own(measure: Callable[..., Any], **parts: Any) -> fog.Sensor:
    return fog.Sensor("compass", ("course",), measure, lambda x, p, *u: [[0.0025]], **parts)


def model(*sensors: fog.Sensor, motion: fog.Motion = CTRV, start: Any = START) -> fog.Model:
    return fog.Model(motion, list(sensors), start)


def test_a_ready_made_sensor_inherits_the_angle_and_is_right_at_the_seam() -> None:
    inherits = model(GPS, COMPASS)
    assert inherits.sensors[1].angles == ("heading",) and inherits.sensors[0].angles == ()
    log, truth = fog.simulate(inherits, steps=500, dt=0.1, seed=1)
    assert np.ptp(log["compass.heading"]) > 6.2, "the log must cross the seam"
    run = fog.run(inherits, log)
    declared = fog.Sensor(
        "compass",
        ("heading",),
        lambda x, p: [x.heading],
        lambda x, p: [[p.std**2]],
        {"std": 0.05},
        ("heading",),
    )
    assert run.loglik == pytest.approx(fog.run(model(GPS, declared), log).loglik, rel=1e-12)
    assert np.nanmax(np.abs(run.innovation[:, 2])) < 0.5
    assert np.abs(run.filtered.mean[:, :2] - truth[:, :2]).max() < 4.0
    assert fog.check(run).codes == ("OK",)


def test_it_is_inherited_by_every_way_to_make_a_model(tmp_path: Path) -> None:
    inherits = model(GPS, COMPASS)
    assert inherits.with_parameters({"compass.std": 0.1}).sensors[1].angles == ("heading",)
    assert inherits.with_start(None).sensors[1].angles == ("heading",)
    std = fog.shared("both.std", 0.05, low=0.01, high=0.5)
    shares = model(GPS, fog.sensing.linear("compass", of="heading", std=std))
    assert shares.sensors[1].angles == ("heading",) and "compass.std" not in shares.parameters
    assert shares.bounds["both.std"] == (0.01, 0.5)
    assert fog.with_cross_noise(inherits, "compass", np.zeros((5, 1))).sensors[1].angles == ("heading",)
    both = fog.sensing.linear("ins", of=("heading", "turn_rate"), std=[0.05, 0.01], measures=("psi", "rate"))
    assert model(both).sensors[0].angles == ("psi",)
    path = tmp_path / "model.toml"
    path.write_text(
        '[motion]\nkind = "ctrv"\naccel = 0.1\nturn_accel = 0.01\n[[sensor]]\nname = "compass"\nkind = "linear"\n'
        'of = "heading"\nstd = 0.05\n[start]\nmean = [0, 0, 5, 2.9, 0.2]\nstd = [1, 1, 0.5, 0.1, 0.02]\n'
    )
    assert fog.load_model(path).model.sensors[0].angles == ("heading",)


TWO_ANGLES = fog.Motion(
    ("pan", "tilt", "rate"),
    lambda x, dt, p: [x.pan + dt * x.rate, x.tilt, x.rate],
    lambda x, dt, p: np.diag([0.01, 0.02, 0.03]) * dt,
    angles=("pan", "tilt"),
)
ROUND = {  # each contains an angle
    "the state": lambda x, p: [x.pan],
    "its negative": lambda x, p: -x.pan,
    "with an offset": lambda x, p: [x.pan + 0.3],
    "a difference": lambda x, p: [x.tilt - x.pan],
    "its double": lambda x, p: [2.0 * x.tilt],
    "with a bias": lambda x, p: [x.pan + 0.1 * x.rate],
    "wrapped to 0 to 360°": lambda x, p: [np.mod(x.pan + 2.0, 2.0 * np.pi)],
    "by its tangent": lambda x, p: [np.arctan2(np.sin(x.pan), np.cos(x.pan))],
    "by matrix": lambda x, p: np.array([[1.0, 0.0, 0.0]]) @ x,
}
FLAT = {
    "a rate": lambda x, p: [x.rate],
    "a sine": lambda x, p: [np.sin(x.pan)],
    "a voltage": lambda x, p: [0.4 * x.pan],
    "times a rate": lambda x, p: [x.pan * x.rate],
    "a square": lambda x, p: [x.pan**2],
    "a constant": lambda x, p: [1.0],
}


@pytest.mark.parametrize("name", ROUND)
def test_an_own_sensor_of_an_angle_must_declare_it(name: str) -> None:
    with pytest.raises(fog.ModelError, match=r"Write angles=\('course',\) in the fog.Sensor") as refused:
        model(own(ROUND[name]), motion=TWO_ANGLES, start=None)
    assert refused.value.field == "compass.angles" and refused.value.value == ()
    assert model(own(ROUND[name], angles=("course",)), motion=TWO_ANGLES, start=None).sensors[0].angles == (
        "course",
    )
    with pytest.raises(fog.ModelError, match=r"compass.angles"):
        model(own(fog.opaque(ROUND[name])), motion=TWO_ANGLES, start=None)


def test_degrees_of_an_angle_are_refused_with_their_own_remedy() -> None:
    with pytest.raises(fog.ModelError, match=r"Return radians, convert the readings with np\.radians"):
        model(own(lambda x, p: [DEGREES * x.tilt]), motion=TWO_ANGLES, start=None)


@pytest.mark.parametrize("name", FLAT)
def test_what_is_not_an_angle_stays_as_it_is(name: str) -> None:
    assert model(own(FLAT[name]), motion=TWO_ANGLES, start=None).sensors[0].angles == ()


def test_parameters_and_controls_of_the_sensor_do_not_hide_the_angle() -> None:
    with pytest.raises(fog.ModelError, match=r"compass.angles"):
        model(
            own(lambda x, p, u: [x.pan + p.offset + u.trim], params={"offset": 0.1}, controls=("trim",)),
            motion=TWO_ANGLES,
            start=None,
        )


def circular(a: float, b: float, wa: float, wb: float) -> float:
    """The weighted mean of two headings less than half a turn apart, on the circle that a is the origin of."""
    return float(wrap(a + wb / (wa + wb) * wrap(b - a)))


@pytest.mark.parametrize("correlation", ["independent", "unknown"])
@pytest.mark.parametrize("turns", [(0, 0), (1, 0), (-2, 3)])
def test_fused_headings_go_the_short_way_round(turns: tuple[int, int], correlation: str) -> None:
    a, b = np.radians(179.0), np.radians(-175.0)
    one = fog.Belief([a + 2 * np.pi * turns[0], 1.0], cov=[[0.01, 0.004], [0.004, 0.04]])
    other = fog.Belief([b + 2 * np.pi * turns[1], 1.2], cov=[[0.02, -0.003], [-0.003, 0.03]])
    fused = fog.fuse(one, other, correlation=correlation, angles=(0,))
    near = fog.fuse(
        fog.Belief([0.0, 1.0], cov=one.cov),
        fog.Belief([b - a + 2 * np.pi, 1.2], cov=other.cov),
        correlation=correlation,
    )
    assert wrap(fused.mean[0] - near.mean[0] - a) == pytest.approx(0.0, abs=1e-12)
    assert fused.mean[1] == pytest.approx(near.mean[1], abs=1e-12)
    np.testing.assert_allclose(fused.cov, near.cov, rtol=1e-12)
    assert -np.pi <= fused.mean[0] < np.pi and fused.belief.angles == (0,)


def test_beliefs_that_declare_angles_need_no_option() -> None:
    a = fog.Belief([1.0, 3.1], std=[1.0, 0.1], names=("x", "heading"), angles=("heading",))
    b = fog.Belief([-3.1, 1.0], std=[0.2, 2.0], names=("heading", "x"))
    found = fog.fuse(a, b)
    assert found.belief.names == ("x", "heading") and found.belief.angles == (1,)
    assert found.mean[1] == pytest.approx(circular(3.1, -3.1, 100.0, 25.0), abs=1e-13)
    assert found.mean[0] == pytest.approx(1.0)
    assert fog.fuse(b, b, angles=("heading",)).belief.angles == (0,)


def test_a_belief_keeps_its_angles_in_range_and_through_every_step() -> None:
    belief = fog.Belief([3.5, -7.0], cov=[[0.04, 0.01], [0.01, 0.09]], angles=(0, 1))
    assert belief.mean == pytest.approx([3.5 - 2 * np.pi, -7.0 + 2 * np.pi])
    assert fog.Belief([3.0, -3.0], std=[1.0, 1.0], angles=(0, 1)).mean.tolist() == [3.0, -3.0]
    moved = fog.predict(
        belief, F=[[1.0, 0.3], [0.0, 1.0]], Q=0.01 * np.array([[2.0, 0.5], [0.5, 1.0]]), b=[9.0, 0.0]
    )
    assert moved.angles == (0, 1)
    assert moved.mean[0] == pytest.approx(wrap(belief.mean[0] + 0.3 * belief.mean[1] + 9.0), abs=1e-14)
    assert pickle.loads(pickle.dumps(belief)).angles == (0, 1) and copy.deepcopy(belief).angles == (0, 1)


def test_update_wraps_what_contains_angles() -> None:
    belief = fog.Belief(
        [3.1, -3.0, 0.4], cov=[[0.04, 0.01, 0.0], [0.01, 0.09, 0.02], [0.0, 0.02, 0.3]], angles=(0, 1)
    )
    H = np.array([[1.0, 0.0, 0.2], [1.0, -1.0, 0.0], [0.5, 0.0, 0.0], [0.0, 0.7, 0.2]])
    R = np.array([[0.02, 0.01, 0, 0], [0.01, 0.05, 0, 0], [0, 0, 0.03, 0.0], [0, 0, 0.0, 0.04]])
    z = np.array([-3.1, 0.1, 1.5, -2.9])
    new, info = fog.update(belief, z, H, R)
    e = z - H @ belief.mean
    e[:2] = wrap(e[:2])
    np.testing.assert_allclose(info.innovation, e, atol=1e-14)
    assert abs(e[0]) < 0.1 and abs(e[1]) < 0.3
    S = H @ belief.cov @ H.T + R
    x = belief.mean + belief.cov @ H.T @ np.linalg.solve(S, e)
    np.testing.assert_allclose(new.mean, [wrap(x[0]), wrap(x[1]), x[2]], atol=1e-13)
    told = fog.update(belief, z, H, R, angles=(3,))[1].innovation
    assert told[3] == pytest.approx(wrap(z[3] - H[3] @ belief.mean), abs=1e-14)
    with pytest.raises(fog.ModelError, match=r"angles\[0\] = 4: expected an index from 0 to 3"):
        fog.update(belief, z, H, R, angles=(4,))


def test_beliefs_of_a_model_know_its_angles() -> None:
    inherits = model(GPS, COMPASS)
    log, _ = fog.simulate(inherits, steps=5, dt=0.1, seed=1)
    run = fog.run(inherits, log)
    assert run.belief.angles == (3,)
    live = fog.online(inherits)
    belief, info = live.step(0.0, "compass", 3.0)
    assert belief.angles == (3,) and info.predicted.angles == (3,)
    assert pickle.loads(pickle.dumps(belief)).angles == (3,)
    assert fog.fuse(belief, belief).belief.angles == (3,)
    assert inherits.with_start(belief).start.angles == (3,)


@pytest.mark.parametrize("angles", [("up",), (2,), (-1,), (True,), "heading", 3])
def test_angles_that_are_no_states_are_refused(angles: Any) -> None:
    with pytest.raises(fog.ModelError) as refused:
        fog.Belief([0.0, 1.0], std=[1.0, 1.0], names=("x", "heading"), angles=angles)
    assert refused.value.field == "angles"
