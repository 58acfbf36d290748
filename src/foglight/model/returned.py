"""The value returned by a user's function, as an array of the expected shape; or an error that names the function."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.checks import bare, brief, called, stray
from foglight.core.entry_names import entry_names, refuse_names
from foglight.core.errors import ModelError
from foglight.core.text import listed
from foglight.equations.gaussian import Factored


def vector(value: Any, labels: tuple[str, ...], field: str) -> NDArray[Any]:
    """The value returned by a dynamics or measure function, as an array with one entry per label.

    Symbols stay symbols. A scalar is accepted where one value is expected.
    """
    size = len(labels)
    array = returned(value, field)
    if array.ndim == 0 and size == 1:
        array = array.reshape(1)
    if array.shape != (size,):
        hint = " Vectors are 1-D: no columns." if array.ndim > 1 else ""
        raise ModelError(
            f"{field} returned shape {array.shape}: expected one value for each of {', '.join(labels)}, "
            f"shape ({size},). Write `return [...]` with {size} value{'s' * (size > 1)}.{hint}",
            field=field,
            value=array.shape,
        )
    return array


def covariance(value: Any, size: int, field: str) -> Factored | NDArray[Any]:
    """The value returned by a noise function: Factored unchanged, a full matrix as an array (size, size).

    A scalar is accepted where size is 1. For several components it is refused, and so is a vector.
    """
    if isinstance(value, Factored):
        if len(value.G) != size:
            raise ModelError(
                f"{field} returned factored noise for {len(value.G)} components: expected {size}. "
                f"Give G {size} row{'s' * (size > 1)}.",
                field=field,
                value=len(value.G),
            )
        return value
    array = returned(value, field)
    if array.size == 1 and size == 1:
        return array.reshape(1, 1)
    if array.shape != (size, size):
        raise ModelError(
            f"{field} returned shape {array.shape}: expected a covariance of shape ({size}, {size})."
            + covariance_hint(array, size),
            field=field,
            value=array.shape,
        )
    return array


def real(values: NDArray[Any], field: str) -> NDArray[np.float64]:
    """The values that a function returned on numbers, as floats."""
    try:
        return values.astype(float)
    except (TypeError, ValueError) as reason:
        raise ModelError(
            f"{field} returned {values.tolist()!r}: expected real numbers. Return floats.",
            field=field,
            value=values,
        ) from reason


def numbers_or_symbols(values: Any, field: str) -> NDArray[Any]:
    """Values given to a noise, as an array of floats, or of objects where symbols are among them."""
    refuse_names(entry_names(values), field, ModelError)
    try:
        array = np.array(values)
        if array.dtype == object and all(hasattr(v, "__sub__") for v in array.ravel()):
            return array
        return array.astype(float)
    except (TypeError, ValueError) as error:
        raise ModelError(
            f"factored noise: {field} = {values!r}: expected numbers, in rows of equal length.",
            field=field,
            value=values,
        ) from error


def covariance_hint(array: NDArray[Any], size: int) -> str:
    """A hint for numbers given in place of a full covariance."""
    if array.ndim == 0:
        shown = "r" if array.dtype == object else f"{float(array):g}"
        return (
            f" One number is not a covariance: for equal, independent noise write {shown} * np.eye({size})."
        )
    if array.shape == (size,):
        if array.dtype == object:
            return " For independent noise write np.diag([...]) of the variances."
        shown = ", ".join(f"{v:g}" for v in array.tolist()[:4]) + ", ..." * (size > 4)
        return f" Write {shown}." if size == 1 else f" For independent noise write np.diag([{shown}])."
    return " Give variances on the diagonal and covariances off it."


def returned(value: Any, field: str) -> NDArray[Any]:
    """The value returned by a function, as an array of numbers or symbols."""
    if value is None:
        raise ModelError(
            f"{field} returned None. End the function with `return [...]`.", field=field, value=value
        )
    if names := entry_names(value):
        raise ModelError(
            f"{field} returned values with names, {listed(names)}, which would be ignored: expected plain numbers in "
            "the order of the model. Return a list.",
            field=field,
            value=names,
        )
    try:
        array = np.array(value)
    except ValueError as error:
        raise ModelError(
            f"{field} returned {brief(value)}, rows of different lengths. Return one value each, as `return [a, b]`.",
            field=field,
            value=value,
        ) from error
    if array.dtype != object and array.dtype.kind not in "fiub":
        index, entry = stray(array)
        raise ModelError(
            f"{field} returned {called(array.dtype)} values, {brief(value)}: expected real numbers. Return floats.",
            field=field,
            index=bare(index),
            value=entry,
        )
    return array if array.dtype == object else array.astype(float)
