"""Correlated process noise and measurement noise: a gust that moves the drone and disturbs its pressure gauge.

The model is x_k = f(x_k-1) + w_k and z_k = h(x_k) + v_k with E[w_k v_kᵀ] = C, so that w_k, which leads *to* row k, also
appears in row k's own reading. Simon 2006, §7.1, solves it with a special gain, K = (P Hᵀ + C) S⁻¹. Here v_k becomes
part of the state instead, drawn in each step together with w_k,

    [w_k; v_k] ~ N(0, [[Q, C], [Cᵀ, R]])     z_k = h(x_k) + v_k     without further noise,

which gives the same gain, keeps the covariance in factored form, and works with every method, smoother and backend.
"""

from collections.abc import Callable, Container, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.core.types import Array
from foglight.model import returned
from foglight.model.argument_names import MOVING, TIME, bound, takes_time
from foglight.model.belief import Belief
from foglight.model.helper_expansion import on_first_states
from foglight.model.linear_model import linear_model
from foglight.model.model import Model, Motion, Opaque, Sensor
from foglight.model.opaque_functions import like
from foglight.model.parameters import params_of
from foglight.model.part_functions import PartFunctions, held_controls, own_params
from foglight.model.wider_belief import nothing_known, side_by_side
from foglight.trace.named_vector import Vector

_CONTROLS = (1.0, 2.7)  # two values at which a noise that reads its controls differs


def with_cross_noise(model: Model, sensor: str, cross: Any) -> Model:
    """The model with correlated process and measurement noise, E[w_k v_kᵀ] = C.

    w_k is the process noise that leads to row k, and v_k the noise of row k's own reading. The measurement noise
    becomes a state after the others, such as `radar_range_noise`, and the sensor becomes exact. The parameters of its
    noise become parameters of the motion, such as `motion.radar_std`. A second reading at the same time has the same
    noise; if it differs from the first, the two contradict each other.

    Parameters
    ----------
    model : Model
        A model with constant matrices, or with functions that can be traced.
    sensor : str
        Name of the sensor, which has m components.
    cross : array_like or callable
        C, shape (n, m), or a function (x, dt, p) of the motion's arguments that returns it; where n and m are 1, a
        number will do. [[Q, C], [Cᵀ, R]] must be a covariance.

    Returns
    -------
    Model
        A model with n + m states.

    Raises
    ------
    ModelError
        For an unknown sensor, a wrong shape, matrices that change row by row, functions declared opaque, noise of the
        sensor that depends on controls, and a motion that already has a parameter or a state of an added name.

    Notes
    -----
    Simon 2006, §7.1.

    Examples
    --------
    >>> drone = fog.Model(fog.motion.random_walk(("height",), std=1.5),
    ...                   [fog.sensing.linear("gauge", of="height", std=0.5)], fog.Belief([10.0], std=[2.0]))
    >>> fog.with_cross_noise(drone, "gauge", [[0.3]]).state
    ('height', 'gauge_height_noise')
    """
    found = next((s for s in model.sensors if s.name == sensor), None)
    if found is None:
        raise ModelError.expected(
            "sensor", sensor, f"one of {', '.join(s.name for s in model.sensors)}", "Rename it."
        )
    if model.rows:
        raise ModelError(
            f"{', '.join(model.rows)} change row by row: expected constant matrices. Write the model as a "
            "fog.Motion and a fog.Sensor.",
            field="model", value=tuple(model.rows),
        )  # fmt: skip
    functions = (model.motion.noise, found.noise, model.motion.dynamics, found.measure)
    if any(isinstance(function, Opaque) for function in functions):
        raise ModelError(
            f"the motion or {sensor} has a function declared opaque: expected functions that can be traced. "
            "Write the noise as a state of the model itself.",
            field="model", value=sensor,
        )  # fmt: skip
    shape = (len(model.state), len(found.measures))
    if callable(cross):
        return _nonlinear(model, found, _checked(_by_position(cross, model.motion), shape))
    constant = checks.filled(checks.numbers(cross, "cross"), shape)
    if constant.shape != shape:
        raise ModelError(
            f"cross has shape {constant.shape}: expected {shape}, a row for each of {', '.join(model.state)} and a "
            f"column for each of {', '.join(found.measures)}. Write C[i][j] = E[w_i v_j].",
            field="cross", value=constant.shape,
        )  # fmt: skip
    return (
        _linear(model, found, constant) if model.matrices else _nonlinear(model, found, lambda *_: constant)
    )


def _by_position(cross: Callable[..., Any], motion: Motion) -> Callable[..., Any]:
    """The function, called with the arguments of the motion's own."""
    timed = TIME in motion.inputs
    found = bound({"cross": cross}, MOVING, motion.controls, timed)["cross"]
    if takes_time(found) and not timed:
        raise ModelError(
            "cross names t, and neither function of the motion does: expected t in one of them. Give the motion's "
            "noise a last argument t.",
            field="cross", value="t",
        )  # fmt: skip
    return found


def _checked(cross: Callable[..., Any], shape: tuple[int, int]) -> Callable[..., Array]:
    """The function, with a check of the shape it returns; a number will do for one entry."""

    def checked(*args: Any) -> Array:
        C = checks.filled(returned.returned(cross(*args), "cross"), shape)
        if C.shape != shape:
            raise ModelError(
                f"cross returned shape {C.shape}: expected {shape}. Return C[i][j] = E[w_i v_j].",
                field="cross", value=C.shape,
            )  # fmt: skip
        return C

    return checked


def _nonlinear(model: Model, sensor: Sensor, cross: Callable[..., Array]) -> Model:
    motion, n, m = model.motion, len(model.state), len(sensor.measures)
    if model.charts.parts:
        raise ModelError(
            f"cross: the motion has the rotation {model.charts.parts[0].name}: expected states that are numbers. Write "
            "the noise as a state of the model itself.",
            field="cross", value=model.charts.parts[0].name,
        )  # fmt: skip
    renamed = {name: f"{sensor.name}_{name}" for name in sensor.params}  # in the new motion
    states = tuple(f"{sensor.name}_{name}_noise" for name in sensor.measures)
    _check_free(renamed.values(), motion.params, "params", "parameter")
    _check_free(states, motion.state, "state", "state")
    moving = PartFunctions(motion, model.state)
    seeing = PartFunctions(sensor, model.state, renamed)
    exact = PartFunctions(sensor, model.state)

    def dynamics(x: Any, dt: Any, p: Any, *u: Any) -> list[Any]:
        return [*moving.dynamics(x, dt, p, *u), *[0.0] * m]

    def noise(x: Any, dt: Any, p: Any, *u: Any) -> Any:
        Q, R = moving.full_noise(x, dt, p, *u), seeing.full_noise(x, p, *u)
        C = cross(*moving.arguments(x, dt, p, *u))
        return np.vstack([np.hstack([Q, C]), np.hstack([C.T, R])])

    def measure(x: Any, p: Any, *u: Any) -> list[Any]:
        return [h + x[n + j] for j, h in enumerate(exact.measure(x, p, *u))]

    params = params_of(sensor)
    joint = Motion(
        state=(*model.state, *states),
        dynamics=like((motion.dynamics, sensor.noise), dynamics),
        noise=like((motion.noise, sensor.noise), noise),
        params=params_of(motion) | {renamed[name]: params[name] for name in params},
        controls=tuple(dict.fromkeys([*motion.controls, *sensor.controls])),
        angles=motion.angles,
        units=motion.units,
        limits=motion.limits,
        integration=motion.integration,
    )
    sensors = [
        replace(
            sensor,
            measure=like((sensor.measure,), measure),
            noise=lambda *_: np.zeros((m, m)),
            params=params,
        )
        if other is sensor
        else on_first_states(other, model.state)
        for other in model.sensors
    ]
    start = nothing_known(n) if model.start is None else model.start
    return Model(joint, sensors, _with_noise(start, _noise_at(model, sensor, start)))


def _check_free(names: Iterable[str], taken: Container[str], field: str, what: str) -> None:
    """ModelError if the motion already has a parameter or a state with a name that is added to it."""
    for name in names:
        if name in taken:
            raise ModelError(
                f"motion.{field}[{name!r}]: with_cross_noise adds a {what} of that name to the motion, which has one: "
                "expected another name. Rename that of the motion, or the sensor.",
                field=f"motion.{field}", index=name, value=name,
            )  # fmt: skip


def _noise_at(model: Model, sensor: Sensor, start: Belief) -> Array:
    """R of the sensor at the start, for the first reading; the controls of its row are not known here."""
    x, p, own = Vector(model.state, list(start.mean)), own_params(sensor), PartFunctions(sensor, model.state)
    R, other = (own.full_noise(x, p, *held_controls(sensor, u)).astype(float) for u in _CONTROLS)
    if not np.array_equal(R, other):
        reads = [f"its controls ({', '.join(sensor.controls)})"] * bool(sensor.controls)
        reads += ["t"] * (TIME in sensor.inputs)
        raise ModelError(
            f"{sensor.name}.noise depends on {' or '.join(reads)}, and the noise of the first reading is part of the "
            "start: expected noise without controls. Make it a parameter or a state.",
            field=f"{sensor.name}.noise",
            value=sensor.controls or "t",
        )
    return R


def _linear(model: Model, sensor: Sensor, C: Array) -> Model:
    M, n, m = model.matrices, len(model.state), len(sensor.measures)
    F = np.zeros((n + m, n + m))
    F[:n, :n] = M["F"]
    return linear_model(
        F,
        np.vstack([np.hstack([M["Q"], C]), np.hstack([C.T, M["R"]])]),
        np.hstack([M["H"], np.eye(m)]),
        np.zeros((m, m)),
        start=_with_noise(nothing_known(n) if model.start is None else model.start, M["R"]),
        b=np.concatenate([M["b"], np.zeros(m)]),
        limits=model.motion.limits,
        d=M["d"],
    )


def _with_noise(start: Belief, R: Array) -> Belief:
    """The start, extended by the noise of the first reading, N(0, R)."""
    return side_by_side(start, Belief(np.zeros(len(R)), cov=R))
