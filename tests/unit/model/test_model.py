"""Construction of models: what is understood, what is accepted, and that parts cannot change."""

import copy
import doctest
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.model import covariance, linear_model, model, model_parts, parameters
from foglight.trace import named_vector


def walk(**changes: Any) -> fog.Motion:
    parts: dict[str, Any] = {
        "state": ("gap", "speed"),
        "dynamics": lambda x, dt, p: [x.gap + dt * x.speed, x.speed],
        "noise": lambda x, dt, p: fog.noise.white_acceleration(dt, psd=p.accel**2),
        "params": {"accel": 0.4},
    }
    return fog.Motion(**parts | changes)


def radar(**changes: Any) -> fog.Sensor:
    parts: dict[str, Any] = {
        "name": "radar",
        "measures": ("range",),
        "measure": lambda x, p: [x.gap],
        "noise": lambda x, p: [[p.std**2]],
        "params": {"std": fog.param(0.8, low=0.1)},
    }
    return fog.Sensor(**parts | changes)


START = fog.Belief([5.0, 0.0], std=[5.0, 1.0])


def test_parameters_have_full_names_bounds_and_new_values() -> None:
    gauge = fog.sensing.linear("gauge", of="gap", std=[0.3])
    first = fog.Model(walk(), [radar(), gauge], START)
    assert first.state == ("gap", "speed")
    assert first.parameters == {"motion.accel": 0.4, "radar.std": 0.8, "gauge.gap_std": 0.3}
    assert first.bounds["radar.std"] == (0.1, np.inf) and first.bounds["motion.accel"] == (-np.inf, np.inf)
    second = first.with_parameters({"accel": 0.7, "radar.std": 0.2})
    assert second.parameters == {"motion.accel": 0.7, "radar.std": 0.2, "gauge.gap_std": 0.3}
    assert second.bounds == first.bounds and first.parameters["motion.accel"] == 0.4


def test_the_repr_of_a_model_is_one_line() -> None:
    whole = fog.Model(walk(), [radar()], START)
    assert repr(whole.motion) == "Motion(gap, speed; accel=0.4)"
    assert repr(whole.sensors[0]).startswith("Sensor(radar: ") and repr(whole.sensors[0]).endswith(
        "; std=0.8)"
    )
    start = "Belief(gap = 5 ± 5, speed = 0 ± 1)"
    assert repr(whole) == f"Model({whole.motion!r}, [{whole.sensors[0]!r}], start={start})"
    assert "0x" not in repr(whole)


def test_a_frozen_model_is_its_own_copy() -> None:
    whole = fog.Model(walk(), [radar()], START)
    assert copy.deepcopy({"model": whole})["model"] is whole


@pytest.mark.parametrize("name", ["motion", "time", "u", "track"])
def test_names_reserved_by_logs_are_refused_for_sensors(name: str) -> None:
    with pytest.raises(fog.ModelError, match=f"sensor name = '{name}': .* Choose another") as caught:
        radar(name=name)
    assert caught.value.field == "sensor name" and caught.value.value == name


@pytest.mark.parametrize("units", [None, "m", {"gap": 3}])
def test_units_are_labels_by_name(units: Any) -> None:
    with pytest.raises(fog.ModelError, match="expected names and labels") as caught:
        walk(units=units)
    assert caught.value.field == "units"


def test_a_short_name_must_be_unique() -> None:
    whole = fog.Model(walk(), [radar(), radar(name="lidar", measures=("spot",))], START)
    with pytest.raises(fog.ModelError, match=r"'std' could be radar.std or lidar.std. Use the full name"):
        whole.with_parameters({"std": 1.0})
    with pytest.raises(fog.ModelError, match=r"no parameter 'acel'. There are: motion.accel, radar.std"):
        whole.with_parameters({"acel": 1.0})
    with pytest.raises(fog.ModelError, match=r"param value = 0.05: expected 0.1 <= value"):
        whole.with_parameters({"lidar.std": 0.05})


def test_parts_are_frozen_and_share_nothing_with_the_callers_objects() -> None:
    params = {"accel": 0.4}
    motion = walk(params=params)
    params["accel"] = 99.0
    assert motion.params["accel"] == 0.4
    with pytest.raises(TypeError):
        motion.params["accel"] = 1.0  # type: ignore[index]
    with pytest.raises(FrozenInstanceError):
        motion.state = ("a",)  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        fog.Model(motion, [radar()], START).start = None  # type: ignore[misc]


@pytest.mark.parametrize(
    "noise",
    [
        lambda x, p: p.std**2,
        lambda x, p: [p.std**2],
        lambda x, p: np.array([[p.std**2]]),
        lambda x, p: fog.noise.independent([p.std**2]),
    ],
)
def test_noise_of_one_measure_in_any_shape(noise: Any) -> None:
    assert fog.Model(walk(), [radar(noise=noise, measure=lambda x, p: x.gap)], None).start is None


def test_controls_reach_both_functions_of_the_motion() -> None:
    seen = []

    def dynamics(x: Any, dt: Any, p: Any, u: Any) -> list[Any]:
        seen.append(u.push)
        return [x.gap + dt * x.speed, x.speed + dt * u.push]

    motion = walk(
        dynamics=dynamics, noise=lambda x, dt, p, u: np.diag([0.1, 0.2 + u[0] ** 2]), controls=("push",)
    )
    fog.Model(motion, [radar()], START, verify=False)
    assert seen == [0.0]


def test_a_function_may_have_no_value_at_the_start_alone() -> None:
    """The range rate is 0/0 at the sensor itself, but not near it."""
    sensor = fog.sensing.range_bearing_rate("radar", range_std=1, bearing_std=1, range_rate_std=1)
    fog.Model(fog.motion.constant_velocity(("x", "y"), 0.4), [sensor], start=None)


def test_opaque_functions_are_called_like_others() -> None:
    table = {0: 0.0, 1: 0.9}
    measure = fog.opaque(lambda x, p: [table[min(int(x.gap), 1)]])
    whole = fog.Model(walk(), [radar(measure=measure)], START)
    assert isinstance(whole.sensors[0].measure, model.Opaque) and fog.opaque(measure) is measure


def test_explain_shows_what_was_understood(capsys: pytest.CaptureFixture[str]) -> None:
    car = fog.motion.ctrv(accel=1.0, turn_accel=fog.param(0.3, low=0.0, high=2.0))
    sensors = [
        fog.sensing.range_bearing("radar", range_std=0.3, bearing_std=0.03),
        fog.sensing.linear("lidar", of=("x", "y"), std=0.15),
        fog.Sensor(
            "map", ("height",), fog.opaque(lambda x, p: [x.x]), lambda x, p: [[1.0]], units={"height": "m"}
        ),
    ]
    start = fog.Belief([1.0, 2.0, 3.0, 0.5, 0.0], std=[1.0, 1.0, 2.0, 0.1, 0.1])
    print(fog.explain(fog.Model(car, sensors, start)))
    assert capsys.readouterr().out.splitlines() == [
        "state of 5, at the start:",
        "  x: 1 ± 1",
        "  y: 2 ± 1",
        "  speed: 3 ± 2",
        "  heading [rad] (angle, kept in [-π, π)): 0.5 ± 0.1",
        "  turn_rate [rad/s]: 0 ± 0.1",
        "motion: not linear in the state",
        "  motion.accel = 1 (>= 0)",
        "  motion.turn_accel = 0.3 (>= 0, <= 2)",
        "sensor radar: range, bearing [rad] (angle); not linear in the state",
        "  radar.range_std = 0.3 (>= 0)",
        "  radar.bearing_std = 0.03 rad (>= 0)",
        "sensor lidar: x, y; linear in the state",
        "  lidar.std = 0.15 (>= 0)",
        "sensor map: height [m]; opaque, called in Python in every row",
    ]


def test_linear_model_holds_copies_and_names() -> None:
    F, Q = np.array([[1.0, 0.3], [-0.1, 0.9]]), np.array([[0.2, 0.1], [0.1, 0.05]])
    whole = fog.linear_model(F, Q, [1.0, 0.5], 0.4, start=START, d=[3.0])
    F[0, 0] = 99.0
    assert (
        whole.state == ("x0", "x1")
        and whole.sensors[0].name == "sensor"
        and whole.sensors[0].measures == ("z0",)
    )
    assert whole.matrices["F"][0, 0] == 1.0 and whole.matrices["H"].shape == (1, 2)
    assert whole.matrices["Q_G"].shape == (2, 1) and not whole.rows  # this Q has rank one
    x = named_vector.Vector(whole.state, [2.0, 4.0])
    assert list(whole.sensors[0].measure(x, None)) == [7.0]
    np.testing.assert_allclose(whole.motion.dynamics(x, 1.0, None), [3.2, 3.4], rtol=1e-15)
    np.testing.assert_allclose(whole.motion.noise(x, 1.0, None).cov, Q, rtol=1e-15)
    with pytest.raises(ValueError, match="read-only"):
        whole.matrices["F"][0, 0] = 1.0


def test_linear_model_keeps_rows_apart_from_constants(capsys: pytest.CaptureFixture[str]) -> None:
    F = np.array([[[1.0, 0.1 * k], [0.0, 1.0]] for k in range(7)])
    R = np.array([[[1.0 + k, 0.2], [0.2, 2.0]] for k in range(7)])
    Q = np.array([np.outer([0.5, k], [0.5, k]) for k in range(7)])
    whole = fog.linear_model(F, Q, [[1, 0], [1, 1]], R, start=None, b=np.ones((7, 2)))
    assert set(whole.rows) == {"F", "Q_G", "Q_v", "R", "b"} and set(whole.matrices) == {"H", "d"}
    np.testing.assert_array_equal(whole.rows["R"], R)
    G, v = whole.rows["Q_G"], whole.rows["Q_v"]
    np.testing.assert_allclose(np.einsum("tik,tk,tjk->tij", G, v, G), Q, rtol=1e-15)
    print(fog.explain(whole))
    assert "given row by row (7 rows): F, R, b, Q" in capsys.readouterr().out


def test_a_number_will_do_for_one_state() -> None:
    whole = fog.linear_model(1.0, 1469.1, 1, 15099.0, start=None)
    assert whole.matrices["F"].shape == (1, 1) and whole.matrices["H"].dtype == float


@pytest.mark.parametrize(
    "module",
    [model, model_parts, linear_model, parameters, named_vector, covariance],
    ids=lambda m: m.__name__,
)
def test_examples_in_the_docstrings(module: ModuleType) -> None:
    pedestrian = fog.Model(
        fog.motion.constant_velocity(("gap",), accel=0.4),
        [fog.sensing.linear("radar", of="gap", std=0.8)],
        START,
    )
    result = doctest.testmod(
        module, extraglobs={"fog": fog} | ({"model": pedestrian} if module is model else {})
    )
    assert result.attempted and result.failed == 0


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("motion", "reserved for the parameters of the motion"),
        ("time", "reserved for the time stamps of a log"),
        ("u", "reserved for the controls of a log"),
        ("track", "reserved for the track numbers of a log"),
    ],
)
def test_a_reserved_sensor_name_is_refused_with_its_reason(name: str, reason: str) -> None:
    with pytest.raises(fog.ModelError) as refused:
        fog.sensing.linear(name, of="gap", std=0.8)
    assert str(refused.value).startswith(f"sensor name = {name!r}: {reason}")
    assert (refused.value.field, refused.value.value) == ("sensor name", name)


def bare(**changes: Any) -> fog.Motion:
    given = {"state": ("gap",), "dynamics": lambda x, dt, p: [x.gap], "noise": lambda x, dt, p: [[dt]]}
    return fog.Motion(**(given | changes))


def ear(**changes: Any) -> fog.Sensor:
    given = {
        "name": "ear",
        "measures": ("gap",),
        "measure": lambda x, p: [x.gap],
        "noise": lambda x, p: [[1.0]],
    }
    return fog.Sensor(**(given | changes))


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: bare(dynamics=[[1.0]]), "dynamics"),
        (lambda: bare(noise=[[1.0]]), "noise"),
        (lambda: ear(measure=[[1.0]]), "ear.measure"),
        (lambda: ear(noise=[[1.0]]), "ear.noise"),
    ],
)
def test_a_matrix_is_not_a_function(make: Callable[[], Any], field: str) -> None:
    with pytest.raises(fog.ModelError, match=rf"^{field} = \[\[1.0\]\]: expected a function") as refused:
        make()
    assert refused.value.field == field


@pytest.mark.parametrize("sensors", [ear(), 3.0])
def test_sensors_are_a_list(sensors: Any) -> None:
    with pytest.raises(fog.ModelError, match=r"^sensors = .*: expected a list of fog.Sensor") as refused:
        fog.Model(bare(), sensors, fog.Belief([1.0], std=[1.0]))
    assert refused.value.field == "sensors" and refused.value.value is sensors
