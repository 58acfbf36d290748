"""FAULTS rows 1 to 28, as far as models are born here: type, field, value and remedy of each refusal."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

import foglight as fog

I2 = np.eye(2)
F2 = np.array([[1.0, 0.5], [0.0, 1.0]])
START = fog.Belief([5.0, 0.0], std=[5.0, 1.0])


def matrices(**changes: Any) -> fog.Model:
    parts: dict[str, Any] = {"F": F2, "Q": 0.1 * I2, "H": [[1.0, 0.0], [1.0, 2.0]], "R": I2, "start": START}
    return fog.linear_model(**parts | changes)


def motion(**changes: Any) -> fog.Motion:
    parts: dict[str, Any] = {
        "state": ("gap", "speed"),
        "dynamics": lambda x, dt, p: [x.gap + dt * x.speed, x.speed],
        "noise": lambda x, dt, p: 0.1 * I2,
    }
    return fog.Motion(**parts | changes)


def sensor(**changes: Any) -> fog.Sensor:
    parts: dict[str, Any] = {
        "name": "radar",
        "measures": ("range", "rate"),
        "measure": lambda x, p: [x.gap, x.speed],
        "noise": lambda x, p: I2,
    }
    return fog.Sensor(**parts | changes)


def whole(motion_changes: Any = None, sensor_changes: Any = None, start: Any = START) -> fog.Model:
    return fog.Model(motion(**motion_changes or {}), [sensor(**sensor_changes or {})], start)


def three(asymmetry: float) -> Any:
    Q = np.array([[4.0, 1.0, 0.5], [1.0, 9.0, 0.3], [0.5, 0.3, 1.0]])
    Q[0, 1] += asymmetry
    return Q


def divide(x: Any, p: Any) -> Any:
    return [1 / len(p), x.gap]


# row of FAULTS.md, what is built, the field, and what the message says
TABLE: list[tuple[int, Callable[[], Any], str | None, str]] = [
    (1, lambda: matrices(F=np.ones((2, 3))), "F", "F has shape (2, 3): expected (3, 3)"),
    (1, lambda: matrices(F=np.eye(3), H=np.ones((2, 3)), Q=np.eye(3)), "start", "start has 2 states: expected 3 (x0, x1, x2)"),
    (1, lambda: matrices(F=[[1.0, 0.5], [0.0]]), "F", "F has rows of different lengths"),
    (1, lambda: matrices(Q=np.eye(3)), "Q", "Q has shape (3, 3): expected (2, 2) or (T, 2, 2)"),
    (2, lambda: matrices(H=[[1.0], [2.0]]), "H", "H has shape (2, 1): expected (2, 2) or (T, 2, 2). H needs one column for each state"),
    (4, lambda: matrices(R=0.25), "R", "R has shape (): expected (2, 2) or (T, 2, 2). One number says nothing about the others: for equal, unrelated noise write 0.25 * np.eye(2)"),
    (4, lambda: matrices(Q=[0.1, 0.2]), "Q", "For unrelated noise write np.diag([...]) of the variances"),
    (4, lambda: whole(sensor_changes={"noise": lambda x, p: 0.25}), "radar.noise", "radar.noise returned shape (): expected a covariance of shape (2, 2). One number says nothing about the others: for equal, unrelated noise write 0.25 * np.eye(2)"),
    (6, lambda: matrices(R=[[1.0, 0.5], [0.4, 1.0]]), "R", "R[0,1] = 0.5 but R[1,0] = 0.4"),
    (6, lambda: fog.linear_model(np.eye(3), three(1e-8), np.ones(3), 1.0, start=None), "Q", "a covariance is symmetric (they differ by 1e-08)"),
    (7, lambda: matrices(R=[[1.0, 0.0], [0.0, -0.04]]), "R", "R[1,1] = -0.04: a variance must be >= 0"),
    (7, lambda: whole(motion_changes={"noise": lambda x, dt, p: [[0.1, 0.0], [0.0, -0.2]]}), "motion.noise", "motion.noise[1,1] = -0.2: a variance must be >= 0"),
    (7, lambda: whole(motion_changes={"noise": lambda x, dt, p: fog.noise.factored(I2, [1.0, -0.2])}), "motion.noise", "motion.noise.variances[1] = -0.2: a variance must be >= 0"),
    (8, lambda: matrices(Q=[[1.0, 2.0], [2.0, 1.0]]), "Q", "Q[1,1] makes Q indefinite: -3 is left there"),
    (8, lambda: matrices(Q=np.array([I2, [[1.0, 2.0], [2.0, 1.0]]])), "Q", "Q[1,1,1] makes Q indefinite"),
    (8, lambda: matrices(Q=[[0.0, 0.1], [0.1, 1.0]]), "Q", "Q[0,1] = 0.1 but Q[0,0] = 0: what does not vary cannot covary"),
    (13, lambda: matrices(F=[[1.0, np.nan], [0.0, 1.0]]), "F", "F[0,1] = nan: expected a finite number"),
    (13, lambda: matrices(R=[[np.inf, 0.0], [0.0, 1.0]]), "R", "R[0,0] = inf: expected a finite number"),
    (13, lambda: matrices(b=[0.0, np.nan]), "b", "b[1] = nan"),
    (13, lambda: whole(motion_changes={"dynamics": lambda x, dt, p: [np.nan, x.speed]}), "motion.dynamics", "motion.dynamics: gap = nan at the start (gap=5.0, speed=0.0)"),
    (13, lambda: whole(sensor_changes={"noise": lambda x, p: [[1.0, 0.0], [0.0, np.nan]]}), "radar.noise", "radar.noise[1,1] = nan"),
    (14, lambda: matrices(F=F2 + 0j), "F", "F holds complex128 values: expected float64"),
    (14, lambda: whole(sensor_changes={"measure": lambda x, p: [x.gap, 1j]}), "radar.measure", "radar.measure returned complex128 values"),
    (15, lambda: matrices(H=[["1", "0"], ["0", "1"]]), "H", "expected float64"),
    (15, lambda: matrices(Q=[[Decimal("0.1"), 0], [0, 1]]), "Q", "Q holds object values: expected float64"),
    (16, lambda: matrices(F=F2.astype(np.float16)), "F", "F holds float16 values"),
    (16, lambda: matrices(F=F2.astype(np.longdouble)), "F", "expected float64. Convert with np.asarray(F, dtype=float)"),
    (17, lambda: matrices(F=F2.astype(np.float32)), "F", "F: float32, but others are float64: expected one type. Write F.astype(float)"),
    (18, lambda: matrices(F=np.zeros((0, 0)), Q=np.zeros((0, 0)), H=np.zeros((1, 0)), R=[[1.0]]), "F", "n = 0 states, m = 1 measures"),
    (18, lambda: motion(state=()), "state", "state is empty: expected at least one name"),
    (18, lambda: fog.Model(motion(), [], START), "sensors", "sensors is empty"),
    (19, lambda: matrices(F=np.broadcast_to(1.0, (7000, 7000))), "F", "F has 7000 states: one step needs 2.2 GiB, more than 2"),
    (20, lambda: whole(motion_changes={"dynamics": lambda x, dt, p: [x.gap]}), "motion.dynamics", "motion.dynamics returned shape (1,): expected one value for each of gap, speed, shape (2,)"),
    (20, lambda: whole(motion_changes={"dynamics": lambda x, dt, p: None}), "motion.dynamics", "motion.dynamics returned None. End the function with `return [...]`"),
    (20, lambda: whole(sensor_changes={"measure": lambda x, p: [[x.gap], [x.speed]]}), "radar.measure", "Vectors are 1-D: no columns"),
    (20, lambda: whole(sensor_changes={"noise": lambda x, p: fog.noise.factored([[1.0]], [1.0])}), "radar.noise", "factored noise for 1: expected 2"),
    (20, lambda: whole(motion_changes={"dynamics": lambda x: [x.gap, x.speed]}), "motion.dynamics", "Its arguments are (x, dt, p)"),
    (21, lambda: whole(motion_changes={"dynamics": lambda x, dt, p: x.__setitem__(0, 1.0)}), None, "a state cannot be set. Return the new values"),
    (23, lambda: whole(sensor_changes={"measure": divide}), "radar.measure", "test_constructors.py:53:13 `1 / len(p)`: radar.measure raised ZeroDivisionError: division by zero. It was called with gap=5.0, speed=0.0"),
    (25, lambda: motion(state=("gap", "gap")), "state", "state[1] = 'gap': the name is there twice"),
    (25, lambda: motion(state=("gap", "")), "state[1]", "state[1] = '' is no identifier"),
    (25, lambda: motion(state=("g" * 1_000_000, "speed")), "state[0]", "has 1000000 characters, more than 100"),
    (25, lambda: motion(state=("gap\x00", "speed")), "state[0]", "'gap\\x00' is no identifier"),
    (25, lambda: motion(state=("lambda", "speed")), "state[0]", "no Python keyword"),
    (25, lambda: motion(state=("_gap", "speed")), "state[0]", "a letter first"),
    (25, lambda: motion(state=("\ufb01eld", "speed")), "state[0]", "letters that Python reads as others"),
    (25, lambda: motion(state=("gap", 2)), "state[1]", "state[1] = 2 is a int, not a text"),
    (25, lambda: motion(state="gap"), "state", "expected a tuple of names. Write ('gap',)"),
    (25, lambda: fog.Model(motion(), [sensor(), sensor()], START), "sensors", "sensors[1] = 'radar': the name is there twice"),
    (25, lambda: sensor(name="motion"), "sensor name", "sensor name = 'motion'"),
    (25, lambda: sensor(name="*/ radar"), "sensor name", "is no identifier"),
    (28, lambda: motion(angles=("heading",)), "angles", "angles[0] = 'heading': expected one of gap, speed"),
    (28, lambda: sensor(units={"heading": "rad"}), "units", "units['heading']: expected one of range, rate"),
    (0, lambda: motion(params={"accel": np.nan}), "params['accel']", "params['accel'] = nan: expected a finite number"),
    (0, lambda: motion(params={"accel": "0.4"}), "params['accel']", "params['accel'] = '0.4': expected a finite number"),
    (0, lambda: fog.linear_model("a", [[1.0]], [[1.0]], [[1.0]], start=None), "F", "F holds text values: expected float64"),
    (0, lambda: fog.Model(motion(), [sensor()], START).with_parameters([0.4]), "values", "values = [0.4]: expected names and values"),
    (0, lambda: motion(params=[0.4]), "params", "expected names and values. Write params={'accel': 0.4}"),
    (0, lambda: fog.param(-0.4, low=0), "value", "param value = -0.4: expected 0 <= value <= inf"),
    (0, lambda: motion(dynamics=[[1, 0], [0, 1]]), "dynamics", "expected a function"),
    (0, lambda: fog.opaque(3), "function", "opaque(3): expected a function"),
    (0, lambda: fog.Model(motion(), sensor(), START), "sensors", "expected a list of fog.Sensor. Write [radar]"),
    (0, lambda: fog.Model(motion(), ["radar"], START), "sensors", "sensors[0] = 'radar': expected a fog.Sensor"),
    (0, lambda: fog.Model(sensor(), [sensor()], START), "motion", "expected a fog.Motion"),
    (0, lambda: whole(start=[5.0, 0.0]), "start", "expected a fog.Belief, or None where nothing is known"),
    (0, lambda: whole(start=fog.Belief([5.0, 0.0], std=[1.0, 1.0], names=("speed", "gap"))), "start", "start is about speed, gap: expected gap, speed, in this order"),
    (0, lambda: whole(sensor_changes={"measure": lambda x, p: [x.gab, x.speed]}), "gab", "there is no state 'gab'. There are: gap, speed"),
    (0, lambda: matrices(F=np.array([F2] * 3), H=np.ones((4, 2, 2))), "F", "matrices for different numbers of rows: F 3, H 4: expected the same"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("build", "field", "sentence"),
    [row[1:] for row in TABLE],
    ids=[f"{row[0]}: {row[3][:40]}" for row in TABLE],
)
def test_refused_with_field_value_and_remedy(
    build: Callable[[], Any], field: str | None, sentence: str
) -> None:
    with pytest.raises(fog.ModelError, match=re.escape(sentence)) as caught:
        build()
    assert caught.value.field == field
    assert str(caught.value).endswith((".", "?"))  # a sentence, with what to do


# row of FAULTS.md, what must be accepted
ACCEPTED: list[tuple[int, Callable[[], Any]]] = [
    (3, lambda: matrices(H=[1.0, 0.0], R=0.25)),
    (6, lambda: fog.linear_model(np.eye(3), three(1e-11), np.ones(3), 1.0, start=None)),
    (9, lambda: matrices(Q=[[0.25, 0.5], [0.5, 1.0]])),
    (10, lambda: matrices(R=np.zeros((2, 2)))),
    (11, lambda: matrices(start=fog.Belief([5.0, 0.0], std=[0.0, 0.0]))),
    (12, lambda: matrices(start=None)),
    (15, lambda: matrices(F=[[1, 1], [0, 1]], H=np.array([[True, False], [True, True]]))),
    (17, lambda: fog.linear_model(*[np.float32(a) for a in (F2, I2, I2, I2)], start=None)),
    (24, lambda: matrices(F=[[1.0, 0.0], [0.0, 2.0]], H=[[1.0, 0.0], [2.0, 0.0]])),
]


@pytest.mark.parametrize(("row", "build"), ACCEPTED, ids=[str(row) for row, _ in ACCEPTED])
def test_accepted(row: int, build: Callable[[], Any]) -> None:
    assert isinstance(build(), fog.Model), row


def test_masked_arrays_are_refused() -> None:
    with pytest.raises(fog.ModelError, match="Q is a masked array: a model has no missing numbers"):
        matrices(Q=np.ma.masked_equal(I2, 0.0))


def test_nothing_is_changed_in_what_was_passed() -> None:
    Q = np.array([[1.0, 0.2 + 1e-12], [0.2, 2.0]])
    before = Q.copy()
    matrices(Q=Q)
    np.testing.assert_array_equal(Q, before)
    assert Q.flags.writeable
