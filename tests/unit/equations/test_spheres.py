"""Coordinates on spheres: back and forth, against SciPy's rotations, and their slopes against 50 digits."""

from typing import Any

import mpmath as mp
import numpy as np
import pytest
from mpmath import mpf
from scipy.spatial.transform import Rotation

from foglight.equations import spheres
from foglight.equations.spheres import CIRCLE, DIRECTIONS, QUATERNIONS, Sphere
from foglight.trace import derivatives
from foglight.trace.graph import Graph
from foglight.trace.program import Program, lower

KINDS = {"circle": CIRCLE, "directions": DIRECTIONS, "quaternions": QUATERNIONS}
SIZES = {"circle": 2, "directions": 3, "quaternions": 4}
kinds = pytest.mark.parametrize("kind", KINDS)


def unit(kind: str, seed: int) -> list[float]:
    return spheres.normalised(list(np.random.default_rng(seed).normal(size=SIZES[kind])))


@kinds
@pytest.mark.parametrize("length", [0.0, 1e-200, 1e-9, 0.06, 0.0625, 0.13, 1.0, 3.0])
def test_there_and_back(kind: str, length: float) -> None:
    for seed in range(5):
        a = unit(kind, seed)
        delta = np.random.default_rng(seed).normal(size=SIZES[kind] - 1)
        delta *= length / np.linalg.norm(delta)
        y = KINDS[kind].plus(a, list(delta))
        assert np.linalg.norm(y) == pytest.approx(1.0, abs=1e-15)
        np.testing.assert_allclose(KINDS[kind].minus(y, a), delta, rtol=1e-14, atol=4e-16)


@kinds
def test_the_frame_is_orthonormal(kind: str) -> None:
    below = {"directions": [[0.0, 0.0, -1.0], [0.6, 0.0, -0.8], [0.6, -0.8, 0.0], [0.6, 0.8, -0.0]]}
    for a in [*[unit(kind, seed) for seed in range(10)], *below.get(kind, [])]:
        frame = np.array([a, *KINDS[kind].frame(a)])
        np.testing.assert_allclose(frame @ frame.T, np.diag(np.ones(len(a))), atol=1e-15)


def test_quaternions_are_rotations_of_the_body() -> None:
    for seed in range(20):
        a, delta = unit("quaternions", seed), np.random.default_rng(seed).normal(size=3)
        w, x, y, z = QUATERNIONS.plus(a, list(delta))
        expected = Rotation.from_quat([*a[1:], a[0]]) * Rotation.from_rotvec(delta)
        np.testing.assert_allclose(
            Rotation.from_quat([x, y, z, w]).as_matrix(), expected.as_matrix(), atol=1e-15
        )


def test_both_quaternions_of_a_rotation_are_one() -> None:
    a, y = unit("quaternions", 1), unit("quaternions", 2)
    other = [-c for c in y]
    assert QUATERNIONS.minus(other, a) == QUATERNIONS.minus(y, a)


@kinds
def test_half_a_turn_is_the_furthest(kind: str) -> None:
    sphere, a = KINDS[kind], unit(kind, 4)
    assert np.linalg.norm(sphere.minus(sphere.frame(a)[0], a)) == pytest.approx(
        0.5 * np.pi * sphere.scale, rel=1e-15
    )
    opposite = np.linalg.norm(sphere.minus([-c for c in a], a))
    assert opposite == pytest.approx(0.0 if sphere.twofold else np.pi, abs=1e-11)


def in_fifty_digits(sphere: Sphere, a: Any, delta: Any) -> Any:
    """a ⊞ δ, written as in the module's docstring."""
    a, delta, s = mp.matrix(list(a)), [mpf(d) for d in delta], mpf(sphere.scale)
    angle = mp.sqrt(sum(d * d for d in delta))
    y = mp.cos(angle / s) * a
    for b, d in zip(sphere.frame([float(c) for c in a]), delta, strict=True):
        y += (mp.sin(angle / s) / angle if angle else 1 / s) * d * mp.matrix(b)
    return y


@kinds
@pytest.mark.parametrize("length", [1e-12, 0.01, 0.0624, 0.126, 0.7])
def test_values_and_slopes_of_the_trace(kind: str, length: float) -> None:
    """Also on both sides of the bounds where series begin."""
    sphere, a = KINDS[kind], unit(kind, 3)
    d = SIZES[kind] - 1
    delta = length * np.arange(1.0, d + 1.0) / np.linalg.norm(np.arange(1.0, d + 1.0))
    graph = Graph()
    x = [graph.input(("x", i)) for i in range(d)]
    y = sphere.plus(a, x)
    J = derivatives.jacobian(graph, y, np.array(x, dtype=object))
    program = lower(
        Program.of(graph, {"y": [graph.lift(v) for v in y], "J": [graph.lift(v) for v in J.ravel()]})
    )
    found = program.evaluate({("x", i): np.float64(v) for i, v in enumerate(delta)})
    assert [float(v) for v in found["y"]] == pytest.approx(sphere.plus(a, list(delta)), abs=0.0)
    with mp.workdps(50):
        expected = in_fifty_digits(sphere, a, delta)
        slopes = []
        for i in range(d):
            step = [mpf(float(v)) for v in delta]
            step[i] += mpf(10) ** -20
            slopes.append(
                (in_fifty_digits(sphere, a, step) - in_fifty_digits(sphere, a, delta)) * mpf(10) ** 20
            )
        expected_J = np.array([[float(s[j]) for s in slopes] for j in range(d + 1)])
        np.testing.assert_allclose([float(v) for v in found["y"]], [float(v) for v in expected], atol=3e-16)
    np.testing.assert_allclose(np.array(found["J"], float).reshape(d + 1, d), expected_J, atol=1e-15)
