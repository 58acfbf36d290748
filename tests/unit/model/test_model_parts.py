"""What a model and its parts hold: nothing is shared with the caller, everything with models derived from them."""

import copy
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

import foglight as fog
from foglight.model import model as module


def measure(x: Any, p: Any) -> list[Any]:
    return [x.gap * p.gain]


def noise(x: Any, p: Any) -> list[list[Any]]:
    return [[p.std**2]]


def motion(**changes: Any) -> fog.Motion:
    parts: dict[str, Any] = {
        "state": ["gap", "speed"],
        "dynamics": lambda x, dt, p, u: [x.gap + dt * x.speed, x.speed + u.push * p.share],
        "noise": lambda x, dt, p, u: [[0.1 * dt, 0.0], [0.0, p.q * dt]],
        "params": {"q": 0.3, "share": fog.param(0.5, low=0.0, high=1.0)},
        "controls": ["push"],
        "angles": ["speed"],
        "units": {"gap": "m", "push": "N", "q": "m²/s"},
    }
    return fog.Motion(**parts | changes)


def sensor(name: str = "radar", **changes: Any) -> fog.Sensor:
    parts: dict[str, Any] = {
        "name": name,
        "measures": [f"{name}_range"],
        "measure": measure,
        "noise": noise,
        "params": {"gain": 1.5, "std": fog.param(0.8, high=2.0)},
        "angles": [f"{name}_range"],
        "units": {f"{name}_range": "m", "std": "m"},
    }
    return fog.Sensor(**parts | changes)


def whole(**changes: Any) -> fog.Model:
    parts: dict[str, Any] = {
        "motion": motion(),
        "sensors": [sensor(), sensor("lidar")],
        "start": fog.Belief([1.0, 0.2], std=[1.0, 0.5]),
    }
    return fog.Model(**parts | changes)


def test_names_are_kept_in_order_as_tuples() -> None:
    m, s = motion(), sensor()
    assert (m.state, m.controls, m.angles) == (("gap", "speed"), ("push",), ("speed",))
    assert (s.name, s.measures, s.angles) == ("radar", ("radar_range",), ("radar_range",))
    assert dict(m.params) == {"q": 0.3, "share": 0.5} and dict(s.params) == {"gain": 1.5, "std": 0.8}
    assert m.bounds["share"] == (0.0, 1.0) and s.bounds["std"] == (float("-inf"), 2.0)
    assert dict(m.units) == {"gap": "m", "push": "N", "q": "m²/s"}
    assert dict(s.units) == {"radar_range": "m", "std": "m"}


def test_what_is_left_out_is_empty() -> None:
    m = fog.Motion(("a",), lambda x, dt, p: [x.a], lambda x, dt, p: [[1.0]])
    s = fog.Sensor("s", ("z",), lambda x, p: [x.a], lambda x, p: [[1.0]])
    for part in (m, s):
        assert not part.params and not part.bounds and not part.units and part.angles == ()
    assert m.controls == ()
    model = fog.Model(m, [s], None)
    assert model.parameters == {} and not model.matrices and not model.rows and model.kernels == {}


@pytest.mark.parametrize("part", [motion, sensor])
def test_units_are_frozen_copies_of_known_names(part: Any) -> None:
    units = {"q" if part is motion else "std": "m"}
    made = part(units=units)
    units.clear()
    assert len(made.units) == 1
    with pytest.raises(TypeError):
        made.units["gap"] = "km"
    with pytest.raises(fog.ModelError, match=r"units\['other'\]: expected one of .*Rename it") as caught:
        part(units={"other": "m"})
    assert (caught.value.field, caught.value.index, caught.value.value) == ("units", "other", "other")


def test_a_model_holds_its_parts() -> None:
    m, sensors = motion(), [sensor()]
    model = whole(motion=m, sensors=sensors)
    sensors.append(sensor("lidar"))
    assert model.motion is m and model.sensors == (sensors[0],) and model.state == ("gap", "speed")
    assert whole(sensors=iter([sensor()])).sensors[0].name == "radar"
    for mapping in (model.matrices, model.rows):
        with pytest.raises(TypeError):
            mapping["F"] = 1.0  # type: ignore[index]


def test_parameters_are_in_declared_order() -> None:
    names = ["motion.q", "motion.share", "radar.gain", "radar.std", "lidar.gain", "lidar.std"]
    model = whole()
    assert list(model.parameters) == list(model.bounds) == names
    assert list(model.parameters.values()) == [0.3, 0.5, 1.5, 0.8, 1.5, 0.8]
    assert model.bounds["motion.share"] == (0.0, 1.0)


def test_a_derived_model_shares_compiled_kernels_and_nothing_else_changes() -> None:
    model = whole()
    model.kernels["mark"] = 1
    other = model.with_parameters({"q": 0.6, "lidar.gain": 2.0})
    assert other.kernels is model.kernels and whole().kernels is not model.kernels
    assert other.parameters == model.parameters | {"motion.q": 0.6, "lidar.gain": 2.0}
    assert other.bounds == model.bounds and isinstance(other.sensors, tuple)
    assert other.start is model.start and other.motion.controls == ("push",)
    assert [s.name for s in other.sensors] == ["radar", "lidar"]
    assert other.sensors[1].measure is measure and dict(other.motion.units) == dict(model.motion.units)
    assert model.with_parameters({}).parameters == model.parameters


def test_a_frozen_model_is_its_own_copy() -> None:
    model = whole()
    assert copy.deepcopy(model) is model and copy.copy(model) is model
    assert copy.deepcopy(model.motion) is model.motion and copy.copy(model.sensors[0]) is model.sensors[0]


def test_opaque_functions_know_what_they_wrap() -> None:
    wrapped = fog.opaque(measure)
    assert wrapped.function is wrapped.__wrapped__ is measure and wrapped.__name__ == "measure"
    assert fog.opaque(wrapped) is wrapped and isinstance(wrapped, module.Opaque)

    class Table:
        def __call__(self, a: int, b: int) -> int:
            return 10 * a + b

    table = fog.opaque(Table())
    assert table.__name__ == "Table" and table(3, 4) == 34


def test_a_live_filter_is_of_the_method_asked_for() -> None:
    model = fog.Model(
        fog.motion.random_walk(("level",), 1.0), [fog.sensing.linear("gauge", "level", 2.0)], None
    )
    started = fog.Model(model.motion, model.sensors, fog.Belief([1.0], std=[2.0]))
    for method in (None, fog.KF(form="joseph"), fog.UKF()):
        assert fog.online(started, method).method == (fog.EKF() if method is None else method)


def test_parts_are_frozen_and_equal_only_to_themselves() -> None:
    """Two parts that look the same are different: their functions cannot be compared."""
    for make in (motion, sensor, whole):
        part, twin = make(), make()
        assert part != twin and part == part and len({part, twin}) == 2
        with pytest.raises(FrozenInstanceError):
            part.units = {}
    with pytest.raises(TypeError, match="kernels"):
        whole(kernels={})
    with pytest.raises(TypeError, match="bounds"):
        motion(bounds={})
    with pytest.raises(TypeError, match="bounds"):
        sensor(bounds={})


def test_another_start_compiles_nothing_and_gives_what_a_new_model_gives() -> None:
    model = whole()
    start = fog.Belief(model.start.mean + 1.0, std=[2.0, 0.5][: len(model.state)])
    other = model.with_start(start)
    assert other.kernels is model.kernels and other.start is start and model.start is not start
    log, _ = fog.simulate(model, steps=5, dt=0.1, seed=2, u=[[0.3], [0.1], [-0.2], [0.0], [0.4]])
    fog.run(model, log)
    fresh = fog.Model(model.motion, model.sensors, start)
    assert fog.run(other, log).filtered.mean.tobytes() == fog.run(fresh, log).filtered.mean.tobytes()
    with pytest.raises(fog.ModelError, match="start has 1 states: expected"):
        model.with_start(fog.Belief([0.0], std=[1.0]))
