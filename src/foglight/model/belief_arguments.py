"""The arguments of a belief, checked and in one form: mean, std, cov, factor and unknown directions."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core import checks
from foglight.core.entry_names import entry_names, refuse_names
from foglight.core.errors import ModelError
from foglight.core.types import Floats
from foglight.equations import spheres
from foglight.model.charts import Charts

_LARGEST = float(np.sqrt(np.finfo(np.float64).max))


def of_length_one(mean: Floats, unknown: Floats, charts: Charts) -> Floats:
    """The mean with its rotations and directions of length 1. ModelError for one that has none, or is unknown."""
    found = np.array(mean)
    for part in charts.parts:
        length = float(np.linalg.norm(mean[part.ambient]))
        if not length > 0.0:
            raise ModelError(
                f"mean: {part.name} = {mean[part.ambient].tolist()} has length 0, which is no direction: expected "
                f"{', '.join(charts.ambient[part.ambient])} of length 1. Write one, such as 1 followed by zeros.",
                field="mean", index=part.name, value=0.0,
            )  # fmt: skip
        if unknown[part.state].any():
            raise ModelError(
                f"std: nothing is known of {part.name}: expected a finite std (rad) of each of "
                f"{', '.join(charts.state[part.state])}, which are small. Give a start, with std=1.0 at the most.",
                field="std", index=part.name, value=np.inf,
            )  # fmt: skip
        found[part.ambient] = spheres.normalised(list(mean[part.ambient]))
    return found


def deviations_of(std: Any, n: int, charts: Charts) -> Floats:
    """Standard deviations (n,) >= 0, checked; inf where nothing is known."""
    finite, infinite = _without_infinite(std, "std")
    deviations = np.array(vector_of(finite, "std"))
    if charts.parts and len(deviations) != n:
        raise ModelError(
            f"std has {len(deviations)} entries, expected {n}: one for each of {', '.join(charts.state)}. Give a std "
            "(rad) for each small rotation.",
            field="std", value=len(deviations),
        )  # fmt: skip
    _same_size(deviations, n, "std")
    for i in np.flatnonzero(deviations < 0):
        raise ModelError(
            f"std[{i}] = {deviations[i]}: a standard deviation must be >= 0. Did you pass a signed value?",
            field="std", index=int(i), value=deviations[i],
        )  # fmt: skip
    for i in np.flatnonzero(deviations > _LARGEST):
        raise ModelError(
            f"std[{i}] = {deviations[i]:g}: its square is not a finite number. Choose a larger unit.",
            field="std", index=int(i), value=deviations[i],
        )  # fmt: skip
    if infinite is not None:
        deviations[infinite] = np.inf
    return deviations


def covariance_of(cov: Any, n: int) -> tuple[Any, NDArray[np.bool_]]:
    """The covariance with the infinite variances set to 0, and a mask (n,) of the states that had them."""
    cov = [[cov]] if n == 1 and checks.is_number(cov) else cov
    infinite = _without_infinite(cov, "cov")[1]
    free = np.zeros(n, np.bool_)
    if infinite is None or infinite.shape != (n, n):
        return cov, free
    whole, free = np.array(cov, dtype=float), np.diagonal(infinite)
    whole[free, free] = 0.0
    for i, j in np.argwhere(whole != 0.0):
        if free[i] or free[j]:
            raise ModelError(
                f"cov[{i},{j}] = {whole[i, j]:g} next to an infinite variance: expected 0, because nothing is known of "
                "that state. Set the entry to 0, or give the state a finite variance.",
                field="cov", index=(int(i), int(j)), value=float(whole[i, j]),
            )  # fmt: skip
    return whole, free


def _without_infinite(value: Any, field: str) -> tuple[Any, NDArray[np.bool_] | None]:
    """The numbers with +inf replaced by 0, and a mask of those entries; value and None if there are none."""
    refuse_names(entry_names(value), field, ModelError)
    try:
        array = np.array(value)
    except ValueError:  # rows of different lengths
        return value, None
    if isinstance(value, np.ma.MaskedArray) or array.dtype.kind != "f" or not np.isposinf(array).any():
        return value, None
    infinite = np.isposinf(array)
    return np.where(infinite, 0.0, array), infinite


def directions_of(unknown: Any, n: int) -> Floats:
    """Unknown directions (n, d), checked; none by default."""
    if unknown is None:
        return np.zeros((n, 0))
    array = np.array(unknown, dtype=float) if np.size(unknown) == 0 else checks.numbers(unknown, "unknown")
    array = checks.filled(array, (n, 1))
    if array.ndim != 2 or len(array) != n:
        raise ModelError(
            f"unknown has shape {array.shape}, expected ({n}, d): a column for each direction. Leave it out, and give "
            "std=inf for a state of which nothing is known.",
            field="unknown",
            value=array.shape,
        )
    return array


def vector_of(value: Any, field: str) -> Floats:
    array = checks.filled(checks.numbers(value, field), (1,))
    if array.ndim != 1 or not len(array):
        column = f" Vectors are 1-D: write np.ravel({field})." if array.ndim > 1 else ""
        raise ModelError(
            f"{field} has shape {array.shape}: expected a vector of numbers, one per state. Write [2.0] for one state."
            f"{column}",
            field=field, value=array.shape,
        )  # fmt: skip
    return array


def _same_size(array: Floats, n: int, field: str) -> None:
    if len(array) != n:
        raise ModelError(
            f"{field} has {len(array)} entries, expected {n}, as many as mean. Give one per state.",
            field=field,
            value=len(array),
        )


def factor_given(factor: Any, n: int) -> tuple[Floats, Floats]:
    if not isinstance(factor, tuple) or len(factor) != 2:
        raise ModelError.expected("factor", factor, "two arrays", "Pass (U, D) as .factor gives it.")
    upper = checks.filled(checks.numbers(factor[0], "factor[0]"), (n, n))
    pivots = checks.filled(checks.numbers(factor[1], "factor[1]"), (n,))
    if upper.shape != (n, n) or pivots.shape != (n,):
        raise ModelError(
            f"factor has shapes {upper.shape} and {pivots.shape}, expected ({n}, {n}) and ({n},). "
            "Pass (U, D) as .factor gives it.",
            field="factor",
            value=(upper.shape, pivots.shape),
        )
    if not np.array_equal(np.tril(upper), np.eye(n)):
        i, j = np.argwhere(np.tril(upper) != np.eye(n))[0]
        raise ModelError(
            f"factor: U[{i},{j}] = {upper[i, j]}, but U must be unit upper triangular. "
            "Pass (U, D) as .factor gives it.",
            field="factor", index=(int(i), int(j)), value=upper[i, j],
        )  # fmt: skip
    for i in np.flatnonzero(pivots < 0):
        raise ModelError(
            f"factor: D[{i}] = {pivots[i]}: a variance must be >= 0. Pass (U, D) as .factor gives it.",
            field="factor", index=int(i), value=pivots[i],
        )  # fmt: skip
    return upper, pivots
