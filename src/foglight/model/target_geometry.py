"""The geometry of sensors that look at a target: its offset, distance, direction and velocity."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from foglight.core.errors import ModelError
from foglight.model.helper_states import Facing
from foglight.model.parameters import real
from foglight.model.part_arguments import Names, axis_names, per_axis
from foglight.trace.named_vector import names_of

__ready_made__ = True  # errors show lines of these functions, as they do for a user's own

Offset = Callable[
    [Any], tuple[list[Any], Any]
]  # state -> (target minus sensor on each axis, direction the sensor faces)


def as_state(facing: float | Facing) -> Facing | None:
    """The direction as a helper state; None where it is a number."""
    return facing if isinstance(facing, Facing) else None


def plane(of: Names) -> tuple[str, str]:
    """The names of the two coordinates of a plane."""
    found = axis_names(of, "of")
    if len(found) != 2:
        raise ModelError(
            f"of has {len(found)} names: expected two, such as ('x', 'y'). A bearing needs a plane.",
            field="of",
            value=found,
        )
    return found[0], found[1]


def state_named(x: Any, name: str, sensor: str) -> Any:
    """The state of this name; the error for an unknown name also names the sensor."""
    try:
        return getattr(x, name)
    except ModelError:
        raise ModelError(
            f"sensor {sensor!r} looks at {name!r}, which is not a state: expected one of {', '.join(names_of(x))}. "
            "Name the states with of=, velocity=, speed= or heading=.",
            field=name, value=name,
        ) from None  # fmt: skip


def offset_of(
    sensor: str, axes: tuple[str, ...], at: Any, facing: float | Facing, heading: str | None
) -> Offset:
    """The offset of the target from the sensor: a fixed sensor and a moving target, or with a heading a moving sensor
    and a fixed landmark."""
    position = per_axis(at, axes, "at")
    fixed_direction = 0.0 if isinstance(facing, Facing) else real(facing, "facing")

    def offset(x: Any) -> tuple[list[Any], Any]:
        found = [state_named(x, axis, sensor) - fixed for axis, fixed in zip(axes, position, strict=True)]
        if heading is None:
            return found, fixed_direction
        return [-d for d in found], state_named(x, heading, sensor) + fixed_direction

    return offset


def velocity_of(
    sensor: str, axes: tuple[str, str], velocity: Sequence[str] | None, speed: str | None, heading: str | None
) -> Callable[[Any], tuple[Any, Any]]:
    """A function from the state to the target's velocity on the two axes."""
    if (speed is None) != (heading is None) or (speed is not None and velocity is not None):
        raise ModelError(
            f"velocity = {velocity!r}, speed = {speed!r}, heading = {heading!r}: expected velocity alone, or speed "
            "and heading together. Write velocity=('x_speed', 'y_speed') or speed='speed', heading='heading'.",
            field="velocity",
        )
    if speed is not None and heading is not None:
        along, course = speed, heading

        def polar(x: Any) -> tuple[Any, Any]:
            v, angle = state_named(x, along, sensor), state_named(x, course, sensor)
            return v * np.cos(angle), v * np.sin(angle)

        return polar
    east, north = plane([f"{axis}_speed" for axis in axes] if velocity is None else velocity)
    return lambda x: (state_named(x, east, sensor), state_named(x, north, sensor))


def length(d: list[Any]) -> Any:
    """The length of an offset."""
    if len(d) == 1:
        return abs(d[0])
    return np.sqrt(sum(v * v for v in d))


def direction_of(d: list[Any], facing: Any) -> Any:
    """The direction of an offset, from the one that is faced."""
    return np.arctan2(d[1], d[0]) - facing
