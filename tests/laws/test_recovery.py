"""When a gate gives way, and how: after a run that chance does not explain, and along what the sensor sees."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from foglight.core.errors import Status

from .check_cases import log_of
from .guarded import GATED, MISSING, RESET, USED, level_run, same_belief

Array = NDArray[np.float64]


def resets(rejected: list[bool | None], seconds: Any, recover: float, ended: Any = ()) -> list[int]:
    """The rows in which the rejections of one sensor widen the belief, by definition. None: a silent row.

    ended: rows after which another sensor that sees the same was accepted.
    """
    bad = total = 0
    since, chance, rows = math.inf, 1.0, []
    for k, (out, t) in enumerate(zip(rejected, seconds, strict=True)):
        if out is None:
            continue
        share, total = min((bad + 1) / (total + 2), 0.5), total + 1
        if not out:
            since, chance = math.inf, 1.0
            continue
        bad, since, chance = bad + 1, min(since, t), chance * share
        if t - since >= recover and chance <= 1e-5:
            rows.append(k)
            since, chance = t, 1.0
        if k in ended:
            since, chance = math.inf, 1.0
    return rows


GOOD = 40  # good readings, a quarter of a second apart: after them four rejections in a row are no chance
BEFORE = 0.25 * np.arange(-GOOD, 0)


def after_good(*gauge: float) -> list[float]:
    """Good readings, and then these."""
    return [*(0.5 + 0.1 * np.sin(BEFORE)), *gauge]


@pytest.mark.parametrize(
    "method", [fog.KF(), fog.KF(form="joseph"), fog.KF(form="textbook"), fog.UKF(), fog.CKF()], ids=repr
)
def test_the_belief_gives_way_after_its_time_and_by_what_it_takes(method: Any) -> None:
    """Rejected at 2 s, then out of step with the rows; a silent row and one of the same time change nothing."""
    seconds = [*BEFORE, 0, 1, 2, 2.25, 2.25, 2.75, 3.0, 3.25, 3.5]
    gauge = after_good(0.4, 0.7, 50, 50.2, 49.9, np.nan, 50.1, 50.3, 49.8)
    run = level_run(method.with_guards(gate=0.9999, recover=1.0), seconds, gauge)
    assert run.status.tolist() == [
        *[USED] * GOOD, USED, USED, GATED, GATED, GATED, MISSING, GATED | RESET, USED, USED
    ]  # fmt: skip
    before, after, reading, k = run.predicted, run.filtered, 50.1, GOOD + 6
    assert after.mean[k] == before.mean[k]  # the reading itself is left out
    factor = (reading - before.mean[k, 0]) ** 2 / before.cov[k, 0, 0]
    assert after.cov[k, 0, 0] == pytest.approx(factor * before.cov[k, 0, 0], rel=1e-13)
    assert after.std[k, 0] == pytest.approx(reading - before.mean[k, 0], rel=1e-13)
    assert abs(after.mean[k + 1, 0] - 50.3) < 0.1 and run.nis[k + 1] == pytest.approx(1.0, rel=0.05)
    assert run.loglik == pytest.approx(run.row_loglik.sum(), rel=1e-13)


@pytest.mark.parametrize("recover", [0.5, 1.0, 3.0, math.inf])
def test_the_rows_that_widen_are_those_of_the_definition(recover: float) -> None:
    """Runs of all lengths, ended by good readings; and rejections that no widening ends."""
    rng = np.random.default_rng(8)
    rejected: list[bool | None] = [False] * 30
    for length in (1, 2, 3, 5, 9, 20, 2):
        rejected += [*[True] * length, None, False, False]
    sizes = np.cumprod(np.where([r is True for r in rejected], 1.5, 1.0))  # each farther off than the last
    gauge = np.where([r is None for r in rejected], np.nan, 0.5 + 0.01 * rng.standard_normal(len(rejected)))
    gauge = np.where([r is True for r in rejected], 1e4 * sizes**8, gauge)
    seconds = 0.25 * np.arange(len(gauge))
    run = level_run(fog.KF(gate=0.999, recover=recover), seconds, gauge)
    taken = [None if s == MISSING else bool(s & GATED) for s in run.status]
    found = np.flatnonzero(run.status & RESET).tolist()
    assert found == resets(taken, seconds, recover) and bool(found) == (recover < math.inf)


def test_outliers_in_a_row_do_not_reset_the_belief_by_default() -> None:
    """20 % outliers, 2 s apart: two in a row last longer than a second, and prove nothing."""
    rng = np.random.default_rng(0)
    model = fog.Model(
        fog.motion.constant_velocity("x", accel=0.1),
        [fog.sensing.linear("gps", of="x", std=1.0)],
        fog.Belief([0, 0], std=[1, 1]),
    )
    z = rng.standard_normal(500)
    off = rng.random(500) < 0.2
    z[off] += rng.uniform(-100, 100, off.sum())
    for dt in (0.1, 2.0):
        for recover in (math.inf, 0.5, 20 * dt):
            method = fog.KF(gate=0.999) if recover == math.inf else fog.KF(gate=0.999, recover=recover)
            run = fog.run(model, fog.Log.regular(z, dt=dt), method)
            assert not (run.status & RESET).any()
            known = fog.run(model, fog.Log.regular(np.where(off, np.nan, z), dt=dt), fog.KF())
            rms, best = (math.sqrt(np.mean(one.filtered.mean[:, 0] ** 2)) for one in (run, known))
            assert rms < 1.15 * best


def test_a_sensor_that_others_contradict_widens_nothing() -> None:
    """The other sensor sees the same level, and keeps it where it is, while the gauge is out by 30."""
    seconds = np.arange(80) * 0.5
    good = 0.5 + 0.1 * np.sin(seconds)
    stuck = good + np.where(seconds >= 10.0, 30.0, 0.0)
    alone = level_run(fog.KF(gate={"gauge": 0.999}), seconds, stuck, good)
    for gate in (0.999, {"gauge": 0.999}):
        run = level_run(fog.KF(gate=gate, recover=2.0), seconds, stuck, good)
        assert (run.status[20:] == USED | GATED).all()
        same_belief(run, alone)
    # The other reports once, at 11 s, and then never again: the run of rejections begins anew after that.
    rejected: list[bool | None] = (seconds >= 10.0).tolist()
    for other, ended in ((np.full(80, np.nan), []), (np.where(seconds == 11.0, good, np.nan), [22])):
        run = level_run(fog.KF(gate=0.999, recover=2.0), seconds, stuck, other)
        first = resets(rejected, seconds, 2.0, ended)[0]
        assert np.flatnonzero(run.status & RESET).tolist() == [first]


def compass(*degrees: float) -> fog.Model:
    """A point that moves in the plane by independent steps, and sensors that each see it along one direction."""

    def along(angle: float) -> Any:
        c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        return lambda x, p: [c * x.x + s * x.y]

    sensors = [fog.Sensor(f"at_{round(10 * d)}", ("z",), along(d), lambda x, p: [[0.25]]) for d in degrees]
    motion = fog.motion.random_walk(("x", "y"), std=0.3)
    return fog.Model(motion, sensors, fog.Belief([0, 0], std=[1, 1]))


def jumping(model: fog.Model) -> fog.Log:
    """Readings of two sensors, of which the first jumps by 30 after 20 s."""
    z = fog.simulate(model, steps=80, dt=0.5, seed=3)[0].bind(model).copy()
    z[40:, 0] += 30.0
    return log_of(model, 0.5 * np.arange(80), z)


@pytest.mark.parametrize("angle", [0.5, 30.0, 55.0, 80.0, 90.0])
def test_only_a_sensor_that_sees_the_same_contradicts(angle: float) -> None:
    """The first is out by 30; the second agrees with the state. Closer to parallel than 60° it sees the same."""
    model = compass(0.0, angle)
    run = fog.run(model, jumping(model), fog.KF(gate=0.9999, recover=2.0))
    assert bool((run.status & RESET).any()) == (angle > 60.0)


def test_the_controls_of_a_silent_sensor_may_be_missing() -> None:
    """On floats, too: its function is then not called. With its controls, an accepted reading of the other sensor ends
    its run even in a row in which it is silent."""

    def measure(x: Any, p: Any, u: Any) -> list[Any]:
        return [u.scale * x.level]

    def opaque(x: Any, p: Any, u: Any) -> list[Any]:
        if np.isnan(u.scale):
            raise ValueError("no scale")
        return measure(x, p, u)

    def found(function: Any, scale: Array, other: Array) -> fog.Run:
        gauge = fog.Sensor("gauge", ("z",), function, lambda x, p, u: [[1.0]], controls=("scale",))
        sensors = [gauge, fog.sensing.linear("other", of="level", std=2.0)]
        model = fog.Model(fog.motion.random_walk("level", std=0.3), sensors, fog.Belief([0.5], std=[2.0]))
        log = fog.Log.from_arrays(seconds, gauge=z, other=other, u=scale)
        return fog.run(model, log, fog.EKF(gate=0.9999, recover=2.0))

    seconds = 0.5 * np.arange(100)
    z = 2.0 * np.where(seconds < 20.0, 0.5 + 0.1 * np.sin(seconds), 30.0)
    z[42::3] = np.nan  # while the other reports
    other = np.where(np.isnan(z) & (seconds < 25.0), 0.6, np.nan)
    resets = []
    for missing in (False, True):
        scale = np.where(np.isnan(z) & missing, np.nan, 2.0)
        traced, floats = (found(function, scale, other) for function in (measure, fog.opaque(opaque)))
        np.testing.assert_array_equal(floats.status, traced.status)
        np.testing.assert_allclose(floats.filtered.mean, traced.filtered.mean, rtol=1e-9)
        resets.append(np.flatnonzero(traced.status & RESET)[0])
    assert resets[0] >= 50 > resets[1]


def test_what_the_sensor_does_not_see_is_not_widened() -> None:
    """The first sees x, which jumps; y is seen by the second, and stays as sure as it was."""
    model = compass(0.0, 90.0)
    log = jumping(model)
    run, plain = (fog.run(model, log, fog.KF(gate=0.9999, recover=r)) for r in (2.0, math.inf))
    at = int(np.flatnonzero(run.status & RESET)[0])
    assert run.filtered.std[at, 0] > 20.0
    assert run.filtered.std[at, 1] == pytest.approx(plain.filtered.std[at, 1], rel=1e-14)
    assert abs(run.filtered.cov[at, 0, 1]) < 1e-14 * run.filtered.std[at].prod()
    assert (run.status[at + 1 :] == USED).all()
    last = log.bind(model)[-1, 0]
    assert abs(run.filtered.mean[-1, 0] - last) < 2.0 < abs(plain.filtered.mean[-1, 0] - last)


def test_what_is_known_exactly_does_not_give_way_and_is_refused_in_the_end() -> None:
    """Neither the state nor the sensor has any doubt: no factor helps, and the contradiction is reported."""
    exact = fog.linear_model(
        [[1.0, 0.3], [0.0, 1.0]], np.zeros((2, 2)), [[1.0, 0.5]], [[0.0]],
        start=fog.Belief([1.0, 2.0], cov=np.zeros((2, 2))),
    )  # fmt: skip
    log = fog.Log.regular(np.array([[2.0], [2.6], *[[9.0]] * 18]), dt=1.0)
    (first,) = resets([False, False, *[True] * 16], range(18), 2.0)
    method = fog.KF(gate=0.999, recover=2.0)
    run = fog.run(exact, log, method=method, on_bad="flag")
    assert [bool(s & GATED) for s in run.status[: first + 1]] == [False, False, *[True] * (first - 2), False]
    assert run.status[first] & Status.CONTRADICTED and not (run.status & RESET).any()
    with pytest.raises(fog.NumericalError, match=f"row {first}"):
        fog.run(exact, log, method=method)
    assert not (fog.run(exact, log, method=fog.KF(gate=0.99)).status[2:] & ~GATED).any()
    with pytest.raises(fog.NumericalError, match="row 2"):
        fog.run(exact, log, method=fog.KF())
