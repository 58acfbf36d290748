"""The arrays that a user assigns to a filter: each has one shape, and nothing is broadcast to it."""

from collections.abc import Callable
from typing import Any

import numpy as np

from foglight.core import checks
from foglight.core.errors import DataError, ModelError
from foglight.core.types import Array, Floats
from foglight.data.numbers import readings
from foglight.model.returned import covariance_hint

Read = Callable[[Any, Any, str], Any]  # the filter, the value, the name of the attribute -> what is kept


class Kept:
    """An attribute that is read by `read` when it is assigned, and kept under its own name.

    An array of float64 is kept as it is and not copied, so that what its owner changes in it later holds here, too.
    """

    def __init__(self, read: Read) -> None:
        self._read = read

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, kept_by: Any, owner: type | None = None) -> Any:
        return self if kept_by is None else kept_by.__dict__[self._name]

    def __set__(self, kept_by: Any, value: Any) -> None:
        kept_by.__dict__[self._name] = self._read(kept_by, value, self._name)


def numbers(value: Any, field: str) -> Floats:
    """An array of float64 that can be written to; one that is given is not copied, and its entries not checked."""
    return value if checks.plain(value) else checks.numbers(value, field).copy()


def state(value: Any, n: int, field: str = "x") -> Floats:
    """A vector (n,) or a column (n, 1); a number where n is 1."""
    x = numbers(value, field)
    if x.shape in ((n,), (n, 1)):
        return x
    if x.ndim == 0 and n == 1:
        return x.reshape(1, 1)
    turned = f" Write np.transpose({field})." if x.shape == (1, n) else ""
    raise ModelError(
        f"{field} has shape {x.shape}, expected ({n}, 1) or ({n},). Nothing is broadcast.{turned}",
        field=field, value=x.shape,
    )  # fmt: skip


def covariance(value: Any, n: int, field: str) -> Floats:
    """A matrix (n, n); one number where n is 1."""
    A = numbers(value, field)
    if A.shape == (n, n):
        return A
    if A.size == 1 and n == 1:
        return A.reshape(1, 1)
    raise ModelError(
        f"{field} has shape {A.shape}, expected ({n}, {n}). Nothing is broadcast.{covariance_hint(A, n)}",
        field=field, value=A.shape,
    )  # fmt: skip


def noise(value: Any, n: int, field: str) -> Floats:
    """The noise of one call: a number stands for equal, independent noise, as filterpy documents it."""
    if checks.is_number(value):
        return np.eye(n) * float(value)
    return covariance(value, n, field)


def matrix(value: Any, rows: int | None, columns: int, field: str) -> Floats:
    """A matrix (rows, columns), of any number of rows where that is None; a number where it has one entry."""
    A = numbers(value, field)
    if A.ndim == 0 and (rows or 1) == columns == 1:
        return A.reshape(1, 1)
    if A.ndim == 2 and A.shape[1] == columns and (rows is None or len(A) == rows):
        return A
    expected = f"({'m' if rows is None else rows}, {columns})"
    row = f" Write np.atleast_2d({field})." if A.shape == (columns,) and rows in (1, None) else ""
    raise ModelError(
        f"{field} has shape {A.shape}, expected {expected}. Nothing is broadcast.{row}",
        field=field, value=A.shape,
    )  # fmt: skip


def reading(value: Any, m: int, field: str = "z") -> Floats:
    """The m numbers of a reading as (m,), from a number, a vector, a row or a column. Whether they are finite is
    checked with what is computed from them."""
    if checks.plain(value):
        z = value
    elif type(value) in (float, int):
        z = np.array([value], float)
    else:
        z = readings(value, field)
    if z.size != m or z.ndim > 2 or (z.ndim == 2 and 1 not in z.shape):
        raise DataError(
            f"{field} has shape {z.shape}, expected ({m}, 1) or ({m},): H has {m} rows. Pass None to skip the update.",
            field=field, value=z.shape,
        )  # fmt: skip
    return z.reshape(m)


def control(u: Any, B: Any, n: int) -> Floats | float:
    """B u as (n,); 0 without a control."""
    if u is None or B is None or (checks.is_number(u) and u == 0):
        return 0.0
    B = numbers(B, "B")
    if B.ndim == 0 and float(B) == 0.0:
        return 0.0
    B = B.reshape(n, 1) if B.shape == (n,) or (B.ndim == 0 and n == 1) else B
    if B.ndim != 2 or len(B) != n:
        raise ModelError(
            f"B has shape {B.shape}, expected ({n}, k). Give it one row per state.", field="B", value=B.shape
        )
    k = B.shape[1]
    inputs = numbers(u, "u")
    if inputs.size != k or inputs.ndim > 2:
        raise ModelError(
            f"u has shape {inputs.shape}, expected ({k},): B has {k} columns. Nothing is broadcast.",
            field="u", value=inputs.shape,
        )  # fmt: skip
    shift: Floats = B @ inputs.reshape(k)
    return shift


def shaped(flat: Array, column: bool) -> Array:
    """A vector (m,), as a column (m, 1) where the state is one. It is a copy that can be written to."""
    return flat.copy().reshape(-1, 1) if column else flat.copy()
