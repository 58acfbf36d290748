"""Bad inputs, tables, helper states and delays: each error names the field, the index, the value and a remedy."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import foglight as fog

WALK = fog.motion.constant_velocity(("x", "y"), accel=0.5)
GPS = fog.sensing.linear("gps", of=("x", "y"), std=1.0, bias=fog.bias(std=1.0))
CAMERA = fog.sensing.bearing("camera", std=0.1, delay=fog.delay(0.5))
LATE = fog.Model(
    WALK, [fog.sensing.linear("tape", of="x", std=1.0), CAMERA], fog.Belief([0, 0, 1, 1], std=[1] * 4)
)
CELL = fog.Motion(
    ("charge",), lambda x, dt, u: [x.charge - dt * u.amps], lambda dt: [[dt]], controls=("amps",)
)
START, NAN = fog.Belief([1.0], std=[1.0]), np.nan
GAUGE = fog.Model(CELL, [fog.sensing.linear("gauge", of="charge", std=1.0)], START)
METER = fog.Model(
    CELL,
    [fog.Sensor("meter", ("v",), lambda x, u: [x.charge - u.amps], lambda: [[1.0]], controls=("amps",))],
    START,
)


def run(model: fog.Model, u: Any, **options: Any) -> fog.Run:
    columns = {model.sensor_names[0]: [1.0, 2.0, 3.0]} | ({} if u is None else {"u": u})
    return fog.run(model, fog.Log.from_arrays([0.0, 1.0, 2.0], **columns, **options))


@dataclass(frozen=True)
class Fault:
    make: Any
    error: type[fog.FoglightError]
    field: str
    index: Any
    value: Any
    remedy: str


FAULTS = {
    "a state that the motion has already": Fault(
        lambda: fog.Model(WALK.with_states(fog.motion.random_walk("gps_bias_x", std=[1.0])), [GPS], None),
        fog.ModelError, "gps.bias", "gps_bias_x", "gps_bias_x", "Rename that of the motion, or the sensor."),
    "one that another sensor adds, too": Fault(
        lambda: fog.Model(WALK, [GPS, GPS], None),
        fog.ModelError, "gps.bias", "gps_bias_x", "gps_bias_x", "Rename"),
    "a delay without a history": Fault(
        lambda: fog.online(LATE), fog.TimeError, "history", "camera", 0.0, "expected at least 0.5. Write history=1."),
    "a delay longer than the history": Fault(
        lambda: fog.online(LATE, history=0.2), fog.TimeError, "history", "camera", 0.2, "Write history=1."),
    "an input that the log has not": Fault(
        lambda: run(GAUGE, None), fog.DataError, "amps", None, ["gauge"], "Add a column of that name"),
    "a missing input, refused": Fault(
        lambda: run(GAUGE, [0.0, NAN, 1.0]), fog.DataError, "u", (1, 0), NAN, "hold=True carries the last one forward."),
    "a missing input that cannot be held": Fault(
        lambda: run(GAUGE, [NAN, NAN, 1.0], hold=True), fog.DataError, "u", (1, 0), NAN,
        "Give the one before the first: hold={'amps': 0.0}."),
    "a missing input that a sensor reads": Fault(
        lambda: run(METER, [NAN, 0.0, 1.0]), fog.DataError, "u", (0, 0), NAN, "Fill it in, or leave the reading out."),
    "an input that is infinite, which is not held": Fault(
        lambda: run(GAUGE, [0.0, np.inf, 1.0], hold=True), fog.DataError, "u", (1, 0), np.inf, "Fill the gap"),
    "points that do not increase": Fault(
        lambda: fog.table([0.0, 2.0, 1.0], [1.0, 2.0, 3.0]), fog.ModelError, "x", 2, 1.0, "Sort the points"),
    "a point that is given twice": Fault(
        lambda: fog.table([0.0, 1.0, 1.0], [1.0, 2.0, 3.0]), fog.ModelError, "x", 2, 1.0, "each of them once."),
    "a point that is missing": Fault(
        lambda: fog.table([0.0, NAN, 1.0], [1.0, 2.0, 3.0]), fog.ModelError, "x", 1, NAN, "never set"),
    "points of a grid that do not increase": Fault(
        lambda: fog.table(([0.0, 1.0], [0.0, 5.0, 5.0]), np.zeros((2, 3))), fog.ModelError, "x[1]", 2, 5.0, "Sort"),
}  # fmt: skip


@pytest.mark.parametrize("what", FAULTS)
def test_an_error_names_field_index_value_and_remedy(what: str) -> None:
    fault = FAULTS[what]
    with pytest.raises(fault.error) as caught:
        fault.make()
    error = caught.value
    assert (error.field, error.index) == (fault.field, fault.index)
    assert error.value == fault.value or (error.value != error.value and fault.value != fault.value)
    assert fault.remedy in str(error)


def test_a_missing_input_that_is_declared_to_be_held_is_held() -> None:
    held = run(GAUGE, {"amps": [NAN, NAN, 1.0]}, hold={"amps": 0.5})
    assert held.loglik == run(GAUGE, [0.5, 0.5, 1.0]).loglik
