"""Ready-made sensors against plane geometry, on floats and as compiled Programs."""

import doctest
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import foglight
from foglight import ModelError
from foglight.model import motion, sensing, turning_motion
from foglight.model.model import Sensor
from foglight.trace.named_vector import Vector
from unit.traced import Traced

PLANE = ("x", "y", "x_speed", "y_speed")
POLAR = ("x", "y", "speed", "heading", "turn_rate")


def seen(sensor: Sensor, names: tuple[str, ...], x: Any) -> list[Any]:
    return list(sensor.measure(Vector(names, list(x)), Vector((), ())))


def noise_of(sensor: Sensor) -> Any:
    p = Vector(tuple(sensor.params), list(sensor.params.values()), "parameter")
    return sensor.noise(Vector((), ()), p)


def test_linear_picks_states_in_the_order_asked_for() -> None:
    sensor = sensing.linear("lidar", of=("y", "x"), std=[0.1, 0.2])
    assert sensor.measures == ("y", "x")
    assert seen(sensor, PLANE, [1.0, 2.0, 3.0, 4.0]) == [2.0, 1.0]
    assert dict(sensor.params) == {"y_std": 0.1, "x_std": 0.2}
    np.testing.assert_allclose(noise_of(sensor).cov, np.diag([0.01, 0.04]), rtol=1e-15)


def test_linear_measures_take_names_of_the_log() -> None:
    sensor = sensing.linear("radar", of=("x", "y"), std=0.3, measures=("x_m", "y_m"))
    assert sensor.measures == ("x_m", "y_m") and dict(sensor.params) == {"std": 0.3}
    np.testing.assert_allclose(noise_of(sensor).cov, 0.09 * np.eye(2), rtol=1e-15)


def test_range_and_bearing_from_a_given_position() -> None:
    sensor = sensing.range_bearing("radar", at=(1.0, -2.0), range_std=0.3, bearing_std=0.02, facing=0.5)
    distance, direction = seen(sensor, PLANE, [4.0, 2.0, 0.0, 0.0])
    assert distance == pytest.approx(5.0, rel=1e-15)
    assert direction == pytest.approx(np.arctan2(4.0, 3.0) - 0.5, rel=1e-15)
    assert sensor.angles == ("bearing",)
    np.testing.assert_allclose(noise_of(sensor).cov, np.diag([0.09, 0.0004]), rtol=1e-15)


def test_parts_of_the_radar_agree_with_the_whole() -> None:
    x = [4.0, 2.5, -3.0, 0.7]
    whole = sensing.range_bearing_rate(
        "radar", at=(1.0, -2.0), facing=-0.4, range_std=0.3, bearing_std=0.02, range_rate_std=0.1
    )
    distance, direction, _ = seen(whole, PLANE, x)
    assert seen(sensing.range("a", at=(1.0, -2.0), std=1.0), PLANE, x) == [distance]
    assert seen(sensing.bearing("b", at=(1.0, -2.0), facing=-0.4, std=1.0), PLANE, x) == [direction]
    np.testing.assert_allclose(noise_of(whole).cov, np.diag([0.3**2, 0.02**2, 0.1**2]), rtol=1e-15)


@pytest.mark.parametrize("axes", [("a",), ("a", "b"), ("a", "b", "c")])
def test_range_in_any_number_of_dimensions(axes: tuple[str, ...]) -> None:
    x, at = [-3.0, 4.0, 12.0][: len(axes)], [0.5, -1.0, 2.0][: len(axes)]
    found = seen(sensing.range("uwb", of=axes, at=at, std=0.1), axes, x)
    assert found == [pytest.approx(np.linalg.norm(np.subtract(x, at)), rel=1e-15)]


def test_range_rate_is_the_slope_of_the_range() -> None:
    """d range / dt along the motion, from the Program, for cartesian and for polar velocity."""
    at = (1.0, -2.0)
    polar = sensing.range_bearing_rate(
        "radar", at=at, range_std=1, bearing_std=1, range_rate_std=1, speed="speed", heading="heading"
    )
    plane = sensing.range_bearing_rate("radar", at=at, range_std=1, bearing_std=1, range_rate_std=1)
    turn, straight = turning_motion.ctrv(accel=1.0, turn_accel=1.0), motion.constant_velocity(("x", "y"), 1.0)
    cases = (
        (polar, turn, POLAR, [4.0, 2.5, 7.0, 2.1, 0.3]),
        (plane, straight, PLANE, [4.0, 2.5, -3.0, 0.7]),
    )
    for sensor, moving, names, x in cases:

        def later(dt: Any, sensor: Any = sensor, moving: Any = moving, names: Any = names, x: Any = x) -> Any:
            return seen(sensor, names, moving.dynamics(Vector(names, x), dt, Vector((), ())))[:1]

        _, slopes = Traced(later, 1)(0.0)
        assert seen(sensor, names, x)[2] == pytest.approx(slopes[0, 0], rel=1e-14)


def test_a_travelling_sensor_sees_a_landmark() -> None:
    """With a heading the state is that of the observer: straight ahead is bearing 0, the left is positive."""
    sensor = sensing.range_bearing("camera", at=(10.0, 5.0), range_std=1, bearing_std=1, heading="heading")
    ahead = [10.0 - 3 * np.cos(0.8), 5.0 - 3 * np.sin(0.8), 1.0, 0.8, 0.0]
    distance, direction = seen(sensor, POLAR, ahead)
    assert distance == pytest.approx(3.0, rel=1e-15) and abs(direction) < 1e-15
    left = [10.0, 5.0 - 3.0, 1.0, 0.0, 0.0]
    assert seen(sensor, POLAR, left)[1] == pytest.approx(np.pi / 2, rel=1e-15)


def test_slopes_of_the_radar_are_those_of_the_textbook() -> None:
    """Jacobian by the Program against the closed form (Bar-Shalom, Li & Kirubarajan 2001, §10.3)."""
    sensor = sensing.range_bearing_rate("radar", at=(1.0, -2.0), range_std=1, bearing_std=1, range_rate_std=1)
    x, y, u, v = state = [4.0, 2.5, -3.0, 0.7]
    _, slopes = Traced(lambda *x: seen(sensor, PLANE, x), 4)(*state)
    dx, dy = x - 1.0, y + 2.0
    r = np.hypot(dx, dy)
    cross = u * dy - v * dx
    expected = [
        [dx / r, dy / r, 0, 0],
        [-dy / r**2, dx / r**2, 0, 0],
        [dy * cross / r**3, -dx * cross / r**3, dx / r, dy / r],
    ]
    np.testing.assert_allclose(slopes, expected, rtol=1e-14, atol=1e-16)


def test_a_target_at_the_radar_has_a_range_rate_and_no_derivative() -> None:
    radar = sensing.range_bearing_rate("radar", range_std=0.3, bearing_std=0.03, range_rate_std=0.3)
    assert seen(radar, PLANE, [0.0, 0.0, 3.0, -4.0]) == [0.0, 0.0, 0.0]
    assert seen(radar, PLANE, [6e-9, -8e-9, 3.0, -4.0])[2] == pytest.approx(5.0, rel=1e-15)
    motion = foglight.motion.constant_velocity(("x", "y"), accel=1.0)
    model = foglight.Model(motion, [radar], foglight.Belief([0.0, 0.0, 3.0, -4.0], std=[1.0, 2.0, 1.0, 1.0]))
    log, _ = foglight.simulate(model, steps=3, dt=0.1, seed=1, start=[0.0, 0.0, 3.0, -4.0])
    assert abs(log["radar.range_rate"][0]) < 1.0 and np.isfinite(log["radar.range_rate"]).all()
    assert np.isfinite(foglight.run(model, log, foglight.UKF()).filtered.mean).all()
    with pytest.raises(
        foglight.NumericalError, match=r"The target is where the sensor is. Start away from it"
    ) as refused:
        foglight.run(model, log)
    assert "np.where" not in str(refused.value)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: sensing.linear("radar", of="gap", std=-1.0), "std = -1: expected a number >= 0"),
        (lambda: sensing.linear("radar", of=("x", "y"), std=[0.1]), "std has 1 values"),
        (
            lambda: sensing.linear("radar", of="x", std=1.0, measures=("a", "b")),
            "measures has 2 names: expected 1",
        ),
        (
            lambda: sensing.linear("fog radar", of="x", std=1.0),
            "sensor name = 'fog radar' is not an identifier",
        ),
        (lambda: sensing.bearing("b", of="x", std=1.0), "of has 1 names: expected two"),
        (lambda: sensing.range("r", at=(1.0, 2.0, 3.0), std=1.0), r"at has shape \(3,\)"),
        (
            lambda: sensing.bearing("b", std=1.0, facing=float("nan")),
            "facing = nan: expected a finite number",
        ),
        (lambda: sensing.range("r", std="0.1"), "std = '0.1': expected a finite number"),
        (
            lambda: sensing.range_bearing_rate(
                "r", range_std=1, bearing_std=1, range_rate_std=1, speed="speed"
            ),
            "expected velocity alone, or speed and heading together",
        ),
    ],
)
def test_wrong_arguments_are_named(build: Callable[[], Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        build()


def test_examples_in_the_docstrings() -> None:
    result = doctest.testmod(sensing, extraglobs={"fog": foglight})
    assert result.attempted >= 5 and result.failed == 0


@pytest.mark.parametrize(
    ("sensor", "name"),
    [
        (sensing.linear("eye", of="z", std=1.0), "z"),
        (sensing.range("eye", of=("x", "up"), std=1.0), "up"),
        (sensing.bearing("eye", std=1.0, heading="course"), "course"),
        (
            sensing.range_bearing_rate(
                "eye", range_std=1.0, bearing_std=1.0, range_rate_std=1.0, velocity=("x_speed", "vy")
            ),
            "vy",
        ),
    ],
)
def test_a_missing_state_is_named_with_its_sensor(sensor: Sensor, name: str) -> None:
    x = Vector(("x", "y", "x_speed", "y_speed"), (1.0, 2.0, 3.0, 4.0))
    with pytest.raises(
        ModelError, match=f"sensor 'eye' looks at '{name}'.*x, y, x_speed, y_speed.*of="
    ) as caught:
        sensor.measure(x, Vector((), (), "parameter"))
    assert caught.value.field == name
