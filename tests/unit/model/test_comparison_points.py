"""The points at which a function is compared with its trace: where they lie; conditions are met on both sides."""

from typing import Any

import numpy as np
import pytest

from foglight.model.comparison_points import CONTROL, PARAMETER, STATE, STEP, around_and_far, on_both_sides
from foglight.trace.graph import Graph
from foglight.trace.program import Program
from foglight.trace.rounding import Evaluated

KINDS = [STATE, STATE, STATE, STEP, PARAMETER, PARAMETER, CONTROL]
BASE = np.array([10.0, 0.0, -2.0, 1.0, 0.5, -3.0, 0.0])
SPREAD = np.array([0.1, 0.0, np.inf, 0.0, 0.0, 0.0, 0.0])


def test_around_the_start_and_far_off() -> None:
    points = around_and_far(BASE, SPREAD, KINDS)
    assert 12 <= len(points) <= 16 and np.isfinite(points).all()
    np.testing.assert_array_equal(points[0], BASE)
    near, far = points[3:7], points[7:]
    assert (np.abs(near[:, 0] - 10.0) <= 0.3).all() and np.abs(near[:, 0] - 10.0).max() > 0.03
    assert np.abs(far[:, 0]).max() > 1e3 and np.abs(far[:, 2]).max() > 1e2
    for column in range(3):  # both signs of every deviation, and no point twice
        moved = points[3:, column] - BASE[column]
        assert (moved > 0.0).any() and (moved < 0.0).any() and len(set(moved)) == len(moved)
    assert (points[:, 3] > 0.0).all() and points[:, 3].min() <= 1e-3 and points[:, 3].max() >= 100.0
    assert (points[:, 4] > 0.0).all() and (points[:, 5] < 0.0).all()  # parameters keep their sign
    assert np.ptp(points[:, 4]) > 0.1 and np.abs(points[:, 6]).max() > 10.0


CONDITIONS = [
    lambda x, y: x > 1234.5, lambda x, y: x < -7e4 - y, lambda x, y: x * x + y * y < 0.01, lambda x, y: x == 4.0,
    lambda x, y: (x > 3.0) & (y > 40.0), lambda x, y: (x > 3.0) | (y < -40.0), lambda x, y: ~(np.exp(x) > 1e6),
    lambda x, y: np.hypot(x - 50.0, y) <= 2.0, lambda x, y: np.sin(x) > 0.99, lambda x, y: np.rint(x) > 17.0,
    lambda x, y: np.where(x > 9.0, y, -x) > 77.0, lambda x, y: 1.0 / x > 1e5,
]  # fmt: skip


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("start", [(0.3, -1.2), (500.0, 2.0), (-1e-3, 1e3)])
def test_both_sides_are_found(condition: Any, start: tuple[float, float]) -> None:
    graph = Graph()
    x = [graph.input(("argument", k)) for k in range(2)]
    outputs = [graph.lift(np.where(condition(*x), x[1], 2.0 * x[0]))]
    points = around_and_far(np.array(start), np.array([0.1, 0.1]), [STATE, STATE])
    every = np.concatenate([points, on_both_sides(graph, x, outputs, points)])
    assert len(every) <= len(points) + 8 and np.isfinite(every).all()
    masks = list({n.args[0].serial: n.args[0] for n in [outputs[0]] if n.op == "select"}.values())
    held = Evaluated(
        Program.of(graph, {"m": masks}), {("argument", k): every[:, k] for k in range(2)}
    ).outputs()
    assert set(held.ravel().tolist()) == {0.0, 1.0}


def test_nothing_is_added_where_nothing_is_chosen() -> None:
    graph = Graph()
    x = [graph.input(("argument", k)) for k in range(2)]
    points = around_and_far(np.array([0.3, 1.0]), np.zeros(2), [STATE, STATE])
    assert len(on_both_sides(graph, x, [x[0] * x[1]], points)) == 0
    # A condition that all points share with its opposite is tried, and given up in silence.
    assert len(on_both_sides(graph, x, [graph.lift(np.where(x[0] ** 2 < -1.0, 1.0, x[1]))], points)) == 0


def test_a_parameter_keeps_its_sign() -> None:
    graph = Graph()
    x = [graph.input(("argument", k)) for k in range(2)]
    points = around_and_far(np.array([0.3, 0.5]), np.zeros(2), [STATE, PARAMETER])
    found = on_both_sides(graph, x, [graph.lift(np.where(x[1] < x[0], 1.0, 2.0))], points)
    negative = on_both_sides(graph, x, [graph.lift(np.where(x[1] < -1.0, 1.0, 2.0))], points)
    assert (found[:, 1] > 0.0).all() and len(negative) == 0
