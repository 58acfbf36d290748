"""Controls: those of the motion act between two rows, those of a sensor hold in the row of its reading."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from foglight.inference.stream import Stream
from oracle import plain

Array = NDArray[np.float64]
START = fog.Belief([0.2, 1.0], cov=[[4.0, 0.3], [0.3, 2.0]])


def pushed(sensor: fog.Sensor, names: tuple[str, ...] = ("push",)) -> fog.Model:
    motion = fog.Motion(
        ("place", "speed"),
        lambda x, dt, p, u: [x.place + dt * x.speed, x.speed + dt * u[0]],
        lambda x, dt, p, u: dt * np.array([[0.1, 0.02], [0.02, 0.2]]),
        controls=names,
    )
    return fog.Model(motion, [sensor], START)


GPS = fog.sensing.linear("gps", of="place", std=0.7)
ACCURATE = fog.Sensor(  # tells how accurate each of its readings is
    "gps", ("place",), lambda x, p, u: [x.place], lambda x, p, u: [[u.accuracy**2]], controls=("accuracy",)
)


def textbook(times: Array, z: Array, accuracy: Array, push: Array) -> plain.Answer:
    """The pushed model's beliefs, with full covariances."""
    dt = np.diff(times, prepend=times[0])
    F = np.array([[[1.0, step], [0.0, 1.0]] for step in dt])
    Q = dt[:, None, None] * np.array([[0.1, 0.02], [0.02, 0.2]])
    b = np.column_stack([np.zeros(len(dt)), dt * push])
    R = accuracy[:, None, None] ** 2
    return plain.kalman(F, Q, [[1.0, 0.0]], R, START.mean, START.cov, z[:, None], b=b)


@pytest.mark.parametrize("times", [[0.0, 1.0, 2.0, 2.5], [0.0, 1.0, 1.0, 1.5], [0.0, 0.0, 1.0, 1.0]])
@pytest.mark.parametrize("method", [fog.EKF(), fog.EKF(form="joseph"), fog.UKF(), fog.CKF()], ids=repr)
def test_a_sensor_reads_the_controls_of_its_row(times: list[float], method: Any) -> None:
    """An accuracy with every reading, also where several have one stamp."""
    z, accuracy = np.array([0.3, 9.0, np.nan, 1.0]), np.array([0.5, 30.0, np.nan, 0.9])
    push = np.array([np.nan, 0.4, -0.3, 0.2])
    for k in np.flatnonzero(np.diff(times) == 0.0) + 1:
        push[k] = np.nan  # no time passes
    log = fog.Log.from_arrays(times, gps=z, u=np.column_stack([push, accuracy]))
    run = fog.run(pushed(ACCURATE), log, method)
    assert run.model.controls == ("push", "accuracy")
    expected = textbook(np.array(times), z, accuracy, np.nan_to_num(push))
    np.testing.assert_allclose(run.belief.mean, expected.mean[-1], rtol=1e-12)
    np.testing.assert_allclose(run.belief.cov, expected.cov[-1], rtol=1e-11)
    live = fog.online(pushed(ACCURATE), method)
    for k, t in enumerate(times):
        live.step(t, "gps", z[k], u={"push": push[k], "accuracy": accuracy[k]})
    assert live.belief == run.belief and live.loglik == run.loglik


def test_a_sensor_and_the_motion_may_read_one_control() -> None:
    """The current of a battery empties it, and lowers its voltage at once."""
    motion = fog.Motion(
        ("charge",),
        lambda x, dt, p, u: [x.charge - dt * u.current],
        lambda x, dt, p, u: 1e-4 * dt,
        controls=("current",),
    )
    meter = fog.Sensor(
        "meter",
        ("voltage",),
        lambda x, p, u: [3.0 + x.charge - p.r * u.current],
        lambda x, p, u: 1e-4,
        params={"r": 0.05},
        controls=("current",),
    )
    model = fog.Model(motion, [meter], fog.Belief(0.5, std=0.1))
    assert model.controls == ("current",)
    u = np.where(np.arange(200) % 40 < 20, 2.0, -1.0)
    log, truth = fog.simulate(model, steps=200, dt=0.01, seed=7, u=u)
    steps = np.diff(log["meter.voltage"])[19::20]
    np.testing.assert_allclose(np.abs(steps), 0.05 * 3.0, atol=0.08)
    run = fog.run(model, log)
    assert np.abs(run.filtered.mean - truth).max() < 0.05
    fit = fog.tune(model.with_parameters({"meter.r": 0.2}), log, ["meter.r"], heldout=False)
    assert fit.model.parameters["meter.r"] == pytest.approx(0.05, abs=0.01)
    ahead = fog.forecast(run, times=[2.0, 2.0], u=[4.0, 0.0])
    assert np.diff(ahead.sensors["meter"].mean[:, 0]) == pytest.approx(0.05 * 4.0, rel=1e-9)


def test_a_control_that_could_not_act_is_refused() -> None:
    log = fog.Log.from_arrays([0.0, 1.0, 1.0, 2.0], gps=[1.0, 2.0, 3.0, 4.0], u=[0.5, 1.0, 30.0, 1.0])
    with pytest.raises(
        fog.DataError, match=r"u\[2,0\] \(push\) = 30: .*expected 1 as there, or NaN"
    ) as refused:
        fog.run(pushed(GPS), log)
    assert "declare controls=('push',) on the fog.Sensor" in str(refused.value)
    assert refused.value.index == (2, 0) and refused.value.value == 30.0


@pytest.mark.parametrize(
    ("times", "u", "track", "where"),
    [
        ([0.0, 0.0, 1.0], [1.0, 2.0, 1.0], None, 1),  # at the start
        ([0.0, 1.0, 1.0, 1.0], [1.0, 2.0, np.nan, 3.0], None, 3),  # after a row that says nothing
        ([0.0, 1.0, 0.0, 0.0], [1.0, 2.0, 5.0, 6.0], [1, 1, 2, 2], 3),  # in the second track
    ],
)
def test_wherever_it_is(times: list[float], u: list[float], track: Any, where: int) -> None:
    log = fog.Log.from_arrays(times, gps=np.arange(len(times)), u=u, track=track)
    with pytest.raises(fog.DataError, match=rf"u\[{where},0\]"):
        fog.run(pushed(GPS), log)


@pytest.mark.parametrize(
    ("times", "u", "track"),
    [
        ([0.0, 1.0, 1.0, 2.0], [np.nan, 1.0, 1.0, 3.0], None),  # the same again
        ([0.0, 1.0, 1.0, 2.0], [0.0, 1.0, np.nan, 3.0], None),  # nothing
        ([0.0, 1.0, 1.0, 2.0], [0.0, 1.0, 4.0, 3.0], [1, 1, 2, 2]),  # another track
    ],
)
def test_what_says_the_same_or_nothing_is_accepted(times: list[float], u: list[float], track: Any) -> None:
    log = fog.Log.from_arrays(times, gps=np.arange(len(times)), u=u, track=track)
    filled = fog.Log.from_arrays(
        times, gps=np.arange(len(times)), u=np.array([0.0, 1.0, 1.0, 3.0]), track=track
    )
    run, same = fog.run(pushed(GPS), log), fog.run(pushed(GPS), filled if track is None else log)
    np.testing.assert_array_equal(run.filtered.mean, same.filtered.mean)


def test_a_log_in_parts_is_refused_as_the_whole_is() -> None:
    """The two rows of one stamp are in two parts."""
    model = pushed(GPS)
    first = fog.Log.from_arrays([0.0, 1.0], gps=[1.0, 2.0], u=[0.5, 1.0])
    for control, refused in ((30.0, True), (1.0, False), (np.nan, False)):
        stream = Stream(model, fog.EKF())
        stream.feed(first, False)
        state = Stream(model, fog.EKF())
        state.restore(stream.state())
        for part in (stream, state):
            second = fog.Log.from_arrays([1.0, 2.0], gps=[3.0, 4.0], u=[control, 1.0])
            if refused:
                with pytest.raises(fog.DataError, match=r"u\[2,0\] \(push\) = 30: .*expected 1 as there"):
                    part.feed(second, True)
                continue
            run = part.feed(second, True)
            whole = fog.Log.from_arrays(
                [0.0, 1.0, 1.0, 2.0], gps=[1.0, 2.0, 3.0, 4.0], u=[0.5, 1.0, control, 1.0]
            )
            assert run.belief == fog.run(model, whole).belief


def test_a_live_filter_refuses_it_too() -> None:
    live = fog.online(pushed(GPS))
    live.step(0.0, "gps", 1.0)
    live.step(1.0, "gps", 2.0, u=1.0)
    before = live.belief
    with pytest.raises(fog.DataError, match=r"u\['push'\] = 30.0: expected 1 as in the row before"):
        live.step(1.0, "gps", 3.0, u=30.0)
    assert live.belief == before and live.rows == 2
    for u in (None, 1.0, [1.0], {"push": 1.0}):
        live.step(1.0, "gps", 3.0, u=u)


def test_a_forecast_refuses_it_too() -> None:
    run = fog.run(pushed(GPS), fog.Log.from_arrays([0.0, 1.0], gps=[1.0, 2.0], u=[0.5, 1.0]))
    with pytest.raises(fog.DataError, match=r"u\[1,0\] \(push\) = 7"):
        fog.forecast(run, times=[2.0, 2.0], u=[1.0, 7.0])


MISSING: dict[str, tuple[Callable[[], Any], str]] = {
    "run": (
        lambda: fog.run(
            pushed(ACCURATE), fog.Log.from_arrays([0.0, 1.0], gps=[1.0, 2.0], u=[[0.0, 0.5], [0.0, np.nan]])
        ),
        r"u\[1,1\] \(accuracy\) = nan: expected a number, because gps reads it",
    ),
    "live": (
        lambda: fog.online(pushed(ACCURATE)).step(0.0, "gps", 1.0),
        r"u = None: expected 2 finite numbers \(push, accuracy\). Pass the controls of the row",
    ),
    "no column": (
        lambda: fog.run(pushed(ACCURATE), fog.Log.from_arrays([0.0, 1.0], gps=[1.0, 2.0], u=[0.0, 0.5])),
        r"u has 1 columns, but the model declares 2 controls \(push, accuracy\)",
    ),
    "simulate": (
        lambda: fog.simulate(pushed(ACCURATE), 3, 0.1, seed=1),
        r"the model has controls \(push, accuracy\): expected u of shape \(3, 2\)",
    ),
    "steady_state": (
        lambda: fog.steady_state(
            fog.Model(fog.motion.random_walk(("place", "speed"), 1.0), [ACCURATE], None), dt=1.0
        ),
        r"gps reads accuracy, which changes row by row",
    ),
}


@pytest.mark.parametrize("door", MISSING)
def test_a_sensor_without_its_control_is_refused(door: str) -> None:
    call, words = MISSING[door]
    with pytest.raises(fog.FoglightError, match=words):
        call()


@pytest.mark.parametrize("order", ["C", "F"])
def test_controls_may_be_transposed_columns(order: Any) -> None:
    """np.array([a, b]).T is stored by columns."""
    u = np.array(np.arange(12.0).reshape(6, 2) ** 1.5, order=order)
    model = pushed(GPS, ("push", "idle"))
    truth = fog.simulate(model, 6, 0.5, seed=2, u=u)[1]
    run = fog.run(model, fog.Log.from_arrays(0.5 * np.arange(6), gps=np.ones(6), u=u))
    ahead = fog.forecast(run, times=3.0 + 0.5 * np.arange(6), u=u)
    rows = [
        fog.simulate(model, 6, 0.5, seed=2, u=u.tolist())[1],
        fog.forecast(run, times=ahead.time, u=u.tolist()),
    ]
    np.testing.assert_array_equal(truth, rows[0])
    np.testing.assert_array_equal(ahead.state.mean, rows[1].state.mean)
    assert truth[-1, 1] - truth[0, 1] == pytest.approx(0.5 * u[1:, 0].sum(), abs=3.0)
