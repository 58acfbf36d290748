"""Names that a user gives, at every door: they decide, or the value is refused; two orders are never mixed up."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import foglight as fog
from foglight.core.entry_names import column_names, entry_names, ordered

START = fog.Belief([0.5, -1.0], std=[2.0, 3.0], names=("x", "y"))
GPS = fog.sensing.linear("gps", of=("x", "y"), std=[1.0, 2.0])
WALK = fog.Model(fog.motion.random_walk(("x", "y"), std=[0.3, 0.7]), [GPS], START)
PUSHED = fog.Model(
    fog.Motion(
        ("x", "y"),
        lambda x, dt, p, u: [x.x + dt * u.east, x.y + dt * u.north],
        lambda x, dt, p, u: np.diag([0.1, 0.3]) * dt,
        controls=("east", "north"),
    ),
    [GPS],
    START,
)
FRAMES = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}
frames = pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)


@frames
def test_columns_of_a_frame_are_the_measures_of_their_names(frame: Callable[[Any], Any]) -> None:
    swapped = frame({"y": [10.0, 20.0], "x": [1.0, 2.0]})
    assert fog.Log.from_arrays([0.0, 1.0], gps=swapped).bind(WALK).tolist() == [[1.0, 10.0], [2.0, 20.0]]
    assert fog.Log.regular(swapped, dt=1.0).bind(WALK).tolist() == [[1.0, 10.0], [2.0, 20.0]]
    full = frame({"gps.y": [10.0, 20.0], "gps.x": [1.0, 2.0]})
    assert fog.Log.from_arrays([0.0, 1.0], gps=full).bind(WALK).tolist() == [[1.0, 10.0], [2.0, 20.0]]
    with pytest.raises(
        fog.DataError, match=r"column 'gps.z' fits nothing in the model: expected gps.x, gps.y"
    ):
        fog.Log.from_arrays([0.0, 1.0], gps=frame({"x": [1.0, 2.0], "z": [1.0, 2.0]})).bind(WALK)


@frames
def test_columns_of_a_frame_are_the_controls_of_their_names(frame: Callable[[Any], Any]) -> None:
    u = frame({"north": [0.0, 100.0], "east": [0.0, 3.0]})
    plain = np.array([[0.0, 0.0], [3.0, 100.0]])
    log = fog.Log.from_arrays([0.0, 1.0], gps=[[1.0, 2.0], [3.0, 4.0]], u=u)
    np.testing.assert_array_equal(log.controls(PUSHED), plain)
    named, arrays = (fog.simulate(PUSHED, 2, 1.0, seed=3, u=given)[1] for given in (u, plain))
    np.testing.assert_array_equal(named, arrays)
    run = fog.run(PUSHED, log)
    named_ahead, plain_ahead = (fog.forecast(run, steps=2, u=given).state.mean for given in (u, plain))
    np.testing.assert_array_equal(named_ahead, plain_ahead)
    wrong = frame({"north": [0.0, 100.0], "west": [0.0, 3.0]})
    for call in (
        lambda: fog.Log.from_arrays([0.0, 1.0], gps=[[1.0, 2.0]] * 2, u=wrong).controls(PUSHED),
        lambda: fog.simulate(PUSHED, 2, 1.0, seed=3, u=wrong),
        lambda: fog.forecast(run, steps=2, u=wrong),
    ):
        with pytest.raises(fog.FoglightError, match=r"west|east"):
            call()


@frames
def test_a_single_control_is_bound_by_its_name(frame: Callable[[Any], Any]) -> None:
    motion = fog.Motion(("v",), lambda x, dt, u: [x.v + dt * u.speed], lambda: [[0.01]], controls=("speed",))
    model = fog.Model(motion, [fog.sensing.linear("s", of="v", std=0.1)], fog.Belief([0.0], std=[1.0]))
    z, right, wrong = {"s": [0.0, 1.0]}, frame({"speed": [1.0, 2.0]}), frame({"turn": [1.0, 2.0]})

    def logs(u: Any) -> list[fog.Log]:
        whole = [fog.Log.from_arrays([0.0, 1.0], u=u, **z), fog.Log.regular([0.0, 1.0], dt=1.0, u=u)]
        return [*whole, fog.Log.merge(s=([0.0, 1.0], [0.0, 1.0]), u=([0.0, 1.0], u))]

    for log in logs(right):
        assert log.controls(model).tolist() == [[1.0], [2.0]]
    for log in logs(wrong):
        with pytest.raises(fog.DataError, match="column 'turn' fits nothing in the model"):
            fog.run(model, log)
    run = fog.run(model, logs([1.0, 2.0])[0])
    for call in (
        lambda u: fog.simulate(model, 2, 1.0, seed=3, u=u)[1],
        lambda u: fog.forecast(run, steps=2, u=u).state.mean,
    ):
        np.testing.assert_array_equal(call(right), call([1.0, 2.0]))
        with pytest.raises(fog.FoglightError, match=r"u has names turn: expected speed\. Rename them"):
            call(wrong)
    live = fog.online(model, start_time=0.0)
    with pytest.raises(fog.DataError, match=r"u has names turn: expected speed\. Rename them"):
        live.step(1.0, "s", [1.0], u=pd.Series({"turn": 1.0}))
    with pytest.raises(fog.DataError, match="expected one of the controls speed"):
        fog.Log.from_arrays([0.0, 1.0], u=frame({"speed": [1.0, np.nan]}), hold={"s": 0.0}, **z)


def test_entries_of_a_series_are_the_measures_of_their_names() -> None:
    reading, row = pd.Series({"y": 5.0, "x": 7.0}), pd.Series({"gps.y": 5.0, "gps.x": 7.0})
    expected = fog.online(WALK).step(0.0, "gps", [7.0, 5.0])[0]
    assert fog.online(WALK).step(0.0, "gps", reading)[0] == expected
    assert fog.online(WALK).step(0.0, None, row)[0] == expected
    with pytest.raises(fog.DataError, match=r"z has names y, q: expected x, y. Rename them"):
        fog.online(WALK).step(0.0, "gps", pd.Series({"y": 5.0, "q": 7.0}))
    moves = [pd.Series({"north": 2.0, "east": 9.0}), {"north": 2.0, "east": 9.0}, [9.0, 2.0]]
    live = [fog.online(PUSHED, start_time=0.0) for _ in moves]
    beliefs = [filter_.step(1.0, "gps", [7.0, 5.0], u=u)[0] for filter_, u in zip(live, moves, strict=True)]
    assert beliefs[0] == beliefs[1] == beliefs[2]
    truth = fog.simulate(WALK, 1, 1.0, seed=1, start=pd.Series({"y": 5.0, "x": 7.0}))[1]
    assert truth[0].tolist() == [7.0, 5.0]


def test_states_of_a_belief_are_matched_by_name() -> None:
    cov = np.array([[4.0, 0.6], [0.6, 9.0]])
    one = fog.Belief([1.0, 2.0], cov=cov, names=("x", "y"))
    other = fog.Belief([2.5, 0.5], cov=cov[::-1, ::-1] * 0.5, names=("y", "x"))
    fused = fog.fuse(one, other)
    aligned = fog.fuse(one, fog.Belief([0.5, 2.5], cov=cov * 0.5, names=("x", "y")))
    np.testing.assert_allclose(fused.mean, aligned.mean, rtol=1e-14)
    np.testing.assert_allclose(fused.cov, aligned.cov, rtol=1e-14)
    np.testing.assert_allclose(fused.weights[1], aligned.weights[1], rtol=1e-13)
    assert fused.belief.names == ("x", "y")
    assert fog.fuse(fog.Belief([1.0, 2.0], cov=cov), other).belief.names == ("y", "x")
    swapped = fog.Belief([-1.0, 0.5], std=[3.0, 2.0], names=("y", "x"))
    assert WALK.with_start(swapped).start == START
    partly = fog.Belief([-1.0, 0.5], std=[np.inf, 2.0], names=("y", "x"))
    assert np.isinf(WALK.with_start(partly).start.std).tolist() == [False, True]
    with pytest.raises(fog.ModelError, match=r"start has states y, z: expected x, y. Rename them"):
        WALK.with_start(fog.Belief([1.0, 2.0], std=[1.0, 1.0], names=("y", "z")))


def named(values: Any) -> Any:
    return pd.DataFrame(values, columns=["y", "x"])


EYE = np.diag([1.0, 2.0])
CONSTANT: dict[str, Callable[[], Any]] = {
    "mean": lambda: fog.Belief(pd.Series({"y": 1.0, "x": 2.0}), std=[1.0, 1.0], names=("x", "y")),
    "std": lambda: fog.Belief([1.0, 2.0], std=pd.Series({"y": 1.0, "x": 2.0}), names=("x", "y")),
    "cov": lambda: fog.Belief([1.0, 2.0], cov=named(EYE), names=("x", "y")),
    "F": lambda: fog.predict(START, named(EYE), EYE),
    "Q": lambda: fog.predict(START, EYE, named(EYE)),
    "b": lambda: fog.predict(START, EYE, EYE, b=pd.Series({"y": 1.0, "x": 2.0})),
    "H": lambda: fog.update(START, [1.0, 2.0], named(EYE), EYE),
    "R": lambda: fog.update(START, [1.0, 2.0], EYE, named(EYE)),
    "z": lambda: fog.update(START, pd.Series({"y": 1.0, "x": 2.0}), EYE, EYE),
    "F of a linear model": lambda: fog.linear_model(named(EYE), EYE, EYE, EYE, start=None),
    "R of a steady state": lambda: fog.steady_state(0.5 * EYE, EYE, EYE, named(EYE)),
    "G": lambda: fog.noise.factored(named(EYE), [1.0, 2.0]),
    "variances": lambda: fog.noise.independent(pd.Series({"y": 1.0, "x": 2.0})),
    "cross": lambda: fog.with_cross_noise(WALK, "gps", named(0.1 * EYE)),
    "cross returned": lambda: fog.with_cross_noise(WALK, "gps", lambda x, dt, p: named(0.1 * EYE)),
    "gps": lambda: fog.Log.from_arrays([0.0], gps=[pd.Series({"y": 1.0, "x": 2.0})]),
    "motion.dynamics": lambda: fog.Motion(
        ("x", "y"), lambda x, dt, p: pd.Series({"y": x.y, "x": x.x}), lambda x, dt, p: EYE
    ),
    "camera.measure": lambda: fog.Sensor(
        "camera", ("a", "b"), lambda x, p: pd.Series({"b": 1.0, "a": 2.0}), lambda x, p: EYE
    ),
    "camera.noise": lambda: fog.Sensor(
        "camera", ("a", "b"), lambda x, p: [x.x, x.y], lambda x, p: named(EYE)
    ),
}


@pytest.mark.parametrize("field", CONSTANT)
def test_names_are_refused_where_the_order_decides(field: str) -> None:
    with pytest.raises(fog.FoglightError, match=r"names, (y, x|b, a), which would be ignored") as refused:
        part = CONSTANT[field]()
        if isinstance(part, fog.Motion):
            fog.Model(part, [GPS], START)
        fog.Model(WALK.motion, [part], START)
    assert refused.value.field == field.split()[0]


def test_what_has_no_names_is_left_alone() -> None:
    for plain in (
        [1.0, 2.0],
        np.ones((2, 2)),
        pd.Series([1.0, 2.0]),
        pd.Series([1.0, 2.0], index=pd.date_range("2026-01-01", periods=2)),
        pd.DataFrame(EYE),
        pd.DataFrame({"x": [1.0, 2.0]}),
        pl.Series([1.0, 2.0]),
        None,
        3.0,
        (),
    ):
        assert entry_names(plain) == () and ordered(plain, ("x", "y"), "z", fog.DataError) is plain
    assert column_names(pd.DataFrame(EYE, columns=[1, 0])) == ("1", "0")
    assert fog.Belief(pd.Series([1.0, 2.0]), cov=pd.DataFrame(EYE)).cov[1, 1] == 2.0
    with pytest.raises(fog.DataError, match="column 0 is called 1: expected a string"):
        fog.Log.from_arrays([0.0, 1.0], gps=pd.DataFrame(EYE, columns=[1, 0]))


def test_a_state_may_be_called_like_an_attribute_of_a_frame() -> None:
    motion = fog.motion.random_walk(("index", "columns"), std=[0.2, 0.4])
    whole = fog.Sensor("all", ("a", "b"), lambda x, p: x, lambda x, p: EYE)
    assert fog.Model(motion, [whole], None).state == ("index", "columns")


def test_a_frame_in_place_of_a_log_is_told_how_to_become_one() -> None:
    with pytest.raises(
        fog.DataError, match=r"for a log with times in seconds write fog.Log.from_frame\(df\)"
    ):
        fog.run(WALK, named(EYE))  # type: ignore[arg-type]


def test_columns_by_name_are_put_side_by_side() -> None:
    given = {"y": [3.0, 4.0], "x": np.array([1.0, 2.0])}
    assert ordered(given, ("x", "y"), "u", fog.DataError).tolist() == [[1.0, 3.0], [2.0, 4.0]]
    assert ordered({"y": 2.0, "x": 1.0}, ("x", "y"), "u", fog.DataError).tolist() == [1.0, 2.0]
    with pytest.raises(fog.DataError, match=r"u\['x'\] has shape \(2,\): expected \(1,\), that of u\['y'\]"):
        ordered({"y": [3.0], "x": [1.0, 2.0]}, ("x", "y"), "u", fog.DataError)
    with pytest.raises(fog.DataError, match=r"u has names x, z: expected x, y\. Rename them"):
        ordered({"x": [1.0], "z": [1.0]}, ("x", "y"), "u", fog.DataError)
