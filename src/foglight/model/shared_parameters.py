"""Parameters that several parts of a model have in common: one value, stated at least once, under a name of its own."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from foglight.core.errors import ModelError
from foglight.model.model_parts import MOTION, Motion, Sensor
from foglight.model.parameters import params_of


def with_shared(motion: Motion, sensors: Sequence[Sensor]) -> tuple[Motion, tuple[Sensor, ...]]:
    """The parts, with the value of a shared parameter where a part names it without one.

    Raises ModelError for two values of one parameter, for none, and for a name that begins with that of a part.
    """
    parts: list[tuple[str, Any]] = [(MOTION, motion), *((sensor.name, sensor) for sensor in sensors)]
    values = _values(parts)
    first, *rest = (_filled(name, part, values) for name, part in parts)
    return first, tuple(rest)


def _values(parts: list[tuple[str, Any]]) -> dict[str, float]:
    """The value of each shared parameter that a part states, by its full name."""
    found: dict[str, tuple[str, float]] = {}
    for part_name, part in parts:
        for own, full in part.shared.items():
            field, value = f"{part_name}.params", part.params[own]
            if full.partition(".")[0] in dict(parts):
                raise ModelError(
                    f"{field}[{own!r}]: the shared name {full!r} begins with the name of a part of the model: expected "
                    f"a group of its own. Write fog.shared('all.{own}', ...).",
                    field=field,
                    index=own,
                    value=full,
                )
            if math.isnan(value):
                continue
            stated_in, stated = found.setdefault(full, (part_name, value))
            if value != stated:
                raise ModelError(
                    f"{field}[{own!r}] = {value:g}: expected {stated:g}, the value of {full} in {stated_in}. State it "
                    f"once, and write fog.shared({full!r}) elsewhere.",
                    field=field,
                    index=own,
                    value=value,
                )
    return {full: value for full, (_, value) in found.items()}


def _filled(part_name: str, part: Any, values: dict[str, float]) -> Any:
    """The part, with a value for each shared parameter that it names without one."""
    missing = {own: full for own, full in part.shared.items() if math.isnan(part.params[own])}
    if not missing:
        return part
    for own, full in missing.items():
        if full not in values:
            raise ModelError(
                f"{part_name}.params[{own!r}] is fog.shared({full!r}), and no part states a value: expected one. Write "
                f"fog.shared({full!r}, 0.5) in one of them.",
                field=f"{part_name}.params",
                index=own,
                value=full,
            )
    return replace(part, params=params_of(part, {own: values[full] for own, full in missing.items()}))
