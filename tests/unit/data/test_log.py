"""Logs: time to the nanosecond, columns bound to measures, and errors that name the bad input."""

import re
import time as clock
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from foglight.core.errors import DataError, TimeError
from foglight.data.log import Log
from foglight.data.log_measurements import readings_of

NAN = float("nan")


def model(*sensors, controls=()):
    """The part of a model that binding reads: its names. sensors: (name, measures)."""
    return SimpleNamespace(
        motion=SimpleNamespace(controls=controls),
        controls=controls,
        interventions=(),
        sensors=tuple(
            SimpleNamespace(name=name, measures=measures, controls=()) for name, measures in sensors
        ),
        components=tuple(f"{name}.{measure}" for name, measures in sensors for measure in measures),
    )


RADAR_LIDAR = model(("radar", ("range", "bearing")), ("lidar", ("x", "range", "height")))


def write(tmp_path, text, **options):
    path = tmp_path / "log.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Log.read(path, **options)


# Time


def test_thirty_hertz_gives_two_step_lengths():
    log = Log.regular(np.arange(31.0), dt=1 / 30)
    assert set(np.diff(log.time_ns)) == {33_333_333, 33_333_334}
    assert log.time_ns[30] == 1_000_000_000


def test_a_step_of_whole_nanoseconds_stays_exact_for_long():
    log = Log.regular(np.zeros(1_000_001), dt=0.051)
    assert log.time_ns[-1] == 51_000_000 * 1_000_000
    assert set(np.diff(log.time_ns)) == {51_000_000}


def test_float_seconds_become_the_nearest_nanosecond():
    log = Log.from_arrays([-0.3, 0.1, 1e5 + 0.123456789, 1e5 + 0.12345679], radar=np.ones(4))
    assert log.time_ns.tolist() == [-300_000_000, 100_000_000, 100_000_123_456_789, 100_000_123_456_790]
    assert log.dt()[0] == 0.0
    assert log.dt()[3] == 1e-9


def test_stamps_of_1970_in_a_file_keep_every_digit(tmp_path):
    log = write(tmp_path, "time,range\n1700000000.123456789,1\n1700000000.123456790,2\n")
    assert log.time_ns.tolist() == [1_700_000_000_123_456_789, 1_700_000_000_123_456_790]
    assert log.dt().tolist() == [0.0, 1e-9]


def test_datetime_stamps_carry_their_unit():
    stamps = np.array(["2026-03-02T10:15:00", "2026-03-02T10:15:00.040"], "datetime64[ms]")
    assert Log.from_arrays(stamps, radar=[1.0, 2.0]).dt().tolist() == [0.0, 0.04]


def test_equal_stamps_are_allowed():
    assert Log.from_arrays([1, 2, 2, 3], radar=np.ones(4)).dt().tolist() == [0.0, 1.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("time", "words", "index"),
    [
        ([0.0, 2.0, 1.5, 1.0], ["time[2] = 1.5 s", "2 s", "Sort"], 2),
        ([0.0, NAN, 1.0], ["time[1]", "not a time"], 1),
        (np.array(["2026-01-01", "NaT"], "datetime64[s]"), ["time[1] = NaT"], 1),
        (np.ma.masked_array([0.0, 1.0], [False, True]), ["time[1] = masked"], 1),
        ([0.0, 1.7e12], ["time[1]", "292 years", "milliseconds"], 1),
        (np.array([0, 1_700_000_000_000]), ["time[1]", "milliseconds"], 1),
        ([0.0, float("inf")], ["time[1] = inf"], 1),
        (np.array(["2026-01-01", "3000-01-01"], "datetime64[s]"), ["time[1] = 3000", "2262"], 1),
        (np.array([0, 1], np.float32), ["float32", "float64"], None),
        (["a", "b"], ["dtype"], None),
        ([datetime(2026, 1, 1), datetime(2026, 1, 2, tzinfo=UTC)], ["time[1] = '2026-01-02", "zone"], 1),
        ([datetime(2026, 1, 1), timedelta(1)], ["time[1] = '1 day, 0:00:00' is a duration"], 1),
        ([date(2026, 1, 1), 17.0], ["dtype object"], None),
        ([0.0, 1e-9, 2.5e-9], ["time[2] = 2.5e-09 s", "whole nanoseconds"], 2),
        ([[0.0, 1.0]], ["shape (1, 2)"], None),
    ],
)
def test_bad_stamps(time, words, index):
    with pytest.raises(TimeError) as caught:
        Log.from_arrays(time, radar=np.ones(np.shape(time)[0]))
    assert caught.value.field == "time"
    assert caught.value.index == index
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("dt", [0.0, -0.1, NAN, float("inf"), 1e-10, "fast", 1e10, None, True])
def test_bad_step(dt):
    with pytest.raises(TimeError, match=re.escape(f"dt = {dt!r}")) as caught:
        Log.regular(np.ones(3), dt=dt)
    assert caught.value.field == "dt"


# Arrays


def test_every_kind_of_array_gives_the_same_bits():
    z = np.random.default_rng(5).normal(size=(6, 3))
    z[2, 1] = NAN
    two = model(("a", ("p", "q", "r")))
    expected = Log.from_arrays(np.arange(6), a=z).bind(two)
    masked = np.ma.masked_array(np.nan_to_num(z, nan=7.0), np.isnan(z))
    frozen = z.copy()
    frozen.setflags(write=False)
    padded = np.zeros((12, 6))
    padded[::2, ::2] = z
    for other in (np.asfortranarray(z), z[::-1].copy()[::-1], frozen, padded[::2, ::2], masked, z.tolist()):
        bound = Log.from_arrays(np.arange(6), a=other).bind(two)
        assert bound.tobytes() == expected.tobytes()
        assert bound.flags.c_contiguous
        assert bound.dtype == np.float64


def test_a_log_copies_the_callers_arrays_and_does_not_change():
    z, t, u = np.array([1.0, 2.0]), np.array([0.0, 1.0]), np.array([3.0, 4.0])
    log = Log.from_arrays(t, u=u, radar=z)
    z[:], t[:], u[:] = 9.0, 9.0, 9.0
    assert log.columns()["radar"].tolist() == [1.0, 2.0]
    assert log.columns()["u"].tolist() == [3.0, 4.0]
    assert log.time_ns.tolist() == [0, 1_000_000_000]
    for array in (log.columns()["radar"], log.columns()["u"], log.dt(), log.time_ns):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5
    with pytest.raises(AttributeError, match="cannot assign to field"):
        log.time_ns = t
    with pytest.raises(AttributeError, match="cannot delete field 'tracks'"):
        del log.tracks


def test_small_integers_widen_and_big_ones_are_refused():
    one = model(("a", ("p",)))
    small = np.array([32767, -32768], np.int16)
    assert Log.from_arrays([0, 1], a=small).bind(one).ravel().tolist() == [32767.0, -32768.0]
    with pytest.raises(DataError, match=r"a\[1\] = 9007199254740993.*2\^53"):
        Log.from_arrays([0, 1], a=np.array([1, 2**53 + 1]))


@pytest.mark.parametrize(
    ("z", "word"),
    [
        (np.ones(3), "2 rows"),
        (np.ones((2, 0)), r"expected \(2, m\)"),
        (np.ones((1, 2, 2)), "shape"),
        (["1.0", "2.0"], "dtype"),
        ([1.0, None], "not None"),
        (np.ones(2, complex), "complex128"),
        (np.ones(2, np.float16), "float16"),
        pytest.param(
            np.ones(2, np.longdouble),
            np.dtype(np.longdouble).name,
            marks=pytest.mark.skipif(
                np.dtype(np.longdouble).itemsize == 8, reason="the same as float64 here"
            ),
        ),
        ([True, False], "bool"),
        ([[1.0, 2.0], [3.0]], "ragged"),
        (4.0, "shape"),
    ],
)
def test_bad_arrays(z, word):
    with pytest.raises(DataError, match=word) as caught:
        Log.from_arrays([0.0, 1.0], radar=z)
    assert caught.value.field == "radar"


def test_empty_input_is_an_error():
    with pytest.raises(DataError, match="time is empty"):
        Log.from_arrays([], radar=[])
    with pytest.raises(DataError, match="no sensor"):
        Log.from_arrays([0.0])
    with pytest.raises(DataError, match="none of them 0"):
        Log.regular(np.ones((2, 0, 1)), dt=1.0)


def test_one_row_is_a_log():
    log = Log.regular([4.0], dt=1.0)
    assert len(log) == 1
    assert log.dt().tolist() == [0.0]
    assert repr(log) == "Log(1 row, 0 s, z)"


@pytest.mark.parametrize("kind", [np.int16, np.uint64, str, list, object])
def test_tracks_are_numbered_in_order_of_appearance(kind):
    """Whether their names are integers or strings, in an array, a list or an array of objects."""
    names = [7, 7, 3, 3, 3, 250]
    given = names if kind is list else np.array(names, dtype=kind)
    log = Log.from_arrays([0.0, 1.0, 0.0, 0.5, 1.0, 0.0], track=given, z=np.arange(6.0))
    assert log.track.tolist() == [0, 0, 1, 1, 1, 2]
    assert list(log.track_names) == (["7", "3", "250"] if kind is str else [7, 3, 250])
    assert log.dt().tolist() == [0.0, 1.0, 0.0, 0.5, 0.5, 0.0]


def test_a_track_that_comes_back_is_named_with_a_plain_index():
    with pytest.raises(DataError, match="comes back") as refused:
        Log.from_arrays([0.0, 1.0, 2.0], track=np.array([4, 5, 4]), z=[1.0, 2.0, 3.0])
    assert type(refused.value.index) is int and refused.value.index == 2


def test_names_of_tracks_are_compared_at_once():
    """A log with them takes about twice as long to make as one without; row by row it was twenty times."""
    time, track = np.tile(np.arange(100.0), 3_000), np.repeat(np.arange(3_000), 100)

    def seconds(**more):
        started = clock.process_time()
        Log.from_arrays(np.arange(300_000.0) if not more else time, z=time, **more)
        return clock.process_time() - started

    assert min(seconds(track=track) for _ in range(3)) < 8.0 * min(seconds() for _ in range(3))


# Binding


def test_columns_bind_by_full_name_by_measure_and_by_sensor():
    three = model(("radar", ("range", "bearing")), ("lidar", ("range",)), ("gauge", ("level",)))
    columns = {"gauge": [5.0], "lidar.range": [3.0], "bearing": [2.0], "radar.range": [1.0]}
    log = Log.from_arrays([0.0], **columns)
    assert log.bind(three).tolist() == [[1.0, 2.0, 3.0, 5.0]]


def test_blocks_bind_to_sensors_in_declared_order():
    log = Log.from_arrays([0.0, 1.0], lidar=[[3, 4, 5], [NAN, 8, 9]], radar=[[1, 2], [6, 7]])
    np.testing.assert_array_equal(log.bind(RADAR_LIDAR), [[1, 2, 3, 4, 5], [6, 7, NAN, 8, 9]])


def test_a_block_that_is_all_of_z_is_not_copied():
    pair = model(("fix", ("x", "y")))
    log = Log.from_arrays([0.0, 1.0], fix=[[1.0, 2.0], [NAN, 4.0]])
    assert readings_of(log, pair, None) is log.blocks["fix"]
    assert log.bind(pair).flags.writeable and log.bind(pair) is not log.blocks["fix"]
    turned = Log.from_arrays([0.0, 1.0], fix=np.array([[1.0, NAN], [2.0, 4.0]]).T)
    np.testing.assert_array_equal(turned.bind(pair), [[1, 2], [NAN, 4]])
    assert turned.bind(pair).flags.c_contiguous
    with pytest.raises(DataError, match=r"both bind to fix\.x"):
        Log.from_arrays([0.0], fix=[[1.0, 2.0]], x=[3.0]).bind(pair)


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("control", "sensor", "reading"),
    [
        ("speed", ("speed", ("reading",)), "speed.reading"),
        ("x", ("a", ("x",)), "a"),
        ("x", ("a", ("x",)), "a.x"),
    ],
)
def test_a_control_that_is_named_like_a_reading_is_none(control, sensor, reading, order):
    columns = [(control, [70.0, 80.0]), (reading, [1.0, 2.0])][::order]
    log = Log.from_arrays([0.0, 1.0], **dict(columns))
    given = model(sensor, controls=(control,))
    assert readings_of(log, given, None).ravel().tolist() == [1.0, 2.0]
    assert log.controls(given).ravel().tolist() == [70.0, 80.0]


def test_a_control_may_be_named_like_measures_of_several_sensors():
    log = Log.from_arrays([0.0], **{"x": [5.0], "a.x": [1.0], "b.x": [2.0]})
    both = model(("a", ("x",)), ("b", ("x",)), controls=("x",))
    assert log.bind(both).tolist() == [[1.0, 2.0]]


def test_regular_binds_to_the_one_sensor_and_keeps_tracks_first():
    z = np.arange(24.0).reshape(2, 4, 3)
    log = Log.regular(z, dt=0.5)
    assert log.tracks == 2
    assert len(log) == 4
    assert log.bind(model(("a", ("p", "q", "r")))).tolist() == z.tolist()
    columns = log.columns()
    assert columns["track"].tolist() == [0] * 4 + [1] * 4
    assert columns["time"].tolist() == [0.0, 0.5, 1.0, 1.5] * 2
    assert columns["z.1"].tolist() == z[..., 1].ravel().tolist()


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"speed": 1}, ["'speed' fits nothing", "radar.range, radar.bearing, lidar.x", "ignore="]),
        ({"range": 1}, ["'range' could be radar.range or lidar.range"]),
        ({"radar": 1}, ["radar has 1 column,", "measures 2 (range, bearing)"]),
        ({"radar": 3}, ["radar has 3 columns", "measures 2 (range, bearing)"]),
        ({"bearing": 2}, ["'bearing' fits nothing"]),
        ({"radar": 2, "x": 1}, ["no column for lidar.range, lidar.height: found radar, x, expected"]),
        ({"radar": 2, "bearing": 1}, ["'radar' and 'bearing' both bind to radar.bearing"]),
    ],
)
def test_columns_that_do_not_fit(columns, words):
    log = Log.from_arrays([0.0, 1.0], **{name: np.ones((2, width)) for name, width in columns.items()})
    with pytest.raises(DataError) as caught:
        log.bind(RADAR_LIDAR)
    for word in words:
        assert word in str(caught.value)


def test_regular_refuses_several_sensors_and_wrong_widths():
    log = Log.regular(np.ones((3, 2)), dt=1.0)
    with pytest.raises(DataError, match="has 2: radar, lidar"):
        log.bind(RADAR_LIDAR)
    with pytest.raises(DataError, match="z has 2 columns, but sensor 'a' measures 3"):
        log.bind(model(("a", ("p", "q", "r"))))


def test_controls_come_from_u_or_from_columns(tmp_path):
    driven = model(("radar", ("range",)), controls=("throttle", "steer"))
    log = Log.from_arrays([0, 1], u=[[NAN, NAN], [1, 2]], radar=[5.0, 6.0])
    np.testing.assert_array_equal(log.controls(driven), [[NAN, NAN], [1, 2]])
    file = write(tmp_path, "time,steer,range,throttle\n0,,5,\n1,2,6,1\n")
    np.testing.assert_array_equal(file.controls(driven), [[NAN, NAN], [1, 2]])
    np.testing.assert_array_equal(file.bind(driven), [[5], [6]])
    with pytest.raises(DataError, match="'steer' fits nothing"):
        file.bind(model(("radar", ("range",))))


def test_bad_controls():
    driven = model(("radar", ("range",)), controls=("throttle", "steer"))
    with pytest.raises(DataError, match=r"u\[1,1\] \(steer\) = nan"):
        Log.from_arrays([0, 1], u=[[1, 2], [3, NAN]], radar=[5, 6]).controls(driven)
    with pytest.raises(DataError, match="u has 1 columns, but the model declares 2"):
        Log.from_arrays([0, 1], u=[1, 2], radar=[5, 6]).controls(driven)
    with pytest.raises(DataError, match="no control 'throttle': found radar"):
        Log.from_arrays([0, 1], radar=[5, 6]).controls(driven)


# Files


def test_every_declared_token_is_missing_and_order_of_columns_is_free(tmp_path):
    text = "bearing,time,range\r\n,0,1.5\r\nNaN,0.5,-2e-3\r\nnan,1,NA\r\nnull, 1.5 ,+4\r\n\r\n"
    log = write(tmp_path, text)
    expected = [[1.5, NAN], [-2e-3, NAN], [NAN, NAN], [4, NAN]]
    np.testing.assert_array_equal(log.bind(model(("radar", ("range", "bearing")))), expected)
    assert log.dt().tolist() == [0.0, 0.5, 0.5, 0.5]


def test_byte_order_mark_and_quotes_are_not_part_of_a_name(tmp_path):
    log = write(tmp_path, b'\xef\xbb\xbf"time","range"\n"0","1.5"\n')
    assert list(log.columns()) == ["time", "range"]


def test_dt_replaces_the_time_column(tmp_path):
    log = write(tmp_path, "x_m,y_m\n1,2\nnan,nan\n", dt=0.051)
    assert log.time_ns.tolist() == [0, 51_000_000]
    with pytest.raises(DataError, match="expected one clock"):
        write(tmp_path, "time,x_m\n0,1\n", dt=0.051)


def test_a_blank_line_is_a_missing_reading_in_a_file_of_one_column(tmp_path):
    log = write(tmp_path, "range\n1\n\n3\n", dt=0.1)
    np.testing.assert_array_equal(log.columns()["range"], [1, NAN, 3])


def test_ignored_columns_are_not_read(tmp_path):
    log = write(tmp_path, "time,range,note\n0,1,fog\n", ignore=("note",))
    assert list(log.columns()) == ["time", "range"]


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("time,range\n0,1\n1,-\n", {}, ["line 3", "'range'", "'-' is not a number"]),
        ('time,range\n0,"1,5"\n', {}, ["line 2", "'range'", "'1,5'"]),
        ("time,range\n0,N/A\n", {}, ["'N/A'"]),
        ("time,range\n0,NAN\n", {}, ["'NAN'"]),
        ("time,range\n0,1_000\n", {}, ["'1_000'"]),
        ("time,range\n0,None\n", {}, ["'None'"]),
        ("time,range\n0,\x001\n", {}, ["line 2"]),
        ("time,range\n\n0,1\n\n1,x\n", {}, ["line 5", "'x'"]),
        ("time,range\n0,1\n1,2,3\n", {}, ["line 3", "3 cells", "header has 2"]),
        ("time,range\n0,1\n1\n", {}, ["line 3", "1 cells"]),
        ("time,range,range\n0,1,2\n", {}, ["two columns are called 'range'"]),
        ("time,,range\n0,1,2\n", {}, ["column 2 has no name"]),
        ("stamp,range\n0,1\n", {}, ["no column 'time'", "stamp, range", "dt="]),
        ("time;range\n0;1\n", {}, ["expected commas"]),
        ("time\n0\n", {}, ["no column of measurements"]),
        ("time,range\n0,1\n", {"ignore": "time"}, ["'time' is ignored", "dt="]),
        ("time,range\n0,x\n", {}, ["log.csv, line 2"]),
        ("time,range\n", {}, ["no rows"]),
        ("", {}, ["is empty"]),
        ('time,range\n0,"1\n1,2\n', {}, ["line 3", "unbalanced quote"]),
        (b"time,range\n0,1\xe9\n", {}, ["0xe9 at offset 14", "UTF-8"]),
        ("time,range\n0," + "1" * 200_000 + "\n", {}, ["line 2", "field"]),
    ],
)
def test_bad_files(tmp_path, text, options, words):
    with pytest.raises(DataError) as caught:
        write(tmp_path, text, **options)
    for word in words:
        assert word in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"nowhere\.csv: No such file"):
        Log.read(tmp_path / "nowhere.csv")
    with pytest.raises(DataError, match="Is a directory"):
        Log.read(tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("time,range\n0,1\n2,1\n1.5,1\n1,1\n", ["line 4: time = 1.5 s", "2 s", "Sort"]),
        ("time,range\n0,1\n,1\n", ["line 3: time = ''", "not a time"]),
        ("time,range\n0,1\n1700000000000,1\n", ["line 3", "292 years", "milliseconds"]),
        ("time,range\ninf,1\n", ["line 2"]),
        ("time,range\n10:15:00,1\n", ["line 2: time = '10:15:00'", "Convert clock times"]),
    ],
)
def test_bad_stamps_in_files(tmp_path, text, words):
    with pytest.raises(TimeError) as caught:
        write(tmp_path, text)
    for word in words:
        assert word in str(caught.value)


def test_rows_are_ordered_across_the_blocks_a_file_is_read_in(tmp_path, monkeypatch):
    monkeypatch.setattr("foglight.data.readers.whole.ROWS", 2)
    seen = []
    log = write(tmp_path, "time,range\n0,1\n1,2\n2,3\n3,4\n4,5\n", progress=seen.append)
    assert log.columns()["range"].tolist() == [1, 2, 3, 4, 5]
    assert seen == [2, 4, 5]
    with pytest.raises(TimeError, match=r"line 4: time = 0.5 s .* 1 s"):
        write(tmp_path, "time,range\n0,1\n1,2\n0.5,3\n")


def test_reading_is_linear_and_fast(tmp_path):
    rows = 100_000
    path = tmp_path / "long.csv"
    lines = (f"{i * 0.05:.2f},{i % 977 * 0.25},{'' if i % 7 else 1.5}\n" for i in range(rows))
    path.write_text("time,range,bearing\n" + "".join(lines))
    start = clock.perf_counter()
    log = Log.read(path)
    seconds = clock.perf_counter() - start
    assert len(log) == rows
    assert log.columns()["range"][976] == 244.0
    assert seconds < 5.0, f"{seconds:.1f} s for {rows} rows"


def test_columns_blocks_and_rows_by_index() -> None:
    log = Log.from_arrays(
        [0.0, 0.1, 0.3, 0.4], gps=[[1, 2], [3, 4], [5, 6], [7, 8]], speed=[1.0, np.nan, 2, 3], u=[0, 1, 2, 3]
    )
    assert log["gps.1"].tolist() == [2, 4, 6, 8] and log["gps"].shape == (4, 2)
    assert log["time"].tolist() == log.time.tolist() == [0.0, 0.1, 0.3, 0.4]
    part = log[1:3]
    assert part.time.tolist() == [0.1, 0.3] and part["gps.0"].tolist() == [3, 5]
    assert part["u"].tolist() == [1, 2] and part.dt().tolist() == [0.0, 0.2]
    assert log[-1:].time.tolist() == [0.4] and len(log[:]) == 4
    assert log.between(0.1, 0.4).time.tolist() == [0.1, 0.3]


def test_rows_of_tracks_keep_their_names() -> None:
    log = Log.from_arrays([0, 1, 2, 0, 1], z=[1.0, 2, 3, 4, 5], track=["ada", "ada", "ada", "ben", "ben"])
    part = log[2:4]
    assert part.track_names == ("ada", "ben") and part.starts().tolist() == [True, True]
    assert log[3:].track_names == ("ben",) and log[3:].track.tolist() == [0, 0]  # type: ignore[union-attr]
    many = Log.regular(np.arange(12.0).reshape(2, 6, 1), dt=1.0)[2:4]
    assert many.tracks == 2 and many.blocks["z"][:, :, 0].tolist() == [[2, 3], [8, 9]]


def test_dates_select_rows_of_a_log_with_dates() -> None:
    stamps = np.array(["2026-03-01T10:00", "2026-03-01T10:01", "2026-03-01T10:02"], "datetime64[s]")
    log = Log.from_arrays(stamps, z=[1.0, 2, 3])
    assert log.between(stamps[1], np.datetime64("2026-03-02")).blocks["z"][:, 0].tolist() == [2, 3]


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda log: log["radr"], r"log\[...\] = 'radr': expected a slice of rows, or one of time, radar"),
        (lambda log: log[5:], "expected at least one"),
        (lambda log: log[::2], "step = 2: expected rows one after another"),
        (lambda log: log.between(7.0, 9.0), "expected at least one"),
    ],
)
def test_unknown_names_and_empty_selections_are_refused(call: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        call(Log.from_arrays([0.0, 1.0, 2.0], radar=[1.0, 2, 3]))
