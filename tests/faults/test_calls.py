"""Calls that mix things up are told which thing was expected where."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import foglight as fog

A = fog.Belief([1.0], std=[2.0])
LOG = fog.Log.regular([1.0, 2.0], dt=1.0)
CALLS: list[tuple[str, Callable[[], Any], type[fog.FoglightError], tuple[str, ...]]] = [
    ("ragged mean", lambda: fog.Belief([[1, 2], [3]], std=[1]), fog.ModelError, ("mean", "different lengths")),
    ("masked mean", lambda: fog.Belief(np.ma.array([1.0, 2.0], mask=[0, 1]), std=[1, 1]), fog.ModelError, ("mean", "masked")),
    ("huge std", lambda: fog.Belief([1.0], std=[1e200]), fog.ModelError, ("std[0]", "1e+200", "larger unit")),
    ("names twice", lambda: fog.Belief([1, 2], std=[1, 1], names=("a", "a")), fog.ModelError, ("names[1]", "'a'", "twice")),
    ("fuse a number", lambda: fog.fuse(A, 3.0), fog.ModelError, ("argument 1", "3.0", "fog.Belief")),
    ("update a list", lambda: fog.update([1.0], z=[1], H=[[1]], R=[[1]]), fog.ModelError, ("belief", "fog.Belief")),
    ("text as z", lambda: fog.update(A, z="a", H=[[1]], R=[[1]]), fog.DataError, ("z", "'a'", "[2.6]")),
    ("text as H", lambda: fog.update(A, z=[1], H="x", R=[[1]]), fog.ModelError, ("H", "text", "float64")),
    ("G of another size", lambda: fog.predict(A, [[1]], fog.noise.factored([[1], [2]], [1])), fog.ModelError, ("Q.G", "(2, 1)", "(1, 1)")),
    ("negative variance", lambda: fog.predict(A, [[1]], fog.noise.factored([[1]], [-4])), fog.ModelError, ("variances[0]", "-4", ">= 0")),
    ("alpha is text", lambda: fog.UKF(alpha="a"), fog.ModelError, ("alpha", "'a'", "above 0")),
    ("iterations is True", lambda: fog.EKF(iterations=True), fog.ModelError, ("iterations", "True", "from 1 to 10")),
    ("accel is text", lambda: fog.motion.constant_velocity(("a",), accel="0.4"), fog.ModelError, ("accel", "'0.4'", "finite number")),
    ("no model", lambda: fog.run(None, LOG), fog.ModelError, ("NoneType", "fog.Model", "fog.Log")),
    ("swapped", lambda: fog.run(LOG, None), fog.ModelError, ("run(Log, NoneType)", "fog.Model")),
]  # fmt: skip


@pytest.mark.parametrize("name, call, error, pieces", CALLS, ids=[name for name, *_ in CALLS])
def test_mixed_up_calls_are_told_apart(
    name: str, call: Callable[[], Any], error: type[fog.FoglightError], pieces: tuple[str, ...]
) -> None:
    with pytest.raises(error) as caught:
        call()
    for piece in pieces:
        assert piece in str(caught.value)


def test_results_cannot_be_written_by_accident() -> None:
    model = fog.Model(
        fog.motion.random_walk(("a",), std=1.0), [fog.sensing.linear("s", of="a", std=1.0)], start=A
    )
    run = fog.run(model, LOG)
    with pytest.raises(ValueError, match="read-only"):
        run.filtered.mean[0] = 3.0
