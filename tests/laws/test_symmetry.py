"""Names, order, units and the place of the seam are the user's choice: the answer does not depend on them."""

from functools import cache
from itertools import permutations
from typing import Any

import numpy as np
import pytest

import foglight as fog
from oracle import models, plain

from . import nonlinear

FACTORED = [fog.KF(), fog.EKF(), fog.UKF(), fog.UKF(alpha=1e-3), fog.CKF()]


def linear_run(case: models.Linear, method: Any) -> Any:
    model = fog.linear_model(
        case.F, case.Q, case.H, case.R, start=fog.Belief(case.mean, cov=case.cov), b=case.b, d=case.d
    )
    return fog.run(model, fog.Log.regular(case.z, dt=1.0), method=method)


@pytest.mark.parametrize("method", [*FACTORED, fog.KF(form="joseph"), fog.KF(form="textbook")], ids=repr)
def test_permuting_states_permutes_the_answer(method: Any) -> None:
    case = models.full(31, n=3, m=2, steps=25, missing=0.2)
    expected = linear_run(case, method)
    for i in ([2, 1, 0], [1, 2, 0], [0, 2, 1]):
        ix = np.ix_(i, i)
        moved = models.Linear(
            case.F[ix],
            case.Q[ix],
            case.H[:, i],
            case.R,
            case.mean[i],
            case.cov[ix],
            case.z,
            case.b[i],
            case.d,
        )
        run = linear_run(moved, method)
        assert np.abs(run.filtered.mean - expected.filtered.mean[:, i]).max() <= 1e-11
        assert np.abs(run.filtered.cov - expected.filtered.cov[:, i][:, :, i]).max() <= 1e-11
        assert run.loglik == pytest.approx(expected.loglik, abs=1e-10)


def scaled(case: models.Linear, states: Any, measurements: Any) -> models.Linear:
    """The same problem in units of 2^states and 2^measurements."""
    s, t = 2.0 ** np.array(states), 2.0 ** np.array(measurements)
    return models.Linear(
        s[:, None] * case.F / s, s[:, None] * case.Q * s, t[:, None] * case.H / s, t[:, None] * case.R * t,
        s * case.mean, s[:, None] * case.cov * s, t * case.z, s * case.b, t * case.d,
    )  # fmt: skip


UNITS = [((5, -3, 11), (0, 0)), ((0, 0, 0), (-7, 19)), ((-90, 60, 33), (40, -50))]


@cache
def in_plain_units(method: Any) -> tuple[models.Linear, Any]:
    case = models.full(41, n=3, m=2, steps=30, missing=0.2)
    return case, linear_run(case, method)


@pytest.mark.parametrize("method", FACTORED, ids=repr)
@pytest.mark.parametrize("states, measurements", UNITS, ids=str)
def test_powers_of_two_scale_exactly(states: Any, measurements: Any, method: Any) -> None:
    """Any threshold that is not a ratio of like to like breaks this one."""
    case, plain = in_plain_units(method)
    run = linear_run(scaled(case, states, measurements), method)
    s, t = 2.0 ** np.array(states), 2.0 ** np.array(measurements)
    assert (s * plain.filtered.mean).tobytes() == run.filtered.mean.tobytes()
    assert (s[:, None] * plain.filtered.cov * s).tobytes() == run.filtered.cov.tobytes()
    assert (s[:, None] * plain.predicted.cov * s).tobytes() == run.predicted.cov.tobytes()
    assert np.array_equal(t * plain.innovation, run.innovation, equal_nan=True)
    assert np.array_equal(t[:, None] * plain.innovation_cov * t, run.innovation_cov, equal_nan=True)
    assert plain.nis.tobytes() == run.nis.tobytes()
    assert plain.status.tobytes() == run.status.tobytes()
    shift = np.log(2) * (~np.isnan(case.z) @ np.array(measurements, float))
    if any(measurements):
        assert run.row_loglik == pytest.approx(plain.row_loglik - shift, abs=1e-12)
    else:
        assert plain.row_loglik.tobytes() == run.row_loglik.tobytes()


def test_powers_of_two_scale_single_steps_exactly() -> None:
    case = models.full(43, n=3, m=2, steps=1)
    states, measurements = (12, -40, 7), (-30, 5)
    s = 2.0 ** np.array(states)
    answers = []
    for c in (case, scaled(case, states, measurements)):
        belief = fog.predict(fog.Belief(c.mean, cov=c.cov), F=c.F, Q=c.Q)
        answers.append(fog.update(belief, z=c.z[0], H=c.H, R=c.R))
    (one, told), (other, told_other) = answers
    assert (s * one.mean).tobytes() == other.mean.tobytes()
    assert (s[:, None] * one.cov * s).tobytes() == other.cov.tobytes()
    assert told.nis == told_other.nis


@pytest.mark.parametrize("method", FACTORED, ids=repr)
def test_order_of_independent_sensors_is_free(method: Any) -> None:
    variances = (0.3, 1.7, 0.8)
    case = models.full(51, n=3, m=3, steps=20, missing=0.3)
    motion = fog.Motion(
        state=("a", "b", "c"), dynamics=lambda x, dt, p: case.F @ x, noise=lambda x, dt, p: case.Q
    )
    sensors = {
        name: fog.Sensor(
            name,
            measures=(f"m_{name}",),
            measure=lambda x, p, h=case.H[i]: [h @ x],
            noise=lambda x, p, r=variances[i]: [[r]],
        )
        for i, name in enumerate(("left", "middle", "right"))
    }
    z = {name: case.z[:, i] for i, name in enumerate(sensors)}
    log = fog.Log.from_arrays(np.arange(20.0), **z)
    start = fog.Belief(case.mean, cov=case.cov)
    runs = [
        fog.run(fog.Model(motion, [sensors[name] for name in order], start=start), log, method=method)
        for order in permutations(sensors)
    ]
    assert len(runs) == 6
    for run in runs[1:]:
        assert np.abs(run.filtered.mean - runs[0].filtered.mean).max() <= 1e-11
        assert np.abs(run.filtered.cov - runs[0].filtered.cov).max() <= 1e-11
        assert np.abs(run.row_loglik - runs[0].row_loglik).max() <= 1e-11
        assert np.nanmax(np.abs(run.nis - runs[0].nis)) <= 1e-10


@pytest.mark.parametrize("method", FACTORED, ids=repr)
def test_two_updates_are_one_batch(method: Any) -> None:
    """Uncorrelated components may come one by one: a block of them, or two sensors at one stamp."""
    case = models.full(61, n=3, m=2, steps=20, missing=0.2)
    R = np.diag([0.7, 1.9])
    start = fog.Belief(case.mean, cov=case.cov)
    motion = fog.Motion(
        state=("a", "b", "c"), dynamics=lambda x, dt, p: case.F @ x, noise=lambda x, dt, p: case.Q
    )
    pair = fog.Sensor("pair", measures=("u", "v"), measure=lambda x, p: case.H @ x, noise=lambda x, p: R)
    single = [
        fog.Sensor(
            name, measures=(name + "_value",), measure=lambda x, p, i=i: [case.H[i] @ x],
            noise=lambda x, p, i=i: [[R[i, i]]],
        )
        for i, name in enumerate(("one", "two"))
    ]  # fmt: skip
    time = np.arange(20.0)
    batch = fog.run(
        fog.Model(motion, [pair], start=start), fog.Log.from_arrays(time, pair=case.z), method=method
    )
    serial = fog.run(
        fog.Model(motion, single, start=start),
        fog.Log.from_arrays(time, one=case.z[:, 0], two=case.z[:, 1]),
        method=method,
    )
    assert np.abs(batch.filtered.mean - serial.filtered.mean).max() <= 1e-12
    assert np.abs(batch.filtered.cov - serial.filtered.cov).max() <= 1e-12
    assert np.abs(batch.row_loglik - serial.row_loglik).max() <= 1e-11


@pytest.mark.parametrize("method", [fog.EKF(), fog.UKF(), fog.CKF()], ids=repr)
def test_names_of_states_are_labels(method: Any) -> None:
    seconds, radar, camera = nonlinear.log()
    log = fog.Log.from_arrays(seconds, radar=radar, camera=camera)
    one = fog.run(nonlinear.walker(), log, method=method)
    other = fog.run(nonlinear.walker(names=("zeta", "beta", "alpha", "omega", "chi")), log, method=method)
    assert one.filtered.mean.tobytes() == other.filtered.mean.tobytes()
    assert one.filtered.cov.tobytes() == other.filtered.cov.tobytes()


@pytest.mark.parametrize(
    "method", [fog.EKF(), fog.EKF(iterations=4), fog.EKF(form="joseph"), fog.UKF(), fog.CKF()], ids=repr
)
def test_the_seam_of_an_angle_is_nowhere(method: Any) -> None:
    """The walker passes bearing pi and turns through yaw pi; seen with the map turned half round, it does not."""
    seconds, radar, camera = nonlinear.log()
    radar[16:22], camera[16:22] = np.nan, np.nan  # the walker turns through the seam unseen
    turn = nonlinear.TURN
    assert (radar[:, 1] > 2.5).any() and (radar[:, 1] < -2.5).any()
    turned_radar = np.column_stack([radar[:, 0], (radar[:, 1] + 2 * np.pi) % (2 * np.pi) - np.pi])
    turned_camera = np.column_stack([camera[:, 0] + np.pi, camera[:, 1]])
    one = fog.run(nonlinear.walker(), fog.Log.from_arrays(seconds, radar=radar, camera=camera), method=method)
    other = fog.run(
        nonlinear.walker(turned=True),
        fog.Log.from_arrays(seconds, radar=turned_radar, camera=turned_camera),
        method=method,
    )
    difference = other.filtered.mean @ turn - one.filtered.mean
    difference[:, 3] = plain.wrap(difference[:, 3] - np.pi)
    assert np.abs(difference).max() <= 1e-9
    assert np.abs(turn @ other.filtered.cov @ turn - one.filtered.cov).max() <= 1e-9
    assert one.loglik == pytest.approx(other.loglik, abs=1e-8)
    assert one.filtered.mean[:, 3].min() < -2.5 and one.filtered.mean[:, 3].max() > 2.5
    for run in (one, other):
        for yaw in (run.filtered.mean[:, 3], run.predicted.mean[:, 3]):
            assert (-np.pi <= yaw).all() and (yaw < np.pi).all()
        assert np.nanmax(np.abs(run.innovation[:, [1, 2]])) < 1.0


@pytest.mark.parametrize("method", [fog.EKF(), fog.UKF()], ids=repr)
def test_full_turns_of_a_measured_angle_are_nothing(method: Any) -> None:
    seconds, radar, camera = nonlinear.log()
    turns = np.where(np.arange(30) % 3 == 0, 2 * np.pi, np.where(np.arange(30) % 3 == 1, -4 * np.pi, 0.0))
    wound = np.column_stack([radar[:, 0], radar[:, 1] + turns])
    one, other = (
        fog.run(nonlinear.walker(), fog.Log.from_arrays(seconds, radar=z, camera=camera), method=method)
        for z in (radar, wound)
    )
    assert np.abs(one.filtered.mean - other.filtered.mean).max() <= 1e-11
