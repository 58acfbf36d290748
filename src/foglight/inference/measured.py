"""The sensors of a model that are linear in the state, z = H x + d + v, along the rows of a scan."""

from functools import partial
from typing import Any, NamedTuple

import numpy as np

from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kept import kept
from foglight.compiler.linearity import bend_of
from foglight.core.errors import ModelError
from foglight.core.types import Array
from foglight.inference.linearised import sensor_jacobians
from foglight.model.model import Model, Opaque
from foglight.trace.program import Program


class Measured(NamedTuple):
    """H (tracks, T, M, n), d (tracks, T, M) and R (tracks, T, M, M) of each row; one track where all have the same."""

    H: Array
    d: Array
    R: Array


def measured(model: Model, arrays: Arrays, x: Array, what_for: str) -> Measured:
    """H and d of all sensors, and R at the states x (tracks, T, n); ModelError unless every sensor is linear.

    what_for: what needs it, for the error.
    """
    require_linear_sensors(model, what_for)
    program = sensor_jacobians(model)
    at_zero, here = (
        values_along(program, arrays, np.zeros((1, 1, x.shape[2]))),
        values_along(program, arrays, x),
    )
    n, M = x.shape[2], len(model.components)
    H, d = _stacked(at_zero["H"], (M, n), arrays), _stacked(at_zero["h"], (M,), arrays)
    R = np.zeros((*np.broadcast_shapes(d.shape[:2], x.shape[:2]), M, M))
    first = 0
    for _, at in model.blocks:
        m = at.stop - at.start
        R[:, :, at, at] = _stacked(here["R"][first : first + m * m], (m, m), arrays, len(x))
        first += m * m
    return Measured(H, d, R)


def require_linear_sensors(model: Model, what_for: str) -> None:
    """ModelError unless what every sensor reads is linear in the state, and no angle."""
    remedy = "Leave the sensor out, or look at the states themselves: fog.smooth(run).to_frame()."
    for sensor in model.sensors:
        field = f"{sensor.name}.measure"
        if isinstance(sensor.measure, Opaque):
            raise ModelError(
                f"{field} is opaque: whether it is linear cannot be checked, and {what_for} needs sensors that are "
                f"linear in the state. {remedy}",
                field=field, value="opaque",
            )  # fmt: skip
        where = kept(model, ("bends", sensor.name), partial(bend_of, model, sensor))
        if where is not None:
            raise ModelError(
                f"{field} is not linear in the state: {where or 'its definition'} bends, and {what_for} needs sensors "
                f"that are linear in the state. {remedy}",
                field=field, value=where or field,
            )  # fmt: skip
        if sensor.angles:
            raise ModelError(
                f"{sensor.name}.{sensor.angles[0]} is an angle, which wraps around, and {what_for} needs readings that "
                f"are sums. {remedy}",
                field=field, value=sensor.angles[0],
            )  # fmt: skip


def values_along(program: Program, arrays: Arrays, x: Array) -> dict[str, list[Any]]:
    """The outputs of the Program of the sensors in every row, for states x that broadcast to (tracks, T, n)."""
    inputs: dict[Any, Any] = {("u", i): arrays.u[:, :, i] for i in range(arrays.u.shape[2])}
    inputs |= {("dt", 0): arrays.dt[None]}
    inputs |= {("row", i): arrays.row[:, :, i] for i in range(arrays.row.shape[2])}
    inputs |= {("params", i): np.float64(v) for i, v in enumerate(arrays.params)}
    with np.errstate(all="ignore"):
        return program.evaluate(inputs | {("carry", i): x[:, :, i] for i in range(x.shape[2])})


def _stacked(values: list[Any], shape: tuple[int, ...], arrays: Arrays, tracks: int = 1) -> Array:
    """Values of all rows as one array (tracks, T, *shape); one track where no value differs between tracks."""
    rows = (max(len(arrays.u), tracks), len(arrays.dt))
    columns = [np.broadcast_to(np.asarray(value, float), rows) for value in values]
    return np.stack(columns, axis=2).reshape(*rows, *shape)
