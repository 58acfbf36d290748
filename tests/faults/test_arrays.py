"""Arrays as callers have them: every layout and owner, edited afterwards, never written; float32 that is too coarse."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from faults.world import START, F, H, Q, R, Z, linear, log, snapshot


class Frame:
    """What a column of a dataframe is to NumPy: something that can become an array."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return self.array if dtype is None else self.array.astype(dtype)


class Tagged(np.ndarray[Any, Any]):
    """A subclass that answers arithmetic in a way of its own."""

    def __matmul__(self, other: Any) -> Any:
        raise AssertionError("a subclass's own arithmetic was used")


def mapped(array: Any, folder: Path) -> Any:
    path = folder / f"{len(list(folder.iterdir()))}.bin"
    array.tofile(path)
    return np.memmap(path, dtype=float, mode="r", shape=array.shape)


def strided(array: Any) -> Any:
    wide = np.full(tuple(2 * size for size in array.shape), np.nan)
    inner = wide[tuple(slice(None, None, 2) for _ in array.shape)]
    inner[...] = array
    return inner


def backwards(array: Any) -> Any:
    flip = tuple(slice(None, None, -1) for _ in array.shape)
    return array[flip].copy()[flip]


def read_only(array: Any) -> Any:
    copy = array.copy()
    copy.flags.writeable = False
    return copy


LAYOUTS: dict[str, Callable[[Any, Path], Any]] = {
    "Fortran order": lambda a, _: np.asfortranarray(a),
    "strided": lambda a, _: strided(a),
    "negative strides": lambda a, _: backwards(a),
    "read-only": lambda a, _: read_only(a),
    "memory-mapped": mapped,
    "a subclass": lambda a, _: a.copy().view(Tagged),
    "readings without a mask": lambda a, _: np.ma.array(a) if len(a) == len(Z) else a.copy(),
    "other byte order": lambda a, _: a.astype(">f8"),
    "to be converted": lambda a, _: Frame(a.copy()),
    "lists": lambda a, _: a.tolist(),
    "0-d entries": lambda a, _: (
        [np.array(v) for v in a] if a.ndim == 1 else [list(map(np.array, r)) for r in a]
    ),
}


def everything(turn: Callable[[Any], Any]) -> list[Any]:
    """All that can be seen of a run, a live filter, single steps and a steady state with arrays in this layout."""
    parts = {name: turn(array) for name, array in {"F": F, "Q": Q, "H": H, "R": R}.items()}
    start = fog.Belief(turn(np.array([0.0, 1.0])), cov=turn(np.array([[2.0, 0.3], [0.3, 1.0]])))
    model = fog.linear_model(parts["F"], parts["Q"], parts["H"], parts["R"], start=start)
    live = fog.online(model, fog.KF())
    live.step(0.0, "sensor", turn(Z[0].copy()))
    new, info = fog.update(start, turn(Z[0].copy()), parts["H"], parts["R"])
    steady = fog.steady_state(parts["F"], parts["Q"], parts["H"], parts["R"])
    rows = [turn(Z.copy()), turn(np.array([0.0, 0.1, 0.3]))]
    runs = [
        fog.run(model, fog.Log.regular(rows[0], dt=1.0)),
        fog.run(model, fog.Log.from_arrays(rows[1], sensor=rows[0])),
    ]
    return [
        *map(snapshot, [*runs, live, new, fog.predict(start, parts["F"], parts["Q"])]),
        *map(snapshot, [info.gain, info.innovation, steady.gain, steady.filtered_cov]),
    ]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_bits_of_a_plain_copy(layout: str, tmp_path: Path) -> None:
    passed: list[tuple[Any, bytes]] = []

    def turn(array: Any) -> Any:
        given = LAYOUTS[layout](array, tmp_path)
        passed.append((given, np.asarray(given).tobytes()))
        return given

    assert everything(turn) == everything(np.array)
    assert len(passed) >= 9
    for given, bits in passed:
        assert np.asarray(given).tobytes() == bits, "an array of the caller was written"


def test_what_was_passed_can_be_edited() -> None:
    parts = {"F": F.copy(), "Q": Q.copy(), "H": H.copy(), "R": R.copy()}
    mean, cov, z = np.array([0.0, 1.0]), np.array([[2.0, 0.3], [0.3, 1.0]]), Z.copy()
    start = fog.Belief(mean, cov=cov)
    model, held = fog.linear_model(**parts, start=start), fog.Log.regular(z, dt=1.0)
    before = snapshot(fog.run(linear(), log()))
    for array in (*parts.values(), mean, cov, z):
        array[...] = 7.0
    assert snapshot(fog.run(model, held)) == before


def test_what_a_live_filter_was_given_can_be_edited_and_what_it_returned_cannot() -> None:
    live = fog.online(linear(), history=1.0)
    z = Z[0].copy()
    belief, info = live.step(0.0, "sensor", z)
    before = snapshot(live), snapshot(belief), snapshot(info.innovation)
    z[:] = 7.0
    for array in (belief.mean, belief.cov, info.innovation, live.belief.mean):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 8.0
    live.step(1.0, "sensor", Z[1])
    assert (snapshot(belief), snapshot(info.innovation)) == before[1:] and snapshot(live) != before[0]


def test_results_cannot_be_written_by_accident() -> None:
    run = fog.run(linear(), log())
    for array in (run.filtered.mean, run.nis, run.innovation, START.mean, log().blocks["z"]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 3.0


def positions(start: float, by: float, kind: Any) -> Any:
    return (start + by * np.arange(20)).astype(kind)


def test_float32_that_cannot_follow_is_warned_of() -> None:
    times = np.arange(20.0)
    with pytest.warns(
        UserWarning, match=r"radar is float32 and reaches 10000019, where float32 resolves 1: .*float64"
    ):
        fog.Log.from_arrays(times, radar=positions(1e7, 1.0, np.float32))
    with pytest.warns(UserWarning, match=r"radar column 1 is float32"):
        two = np.column_stack([positions(0.0, 1.0, np.float32), positions(1e7, 2.0, np.float32)])
        fog.Log.from_arrays(times, radar=two)
    with pytest.warns(UserWarning, match=r"z is float32"):
        fog.Log.regular(positions(1e7, 1.0, np.float32), dt=1.0)
    # Warnings are errors here: what can be followed must be silent.
    fog.Log.from_arrays(times, radar=positions(1e7, 100.0, np.float32))
    fog.Log.from_arrays(times, radar=positions(5.0, 0.01, np.float32))
    fog.Log.from_arrays(times, radar=positions(1e7, 1.0, np.float64))
    fog.Log.from_arrays(times, radar=np.full(20, 1e7, np.float32))
    fog.Log.from_arrays(times, radar=np.full(20, np.nan, np.float32))
