"""The user's functions, called on symbols or on floats as the equations need them."""

import functools
import operator
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from foglight.compiler.noise_checks import asymmetric, negative
from foglight.core.errors import FoglightError, ModelError
from foglight.core.types import Array
from foglight.equations.gaussian import Factored
from foglight.equations.ud import combine, split
from foglight.model import returned
from foglight.model.covariance import factor_covariance
from foglight.model.model import Model, Motion, Opaque, Sensor
from foglight.model.part_functions import full
from foglight.model.verification import untraceable
from foglight.trace.array_symbol import ArraySymbol, entries
from foglight.trace.named_vector import Vector
from foglight.trace.ops import dense, select
from foglight.trace.primitives import TooLongError
from foglight.trace.scalars import factors
from foglight.trace.source_location import of_error
from foglight.trace.symbol import Symbol, raise_refusal


class Arguments(Protocol):
    """The arguments of a model's functions in one row, as symbols or as floats."""

    @property
    def model(self) -> Model:
        """The model that the functions belong to."""

    @property
    def traced(self) -> bool:
        """Whether the arguments are symbols."""

    @property
    def belief(self) -> Any:
        """The belief at which the noises are evaluated."""

    @property
    def dt(self) -> Any:
        """The length of the step, in seconds."""

    @property
    def asked(self) -> Callable[..., Any] | None:
        """What stands for a call of an opaque function while a stage is traced; None where the function is called."""

    def seen(self, x: Any) -> Vector:
        """What functions of the model see at the coordinates x."""

    def controls(self, part: Motion | Sensor) -> tuple[Vector, ...]:
        """The last argument of the part's functions: its own inputs, nothing if it has none."""

    def params(self, part: Motion | Sensor) -> Vector:
        """The part's own parameters, by their own names."""

    def matrix(self, name: str) -> Array:
        """A matrix of a linear model: this row's, or the constant one."""


def motion_function(inputs: Arguments) -> Callable[[Array], Array]:
    """x -> f(x, dt, p) or f(x, dt, p, u), as an array of what functions see."""
    model, motion = inputs.model, inputs.model.motion
    extra = inputs.controls(motion)

    def function(x: Array) -> Array:
        if model.rows.keys() & {"F", "b"}:
            return inputs.matrix("F") @ x + inputs.matrix("b")
        args = (inputs.seen(x), inputs.dt, inputs.params(motion), *extra)
        y = call("motion.dynamics", motion.dynamics, vector_of(model.ambient), args, inputs)
        return _numbers(y, x.dtype)

    return function


def sensor_function(inputs: Arguments, sensor: Sensor) -> Callable[[Array], Array]:
    """x -> h(x, p) or h(x, p, u), as an array of m."""
    model, extra = inputs.model, inputs.controls(sensor)

    def function(x: Array) -> Array:
        if model.rows.keys() & {"H", "d"}:
            return inputs.matrix("H") @ x + inputs.matrix("d")
        args = (inputs.seen(x), inputs.params(sensor), *extra)
        y = call(f"{sensor.name}.measure", sensor.measure, vector_of(sensor.measures), args, inputs)
        return _numbers(y, x.dtype)

    return function


def _numbers(values: Array, dtype: Any) -> Array:
    """The values in this type; a condition counts as 1 or 0."""
    return np.array(
        [select(v, 1.0, 0.0) if isinstance(v, Symbol) and v.is_mask else v for v in values], dtype
    )


def motion_noise(inputs: Arguments) -> Any:
    """Q at the filtered mean."""
    model, motion = inputs.model, inputs.model.motion
    if "Q_G" in model.rows:
        return Factored(inputs.matrix("Q_G"), inputs.matrix("Q_v"))
    args = (inputs.seen(inputs.belief.x), inputs.dt, inputs.params(motion), *inputs.controls(motion))
    return call("motion.noise", motion.noise, _covariance_of(len(model.state)), args, inputs)


def sensor_noise(inputs: Arguments, sensor: Sensor) -> Any:
    """R at the predicted mean."""
    if "R" in inputs.model.rows:
        return inputs.matrix("R")
    args = (inputs.seen(inputs.belief.x), inputs.params(sensor), *inputs.controls(sensor))
    size = len(sensor.measures)
    return call(f"{sensor.name}.noise", sensor.noise, _covariance_of(size), args, inputs)


def process_noise(inputs: Arguments) -> tuple[Factored, Any]:
    """Q at the filtered mean as factors (G, variances), and whether it is not a covariance."""
    return noise_of(motion_noise(inputs), "motion.noise", inputs.traced, inputs.belief.x)


def noise_of(Q: Factored | Array, field: str, traced: bool = True, like: Any = None) -> tuple[Factored, Any]:
    """A noise as factors (G, variances), and whether it is not a covariance.

    While tracing, a full matrix of constants is factored here, with pivoting, and an invalid one is refused. Any
    other matrix is factored in the step. If `like` is an array as a whole, so is a full matrix there, and of constants
    times one number the constants are factored here.
    """
    if isinstance(Q, Factored):
        bad: Any = False
        for v in Q.variances:
            bad = bad | (v < 0.0)
        return Q, bad
    if traced and not any(isinstance(v, Symbol) for v in Q.ravel()):
        return Factored(*factor_covariance(Q.astype(float), field)), False
    if isinstance(like, ArraySymbol):
        return _times_constants(Q) or _factored_whole(Q, like)
    L, d, bad = split(Q, given=True)
    return Factored(L, d), bad | asymmetric(Q)


def _times_constants(Q: Array) -> tuple[Factored, Any] | None:
    """The factors of a number times constants, and whether it is negative; None if Q is not that."""
    found = number_times(Q)
    if found is None:
        return None
    factor, constants = found
    try:
        U, D = combine(*factor_covariance(constants, "noise"))
    except ModelError:
        return None
    return Factored(U, np.array([D_i * factor for D_i in D])), factor < 0.0


def number_times(A: Array) -> tuple[Any, Array] | None:
    """A number and constants that it is multiplied with in a matrix; None if A is not that."""
    parts = [factors(value) for value in A.ravel()]
    common = {tuple(symbol.serial for symbol in symbols): symbols for symbols, c in parts if c != 0.0}
    if len(common) != 1 or not all(common):
        return None
    factor = functools.reduce(operator.mul, *common.values())
    return factor, np.array([c for _, c in parts]).reshape(A.shape)


def _factored_whole(Q: Array, like: ArraySymbol) -> tuple[Factored, Any]:
    """The factors of a full matrix, computed as an array as a whole if most of its entries are not known."""
    whole = dense(Q, like)
    L, d, bad = split(whole, given=True)
    return Factored(entries(L), entries(d)), bad | asymmetric(Q)


def measurement_noise(inputs: Arguments, sensor: Sensor, used: list[Any]) -> tuple[Array, Any]:
    """R as a full matrix, and whether it is not a covariance in a way that its factor does not show.

    used: the components of the reading that count.
    """
    noise = sensor_noise(inputs, sensor)
    R = full(noise)
    if isinstance(noise, Factored):
        return R, negative(noise)
    return R, False if "R" in inputs.model.rows else asymmetric(R, used)


def call(
    what: str,
    function: Callable[..., Any],
    read: Callable[[Any, str], Any],
    args: tuple[Any, ...],
    inputs: Arguments,
) -> Any:
    """The function's result for these arguments, checked and shaped by `read`.

    Errors become a ModelError: on symbols with the line that cannot be traced, even if the function caught it; on
    floats with the state that the function was called with.
    """
    if inputs.asked is not None and isinstance(function, Opaque):
        return inputs.asked(what, function, read, args[0])
    try:
        result = function(*args)
    except TooLongError:
        raise
    except Exception as reason:
        raise_refusal(args[0], what)
        if isinstance(reason, FoglightError):
            raise
        if isinstance(function, Opaque) or not inputs.traced:
            state = _formatted(inputs.model.ambient, args[0])
            raise ModelError(
                f"{of_error(reason) or what}: {what} raised {type(reason).__name__}: {reason}, called with {state}. "
                "Expected values. Handle this state in the function.",
                field=what,
                value=reason,
            ) from reason
        raise untraceable(what, reason) from reason
    raise_refusal(args[0], what)
    try:
        return read(result, what)
    except ModelError as refused:
        if inputs.traced:
            raise
        raise ModelError(
            f"called with {_formatted(inputs.model.ambient, args[0])}: {refused}",
            field=refused.field,
            index=refused.index,
            value=refused.value,
        ) from refused


def _formatted(names: tuple[str, ...], x: Any) -> str:
    return ", ".join(
        f"{name} = {value if isinstance(value, Symbol) else format(value, '.6g')}"
        for name, value in zip(names, x, strict=True)
    )


def vector_of(labels: tuple[str, ...]) -> Callable[[Any, str], Array]:
    """What reads the result of a function with these entries."""
    return lambda result, what: returned.vector(result, labels, what)


def _covariance_of(size: int) -> Callable[[Any, str], Any]:
    return lambda result, what: returned.covariance(result, size, what)
