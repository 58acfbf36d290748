"""A model: how a state moves, what sensors measure, and what is known at the start.

Parts are immutable and validated when they are made: every function is called on numbers, so that a wrong shape or a
wrong name fails where the model is written, not many rows into a run; and what is traced is compared with it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import InitVar, dataclass, field, replace
from functools import cached_property
from itertools import accumulate, pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import ModelError
from foglight.core.pictured import Shown
from foglight.core.types import Floats
from foglight.model import angle_measures, helper_expansion, parameters, shared_parameters, validation
from foglight.model.argument_names import TIME
from foglight.model.belief import Belief, in_order
from foglight.model.charts import Charts
from foglight.model.model_parts import MOTION, Motion, Sensor
from foglight.model.opaque_functions import Opaque, opaque
from foglight.model.parameters import Bounds, param
from foglight.model.parametric_start import ParametricStart
from foglight.model.pickling import Kernels, PortablePart

__all__ = ["MOTION", "Model", "Motion", "Opaque", "Sensor", "opaque", "param"]


@dataclass(frozen=True, eq=False)
class Model(Shown, PortablePart):
    """A motion, the sensors that observe it, and the belief at the time of the first row.

    Parameters
    ----------
    motion : Motion
        How the n states move.
    sensors : sequence of Sensor
        The sensors, in the order in which the readings of a row are used.
    start : Belief or None
        The belief at the time of the first row, before its readings; None where nothing is known (diffuse). Where it
        has names, they may be in another order than the states. Helper states of the sensors may be left out of it.
    matrices : dict, default {}
        Constant matrices of a linear model; set by `fog.linear_model`.
    rows : dict, default {}
        Matrices with one entry per row of the log; set by `fog.linear_model`.
    parametric_start : ParametricStart, optional
        The start as a function of the parameters, instead of `start`; set by `fog.structural`.
    interventions : sequence of Intervention, default ()
        Controls that the time of a row determines, the last ones of the model; set by `fog.structural` and `fog.arima`.
    seasons : dict, default {}
        {name: its period in rows}; set by `fog.structural` and `fog.arima`. A log that is shorter is warned of.
    derived : callable, optional
        What the parameters stand for: from {full name: value} to {name: value}, smooth; set by `fog.arima`.
    verify : bool, default True
        Whether your own functions are traced at once, and compared with the plain functions on numbers: around the
        start, far off, and on both sides of every condition. False saves this time, some milliseconds, where the same
        functions are used in many models; then nothing notices that a trace took another path than the function.

    Raises
    ------
    ModelError
        Where the parts do not fit together, a function cannot be traced, its trace computes something else, or a noise
        is not symmetric.

    Examples
    --------
    >>> motion = fog.motion.random_walk(("level",), std=30.0)
    >>> gauge = fog.sensing.linear("gauge", of="level", std=100.0)
    >>> fog.Model(motion, [gauge], start=None)
    Model(Motion(level; std=30), [Sensor(gauge: level; std=100)], start=None)
    """

    motion: Motion
    sensors: Sequence[Sensor]
    start: Belief | None
    matrices: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    rows: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    parametric_start: ParametricStart | None = field(default=None, kw_only=True)
    interventions: Sequence[Any] = field(default=(), kw_only=True)
    seasons: Mapping[str, float] = field(default_factory=dict, kw_only=True)
    derived: Callable[[Mapping[str, float]], dict[str, float]] | None = field(default=None, kw_only=True)
    verify: InitVar[bool] = field(default=True, kw_only=True)
    kernels: dict[Any, Any] = field(init=False, default_factory=Kernels)  # compiled kernels, added by runs

    def __post_init__(self, verify: bool) -> None:
        put = object.__setattr__
        if not isinstance(self.motion, Motion):
            raise ModelError.expected(
                "motion", self.motion, "a fog.Motion", "Write fog.Motion(...) or one of fog.motion."
            )
        if isinstance(self.sensors, Sensor) or not isinstance(self.sensors, Iterable):
            one = self.sensors.name if isinstance(self.sensors, Sensor) else "radar"
            raise ModelError.expected("sensors", self.sensors, "a list of fog.Sensor", f"Write [{one}].")
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
            raise ModelError.expected(
                "start",
                self.start,
                "a fog.Belief, or None where nothing is known",
                "Write fog.Belief(mean=[...], std=[...]).",
            )
        wider, seeing, start = helper_expansion.with_helper_states(self.motion, self.sensors, self.start)
        if start is not None:
            put(self, "start", in_order(start, wider.ambient))
        motion, sensors = shared_parameters.with_shared(wider, seeing)
        put(self, "motion", motion)
        put(self, "sensors", sensors)
        put(self, "matrices", MappingProxyType(dict(self.matrices)))
        put(self, "rows", MappingProxyType(dict(self.rows)))
        put(self, "seasons", MappingProxyType(dict(self.seasons)))
        if self.parametric_start is not None:
            put(self, "start", self.parametric_start.belief(self.parameters))
        validation.check(self, verify=verify and not (self.matrices or self.rows))
        put(self, "sensors", angle_measures.with_angles(self.sensors, self.motion))

    def __repr__(self) -> str:
        start = self.start
        if start is not None and not start.names:
            start = Belief(start.mean, factor=start.factor, unknown=start.unknown, names=self.motion.ambient)
        return f"Model({self.motion!r}, {list(self.sensors)!r}, start={start!r})"

    @property
    def state(self) -> tuple[str, ...]:
        """The names of the n states that beliefs are about, in order."""
        return self.motion.state

    @property
    def charts(self) -> Charts:
        """Which of them are small rotations, and what functions see instead."""
        return self.motion.charts

    @property
    def ambient(self) -> tuple[str, ...]:
        """The names of the states as functions see them: rotations with all their numbers."""
        return self.motion.ambient

    @cached_property
    def sensor_names(self) -> tuple[str, ...]:
        """The names of the sensors, in order."""
        return tuple(sensor.name for sensor in self.sensors)

    @cached_property
    def components(self) -> tuple[str, ...]:
        """The full names of the M components that all sensors measure, such as `radar.range`, in order."""
        return tuple(f"{sensor.name}.{measure}" for sensor in self.sensors for measure in sensor.measures)

    @cached_property
    def blocks(self) -> tuple[tuple[Sensor, slice], ...]:
        """Each sensor with the slice of its components among those M."""
        ends = list(accumulate((len(sensor.measures) for sensor in self.sensors), initial=0))
        return tuple(
            (sensor, slice(*ends)) for sensor, ends in zip(self.sensors, pairwise(ends), strict=True)
        )

    @cached_property
    def controls(self) -> tuple[str, ...]:
        """The names of the known inputs: those of the motion, then those that only sensors read."""
        return tuple(dict.fromkeys(name for _, part in self._parts() for name in part.controls))

    @cached_property
    def given_controls(self) -> tuple[str, ...]:
        """The names of the known inputs but for its interventions, which the time of a row determines."""
        return self.controls[: len(self.controls) - len(self.interventions)]

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """What a kernel reads in each row besides readings: the controls, then t if a function names it."""
        return (
            (*self.controls, TIME) if any(TIME in part.inputs for _, part in self._parts()) else self.controls
        )

    @property
    def parameters(self) -> dict[str, float]:
        """The value of every parameter by its full name, such as `motion.accel` or `radar.std`, in declared order."""
        return {
            full: part.params[name]
            for part_name, part in self._parts()
            for name, full in _full_names(part_name, part).items()
        }

    @property
    def coefficients(self) -> dict[str, float]:
        """What the parameters stand for, by name, such as the coefficient `ar_1` of `fog.arima`; {} in most models."""
        return {} if self.derived is None else self.derived(self.parameters)

    @property
    def bounds(self) -> dict[str, Bounds]:
        """The bounds (low, high) of every parameter by its full name; those that hold everywhere if it is shared."""
        found: dict[str, Bounds] = {}
        for part_name, part in self._parts():
            for name, full in _full_names(part_name, part).items():
                low, high = part.bounds[name]
                lowest, highest = found.get(full, (low, high))
                found[full] = max(low, lowest), min(high, highest)
        return found

    def full_names(self, part_name: str) -> dict[str, str]:
        """The full names of the parameters of a part, by their own names.

        Parameters
        ----------
        part_name : str
            "motion", or the name of a sensor.

        Returns
        -------
        dict of str to str
            {own name: full name}, such as {"std": "radar.std"}; a `fog.shared` parameter has the name given to it.

        Examples
        --------
        >>> model.full_names("radar")
        {'std': 'radar.std'}
        """
        return _full_names(part_name, dict(self._parts())[part_name])

    def owners(self, full_name: str) -> list[tuple[str, str]]:
        """The parts that use a parameter, each with its own name of it.

        Parameters
        ----------
        full_name : str
            Full name of the parameter.

        Returns
        -------
        list of tuple of str
            Pairs (part, own name), several for a `fog.shared` parameter; the part is "motion" or the name of a sensor.

        Examples
        --------
        >>> model.owners("radar.std")
        [('radar', 'std')]
        """
        return [
            (part_name, name)
            for part_name, part in self._parts()
            for name, full in _full_names(part_name, part).items()
            if full == full_name
        ]

    @cached_property
    def parameter_indices(self) -> dict[str, tuple[int, ...]]:
        """For each part, the index of each of its parameters among all parameters of the model."""
        index = {full: k for k, full in enumerate(self.parameters)}
        return {
            part_name: tuple(index[full] for full in _full_names(part_name, part).values())
            for part_name, part in self._parts()
        }

    def with_parameters(self, values: Mapping[str, float]) -> "Model":
        """The same model with other parameter values; the bounds stay.

        Parameters
        ----------
        values : dict
            New values, {name: value}. A name is full (`radar.std`), or short (`std`) where only one parameter has it.

        Returns
        -------
        Model
            A new model; nothing is compiled again.

        Raises
        ------
        ModelError
            For an unknown or ambiguous name, for a value outside its bounds, and for one that makes the drift of a
            motion in continuous time too fast for its substeps.

        Examples
        --------
        >>> model.with_parameters({"accel": 0.7}).parameters
        {'motion.accel': 0.7, 'radar.std': 0.8}
        """
        if not isinstance(values, Mapping):
            raise ModelError.expected("values", values, "names and values", "Write {'accel': 0.4}.")
        known = self.parameters
        changed = known | {parameters.full_name(name, known): value for name, value in values.items()}

        def changed_part(part_name: str, part: Any) -> Any:
            own = {name: changed[full] for name, full in _full_names(part_name, part).items()}
            return replace(part, params=parameters.params_of(part, own))

        motion, *sensors = [changed_part(part_name, part) for part_name, part in self._parts()]
        if self.motion.integration is not None:
            self.motion.integration.require(motion.params)
        return self._with(motion=motion, sensors=tuple(sensors))

    def with_start(self, start: Belief | None) -> "Model":
        """The same model with another belief at the time of the first row.

        Parameters
        ----------
        start : Belief or None
            The new belief about the n states; None where nothing is known.

        Returns
        -------
        Model
            A new model; nothing is compiled again.

        Raises
        ------
        ModelError
            For a belief about other states, or one outside the limits of the motion.

        Examples
        --------
        >>> model.with_start(fog.Belief([8.0, -1.0], std=[1.0, 0.5])).start
        Belief([0] = 8 ± 1, [1] = -1 ± 0.5)
        """
        return self._with(start=start, parametric_start=None)

    def _with(self, **changes: Any) -> "Model":
        """The model with other parameters or another start, which are inputs of the same kernels."""
        return replace(self, **changes, verify=False).keeping(self.kernels)

    def keeping(self, kernels: dict[Any, Any]) -> "Model":
        """This model with the given store of compiled kernels. Called once, on a model that was just made from another.

        Parameters
        ----------
        kernels : dict
            The compiled kernels of the other model. Both models share it from now on.

        Returns
        -------
        Model
            This model.

        Examples
        --------
        >>> other = fog.Model(model.motion, model.sensors, start=None).keeping(model.kernels)
        """
        object.__setattr__(
            self, "kernels", kernels
        )  # not an argument of the constructor: other copies start empty
        return self

    def _parts(self) -> list[tuple[str, Motion | Sensor]]:
        return [(MOTION, self.motion), *((sensor.name, sensor) for sensor in self.sensors)]


def _full_names(part_name: str, part: Motion | Sensor) -> dict[str, str]:
    """The full names of the parameters of a part, by their own names."""
    return {name: part.shared.get(name, f"{part_name}.{name}") for name in part.params}


def parameter_values(model: Model) -> Floats:
    """The values of all parameters of a model, in their order."""
    return np.array(list(model.parameters.values()), dtype=np.float64)


def unknown_directions(model: Model) -> int:
    """The number of directions of the state that are unknown at the start."""
    return len(model.state) if model.start is None else model.start.unknown.shape[1]


def opaque_functions(model: Model) -> list[str]:
    """The names of the model's functions that were declared opaque."""
    motion = model.motion
    named = [("motion.dynamics", motion.dynamics), ("motion.noise", motion.noise)]
    for sensor in model.sensors:
        named += [(f"{sensor.name}.measure", sensor.measure), (f"{sensor.name}.noise", sensor.noise)]
    return [name for name, function in named if isinstance(function, Opaque)]
