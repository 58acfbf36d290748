"""Simulated logs: the same to the byte everywhere, and distributed as in the model."""

import hashlib
import runpy
from pathlib import Path

import numpy as np
import pytest

import foglight as fog
from foglight.compiler.backends.llvm_engine import LlvmBackend
from foglight.core.errors import ModelError, NumericalError, TimeError
from foglight.inference.random_numbers import normals, uniforms
from foglight.inference.simulate import simulate

FOG = Path(__file__).parents[3] / "examples" / "fog"

F = np.array([[0.9, 0.2, 0.0], [-0.1, 0.8, 0.3], [0.05, 0.0, 0.7]])
Q = np.array([[0.5, 0.2, -0.1], [0.2, 0.4, 0.05], [-0.1, 0.05, 0.3]])
H = np.array([[1.0, 0.5, 0.0], [0.0, -0.3, 2.0]])
R = np.array([[0.8, -0.3], [-0.3, 0.6]])
START = fog.Belief([1.0, -2.0, 3.0], cov=[[2.0, 0.5, 0.1], [0.5, 1.0, -0.2], [0.1, -0.2, 0.5]])


def full_model():
    return fog.linear_model(F, Q, H, R, start=START)


def turning_model():
    return fog.Model(
        fog.motion.ctrv(accel=0.5, turn_accel=0.4),
        [
            fog.sensing.range_bearing("radar", at=(-3.0, 1.0), range_std=0.3, bearing_std=0.05),
            fog.sensing.linear("compass", of="speed", std=0.2),
        ],
        start=fog.Belief([1, 2, 3, 3.1, 0.4], std=[0.1, 0.2, 0.3, 0.2, 0.1]),
    )


def too_far(sample, expected, spread):
    """Whether an entry of a sample covariance is more than five standard errors from `expected`."""
    return bool(np.any(np.abs(sample - expected) > 5.0 * spread))


def covariance_spread(C, count):
    """Standard errors of the entries of a sample covariance of Gaussians: (C_ii C_jj + C_ij²)/count."""
    return np.sqrt((np.outer(np.diag(C), np.diag(C)) + C * C) / count)


# Reproducible


def test_the_committed_log_is_reproduced_to_the_byte(tmp_path):
    runpy.run_path(str(FOG / "make_log.py"))["main"](tmp_path)
    for name in ("pedestrian.csv", "truth.csv"):
        assert (tmp_path / name).read_bytes() == (FOG / name).read_bytes(), name


def test_random_numbers_stay_what_they_were():
    drawn = normals(uniforms(11, 0, (1000, 2)))
    first = ["-0x1.9f4dec18c4844p-1", "-0x1.5a2725213fd06p-1", "0x1.f87c007e8e725p-1"]
    assert [value.hex() for value in drawn[:3].tolist()] == first
    digest = hashlib.sha256(drawn.tobytes()).hexdigest()
    assert digest == "51687011cb8822df1a0133c8cf9150142fcecdd5ced919618cb77e96cd1a8a78"


def test_seeds_differ_and_one_seed_does_not():
    (a, x), (b, y), (c, z) = (simulate(full_model(), 20, 0.1, seed) for seed in (1, 1, 2))
    assert x.tobytes() == y.tobytes()
    assert a.bind(full_model()).tobytes() == b.bind(full_model()).tobytes()
    assert not np.any(x == z)
    assert not np.any(a.bind(full_model()) == c.bind(full_model()))


def test_a_longer_simulation_begins_with_the_shorter_one():
    short, long = (simulate(turning_model(), steps, 0.1, 3, missing=0.3) for steps in (10, 25))
    assert long[1][:10].tobytes() == short[1].tobytes()
    assert long[0].bind(turning_model())[:10].tobytes() == short[0].bind(turning_model()).tobytes()


@pytest.mark.parametrize("model", [full_model(), turning_model()], ids=["full", "turning"])
def test_machine_code_and_interpreter_give_the_same_bits(model, monkeypatch):
    log, truth = simulate(model, 200, 0.1, 5)
    monkeypatch.setattr(LlvmBackend, "available", lambda self: False)
    other, again = simulate(model, 200, 0.1, 5)
    assert again.tobytes() == truth.tobytes()
    assert other.bind(model).tobytes() == log.bind(model).tobytes()


# Distributed as in the model


def test_normals_are_normal_and_two_per_cent_off_are_not():
    count = 400_000
    drawn = normals(uniforms(2, 0, (count, 2)))
    for scale, wrong in ((1.0, False), (1.02, True)):
        z = scale * drawn
        moments = [z.mean() * count**0.5, ((z**2).mean() - 1) * (count / 2) ** 0.5]
        tails = [(np.mean(z > 2.0) - 0.02275013194817921) * (count / 0.0222) ** 0.5]
        assert (max(np.abs([*moments, *tails])) > 4.5) == wrong
    assert np.abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1]) < 4.5 / count**0.5


def test_noise_has_the_covariances_of_the_model():
    count = 100_000
    log, x = simulate(full_model(), count, 1.0, 8)
    w, v = x[1:] - x[:-1] @ F.T, log.bind(full_model()) - x @ H.T
    joint = np.cov(np.hstack([w, v[1:]]).T)
    expected = np.block([[Q, np.zeros((3, 2))], [np.zeros((2, 3)), R]])
    spread = covariance_spread(expected, count)
    assert not too_far(joint, expected, spread)
    flipped = expected.copy()
    flipped[0, 2] = flipped[2, 0] = 0.1  # the planted defect: one sign
    assert too_far(joint, flipped, spread)
    white = np.mean(w[1:, :, None] * w[:-1, None, :], axis=0)
    assert not too_far(white, 0.0, np.sqrt(np.outer(np.diag(Q), np.diag(Q)) / count))


def test_row_0_is_drawn_from_the_start():
    count = 2000
    model = full_model()
    first = np.array([simulate(model, 1, 1.0, seed)[1][0] for seed in range(count)])
    assert np.all(np.abs(first.mean(axis=0) - START.mean) < 5 * START.std / count**0.5)
    assert not too_far(np.cov(first.T), START.cov, covariance_spread(START.cov, count))
    assert too_far(np.cov(first.T), START.cov.T * np.array([1, 1, 1.3]), covariance_spread(START.cov, count))


def test_a_filter_with_the_right_model_is_consistent_and_one_with_a_wrong_model_is_not():
    model = fog.Model(
        fog.motion.sway(("x", "y"), tau=2.0, std=1.0),
        [fog.sensing.range_bearing("radar", at=(-8.0, 3.0), range_std=0.3, bearing_std=0.05)],
        start=fog.Belief([0, 0, 0, 0], std=[1, 1, 0.5, 0.5]),
    )
    log, truth = simulate(model, 4000, 0.1, 21, missing=0.2)
    wrong = model.with_parameters({"radar.range_std": 0.27})
    for used, consistent in ((model, True), (wrong, False)):
        run = fog.run(used, log, fog.UKF())
        count = np.count_nonzero(~np.isnan(run.innovation))
        off = abs(np.nansum(run.nis) / count - 1) / (2 / count) ** 0.5
        nees = np.mean(
            [
                d @ np.linalg.solve(P, d)
                for d, P in zip(run.filtered.mean - truth, run.filtered.cov, strict=True)
            ]
        )
        assert (off < 3) == consistent
        assert abs(nees / 4 - 1) < 0.15


# What the arguments do


def test_start_is_the_first_row_and_angles_stay_on_the_circle():
    log, truth = simulate(turning_model(), 300, 0.1, 4, start=[1, 2, 3, 3.1, 0.4])
    assert truth[0].tolist() == [1, 2, 3, 3.1, 0.4]
    bearing = log.columns()["radar.bearing"]
    for angle in (truth[:, 3], bearing):
        assert np.all((angle >= -np.pi) & (angle < np.pi))
        assert np.any(np.abs(np.diff(angle)) > 5)  # it crossed the seam


def test_whole_reports_are_missing_by_sensor_and_nothing_else_changes():
    model = turning_model()
    (whole, truth), (holes, same) = (simulate(model, 2000, 0.1, 6, missing=share) for share in (0.0, 0.25))
    assert truth.tobytes() == same.tobytes()
    z, gaps = whole.bind(model), np.isnan(holes.bind(model))
    np.testing.assert_array_equal(holes.bind(model)[~gaps], z[~gaps])
    assert not np.isnan(z).any()
    assert np.array_equal(gaps[:, 0], gaps[:, 1])
    assert not np.array_equal(gaps[:, 0], gaps[:, 2])
    assert np.all(np.abs(gaps.mean(axis=0) - 0.25) < 5 * (0.25 * 0.75 / 2000) ** 0.5)


def test_controls_act_on_their_own_row():
    motion = fog.Motion(
        ("position", "speed"),
        dynamics=lambda x, dt, p, u: [x.position + dt * x.speed, x.speed + dt * u.push],
        noise=lambda x, dt, p, u: np.zeros((2, 2)),
        controls=("push",),
    )
    model = fog.Model(
        motion, [fog.sensing.linear("gauge", of="position", std=0.1)], start=fog.Belief([0, 0], std=[1, 1])
    )
    log, truth = simulate(model, 4, 0.5, 1, start=[0, 0], u=[7.0, 2.0, 0.0, -2.0])
    assert truth[:, 1].tolist() == [0.0, 1.0, 1.0, 0.0]
    assert log.controls(model).ravel().tolist() == [7.0, 2.0, 0.0, -2.0]
    assert (simulate(model, 4, 0.5, 1, start=[0, 0], u={"push": [7.0, 2.0, 0.0, -2.0]})[1] == truth).all()
    with pytest.raises(ModelError, match=r"u has names pull: expected push\. Rename them"):
        simulate(model, 4, 0.5, 1, u={"pull": [7.0, 2.0, 0.0, -2.0]})
    with pytest.raises(ModelError, match=r"controls \(push\): expected u of shape \(4, 1\)"):
        simulate(model, 4, 0.5, 1)
    with pytest.raises(ModelError, match=r"u has shape \(3,\)"):
        simulate(model, 4, 0.5, 1, u=[1.0, 2.0, 3.0])


def test_matrices_may_change_from_row_to_row():
    Fs = np.array([np.zeros((2, 2)), [[1, 2], [0, 1]], [[1, 0], [3, 1]]])
    model = fog.linear_model(
        Fs, np.zeros((2, 2)), [[1.0, 1.0]], [[0.5]], start=fog.Belief([0, 0], std=[1, 1])
    )
    _, truth = simulate(model, 3, 1.0, 1, start=[1.0, 1.0])
    assert truth.tolist() == [[1, 1], [3, 1], [3, 10]]
    with pytest.raises(ModelError, match="F has 3 entries"):
        simulate(model, 4, 1.0, 1)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"steps": 0}, ModelError, "steps = 0"),
        ({"steps": 2.5}, ModelError, "steps = 2.5"),
        ({"dt": 0.0}, TimeError, "dt = 0.0"),
        ({"seed": -1}, ModelError, "seed = -1"),
        ({"seed": 1.5}, ModelError, "seed = 1.5"),
        ({"missing": 1.5}, ModelError, "missing = 1.5"),
        ({"missing": float("nan")}, ModelError, "missing = nan"),
        ({"missing": "some"}, ModelError, "missing = 'some'"),
        ({"start": "far"}, ModelError, "start = 'far'"),
        ({"start": [[1.0], [2.0, 3.0]]}, ModelError, "start = "),
        ({"start": START}, ModelError, "start = Belief"),
        ({"u": "full"}, ModelError, "u has shape"),
        ({"model": None}, ModelError, "model = None: expected a fog.Model"),
        ({"start": [1.0, 2.0]}, ModelError, "expected 3 finite numbers"),
        ({"start": [1.0, 2.0, float("inf")]}, ModelError, "start = "),
        ({"u": np.ones((5, 1))}, ModelError, r"u has shape \(5, 1\)"),
    ],
)
def test_bad_arguments(change, error, words):
    with pytest.raises(error, match=words) as caught:
        simulate(**({"model": full_model(), "steps": 5, "dt": 0.1, "seed": 1} | change))
    assert caught.value.field == next(iter(change))


def test_what_cannot_be_simulated_says_where():
    nowhere = fog.linear_model(F, Q, H, R, start=None)
    with pytest.raises(ModelError, match="start=None"):
        simulate(nowhere, 5, 0.1, 1)
    assert simulate(nowhere, 5, 0.1, 1, start=[1, 2, 3])[1].shape == (5, 3)
    runaway = fog.linear_model(1e200 * F, Q, H, R, start=START)
    with pytest.raises(NumericalError, match=r"at row [23] \(t = 0\.[23] s\)"):
        simulate(runaway, 5, 0.1, 1)
    height = fog.table([0.0, 1.0], [2.0, 3.0], extrapolate="error", name="height")
    seen = fog.Sensor("gauge", ("z",), lambda x: [height(x.level)], lambda: [[0.5]])
    rising = fog.Motion(("level",), lambda x, dt: [x.level + dt], lambda dt: [[1e-6 * dt]])
    with pytest.raises(
        NumericalError,
        match=r"gauge\.z = nan at row 2 \(t = 1 s\).* height was called with x = 1\.\d+: expected",
    ):
        simulate(fog.Model(rising, [seen], None), 5, 0.5, 1, start=[0.4])
    table = fog.Sensor("gauge", ("z",), fog.opaque(lambda x, p: [x.level]), lambda x, p: [[0.5]])
    with pytest.raises(ModelError, match=r"gauge\.measure is a fog\.opaque function") as caught:
        simulate(fog.Model(fog.motion.random_walk("level", std=0.3), [table], None), 5, 0.1, 1, start=[1.0])
    assert caught.value.field == "gauge.measure"


def test_a_sensor_of_the_log_is_found_by_its_name():
    model = fog.Model(
        fog.motion.random_walk(("x", "y"), std=[0.3, 0.7]),
        [fog.sensing.linear("gps", of=("x", "y"), std=0.5), fog.sensing.linear("gpsx", of="x", std=0.5)],
        fog.Belief([0.0, 0.0], std=[1.0, 1.0]),
    )
    log, _ = simulate(model, 5, 0.1, 1)
    assert log["gps"].shape == (5, 2) and not log["gps"].flags.writeable
    np.testing.assert_array_equal(log["gps"], np.column_stack([log["gps.x"], log["gps.y"]]))
    np.testing.assert_array_equal(log["gpsx"][:, 0], log["gpsx.x"])
    with pytest.raises(fog.DataError, match=r"expected a slice of rows, or one of time, gps\.x"):
        log["gp"]
