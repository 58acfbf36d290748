"""Tables in long format: a row names its sensor, and the columns are matched to its measures."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foglight.core.errors import DataError
from foglight.data.log import Log
from unit.data.test_log import model

NAN = float("nan")
ROBOT = model(("radar", ("range", "bearing")), ("gps", ("east", "north")), ("gauge", ("level",)))


def read(folder: Path, text: str, **options: Any) -> Log:
    path = folder / "log.csv"
    path.write_text(text)
    return Log.read(path, sensor="who", **options)


def test_columns_bind_by_measure_or_in_order_and_equal_stamps_stay_rows(tmp_path: Path) -> None:
    text = "time,who,bearing,range,x,y\n0,radar,0.1,5,,\n0,gps,,,3,4\n1,radar,,6,,\n1,radar,0.3,,,\n2,gps,,,7,8\n"
    log = read(tmp_path, text)
    assert log.time_ns.tolist() == [0, 0, 10**9, 10**9, 2 * 10**9]
    assert list(log.blocks) == ["radar.bearing", "radar.range", "gps.x", "gps.y"]
    expected = [
        [5, 0.1, NAN, NAN, NAN],
        [NAN, NAN, 3, 4, NAN],
        [6, NAN, NAN, NAN, NAN],
        [NAN, 0.3, NAN, NAN, NAN],
        [NAN, NAN, 7, 8, NAN],
    ]
    np.testing.assert_array_equal(log.bind(ROBOT), expected)


def test_a_sensor_that_is_not_named_was_silent(tmp_path: Path) -> None:
    log = read(tmp_path, "time,who,level\n0,gauge,5\n1,gauge,6\n")
    np.testing.assert_array_equal(log.bind(ROBOT)[:, 4], [5, 6])
    assert np.isnan(log.bind(ROBOT)[:, :4]).all()


def test_a_row_without_values_is_a_row(tmp_path: Path) -> None:
    log = read(tmp_path, "time,who,level\n0,gauge,\n1,radar,\n")
    assert len(log) == 2 and not log.blocks
    assert np.isnan(log.bind(model(("gauge", ("level",)), ("radar", ("level",))))).all()
    assert repr(log).startswith("Log(2 rows, 1 s")


def test_controls_act_in_every_row_whatever_its_sensor(tmp_path: Path) -> None:
    driven = model(("gauge", ("level",)), ("radar", ("range",)), controls=("throttle",))
    log = read(tmp_path, "time,who,level,range,throttle\n0,gauge,5,,\n1,radar,,7,0.5\n2,gauge,6,,0.25\n")
    np.testing.assert_array_equal(log.controls(driven), [[NAN], [0.5], [0.25]])
    np.testing.assert_array_equal(log.bind(driven), [[5, NAN], [NAN, 7], [6, NAN]])


def test_a_control_without_a_value_so_far_is_a_control(tmp_path: Path) -> None:
    """The first part of a file may contain only rows that begin tracks."""
    driven = model(("gauge", ("level",)), controls=("throttle",))
    log = read(tmp_path, "time,who,level,throttle\n0,gauge,5,\n")
    np.testing.assert_array_equal(log.controls(driven), [[NAN]])
    with pytest.raises(DataError, match=r"u\[1,0\] \(throttle\) = nan: expected a number"):
        read(tmp_path, "time,who,level,throttle\n0,gauge,5,\n1,gauge,5,\n").controls(driven)
    with pytest.raises(DataError, match="the log has no control 'throttle'"):
        read(tmp_path, "time,who,level\n0,gauge,5\n").controls(driven)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("time,who,level\n0,sonar,5\n", "the log names a sensor 'sonar': expected radar, gps, gauge"),
        (
            "time,who,range,noise\n0,radar,5,1\n",
            "sensor 'radar' has a value in 'noise': expected its measures range",
        ),
        ("time,who,x,y,z\n0,gps,5,1,2\n", "sensor 'gps' has values in x, y, z"),
        ("time,who,range\n0,radar,5\n", "sensor 'radar' has no column for bearing"),
        ("time,who,x\n0,gps,5\n", "sensor 'gps' has values in x: expected its measures east, north"),
    ],
)
def test_columns_that_fit_no_measure(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(DataError, match=re.escape(words)) as caught:
        read(tmp_path, text).bind(ROBOT)
    assert caught.value.field in ("sonar", "radar", "gps")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("time,who,level\n0,gauge,5\n1,,5\n", "line 3: who = '' is not a name"),
        ("time,who,level\n0," + "g" * 101 + ",5\n", "line 2: who = 'gggg"),
        ("time,who,level\n0,gauge,-\n", "line 2, column 'level': '-' is not a number"),
        ("time,who\n0,gauge\n", "no column of measurements"),
        ("time,who,level\n" + "".join(f"{k},g{k},1\n" for k in range(300)), "names more than 256 sensors"),
        ("time,who,b.c,c\n0,a,1,\n1,a.b,,2\n", "two of 'who' and the columns give the same name"),
    ],
)
def test_long_files_that_are_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(DataError, match=re.escape(words)):
        read(tmp_path, text)


def test_wide_and_long_tables_give_the_same_run(tmp_path: Path) -> None:
    import foglight as fog

    start = fog.Belief([5.0, 1.0], cov=np.array([[1.0, 0.2], [0.2, 0.5]]))
    motion = fog.motion.constant_velocity(("gap",), accel=0.4)
    sensors = [fog.sensing.linear("radar", of="gap", std=0.8), fog.sensing.linear("lidar", of="gap", std=0.1)]
    two = fog.Model(motion, sensors, start)
    path = tmp_path / "wide.csv"
    path.write_text("time,radar,lidar\n0,5,\n0.3,,5.1\n0.3,5.5,\n1,6,\n")
    long = read(tmp_path, "time,who,value\n0,radar,5\n0.3,lidar,5.1\n0.3,radar,5.5\n1,radar,6\n")
    runs = [fog.run(two, log) for log in (Log.read(path), long)]
    assert runs[0].filtered.mean.tobytes() == runs[1].filtered.mean.tobytes()
    assert runs[0].status.tolist() == runs[1].status.tolist()
