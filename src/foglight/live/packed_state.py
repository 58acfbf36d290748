"""The state of a live filter as bytes, for a file with thousands of them: what `saved_state` writes as text.

A fixed part in little-endian numbers comes first, then the arrays, whose lengths the model and the fixed part give.
"""

import struct
from typing import Any, NamedTuple

import numpy as np

from foglight.core.dates import AWARE, NAIVE, NUMBER
from foglight.live.history import History

# Which of the stamps are known, clock, the stamps (newest, began, pending, origin), rows, statuses, rows of history,
# and of the last row: sensor, seconds since the row before, stamp, bits, bytes of its record.
_FIXED = struct.Struct("<BB5qQIIidqQI")
_COUNT = struct.Struct("<QQ")
_CLOCKS = ("", NUMBER, AWARE, NAIVE)
_NO_ROW, _ALL_SENSORS = -2, -1
_INT64, _DOUBLE = np.dtype("<i8"), np.dtype("<f8")


class Sizes(NamedTuple):
    """How many numbers the arrays of a filter have: carried, of a record, reports, controls and inputs of a row."""

    carried: int
    record: int
    reports: int
    controls: int
    inputs: int


class InvalidError(ValueError):
    """Bytes that no filter of this model writes."""


def pack(
    carry: bytes,
    record: bytes,
    reports: bytes,
    clock: str,
    stamps: tuple[int | None, ...],
    rows: int,
    counts: dict[float, int],
    last: tuple[Any, ...] | None,
    sensor: int | None,
    history: History | None,
) -> bytes:
    """The state as bytes. stamps: newest, began, two that are pending, origin. last: the fields of a RowData.

    sensor: the index of the last row's sensor, None for all of them.
    """
    known, bit = 0, 1
    for stamp in stamps:
        if stamp is not None:
            known |= bit
        bit <<= 1
    if history is not None:
        known |= 32
        known |= 64 * (history.before is not None)
    kept = 0 if history is None else history.last - history.first
    row: tuple[Any, ...] = (_NO_ROW, 0.0, 0, 0, 0)
    if last is not None:
        row = (_ALL_SENSORS if sensor is None else sensor, last[5], last[6], last[8], len(last[1]))
    parts = [
        _FIXED.pack(
            known,
            _CLOCKS.index(clock),
            *[stamp or 0 for stamp in stamps],
            rows,
            len(counts),
            kept,
            *row,
        ),
        carry,
        record,
        reports,
    ]
    parts += [_COUNT.pack(int(status), number) for status, number in counts.items()]
    if last is not None:
        parts += last[1:5]
    if history is not None:
        parts += _packed_history(history)
    return b"".join(parts)


def _packed_history(history: History) -> list[bytes]:
    """The rows that are kept, and the carry before the first of them."""
    table, at = history.table, slice(history.first, history.last)
    return [
        struct.pack("<q", history.before or 0),
        history.reports.tobytes(),
        table.carries[history.first].tobytes(),
        table.stamps[at].tobytes(),
        table.late[at].tobytes(),
        table.z[at].tobytes(),
        table.u[at].tobytes(),
    ]


def origin_in(content: bytes) -> int | None:
    """The time of the start. Raises InvalidError."""
    known, _, *numbers = _FIXED.unpack(_Bytes(content).take(_FIXED.size))
    return numbers[4] if known & 16 else None


def unpack(content: bytes, sizes: Sizes, sensors: tuple[str, ...]) -> dict[str, Any]:
    """The state as the data that `state_in` reads. Raises InvalidError."""
    reader = _Bytes(content)
    known, clock, *numbers = _FIXED.unpack(reader.take(_FIXED.size))
    stamps = [stamp if known >> k & 1 else None for k, stamp in enumerate(numbers[:5])]
    rows, statuses, kept, sensor, dt, stamp, bits, size = numbers[5:]
    if clock >= len(_CLOCKS) or not _NO_ROW <= sensor < len(sensors):
        raise InvalidError("unknown clock or sensor")
    data: dict[str, Any] = {
        "clock": _CLOCKS[clock],
        "newest": stamps[0],
        "began": stamps[1],
        "pending": stamps[2:4],
        "rows": rows,
        "carry": reader.doubles(sizes.carried),
        "record": reader.doubles(sizes.record),
        "reports": reader.doubles(sizes.reports),
        "counts": [_COUNT.unpack(reader.take(_COUNT.size)) for _ in range(statuses)],
        "last": None,
        "history": None,
    }
    if sensor != _NO_ROW:
        data["last"] = {
            "record": np.frombuffer(reader.take(size), _DOUBLE)[: sizes.record],
            "before": reader.doubles(sizes.carried),
            "z": reader.doubles(sizes.reports),
            "u": reader.doubles(sizes.inputs),
            "dt": dt.hex(),
            "stamp": stamp,
            "sensor": None if sensor == _ALL_SENSORS else sensors[sensor],
            "bits": bits,
        }
    if known & 32:
        before = struct.unpack("<q", reader.take(8))[0]
        data["history"] = {
            "before": before if known & 64 else None,
            "reports": reader.doubles(sizes.reports),
            "carry": reader.doubles(sizes.carried),
            "stamps": np.frombuffer(reader.take(8 * kept), _INT64).tolist(),
            "late": list(reader.take(kept)),
            "z": reader.doubles(kept * sizes.reports),
            "u": reader.doubles(kept * sizes.controls),
        }
    if reader.at != len(content):
        raise InvalidError(f"{len(content) - reader.at} bytes too many")
    return data


class _Bytes:
    """Bytes that are read from the front."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = 0

    def take(self, count: int) -> bytes:
        """The next bytes; InvalidError if there are fewer."""
        found = self.content[self.at : self.at + count]
        if len(found) < count:
            raise InvalidError("too few bytes")
        self.at += count
        return found

    def doubles(self, count: int) -> Any:
        """The next numbers."""
        return np.frombuffer(self.take(8 * count), _DOUBLE).astype(np.float64)
