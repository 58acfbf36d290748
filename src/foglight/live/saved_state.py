"""A live filter as plain data, and back: what a saved file says.

Floats are texts in hexadecimal, so that none loses a bit and NaN has a spelling. Of the history, the rows are told
as they came and the carry before the first: the scan makes the rest again.
"""

import collections
import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight import __version__
from foglight.compiler.fingerprint import chosen, fingerprint
from foglight.core import exact_numbers
from foglight.core.errors import StateError
from foglight.live.filter import Live
from foglight.live.history import History, Table
from foglight.methods.methods import CKF, EKF, KF, UKF, Method
from foglight.model.model import Model

Array = NDArray[Any]
_METHODS = {method.__name__: method for method in (KF, EKF, UKF, CKF)}
_OPTIONS = ("history", "lag", "on_bad", "repeats", "gap")
_HEX = re.compile(r"-?(0x[01]\.[0-9a-f]+p[+-]\d+|inf)|nan")


def as_data(live: Live) -> dict[str, Any]:
    """The filter as JSON has it."""
    standing = live._standing()
    last, history = standing["last"], standing["history"]
    return {
        "foglight": __version__,
        "model": live.fingerprint,
        "method": [type(live.method).__name__, _told(_options(live.method))],
        "options": _told({name: live.options[name] for name in _OPTIONS if name in live.options}),
        "origin": live.origin,
        "labels": list(standing["labels"]),
        "rows": standing["rows"],
        "newest": standing["newest"],
        "counts": [[int(status), rows] for status, rows in sorted(standing["counts"].items()) if rows],
        "carry": _told(standing["carry"]),
        "record": _told(standing["record"]),
        "reports": _told(standing["reports"]),
        "last": None
        if last is None
        else {
            **{name: _told(np.frombuffer(last[name])) for name in ("record", "before", "z", "u")},
            **{name: _told(last[name]) for name in ("dt", "stamp", "sensor", "bits")},
        },
        "history": None
        if history is None
        else {
            "before": history.before,
            "reports": _told(history.reports),
            "carry": _told(history.table.carries[0]),
            "stamps": history.table.stamps[: history.last].tolist(),
            "late": history.table.late[: history.last].astype(int).tolist(),
            "z": _told(history.table.z[: history.last].ravel()),
            "u": _told(history.table.u[: history.last].ravel()),
        },
    }


def as_filter(data: Any, model: Model, path: Path) -> Live:
    """The filter that this is. What does not fit raises KeyError, TypeError or ValueError."""
    kind, options = data["method"]
    method: Method = _METHODS[kind](**_heard(options))
    mine, saved = fingerprint(model, method), data["model"]
    if mine != saved:
        raise StateError(
            f"{path} was saved for another model: its hash is {saved}, and this model's with {method!r} is {mine}. "
            "Expected the same functions, names, parameters and start. Use the model that it was saved with.",
            field="model", value=saved,
        )  # fmt: skip
    origin = None if data["origin"] is None else np.timedelta64(exact_numbers.stamp(data["origin"]), "ns")
    live = Live(model, method, {**_heard(data["options"]), "start_time": origin})
    standing = live._standing()
    width, controls, carried = len(standing["reports"]), len(model.motion.controls), len(standing["carry"])
    new: dict[str, Any] = {
        "carry": exact_numbers.numbers(data["carry"], carried),
        "record": exact_numbers.numbers(data["record"], len(standing["record"])),
        "newest": None if data["newest"] is None else exact_numbers.stamp(data["newest"]),
        "rows": exact_numbers.count(data["rows"]),
        "counts": {exact_numbers.count(status): exact_numbers.count(rows) for status, rows in data["counts"]},
        "reports": exact_numbers.numbers(data["reports"], width),
        "last": None,
        "history": None,
    }
    if not np.isfinite(new["carry"]).all():
        raise ValueError("a carried number is not finite")
    if data["last"] is not None:
        last = data["last"]
        sizes = {"record": len(standing["record"]), "before": carried, "z": width, "u": controls}
        new["last"] = {
            **{name: exact_numbers.numbers(last[name], size).tobytes() for name, size in sizes.items()},
            "dt": float(exact_numbers.numbers([last["dt"]], 1)[0]),
            "stamp": exact_numbers.stamp(last["stamp"]),
            "sensor": last["sensor"],
            "bits": exact_numbers.count(last["bits"]),
        }
    if standing["history"] is not None:
        new["history"] = _history(data["history"], standing["history"], width, controls, carried)
    live._resume(new)
    kept = live._standing()["history"]
    found = collections.Counter([] if kept is None else kept.table.status[: kept.last].tolist())
    if any(new["counts"].get(status, 0) < rows for status, rows in found.items()):
        raise ValueError("fewer rows are counted than kept")
    _ = live.belief.cov  # refuses what is none
    return live


def _history(data: Any, empty: History, width: int, controls: int, carried: int) -> History:
    rows = len(data["stamps"])
    table = Table.empty(rows + 1, width, controls, carried)
    stamps = [exact_numbers.stamp(stamp) for stamp in data["stamps"]]
    before = None if data["before"] is None else exact_numbers.stamp(data["before"])
    if stamps != sorted(stamps) or (stamps and before is not None and stamps[0] < before):
        raise ValueError("rows that are not in order")
    table.stamps[:rows] = stamps
    table.late[:rows] = [bool(exact_numbers.count(late)) for late in data["late"]]
    table.z[:rows] = exact_numbers.numbers(data["z"], rows * width).reshape(rows, width)
    table.u[:rows] = exact_numbers.numbers(data["u"], rows * controls).reshape(rows, controls)
    table.carries[0] = exact_numbers.numbers(data["carry"], carried)
    return History(empty.span, before, exact_numbers.numbers(data["reports"], width), table, rows)


def _options(method: Method) -> dict[str, Any]:
    """The options that make this method, those that are not the defaults."""
    accepted = inspect.signature(type(method)).parameters
    return {name: value for name, value in chosen(method).items() if name in accepted}


def _told(value: Any) -> Any:
    """A value as JSON says it: floats in hexadecimal."""
    if isinstance(value, Mapping):
        return {name: _told(entry) for name, entry in value.items()}
    if isinstance(value, np.ndarray):
        return exact_numbers.written(value)
    if isinstance(value, (float, np.floating)):
        return float(value).hex()
    return int(value) if isinstance(value, np.integer) else value


def _heard(options: Any) -> dict[str, Any]:
    """Options as Python has them: a text that begins as hexadecimal floats do is one."""

    def heard(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: heard(entry) for name, entry in value.items()}
        is_number = isinstance(value, str) and _HEX.fullmatch(value)
        return float.fromhex(value) if is_number else value

    if not isinstance(options, dict):
        raise TypeError(f"{options!r} are no options")
    return {name: heard(value) for name, value in options.items()}
