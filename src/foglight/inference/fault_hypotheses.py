"""What may be wrong, as filters of their own: each sensor noisier than stated, or with a bias that moves; the motion.

A hypothesis is a model and a method whose log-likelihood is compared with that of the filter as it is, row by row. Each
predicts every reading by a density of its own, from the readings before it alone. That is all the comparison needs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from foglight.compiler.kept import kept
from foglight.methods.adaptation import adapt
from foglight.methods.method import Method
from foglight.model import helper_states
from foglight.model.model import MOTION, Model
from foglight.model.start_noises import noise_stds

NOISE, BIAS = "noise", "bias"
LARGEST = 1e4  # scale of a variance that may have grown
_FORGETTING, _BOUNDS = 0.9, (1.0, LARGEST)
_MOVES = 0.2  # standard deviations of a reading by which a bias moves from one reading to the next
_BEGINS = 0.5  # the same of its standard deviation at the start


@dataclass(frozen=True)
class Hypothesis:
    """A filter that allows for one thing to be wrong.

    subject: a sensor, or "motion".  kind: "noise" or "bias".  biases: the states of the bias, {component: index}.
    """

    subject: str
    kind: str
    model: Model
    method: Method
    biases: tuple[int, ...] = ()


def plain(method: Method) -> Method:
    """The method without gates, bounds and adapted noises: all readings then count, by their whole density."""
    return method.with_guards(gate=None, huber=None, student=None, adapt=None)


def hypotheses(model: Model, method: Method, every: float) -> Iterator[Hypothesis]:
    """Each sensor noisier, each sensor biased, and the motion livelier than stated.

    every: about how many seconds are between two readings of a sensor. A bias is left out where it cannot be a state:
    of matrices that change row by row, and where the model has one of that name.
    """
    method = plain(method)
    for sensor in model.sensor_names:
        given = adapt(sensor, motion=False, forgetting=_FORGETTING, bounds=_BOUNDS)
        yield Hypothesis(sensor, NOISE, model, method.with_guards(adapt=given))
        biased = kept(model, ("biased", sensor, every), partial(_with_bias, model, sensor, every))
        if biased is not None:
            yield Hypothesis(sensor, BIAS, biased, method, tuple(range(len(model.state), len(biased.state))))
    given = adapt([], forgetting=_FORGETTING, bounds=_BOUNDS)
    yield Hypothesis(MOTION, NOISE, model, method.with_guards(adapt=given))


def _with_bias(model: Model, name: str, every: float) -> Model | None:
    """The model with a bias of each measure of a sensor that moves with time; None where it cannot have one."""
    if model.rows:
        return None
    stds = dict(zip(model.components, noise_stds(model), strict=True))
    sensors: list[Any] = []
    for sensor in model.sensors:
        if sensor.name != name:
            sensors.append(sensor)
            continue
        sizes = {measure: float(stds[f"{name}.{measure}"]) for measure in sensor.measures}
        taken = {f"{name}_bias_{measure}" for measure in sensor.measures} & {*model.state}
        if taken or not all(sizes.values()):
            return None
        moving = {
            measure: helper_states.bias(std=_BEGINS * size, drift=_MOVES * size / every**0.5)
            for measure, size in sizes.items()
        }
        sensors.append(replace(sensor, bias=moving))
    return Model(model.motion, sensors, model.start)
