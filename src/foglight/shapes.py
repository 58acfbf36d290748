"""Numbers and names as users give them, brought to one shape or refused with a sentence."""

import keyword
import unicodedata
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.errors import ModelError
from foglight.noise import Factored

LONGEST_NAME = 100


def names(values: Any, field: str, *, empty: bool = False) -> tuple[str, ...]:
    """Distinct identifiers as a tuple. One text in place of a tuple is refused: it would be read by letters."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        hint = f" Write ({values!r},)." if isinstance(values, str) else ""
        raise ModelError(f"{field} = {values!r}: expected a tuple of names.{hint}", field=field, value=values)
    checked: list[str] = []
    for index, value in enumerate(values):
        found = name(value, f"{field}[{index}]")
        if found in checked:
            raise ModelError(
                f"{field}[{index}] = {found!r}: the name is there twice. Give each one its own.",
                field=field,
                index=index,
                value=found,
            )
        checked.append(found)
    if not checked and not empty:
        raise ModelError(f"{field} is empty: expected at least one name.", field=field, value=values)
    return tuple(checked)


def name(value: Any, field: str) -> str:
    """A name that can stand behind a dot in Python and in an exported file."""
    if not isinstance(value, str):
        problem = f"is a {type(value).__name__}, not a text"
    elif len(value) > LONGEST_NAME:
        problem = f"has {len(value)} characters, more than {LONGEST_NAME}"
    elif not value.isidentifier() or keyword.iskeyword(value) or value.startswith("_"):
        problem = "is no identifier: letters, digits and underscores, a letter first, no Python keyword"
    elif unicodedata.normalize("NFKC", value) != value:
        problem = "has letters that Python reads as others; use their plain form"
    else:
        return value
    shown = ascii(value if not isinstance(value, str) else value[:40])
    raise ModelError(
        f"{field} = {shown} {problem}. Choose a short word such as 'gap'.", field=field, value=value
    )


def subset(values: Any, of: tuple[str, ...], field: str) -> tuple[str, ...]:
    """Names that are all among others."""
    found = names(values, field, empty=True)
    for index, value in enumerate(found):
        if value not in of:
            raise ModelError(
                f"{field}[{index}] = {value!r}: expected one of {', '.join(of)}.",
                field=field,
                index=index,
                value=value,
            )
    return found


def numbers(value: Any, field: str) -> NDArray[np.float64]:
    """A copy in float64 that nobody can write to, finite throughout. Whole numbers and float32 are widened."""
    if np.ma.isMaskedArray(value):
        raise ModelError(
            f"{field} is a masked array: a model has no missing numbers. Pass plain numbers.", field=field
        )
    try:
        array = np.array(value)
    except ValueError as error:
        raise ModelError(f"{field} has rows of different lengths. Make them equal.", field=field) from error
    kind = array.dtype
    if kind.kind not in "fiub" or kind.itemsize not in (1, 2, 4, 8) or kind == np.float16:
        raise ModelError(
            f"{field} holds {_kind(kind)} values: expected float64. Convert with np.asarray({field}, dtype=float).",
            field=field,
            value=kind.name,
        )
    array = array.astype(np.float64)
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        index = tuple(int(i) for i in bad[0])
        raise ModelError(
            f"{at(field, index)} = {array[index]}: expected a finite number. "
            "For an unknown start give start=None; for a missing measurement put NaN in the log.",
            field=field,
            index=index,
            value=float(array[index]),
        )
    array.setflags(write=False)
    return array


def _kind(dtype: np.dtype[Any]) -> str:
    return "text" if dtype.kind in "US" else dtype.name


def at(field: str, index: tuple[int, ...]) -> str:
    """`R[1,1]`."""
    return field + (f"[{','.join(map(str, index))}]" if index else "")


def vector(value: Any, labels: tuple[str, ...], field: str) -> NDArray[Any]:
    """What a dynamics or measure function returned, as an array with one entry a label.

    Symbols stay symbols. A lone scalar serves where one is expected.
    """
    size = len(labels)
    array = _returned(value, field)
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
    """What a noise function returned: Factored as it is, a full matrix as an array (size, size).

    A lone scalar serves where size is 1; for several components it is refused, and so is a vector.
    """
    if isinstance(value, Factored):
        if len(value.G) != size:
            raise ModelError(
                f"{field} returned factored noise for {len(value.G)}: expected {size}. "
                f"G needs {size} row{'s' * (size > 1)}.",
                field=field,
                value=value.G.shape,
            )
        return value
    array = _returned(value, field)
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


def covariance_hint(array: NDArray[Any], size: int) -> str:
    """What somebody who gave fewer numbers than a covariance has will have meant."""
    if array.ndim == 0:
        shown = "r" if array.dtype == object else f"{float(array):g}"
        return f" One number says nothing about the others: for equal, unrelated noise write {shown} * np.eye({size})."
    if array.shape == (size,):
        return " For unrelated noise write np.diag([...]) of the variances."
    return " Give variances on the diagonal and covariances beside it."


def _returned(value: Any, field: str) -> NDArray[Any]:
    if value is None:
        raise ModelError(f"{field} returned None. End the function with `return [...]`.", field=field)
    try:
        array = np.array(value)
    except ValueError as error:
        raise ModelError(f"{field} returned rows of different lengths.", field=field, value=value) from error
    if array.dtype != object and array.dtype.kind not in "fiub":
        raise ModelError(
            f"{field} returned {_kind(array.dtype)} values: expected real numbers. Return floats.",
            field=field,
            value=array.dtype.name,
        )
    return array if array.dtype == object else array.astype(float)
