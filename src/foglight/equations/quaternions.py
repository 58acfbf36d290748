"""Unit quaternions (w, x, y, z), Hamilton's, as rotations from the body to the world.

Solà 2017, "Quaternion kinematics for the error-state Kalman filter". The numbers are floats, symbols, or arrays with
one entry per row.
"""

from typing import Any

import numpy as np

from foglight.equations.spheres import QUATERNIONS, Numbers
from foglight.trace.ops import copysign, select, sqrt

IDENTITY = (1.0, 0.0, 0.0, 0.0)


def multiply(p: Numbers, q: Numbers) -> list[Any]:
    """p ⊗ q: first the rotation q, then p.  Solà 2017, eq. 12."""
    pw, px, py, pz = p
    qw, qx, qy, qz = q
    return [
        pw * qw - px * qx - py * qy - pz * qz,
        pw * qx + px * qw + py * qz - pz * qy,
        pw * qy - px * qz + py * qw + pz * qx,
        pw * qz + px * qy - py * qx + pz * qw,
    ]


def conjugate(q: Numbers) -> list[Any]:
    """The rotation back."""
    w, x, y, z = q
    return [w, -x, -y, -z]


def matrix(q: Numbers) -> list[list[Any]]:
    """The rotation matrix R (3, 3) of a unit quaternion: v in the body is R v in the world.  Solà 2017, eq. 115."""
    w, x, y, z = q
    return [
        [1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)],
        [2.0 * (x * y + w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - w * x)],
        [2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y)],
    ]


def rotate(q: Numbers, v: Numbers) -> list[Any]:
    """R v: a vector in the body, in the world."""
    return [sum((r * c for r, c in zip(row[1:], v[1:], strict=True)), row[0] * v[0]) for row in matrix(q)]


def exp(turn: Numbers) -> list[Any]:
    """The rotation by a rotation vector (rad) about it."""
    return QUATERNIONS.plus(IDENTITY, turn)


def log(q: Numbers) -> list[Any]:
    """The rotation vector (rad) of a rotation, not longer than π."""
    return QUATERNIONS.minus(q, IDENTITY)


def of_euler(roll: Any, pitch: Any, yaw: Any) -> list[Any]:
    """By yaw about z, then pitch about the new y, then roll about the new x."""
    zero = 0.0 * roll
    about_z = [np.cos(0.5 * yaw), zero, zero, np.sin(0.5 * yaw)]
    about_y = [np.cos(0.5 * pitch), zero, np.sin(0.5 * pitch), zero]
    about_x = [np.cos(0.5 * roll), np.sin(0.5 * roll), zero, zero]
    return multiply(multiply(about_z, about_y), about_x)


def to_euler(q: Numbers) -> list[Any]:
    """Roll, pitch and yaw (rad), pitch in [-π/2, π/2]."""
    w, x, y, z = q
    sine = 2.0 * (w * y - x * z)
    cosine = sqrt((1.0 - 2.0 * (y * y + z * z)) ** 2 + (2.0 * (x * y + w * z)) ** 2)
    return [
        np.arctan2(2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y)),
        np.arctan2(sine, cosine),
        np.arctan2(2.0 * (x * y + w * z), 1.0 - 2.0 * (y * y + z * z)),
    ]


def of_matrix(R: Any) -> list[Any]:
    """The unit quaternion of a rotation matrix (3, 3), from its largest number: Shepperd 1978."""
    a, b, c = R[0][0], R[1][1], R[2][2]
    sizes = [1.0 + a + b + c, 1.0 + a - b - c, 1.0 - a + b - c, 1.0 - a - b + c]  # 4 w², 4 x², 4 y², 4 z²
    wx, wy, wz = R[2][1] - R[1][2], R[0][2] - R[2][0], R[1][0] - R[0][1]
    xy, xz, yz = R[1][0] + R[0][1], R[0][2] + R[2][0], R[2][1] + R[1][2]
    rows = [[sizes[0], wx, wy, wz], [wx, sizes[1], xy, xz], [wy, xy, sizes[2], yz], [wz, xz, yz, sizes[3]]]
    best, row = sizes[0], rows[0]
    for size, other in zip(sizes[1:], rows[1:], strict=True):
        larger = size > best
        row = [select(larger, one, two) for one, two in zip(other, row, strict=True)]
        best = select(larger, size, best)
    factor = copysign(0.5 / sqrt(best), row[0])
    return [factor * number for number in row]
