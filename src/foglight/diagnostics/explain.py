"""`fog.explain`: a description of a model in plain text."""

import math
from dataclasses import dataclass
from typing import Any

from foglight.compiler.linearity import is_linear
from foglight.core.errors import ModelError
from foglight.core.text import Page
from foglight.model.argument_names import TIME
from foglight.model.at_start import start_mean
from foglight.model.model import Model, Motion, Opaque, Sensor


@dataclass(frozen=True, repr=False)
class Explanation(Page):
    """A description of a model, which prints as text; linear: {part: whether it is linear}, None where opaque."""

    linear: dict[str, bool | None]


def explain(model: Model) -> Explanation:
    """Describe a model: states, start, sensors, which parts are linear, angles, limits, parameters and units.

    Parameters
    ----------
    model : Model
        The model to describe.

    Returns
    -------
    Explanation
        Prints as text, in a terminal and in a notebook. `.linear` is a dict from "motion" and each sensor name to
        whether that function is linear in the state; None where it is declared `fog.opaque`.

    Raises
    ------
    ModelError
        If `model` is not a `fog.Model`, or a function cannot be traced.

    Examples
    --------
    >>> import foglight as fog
    >>> model = fog.Model(fog.motion.random_walk(("level",), std=30.0),
    ...                   [fog.sensing.linear("gauge", of="level", std=100.0)], start=None)
    >>> print(fog.explain(model))
    state of 1, nothing known at the start (diffuse):
      level
    motion: linear in the state
      motion.std = 30 (>= 0)
    sensor gauge: level; linear in the state
      gauge.std = 100 (>= 0)
    """
    if not isinstance(model, Model):
        raise ModelError.expected("model", model, "a fog.Model", "Write fog.explain(model).")
    linear = linearity(model)
    return Explanation(_text(model, linear), linear)


def linearity(model: Model) -> dict[str, bool | None]:
    """{"motion" or sensor name: whether its function is linear in the state}; None where it is opaque."""
    parts: list[tuple[str, Motion | Sensor, Any]] = [("motion", model.motion, model.motion.dynamics)]
    parts += [(sensor.name, sensor, sensor.measure) for sensor in model.sensors]
    return {
        name: None if isinstance(function, Opaque) else is_linear(model, part)
        for name, part, function in parts
    }


def _text(model: Model, linear: dict[str, bool | None]) -> str:
    motion = model.motion
    known = "nothing known at the start (diffuse)" if model.start is None else "at the start"
    lines = [f"state of {len(model.state)}, {known}:"]
    for index, name in enumerate(model.state):
        remarks = _angle(name, motion.angles, wrapped=True) + _limits_of(motion, name)
        lines.append(f"  {_labelled(name, motion)}{remarks}{_start_of(model, index)}")
    lines.append(f"motion: {_linearity_text(linear['motion'])}")
    if motion.integration is not None:
        lines.append(f"  in continuous time: {motion.integration}")
    lines += _controls(motion) + _parameters(model, "motion", motion)
    for sensor in model.sensors:
        measures = [_labelled(name, sensor) + _angle(name, sensor.angles) for name in sensor.measures]
        scale = "" if sensor.transform is None else f"; on another scale: {sensor.transform}"
        lines.append(
            f"sensor {sensor.name}: {', '.join(measures)}; {_linearity_text(linear[sensor.name])}{scale}"
        )
        lines += _controls(sensor) + _parameters(model, sensor.name, sensor)
    if model.rows:
        length = len(next(iter(model.rows.values())))
        lines.append(
            f"given row by row ({length} rows): " + ", ".join(dict.fromkeys(n[0] for n in model.rows))
        )
    return "\n".join(lines)


def _start_of(model: Model, index: int) -> str:
    if model.start is None:
        return ""
    if model.start.unknown[index].any():
        return ": nothing known"
    return f": {start_mean(model)[index]:.6g} ± {model.start.std[index]:.3g}"


def _labelled(name: str, part: Motion | Sensor) -> str:
    unit = part.units.get(name)
    return f"{name} [{unit}]" if unit else name


def _angle(name: str, angles: tuple[str, ...], wrapped: bool = False) -> str:
    if name not in angles:
        return ""
    return " (angle, kept in [-π, π))" if wrapped else " (angle)"


def _limits_of(motion: Motion, name: str) -> str:
    if name not in motion.limits:
        return ""
    return f" (reported within {_ends(*motion.limits[name])})"


def _ends(low: float, high: float) -> str:
    return ", ".join([f">= {low:g}"] * math.isfinite(low) + [f"<= {high:g}"] * math.isfinite(high))


def _linearity_text(linear: bool | None) -> str:
    if linear is None:
        return "opaque, called in Python in every row"
    return "linear in the state" if linear else "not linear in the state"


def _controls(part: Motion | Sensor) -> list[str]:
    controls = "  controls: " + ", ".join(_labelled(name, part) for name in part.controls)
    return [controls] * bool(part.controls) + [f"  reads {TIME}"] * (TIME in part.inputs)


def _parameters(model: Model, label: str, part: Motion | Sensor) -> list[str]:
    lines = []
    for name, full in model.full_names(label).items():
        ends = _ends(*model.bounds[full])
        unit = part.units.get(name, "")
        limited = f"({ends})" if ends else ""
        others = len(model.owners(full)) > 1
        shared = f"as {name}, shared" if others else f"as {name}" if name in part.shared else ""
        lines.append(" ".join(filter(None, [f"  {full} = {part.params[name]:g}", unit, limited, shared])))
    return lines
