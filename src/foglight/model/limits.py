"""Limits of states, declared by a motion: a distance is never negative, a pedestrian walks at 4 m/s at most."""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from foglight.core.errors import ModelError
from foglight.model.parameters import Bounds, real

Limits = Mapping[str, Any]  # {state: (low, high)}, None where there is no limit
NONE: Limits = MappingProxyType({})


def read_limits(limits: Any, state: tuple[str, ...], angles: tuple[str, ...]) -> Mapping[str, Bounds]:
    """(low, high) by state, in the order of the states, infinite where there is no limit.

    Raises ModelError for anything but a pair of numbers with low < high, and for angles: they wrap around.
    """
    if not isinstance(limits, Mapping):
        raise ModelError.expected(
            "limits", limits, "states and pairs", f"Write limits={{{state[0]!r}: (0, None)}}."
        )
    for name in limits:
        if name not in state or name in angles:
            problem = "is an angle, which wraps around" if name in angles else "is not a state"
            raise ModelError(
                f"limits[{name!r}]: {name!r} {problem}. Expected {_allowed(state, angles)}. Remove it, or rename it.",
                field="limits",
                index=name,
                value=name,
            )
    return MappingProxyType({name: _pair(limits[name], name) for name in state if name in limits})


def check_start(limits: Mapping[str, Bounds], state: tuple[str, ...], mean: Sequence[float]) -> None:
    """ModelError unless a start lies within the limits."""
    for name, (low, high) in limits.items():
        value = float(mean[state.index(name)])
        if not low <= value <= high:
            raise ModelError(
                f"start.mean[{name!r}] = {value:g}: expected a value within the limits, {low:g} to {high:g}. "
                "Move the start or the limit.",
                field="start",
                index=name,
                value=value,
            )


def _pair(pair: Any, name: str) -> Bounds:
    if isinstance(pair, str) or not isinstance(pair, Sequence) or len(pair) != 2:
        raise ModelError.expected(
            "limits", pair, "(low, high)", "Write (0, None) for no upper limit.", index=name
        )
    defaults = zip(pair, (-math.inf, math.inf), strict=True)
    low, high = [
        default if given is None else real(given, f"limits[{name!r}]", finite=False)
        for given, default in defaults
    ]
    if not low < high or low == math.inf or high == -math.inf:
        raise ModelError(
            f"limits[{name!r}] = ({low:g}, {high:g}): expected low < high. Swap them, or leave the state out.",
            field="limits",
            index=name,
            value=(low, high),
        )
    return low, high


def _allowed(state: tuple[str, ...], angles: tuple[str, ...]) -> str:
    return ", ".join(name for name in state if name not in angles) or "no state"
