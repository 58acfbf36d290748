"""How the columns of a log are matched to the measures of a model.

A column binds to `sensor.measure`; else to `measure`, if only one sensor has it; else to `sensor`, if that
sensor has one measure. A block of m columns binds to a sensor with m measures. Every column and every measure
must be matched.
"""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import DataError
from foglight.core.text import LONGEST_SHOWN, counted, listed, shown


def under_the_only_measure(
    blocks: Mapping[str, NDArray[np.float64]], model: Any
) -> Mapping[str, NDArray[np.float64]]:
    """These blocks with a single column of readings under the name of the model's single measure; else unchanged."""
    names = [label for label in blocks if label not in model.controls]
    if len(names) != 1 or len(model.components) != 1 or blocks[names[0]].shape[1] != 1:
        return blocks
    return {model.components[0] if label == names[0] else label: block for label, block in blocks.items()}


def bind_blocks(blocks: Mapping[str, NDArray[np.float64]], rows: int, model: Any) -> NDArray[np.float64]:
    """z (T, M), C-contiguous, from named blocks (T, m); a component without a column is an error.

    If one block is all of z, it is that block.
    """
    names = model.components
    controls = set(model.controls)
    taken: dict[str, str] = {}
    z = whole = _all_readings(blocks, model)
    if z is None:
        z = np.empty((rows, len(names)))
    for label, block in blocks.items():
        if _is_control(label, block, model):
            continue
        targets = _targets(label, block.shape[1], model)
        if not targets:
            raise _unknown(label, names, controls)
        for column, target in enumerate(targets):
            if target in taken:
                raise DataError(
                    f"columns {taken[target]!r} and {label!r} both bind to {target}: expected one. "
                    f"Leave one out (ignore= of Log.read).",
                    field=label,
                    value=target,
                )
            taken[target] = label
            if whole is None:
                z[:, names.index(target)] = block[:, column]
    absent = [name for name in names if name not in taken]
    if absent:
        raise DataError(
            f"the log has no column for {', '.join(absent)}: "
            f"found {listed(blocks)}, expected {listed(names)}. "
            f"Add the column (all NaN if the sensor was silent), or take the sensor out of the model.",
            field=absent[0],
            value=list(blocks),
        )
    return z


def _all_readings(blocks: Mapping[str, NDArray[np.float64]], model: Any) -> NDArray[np.float64] | None:
    """The block that holds all measures of a model in their order, if there is one."""
    readings = [item for item in blocks.items() if not _is_control(*item, model)]
    if len(readings) != 1:
        return None
    label, block = readings[0]
    whole = block.flags.c_contiguous and _targets(label, block.shape[1], model) == list(model.components)
    return block if whole else None


def _is_control(label: str, block: NDArray[np.float64], model: Any) -> bool:
    return label in model.controls and block.shape[1] == 1


def refuse_unknown(inputs: Collection[str], model: Any) -> None:
    """DataError for an input that is no control of the model."""
    for label in inputs:
        if label not in model.controls:
            raise _unknown(label, list(model.components), model.controls)


def bind_whole(block: NDArray[np.float64], model: Any) -> NDArray[np.float64]:
    """z (…, T, M) unchanged, for a model whose only sensor has M measures."""
    names = model.components
    if len(model.sensors) != 1:
        raise DataError(
            f"Log.regular holds one nameless sensor, but the model has {len(model.sensors)}: "
            f"{', '.join(sensor.name for sensor in model.sensors)}. Use Log.from_arrays and name them.",
            field="z",
            value=len(model.sensors),
        )
    if block.shape[-1] != len(names):
        columns = block.ndim == 3 and block.shape[1:] == (len(names), 1)
        raise _wrong_width(model.sensors[0], "z", block.shape[-1], columns)
    return block


def bind_controls(
    u: NDArray[np.float64] | None, blocks: Mapping[str, NDArray[np.float64]], rows: int, model: Any
) -> NDArray[np.float64]:
    """u (T, n_u) in the order of the model's controls, from u itself or from columns of the same names."""
    names = tuple(model.controls)
    if u is None:
        absent = [name for name in names if name not in blocks or blocks[name].shape[1] != 1]
        if absent:
            raise DataError(
                f"the log has no control {absent[0]!r}: found {listed(blocks)}. "
                f"Add a column of that name, or pass u= with shape (T, {len(names)}).",
                field=absent[0],
                value=list(blocks),
            )
        u = np.column_stack([blocks[name] for name in names]) if names else np.empty((rows, 0))
    if u.shape[-1] != len(names):
        raise DataError(
            f"u has {u.shape[-1]} columns, but the model declares {counted(len(names), 'control')} "
            f"({listed(names)}). Pass one column per control, in that order.",
            field="u",
            value=u.shape[-1],
        )
    return np.ascontiguousarray(u)


def _targets(label: str, width: int, model: Any) -> list[str]:
    if width == 1:
        if label in model.components:
            return [label]
        candidates = [sensor for sensor in model.sensors if label in sensor.measures]
        if len(candidates) == 1:
            return [f"{candidates[0].name}.{label}"]
        if len(candidates) > 1:
            raise DataError(
                f"column {label!r} could be {' or '.join(f'{s.name}.{label}' for s in candidates)}. "
                f"Rename it to the full name.",
                field=label,
                value=[s.name for s in candidates],
            )
    for sensor in model.sensors:
        if sensor.name == label:
            if len(sensor.measures) != width:
                raise _wrong_width(sensor, label, width)
            return [f"{sensor.name}.{measure}" for measure in sensor.measures]
    return []


def _wrong_width(sensor: Any, label: str, width: int, columns: bool = False) -> DataError:
    """columns: whether there is a column vector (m, 1) in each row."""
    remedy = "Pass one column per measure, in that order"
    remedy += "; several series have shape (tracks, T, m)." if label == "z" else "."
    return DataError(
        f"{label} has {counted(width, 'column')}, but sensor {sensor.name!r} measures "
        f"{len(sensor.measures)} ({', '.join(sensor.measures)}). "
        + ("Vectors are 1-D: write Log.regular(z[..., 0], dt)." if columns else remedy),
        field=label,
        value=width,
    )


def _unknown(label: str, names: list[str], controls: Collection[str]) -> DataError:
    expected = listed([*names, *sorted(controls)])
    return DataError(
        f"column {shown(label)} fits nothing in the model: expected {expected}. "
        f"Rename the column, or leave it out (ignore= of Log.read).",
        field=label[:LONGEST_SHOWN],
        value=label,
    )
