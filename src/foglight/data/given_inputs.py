"""Known inputs that are given with a log as `u=`: in the order of a model, or by name."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import DataError
from foglight.data.array_input import one_block
from foglight.data.controls import Hold, carried_forward, held_from, hold_policy
from foglight.data.named_columns import named_blocks
from foglight.data.numbers import readings

Blocks = Mapping[str, NDArray[np.float64]]


class Inputs(NamedTuple):
    """Inputs in the order of a model, u (T, n_u) or (tracks, T, n_u), or else by name, blocks {name: (T, 1)}."""

    u: NDArray[np.float64] | None
    blocks: dict[str, NDArray[np.float64]]


def inputs_of(
    u: Any,
    rows: int,
    taken: Collection[str],
    hold: Hold,
    time_ns: NDArray[np.int64],
    starts: NDArray[np.bool_],
    tracks: int | None = None,
) -> Inputs:
    """The inputs of a log from an array, a dataframe or columns by name. taken: the names of its sensors' blocks."""
    named = _columns(u, rows) if isinstance(u, Mapping) else named_blocks(u, "", rows, alone=True)
    refuse_taken(named, taken)
    array = None if u is None or named else _array(u, rows, tracks)
    return held_inputs(array, named, hold, time_ns, starts)


def _columns(u: Mapping[Any, Any], rows: int) -> dict[str, NDArray[np.float64]]:
    """The inputs {name: (T,)}, as blocks (T, 1)."""
    named = {}
    for name, values in u.items():
        if not isinstance(name, str):
            raise DataError.expected(
                "u", name, "the name of a control", "Write u={'speed': speed}.", index=name
            )
        block = named[name] = one_block(values, name, rows)
        if block.shape[1] != 1:
            raise DataError(
                f"u[{name!r}] has {block.shape[1]} columns: expected one control by its name. "
                "Write u={'speed': speed}.",
                field="u",
                index=name,
                value=block.shape,
            )
    if not named:
        raise DataError.expected(
            "u", {}, "a control by its name", "Leave u= out, or write u={'speed': speed}."
        )
    return named


def refuse_taken(names: Collection[str], taken: Collection[str]) -> None:
    """DataError for an input with the name of a sensor's block."""
    for name in names:
        if name in taken:
            raise DataError(
                f"u has a column {name!r}, and a sensor has that name: expected one of them. Rename the column.",
                field="u",
                value=name,
            )


def held_inputs(
    u: NDArray[np.float64] | None,
    blocks: Blocks,
    hold: Hold,
    time_ns: NDArray[np.int64],
    starts: NDArray[np.bool_],
) -> Inputs:
    """These inputs, carried forward if `hold` says so. starts (T,): which rows begin a track."""
    hold = hold_policy(hold)
    if hold is False:
        return Inputs(u, dict(blocks))
    if u is None and not blocks:
        raise DataError.expected("hold", hold, "u=, which is to be held", "Give u=, or leave hold= out.")
    if u is not None and isinstance(hold, Mapping):
        raise DataError.expected(
            "hold", hold, "True, since u has no names", "Give u as a dataframe, or write hold=True."
        )
    if u is not None:
        return Inputs(carried_forward(u, time_ns, starts, np.full(u.shape[-1], np.nan)), {})
    before = held_from(hold, list(blocks))
    return Inputs(
        None,
        {
            name: carried_forward(block, time_ns, starts, before[k : k + 1])
            for k, (name, block) in enumerate(blocks.items())
        },
    )


def _array(u: Any, rows: int, tracks: int | None) -> NDArray[np.float64]:
    """u (T, n_u), or (tracks, T, n_u) for series that share their times."""
    if tracks is None or np.ndim(u) != 3:
        return one_block(u, "u", rows)
    array = readings(u, "u")
    if array.shape[:2] != (tracks, rows) or not array.shape[2]:
        raise DataError(
            f"u has shape {array.shape}, but z has {tracks} series of {rows} rows: expected ({tracks}, {rows}, n_u), "
            f"or ({rows}, n_u) for all of them. Give every row a value.",
            field="u",
            value=array.shape,
        )
    return array
