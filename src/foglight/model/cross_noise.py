"""Process noise and measurement noise that are one disturbance in part: a gust that moves the drone and its gauge.

The stated form: x_k = f(x_k-1) + w_k and z_k = h(x_k) + v_k with E[w_k v_kᵀ] = C, so that w_k, which leads *to* row k,
is seen in row k's own reading. Simon 2006, §7.1, solves it with a gain of its own, K = (P Hᵀ + C) S⁻¹. Here v_k
becomes part of the state instead, drawn anew in each step together with w_k,

    [w_k; v_k] ~ N(0, [[Q, C], [Cᵀ, R]])     z_k = h(x_k) + v_k     with nothing left over,

which gives the same gain, keeps the covariance a factor, and serves every method, smoother and backend as it is.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.core.types import Array
from foglight.equations.gaussian import Factored
from foglight.model import returned
from foglight.model.belief import Belief
from foglight.model.linear_model import linear_model
from foglight.model.model import Model, Motion, Opaque, Sensor
from foglight.model.parameters import Param
from foglight.trace.named_vector import Vector


def with_cross_noise(model: Model, sensor: str, cross: Any) -> Model:
    """The model where one disturbance moves the state and is also seen by a sensor: E[w_k v_kᵀ] = C.

    w_k is the process noise that leads to row k, and v_k the noise of row k's own reading. The noise becomes a state
    behind the others, `radar_range_noise`, and the sensor exact; the parameters of its noise become the motion's,
    `motion.radar_std`. A second reading at the same time has the same noise: if it differs, it contradicts.

    Parameters
    ----------
    model : Model
        The model, with constant matrices and functions that can be traced.
    sensor : str
        The sensor's name, with m components.
    cross : array_like (n, m), or a function
        C, or a function (x, dt, p) of the motion's arguments that returns it; [[Q, C], [Cᵀ, R]] must be a covariance.

    Returns
    -------
    Model
        A model with n + m states.

    Raises
    ------
    ModelError
        For an unknown sensor, a wrong shape, matrices that change row by row, and functions declared opaque.

    Notes
    -----
    Simon 2006, §7.1.

    Examples
    --------
    >>> import foglight as fog
    >>> drone = fog.Model(fog.motion.random_walk(("height",), std=1.5),
    ...                   [fog.sensing.linear("gauge", of="height", std=0.5)], fog.Belief([10.0], std=[2.0]))
    >>> fog.with_cross_noise(drone, "gauge", [[0.3]]).state
    ('height', 'gauge_height_noise')
    """
    found = next((s for s in model.sensors if s.name == sensor), None)
    if found is None:
        raise ModelError(
            f"sensor = {sensor!r}: expected one of {', '.join(s.name for s in model.sensors)}. Rename it.",
            field="sensor", value=sensor,
        )  # fmt: skip
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
        return _curved(model, found, _of_function(cross, shape))
    constant = checks.numbers(cross, "cross")
    if constant.shape != shape:
        raise ModelError(
            f"cross has shape {constant.shape}: expected {shape}, a row for each of {', '.join(model.state)} and a "
            f"column for each of {', '.join(found.measures)}. Write C[i][j] = E[w_i v_j].",
            field="cross", value=constant.shape,
        )  # fmt: skip
    return _linear(model, found, constant) if model.matrices else _curved(model, found, lambda *_: constant)


def _of_function(cross: Callable[..., Any], shape: tuple[int, int]) -> Callable[..., Array]:
    def checked(*args: Any) -> Array:
        C = np.array(cross(*args))
        if C.shape != shape:
            raise ModelError(
                f"cross returned shape {C.shape}: expected {shape}. Return C[i][j] = E[w_i v_j].",
                field="cross", value=C.shape,
            )  # fmt: skip
        return C

    return checked


def _curved(model: Model, sensor: Sensor, cross: Callable[..., Array]) -> Model:
    motion, n, m = model.motion, len(model.state), len(sensor.measures)
    own = tuple(motion.params)
    names = {
        name: f"{sensor.name}_{name}" for name in sensor.params
    }  # what R's parameters are called in the motion

    def parts(x: Any, p: Any) -> tuple[Vector, Vector, Vector]:
        """The model's own state, the motion's parameters, and the sensor's."""
        seen = Vector(model.state, [x[i] for i in range(n)])
        return seen, _taken(p, own, own), _taken(p, tuple(sensor.params), tuple(names.values()))

    def dynamics(x: Any, dt: Any, p: Any, *u: Any) -> list[Any]:
        state, mine, _ = parts(x, p)
        return [*motion.dynamics(state, dt, mine, *u), *[0.0] * m]

    def noise(x: Any, dt: Any, p: Any, *u: Any) -> Any:
        state, mine, theirs = parts(x, p)
        Q = _full(motion.noise(state, dt, mine, *u), n, "motion.noise")
        R = _full(sensor.noise(state, theirs), m, f"{sensor.name}.noise")
        C = cross(state, dt, mine, *u)
        return np.vstack([np.hstack([Q, C]), np.hstack([C.T, R])])

    def measure(x: Any, p: Any) -> list[Any]:
        state = Vector(model.state, [x[i] for i in range(n)])
        return [h + x[n + j] for j, h in enumerate(_listed(sensor.measure(state, p)))]

    params = {name: Param(value, *motion.bounds[name]) for name, value in motion.params.items()}
    params |= {names[name]: Param(value, *sensor.bounds[name]) for name, value in sensor.params.items()}
    joint = Motion(
        state=(*model.state, *[f"{sensor.name}_{name}_noise" for name in sensor.measures]),
        dynamics=dynamics,
        noise=noise,
        params=params,
        controls=motion.controls,
        angles=motion.angles,
        units=motion.units,
        limits=motion.limits,
    )
    exact = replace(sensor, measure=measure, noise=lambda x, p: np.zeros((m, m)))
    sensors = [exact if other is sensor else _reading_first(other, model.state) for other in model.sensors]
    start = _start_of(model)
    values = Vector(tuple(sensor.params), list(sensor.params.values()), "parameter")
    R = _full(sensor.noise(Vector(model.state, list(start.mean)), values), m, f"{sensor.name}.noise")
    return Model(joint, sensors, _beside(start, R.astype(float)))


def _linear(model: Model, sensor: Sensor, C: Array) -> Model:
    M, n, m = model.matrices, len(model.state), len(sensor.measures)
    F = np.zeros((n + m, n + m))
    F[:n, :n] = M["F"]
    return linear_model(
        F,
        np.vstack([np.hstack([M["Q"], C]), np.hstack([C.T, M["R"]])]),
        np.hstack([M["H"], np.eye(m)]),
        np.zeros((m, m)),
        start=_beside(_start_of(model), M["R"]),
        b=np.concatenate([M["b"], np.zeros(m)]),
        limits=model.motion.limits,
        d=M["d"],
    )


def _start_of(model: Model) -> Belief:
    n = len(model.state)
    return Belief(np.zeros(n), std=np.full(n, np.inf)) if model.start is None else model.start


def _beside(start: Belief, R: Array) -> Belief:
    """The start, and beside it the noise of the first reading, of which nothing is known but R."""
    n, m = len(start.mean), len(R)
    U, D = start.factor
    U_r, D_r = Belief(np.zeros(m), cov=R).factor
    joint = np.eye(n + m)
    joint[:n, :n], joint[n:, n:] = U, U_r
    unknown = np.vstack([start.unknown, np.zeros((m, start.unknown.shape[1]))])
    return Belief([*start.mean, *np.zeros(m)], factor=(joint, np.concatenate([D, D_r])), unknown=unknown)


def _reading_first(sensor: Sensor, state: tuple[str, ...]) -> Sensor:
    """The same sensor on a state that has more behind: its functions still see only what they know."""

    def seen(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda x, p: function(Vector(state, [x[i] for i in range(len(state))]), p)

    return replace(sensor, measure=seen(sensor.measure), noise=seen(sensor.noise))


def _taken(p: Any, names: tuple[str, ...], called: tuple[str, ...]) -> Vector:
    return Vector(names, [getattr(p, name) for name in called], "parameter")


def _listed(values: Any) -> list[Any]:
    return list(np.atleast_1d(np.asarray(values, dtype=object)))


def _full(noise: Any, size: int, field: str) -> Array:
    found = returned.covariance(noise, size, field)
    return (found.G * found.variances) @ found.G.T if isinstance(found, Factored) else found
