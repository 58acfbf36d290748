"""The names that a dataframe gives its columns, or a series its entries.

An array has an order and no names. Where a user passes names, they are honoured, or the value is refused. They are
never dropped: two orders that differ would then be a wrong answer without a word.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from foglight.core.errors import FoglightError
from foglight.core.text import listed


def column_names(value: Any, alone: bool = False) -> tuple[str, ...]:
    """The names of a dataframe's columns; () for a value without columns, a single column, or columns with numbers in
    ascending order.

    alone: whether a single name counts, too, as it does for controls, which have no name but that of their column.
    """
    return _several(value, alone, "column_names", "columns")  # pyarrow; pandas, polars and DuckDB


def entry_names(value: Any, alone: bool = False) -> tuple[str, ...]:
    """The names of a dataframe's columns, or of the entries of a series, or of the series in a list; () for a value
    without names. alone: as in `column_names`."""
    if isinstance(value, (list, tuple)):
        first = value[0] if len(value) else None
        return () if isinstance(first, (int, float, list, tuple)) else entry_names(first, alone)
    return column_names(value, alone) or _several(value, alone, "index")


def refuse_names(names: Sequence[str], field: str, error: type[FoglightError]) -> None:
    """Raise `error` if there are names, where values bind by position."""
    if names:
        raise error(
            f"{field} has names, {listed(names)}, which would be ignored here: expected plain numbers. "
            f"Put them in the order of the model and write {field}.to_numpy().",
            field=field,
            value=tuple(names),
        )


def ordered(
    values: Any, names: Sequence[str], field: str, error: type[FoglightError], alone: bool = False
) -> Any:
    """The values with their columns, or entries, in the order of these names; unchanged if they have no names. A
    mapping {name: column} becomes an array with one column for each name.

    alone: as in `column_names`.
    """
    columns = isinstance(values, Mapping)
    found = tuple(map(str, values)) if columns else entry_names(values, alone)
    if not found:
        return values
    array = _side_by_side(values, field, error) if columns else np.asarray(values)
    if sorted(found) != sorted(names) or not array.ndim:
        raise error(
            f"{field} has names {listed(found)}: expected {listed(names)}. Rename them.",
            field=field,
            value=found,
        )
    return array[..., [found.index(name) for name in names]]


def _side_by_side(columns: Mapping[str, Any], field: str, error: type[FoglightError]) -> Any:
    """Columns by name as one array, one after the other."""
    arrays = {name: np.asarray(column) for name, column in columns.items()}
    first = next(iter(arrays))
    for name, array in arrays.items():
        if array.shape != arrays[first].shape:
            raise error(
                f"{field}[{name!r}] has shape {array.shape}: expected {arrays[first].shape}, that of "
                f"{field}[{first!r}]. Give each name as many numbers.",
                field=field,
                index=name,
                value=array.shape,
            )
    return np.stack(list(arrays.values()), axis=-1)


def _several(value: Any, alone: bool, *sources: str) -> tuple[str, ...]:
    """The first of these attributes that lists several names, or one if `alone`. One entry has no order that could be
    wrong."""
    if isinstance(value, (np.ndarray, list, tuple)):
        return ()
    for source in sources:
        if not hasattr(type(value), source):  # of the class: an instance may have an entry of this name
            continue
        labels: Any = getattr(value, source)
        if callable(labels) or len(labels) < 2 - alone:
            continue
        found = list(labels)
        if any(isinstance(label, str) for label in found) or (source != "index" and not _ascending(found)):
            return tuple(map(str, found))
    return ()


def _ascending(labels: Sequence[Any]) -> bool:
    """Whether the labels are whole numbers, each larger than the one before."""
    whole = all(isinstance(label, (int, np.integer)) for label in labels)
    return whole and all(a < b for a, b in pairwise(labels))
