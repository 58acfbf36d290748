"""Inputs that the time of a row determines: steps, pulses and ramps, at a row or at a date.

step 1, pulse 1 or ramp 0 in the first row that is not earlier; afterwards step 1, pulse 0, and ramp 1, 2, 3, …
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import DataError, TimeError
from foglight.core.moments import stamp_on
from foglight.core.timestamps import Kind, time_text
from foglight.data.calendar import Calendar, iso_date

STEP, PULSE, RAMP = KINDS = ("step", "pulse", "ramp")


class Stamped(NamedTuple):
    """Rows with stamps (T,), of which `starts` (T,) begin a track; the kind of the stamps, and their calendar.

    later: whether the first row continues a track that began in another part of the log.
    """

    time_ns: NDArray[np.int64]
    starts: NDArray[np.bool_]
    kind: Kind
    calendar: Calendar | None
    later: bool = False


def columns_of(events: Sequence[Any], rows: Stamped) -> dict[str, NDArray[np.float64]]:
    """{name: values (T, 1)} of these interventions.

    TimeError for a time that does not fit, or lies before a track. DataError for one that counts rows of another part.
    """
    if not events:
        return {}
    if rows.later:
        _refuse_later_part(events)
    tracks = np.split(rows.time_ns, np.flatnonzero(rows.starts)[1:])
    return {
        event.name: np.concatenate([_values(event, time_ns, rows) for time_ns in tracks])[:, None]
        for event in events
    }


def with_columns(
    u: NDArray[np.float64] | None, columns: dict[str, NDArray[np.float64]], names: Sequence[str]
) -> NDArray[np.float64] | None:
    """Controls (…, T, n_u) that were given without those of the interventions, which are the last of these names."""
    if u is None or not columns or u.shape[-1] != len(names) - len(columns):
        return u
    own = np.hstack([columns[name] for name in names if name in columns])
    return np.concatenate([u, np.broadcast_to(own, (*u.shape[:-1], own.shape[1]))], axis=-1)


def _values(event: Any, time_ns: NDArray[np.int64], rows: Stamped) -> NDArray[np.float64]:
    """The values (T,) in the rows of one track."""
    first = event.at if isinstance(event.at, int) else _first_row(event, time_ns, rows)
    since = np.arange(len(time_ns)) - first
    if event.kind == STEP:
        return np.asarray(since >= 0, np.float64)
    return np.asarray(since == 0, np.float64) if event.kind == PULSE else np.maximum(since, 0.0)


def _first_row(event: Any, time_ns: NDArray[np.int64], rows: Stamped) -> int:
    """The number of the first row that is not earlier; the number of rows where all are."""
    field = f"{event.name}: at"
    if rows.calendar is not None:
        stamp = rows.calendar.ends(event.at, field)[0]
    else:
        at = iso_date(event.at) if isinstance(event.at, str) else event.at
        stamp = stamp_on(event.at if at is None else at, field, rows.kind, time_ns)
    if len(time_ns) and stamp < time_ns[0] and not rows.later:
        raise TimeError(
            f"{field} = {event.at} is before the first row, {time_text(int(time_ns[0]), rows.kind)}: expected a time "
            "within the log, since nothing shows what was before. Leave it out, or give the rows before it.",
            field="at", value=str(event.at),
        )  # fmt: skip
    return int(np.searchsorted(time_ns, stamp))


def _refuse_later_part(events: Sequence[Any]) -> None:
    """DataError for an intervention that counts rows, in a part of a log that continues a track."""
    for event in events:
        if event.kind != STEP or isinstance(event.at, int):
            raise DataError(
                f"{event.name}: a {event.kind} at {event.at!r} counts the rows of its track, and some are in parts of "
                "the log before this one: expected a step at a date. Read the log as a whole, or give it a column "
                f"named {event.name}.",
                field=event.name, value=event.kind,
            )  # fmt: skip
