"""Validation of a new model: its functions are called once on numbers, and must return the expected shapes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from foglight.core import checks
from foglight.core.errors import FoglightError, ModelError
from foglight.equations.gaussian import Factored
from foglight.model import returned
from foglight.model.belief import Belief
from foglight.model.covariance import factor_covariance
from foglight.model.limits import Limits, check_start
from foglight.trace.named_vector import Vector
from foglight.trace.source_location import of_error

# Offsets of a second test state from the start, all different: a function may be undefined at a single point.
_SECOND_OFFSETS = 1.0 + 0.1 * np.arange(10_000)
_DT = 1.0


class PartLike(Protocol):
    """The parameters of a motion or a sensor."""

    @property
    def params(self) -> Mapping[str, Any]:
        """{name: value}."""


class MotionLike(PartLike, Protocol):
    """The attributes of a motion that are validated."""

    @property
    def state(self) -> tuple[str, ...]:
        """The names of the states."""

    @property
    def controls(self) -> tuple[str, ...]:
        """The names of the controls."""

    @property
    def limits(self) -> Limits:
        """{state: (low, high)}."""

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


@dataclass(frozen=True)
class ModelFunction:
    """One function of a model: its name, its arguments after the state, and the labels of the values it returns."""

    field: str
    function: Callable[..., Any]
    signature: str
    tail: tuple[Any, ...]
    labels: tuple[str, ...]

    def __call__(self, x: Vector) -> Any:
        try:
            with np.errstate(all="ignore"):
                return self.function(x, *self.tail)
        except FoglightError as error:
            # An error about a line of code also names this function and the state it was called with.
            error.field = error.field or self.field
            error.value = tuple(map(float, x)) if error.value is None else error.value
            raise
        except Exception as reason:
            location = of_error(reason)
            if location is None and isinstance(reason, TypeError):  # not entered: it takes other arguments
                sentence = f"{self.field}: {reason}. Its arguments are {self.signature}."
            else:
                sentence = (
                    f"{location or self.field}: {self.field} raised {type(reason).__name__}: {reason}. "
                    f"It was called with {x!r}, and must return numbers there."
                )
            raise ModelError(sentence, field=self.field, value=reason) from reason


def check(model: ModelLike) -> None:
    """ModelError unless the parts of the model fit together."""
    checks.fits_memory(len(model.motion.state), "state")
    checks.names([sensor.name for sensor in model.sensors], "sensors")
    _check_start(model)
    motion, signature = model.motion, "(x, dt, p)"
    tail: tuple[Any, ...] = (_DT, _own(motion))
    if motion.controls:
        signature = "(x, dt, p, u)"
        tail = (*tail, Vector(motion.controls, [0.0] * len(motion.controls), "control"))
    _check_values(model, ModelFunction("motion.dynamics", motion.dynamics, signature, tail, motion.state))
    _check_noise(model, ModelFunction("motion.noise", motion.noise, signature, tail, motion.state))
    for sensor in model.sensors:
        field, tail = sensor.name, (_own(sensor),)
        _check_values(
            model, ModelFunction(f"{field}.measure", sensor.measure, "(x, p)", tail, sensor.measures)
        )
        _check_noise(model, ModelFunction(f"{field}.noise", sensor.noise, "(x, p)", tail, sensor.measures))


def _check_start(model: ModelLike) -> None:
    start, state = model.start, model.motion.state
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
            f"start has states {', '.join(start.names)}: expected {', '.join(state)}, in this order. "
            "Reorder its entries.",
            field="start",
            value=start.names,
        )
    check_start(model.motion.limits, state, start.mean.tolist())


def _check_values(model: ModelLike, function: ModelFunction) -> None:
    field = function.field
    start, second = _states(model)
    found = _real(returned.vector(function(start), function.labels, field), field)
    if np.isfinite(found).all():
        return
    other = _real(returned.vector(function(second), function.labels, field), field)
    for index in np.flatnonzero(~(np.isfinite(found) | np.isfinite(other)))[:1]:
        label, value = function.labels[index], found[index]
        raise ModelError(
            f"{field}: {label} = {value} at the start ({_shown(model)}) and near it: expected a finite number. "
            "Look for a division by zero or a NaN constant.",
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
    raise problem


def _check_covariance(noise: Factored | NDArray[Any], field: str) -> None:
    if not isinstance(noise, Factored):
        factor_covariance(_real(noise, field), field)
        return
    checks.numbers(_real(noise.G, field), f"{field}.G")
    variances = checks.numbers(_real(noise.variances, field), f"{field}.variances")
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
    mean = np.zeros(len(model.motion.state)) if model.start is None else model.start.mean
    return [
        Vector(model.motion.state, list(point))
        for point in (mean, mean + np.resize(_SECOND_OFFSETS, len(mean)))
    ]


def _shown(model: ModelLike) -> str:
    return repr(_states(model)[0]) if len(model.motion.state) <= 8 else f"{len(model.motion.state)} states"


def _own(part: PartLike) -> Vector:
    return Vector(tuple(part.params), [np.float64(v) for v in part.params.values()], "parameter")


def _real(values: NDArray[Any], field: str) -> NDArray[np.float64]:
    try:
        return values.astype(float)
    except (TypeError, ValueError) as reason:
        raise ModelError(
            f"{field} returned {values.tolist()!r}: expected real numbers. Return floats.",
            field=field,
            value=values,
        ) from reason
