"""The extended model: a model with parameters for its perturbations, which at their neutral values change nothing.

    q_scale       a factor on the standard deviation of the process noise
    drift_STATE   a drift per second that the motion lacks, for each state
    r_scale_MEASURE, bias_MEASURE, gain_MEASURE   of every component:
                  z = gain h(x) + bias + v,  v ~ N(0, s R s) with s the factors of all components

The score at the neutral values is a test of the model, and the most likely values show what to change, by how much.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from foglight.core.errors import ModelError
from foglight.equations.gaussian import Factored
from foglight.model.model import Model, Motion, Sensor
from foglight.model.opaque_functions import like
from foglight.model.parameters import Param, params_of
from foglight.model.part_functions import PartFunctions

Q_SCALE = "q_scale"


def with_perturbations(model: Model) -> Model:
    """The model with the parameters above, all at their neutral values.

    A `linear_model` with constant matrices becomes one of functions. Raises ModelError if matrices change row by row:
    these are perturbed directly (`perturbations.PerturbedRows`).
    """
    if model.rows:
        raise ModelError(
            f"{', '.join(model.rows)} change row by row: expected constant matrices. Change the rows themselves.",
            field="model",
            value=tuple(model.rows),
        )
    sensors = [_sensor(s, model.ambient) for s in model.sensors]
    return Model(_motion(model.motion), sensors, model.start, verify=False)


def unused_name(kind: str, name: str, taken: Mapping[str, Any]) -> str:
    """The name of an added parameter in its part, different from the part's own parameters."""
    found = f"{kind}_{name}" if name else kind
    while found in taken:
        found = f"extended_{found}"
    return found


def _motion(motion: Motion) -> Motion:
    scale = unused_name(Q_SCALE, "", motion.params)
    drifts = [unused_name("drift", name, motion.params) for name in motion.state]

    original = PartFunctions(motion, motion.ambient)

    def dynamics(x: Any, dt: Any, p: Any, *u: Any) -> list[Any]:
        moved = original.dynamics(x, dt, p, *u)
        return motion.charts.moved(moved, [getattr(p, drift) * dt for drift in drifts])

    def noise(x: Any, dt: Any, p: Any, *u: Any) -> Any:
        Q, s = original.noise(x, dt, p, *u), getattr(p, scale)
        if isinstance(Q, Factored):
            return Factored(Q.G, Q.variances * (s * s))
        return Q * (s * s)

    params = params_of(motion) | {scale: Param(1.0, low=0.0)} | dict.fromkeys(drifts, Param(0.0))
    return replace(
        motion,
        dynamics=like((motion.dynamics,), dynamics),
        noise=like((motion.noise,), noise),
        params=params,
        limits={},
    )


def _sensor(sensor: Sensor, state: tuple[str, ...]) -> Sensor:
    m = len(sensor.measures)
    scales, biases, gains = (
        [unused_name(kind, name, sensor.params) for name in sensor.measures]
        for kind in ("r_scale", "bias", "gain")
    )

    original = PartFunctions(sensor, state)

    def measure(x: Any, p: Any, *u: Any) -> list[Any]:
        return [
            value * getattr(p, gain) + getattr(p, bias)
            for value, gain, bias in zip(original.measure(x, p, *u), gains, biases, strict=True)
        ]

    def noise(x: Any, p: Any, *u: Any) -> Any:
        R = original.noise(x, p, *u)
        s = [getattr(p, name) for name in scales]
        if isinstance(R, Factored):
            return Factored(np.array([[g * s[i] for g in row] for i, row in enumerate(R.G)]), R.variances)
        return np.array([[R[i, j] * s[i] * s[j] for j in range(m)] for i in range(m)])

    params = params_of(sensor) | dict.fromkeys(scales, Param(1.0, low=0.0))
    params |= dict.fromkeys(biases, Param(0.0)) | dict.fromkeys(gains, Param(1.0))
    return replace(
        sensor, measure=like((sensor.measure,), measure), noise=like((sensor.noise,), noise), params=params
    )
