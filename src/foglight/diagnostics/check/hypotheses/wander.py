"""A sensor whose bias wanders: a random walk on top of what its measure says.

Each measure that may wander reads one of a few additional states. Which one, and how fast that wanders, are parameters,
so one kernel serves all sensors of a model. What is returned to the user has states for the one that was found only.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from foglight.compiler.kept import kept
from foglight.core.errors import ModelError
from foglight.diagnostics.check.health import Code
from foglight.diagnostics.check.hypotheses.elapsed import longest
from foglight.diagnostics.check.hypotheses.hypothesis import Evidence, Family, Hypothesis
from foglight.diagnostics.check.hypotheses.identifiability import is_alone
from foglight.diagnostics.check.perturbed_model import unused_name
from foglight.diagnostics.check.wider_start import wider_start
from foglight.model.model import MOTION, Model, Sensor
from foglight.model.motion import random_walk
from foglight.model.opaque_functions import like
from foglight.model.parameters import Param, params_of
from foglight.model.part_functions import PartFunctions
from foglight.model.start_noises import noise_stds

TRIED = tuple(0.5 * 2.0**k for k in range(9))  # over the log, in standard deviations of a reading
_WHOLE = 3  # measures of a sensor that wander together, at most
_MOST = 12  # components of a model, beyond which its kernel would take too long to compile


def families(evidence: Evidence) -> list[Family]:
    """A wandering bias of each sensor and measure. What only one sensor sees may wander itself."""
    model, whole = evidence.model, longest(evidence.log)
    if is_alone(model) or model.rows or len(model.components) > _MOST or not whole:
        return []
    stds, found = noise_stds(model), list[Family]()
    for group in evidence.groups():
        noise = {i: float(stds[i]) for i in group}
        if len(group) > _WHOLE or not all(noise.values()):
            continue
        tried = tuple(k * noise[group[0]] / whole**0.5 for k in TRIED)
        try:
            ready = _ready(model, noise)
        except ModelError:  # the names of the additional states are taken
            return []
        found.append(Family(partial(_wandering, evidence, noise, ready), tried, fitted=True))
    return found


def with_bias_states(model: Model, stds: Mapping[int, float], begin: Mapping[int, float]) -> Model:
    """The model with a bias state for some components.

    stds: {component: how much its bias changes, in its unit, as a standard deviation over one second; over t seconds √t
    times as much}.  begin: {component: the standard deviation of its bias at the start}.
    """
    names = _bias_names(model, tuple(stds))
    found = kept(model, ("bias states", tuple(stds)), lambda: _extended(model, names))
    own = {f"{MOTION}.{name}_std": std for name, std in zip(names.values(), stds.values(), strict=True)}
    return found.with_parameters(dict(model.parameters) | own).with_start(
        wider_start(model, list(begin.values()))
    )


def _bias_names(model: Model, components: tuple[int, ...]) -> dict[int, str]:
    """{component: the name of its bias state}."""
    labels = [(sensor, measure) for sensor in model.sensors for measure in sensor.measures]
    taken = dict.fromkeys(model.state)
    return {i: unused_name(f"{labels[i][0].name}_bias", labels[i][1], taken) for i in components}


def _extended(model: Model, names: Mapping[int, str]) -> Model:
    """The model with these bias states, of any size."""
    motion = model.motion.with_states(random_walk(tuple(names.values()), std=[1.0] * len(names)))
    sensors, first = [], 0
    for sensor in model.sensors:
        own = {i - first: name for i, name in names.items() if first <= i < first + len(sensor.measures)}
        sensors.append(_reading(sensor, model.ambient, own) if own else sensor)
        first += len(sensor.measures)
    return Model(motion, sensors, wider_start(model, [1.0] * len(names)), verify=False)


def _reading(sensor: Sensor, state: tuple[str, ...], biases: Mapping[int, str]) -> Sensor:
    """The sensor, some of whose measures read a bias as well."""
    original = PartFunctions(sensor, state)

    def measure(x: Any, p: Any, *u: Any) -> list[Any]:
        return [
            value + getattr(x, biases[j]) if j in biases else value
            for j, value in enumerate(original.measure(x, p, *u))
        ]

    return replace(
        sensor, measure=like((sensor.measure,), measure), noise=like((sensor.noise,), original.noise),
        params=params_of(sensor),
    )  # fmt: skip


def _shared_kernel(model: Model) -> Model:
    """The model with as many bias states as a sensor may need, and parameters that say which measures read them."""
    slots = min(_WHOLE, max(len(sensor.measures) for sensor in model.sensors))
    names = _slots(model, slots)
    motion = model.motion.with_states(random_walk(names, std=[1.0] * slots))
    sensors = [_choosing(sensor, model.ambient, slots) for sensor in model.sensors]
    return Model(motion, sensors, wider_start(model, [1.0] * slots), verify=False)


def _slots(model: Model, slots: int) -> tuple[str, ...]:
    return tuple(unused_name("bias", str(k), dict.fromkeys(model.state)) for k in range(slots))


def _chosen(sensor: Sensor, slots: int) -> list[list[str]]:
    """The names of the parameters that let each measure of a sensor read each slot."""
    return [
        [unused_name(f"bias_{k}", measure, sensor.params) for k in range(slots)]
        for measure in sensor.measures
    ]


def _choosing(sensor: Sensor, state: tuple[str, ...], slots: int) -> Sensor:
    """The sensor with measures that may read a slot."""
    original, chosen, n = PartFunctions(sensor, state), _chosen(sensor, slots), len(state)

    def measure(x: Any, p: Any, *u: Any) -> list[Any]:
        return [
            value + sum(getattr(p, name) * x[n + k] for k, name in enumerate(names))
            for value, names in zip(original.measure(x, p, *u), chosen, strict=True)
        ]

    return replace(
        sensor, measure=like((sensor.measure,), measure), noise=like((sensor.noise,), original.noise),
        params=params_of(sensor) | {name: Param(0.0) for names in chosen for name in names},
    )  # fmt: skip


def _ready(model: Model, begin: Mapping[int, float]) -> tuple[Model, tuple[str, ...]]:
    """The model of the shared kernel with a slot for each of some components, and the parameters that say how fast they
    wander.  begin: {component: the standard deviation of its bias at the start}."""
    shared = kept(model, ("bias slots",), lambda: _shared_kernel(model))
    slots = len(shared.state) - len(model.state)
    labels = [(sensor, j) for sensor in model.sensors for j in range(len(sensor.measures))]
    values, start = dict(model.parameters), [1.0] * slots
    for k, (i, std) in enumerate(begin.items()):
        sensor, j = labels[i]
        values[f"{sensor.name}.{_chosen(sensor, slots)[j][k]}"] = 1.0
        start[k] = std
    names = tuple(f"{MOTION}.{name}_std" for name in _slots(model, slots)[: len(begin)])
    return shared.with_parameters(values).with_start(wider_start(model, start)), names


def _wandering(
    evidence: Evidence, noise: Mapping[int, float], ready: tuple[Model, tuple[str, ...]], std: float
) -> Hypothesis:
    components = tuple(noise)
    subject, whole = evidence.subject(components), longest(evidence.log)
    stds = {i: std * noise[i] / noise[components[0]] for i in components}
    values = dict(zip(ready[1], stds.values(), strict=True))
    return Hypothesis(
        Code.DRIFT,
        subject,
        std,
        f"the bias of {subject} wanders, by {std:.2g} in a second and {std * whole**0.5:.2g} over the log",
        "give it a bias state, motion.with_states(fog.motion.random_walk('bias', "
        f"std=[{', '.join(f'{s:.2g}' for s in stds.values())}])), that its measure adds",
        f"a wandering bias of {subject}",
        lambda model, log: (with_bias_states(model, stds, noise), log),
        judged=lambda model, log: (ready[0].with_parameters(values), log),
        modest=True,
    )
