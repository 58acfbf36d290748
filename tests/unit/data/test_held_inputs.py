"""`hold`: controls that have a value only now and then, in arrays, tables, parts of files and on the command line."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import foglight as fog
from foglight.cli.main import main
from foglight.data.controls import carried_forward
from foglight.inference.stream import Stream

START = fog.Belief([3.6], std=[0.2])


def battery(*more: fog.Sensor) -> fog.Model:
    """Charge, emptied by a current, which the voltage also depends on."""
    motion = fog.Motion(
        ("charge",),
        lambda x, dt, u: [x.charge - 0.001 * dt * u.current],
        lambda dt: [[1e-4 * dt]],
        controls=("current",),
    )
    voltmeter = fog.Sensor(
        "voltmeter",
        ("voltage",),
        lambda x, p, u: [3.0 + 0.2 * x.charge - p.r * u.current - 0.01 * (u.heat - 20.0)],
        lambda: [[1e-3]],
        {"r": 0.05},
        controls=("current", "heat"),
    )
    return fog.Model(motion, [voltmeter, *more], START)


ROWS = """time,what,value
0.0,current,1.5
0.0,heat,21.0
0.0,voltmeter,3.70
1.0,voltmeter,3.69
1.5,current,-0.5
2.0,voltmeter,3.80
2.0,heat,25.0
2.5,voltmeter,3.79
2.5,current,0.25
3.0,voltmeter,3.72
"""
# The same with one row for each timestamp, and every value in its place.
TIMES = [0.0, 1.0, 1.5, 2.0, 2.5, 3.0]
VOLTAGE = [3.70, 3.69, np.nan, 3.80, 3.79, 3.72]
CURRENT = [1.5, 1.5, -0.5, -0.5, 0.25, 0.25]
HEAT = [21.0, 21.0, 21.0, 25.0, 25.0, 25.0]


def whole() -> fog.Run:
    u = pd.DataFrame({"heat": HEAT, "current": CURRENT})
    return fog.run(battery(), fog.Log.from_arrays(TIMES, voltmeter=VOLTAGE, u=u))


def test_rows_of_a_long_table_hold_inputs(tmp_path: Path) -> None:
    """A row named after a control holds it, whatever its column is called; rows of one stamp share it."""
    path = tmp_path / "battery.csv"
    path.write_text(ROWS.replace("1.0,voltmeter", "1.0,voltmeter"))
    log = fog.Log.read(path, sensor="what", hold=True)
    run = fog.run(battery(), log)
    assert run.belief.mean.tobytes() == whole().belief.mean.tobytes() and run.loglik == whole().loglik
    u = log.controls(battery())
    expected = pd.merge_asof(
        pd.DataFrame({"time": log.time}),
        pd.DataFrame({"time": TIMES, "current": CURRENT, "heat": HEAT}),
        on="time",
    )
    np.testing.assert_array_equal(u, expected[["current", "heat"]])
    frame = pd.read_csv(path)
    assert fog.run(battery(), fog.Log.from_frame(frame, sensor="what", hold=True)).loglik == run.loglik


def test_rows_of_several_inputs_bind_by_their_columns(tmp_path: Path) -> None:
    path = tmp_path / "battery.csv"
    path.write_text(
        "time,what,voltage,current,heat\n0,bms,,1.5,21\n0,voltmeter,3.7,,\n1,voltmeter,3.69,,\n1.5,bms,,-0.5,\n"
        "2,bms,,,25\n2,voltmeter,3.8,,\n2.5,bms,,0.25,\n2.5,voltmeter,3.79,,\n3,voltmeter,3.72,,\n"
    )
    log = fog.Log.read(path, sensor="what", hold=True)
    assert fog.run(battery(), log).loglik == whole().loglik
    text = str(log.describe(battery()))
    assert "bms.current (control)" in text and "repeats='skip'" not in text


def test_a_sensor_that_is_not_in_the_model_is_still_refused(tmp_path: Path) -> None:
    path = tmp_path / "battery.csv"
    path.write_text(ROWS + "4.0,voltmetre,3.7\n")
    with pytest.raises(fog.DataError, match="the log names a sensor 'voltmetre': expected voltmeter"):
        fog.run(battery(), fog.Log.read(path, sensor="what", hold=True))


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 6, 7])
def test_parts_of_a_file_hold_what_came_before(tmp_path: Path, rows: int) -> None:
    path = tmp_path / "battery.csv"
    ordered = ROWS.splitlines(keepends=True)
    for first in (7, 9):  # the inputs of a stamp before its readings, so that no part ends between them
        ordered[first - 1], ordered[first] = ordered[first], ordered[first - 1]
    path.write_text("".join(ordered))
    stream = Stream(battery(), fog.EKF())
    for part in fog.open_log(path, sensor="what", hold=True).parts(rows=rows):
        run = stream.feed(part.log, part.goes_on)
        state = stream.state()
        stream = Stream(battery(), fog.EKF())
        stream.restore(state)
    assert run.belief.mean.tobytes() == whole().belief.mean.tobytes()
    assert stream.end().open == whole().loglik


def test_a_stamp_that_two_parts_share_is_refused_where_it_would_matter(tmp_path: Path) -> None:
    path = tmp_path / "battery.csv"
    path.write_text(ROWS)
    stream = Stream(battery(), fog.EKF())
    parts = fog.open_log(path, sensor="what", hold=True).parts(rows=6)
    stream.feed(next(parts).log, False)
    with pytest.raises(fog.DataError, match=r"u\[6,1\] \(heat\) = 25: rows of the same stamp.* have held 21"):
        stream.feed(next(parts).log, True)


MODEL_FILE = """
import foglight as fog

motion = fog.Motion(
    ("charge",),
    lambda x, dt, u, t: [x.charge - 0.001 * dt * u.current * (1.0 + 0.01 * t)],
    lambda dt: [[1e-4 * dt]],
    controls=("current",),
)
gauge = fog.sensing.linear("gauge", of="charge", std=0.1)
model = fog.Model(motion, [gauge], fog.Belief([3.6], std=[0.2]))
"""


def test_a_wide_table_and_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty cells of a control; the model also takes the time."""
    monkeypatch.chdir(tmp_path)
    Path("cell.py").write_text(MODEL_FILE)
    given = pd.DataFrame({"time": TIMES, "gauge": VOLTAGE, "current": CURRENT})
    given.assign(current=given["current"].where([True, False, True, False, True, False])).to_csv(
        "log.csv", index=False
    )
    model = _model()
    read = fog.Log.read("log.csv", hold=True)
    np.testing.assert_array_equal(read.controls(model)[:, 0], CURRENT)
    run = fog.run(model, fog.Log.from_frame(given))
    assert fog.run(model, read).loglik == run.loglik
    with pytest.raises(
        fog.DataError, match=r"u\[1,0\] \(current\) = nan.*hold=True carries the last one forward"
    ):
        fog.run(model, fog.Log.read("log.csv"))
    for more in ([], ["--resume"]):
        words = ["run", "cell.py:model", "log.csv", "--hold", "-o", "out.csv", *more]
        done = CliRunner().invoke(main, words)
        assert done.exit_code == 0, done.output
        charge = pd.read_csv("out.csv")["charge"].to_numpy()
        assert charge.tolist() == run.filtered.mean[:, 0].tolist()
    refused = CliRunner().invoke(main, ["run", "cell.py:model", "log.csv", "-o", "out.csv"])
    assert refused.exit_code != 0 and "u[1,0] (current) = nan" in refused.output


def test_the_command_line_states_a_value_before_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cell.py").write_text(MODEL_FILE)
    given = pd.DataFrame({"time": TIMES, "gauge": VOLTAGE, "current": CURRENT})
    given.assign(current=given["current"].where(given["time"] >= 2.5)).to_csv("log.csv", index=False)
    run = fog.run(_model(), fog.Log.read("log.csv", hold={"current": 0.5}))
    words = ["run", "cell.py:model", "log.csv", "-o", "out.csv"]
    for more in ([], ["--hold", "--resume"]):
        done = CliRunner().invoke(main, [*words, "--hold-from", "current=0.5", *more])
        assert done.exit_code == 0, done.output
        assert pd.read_csv("out.csv")["charge"].tolist() == run.filtered.mean[:, 0].tolist()
    for faulty, said in (
        (["--hold"], "Give the one before the first: --hold-from current=0.0"),
        (["--hold-from", "current"], "'current': expected NAME=VALUE, such as current=0.5"),
        (["--hold-from", "current=nan"], "expected NAME=VALUE"),
        (["--hold-from", "current=1", "--hold-from", "current=2"], "'current' was given twice"),
        (["--hold-from", "curent=1"], "hold['curent'] = 'curent': expected one of the controls current"),
    ):
        refused = CliRunner().invoke(main, [*words, *faulty])
        assert refused.exit_code != 0 and said in refused.output, refused.output


def _model() -> fog.Model:
    names: dict[str, Any] = {}
    exec(MODEL_FILE, names)
    model: fog.Model = names["model"]
    return model


def test_arrays_and_series_at_equal_steps() -> None:
    sparse = np.array([np.nan, 1.0, np.nan, np.nan, 2.0, np.nan])
    held = fog.Log.from_arrays(TIMES, voltmeter=VOLTAGE, u=sparse, hold=True)
    assert held.u is not None and held.u[1:, 0].tolist() == [1.0, 1.0, 1.0, 2.0, 2.0]
    z = np.zeros((2, 6, 1))
    shared = fog.Log.regular(z, dt=1.0, u=sparse, hold=True)
    own = fog.Log.regular(z, dt=1.0, u=np.stack([sparse, -sparse])[:, :, None], hold=True)
    assert shared.u is not None and shared.u.shape == (6, 1) and own.u is not None
    np.testing.assert_array_equal(own.u[1], -own.u[0])
    np.testing.assert_array_equal(own.columns()["u"], np.concatenate([own.u[0, :, 0], own.u[1, :, 0]]))
    np.testing.assert_array_equal(shared.columns()["u"], np.tile(shared.u[:, 0], 2))
    assert own[2:].u is not None and own[2:].u.shape == (2, 4, 1)
    assert "u (control)" in str(shared.describe()) and "u (control)" in str(own.describe())


@pytest.mark.parametrize("named", [False, True])
def test_controls_of_a_log_at_equal_steps(named: bool) -> None:
    """`Log.regular(u=...)` is the log from arrays, for one series and for several."""
    model = fog.Model(battery().motion, [fog.sensing.linear("gauge", of="charge", std=0.1)], START)
    z = 3.6 + 0.1 * np.random.default_rng(0).normal(size=(3, 6, 1))
    u = (
        pd.DataFrame({"current": CURRENT, "time of day": CURRENT})[["current"]]
        if named
        else np.array(CURRENT)
    )
    run = fog.run(model, fog.Log.regular(z, dt=0.5, u=u))
    for k in range(3):
        one = fog.Log.from_arrays(0.5 * np.arange(6), gauge=z[k], u=np.array(CURRENT))
        assert run.filtered.mean[k].tobytes() == fog.run(model, one).filtered.mean.tobytes()
    own = np.stack([np.array(CURRENT) * k for k in range(3)])[:, :, None]
    run = fog.run(model, fog.Log.regular(z, dt=0.5, u=own))
    one = fog.Log.from_arrays(0.5 * np.arange(6), gauge=z[2], u=own[2])
    assert run.filtered.mean[2].tobytes() == fog.run(model, one).filtered.mean.tobytes()
    assert fog.smooth(run).mean[2].tobytes() == fog.smooth(fog.run(model, one)).mean.tobytes()


BAD: list[tuple[Any, str]] = [
    (np.ones((2, 6, 1)), r"u has shape \(2, 6, 1\), but z has 3 series of 6 rows: expected \(3, 6, n_u\)"),
    (np.ones((5, 1)), r"u has shape \(5, 1\)"),
    (pd.DataFrame({"current": CURRENT, "heta": HEAT}), "column 'heta' fits nothing in the model"),
    (np.array([1.0, 1.0, np.nan, 1.0, 1.0, 1.0]), r"u\[2,0\] \(current\) = nan: expected a number"),
]


@pytest.mark.parametrize(("u", "message"), BAD)
def test_controls_that_do_not_fit(u: Any, message: str) -> None:
    model = fog.Model(battery().motion, [fog.sensing.linear("gauge", of="charge", std=0.1)], START)
    with pytest.raises(fog.DataError, match=message):
        fog.run(model, fog.Log.regular(np.ones((3, 6, 1)), dt=0.5, u=u))


def test_carrying_forward_stays_within_a_track() -> None:
    u = np.array([[np.nan], [1.0], [np.nan], [np.nan], [2.0], [np.nan]])
    starts = np.array([True, False, False, True, False, False])
    time_ns = np.array([0, 1, 2, 0, 0, 1])
    found = carried_forward(u, time_ns, starts, np.array([-1.0]), np.array([9.0]))
    assert found[:, 0].tolist() == [9.0, 1.0, 1.0, 2.0, 2.0, 2.0]
    found = carried_forward(u, time_ns + np.arange(6), starts, np.array([-1.0]))
    assert found[:, 0].tolist() == [-1.0, 1.0, 1.0, -1.0, 2.0, 2.0]


@pytest.mark.parametrize("seed", range(5))
def test_held_inputs_are_those_of_pandas(seed: int) -> None:
    """Several rows of one stamp hold the last value of that stamp."""
    rng = np.random.default_rng(seed)
    time_ns = np.cumsum(rng.integers(0, 3, 40))
    u = np.where(rng.random((40, 2)) < 0.6, np.nan, rng.normal(size=(40, 2)))
    found = carried_forward(u, time_ns, np.arange(40) == 0, np.full(2, np.nan))
    for column in range(2):
        known = pd.DataFrame({"t": time_ns, "v": u[:, column]}).dropna()
        expected = pd.merge_asof(pd.DataFrame({"t": time_ns}), known, on="t")["v"].to_numpy()
        given = ~np.isnan(u[:, column])
        np.testing.assert_array_equal(found[~given, column], expected[~given])
        np.testing.assert_array_equal(found[given, column], u[given, column])


def test_inputs_are_given_by_name_as_columns() -> None:
    u: Any = {"heat": np.array(HEAT), "current": CURRENT}
    log = fog.Log.from_arrays(TIMES, voltmeter=VOLTAGE, u=u)
    assert np.array_equal(fog.run(battery(), log).filtered.mean, whole().filtered.mean)
    gaps = {"heat": [np.nan, *HEAT[1:]], "current": [1.5, np.nan, -0.5, np.nan, 0.25, np.nan]}
    held = fog.Log.regular(VOLTAGE, dt=1.0, u=gaps, hold={"heat": 21.0})
    np.testing.assert_array_equal(held.controls(battery()), np.column_stack([CURRENT, HEAT]))
    for wrong, message in (
        ({}, "expected a control by its name"),
        ({"heat": np.ones((6, 2))}, r"u\['heat'\] has 2 columns: expected one control by its name"),
        ({3: HEAT}, r"u\[3\] = 3: expected the name of a control"),
        ({"voltmeter": HEAT}, "a sensor has that name"),
    ):
        with pytest.raises(fog.DataError, match=message) as refused:
            fog.Log.regular(pd.DataFrame({"voltmeter": VOLTAGE, "w": VOLTAGE}), dt=1.0, u=wrong)
        assert refused.value.field == "u"
