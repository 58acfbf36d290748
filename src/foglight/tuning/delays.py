"""Delays that are tuned: how late the readings of a sensor are, from the log.

The log is filtered with the readings at t - τ0, with the delay τ0 of the model. Near it, a sensor reads the state of a
little earlier or later, to which the motion itself leads:

    z = h(f(x, τ0 - τ)) + v

What the noise of the motion does in so short a time is left out. At τ = τ0 nothing is left out, so `fog.tune` searches
again around the delay that it found, until that stays.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from foglight.core.errors import ModelError
from foglight.model.argument_names import TIME
from foglight.model.helper_states import DELAY
from foglight.model.model import Model, Sensor
from foglight.model.opaque_functions import like
from foglight.model.parameters import params_of
from foglight.model.part_functions import PartFunctions, held_controls, own_params
from foglight.trace.named_vector import Vector, names_of

_SAME = 1e-9  # relative: of the state after a step of 0 s


def delays_among(model: Model, names: Collection[str]) -> dict[str, str]:
    """{sensor: full name} of the delays among these parameters."""
    late = {s.name: model.full_names(s.name)[DELAY] for s in model.sensors if s.delay and s.delay.stated}
    return {sensor: full for sensor, full in late.items() if full in names}


def around_delays(model: Model, late: Mapping[str, str]) -> Model:
    """The model of a log whose readings are on time, in which these delays {sensor: full name} can change a little.

    Raises ModelError where nothing says when it was, and for a motion that does not lead from a state to itself in no
    time, or has no steps back.
    """
    if not late:
        return model
    if not model.inputs and all(sensor.name in late for sensor in model.sensors):
        full = next(iter(late.values()))
        raise ModelError(
            f"{full}: the delay of every sensor is tuned, and if all are late alike, no reading tells: expected a "
            f"sensor whose stamps are right, or inputs. Leave {full} out of free.",
            field="free",
            value=full,
        )
    for full in late.values():
        _require_flow(model, full)
    return replace(
        model, sensors=[_moving(model, s) if s.name in late else s for s in model.sensors], verify=False
    )


def _moving(model: Model, sensor: Sensor) -> Sensor:
    """The sensor, reading the state at its delay less that of the model before the time of the row."""
    motion, own = PartFunctions(model.motion, model.state), PartFunctions(sensor, model.state)
    params, usual = own_params(model.motion), sensor.params[DELAY]

    def measure(x: Any, p: Any, *u: Any) -> Any:
        ahead = usual - p[DELAY]
        inputs = [_at(v, ahead) for v in u]
        then = Vector(model.state, motion.dynamics(x, ahead, params, *inputs))
        return own.measure(then, p, *inputs)

    return replace(
        sensor,
        measure=like((sensor.measure, model.motion.dynamics), measure),
        noise=like((sensor.noise,), own.noise),
        params=params_of(sensor),
        controls=model.motion.controls,
        delay=None,
    )


def _at(u: Any, ahead: Any) -> Vector:
    """The inputs of a row, with t later by this."""
    names = names_of(u)
    return Vector(names, [u[name] + ahead if name == TIME else u[name] for name in names], "control")


def _require_flow(model: Model, delay: str) -> None:
    """ModelError unless the motion, at the start, stays in a step of 0 s and can step forward and back."""
    motion, x = PartFunctions(model.motion, model.state), np.zeros(len(model.state))
    if model.start is not None:
        x = np.asarray(model.start.mean, dtype=float)
    rest = own_params(model.motion), *held_controls(model.motion)

    def after(dt: float) -> Any:
        with np.errstate(all="ignore"):
            return np.asarray(motion.dynamics(Vector(model.state, x), dt, *rest), dtype=float)

    seconds = model.parameters[delay]
    found = {dt: after(dt) for dt in (0.0, seconds, -seconds)}
    size = np.maximum(np.abs(x), np.abs(found[seconds] - x))
    for dt, moved in found.items():
        wrong = ~np.isfinite(moved) if dt else ~(np.abs(moved - x) <= _SAME * size)
        for i in np.flatnonzero(wrong)[:1]:
            name = model.state[i]
            expected = "a finite number" if dt else f"{x[i]:g}, the state itself"
            raise ModelError(
                f"{delay}: it is found by moving the state a little with the motion, whose dynamics returns {name} = "
                f"{moved[i]:g} after {dt:g} s from {name} = {x[i]:g}: expected {expected}. Leave {delay} out of free, "
                "and compare the log-likelihoods of some delays.",
                field="free",
                index=name,
                value=delay,
            )
