"""How a table in long format is matched to a model: a row names its sensor, and columns hold that sensor's values.

A column named after a measure of the sensor is that measure. If no column of a sensor is, and there are as many columns
as measures, they are the measures in order. A sensor without a row was silent. A row may also hold controls: those that
its columns are named after, or the one that the row itself is named after, if it has one value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import DataError
from foglight.core.text import LONGEST_SHOWN, listed, shown

Blocks = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Long:
    """values: the table's columns of values; sensors: for each of its sensors, the columns in which it has values."""

    values: tuple[str, ...]
    sensors: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, layout: str, values: Sequence[str]) -> "Long":
        """From the JSON layout that the reader recorded: {sensor: indices of its columns}."""
        import json

        found: dict[str, list[int]] = json.loads(layout)
        return cls(tuple(values), {name: tuple(values[k] for k in used) for name, used in found.items()})


def bind_long(long: Long, blocks: Blocks, rows: int, model: Any) -> NDArray[np.float64]:
    """z (T, M) from blocks `sensor.column`; NaN where a sensor did not report."""
    sensors = {sensor.name: sensor for sensor in model.sensors}
    first = dict(
        zip(sensors, np.cumsum([0, *(len(s.measures) for s in model.sensors)]).tolist(), strict=False)
    )
    z = np.full((rows, sum(len(sensor.measures) for sensor in model.sensors)), np.nan)
    for name, columns in long.sensors.items():
        if name not in sensors and (set(columns) <= set(model.controls) or _is_control(name, columns, model)):
            continue
        if name not in sensors:
            raise DataError(
                f"the log names a sensor {shown(name)}: expected {listed(sensors)}. "
                f"Rename it in the table, or give the model that sensor.",
                field=name[:LONGEST_SHOWN],
                value=name,
            )
        used = [column for column in columns if column not in model.controls]
        for column, measure in zip(used, _measures(sensors[name], used, long), strict=True):
            z[:, first[name] + sensors[name].measures.index(measure)] = blocks[f"{name}.{column}"][:, 0]
    return z


def controls_of(
    long: Long, blocks: Blocks, rows: int, model: Any, held: bool
) -> dict[str, NDArray[np.float64]]:
    """Columns of controls {name: (T, 1)}. The value in a row acts, whichever sensor the row belongs to.

    held: whether they are carried forward, so that one without a row may come later.
    """
    found = {}
    for control in model.controls:
        named = [f"{name}.{control}" for name, columns in long.sensors.items() if control in columns]
        if control in long.sensors and _is_control(control, long.sensors[control], model):
            named.append(f"{control}.{long.sensors[control][0]}")
        if held or control in long.values or control in long.sensors:
            found[control] = np.full((rows, 1), np.nan)  # also if no row has a value yet
            for label in named:
                np.copyto(found[control], blocks[label], where=~np.isnan(blocks[label]))
    return found


def _is_control(name: str, columns: Sequence[str], model: Any) -> bool:
    """Whether the rows of this name hold the control of that name in the one column that they use."""
    sensors = [sensor.name for sensor in model.sensors]
    return name in model.controls and name not in sensors and len(columns) == 1


def _measures(sensor: Any, columns: Sequence[str], long: Long) -> Sequence[str]:
    """The measure that each of a sensor's columns holds."""
    named = [column for column in columns if column in sensor.measures]
    if len(named) == len(columns):
        absent = [measure for measure in sensor.measures if measure not in long.values]
        if not absent or not columns:
            return named
        wrong = f"no column for {', '.join(absent)}"
    elif named:
        wrong = f"a value in {shown(next(column for column in columns if column not in named))}"
    elif len(columns) == len(sensor.measures):
        return tuple(sensor.measures)
    else:
        wrong = f"values in {listed(columns)}"
    raise DataError(
        f"sensor {sensor.name!r} has {wrong}: expected its measures {listed(sensor.measures)}, by name or as "
        f"many columns in that order. Rename the columns, or leave some out (ignore=).",
        field=sensor.name,
        value=list(columns),
    )
