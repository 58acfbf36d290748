"""Delays as parameters: a model with one runs as with that fixed delay, and tuning finds it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.data.on_time import on_time
from foglight.inference.likelihood import Likelihood
from foglight.tuning.delays import around_delays, delays_among

WALK = fog.motion.constant_velocity(("x", "y"), accel=0.5)
GPS = fog.sensing.linear("gps", of=("x", "y"), std=0.5)
START = fog.Belief([-40.0, 0.0, 3.0, 1.0], std=[2.0, 2.0, 1.0, 1.0])


def model(delay: Any, motion: fog.Motion = WALK, start: fog.Belief = START) -> fog.Model:
    camera = fog.sensing.bearing("camera", at=(0.0, 9.0), std=0.01, delay=fog.delay(delay))
    return fog.Model(motion, [GPS, camera], start)


LOG = fog.simulate(model(0.23), 200, 0.1, seed=2)[0]


def test_a_parameter_runs_as_the_fixed_delay_of_its_value() -> None:
    tunable = model(fog.param(0.2))
    assert tunable.parameters["camera.delay"] == 0.2 and tunable.bounds["camera.delay"] == (0.0, np.inf)
    for seconds, made in ((0.2, tunable), (0.31, tunable.with_parameters({"camera.delay": 0.31}))):
        run, fixed = fog.run(made, LOG), fog.run(model(seconds), LOG)
        assert run.loglik == fixed.loglik
        np.testing.assert_array_equal(run.filtered.mean, fixed.filtered.mean)
        assert fog.simulate(made, 20, 0.1, seed=2)[0].time[-1] == pytest.approx(1.9 + seconds)
    again = fog.Model(tunable.motion, tunable.sensors, tunable.start)
    assert again.parameters == tunable.parameters
    live = fog.online(tunable.with_parameters({"camera.delay": 0.31}), history=0.5)
    live.step(0.0, "gps", [-40.0, 0.0])
    live.step(0.5, "gps", [-38.5, 0.5])
    live.step(0.61, "camera", 0.2)
    assert live.time == 0.5
    with pytest.raises(fog.TimeError, match=r"camera are 0\.31 s late"):
        fog.online(tunable.with_parameters({"camera.delay": 0.31}), history=0.3)


LATE = 0.45


def robot(delay: Any) -> fog.Model:
    """Its wheels are inputs, its motion names t, and its receiver is late, and has a bias."""

    def dynamics(x: Any, dt: Any, u: Any, t: Any) -> list[Any]:
        """Along a circle: a step is the sum of its parts."""
        ends = [5.0 * u.speed * at(0.2 * t - 0.2 * back) for at in (np.sin, np.cos) for back in (0.0, dt)]
        return [x.x + ends[0] - ends[1], x.y - ends[2] + ends[3]]

    motion = fog.Motion(
        ("x", "y"),
        dynamics,
        lambda dt, p: fog.noise.independent([p.slip**2 * dt] * 2),
        params={"slip": fog.param(1e-4, low=0.0)},
        controls=("speed",),
    )
    gps = fog.sensing.linear("gps", of=("x", "y"), std=0.1, bias=fog.bias(std=1.0), delay=fog.delay(delay))
    tape = fog.sensing.linear("tape", of="x", std=0.1)
    return fog.Model(motion, [gps, tape], fog.Belief([0.0, 0.0], std=[0.1, 0.1]))


def driven() -> fog.Log:
    rng, wheels = np.random.default_rng(3), np.arange(1, 200) * 0.1
    speed = 2.0 + np.sin(0.7 * wheels)
    turned = 0.2 * wheels - 0.01  # in the middle of each step
    way = np.cumsum(0.1 * speed[:, None] * np.column_stack([np.cos(turned), np.sin(turned)]), axis=0)
    fixes = np.arange(0.35, 19.0, 0.5)
    seen = np.column_stack([np.interp(fixes, wheels, axis) for axis in way.T]) + np.array([0.7, -0.4])
    return fog.Log.merge(
        gps=((fixes + LATE).round(9), seen + 0.1 * rng.standard_normal(seen.shape)),
        tape=(wheels[::20], way[::20, 0] + 0.1 * rng.standard_normal(10)),
        u={"speed": (wheels, speed)},
        hold={"speed": 2.0},
    )


@pytest.mark.parametrize(
    ("make", "make_log", "at"), [(model, lambda: LOG, 0.2), (robot, driven, 0.43)], ids=["walk", "robot"]
)
def test_the_gradient_is_that_of_the_exact_likelihood(make: Any, make_log: Any, at: float) -> None:
    """Against the runs of logs that were moved by a little more and a little less: no motion is run backwards there."""
    tunable, log = make(fog.param(at)), make_log()
    late = delays_among(tunable, tunable.parameters)
    around, moved = around_delays(tunable, late), on_time(tunable, log)
    found = Likelihood(around, moved, names=tuple(late.values()), start_time=0.0).at([at])

    def loglik(seconds: float) -> float:
        return float(fog.run(make(seconds), log, start_time=0.0).loglik)

    assert found.loglik == pytest.approx(loglik(at), rel=1e-12)
    h = 1e-4
    assert found.gradient[0] == pytest.approx((loglik(at + h) - loglik(at - h)) / (2.0 * h), rel=2e-3)


def test_a_delay_is_found_from_far_and_is_the_maximum_of_the_exact_likelihood() -> None:
    fit = fog.tune(model(fog.param(0.13)), LOG, ["camera.delay"])
    low, high = fit.intervals["camera.delay"]
    found, error = fit.params["camera.delay"], fit.std_errors["camera.delay"]
    assert fit.converged and low < 0.23 < high and error < 0.03
    run = fog.run(fit.model, LOG)
    assert run.loglik == pytest.approx(fit.loglik, abs=1e-3)
    # A parabola of the standard error that is reported, of runs with delays that are fixed.
    for step in (-1.0, 1.0):
        fall = run.loglik - fog.run(model(found + step * error), LOG).loglik
        assert fall == pytest.approx(0.5, rel=0.25)
    # With a delay of 0.13 s readings share rows, of which there are half as many.
    assert fit.heldout is not None and fit.heldout.before == pytest.approx(fit.heldout.tuned, abs=0.1)
    assert not fit.advice, fit.advice


@pytest.mark.campaign
def test_a_delay_is_found_beside_inputs_and_a_bias() -> None:
    log = driven()
    fit = fog.tune(robot(fog.param(0.2)), log, "gps.delay", start_time=0.0, heldout=False)
    assert fit.converged and fit.std_errors["gps.delay"] < 0.03
    low, high = fit.intervals["gps.delay"]
    assert low < LATE < high
    run = fog.run(fit.model, log, start_time=0.0)
    assert run.filtered.mean[-1, 2:] == pytest.approx([0.7, -0.4], abs=0.15)


def test_one_delay_of_two_sensors_in_a_model_file(tmp_path: Any) -> None:
    path = tmp_path / "model.toml"
    sensor = '[[sensor]]\nkind = "bearing"\nat = [0, 9]\nstd = 0.01\ndelay = {seconds = "rig.delay"}\n'
    path.write_text(
        '[motion]\nkind = "constant_velocity"\naxes = ["x", "y"]\naccel = 0.5\n[shared.rig]\ndelay = 0.2\n'
        + sensor + 'name = "left"\n' + sensor + 'name = "right"\n'
        "[start]\nmean = [0, 0, 3, 1]\nstd = [2, 2, 1, 1]\n"
    )  # fmt: skip
    found = fog.load_model(path).model
    assert found.parameters["rig.delay"] == 0.2 and found.bounds["rig.delay"][0] == 0.0
    assert delays_among(found, found.parameters) == {"left": "rig.delay", "right": "rig.delay"}


def test_a_users_own_function_is_not_given_the_delay() -> None:
    sensor = fog.Sensor(
        "s", ("v",), lambda x, p: [np.sum(np.array(p)) * x.x], lambda x: [[1.0]], params={"gain": 2.0},
        delay=fog.delay(fog.param(0.3)),
    )  # fmt: skip
    made = fog.Model(WALK, [sensor], START)
    assert list(made.sensors[0].params) == ["gain", "delay"]
    log = fog.Log.from_arrays([0.3, 0.8], s=[-80.0, -77.0])
    fixed = replace(sensor, params={"gain": 2.0}, delay=fog.delay(0.3))
    assert fog.run(made, log).loglik == fog.run(fog.Model(WALK, [fixed], START), log).loglik


def jumping(x: Any, dt: Any) -> list[Any]:
    return [x.x + 1.0, x.y, x.x_speed, x.y_speed]


def rooted(x: Any, dt: Any) -> list[Any]:
    return [x.x + np.sqrt(dt) * x.x_speed, x.y, x.x_speed, x.y_speed]


STILL = fog.noise.independent([1.0] * 4)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: fog.delay(fog.param(0.0, low=0.0)), "seconds = .*: expected a time > 0"),
        (lambda: fog.delay(fog.param(-0.1)), "seconds = -0.1"),
        (lambda: fog.delay(fog.shared("rig.delay")), "expected a time > 0"),
        (lambda: fog.Model(WALK, [fog.Sensor(
            "s", ("v",), lambda x: [x.x], lambda p: [[p.delay]], {"delay": 1.0}, delay=fog.delay(fog.param(0.3)))],
            START), r"s\.delay: it adds a parameter 'delay' to the sensor"),
        (lambda: fog.tune(model(fog.param(0.2), fog.Motion(WALK.state, jumping, lambda x: STILL)), LOG, "delay"),
         r"camera\.delay: .* returns x = -39 after 0 s from x = -40: expected -40, the state itself"),
        (lambda: fog.tune(model(fog.param(0.2), fog.Motion(WALK.state, rooted, lambda x: STILL)), LOG, "delay"),
         r"returns x = nan after -0\.2 s from x = -40: expected a finite number\. Leave camera\.delay out of free"),
        (lambda: fog.tune(fog.Model(WALK, model(fog.param(0.2)).sensors[1:], START),
                          fog.Log.from_arrays([0.5, 1.0], camera=[0.1, 0.2]), "delay"),
         r"camera\.delay: the delay of every sensor is tuned.*expected a sensor whose stamps are right, or inputs"),
        (lambda: fog.tune(model(fog.param(0.2)), LOG, truth=np.zeros((200, 4))), "no delay with truth"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(make: Any, said: str) -> None:
    with pytest.raises(fog.ModelError, match=said):
        make()


def bearing(delay: Any) -> fog.Sensor:
    return fog.sensing.bearing("camera", at=(0.0, 9.0), std=0.01, delay=fog.delay(delay))


def position(delay: Any) -> fog.Sensor:
    return fog.sensing.linear("camera", of=("x", "y"), std=0.02, delay=fog.delay(delay))


@pytest.mark.campaign
@pytest.mark.parametrize(
    ("accel", "camera", "logs", "rows", "least"),
    [(0.5, bearing, 200, 200, 0.92), (2.0, position, 60, 100, 0.866)],
    ids=["usual", "precise and restless"],
)
def test_a_delay_is_within_its_interval_as_often_as_it_says(
    accel: float, camera: Any, logs: int, rows: int, least: float
) -> None:
    """Each log with a delay of its own from 0.05 to 0.45 s, all from the same guess."""
    motion = fog.motion.constant_velocity(("x", "y"), accel=accel)

    def made(delay: Any) -> fog.Model:
        return fog.Model(motion, [GPS, camera(delay)], START)

    rng, tunable, inside = np.random.default_rng(0), made(fog.param(0.2)), []
    for seed in range(logs):
        late = round(rng.uniform(0.05, 0.45), 9)
        log = fog.simulate(made(late), rows, 0.1, seed=seed)[0]
        low, high = fog.tune(tunable, log, ["camera.delay"], heldout=False).intervals["camera.delay"]
        inside.append(low <= late <= high)
    assert least <= np.mean(inside) <= (0.98 if logs == 200 else 1.0), np.mean(inside)
