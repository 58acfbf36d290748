"""A model: how a state moves, what sensors see of it, and what is known at the start.

Parts are frozen and checked at birth: every function is called once on numbers, so that a wrong shape or a
wrong name fails where the model is written, not rows into a run.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate, pairwise
from types import MappingProxyType
from typing import Any

from numpy.typing import NDArray

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.model import parameters, validation
from foglight.model.belief import Belief
from foglight.model.limits import Limits, read_limits
from foglight.model.parameters import Bounds, Param, param

__all__ = ["Model", "Motion", "Opaque", "Sensor", "opaque", "param"]

MOTION = "motion"  # the motion's name in full parameter names, so no sensor may take it
RESERVED = {
    MOTION: "parameters of the motion are called that",
    "time": "the stamps of a log are called that",
    "u": "the controls of a log are called that",
    "track": "the series of a log are numbered by that",
}


class Opaque:
    """A function that is called and never traced. Made by `opaque`."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.__wrapped__ = function
        self.__name__ = getattr(function, "__name__", type(function).__name__)

    def __call__(self, *args: Any) -> Any:
        return self.function(*args)


def opaque(function: Callable[..., Any]) -> Opaque:
    """Declare a model function that cannot be traced: it looks something up, or calls another library.

    The model then runs on the reference path, with numeric Jacobians, and `run.engine` says so.

    >>> table = {0: 0.0, 1: 0.9, 2: 1.7}
    >>> measure = opaque(lambda x, p: [table[int(x.gap)]])
    """
    if not callable(function):
        raise ModelError(
            f"opaque({function!r}): expected a function. Write fog.opaque(measure).",
            field="function",
            value=function,
        )
    return function if isinstance(function, Opaque) else Opaque(function)


@dataclass(frozen=True, eq=False)
class Motion:
    """How the state moves: x' = dynamics(x, dt, p) + w, w ~ N(0, noise(x, dt, p)).

    state: names of the n states, in order.  dynamics: returns n values, the state dt seconds later.
    noise: returns its covariance (n, n), or `fog.noise.factored` of it.  params: {name: value or fog.param}.
    controls: names of known inputs; the functions then take (x, dt, p, u).  angles: states that are angles (rad).
    units: {name: label} for reports; nothing is converted.  limits: {state: (low, high)}, None for no end: what is
    reported is the belief cut off there (`foglight.inference.truncation`).
    Raises ModelError for a name that is none, twice there, or unknown, and for low >= high.

    >>> walk = Motion(("gap", "speed"), lambda x, dt, p: [x.gap + dt * x.speed, x.speed],
    ...               lambda x, dt, p: [[0, 0], [0, p.q * dt]], params={"q": 0.1})
    """

    state: tuple[str, ...]
    dynamics: Callable[..., Any]
    noise: Callable[..., Any]
    params: Mapping[str, Any] = field(default_factory=dict)
    controls: tuple[str, ...] = ()
    angles: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=dict)
    bounds: Mapping[str, Bounds] = field(init=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "state", checks.names(self.state, "state"))
        put(self, "controls", checks.names(self.controls, "controls", empty=True))
        put(self, "angles", checks.subset(self.angles, self.state, "angles"))
        _callable(self.dynamics, "dynamics")
        _callable(self.noise, "noise")
        values, bounds = parameters.read(self.params, "params")
        put(self, "params", values)
        put(self, "bounds", bounds)
        put(self, "units", _units(self.units, (*self.state, *self.controls, *values)))
        put(self, "limits", read_limits(self.limits, self.state, self.angles))

    def __repr__(self) -> str:
        return f"Motion({', '.join(self.state)}{_told(self.params)})"


@dataclass(frozen=True, eq=False)
class Sensor:
    """What one sensor sees of the state: z = measure(x, p) + v, v ~ N(0, noise(x, p)).

    name: what logs call it.  measures: names of its m values.  measure: returns m values.
    noise: returns their covariance (m, m), or `fog.noise.factored` of it.  params: {name: value or fog.param}.
    angles: measures that are angles (rad).  units: {name: label} for reports.
    Raises ModelError for a name that is none, twice there, or unknown.

    >>> radar = Sensor("radar", ("range",), lambda x, p: [x.gap], lambda x, p: [[p.std**2]], params={"std": 0.8})
    """

    name: str
    measures: tuple[str, ...]
    measure: Callable[..., Any]
    noise: Callable[..., Any]
    params: Mapping[str, Any] = field(default_factory=dict)
    angles: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    bounds: Mapping[str, Bounds] = field(init=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "name", checks.name(self.name, "sensor name"))
        if self.name in RESERVED:
            raise ModelError(
                f"sensor name = {self.name!r}: {RESERVED[self.name]}. Choose another.",
                field="sensor name",
                value=self.name,
            )
        put(self, "measures", checks.names(self.measures, f"{self.name}.measures"))
        put(self, "angles", checks.subset(self.angles, self.measures, f"{self.name}.angles"))
        _callable(self.measure, f"{self.name}.measure")
        _callable(self.noise, f"{self.name}.noise")
        values, bounds = parameters.read(self.params, f"{self.name}.params")
        put(self, "params", values)
        put(self, "bounds", bounds)
        put(self, "units", _units(self.units, (*self.measures, *values)))

    def __repr__(self) -> str:
        return f"Sensor({self.name}: {', '.join(self.measures)}{_told(self.params)})"


@dataclass(frozen=True, eq=False)
class Model:
    """A motion, sensors in the order in which a row's readings are used, and the belief at the first row's time.

    start: Belief of n states, or None where nothing is known (diffuse).
    matrices, rows: of a `linear_model`, what is constant and what has one entry a row.
    Raises ModelError where parts do not fit together.

    >>> import foglight as fog
    >>> model = Model(fog.motion.random_walk(("level",), std=30.0),
    ...               [fog.sensing.linear("gauge", of="level", std=100.0)], start=None)
    """

    motion: Motion
    sensors: Sequence[Sensor]
    start: Belief | None
    matrices: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    rows: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    kernels: dict[Any, Any] = field(init=False, default_factory=dict)  # compiled, filled by runs

    def __post_init__(self) -> None:
        put = object.__setattr__
        if not isinstance(self.motion, Motion):
            raise ModelError(
                f"motion = {self.motion!r}: expected a fog.Motion. Write fog.Motion(...) or one of fog.motion.",
                field="motion",
                value=self.motion,
            )
        if isinstance(self.sensors, Sensor) or not isinstance(self.sensors, Iterable):
            raise ModelError(
                f"sensors = {self.sensors!r}: expected a list of fog.Sensor. Write [radar].",
                field="sensors",
                value=self.sensors,
            )
        put(self, "sensors", tuple(self.sensors))
        if not self.sensors:
            raise ModelError(
                "sensors is empty: expected at least one fog.Sensor. Write [radar].",
                field="sensors",
                value=(),
            )
        for index, sensor in enumerate(self.sensors):
            if not isinstance(sensor, Sensor):
                raise ModelError(
                    f"sensors[{index}] = {sensor!r}: expected a fog.Sensor. Write fog.Sensor(...).",
                    field="sensors",
                    index=index,
                    value=sensor,
                )
        if self.start is not None and not isinstance(self.start, Belief):
            raise ModelError(
                f"start = {self.start!r}: expected a fog.Belief, or None where nothing is known. "
                "Write fog.Belief(mean=[...], std=[...]).",
                field="start",
                value=self.start,
            )
        put(self, "matrices", MappingProxyType(dict(self.matrices)))
        put(self, "rows", MappingProxyType(dict(self.rows)))
        validation.check(self)

    def __repr__(self) -> str:
        return f"Model({self.motion!r}, {list(self.sensors)!r}, start={self.start!r})"

    def __copy__(self) -> "Model":
        return self  # frozen throughout

    def __deepcopy__(self, memo: object) -> "Model":
        return self

    def __reduce__(self) -> Any:
        raise ModelError("a model holds functions and cannot be pickled. Build it again where it is needed.")

    @property
    def state(self) -> tuple[str, ...]:
        """The names of the states, in order."""
        return self.motion.state

    @cached_property
    def sensor_names(self) -> tuple[str, ...]:
        """The names of the sensors, in order."""
        return tuple(sensor.name for sensor in self.sensors)

    @cached_property
    def components(self) -> tuple[str, ...]:
        """The full name of each of the M numbers that all sensors measure, `radar.range`, in order."""
        return tuple(f"{sensor.name}.{measure}" for sensor in self.sensors for measure in sensor.measures)

    @cached_property
    def blocks(self) -> tuple[tuple[Sensor, slice], ...]:
        """Each sensor, and where its components are among those M."""
        ends = list(accumulate((len(sensor.measures) for sensor in self.sensors), initial=0))
        return tuple(
            (sensor, slice(*ends)) for sensor, ends in zip(self.sensors, pairwise(ends), strict=True)
        )

    @property
    def parameters(self) -> dict[str, float]:
        """Every parameter's value by its full name, `motion.accel`, `radar.std`, in declared order."""
        return {
            f"{part}.{name}": value for part, owner in self._parts() for name, value in owner.params.items()
        }

    @property
    def bounds(self) -> dict[str, Bounds]:
        """Every parameter's (low, high) by its full name."""
        return {
            f"{part}.{name}": pair for part, owner in self._parts() for name, pair in owner.bounds.items()
        }

    def with_parameters(self, values: Mapping[str, float]) -> "Model":
        """The same model with other values, named in full or bare; bounds stay.

        Raises ModelError for a name that is unknown or could be several, and for a value outside its bounds.
        """
        if not isinstance(values, Mapping):
            raise ModelError(
                f"values = {values!r}: expected names and values. Write {{'accel': 0.4}}.",
                field="values",
                value=values,
            )
        known = self.parameters
        changed = known | {parameters.full_name(name, known): value for name, value in values.items()}
        bounds = self.bounds

        def changed_part(part: str, owner: Any) -> Any:
            params = {
                name: Param(changed[f"{part}.{name}"], *bounds[f"{part}.{name}"]) for name in owner.params
            }
            return replace(owner, params=params)

        motion, *sensors = [changed_part(part, owner) for part, owner in self._parts()]
        return self._with(motion=motion, sensors=tuple(sensors))

    def with_start(self, start: Belief | None) -> "Model":
        """The same model with another belief at the first row's time; nothing is compiled again.

        >>> import foglight as fog
        >>> model = Model(fog.motion.random_walk(("level",), std=30.0),
        ...               [fog.sensing.linear("gauge", of="level", std=100.0)], start=None)
        >>> model.with_start(fog.Belief([1000.0], std=[300.0])).start.mean
        array([1000.])
        """
        return self._with(start=start)

    def _with(self, **changes: Any) -> "Model":
        """The model with other inputs of its kernels: parameters or start."""
        return replace(self, **changes).keeping(self.kernels)

    def keeping(self, kernels: dict[Any, Any]) -> "Model":
        """This model, just made from another, with that one's place for what is compiled."""
        object.__setattr__(self, "kernels", kernels)  # no field of the constructor: users' copies start anew
        return self

    def _parts(self) -> list[tuple[str, Motion | Sensor]]:
        return [(MOTION, self.motion), *((sensor.name, sensor) for sensor in self.sensors)]


def _callable(value: Any, where: str) -> None:
    if not callable(value):
        raise ModelError(
            f"{where} = {value!r}: expected a function. Write a function that returns it, "
            f"such as lambda x, p: [...].",
            field=where,
            value=value,
        )


def _told(params: Mapping[str, float]) -> str:
    return "".join(f"; {name}={value:g}" for name, value in params.items())


def _units(units: Any, known: tuple[str, ...]) -> Mapping[str, str]:
    if not isinstance(units, Mapping) or not all(isinstance(label, str) for label in units.values()):
        raise ModelError(
            f"units = {units!r}: expected names and labels. Write units={{{known[0]!r}: 'm'}}.",
            field="units",
            value=units,
        )
    for name in units:
        if name not in known:
            raise ModelError(
                f"units[{name!r}]: expected one of {', '.join(known)}. Rename it.",
                field="units",
                index=name,
                value=name,
            )
    return MappingProxyType(dict(units))


def unknown_directions(model: Model) -> int:
    """How many directions of the state are unknown at the start."""
    return len(model.state) if model.start is None else model.start.unknown.shape[1]


def opaque_functions(model: Model) -> list[str]:
    """The functions of the model that were declared opaque."""
    motion = model.motion
    named = [("motion.dynamics", motion.dynamics), ("motion.noise", motion.noise)]
    for sensor in model.sensors:
        named += [(f"{sensor.name}.measure", sensor.measure), (f"{sensor.name}.noise", sensor.noise)]
    return [name for name, function in named if isinstance(function, Opaque)]
