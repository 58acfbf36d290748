"""`Log.merge`: several tables with timestamps of their own become one log, as if merged by hand."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.typing import NDArray

import foglight as fog

Array = NDArray[np.float64]
RNG = np.random.default_rng(11)


def stamps(count: int, rate: float) -> Array:
    """Timestamps in milliseconds, some of them those of other tables."""
    return np.unique(np.round(np.cumsum(RNG.exponential(1.0 / rate, count)), 1))


GPS, COMPASS, ODOMETRY = stamps(40, 1.0), stamps(60, 2.0), stamps(50, 1.5)
XY, HEADING, SPEED = (
    RNG.normal(size=(len(GPS), 2)),
    RNG.normal(size=len(COMPASS)),
    RNG.normal(size=len(ODOMETRY)),
)
TURN = np.where(RNG.random(len(ODOMETRY)) < 0.3, np.nan, RNG.normal(size=len(ODOMETRY)))
TABLE = pd.DataFrame({"time": GPS, "x": XY[:, 0], "y": XY[:, 1]})
INPUTS = pd.DataFrame({"time": ODOMETRY, "speed": SPEED, "turn": TURN})


def by_hand(hold: bool) -> pd.DataFrame:
    """The same, by pandas."""
    every = pd.DataFrame({"time": np.unique(np.concatenate([GPS, COMPASS, ODOMETRY]))})
    gps = TABLE.rename(columns={"x": "gps.x", "y": "gps.y"})
    found = every.merge(gps, how="left").merge(
        pd.DataFrame({"time": COMPASS, "compass": HEADING}), how="left"
    )
    found = found.merge(INPUTS, how="left")
    if hold:
        found[["speed", "turn"]] = found[["speed", "turn"]].ffill()
    return found


@pytest.mark.parametrize("hold", [False, True])
def test_it_is_the_log_that_pandas_merges(hold: bool) -> None:
    log = fog.Log.merge(gps=TABLE, compass=(COMPASS, HEADING), u=INPUTS, hold=hold)
    expected = fog.Log.from_frame(by_hand(hold))
    assert log.time_ns.tolist() == expected.time_ns.tolist() and log.inputs == ("speed", "turn")
    for name, column in expected.columns().items():
        np.testing.assert_array_equal(log.columns()[name], column, err_msg=name)


@pytest.mark.parametrize("column", ["speed", "turn"])
def test_held_inputs_are_those_of_merge_asof(column: str) -> None:
    log = fog.Log.merge(gps=TABLE, compass=(COMPASS, HEADING), u=INPUTS, hold=True)
    known = INPUTS[["time", column]].dropna()
    expected = pd.merge_asof(pd.DataFrame({"time": log.time}), known, on="time")
    np.testing.assert_array_equal(log[column], expected[column])


FORMS: dict[str, Callable[[], tuple[Any, Any]]] = {
    "pandas": lambda: (TABLE, INPUTS),
    "polars": lambda: (pl.from_pandas(TABLE), pl.from_pandas(INPUTS, nan_to_null=False)),
    "pyarrow": lambda: (pa.Table.from_pandas(TABLE), pa.Table.from_pandas(INPUTS)),
    "dicts": lambda: (
        {"time": GPS, "x": XY[:, 0], "y": list(XY[:, 1])},
        {"time": ODOMETRY, "speed": SPEED, "turn": TURN},
    ),
    "logs": lambda: (fog.Log.from_frame(TABLE), fog.Log.from_arrays(ODOMETRY, speed=SPEED, turn=TURN)),
    "one by one": lambda: (TABLE, {"speed": (ODOMETRY, SPEED), "turn": {"time": ODOMETRY, "rate": TURN}}),
    "by full names": lambda: (TABLE.rename(columns={"x": "gps.x", "y": "gps.y"}), INPUTS),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_table(form: str) -> None:
    gps, u = FORMS[form]()
    log = fog.Log.merge(gps=gps, u=u, compass=[COMPASS.tolist(), HEADING.tolist()], hold=True)
    expected = fog.Log.merge(gps=TABLE, compass=(COMPASS, HEADING), u=INPUTS, hold=True)
    assert set(log.columns()) == set(expected.columns())
    for name, column in expected.columns().items():
        np.testing.assert_array_equal(log.columns()[name], column, err_msg=name)


def test_pairs_hold_arrays_in_the_order_of_a_model() -> None:
    log = fog.Log.merge(gps=(GPS, XY), u=(ODOMETRY, np.column_stack([SPEED, TURN])), hold=True)
    named = fog.Log.merge(gps=TABLE, u=INPUTS, hold=True)
    assert log.u is not None
    np.testing.assert_array_equal(log.u, np.column_stack([named["speed"], named["turn"]]))
    np.testing.assert_array_equal(log["gps"], np.column_stack([named["gps.x"], named["gps.y"]]))


def test_values_before_the_first_input() -> None:
    log = fog.Log.merge(gps=(GPS, XY), u={"a": ([2.0], [1.0]), "b": ([3.0], [7.0])}, hold={"b": -1.0})
    np.testing.assert_array_equal(log["a"], np.where(log.time < 2.0, np.nan, 1.0))
    np.testing.assert_array_equal(log["b"], np.where(log.time < 3.0, -1.0, 7.0))


def test_a_timestamp_that_occurs_twice() -> None:
    """As often as in the table in which it occurs most."""
    log = fog.Log.merge(
        a=([0, 1, 1, 2], [1.0, 2.0, 3.0, 4.0]), b=([1, 1, 1], [5.0, 6.0, 7.0]), u=([1], [9.0])
    )
    assert log.time.tolist() == [0.0, 1.0, 1.0, 1.0, 2.0]
    np.testing.assert_array_equal(log["a"], [1.0, 2.0, 3.0, np.nan, 4.0])
    np.testing.assert_array_equal(log["b"], [np.nan, 5.0, 6.0, 7.0, np.nan])
    np.testing.assert_array_equal(log["u"], [np.nan, 9.0, np.nan, np.nan, np.nan])


def test_tracks() -> None:
    gps = {"time": [5, 6, 1, 2], "who": ["ann", "ann", "bob", "bob"], "x": [1.0, 2.0, 3.0, 4.0]}
    u = {"time": [1.5, 0.0, 5.5], "who": ["bob", "cal", "cal"], "push": [7.0, 8.0, 9.0]}
    log = fog.Log.merge(gps=gps, u=u, track="who", hold=True)
    assert log.track_names == ("ann", "bob", "cal")
    found = log.columns()
    assert found["track"].tolist() == ["ann"] * 2 + ["bob"] * 3 + ["cal"] * 2
    assert found["time"].tolist() == [5.0, 6.0, 1.0, 1.5, 2.0, 0.0, 5.5]
    np.testing.assert_array_equal(found["gps.x"], [1.0, 2.0, 3.0, np.nan, 4.0, np.nan, np.nan])
    np.testing.assert_array_equal(found["push"], [np.nan, np.nan, np.nan, 7.0, 7.0, 8.0, 9.0])


def test_dates_and_units() -> None:
    first = datetime(2026, 3, 2, 12)
    dates = [first + timedelta(milliseconds=k) for k in (0, 33)]
    log = fog.Log.merge(
        a=pd.DataFrame({"time": pd.to_datetime(dates), "v": [1.0, 2.0]}),
        b=(np.array(dates[1:], "M8[ms]"), [3.0]),
    )
    np.testing.assert_array_equal(log["b"], [np.nan, 3.0])
    assert log.time_ns[1] - log.time_ns[0] == 33_000_000 and "2026-03-02" in repr(log)
    counted = fog.Log.merge(a=([0, 33], [1.0, 2.0]), b=([33.0], [3.0]), unit="ms")
    np.testing.assert_array_equal(counted.dt(), [0.0, 0.033])


def robot() -> fog.Model:
    motion = fog.Motion(
        ("x", "y", "heading"),
        lambda x, dt, u: [
            x.x + dt * u.speed * np.cos(x.heading),
            x.y + dt * u.speed * np.sin(x.heading),
            x.heading + dt * u.turn,
        ],
        lambda dt: np.diag([0.01 * dt, 0.02 * dt, 0.001 * dt]),
        controls=("speed", "turn"),
        angles=("heading",),
    )
    sensors = [
        fog.sensing.linear("gps", of=("x", "y"), std=0.5),
        fog.Sensor("compass", ("heading",), lambda x: [x.heading], lambda: [[0.01]], angles=("heading",)),
    ]
    return fog.Model(motion, sensors, fog.Belief([0.0, 0.0, 0.0], std=[1.0, 1.0, 0.3]))


def test_a_run_is_that_of_the_log_merged_by_hand() -> None:
    begin = {"turn": 0.0, "speed": 0.0}
    log = fog.Log.merge(gps=TABLE, compass=(COMPASS, HEADING), u=INPUTS, hold=begin)
    expected = fog.Log.from_frame(by_hand(True).fillna(begin))
    runs = [fog.run(robot(), each) for each in (log, expected)]
    assert runs[0].filtered.mean.tobytes() == runs[1].filtered.mean.tobytes()
    assert runs[0].loglik == runs[1].loglik
    live = fog.online(robot())
    for k in range(len(log)):
        z = [log["gps.x"][k], log["gps.y"][k], log["compass"][k]]
        live.step(float(log.time[k]), None, z, u={"speed": log["speed"][k], "turn": log["turn"][k]})
    assert live.belief.mean.tobytes() == runs[0].filtered.mean[-1].tobytes()


def test_an_input_that_is_needed_and_missing() -> None:
    log = fog.Log.merge(gps=(GPS, XY), compass=(COMPASS, HEADING), u=INPUTS)
    k = int(np.flatnonzero(np.isnan(log["speed"][1:]))[0]) + 1
    with pytest.raises(fog.DataError, match=rf"u\[{k},0\] \(speed\) = nan: expected a number") as refused:
        fog.run(robot(), log)
    assert (refused.value.field, refused.value.index) == ("u", (k, 0))
    known = np.isfinite(log["speed"][:k]).any()
    assert ("hold=True carries the last one forward" in str(refused.value)) == known
    late = {"speed": ([30.0], [1.0]), "turn": ([0.0], [0.0])}
    with pytest.raises(fog.DataError, match=r"none comes before it to be held.*hold={'speed': 0.0}"):
        fog.run(robot(), fog.Log.merge(gps=(GPS, XY), compass=(COMPASS, HEADING), u=late, hold=True))


def test_describe_lists_inputs_apart() -> None:
    held = {"speed": ([0.0], [1.0]), "turn": (ODOMETRY, TURN)}
    text = str(fog.Log.merge(gps=TABLE, compass=(COMPASS, HEADING), u=held, hold=True).describe())
    names = [line.partition("  ")[0] for line in text.splitlines()[2:]]
    assert names[:5] == ["gps.x", "gps.y", "compass", "speed (control)", "turn (control)"]
    assert "repeats='skip'" not in text and "stuck" not in text


def test_a_log_can_be_written_and_read_again(tmp_path: Any) -> None:
    log = fog.Log.merge(gps=TABLE, compass=(COMPASS, HEADING), u=INPUTS, hold={"turn": 0.0, "speed": 0.0})
    log.write(tmp_path / "merged.csv")
    again = fog.Log.read(tmp_path / "merged.csv")
    assert fog.run(robot(), again).loglik == fog.run(robot(), log).loglik


REFUSED: list[tuple[Callable[[], Any], type, str, Any]] = [
    (lambda: fog.Log.merge(), fog.DataError, "no sensor given", "sensors"),
    (lambda: fog.Log.merge(gps=np.ones((3, 2))), fog.DataError, r"expected a table with timestamps", "gps"),
    (lambda: fog.Log.merge(gps={"x": [1.0]}), fog.DataError, "gps: there is no 'time': found x", "gps"),
    (lambda: fog.Log.merge(gps={"time": [1.0]}), fog.DataError, "gps: there is nothing beside 'time'", "gps"),
    (lambda: fog.Log.merge(gps=([0, 1], [1, 2, 3])), fog.DataError, r"gps: z has shape \(3,\)", "gps"),
    (
        lambda: fog.Log.merge(gps=([1, 0], [1, 2])),
        fog.TimeError,
        r"gps: time\[1\] = 0 s is earlier",
        "gps.time",
    ),
    (
        lambda: fog.Log.merge(gps=TABLE, c=(np.array(["2026-01-01"], "M8[s]"), [1.0])),
        fog.TimeError,
        "c has dates without a zone, and gps has numbers: expected one clock",
        "time",
    ),
    (lambda: fog.Log.merge(gps=TABLE, hold=True), fog.DataError, "expected u=, which is to be held", "hold"),
    (
        lambda: fog.Log.merge(gps=TABLE, u=([0], [1.0]), hold={"a": 1.0}),
        fog.DataError,
        "expected True, since u has no names",
        "hold",
    ),
    (
        lambda: fog.Log.merge(gps=TABLE, u={"a": ([0], [1.0])}, hold={"b": 1.0}),
        fog.DataError,
        r"hold\['b'\] = 'b': expected one of the controls a",
        "hold",
    ),
    (
        lambda: fog.Log.merge(gps=TABLE, u={"a": ([0], [1.0])}, hold={"a": np.nan}),
        fog.DataError,
        "expected True, False or",
        "hold",
    ),
    (
        lambda: fog.Log.merge(gps=TABLE, u={"gps.x": ([0], [1.0])}),
        fog.DataError,
        "u has a column 'gps.x', and a sensor has that name",
        "u",
    ),
    (
        lambda: fog.Log.merge(gps=TABLE, u={"a": ([0], [[1.0, 2.0]])}),
        fog.DataError,
        r"u\['a'\] has 2 columns: expected one control",
        "u",
    ),
    (
        lambda: fog.Log.merge(gps={"time": [0], "id": [1], "x": [1]}, c=([0], [1]), track="id"),
        fog.DataError,
        "c does not say which track its rows belong to",
        "track",
    ),
    (
        lambda: fog.Log.merge(gps=fog.Log.regular(np.ones((2, 3, 1)), dt=1.0)),
        fog.DataError,
        "expected a log of one sensor",
        "gps",
    ),
]


@pytest.mark.parametrize(("make", "error", "message", "field"), REFUSED)
def test_bad_tables(make: Callable[[], Any], error: type, message: str, field: str) -> None:
    with pytest.raises(error, match=message) as refused:
        make()
    assert refused.value.field == field  # type: ignore[attr-defined]
