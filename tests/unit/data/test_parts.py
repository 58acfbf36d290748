"""Files read in parts of any size: together they are the whole file, and reading continues from any position."""

import dataclasses
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import foglight as fog
from foglight.core.errors import DataError, TimeError
from foglight.data.log import Log
from foglight.data.parts import LogFile, Part
from foglight.data.readers import csv_lines, csv_rows
from foglight.data.readers.position import Position

ROWS = 61
RNG = np.random.default_rng(11)
NOISE = RNG.normal(size=(ROWS, 2)).tolist()


def wide() -> str:
    rows = (
        f"{1_700_000_000 + k * 0.1:.4f},{a!r},{'' if k % 3 else round(b, 3)}\n"
        for k, (a, b) in enumerate(NOISE)
    )
    return "time,range,bearing\n" + "".join(rows)


def dates() -> str:
    rows = (f"2026-03-02T10:{k // 60:02d}:{k % 60:02d}.123456789+01:00,{k}\n" for k in range(ROWS))
    return "time,range\n" + "".join(rows)


def long() -> str:
    """The gps has a value in y only late: earlier parts do not have that column."""
    rows = (f"{k},radar,{k}.5,,\n" if k % 2 else f"{k},gps,,{k},{k if k > 20 else ''}\n" for k in range(ROWS))
    return "time,who,range,x,y\n" + "".join(rows)


def tracks() -> str:
    rows = (f"{k % 9},{k},man {k // 9}\n" for k in range(ROWS))
    return "time,range,id\n" + "".join(rows)


def wrapping() -> str:
    return "time,range\n" + "".join(f"{k * 37 % 256},{k}\n" for k in range(ROWS))


def quoted() -> str:
    rows = (f'"fog,\n{k}",{k},{k}\r\n' for k in range(ROWS))
    return "note,time,range\r\n" + "".join(rows)


def level() -> str:
    return "level\n" + "".join("\n" if k % 4 == 0 else f"{k}\n" for k in range(ROWS))


FILES: dict[str, tuple[str, dict[str, Any]]] = {
    "wide": (wide(), {}),
    "dates": (dates(), {}),
    "long": (long(), {"sensor": "who"}),
    "tracks": (tracks(), {"track": "id"}),
    "wrapping": (wrapping(), {"unit": "ms", "wraps": 256}),
    "quoted": (quoted(), {"ignore": ["note"]}),
    "one column": (level(), {"dt": 0.1}),
    "byte order mark": ("\ufeff" + wide().replace("\n", "\r\n"), {}),
    "carriage returns": (wide().replace("\n", "\r"), {}),
}


@pytest.fixture(params=[*FILES, "parquet"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    if request.param == "parquet":
        return parquet(tmp_path), {"track": "id"}
    text, options = FILES[request.param]
    path = tmp_path / "log.csv"
    path.write_bytes(text.encode())
    return path, options


def parquet(folder: Path) -> Path:
    table = pa.table(
        {
            "time": pa.array([1_700_000_000_000 + 10 * k for k in range(ROWS)], pa.timestamp("ms", "UTC")),
            "id": ["a"] * 20 + ["b"] * (ROWS - 20),
            "range": [None if k % 5 == 0 else a for k, (a, _) in enumerate(NOISE)],
            "hits": list(range(ROWS)),
        }
    )
    path = folder / "log.parquet"
    pq.write_table(table, path, row_group_size=13)
    return path


def restored(position: Position) -> Position:
    """The position after it was written to a file as JSON and read back."""
    return Position(**json.loads(json.dumps(dataclasses.asdict(position))))


def same(one: Part, other: Part) -> bool:
    blocks = {name: block.tobytes() for name, block in one.log.blocks.items()}
    return (
        one.after == other.after
        and one.goes_on == other.goes_on
        and one.log.time_ns.tobytes() == other.log.time_ns.tobytes()
        and blocks == {name: block.tobytes() for name, block in other.log.blocks.items()}
    )


@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_parts_of_any_size_are_the_whole_to_the_bit(source: tuple[Path, dict[str, Any]], rows: int) -> None:
    path, options = source
    whole = Log.read(path, **options)
    parts = list(fog.open_log(path, **options).parts(rows=rows))
    assert len(whole) == ROWS and sum(len(part.log) for part in parts) == ROWS
    assert max(len(part.log) for part in parts) <= rows
    assert np.concatenate([part.log.time_ns for part in parts]).tobytes() == whole.time_ns.tobytes()
    for name, block in whole.blocks.items():
        found = [part.log.blocks.get(name, np.full((len(part.log), 1), np.nan)) for part in parts]
        assert np.concatenate(found).tobytes() == block.tobytes()
    if whole.track is not None:
        before, numbers = Position(), []
        for part in parts:
            assert part.log.track is not None and part.log.track[0] == 0
            numbers.append(part.log.track + before.tracks - part.goes_on)
            before = part.after
        assert np.concatenate(numbers).tobytes() == whole.track.tobytes()


@pytest.mark.parametrize("rows", [1, 7])
def test_reading_continues_from_every_position(source: tuple[Path, dict[str, Any]], rows: int) -> None:
    path, options = source
    parts = list(fog.open_log(path, **options).parts(rows=rows))
    for k in range(0, len(parts), max(3, len(parts) // 6)):
        rest = list(fog.open_log(path, **options).parts(restored(parts[k].after), rows=rows))
        assert len(rest) == len(parts) - k - 1
        assert all(same(*pair) for pair in zip(rest, parts[k + 1 :], strict=True))


def test_a_track_that_comes_back_is_found_also_when_reading_continues(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("id,time,range\na,0,1\na,1,1\nb,0,1\nb,1,2\na,5,1\n")
    options = {"track": "id"}
    message = "line 6: id = 'a' comes back after other tracks.*sort=True"
    with pytest.raises(DataError, match=message) as caught:
        Log.read(path, **options)
    assert (caught.value.field, caught.value.index, caught.value.value) == ("id", 6, "a")
    parts = fog.open_log(path, **options).parts(rows=2)
    position = [next(parts).after, next(parts).after][-1]
    with pytest.raises(DataError, match=message):
        list(fog.open_log(path, **options).parts(restored(position), rows=2))


def test_order_is_checked_across_parts(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("time,range\n0,1\n1,2\n0.5,3\n")
    parts = fog.open_log(path).parts(rows=2)
    assert len(next(parts).log) == 2
    with pytest.raises(TimeError, match=r"line 4: time = 0.5 s .* 1 s") as caught:
        next(parts)
    assert (caught.value.field, caught.value.index, caught.value.value) == ("time", 4, 0.5)


# The identity of a file


def test_a_file_is_identified_by_its_size_and_ends(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    text = "time,range\n" + "".join(f"{k},{k % 7}\n" for k in range(40_000))
    path.write_text(text)
    source = fog.open_log(path)
    assert source.identity() == fog.open_log(path).identity()
    assert source.identity()["size"] == len(text)
    assert abs((source.rows() or 0) - 40_000) < 2_000
    before = source.identity()
    path.write_text(text[:-2] + "9\n")
    assert source.identity() != before


def test_the_number_of_rows_is_exact_if_the_file_holds_it(tmp_path: Path) -> None:
    assert fog.open_log(parquet(tmp_path)).rows() == ROWS
    path = tmp_path / "short.csv"
    path.write_text("time,range\n0,1\n1,2\n2,3")
    assert fog.open_log(path).rows() == 3


def test_a_stream_is_read_once_and_has_no_identity(tmp_path: Path) -> None:
    import os
    import threading

    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    source: LogFile = fog.open_log(pipe)
    assert source.rows() is None
    with pytest.raises(DataError, match="not a regular file"):
        source.identity()
    writer = threading.Thread(target=pipe.write_text, args=(wide(),))
    writer.start()
    log = Log.read(pipe)
    writer.join()
    assert len(log) == ROWS


# Fast and exact parsing


def hard_numbers() -> list[str]:
    """Decimal strings on which fast parsers fail first: halfway cases, 17 digits, the ends of the range."""
    rng = np.random.default_rng(7)
    bits = rng.integers(0, 2**63, 400, dtype=np.uint64)
    doubles = [
        value
        for value in (struct.unpack("d", struct.pack("Q", b))[0] for b in bits.tolist())
        if value == value
    ]
    texts = [repr(value) for value in doubles if abs(value) < 1e308]
    texts += [f"{value:.25e}" for value in doubles[:50] if abs(value) < 1e308]
    texts += [
        str(2**53),
        "9007199254740993.0000000000000000000001",
        "1e-400",
        "-0.0",
        "1e400",
        "-inf",
        "Infinity",
    ]
    texts += [
        "+4",
        ".5",
        "5.",
        "00012",
        "1E5",
        " 7",
        "8 ",
        "2.2250738585072011e-308",
        "4.9406564584124654e-324",
    ]
    return texts


def test_the_fast_parser_gives_the_floats_of_python(tmp_path: Path) -> None:
    texts = hard_numbers()
    path = tmp_path / "log.csv"
    path.write_text("time,a,b\n" + "".join(f"{k},{text},{k}\n" for k, text in enumerate(texts)))
    with path.open("rb") as file:
        rows = csv_rows.read(taken(file, path), ["time", "a", "b"], {"time", "a", "b"}, (), 10_000)
    assert isinstance(rows, csv_rows.Plain), "the fast parser was not used"
    expected = np.array([float(text) for text in texts])
    assert rows.numbers("a").tobytes() == expected.tobytes()
    assert Log.read(path).columns()["a"].tobytes() == expected.tobytes()


def taken(file: Any, path: Path) -> csv_lines.Lines:
    source = csv_lines.Lines(file, path)
    next(source)
    source.row = source.offset
    return source


NOT_NUMBERS = [
    "NAN", "-nan", "nan ", "1_000", "0x10", "1e", "1.2.3", "--1", "1 2", "N/A", "٣", "infin", "1,", '"1"2',
]  # fmt: skip


@pytest.mark.parametrize("cell", NOT_NUMBERS)
def test_both_parsers_refuse_with_the_same_message(
    tmp_path: Path, cell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(f"time,range\n0,\n1,NA\n2,null\n3,{cell}\n4,1\n")
    messages = []
    for fast in (True, False):
        if not fast:
            monkeypatch.setattr(csv_rows, "_plain", lambda *_: None)
        with pytest.raises(DataError) as caught:
            Log.read(path)
        messages.append((str(caught.value), caught.value.index))
    assert messages[0] == messages[1]
    assert "line 5" in messages[0][0]


@pytest.mark.parametrize("name", ["wide", "dates", "long", "tracks", "wrapping", "one column"])
def test_both_parsers_give_the_same_log(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text, options = FILES[name]
    path = tmp_path / "log.csv"
    path.write_text(text)
    fast = Log.read(path, **options)
    monkeypatch.setattr(csv_rows, "_plain", lambda *_: None)
    slow = Log.read(path, **options)
    assert fast.time_ns.tobytes() == slow.time_ns.tobytes()
    assert {name: block.tobytes() for name, block in fast.blocks.items()} == {
        name: block.tobytes() for name, block in slow.blocks.items()
    }


@pytest.mark.parametrize("fast", [True, False])
def test_integers_beyond_float64_are_refused(
    fast: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.csv"
    path.write_text("time,id\n0,9007199254740992\n1,-1e300\n2,-9007199254740993\n")
    if not fast:
        monkeypatch.setattr(csv_rows, "_plain", lambda *_: None)
    with pytest.raises(DataError, match=r"line 4: id = -9007199254740993: integers beyond 2\^53") as caught:
        Log.read(path)
    assert (caught.value.field, caught.value.index, caught.value.value) == ("id", 4, "-9007199254740993")


# Limits on memory


def test_a_row_without_end_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    with path.open("w") as file:
        file.write("time,range\n0,1\n1,")
        for _ in range(64):
            file.write("1" * (1 << 20))
    with pytest.raises(DataError, match="line 3: the row has more than 1048576 bytes") as caught:
        Log.read(path)
    assert caught.value.index == 3


def test_a_header_without_end_is_refused_too(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    with path.open("w") as file:
        for k in range(300_000):
            file.write(f'"column {k}\n",')
    with pytest.raises(DataError, match="the row has more than 1048576 bytes"):
        Log.read(path)


def test_memory_is_bounded_by_the_part(tmp_path: Path) -> None:
    """The memory in use while a file is read in parts does not grow with the file."""
    import tracemalloc

    peaks = []
    for rows in (40_000, 120_000):
        path = tmp_path / "log.csv"
        path.write_text("time,range\n" + "".join(f"{k},{k % 7}.25\n" for k in range(rows)))
        tracemalloc.start()
        for part in fog.open_log(path).parts(rows=4_000):
            assert len(part.log) == 4_000
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


@pytest.mark.parametrize("quoted", [False, True])
def test_parts_of_long_rows_have_fewer_rows(
    quoted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The data held at a time are bounded in bytes, not only in rows."""
    path = tmp_path / "log.csv"
    note = '"' + "n" * 98 + '"' if quoted else "n" * 100
    path.write_text("time,range,note\n" + "".join(f"{k},{k}.5,{note}\n" for k in range(5_000)))
    whole = Log.read(path, ignore=["note"])
    monkeypatch.setattr(csv_lines, "MOST", 1 << 15)
    monkeypatch.setattr(csv_rows, "MOST", 1 << 15)
    monkeypatch.setattr(csv_lines, "BLOCK", 1 << 12)
    parts = list(fog.open_log(path, ignore=["note"]).parts())
    assert 12 < len(parts) < 20 and len(whole) == 5_000
    for name in ("time_ns", "range"):
        found = [part.log.time_ns if name == "time_ns" else part.log.blocks[name] for part in parts]
        expected = whole.time_ns if name == "time_ns" else whole.blocks[name]
        assert np.concatenate(found).tobytes() == expected.tobytes()
    after = parts[3].after  # parts read from there may have other sizes
    rest = fog.open_log(path, ignore=["note"]).parts(restored(after))
    assert (
        np.concatenate([part.log.time_ns for part in rest]).tobytes() == whole.time_ns[after.rows :].tobytes()
    )
