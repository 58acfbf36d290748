"""The parts of a model: a motion, a sensor, and functions that cannot be traced."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.model import parameters
from foglight.model.limits import Limits, read_limits
from foglight.model.parameters import Bounds

MOTION = "motion"  # the motion's name in full parameter names, so no sensor may take it
RESERVED = {
    MOTION: "reserved for the parameters of the motion",
    "time": "reserved for the time stamps of a log",
    "u": "reserved for the controls of a log",
    "track": "reserved for the track numbers of a log",
}


class Opaque:
    """A function that is only called, never traced. Made by `opaque`."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.__wrapped__ = function
        self.__name__ = getattr(function, "__name__", type(function).__name__)

    def __call__(self, *args: Any) -> Any:
        return self.function(*args)


def opaque(function: Callable[..., Any]) -> Opaque:
    """Declare a model function that cannot be traced because it looks something up or calls another library.

    The model then runs on the reference path, with numerical Jacobians, and `run.engine` reports it.

    Parameters
    ----------
    function : callable
        A dynamics, measurement or noise function of a model.

    Returns
    -------
    Opaque
        A callable that returns what the function returns.

    Raises
    ------
    ModelError
        For anything that cannot be called.

    Examples
    --------
    >>> table = {0: 0.0, 1: 0.9, 2: 1.7}
    >>> measure = fog.opaque(lambda x, p: [table[int(x.gap)]])
    >>> altimeter = fog.Sensor("altimeter", ("height",), measure, lambda x, p: [[0.01]])
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

    The functions read the entries of the state x, the parameters p and the controls u by name (`x.gap`) or index.

    Parameters
    ----------
    state : tuple of str
        Names of the n states, in order.
    dynamics : callable
        Returns n values: the state dt seconds later.
    noise : callable
        Returns the covariance (n, n) of the process noise w, or a factor made by `fog.noise`.
    params : dict, default {}
        Parameters, {name: value}; a value is a number, or a `fog.param` with bounds.
    controls : tuple of str, default ()
        Names of known inputs. With controls, both functions take (x, dt, p, u).
    angles : tuple of str, default ()
        States that are angles (rad).
    units : dict, default {}
        Labels for reports, {name: unit}; nothing is converted.
    limits : dict, default {}
        Limits of states, {state: (low, high)}, None for no limit. Reported beliefs are truncated there, see
        `foglight.inference.truncation`.

    Attributes
    ----------
    bounds : dict
        Bounds of the parameters, {name: (low, high)}.

    Raises
    ------
    ModelError
        For an invalid, duplicate or unknown name, and for a limit with low >= high.

    Examples
    --------
    >>> fog.Motion(("gap", "speed"), lambda x, dt, p: [x.gap + dt * x.speed, x.speed],
    ...            lambda x, dt, p: [[0, 0], [0, p.q * dt]], params={"q": 0.1})
    Motion(gap, speed; q=0.1)
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
        return f"Motion({', '.join(self.state)}{_listed(self.params)})"


@dataclass(frozen=True, eq=False)
class Sensor:
    """What one sensor measures: z = measure(x, p) + v, v ~ N(0, noise(x, p)).

    Parameters
    ----------
    name : str
        Name of the sensor, as in logs.
    measures : tuple of str
        Names of the m values that it measures.
    measure : callable
        Returns these m values without noise.
    noise : callable
        Returns the covariance (m, m) of the measurement noise v, or a factor made by `fog.noise`.
    params : dict, default {}
        Parameters, {name: value}; a value is a number, or a `fog.param` with bounds.
    angles : tuple of str, default ()
        Measures that are angles (rad).
    units : dict, default {}
        Labels for reports, {name: unit}; nothing is converted.

    Attributes
    ----------
    bounds : dict
        Bounds of the parameters, {name: (low, high)}.

    Raises
    ------
    ModelError
        For an invalid, duplicate or unknown name.

    Examples
    --------
    >>> fog.Sensor("radar", ("range",), lambda x, p: [x.gap], lambda x, p: [[p.std**2]], params={"std": 0.8})
    Sensor(radar: range; std=0.8)
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
        return f"Sensor({self.name}: {', '.join(self.measures)}{_listed(self.params)})"


def _callable(value: Any, field_name: str) -> None:
    if not callable(value):
        raise ModelError.expected(
            field_name, value, "a function", "Write a function that returns it, such as lambda x, p: [...]."
        )


def _listed(params: Mapping[str, float]) -> str:
    """Parameters as the end of a repr: `; accel=0.4`."""
    return "".join(f"; {name}={value:g}" for name, value in params.items())


def _units(units: Any, known: tuple[str, ...]) -> Mapping[str, str]:
    if not isinstance(units, Mapping) or not all(isinstance(label, str) for label in units.values()):
        raise ModelError.expected("units", units, "names and labels", f"Write units={{{known[0]!r}: 'm'}}.")
    for name in units:
        if name not in known:
            raise ModelError(
                f"units[{name!r}]: expected one of {', '.join(known)}. Rename it.",
                field="units",
                index=name,
                value=name,
            )
    return MappingProxyType(dict(units))
