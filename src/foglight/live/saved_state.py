"""The state of a live filter as plain data, and back: the content of a saved file.

Floats are written as hexadecimal text, so that no bit is lost and NaN can be written. Of the history, the rows are
stored as they came, with the carry before the first: the scan recomputes the rest.
"""

import inspect
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from foglight.compiler.fingerprint import chosen
from foglight.core import exact_numbers
from foglight.core.dates import AWARE, NAIVE, NUMBER
from foglight.core.types import Array
from foglight.core.version import __version__
from foglight.live.history import History, HistoryTable
from foglight.methods import adaptation
from foglight.methods.method import Method
from foglight.methods.registry import METHODS

OPTIONS = ("history", "lag", "on_bad", "repeats", "gap", "max_gap")
_HEX = re.compile(r"-?(0x[01]\.[0-9a-f]+p[+-]\d+|inf)|nan")


class SavedState(NamedTuple):
    """The complete state of a live filter, without its model, method and options.

    labels: of the carried numbers. carry, record: after the newest row. clock: the kind of the stamps, "" while it is
    not known. newest: the stamp of the newest row in nanoseconds, None before the first. began: that of the start,
    where the model takes the time. pending: the stamps of the first and the last row beyond max_gap whose clock may be
    followed. rows: how many were processed. counts: {status: rows}. reports (M,): the last report of each sensor. last:
    the row from which `live.info` is made, or None. history: the rows that are kept, or None.
    """

    labels: tuple[str, ...]
    carry: Array
    record: Array
    clock: str
    newest: int | None
    began: int | None
    pending: tuple[int | None, int | None]
    rows: int
    counts: dict[float, int]
    reports: Array
    last: dict[str, Any] | None
    history: History | None


def as_data(
    state: SavedState, fingerprint: str, method: Method, options: Mapping[str, Any], origin: int | None
) -> dict[str, Any]:
    """The state as data for JSON, with the model's hash, the method and the options that it belongs to."""
    last, history = state.last, state.history
    return {
        **about(fingerprint, method, options),
        "origin": origin,
        "labels": list(state.labels),
        "rows": state.rows,
        "clock": state.clock,
        "newest": state.newest,
        **({} if state.began is None else {"began": state.began}),
        "pending": list(state.pending),
        "counts": [[int(status), rows] for status, rows in sorted(state.counts.items()) if rows],
        "carry": _written(state.carry),
        "record": _written(state.record),
        "reports": _written(state.reports),
        "last": None
        if last is None
        else {
            **{name: _written(np.frombuffer(last[name])) for name in ("record", "before", "z", "u")},
            **{name: _written(last[name]) for name in ("dt", "stamp", "sensor", "bits")},
        },
        "history": None
        if history is None
        else {
            "before": history.before,
            "reports": _written(history.reports),
            "carry": _written(history.table.carries[0]),
            "stamps": history.table.stamps[: history.last].tolist(),
            "late": history.table.late[: history.last].astype(int).tolist(),
            "z": _written(history.table.z[: history.last].ravel()),
            "u": _written(history.table.u[: history.last].ravel()),
        },
    }


def about(fingerprint: str, method: Method, options: Mapping[str, Any]) -> dict[str, Any]:
    """The model's hash, the method and the options, as data for JSON."""
    return {
        "foglight": __version__,
        "model": fingerprint,
        "method": [type(method).__name__, _written(_options(method))],
        "options": _written({name: options[name] for name in OPTIONS if name in options}),
    }


def method_in(data: Any) -> Method:
    """The method that was saved."""
    name, options = data["method"]
    known = {kind.__name__: kind for kind in METHODS.values()}
    read = _read_options(options)
    if "adapt" in read:
        read["adapt"] = [adaptation.restored(one) for one in read["adapt"]]
    method: Method = known[name](**read)
    return method


def options_in(data: Any) -> dict[str, Any]:
    """The options of `fog.online` that were saved."""
    origin = None if data["origin"] is None else np.timedelta64(exact_numbers.stamp(data["origin"]), "ns")
    return {**_read_options(data["options"]), "start_time": origin}


def state_in(data: Any, empty: SavedState, controls: int, inputs: int) -> SavedState:
    """The state that was saved. empty: the state of a new filter with the same model, method and options.

    controls, inputs: how many numbers the model has of them.

    Raises KeyError, TypeError or ValueError for content that a filter would not write.
    """
    width, carried = len(empty.reports), len(empty.carry)
    state = empty._replace(
        carry=exact_numbers.numbers(data["carry"], carried),
        record=exact_numbers.numbers(data["record"], len(empty.record)),
        clock=_clock(data["clock"]),
        newest=_stamp(data["newest"]),
        began=_stamp(data.get("began")),
        pending=_pending(data["pending"]),
        rows=exact_numbers.count(data["rows"]),
        counts={exact_numbers.count(status): exact_numbers.count(rows) for status, rows in data["counts"]},
        reports=exact_numbers.numbers(data["reports"], width),
    )
    if not np.isfinite(state.carry).all():
        raise ValueError("a carried number is not finite")
    if data["last"] is not None:
        last = data["last"]
        sizes = {"record": len(empty.record), "before": carried, "z": width, "u": inputs}
        state = state._replace(
            last={
                **{name: exact_numbers.numbers(last[name], size).tobytes() for name, size in sizes.items()},
                "dt": float(exact_numbers.numbers([last["dt"]], 1)[0]),
                "stamp": exact_numbers.stamp(last["stamp"]),
                "sensor": last["sensor"],
                "bits": exact_numbers.count(last["bits"]),
            }
        )
    if empty.history is None:
        return state
    return state._replace(history=_history(data["history"], empty.history, width, controls, carried))


def _clock(kind: Any) -> str:
    if kind not in ("", NUMBER, AWARE, NAIVE):
        raise ValueError(f"{kind!r} is not a kind of clock")
    return str(kind)


def _pending(stamps: Any) -> tuple[int | None, int | None]:
    first, last = (_stamp(stamp) for stamp in stamps)
    if (first is None) != (last is None) or (first is not None and last is not None and first > last):
        raise ValueError("the pending rows are not in time order")
    return first, last


def _stamp(stamp: Any) -> int | None:
    return None if stamp is None else exact_numbers.stamp(stamp)


def _history(data: Any, empty: History, width: int, controls: int, carried: int) -> History:
    rows = len(data["stamps"])
    table = HistoryTable.empty(rows + 1, width, controls, carried)
    stamps = [exact_numbers.stamp(stamp) for stamp in data["stamps"]]
    before = _stamp(data["before"])
    if stamps != sorted(stamps) or (stamps and before is not None and stamps[0] < before):
        raise ValueError("the rows are not in time order")
    table.stamps[:rows] = stamps
    table.late[:rows] = [bool(exact_numbers.count(late)) for late in data["late"]]
    table.z[:rows] = exact_numbers.numbers(data["z"], rows * width).reshape(rows, width)
    table.u[:rows] = exact_numbers.numbers(data["u"], rows * controls).reshape(rows, controls)
    table.carries[0] = exact_numbers.numbers(data["carry"], carried)
    return History(empty.span, before, exact_numbers.numbers(data["reports"], width), table, rows)


def _options(method: Method) -> dict[str, Any]:
    """The options that this method was made with, without those that are the defaults."""
    accepted = inspect.signature(type(method)).parameters
    found = {name: value for name, value in chosen(method).items() if name in accepted}
    return found | ({"adapt": method.adaptations} if method.adaptations else {})


def _written(value: Any) -> Any:
    """A value as data for JSON: floats in hexadecimal."""
    if isinstance(value, Mapping):
        return {name: _written(entry) for name, entry in value.items()}
    if isinstance(value, np.ndarray):
        return exact_numbers.written(value)
    if isinstance(value, tuple):
        return [_written(entry) for entry in value]
    if isinstance(value, (float, np.floating)):
        return float(value).hex()
    return int(value) if isinstance(value, np.integer) else value


def _read_options(options: Any) -> dict[str, Any]:
    """Options from data of JSON: text that has the form of a hexadecimal float becomes one."""

    def read(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: read(entry) for name, entry in value.items()}
        if isinstance(value, list):
            return [read(entry) for entry in value]
        is_number = isinstance(value, str) and _HEX.fullmatch(value)
        return float.fromhex(value) if is_number else value

    if not isinstance(options, dict):
        raise TypeError(f"{options!r} is not a table of options")
    return {name: read(value) for name, value in options.items()}
