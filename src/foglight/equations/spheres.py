"""Unit vectors and their tangents: rotations of the plane (S¹), directions (S²) and unit quaternions (S³).

A unit vector y near another one, a, is written by its coordinates δ in the tangent of the sphere at a, as far from 0 as
y is from a along a great circle:

    y = a ⊞ δ = cos(θ/s) a + (sin(θ/s)/θ) Σ δ_i b_i,   θ = |δ|,        δ = y ⊟ a,

where b_1, …, b_d with a are an orthonormal frame. On S¹ and S² s = 1. A unit quaternion stands for a rotation by twice
its angle, so s = 2 on S³; δ is then a rotation vector about the body's axes, a ⊗ exp(δ), and -y the same rotation as y:
Solà, Deray & Atchuthan 2018, "A micro Lie theory for state estimation in robotics", eqs. 25–28.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from foglight.core.types import Array
from foglight.trace.ops import copysign, select, sqrt

Numbers = Sequence[Any] | Array  # floats, symbols, or arrays with one entry per row

# Below these squares of an angle and of a tangent, series stand for quotients that become 0/0.
_SMALL_ANGLE, _SMALL_TANGENT = 2.0**-8, 2.0**-10
_COS = (1.0, -1 / 2, 1 / 24, -1 / 720, 1 / 40_320)  # cos √z
_SINC = (1.0, -1 / 6, 1 / 120, -1 / 5_040, 1 / 362_880)  # sin √z / √z
_ATAN = (1.0, -1 / 3, 1 / 5, -1 / 7, 1 / 9, -1 / 11)  # atan √z / √z


class Sphere(NamedTuple):
    """A unit sphere. frame: the unit vectors b_1, …, b_d orthogonal to a; scale: s; twofold: whether -y is y."""

    frame: Callable[[Numbers], list[list[Any]]]
    scale: float = 1.0
    twofold: bool = False

    def plus(self, a: Numbers, delta: Numbers) -> list[Any]:
        """y = a ⊞ δ."""
        if len(delta) == 1:
            cos, sin = np.cos(delta[0] / self.scale), np.sin(delta[0] / self.scale)
            return [cos * one + sin * other for one, other in zip(a, self.frame(a)[0], strict=True)]
        cos, sinc = _cos_sinc(dot(delta, delta) * (1.0 / self.scale**2))
        along = [sinc * (1.0 / self.scale) * d for d in delta]
        y = [cos * component for component in a]
        for b, part in zip(self.frame(a), along, strict=True):
            y = [one + part * other for one, other in zip(y, b, strict=True)]
        return y

    def minus(self, y: Numbers, a: Numbers) -> list[Any]:
        """δ = y ⊟ a, with |δ| <= s π; y need not be of length 1."""
        return self.coordinates(dot(a, y), [dot(b, y) for b in self.frame(a)])

    def coordinates(self, along: Any, across: Numbers) -> list[Any]:
        """δ of a vector whose components in the frame are `along` a, and `across` it."""
        if len(across) == 1:
            return [self.scale * np.arctan2(across[0], along)]
        if self.twofold:
            back = along < 0.0
            along, across = select(back, -along, along), [select(back, -v, v) for v in across]
        else:  # any great circle leads to the opposite point: the first one
            opposite = (dot(across, across) == 0.0) & (along < 0.0)
            across = [select(opposite, -along * 2.0**-40, across[0]), *across[1:]]
        factor = self.scale * _angle_by_sine(along, dot(across, across))
        return [factor * v for v in across]

    def slopes(self, y: Numbers, a: Numbers) -> list[list[Any]]:
        """∂δ/∂y (d, d + 1) of δ = y ⊟ a, at a vector y in the direction of a."""
        factor = self.scale / dot(a, y)
        return [[factor * component for component in b] for b in self.frame(a)]


def normalised(y: Numbers) -> list[Any]:
    """The unit vector in the direction of y."""
    factor = 1.0 / sqrt(dot(y, y))
    return [factor * component for component in y]


def dot(a: Numbers, b: Numbers) -> Any:
    """The inner product of two vectors."""
    first, *others = [x * y for x, y in zip(a, b, strict=True)]
    return sum(others, first)


def _cos_sinc(z: Any) -> tuple[Any, Any]:
    """cos √z and sin √z / √z."""
    small = z < _SMALL_ANGLE
    angle = sqrt(select(small, 1.0, z))
    near = select(small, z, 0.0)
    return (
        select(small, _series(_COS, near), np.cos(angle)),
        select(small, _series(_SINC, near), np.sin(angle) / angle),
    )


def _angle_by_sine(cos: Any, square: Any) -> Any:
    """θ / (c sin θ) of an angle from 0 to π, for c cos θ and the square of c sin θ."""
    small = (square < _SMALL_TANGENT * cos * cos) & (cos > 0.0)
    cosine = select(small, cos, 1.0)
    sine = sqrt(select(small, 1.0, square))
    near = select(small, square, 0.0) / (cosine * cosine)
    return select(small, _series(_ATAN, near) / cosine, np.arctan2(sine, cos) / sine)


def _series(coefficients: tuple[float, ...], z: Any) -> Any:
    """The polynomial with these coefficients, by Horner's rule."""
    value: Any = coefficients[-1]
    for c in reversed(coefficients[:-1]):
        value = value * z + c
    return value


def _plane_frame(a: Numbers) -> list[list[Any]]:
    cos, sin = a
    return [[-sin, cos]]


def _space_frame(a: Numbers) -> list[list[Any]]:
    """Two unit vectors across a and each other: Duff et al. 2017, "Building an orthonormal basis, revisited"."""
    x, y, z = a
    sign = copysign(1.0 + 0.0 * z, z)
    p = -1.0 / (sign + z)
    q = x * y * p
    return [[1.0 + sign * x * x * p, sign * q, -sign * x], [q, sign + y * y * p, -y]]


def _quaternion_frame(a: Numbers) -> list[list[Any]]:
    """a ⊗ i, a ⊗ j and a ⊗ k."""
    w, x, y, z = a
    return [[-x, w, z, -y], [-y, -z, w, x], [-z, y, -x, w]]


CIRCLE = Sphere(_plane_frame)
DIRECTIONS = Sphere(_space_frame)
QUATERNIONS = Sphere(_quaternion_frame, scale=2.0, twofold=True)
