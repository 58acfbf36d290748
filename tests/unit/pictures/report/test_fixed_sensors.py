"""Where sensors are is found from their functions alone: whatever is written in them."""

import numpy as np
import pytest

import foglight as fog
from foglight.pictures.report.fixed_sensors import fixed_sensors

AT = (13.0, -27.5)
START = [40.0, 25.0, -2.0, 1.0]


def found(*sensors):
    motion = fog.motion.constant_velocity(("x", "y"), accel=0.3)
    model = fog.Model(motion, sensors, start=motion.belief(START, std=[2.0, 1.5, 0.5, 0.4]))
    log, truth = fog.simulate(model, steps=40, dt=0.2, seed=3)
    run = fog.run(model, log)
    return fixed_sensors(run), run, truth


def test_distance_and_direction():
    radar = fog.sensing.range_bearing("radar", at=AT, range_std=0.01, bearing_std=1e-5, facing=0.7)
    [sensor], run, truth = found(radar)
    assert sensor.at == pytest.approx(AT, abs=1e-6)
    assert (sensor.x, sensor.y, sensor.distance, sensor.direction) == (0, 1, 0, 1)
    assert np.angle(np.exp(1j * (sensor.facing - 0.7))) == pytest.approx(0.0, abs=1e-9)
    np.testing.assert_allclose(sensor.positions(run._received), truth[:, :2], atol=0.08)


def test_each_alone():
    [uwb, camera], _, _ = found(
        fog.sensing.range("uwb", at=AT, std=0.1), fog.sensing.bearing("camera", at=(-8.0, 6.0), std=0.01)
    )
    assert uwb.at == pytest.approx(AT, abs=1e-6) and uwb.direction is None
    assert camera.at == pytest.approx((-8.0, 6.0), abs=1e-6) and camera.distance is None
    assert uwb.positions(np.zeros((3, 2))) is None


def test_a_function_of_ones_own_is_asked_too():
    def measure(x, p):
        return [np.sqrt((x.x - 4.0) ** 2 + (x.y - 9.0) ** 2)]

    [beacon], _, _ = found(fog.Sensor("beacon", ("d",), measure, lambda x, p: [[0.04]]))
    assert beacon.at == pytest.approx((4.0, 9.0), abs=1e-6)


@pytest.mark.parametrize(
    "sensor",
    [
        fog.sensing.linear("gps", of=("x", "y"), std=1.0),
        fog.Sensor("product", ("p",), lambda x, p: [x.x * x.y], lambda x, p: [[4.0]]),
        fog.Sensor("square", ("s",), lambda x, p: [x.x**2 + x.y**2], lambda x, p: [[4.0]]),
    ],
    ids=lambda sensor: sensor.name,
)
def test_other_sensors_are_nowhere(sensor):
    assert found(sensor)[0] == []
