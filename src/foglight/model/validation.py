"""Validation of a new model: its functions return the expected shapes on numbers, and compute what their traces do."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.core.types import Floats
from foglight.equations.gaussian import Factored
from foglight.model import returned
from foglight.model.belief import Belief
from foglight.model.charts import Charts
from foglight.model.comparison_points import SECOND_OFFSETS
from foglight.model.continuous_step import TOO_FAST, Integration
from foglight.model.covariance import factor_covariance
from foglight.model.limits import Limits, check_start
from foglight.model.model_function import ModelFunction
from foglight.model.part_functions import held_controls, own_params
from foglight.model.table import outside
from foglight.model.verification import Trace
from foglight.trace.named_vector import Vector
from foglight.trace.primitives import TooLongError

_DT = np.float64(1.0)


class PartLike(Protocol):
    """The parameters and controls of a motion or a sensor."""

    @property
    def params(self) -> Mapping[str, Any]:
        """{name: value}."""

    @property
    def controls(self) -> tuple[str, ...]:
        """The names of the controls."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The controls, and t if a function names it."""


class MotionLike(PartLike, Protocol):
    """The attributes of a motion that are validated."""

    @property
    def state(self) -> tuple[str, ...]:
        """The names of the states."""

    @property
    def charts(self) -> Charts:
        """Those on spheres, as functions see them."""

    @property
    def angles(self) -> tuple[str, ...]:
        """The states that are angles."""

    @property
    def limits(self) -> Limits:
        """{state: (low, high)}."""

    @property
    def integration(self) -> Integration | None:
        """How it is integrated, if it is given in continuous time."""

    @property
    def dynamics(self) -> Callable[..., Any]:
        """f(x, dt, p)."""

    @property
    def noise(self) -> Callable[..., Any]:
        """Q(x, dt, p)."""


class SensorLike(PartLike, Protocol):
    """The attributes of a sensor that are validated."""

    @property
    def name(self) -> str:
        """The name of the sensor."""

    @property
    def measures(self) -> tuple[str, ...]:
        """The names of the values that it measures."""

    @property
    def measure(self) -> Callable[..., Any]:
        """h(x, p)."""

    @property
    def noise(self) -> Callable[..., Any]:
        """R(x, p)."""


class ModelLike(Protocol):
    """The attributes of a model that are validated."""

    @property
    def motion(self) -> MotionLike:
        """How the state moves."""

    @property
    def sensors(self) -> Sequence[SensorLike]:
        """The sensors, in order."""

    @property
    def start(self) -> Belief | None:
        """The belief at the time of the first row."""


def check(model: ModelLike, *, verify: bool = True) -> None:
    """ModelError unless the parts of the model fit together.

    verify: trace each function of the user's own, and compare the trace with the function on floats.
    """
    checks.fits_memory(len(model.motion.state), "state")
    checks.names([sensor.name for sensor in model.sensors], "sensors")
    _check_start(model)
    functions = _functions(model)
    # All traces come before any call on floats: what one call leaves behind in an object must not reach the next.
    traces = [_trace(model, function) if verify else None for function in functions]
    for function in functions:
        if function.covariance:
            _check_noise(model, function)
        else:
            _check_values(model, function)
    for trace in traces:
        if trace is not None:
            trace.compare()


def _functions(model: ModelLike) -> list[ModelFunction]:
    motion, signature = model.motion, "(x, dt, p)"
    dt = _DT if motion.integration is None else min(_DT, np.float64(motion.integration.longest_step))
    tail: tuple[Any, ...] = (dt, own_params(motion, number=np.float64))
    if motion.inputs:
        signature, tail = "(x, dt, p, u)", (*tail, *held_controls(motion, np.float64(0.0)))
    found = [
        ModelFunction("motion.dynamics", motion.dynamics, signature, tail, motion.charts.ambient),
        ModelFunction("motion.noise", motion.noise, signature, tail, motion.state, covariance=True),
    ]
    for sensor in model.sensors:
        field, signature, tail = sensor.name, "(x, p)", (own_params(sensor, number=np.float64),)
        if sensor.inputs:
            signature, tail = "(x, p, u)", (*tail, *held_controls(sensor, np.float64(1.0)))
        found += [
            ModelFunction(f"{field}.measure", sensor.measure, signature, tail, sensor.measures),
            ModelFunction(f"{field}.noise", sensor.noise, signature, tail, sensor.measures, covariance=True),
        ]
    return found


def _trace(model: ModelLike, function: ModelFunction) -> Trace | None:
    """The function's trace; None for one that is ready-made, opaque, or too long to be compiled."""
    if function.ready_made or function.opaque:
        return None
    charts, mean = model.motion.charts, _mean(model)
    spread = np.zeros(len(mean))
    if model.start is not None:
        for i, j in charts.plain:
            spread[j] = model.start.std[i]
    numbers = [
        number for given in function.tail for number in (given if isinstance(given, Vector) else [given])
    ]
    try:
        trace = Trace(
            function,
            charts.ambient,
            base=np.array([*mean, *numbers], dtype=float),
            spread=np.array([*spread, *np.zeros(len(numbers))], dtype=float),
        )
    except TooLongError:
        return None
    trace.close()
    return trace


def _check_start(model: ModelLike) -> None:
    start, state, charts = model.start, model.motion.charts.ambient, model.motion.charts
    if start is None or start.charts.parts != charts.parts:
        _check_rotations(start, charts)
    if start is None:
        return
    if len(start.mean) != len(state):
        raise ModelError(
            f"start has {len(start.mean)} states: expected {len(state)} ({', '.join(state)}). "
            "Give one mean and one std for each.",
            field="start",
            value=len(start.mean),
        )
    if start.names and tuple(start.names) != state:
        raise ModelError(
            f"start has states {', '.join(start.names)}: expected {', '.join(state)}. Rename them.",
            field="start",
            value=start.names,
        )
    for i in start.angles:
        if state[i] not in model.motion.angles:
            raise ModelError(
                f"start says that {state[i]} is an angle, and the motion does not: expected both to agree. Write "
                f"angles=({state[i]!r},) in the fog.Motion, or leave it out of the start.",
                field="start",
                index=state[i],
                value=state[i],
            )
    check_start(model.motion.limits, state, start.mean.tolist())


def _check_rotations(start: Belief | None, charts: Charts) -> None:
    """ModelError for a start that does not say where the rotations of the motion are, or speaks of others."""
    own = [part.name for part in charts.parts]
    given = [] if start is None else [part.name for part in start.charts.parts]
    if own or given:
        raise ModelError(
            f"start is about the rotations {', '.join(given) or 'none'}: expected those of the motion, "
            f"{', '.join(own) or 'none'}. Write start=motion.belief([...], std=[...]), with a std (rad) for each small "
            "rotation.",
            field="start",
            value=tuple(given),
        )


def _check_values(model: ModelLike, function: ModelFunction) -> None:
    field = function.field
    start, second = _states(model)
    with outside() as beyond:
        found = returned.real(returned.vector(function(start), function.labels, field), field)
    if np.isfinite(found).all():
        return
    other = returned.real(returned.vector(function(second), function.labels, field), field)
    for index in np.flatnonzero(~(np.isfinite(found) | np.isfinite(other)))[:1]:
        label, value = function.labels[index], found[index]
        raise ModelError(
            f"{field}: {label} = {value} at the start ({_shown(model)}) and near it: expected a finite number. "
            + (
                beyond[0]
                if beyond
                else _own_remedy(model, field) or "Look for a division by zero or a NaN constant."
            ),
            field=field,
            index=label,
            value=value,
        )


def _check_noise(model: ModelLike, function: ModelFunction) -> None:
    problem: ModelError | None = None
    for x in _states(model):
        noise = returned.covariance(function(x), len(function.labels), function.field)
        try:
            _check_covariance(noise, function.field)
            return
        except ModelError as reason:
            problem = problem or reason
    assert problem is not None
    remedy = _own_remedy(model, function.field)
    if not remedy or (isinstance(problem.value, float) and math.isfinite(problem.value)):
        raise problem
    raise ModelError(
        f"{problem} {remedy}", field=problem.field, index=problem.index, value=problem.value
    ) from problem


def _own_remedy(model: ModelLike, field: str) -> str:
    """What to do about a number that is not finite, where the motion is integrated; "" for other functions."""
    return TOO_FAST if field.startswith("motion.") and model.motion.integration is not None else ""


def _check_covariance(noise: Factored | NDArray[Any], field: str) -> None:
    if not isinstance(noise, Factored):
        factor_covariance(returned.real(noise, field), field)
        return
    checks.numbers(returned.real(noise.G, field), f"{field}.G")
    variances = checks.numbers(returned.real(noise.variances, field), f"{field}.variances")
    for (index,) in np.argwhere(variances < 0.0)[:1]:
        raise ModelError(
            f"{field}.variances[{index}] = {variances[index]:g}: a variance must be >= 0. "
            "Square the standard deviation.",
            field=field,
            index=int(index),
            value=float(variances[index]),
        )


def _states(model: ModelLike) -> list[Vector]:
    """The two states at which functions are called: the mean of the start, or 0, and one near it."""
    mean = _mean(model)
    return [
        Vector(model.motion.charts.ambient, list(point))
        for point in (mean, mean + np.resize(SECOND_OFFSETS, len(mean)))
    ]


def _mean(model: ModelLike) -> Floats:
    return np.zeros(len(model.motion.charts.ambient)) if model.start is None else model.start.mean


def _shown(model: ModelLike) -> str:
    return repr(_states(model)[0]) if len(model.motion.state) <= 8 else f"{len(model.motion.state)} states"
