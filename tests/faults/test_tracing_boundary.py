"""What cannot be traced ends in a ModelError with file, line and column that shows the spelling that works."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog

START = fog.Belief([4.0, -1.0], cov=[[1.0, 0.2], [0.2, 0.5]])
LOG = fog.Log.from_arrays([0.0, 0.1, 0.25], radar=[4.1, 3.9, 3.8])


def model(dynamics: Callable[..., Any] | None = None, measure: Callable[..., Any] | None = None) -> Any:
    motion = fog.Motion(
        ("gap", "speed"),
        dynamics or (lambda x, dt, p: [x.gap + dt * x.speed, x.speed]),
        lambda x, dt, p: [[0.1 * dt, 0.01 * dt], [0.01 * dt, 0.2 * dt]],
        params={"drag": 0.1},
    )
    radar = fog.Sensor("radar", ("range",), measure or (lambda x, p: [x.gap]), lambda x, p: [[0.3]])
    return fog.Model(motion, [radar], start=START)


def branch(x: Any, dt: Any, p: Any) -> Any:
    if x.gap > 0:
        return [x.gap, x.speed]
    return [-x.gap, x.speed]


def branch_on_parameter(x: Any, dt: Any, p: Any) -> Any:
    return [x.gap * (2 if p.drag > 0.5 else 1), x.speed]


def short_circuit(x: Any, dt: Any, p: Any) -> Any:
    return [np.where(x.gap > 0 and x.speed > 0, x.gap, 0.0), x.speed]


def python_math(x: Any, dt: Any, p: Any) -> Any:
    return [x.gap + math.sin(x.speed), x.speed]


def to_float(x: Any, dt: Any, p: Any) -> Any:
    return [float(x.gap), x.speed]


def to_index(x: Any, dt: Any, p: Any) -> Any:
    return [([1.0, 2.0] * 50)[int(x.gap)], x.speed]


def assign_item(x: Any, dt: Any, p: Any) -> Any:
    x[0] = x[0] + dt * x[1]
    return x


def fill_array(x: Any, dt: Any, p: Any) -> Any:
    out = np.zeros(2)
    out[0] = x.gap
    out[1] = x.speed
    return out


def where_on_arrays(x: Any, dt: Any, p: Any) -> Any:
    v = np.array([x.gap, x.speed])
    return np.where(v > 0, v, -v)


def maximum_on_arrays(x: Any, dt: Any, p: Any) -> Any:
    return np.maximum(np.array([x.gap, x.speed]), 0.0)


def solve_on_arrays(x: Any, dt: Any, p: Any) -> Any:
    return np.linalg.solve(np.array([[x.gap, 1.0], [0.0, 1.0]]), np.array([x.gap, x.speed]))


def unknown_state(x: Any, dt: Any, p: Any) -> Any:
    return [x.gap + dt * x.velocity, x.speed]


def unknown_parameter(x: Any, dt: Any, p: Any) -> Any:
    return [x.gap - p.friction * x.speed, x.speed]


def library_call(x: Any, dt: Any, p: Any) -> Any:
    return [np.sinc(x.gap), x.speed]


BOUNDARY = [
    (branch, "x.gap > 0", "np.where"),
    (branch_on_parameter, "p.drag > 0.5", "np.where"),
    (short_circuit, "x.gap > 0", "np.where"),
    (python_math, "math.sin(x.speed)", "np.sin"),
    (to_float, "float(x.gap)", "float()"),
    (to_index, "int(x.gap)", "np."),
    (assign_item, "x[0] =", "return"),
    (fill_array, "out[0] = x.gap", "np.array([...])"),
    (where_on_arrays, "v > 0", "scalars"),
    (maximum_on_arrays, "np.maximum(", "scalars"),
    (solve_on_arrays, "np.linalg.solve(", "single states"),
    (unknown_state, "velocity", "gap"),
    (unknown_parameter, "friction", "drag"),
    (library_call, "np.sinc(", "fog.opaque"),
]


def line_of(function: Callable[..., Any], words: str) -> int:
    """The line in this file where the words stand inside the function."""
    first = function.__code__.co_firstlineno
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    return next(i for i in range(first, first + 5) if words in lines[i - 1])


@pytest.mark.parametrize("method", [fog.EKF(), fog.UKF()], ids=repr)
@pytest.mark.parametrize(
    "function, words, remedy", BOUNDARY, ids=[function.__name__ for function, _, _ in BOUNDARY]
)
def test_what_cannot_be_traced_names_the_line(function: Any, words: str, remedy: str, method: Any) -> None:
    with pytest.raises(fog.ModelError) as caught:
        fog.run(model(dynamics=function), LOG, method=method)
    message = str(caught.value)
    assert remedy in message
    assert f"test_tracing_boundary.py:{line_of(function, words)}" in message
    assert words.split("(")[0].split(" ")[0] in message


def test_the_same_in_a_sensor() -> None:
    def measure(x: Any, p: Any) -> Any:
        return [math.sqrt(x.gap)]

    with pytest.raises(fog.ModelError, match=r"test_tracing_boundary\.py:\d+:\d+.*math\.sqrt.*np\.sqrt"):
        fog.run(model(measure=measure), LOG)


def test_the_spellings_that_are_advised_work() -> None:
    def dynamics(x: Any, dt: Any, p: Any) -> Any:
        gap = np.where((x.gap > 0) & (x.speed < 3), x.gap, -x.gap) + np.sin(x.speed) * dt
        return np.array([np.maximum(gap, 0.0), np.minimum(x.speed, 5.0) * (1 - p.drag * dt)])

    run = fog.run(model(dynamics=dynamics), LOG)
    assert np.isfinite(run.filtered.mean).all()


def test_opaque_lets_it_through() -> None:
    run = fog.run(model(measure=fog.opaque(lambda x, p: [np.interp(x[0], [0.0, 10.0], [0.0, 9.0])])), LOG)
    scaled = fog.run(model(measure=lambda x, p: [0.9 * x.gap]), LOG)
    assert run.filtered.mean == pytest.approx(scaled.filtered.mean, rel=1e-6)
    assert run.engine != scaled.engine
