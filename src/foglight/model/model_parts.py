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
from foglight.model.part_functions import PartFunctions, side_by_side

MOTION = "motion"  # the motion's name in full parameter names, so no sensor may take it
RESERVED = {
    MOTION: "reserved for the parameters of the motion",
    "time": "reserved for the time stamps of a log",
    "u": "reserved for the controls of a log",
    "track": "reserved for the track numbers of a log",
}


class Opaque:
    """A function that is only called, never traced. Made by `opaque`. key: what a saved state knows it by, or None."""

    def __init__(self, function: Callable[..., Any], key: str | None = None) -> None:
        self.function = function
        self.key = key
        self.__wrapped__ = function
        self.__name__ = getattr(function, "__name__", type(function).__name__)

    def __call__(self, *args: Any) -> Any:
        return self.function(*args)


def opaque(function: Callable[..., Any], *, key: str | None = None) -> Opaque:
    """Declare a model function that cannot be traced because it looks something up or calls another library.

    It is called in Python in every row: 2n + 1 times for its value and its derivatives, which are central differences,
    or once for each sigma point. The rest of the row is compiled as ever. `run.engine` reports it.

    Parameters
    ----------
    function : callable
        A dynamics, measurement or noise function of a model.
    key : str, optional
        Name and version of the function and of the data behind it, such as "terrain 3"; choose a new one whenever
        either changes. A saved filter, and an output of `foglight run --resume`, continues only with functions of the
        same keys. Without a key neither can be saved, since nobody could notice another function.

    Returns
    -------
    Opaque
        A callable that returns what the function returns.

    Raises
    ------
    ModelError
        For anything that cannot be called, and a key that is not a short text.

    Examples
    --------
    >>> table = {0: 0.0, 1: 0.9, 2: 1.7}
    >>> measure = fog.opaque(lambda x, p: [table[int(x.gap)]], key="terrain 3")
    >>> altimeter = fog.Sensor("altimeter", ("height",), measure, lambda x, p: [[0.01]])
    """
    if not callable(function):
        raise ModelError(
            f"opaque({function!r}): expected a function. Write fog.opaque(measure).",
            field="function",
            value=function,
        )
    if key is None:
        return function if isinstance(function, Opaque) else Opaque(function)
    if not isinstance(key, str) or not key.strip() or len(key) > checks.LONGEST_NAME:
        raise ModelError.expected(
            "key", key, f"a text of 1 to {checks.LONGEST_NAME} characters", "Write key='terrain 3'."
        )
    return Opaque(function.function if isinstance(function, Opaque) else function, key)


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
        Parameters, {name: value}; a value is a number, a `fog.param` with bounds, or a `fog.shared`.
    controls : tuple of str, default ()
        Names of known inputs. With controls, both functions take (x, dt, p, u), and u holds what acted since the row
        before.
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
    shared : dict
        Full names of the parameters that other parts share, {name: full name}; see `fog.shared`.

    Raises
    ------
    ModelError
        For an invalid, duplicate or unknown name, and for a limit with low >= high.

    Notes
    -----
    A ready-made motion is a Motion too. Its `dynamics` and `noise` may be called in functions of your own, on the
    states of that motion in their order, such as `turning.dynamics(x[:5], dt, p)`; they read their parameters by name.

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
    shared: Mapping[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "state", checks.names(self.state, "state"))
        put(self, "controls", checks.names(self.controls, "controls", empty=True))
        put(self, "angles", checks.subset(self.angles, self.state, "angles"))
        _callable(self.dynamics, "dynamics")
        _callable(self.noise, "noise")
        found = parameters.read(self.params, "params")
        for name, value in found._asdict().items():
            put(self, name, value)
        put(self, "units", _units(self.units, (*self.state, *self.controls, *found.params)))
        put(self, "limits", read_limits(self.limits, self.state, self.angles))

    def __repr__(self) -> str:
        return f"Motion({', '.join(self.state)}{_listed(self.params)})"

    def with_states(self, *others: "Motion") -> "Motion":
        """This motion and others side by side: more states, which move and are disturbed independently.

        A bias, a scale or another target is a motion of its own; sensors then read all states by name.

        Parameters
        ----------
        *others : Motion
            Motions of further states, such as `fog.motion.random_walk("bias", std=[0.01])`.

        Returns
        -------
        Motion
            A motion with the states, parameters, controls, angles, units and limits of all of them.

        Raises
        ------
        ModelError
            If two of them have a state or a parameter of one name. A list, such as std=[0.01], gives a ready-made
            motion a parameter named after its state: bias_std.

        Examples
        --------
        >>> drift = fog.motion.random_walk("gyro_bias", std=[0.001])
        >>> fog.motion.ctrv(accel=1.0, turn_accel=0.3).with_states(drift).state
        ('x', 'y', 'speed', 'heading', 'turn_rate', 'gyro_bias')
        """
        motions = (self, *others)
        for index, other in enumerate(others):
            if not isinstance(other, Motion):
                raise ModelError.expected(
                    "others",
                    other,
                    "a fog.Motion",
                    "Write fog.motion.random_walk('bias', std=[0.01]).",
                    index=index,
                )
        _require_distinct([motion.state for motion in motions], "state")
        _require_distinct([tuple(motion.params) for motion in motions], "parameter")
        parts = [PartFunctions(motion, motion.state) for motion in motions]

        def dynamics(x: Any, dt: Any, p: Any, *u: Any) -> list[Any]:
            return [value for part in parts for value in part.dynamics(x, dt, p, *u)]

        def noise(x: Any, dt: Any, p: Any, *u: Any) -> Any:
            return side_by_side(*[part.noise(x, dt, p, *u) for part in parts])

        def merged(field: str) -> dict[str, Any]:
            return {name: value for motion in motions for name, value in getattr(motion, field).items()}

        return Motion(
            state=sum((motion.state for motion in motions), ()),
            dynamics=like(tuple(motion.dynamics for motion in motions), dynamics),
            noise=like(tuple(motion.noise for motion in motions), noise),
            params={
                name: value for motion in motions for name, value in parameters.params_of(motion).items()
            },
            controls=tuple(dict.fromkeys(name for motion in motions for name in motion.controls)),
            angles=sum((motion.angles for motion in motions), ()),
            units=merged("units"),
            limits=merged("limits"),
        )


@dataclass(frozen=True, eq=False)
class Sensor:
    """What one sensor measures: z = measure(x, p) + v, v ~ N(0, noise(x, p)).

    The functions read the entries of the state x, the parameters p and the controls u by name (`x.gap`) or index.

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
        Parameters, {name: value}; a value is a number, a `fog.param` with bounds, or a `fog.shared`.
    angles : tuple of str, default ()
        Measures that are angles (rad). Needed for a measure that is itself an angle of the motion.
    units : dict, default {}
        Labels for reports, {name: unit}; nothing is converted.
    controls : tuple of str, default ()
        Names of known inputs, its own or the motion's. With controls, both functions take (x, p, u), and u holds the
        values in the row of the reading.

    Attributes
    ----------
    bounds : dict
        Bounds of the parameters, {name: (low, high)}.
    shared : dict
        Full names of the parameters that other parts share, {name: full name}; see `fog.shared`.

    Raises
    ------
    ModelError
        For an invalid, duplicate or unknown name.

    Examples
    --------
    >>> fog.Sensor("radar", ("range",), lambda x, p: [x.gap], lambda x, p: [[p.std**2]], params={"std": 0.8})
    Sensor(radar: range; std=0.8)
    >>> fog.Sensor("voltmeter", ("voltage",), lambda x, p, u: [x.charge - p.r * u.current],
    ...            lambda x, p, u: [[1e-4]], params={"r": 0.05}, controls=("current",))
    Sensor(voltmeter: voltage; r=0.05)
    """

    name: str
    measures: tuple[str, ...]
    measure: Callable[..., Any]
    noise: Callable[..., Any]
    params: Mapping[str, Any] = field(default_factory=dict)
    angles: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    controls: tuple[str, ...] = ()
    bounds: Mapping[str, Bounds] = field(init=False)
    shared: Mapping[str, str] = field(init=False, default_factory=dict)

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
        put(self, "controls", checks.names(self.controls, f"{self.name}.controls", empty=True))
        found = parameters.read(self.params, f"{self.name}.params")
        for name, value in found._asdict().items():
            put(self, name, value)
        put(self, "units", _units(self.units, (*self.measures, *self.controls, *found.params)))

    def __repr__(self) -> str:
        return f"Sensor({self.name}: {', '.join(self.measures)}{_listed(self.params)})"


def is_ready_made(function: Callable[..., Any]) -> bool:
    """Whether a function of a model comes from a ready-made part, so that its user cannot change it."""
    return bool(getattr(function, "__globals__", {}).get("__ready_made__"))


def like(functions: tuple[Callable[..., Any], ...], made: Callable[..., Any]) -> Any:
    """A function made from these, opaque if one of them is."""
    return opaque(made) if any(isinstance(function, Opaque) for function in functions) else made


def _require_distinct(groups: list[tuple[str, ...]], what: str) -> None:
    """ModelError if two motions have a state or a parameter of one name."""
    taken: set[str] = set()
    for index, group in enumerate(groups):
        for name in group:
            if name in taken:
                remedy = (
                    "Rename one of them."
                    if what == "state"
                    else "Rename one of them; a ready-made motion names it after its state if it is given as a list."
                )
                raise ModelError.expected(
                    "others", name, f"a {what} that the motions before do not have", remedy, index=index - 1
                )
        taken.update(group)


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
