"""Rotations as unit quaternions q = (w, x, y, z), Hamilton's, from the body to the world.

Each function takes numbers, in functions of a model also states and parameters, or arrays of rows (..., 4). Angles are
in rad. A quaternion is not brought to length 1: the filter does that for its states.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from foglight.core.errors import ModelError
from foglight.core.types import Array, ArrayLike
from foglight.equations import quaternions
from foglight.trace.named_vector import Vector
from foglight.trace.symbol import Symbol


def multiply(p: ArrayLike, q: ArrayLike) -> Array:
    """The rotation q and then p, p ⊗ q.

    Parameters
    ----------
    p, q : array_like (..., 4)
        Unit quaternions.

    Returns
    -------
    ndarray (..., 4)
        Their product: Solà 2017, eq. 12.

    Raises
    ------
    ModelError
        For other than four numbers.

    Examples
    --------
    >>> quarter = fog.rotation.from_euler(0.0, 0.0, np.pi / 2)
    >>> fog.rotation.to_euler(fog.rotation.multiply(quarter, quarter)).round(4)
    array([0.    , 0.    , 3.1416])
    """
    return _joined(quaternions.multiply(_numbers(p, 4, "p"), _numbers(q, 4, "q")))


def inverse(q: ArrayLike) -> Array:
    """The rotation back, from the world to the body.

    Parameters
    ----------
    q : array_like (..., 4)
        Unit quaternion.

    Returns
    -------
    ndarray (..., 4)
        Its conjugate.

    Raises
    ------
    ModelError
        For other than four numbers.

    Examples
    --------
    >>> fog.rotation.inverse([0.6, 0.8, 0.0, 0.0])
    array([ 0.6, -0.8, -0. , -0. ])
    """
    return _joined(quaternions.conjugate(_numbers(q, 4, "q")))


def rotate(q: ArrayLike, v: ArrayLike) -> Array:
    """A vector of the body, in the world.

    Parameters
    ----------
    q : array_like (..., 4)
        Unit quaternion.
    v : array_like (..., 3)
        Vector, in any unit.

    Returns
    -------
    ndarray (..., 3)
        R v, R as `to_matrix` gives it. With inverse(q), a vector of the world in the body.

    Raises
    ------
    ModelError
        For other than four and three numbers.

    Examples
    --------
    >>> fog.rotation.rotate(fog.rotation.from_euler(0.0, 0.0, np.pi / 2), [1.0, 0.0, 0.0]).round(4)
    array([0., 1., 0.])
    """
    return _joined(quaternions.rotate(_numbers(q, 4, "q"), _numbers(v, 3, "v")))


def exp(turn: ArrayLike) -> Array:
    """The rotation by a rotation vector.

    Parameters
    ----------
    turn : array_like (..., 3)
        Axis times angle (rad).

    Returns
    -------
    ndarray (..., 4)
        Unit quaternion: Solà 2017, eq. 101.

    Raises
    ------
    ModelError
        For other than three numbers.

    Examples
    --------
    >>> fog.rotation.exp([0.0, 0.0, np.pi]).round(4)
    array([0., 0., 0., 1.])
    """
    return _joined(quaternions.exp(_numbers(turn, 3, "turn")))


def log(q: ArrayLike) -> Array:
    """The rotation vector of a rotation.

    Parameters
    ----------
    q : array_like (..., 4)
        Quaternion of any length but 0.

    Returns
    -------
    ndarray (..., 3)
        Axis times angle (rad), the angle in [0, π]: Solà 2017, eq. 105.

    Raises
    ------
    ModelError
        For other than four numbers.

    Examples
    --------
    >>> fog.rotation.log([1.0, 0.0, 0.0, 1.0]).round(4)
    array([0.    , 0.    , 1.5708])
    """
    return _joined(quaternions.log(_numbers(q, 4, "q")))


def integrate(q: ArrayLike, rate: ArrayLike, dt: Any) -> Array:
    """The rotation after dt seconds at a constant rate about the axes of the body, as a gyroscope reports it.

    Parameters
    ----------
    q : array_like (..., 4)
        Unit quaternion at the beginning.
    rate : array_like (..., 3)
        Angular rate (rad/s) about the axes of the body.
    dt : float
        Duration (s).

    Returns
    -------
    ndarray (..., 4)
        q ⊗ exp(rate · dt): Solà 2017, eq. 214.

    Raises
    ------
    ModelError
        For other than four and three numbers.

    Examples
    --------
    >>> fog.rotation.to_euler(fog.rotation.integrate([1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.5], 2.0)).round(4)
    array([0., 0., 1.])
    """
    turn = [component * dt for component in _numbers(rate, 3, "rate")]
    return _joined(quaternions.multiply(_numbers(q, 4, "q"), quaternions.exp(turn)))


def to_matrix(q: ArrayLike) -> Array:
    """The matrix of a rotation.

    Parameters
    ----------
    q : array_like (..., 4)
        Unit quaternion.

    Returns
    -------
    ndarray (..., 3, 3)
        R: a vector v of the body is R v in the world. Solà 2017, eq. 115.

    Raises
    ------
    ModelError
        For other than four numbers.

    Examples
    --------
    >>> fog.rotation.to_matrix([0.0, 0.0, 0.0, 1.0])
    array([[-1.,  0.,  0.],
           [ 0., -1.,  0.],
           [ 0.,  0.,  1.]])
    """
    rows = [_joined(row) for row in quaternions.matrix(_numbers(q, 4, "q"))]
    return np.stack(rows, axis=-2)


def from_matrix(R: ArrayLike) -> Array:
    """The unit quaternion of a rotation matrix.

    Parameters
    ----------
    R : array_like (..., 3, 3)
        Rotation matrix.

    Returns
    -------
    ndarray (..., 4)
        Unit quaternion with w >= 0: Shepperd 1978, "Quaternion from rotation matrix".

    Raises
    ------
    ModelError
        For another shape.

    Examples
    --------
    >>> fog.rotation.from_matrix([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]).round(4)
    array([0.7071, 0.    , 0.    , 0.7071])
    """
    array = _array(R)
    if array.shape[-2:] != (3, 3):
        raise _refused(R, "R", "three rows of three numbers")
    return _joined(quaternions.of_matrix(np.moveaxis(array, (-2, -1), (0, 1))))


def from_euler(roll: Any, pitch: Any, yaw: Any) -> Array:
    """The rotation by yaw about z, then pitch about the new y, then roll about the new x.

    Parameters
    ----------
    roll, pitch, yaw : float or array_like (...)
        Angles (rad).

    Returns
    -------
    ndarray (..., 4)
        Unit quaternion.

    Examples
    --------
    >>> fog.rotation.from_euler(0.0, 0.0, np.pi).round(4)
    array([0., 0., 0., 1.])
    """
    return _joined(
        quaternions.of_euler(*(a if isinstance(a, Symbol) else _array(a) for a in (roll, pitch, yaw)))
    )


def to_euler(q: ArrayLike) -> Array:
    """Roll, pitch and yaw of a rotation.

    Parameters
    ----------
    q : array_like (..., 4)
        Unit quaternion.

    Returns
    -------
    ndarray (..., 3)
        Angles (rad) as `from_euler` takes them: pitch in [-π/2, π/2], the others in [-π, π].

    Raises
    ------
    ModelError
        For other than four numbers.

    Examples
    --------
    >>> fog.rotation.to_euler(fog.rotation.from_euler(0.1, 0.2, 0.3)).round(4)
    array([0.1, 0.2, 0.3])
    """
    return _joined(quaternions.to_euler(_numbers(q, 4, "q")))


def _numbers(value: Any, size: int, field: str) -> list[Any]:
    """The components of vectors of this size, from (..., size)."""
    array = _array(value)
    if array.ndim == 0 or array.shape[-1] != size:
        raise _refused(value, field, f"{size} numbers, or rows of {size}")
    return list(np.moveaxis(array, -1, 0))


def _array(value: Any) -> Array:
    """An array, of objects where there are symbols."""
    if isinstance(value, Vector):
        return np.asarray(value)
    symbols = isinstance(value, Sequence) and any(isinstance(v, Symbol) for v in value)
    return np.array(value, dtype=object) if symbols else np.asarray(value)


def _joined(components: Sequence[Any]) -> Array:
    """(..., k) from k components."""
    if any(isinstance(c, Symbol) for c in components):
        return np.array(components, dtype=object)
    return np.stack(np.broadcast_arrays(*components), axis=-1)


def _refused(value: Any, field: str, expected: str) -> ModelError:
    return ModelError.expected(field, value, expected, "A quaternion is (w, x, y, z).")
