"""The parts of a model: a motion and a sensor."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.model import helper_states, parameters
from foglight.model.argument_names import MOVING, SENSING
from foglight.model.belief import Belief
from foglight.model.box_cox import BoxCox
from foglight.model.charts import Charts, read_charts
from foglight.model.continuous_motion import Continuous, strictest
from foglight.model.helper_states import Bias, Coloured, Delay, Facing, LeverArm, Scale
from foglight.model.limits import Limits, read_limits
from foglight.model.opaque_functions import like
from foglight.model.parameters import Bounds
from foglight.model.part_fields import (
    by_position,
    inputs_of,
    listed_parameters,
    require_callable,
    require_distinct,
    units_of,
)
from foglight.model.part_functions import PartFunctions, side_by_side
from foglight.model.pickling import PortablePart
from foglight.model.state_groups import Groups, read_groups

MOTION = "motion"  # the motion's name in full parameter names, so no sensor may take it
RESERVED = {
    MOTION: "reserved for the parameters of the motion",
    "time": "reserved for the time stamps of a log",
    "u": "reserved for the controls of a log",
    "track": "reserved for the track numbers of a log",
}


@dataclass(frozen=True, eq=False)
class Motion(Continuous, PortablePart):
    """How the state moves: x' = dynamics(x, dt, p) + w, w ~ N(0, noise(x, dt, p)).

    The functions are given what their signatures name, in any order: the state x, the step dt in seconds, the
    parameters p, the controls u, and t, the seconds from the start of the track to the end of the step. With other
    names they are called by position, with (x, dt, p, u). They read the entries of x, p and u by name (`x.gap`) or
    index.

    Parameters
    ----------
    state : tuple of str
        Names of the states, in order.
    dynamics : callable
        Returns their values dt seconds later.
    noise : callable
        Returns the covariance (n, n) of the process noise w, or a factor made by `fog.noise`.
    params : dict, default {}
        Parameters, {name: value}; a value is a number, a `fog.param` with bounds, or a `fog.shared`.
    controls : tuple of str, default ()
        Names of known inputs. With controls, the functions may name u, which holds what acted since the row before; by
        position they take (x, dt, p, u).
    angles : tuple of str, default ()
        States that are angles (rad).
    units : dict, default {}
        Labels for reports, {name: unit}; nothing is converted.
    limits : dict, default {}
        Limits of states, {state: (low, high)}, None for no limit. Reported beliefs are truncated there, see
        `foglight.inference.truncation`.
    groups : dict, default {}
        States that results report as one component, {component: states}; see `Smoothed.components`.
    rotations : dict, default {}
        Rotations among the states, {name: states}: the four of a unit quaternion (w, x, y, z), from the body to the
        world, or the two of a rotation in the plane (cos, sin). Noise and beliefs are about small rotations (rad)
        instead: those about the axes of the body, `attitude_x`, `attitude_y`, `attitude_z`, or `heading_turn`.
    unit_vectors : dict, default {}
        Directions among the states, {name: the three states of a unit vector}; noise and beliefs are about small tilts
        (rad) along two axes across it, `up_tilt_1` and `up_tilt_2`.
    integration : Integration, optional
        Set by `fog.Motion.continuous`.

    Attributes
    ----------
    bounds : dict
        Bounds of the parameters, {name: (low, high)}.
    shared : dict
        Full names of the parameters that other parts share, {name: full name}; see `fog.shared`.
    state : tuple of str
        Names of the n states that beliefs are about: with small rotations instead of rotations.
    ambient : tuple of str
        Names of the states as functions see them and as they were given.

    Raises
    ------
    ModelError
        For an invalid, duplicate or unknown name, and for a limit with low >= high.

    Notes
    -----
    t counts from start_time where a run has one, and else from the track's first row; the step began at t - dt.

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
    groups: Groups = field(default_factory=dict, kw_only=True)
    rotations: Mapping[str, tuple[str, ...]] = field(default_factory=dict, kw_only=True)
    unit_vectors: Mapping[str, tuple[str, ...]] = field(default_factory=dict, kw_only=True)
    bounds: Mapping[str, Bounds] = field(init=False)
    shared: Mapping[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        put = object.__setattr__
        charts = read_charts(checks.names(self.state, "state"), self.rotations, self.unit_vectors)
        put(self, "rotations", MappingProxyType(charts.rotations))
        put(self, "unit_vectors", MappingProxyType(charts.unit_vectors))
        put(self, "state", charts.state)
        plain = tuple(charts.state[i] for i, _ in charts.plain)
        put(self, "controls", checks.names(self.controls, "controls", empty=True))
        put(self, "angles", checks.subset(self.angles, plain, "angles"))
        require_callable(self.dynamics, "dynamics")
        require_callable(self.noise, "noise")
        for name, function in by_position(self, ("dynamics", "noise"), MOTION, MOVING).items():
            put(self, name, function)
        found = parameters.read(self.params, "params")
        for name, value in found._asdict().items():
            put(self, name, value)
        names = dict.fromkeys((*self.ambient, *self.state))
        put(self, "units", units_of(self.units, (*names, *self.controls, *found.params)))
        put(self, "limits", read_limits(self.limits, plain, self.angles))
        put(self, "groups", read_groups(self.groups, self.state))

    @cached_property
    def charts(self) -> Charts:
        """Which states are small rotations, and what functions see instead."""
        return read_charts(self.state, self.rotations, self.unit_vectors)

    @property
    def ambient(self) -> tuple[str, ...]:
        """The names of the states as functions see them: rotations with all their numbers."""
        return self.charts.ambient

    @property
    def inputs(self) -> tuple[str, ...]:
        """What the u of its functions holds inside this package: the controls, then t if one of them names it."""
        return inputs_of(self.controls, self.dynamics, self.noise)

    def belief(self, mean: Any, **spread: Any) -> Belief:
        """A belief about the states of this motion: a `fog.Belief` with their names, angles and rotations.

        Parameters
        ----------
        mean : array_like
            Mean of the states as functions see them; a rotation need not be of length 1.
        **spread
            One of std, cov and factor of `fog.Belief`, about the n states: a std (rad) for each small rotation.

        Returns
        -------
        Belief
            The belief, such as the start of a model.

        Raises
        ------
        ModelError
            As `fog.Belief`.

        Examples
        --------
        >>> fog.motion.constant_velocity("gap", accel=0.4).belief([5.0, 0.0], std=[2.0, 0.5])
        Belief(gap = 5 ± 2, gap_speed = 0 ± 0.5)
        """
        return Belief(
            mean,
            **spread,
            names=self.ambient,
            angles=self.angles,
            rotations=self.rotations,
            unit_vectors=self.unit_vectors,
        )

    def __repr__(self) -> str:
        return f"Motion({', '.join(self.ambient)}{listed_parameters(self.params)}{self._integrated})"

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
            A motion with the states, parameters, controls, angles, units, limits and groups of all of them.

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
        require_distinct([tuple({*motion.state, *motion.ambient}) for motion in motions], "state")
        require_distinct([tuple(motion.params) for motion in motions], "parameter")
        require_distinct([tuple(motion.groups) for motion in motions], "group")
        parts = [PartFunctions(motion, motion.ambient) for motion in motions]

        def dynamics(x: Any, dt: Any, p: Any, *u: Any) -> list[Any]:
            return [value for part in parts for value in part.dynamics(x, dt, p, *u)]

        def noise(x: Any, dt: Any, p: Any, *u: Any) -> Any:
            return side_by_side(*[part.noise(x, dt, p, *u) for part in parts])

        def merged(field: str) -> dict[str, Any]:
            return {name: value for motion in motions for name, value in getattr(motion, field).items()}

        return Motion(
            state=sum((motion.ambient for motion in motions), ()),
            dynamics=like(tuple(motion.dynamics for motion in motions), dynamics),
            noise=like(tuple(motion.noise for motion in motions), noise),
            params={
                name: value for motion in motions for name, value in parameters.params_of(motion).items()
            },
            controls=tuple(dict.fromkeys(name for motion in motions for name in motion.controls)),
            angles=sum((motion.angles for motion in motions), ()),
            units=merged("units"),
            limits=merged("limits"),
            groups=merged("groups"),
            rotations=merged("rotations"),
            unit_vectors=merged("unit_vectors"),
            integration=strictest(motion.integration for motion in motions),
        )


@dataclass(frozen=True, eq=False)
class Sensor(PortablePart):
    """What one sensor measures: z = measure(x, p) + v, v ~ N(0, noise(x, p)).

    The functions are given what their signatures name, in any order: the state x, the parameters p, the controls u,
    and t, the seconds since the start of the track. With other names they are called by position, with (x, p, u).
    They read the entries of x, p and u by name (`x.gap`) or index.

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
        Names of known inputs, its own or the motion's. With controls, the functions may name u, which holds the values
        in the row of the reading; by position they take (x, p, u).
    bias, scale, coloured, facing, lever_arm : optional
        Helper states, which a model adds to those of its motion: what `fog.bias`, `fog.scale`, `fog.coloured`,
        `fog.facing` and `fog.lever_arm` return, for all measures or, but for the last, as a dict {measure: ...}.
    delay : Delay, optional
        How late its readings are: what `fog.delay` returns. Not with controls.
    transform : BoxCox, optional
        The scale on which its single measure is modelled, the logarithm or a power; set by `fog.structural` and
        `fog.arima`.

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
    bias: Bias | Mapping[str, Bias] | None = field(default=None, kw_only=True)
    scale: Scale | Mapping[str, Scale] | None = field(default=None, kw_only=True)
    coloured: Coloured | Mapping[str, Coloured] | None = field(default=None, kw_only=True)
    facing: Facing | Mapping[str, Facing] | None = field(default=None, kw_only=True)
    lever_arm: LeverArm | None = field(default=None, kw_only=True)
    delay: Delay | None = field(default=None, kw_only=True)
    transform: BoxCox | None = field(default=None, kw_only=True)
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
        require_callable(self.measure, f"{self.name}.measure")
        require_callable(self.noise, f"{self.name}.noise")
        put(self, "controls", checks.names(self.controls, f"{self.name}.controls", empty=True))
        for name, function in by_position(self, ("measure", "noise"), self.name, SENSING).items():
            put(self, name, function)
        found = parameters.read(self.params, f"{self.name}.params")
        for name, value in found._asdict().items():
            put(self, name, value)
        put(self, "units", units_of(self.units, (*self.measures, *self.controls, *found.params)))
        helper_states.check_delay(self.delay, self.name, self.controls)
        scale: Any = self.transform
        if scale is not None and (not isinstance(scale, BoxCox) or len(self.measures) > 1 or self.angles):
            raise ModelError.expected(
                f"{self.name}.transform", scale, "a scale of one measure that is not an angle",
                "Leave it out, or write fog.structural(log=True).",
            )  # fmt: skip
        for kind in helper_states.KINDS:
            given = getattr(self, kind)
            put(self, kind, helper_states.read(kind, given, self.name, self.measures, self.angles))

    @property
    def inputs(self) -> tuple[str, ...]:
        """What the u of its functions holds inside this package: the controls, then t if one of them names it."""
        return inputs_of(self.controls, self.measure, self.noise)

    def __repr__(self) -> str:
        helpers = "".join(f"; {kind}" for kind in helper_states.KINDS if getattr(self, kind) is not None)
        late = "" if self.delay is None or self.delay.stated else f"; delay={self.delay.seconds:g}"
        scale = "" if self.transform is None else f"; {self.transform}"
        shown = f"{', '.join(self.measures)}{listed_parameters(self.params)}{helpers}{late}{scale}"
        return f"Sensor({self.name}: {shown})"
