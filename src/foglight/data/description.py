"""A description of a log in plain text: rates, gaps, repeats, missing readings, ranges."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from foglight.core.text import counted, shown
from foglight.core.timestamps import (
    AWARE,
    NAIVE,
    NS,
    NUMBER,
    Kind,
    length_text,
    seconds_text,
    span_text,
    time_text,
)
from foglight.core.types import Array
from foglight.data.log_like import LogLike
from foglight.data.long_step import StepSizes
from foglight.data.readers.position import kind_of
from foglight.data.slicing import track_after_track
from foglight.data.time_unit import other_unit

HEAD = ("", "reports", "missing", "step", "shortest", "longest", "range", "repeats", "gaps")
GAP = 5  # a step of more than this many median steps is a gap
FEW = 3  # the fewest reports from which a stuck sensor is inferred
OFTEN = 0.05  # the share of repeats above which a hint is given


@dataclass(frozen=True)
class SensorSeries:
    """The rows of one block, track after track: label, values (N, m), stamps (N,), and which rows begin a track.

    names: of its columns, if they differ from those of the block.  known: whether it is a control, so that its values
    are known inputs and not readings.
    """

    label: str
    values: Array
    time_ns: Array
    starts: Array
    names: tuple[str, ...] = ()
    known: bool = False


def description(log: LogLike, controls: Sequence[str] | None = None) -> str:
    """The lines that describe a log. controls: of the model that it is for, if there is one."""
    series = list(_series(log, controls))
    lines = [_head(log), *_tracks(log)]
    rows: list[tuple[str, ...]] = [HEAD]
    hints = []
    for one in series:
        cells, sensor_hints = _sensor(one, log, controls is not None)
        rows += cells
        hints += sensor_hints
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines += [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    lines += _same_stamps(log, series)
    unit = other_unit(log)
    hints = [*([] if unit is None else [unit.hint]), *_jump(log), *hints]
    lines += [f"hint: {hint}" for hint in hints]
    return "\n".join(lines)


def _series(log: LogLike, controls: Sequence[str] | None) -> Iterator[SensorSeries]:
    """The series of a log: its readings, then what is known to be controls."""
    tracks = log.tracks or 1
    time_ns, starts = np.tile(log.time_ns, tracks), np.tile(log.starts(), tracks)
    last = []
    for label, block in log.blocks.items():
        known = label in log.inputs or (log.u is None and _is_control(label, log, controls or ()))
        one = SensorSeries(label, track_after_track(block, tracks), time_ns, starts, known=known)
        if known:
            last.append(one)
        else:
            yield one
    yield from last
    if log.u is not None:
        u = track_after_track(log.u, tracks)
        names = tuple(controls) if controls is not None and len(controls) == u.shape[1] else ()
        yield SensorSeries("u", u, time_ns, starts, names, known=True)


def _is_control(label: str, log: LogLike, controls: Sequence[str]) -> bool:
    """Whether a block holds a control of the model. In a table in long format it stands beside the readings of a
    sensor, `sensor.control`, or in rows of its own, `control.column`."""
    if log.long is None:
        return label in controls
    row, _, column = label.rpartition(".")
    return column in controls or (row in controls and len(log.long.sensors.get(row, ())) == 1)


def span_of(log: LogLike) -> str:
    """From the first to the last row: `t = 0 to 1.2 s`, or two dates."""
    first, last, kind = int(log.time_ns.min()), int(log.time_ns.max()), kind_of(log.origin)
    seconds = f"t = {seconds_text(first)} to {seconds_text(last)} s"
    return seconds if kind == NUMBER else span_text(first, last, kind)


def _head(log: LogLike) -> str:
    length = length_text(int(log.time_ns.max()) - int(log.time_ns.min()), kind_of(log.origin))
    return f"{counted(len(log) * (log.tracks or 1), 'row')}, {span_of(log)}, {length} in all"


def _tracks(log: LogLike) -> list[str]:
    if log.tracks is not None:
        return [f"{log.tracks} tracks of {len(log)} rows"]
    if log.track is None:
        return []
    lengths = np.bincount(log.track)
    names = [shown(str(name))[1:-1] for name in log.track_names]
    listed = ", ".join(names) if len(names) <= 4 else f"{names[0]}, {names[1]}, … {names[-1]}"
    return [f"{counted(len(lengths), 'track')} of {lengths.min()} to {lengths.max()} rows: {listed}"]


def _sensor(one: SensorSeries, log: LogLike, model: bool) -> tuple[list[tuple[str, ...]], list[str]]:
    """The table rows of one block, one per component, and its hints. model: whether its model is known."""
    name = shown(one.label)[1:-1]
    control = " (control)" if one.known else ""
    present = ~np.isnan(one.values).all(axis=1)
    rows = np.flatnonzero(present)
    if not rows.size:
        what = "value" if one.known else "reading"
        return [(name + control, "0", "100 %", "", "", "", "", "", "")], [f"{name} has no {what} at all"]
    track = np.cumsum(one.starts)[rows]
    together = track[1:] == track[:-1]
    reports = one.values[rows]
    steps = np.diff(one.time_ns[rows])[together]
    repeats = int((_equal(reports[1:], reports[:-1]) & together).sum())
    timing, gaps, kind = ("", "", ""), "", kind_of(log.origin)
    if steps.size:
        passing = steps[steps > 0]
        median = int(np.median(steps))
        usual = int(np.median(passing)) if passing.size else 0
        ends = length_text(int(steps.min()), kind), length_text(int(steps.max()), kind)
        timing = (_step(median, kind), *ends)
        long = steps > GAP * usual if usual else np.zeros(len(steps), bool)
        if long.any():
            before = one.time_ns[rows][:-1][together][int(np.argmax(steps))]
            longest = f"longest {length_text(int(steps.max()), kind)} after {_when(log, int(before))}"
            gaps = f"{int(long.sum())}, {longest}"
    lines: list[tuple[str, ...]] = []
    hints = []
    for k in range(one.values.shape[1]):
        label = name if one.values.shape[1] == 1 else f"{name}.{k}"
        label = one.names[k] if one.names else label
        column = reports[:, k][~np.isnan(reports[:, k])]
        missing = 100.0 * (1.0 - len(column) / len(one.values))
        least, most = (float(column.min()), float(column.max())) if column.size else (np.nan, np.nan)
        extent = f"{least:.6g} to {most:.6g}" if column.size else ""
        count = "" if one.known else str(repeats)  # a control that is held is no repeated reading
        shared = (*timing, extent, count, gaps) if k == 0 else ("", "", "", extent, "", "")
        lines.append((label + control, str(len(column)), f"{missing:.3g} %", *shared))
        if len(column) >= FEW and least == most and not one.known:
            cause = "is it a constraint" if least == 0.0 else "is the sensor stuck"
            hints.append(f"{label} reports {least:.6g} every time: {cause}?")
    if repeats > OFTEN * len(rows) and log.repeats == "keep" and not hints and not one.known:
        hints.append(
            f"{name} often repeats its reading: if these are not new measurements, read with repeats='skip'"
            + ("" if model else "; if it is a control of the model, describe(model) says so")
        )
    return lines, hints


def _when(log: LogLike, stamp: int) -> str:
    kind = kind_of(log.origin)
    return (
        f"t = {seconds_text(stamp)} s"
        if kind == NUMBER
        else time_text(stamp, NAIVE if kind == AWARE else kind)
    )


def _step(median: int, kind: Kind) -> str:
    """The median step, and the rate in Hz if it is in seconds."""
    if not isinstance(kind, str):
        return length_text(median, kind)
    return f"{seconds_text(median)} s" + (f" ({NS / median:.4g} Hz)" if median else "")


def _same_stamps(log: LogLike, series: list[SensorSeries]) -> list[str]:
    """How many rows have the timestamp of the row before, and how many of them also its readings."""
    if not series:
        return []
    same = ~series[0].starts[1:] & (np.diff(series[0].time_ns) == 0)
    if not same.any():
        return []
    equal = same.copy()
    for one in series:
        equal &= _equal(one.values[1:], one.values[:-1])
    count, exact = int(same.sum()), int(equal.sum())
    return [
        f"{count} row{'s have' if count != 1 else ' has'} the same timestamp as the row before; "
        f"{exact} of them {'have' if exact != 1 else 'has'} the same readings, too"
    ]


def _jump(log: LogLike) -> list[str]:
    """A hint if one step is longer than all the others together."""
    note = StepSizes().and_then(log.dt()).note()
    return [] if note is None else [note]


def _equal(now: Array, before: Array) -> Array:
    """Which rows are equal in every component; NaN equals NaN."""
    same: Array = ((now == before) | (np.isnan(now) & np.isnan(before))).all(axis=1)
    return same
