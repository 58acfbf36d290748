"""Parquet files for the reader: sound ones of every kind of column, and such as are cut off, bent or padded."""

import io
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


def written(columns: dict[str, Any], **options: Any) -> bytes:
    """The bytes of a file of these columns."""
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, **options)
    return file.getvalue()


def radar(**options: Any) -> bytes:
    """A log of six rows with a reading missing."""
    return written({"time": [0, 1, 2, 2, 3, 7], "range": [5.0, None, 4.5, 4.5, 4.0, -1.5]}, **options)


def bent(place: int) -> bytes:
    """The same with one byte turned over."""
    data = bytearray(radar())
    data[place % len(data)] ^= 0xFF
    return bytes(data)


DATES = [f"2026-03-02T10:15:0{k}.25Z" for k in range(4)]
PARQUETS: dict[str, Callable[[], bytes]] = {
    "radar": radar,
    "a row a group": lambda: radar(row_group_size=1),
    "zstd, plain": lambda: radar(compression="zstd", use_dictionary=False),
    "second version": lambda: radar(version="1.0", data_page_version="2.0"),
    "dates": lambda: written(
        {"time": pa.array([10**15, 2 * 10**15], pa.timestamp("us", "Europe/Berlin")), "z": [1, 2]}
    ),
    "dates in text": lambda: written({"time": DATES, "z": [1.0, 2.0, 3.0, 4.0]}),
    "durations": lambda: written({"time": pa.array([1, 2], pa.duration("ms")), "z": [1.0, 2.0]}),
    "days": lambda: written({"time": pa.array([20_000, 20_001], pa.date32()), "z": [1.0, 2.0]}),
    "beyond 2262": lambda: written({"time": pa.array([10**11], pa.timestamp("s")), "z": [1.0]}),
    "long": lambda: written(
        {"time": [0, 1, 2], "sensor": ["a", "b", "a"], "x": [1.0, 2.0, None], "y": [4, None, 5]}
    ),
    "tracks": lambda: written({"time": [5, 6, 0], "track": [7, 7, 3], "z": [1.0, 2.0, 3.0]}),
    "categories": lambda: written(
        {"time": [5, 6, 0], "track": pa.array(["a", "a", "b"]).dictionary_encode(), "z": [1.0, 2.0, 3.0]}
    ),
    "text": lambda: written({"time": [0, 1], "z": ["1", "2"]}),
    "lists": lambda: written({"time": [0, 1], "z": [[1.0], [2.0, 3.0]]}),
    "tables in a column": lambda: written({"time": [0, 1], "z": [{"a": 1}, {"a": 2}]}),
    "decimals": lambda: written({"time": [0, 1], "z": pa.array([1, 2], pa.decimal128(20, 3))}),
    "halves": lambda: written({"time": [0, 1], "z": pa.array([1.0, 2.0], pa.float16())}),
    "wide integers": lambda: written({"time": [2**63 - 1, 2**63 - 1], "z": [2**53 + 1, 0]}),
    "unsigned": lambda: written({"time": pa.array([2**64 - 1], pa.uint64()), "z": [1.0]}),
    "nothing known": lambda: written({"time": [0, 1], "z": pa.nulls(2), "y": [1.0, 2.0]}),
    "no rows": lambda: written({"time": pa.array([], pa.int64()), "z": pa.array([], pa.float64())}),
    "no columns": lambda: written({}),
    "no stamp": lambda: written({"time": [0, None], "z": [1.0, 2.0]}),
    "300 columns": lambda: written({"time": [0], **{f"c{k}": [1.0] for k in range(300)}}),
    "name of 100,000 letters": lambda: written({"time": [0], "z" * 100_000: [1.0]}),
    "empty": lambda: b"",
    "magic alone": lambda: b"PAR1",
    "magic twice": lambda: b"PAR1\0\0\0\0PAR1",
    "a footer of 2 GB": lambda: b"PAR1\xff\xff\xff\x7fPAR1",
    "CSV": lambda: b"time,z\n0,1\n",
    "cut in half": lambda: radar()[: len(radar()) // 2],
    "without its first half": lambda: radar()[len(radar()) // 2 :],
    "a name that is no UTF-8": lambda: radar().replace(b"range", b"r\xa0nge"),
    "padded": lambda: radar() + b"\0" * 100,
    **{f"byte {place} bent": (lambda place=place: bent(place)) for place in range(0, 1_600, 40)},  # type: ignore[misc]
}
