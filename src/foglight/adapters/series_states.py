"""A stream of rows of many series, batch by batch: each series goes on from the bytes of its live filter."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from foglight.core.errors import FoglightError
from foglight.core.types import Array
from foglight.data.binding import bind_blocks, bind_controls
from foglight.inference.batches.output import REFUSED, belief_names, words
from foglight.inference.gaussians import labelled
from foglight.live.filter import Live
from foglight.live.online import online, restore
from foglight.methods.method import Method
from foglight.model.model import Model

STATE = "state"


def estimates_schema(model: Model, schema: Any, names: dict[str, str]) -> Any:
    """The schema of `advanced`, but for the states. schema: of the rows; names: of `by`, `time` and `on_error`."""
    import pyarrow as pa

    numbers = [pa.field(name, pa.float64()) for name in (*belief_names(model), "nis", "loglik")]
    texts = [pa.field(name, pa.string()) for name in ("status", "message")]
    return pa.schema([schema.field(names["by"]), schema.field(names["time"]), *numbers, *texts])


def advanced(
    model: Model, method: Method | None, names: dict[str, str], order: Sequence[str], rows: Any, states: Any
) -> Any:
    """The estimates of new rows of one series, as a table, and in a last row of it the state after them.

    order: the columns by which rows are sorted; states: a table with the state before, or without a row. A row that
    cannot be used is refused: it raises, or with on_error="flag" its status says so.
    """
    import pyarrow as pa

    by, time = names["by"], names["time"]
    schema = estimates_schema(model, rows.schema, names).append(pa.field(STATE, pa.binary()))
    before = states.column(STATE)[0].as_py() if states.num_rows else None
    key = (rows if rows.num_rows else states).column(by)[0].as_py()
    flag = names["on_error"] == "flag"
    results, status, message, after = [], [], [], before
    rows = rows.sort_by([(name, "ascending") for name in order]).combine_chunks()
    try:
        live = restore(before, model) if before is not None else _new(model, method, flag)
        for t, z, u in _readings(rows, model, by, time):
            belief, bits, why = _step(live, t, z, u, flag)
            results.append(belief)
            status.append(bits)
            message.append(why)
        after = live.dumps()
    except FoglightError as error:
        if not flag:
            error.add_note(f"In series {key!r}.")
            raise
        left = rows.num_rows - len(results)
        results += [_nothing(model)] * left
        status += [words(REFUSED)] * left
        message += [str(error)] * left
    numbers = np.array(results).reshape(rows.num_rows, -1).T if results else np.zeros((len(schema) - 5, 0))
    found = [
        rows.column(by),
        rows.column(time),
        *[pa.array(column) for column in numbers],
        pa.array(status, pa.string()),
        pa.array(message, pa.string()),
        pa.nulls(rows.num_rows, pa.binary()),
    ]
    last = {field.name: [None] for field in schema} | {by: [key], STATE: [after]}
    estimates = pa.Table.from_arrays(found, schema=schema)
    return pa.concat_tables([estimates, pa.Table.from_pydict(last, schema=schema)])


def _new(model: Model, method: Method | None, flag: bool) -> Live:
    return online(model, method, on_bad="flag" if flag else "raise")


def _readings(rows: Any, model: Model, by: str, time: str) -> Any:
    """The time, the readings and the controls of each row."""
    blocks = {
        name: np.asarray(rows.column(name).to_numpy(), dtype=np.float64)[:, None]
        for name in rows.column_names
        if name not in (by, time)
    }
    z = bind_blocks(blocks, rows.num_rows, model)
    u = bind_controls(None, blocks, rows.num_rows, model)
    times = rows.column(time).to_numpy()
    return zip(times if times.dtype.kind == "M" else times.tolist(), z, u, strict=True)


def _step(live: Live, t: Any, z: Array, u: Array, flag: bool) -> tuple[list[float], str, str | None]:
    """The numbers of a row, its status, and why it was refused."""
    try:
        belief, info = live.step(t, None, z, u if len(u) else None)
    except FoglightError as error:
        if not flag:
            raise
        return _nothing(live.model), words(REFUSED), str(error)
    found = []
    for _, values, spread in labelled(live.model.charts, belief.mean[None], belief.std[None]):
        found += [float(column[0]) for column in (values, spread) if column is not None]
    return [*found, info.nis, info.loglik], words(int(info.status)), None


def _nothing(model: Model) -> list[float]:
    return [np.nan] * (len(belief_names(model)) + 2)
