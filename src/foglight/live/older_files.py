"""The data of saved filters of older releases, as this release would have written it.

Schema 1 had no kind of clock and no rows beyond max_gap. For each sensor with a gate it carried one clock, the seconds
of its rejections; now runs of rejections are carried where `recover` is given, and nothing where it is not.
"""

from collections.abc import Sequence
from typing import Any

_CLOCK = "clock of {} (-1 when off)"
_SECONDS = "seconds of rejection of {}.{} (-1 for none)"
_CARRIES = (("carry",), ("record",), ("last", "record"), ("last", "before"), ("history", "carry"))


def updated(data: Any, schema: int, labels: Sequence[str], components: Sequence[str]) -> Any:
    """The data of a file of this schema, in the form of the newest one.

    labels: of the numbers that a filter with the saved method carries now. components: of the model, as sensor.measure.
    """
    if schema > 1:
        return data
    data = {**data, "clock": "", "pending": [None, None]}
    data["labels"], old = list(labels), data["labels"]
    for *parent, name in _CARRIES:
        table = data.get(parent[0]) if parent else data
        if table is not None:
            moved = {**table, name: _carried(table[name], old, labels, components)}
            data = {**data, parent[0]: moved} if parent else moved
    return data


def _carried(
    values: Sequence[Any], old: Sequence[str], new: Sequence[str], components: Sequence[str]
) -> list[Any]:
    """The carried numbers, with which these values begin, in the new order; the rest stays."""
    found = dict(zip(old, values, strict=False))
    for component in components:
        sensor, _, measure = component.partition(".")
        clock = _CLOCK.format(sensor)
        if clock in found:
            found[_SECONDS.format(sensor, measure)] = found[clock]
    return [*[found.get(label, _start(label)) for label in new], *values[len(old) :]]


def _start(label: str) -> str:
    """What a new filter carries there: a run of rejections has the chance 1, and no reading has been counted."""
    return float(label.startswith("chance")).hex()
