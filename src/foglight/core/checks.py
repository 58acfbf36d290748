"""Checks of the numbers and names that users pass: converted to one form, or refused with an error message."""

import keyword
import unicodedata
from collections.abc import Iterable
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from foglight.core.entry_names import entry_names, refuse_names
from foglight.core.errors import ModelError

LONGEST_NAME = 100
_FLOAT64 = np.dtype(np.float64)
_REMEDY = (
    "Look for a division by zero or a value that was never set; NaN is only for missing readings in a log."
)
_REMEDIES = dict.fromkeys(("mean", "std", "cov"), "For an unknown start give start=None.")
MEMORY = 2.0 * 2**30  # bytes that the matrices of one step may take
_MATRICES_PER_STEP = 6  # F, P and its factor, F U, Q, work space: each n x n


def names(values: Any, field: str, *, empty: bool = False) -> tuple[str, ...]:
    """Distinct identifiers as a tuple. A single string is refused: it would be read letter by letter."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        hint = f" Write ({values!r},)." if isinstance(values, str) else ""
        raise ModelError(f"{field} = {values!r}: expected a tuple of names.{hint}", field=field, value=values)
    checked: dict[str, None] = {}  # ordered, with fast look-up
    for index, value in enumerate(values):
        found = name(value, field, index)
        if found in checked:
            raise ModelError(
                f"{field}[{index}] = {found!r}: duplicate name. Give each one its own.",
                field=field,
                index=index,
                value=found,
            )
        checked[found] = None
    if not checked and not empty:
        raise ModelError(
            f"{field} is empty: expected at least one name. Write ('gap',).", field=field, value=values
        )
    return tuple(checked)


def name(value: Any, field: str, index: int | None = None) -> str:
    """A name that is valid after a dot in Python and in an exported file."""
    if not isinstance(value, str):
        problem = f"is of type {type(value).__name__}: expected a string"
    elif len(value) > LONGEST_NAME:
        problem = f"has {len(value)} characters, more than {LONGEST_NAME}"
    elif not value.isidentifier() or keyword.iskeyword(value) or value.startswith("_"):
        problem = "is not an identifier: expected letters, digits and underscores, a letter first, no Python keyword"
    elif unicodedata.normalize("NFKC", value) != value:
        problem = "has letters that Python normalises to others; use their plain form"
    else:
        return value
    shown = ascii(value if not isinstance(value, str) else value[:40])
    where = field if index is None else f"{field}[{index}]"
    raise ModelError(
        f"{where} = {shown} {problem}. Choose a short word such as 'gap'.",
        field=field,
        index=index,
        value=value,
    )


def subset(values: Any, of: tuple[str, ...], field: str) -> tuple[str, ...]:
    """Names, each of which must be one of `of`."""
    found = names(values, field, empty=True)
    for index, value in enumerate(found):
        if value not in of:
            raise ModelError(
                f"{field}[{index}] = {value!r}: expected one of {', '.join(of)}. Rename it.",
                field=field,
                index=index,
                value=value,
            )
    return found


def numbers(value: Any, field: str) -> NDArray[np.float64]:
    """A read-only float64 copy with finite entries. Integers and float32 are widened."""
    refuse_names(entry_names(value), field, ModelError)
    if isinstance(value, np.ma.MaskedArray):
        masked = np.argwhere(np.ma.getmaskarray(value))
        index = tuple(int(i) for i in masked[0]) if len(masked) else None
        raise ModelError(
            f"{at(field, index or ())} is masked: a model has no missing numbers. Pass plain numbers.",
            field=field,
            index=bare(index),
            value="masked",
        )
    try:
        array = np.array(value)
    except ValueError as error:
        raise ModelError(
            f"{field} has rows of different lengths: {brief(value)}. Make them equal.",
            field=field,
            value=value,
        ) from error
    kind = array.dtype
    if not converts(kind):
        index, entry = stray(array)
        raise ModelError(
            f"{field} holds {called(kind)} values: expected float64, but {at(field, index)} = {entry!r}. "
            f"Convert with np.asarray({field}, dtype=float).",
            field=field,
            index=bare(index),
            value=entry,
        )
    wide = lossy(array)
    if wide is not None:
        raise ModelError(
            f"{at(field, wide)} = {array[wide]}: integers beyond 2^53 lose digits as float64. "
            "Choose a larger unit, or pass a float.",
            field=field,
            index=bare(wide),
            value=int(array[wide]),
        )
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ModelError(
            f"{at(field, index)} = {array[index]}: expected a finite number. {_REMEDIES.get(field, _REMEDY)}",
            field=field,
            index=bare(index),
            value=float(array[index]),
        )
    array.setflags(write=False)
    return array


def plain(value: Any) -> TypeGuard[NDArray[np.float64]]:
    """Whether a value is an array of float64 and nothing else: it needs no conversion, and has no names or mask."""
    return type(value) is np.ndarray and value.dtype is _FLOAT64


def filled(array: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """The array; a single number as an array of this shape, if that has one entry."""
    return array.reshape(shape) if not array.ndim and set(shape) == {1} else array


def is_whole(value: Any) -> bool:
    """Whether a value is an integer; booleans and durations are not."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.timedelta64))


def is_number(value: Any) -> bool:
    """Whether a value is a real number of Python or numpy; booleans and durations are not."""
    return is_whole(value) or isinstance(value, (float, np.floating))


def converts(dtype: np.dtype[Any]) -> bool:
    """Whether numbers of this type convert to float64 silently: float32, float64, integers and booleans."""
    return dtype.kind in "fiub" and dtype.itemsize in (1, 2, 4, 8) and dtype != np.float16


def stray(array: NDArray[Any]) -> tuple[tuple[int, ...], Any]:
    """Index and value of the first entry that does not convert to float64."""
    index: tuple[int, ...]
    for index in np.ndindex(array.shape):
        value = array[index]
        if array.dtype != object or not isinstance(value, (int, float, np.integer, np.float64, np.float32)):
            return index, value.item() if isinstance(
                value, np.generic
            ) and array.dtype.kind in "USc" else value
    return (), array.dtype.name


def lossy(array: NDArray[Any]) -> tuple[int, ...] | None:
    """The index of the first integer beyond 2^53, where float64 loses digits; None if there is none."""
    if array.dtype.kind not in "iu" or array.dtype.itemsize < 8:
        return None
    wide = np.argwhere((array > 2**53) | (array < -(2**53)))
    return tuple(int(i) for i in wide[0]) if len(wide) else None


def one_of(value: str, known: tuple[str, ...], field: str) -> None:
    """Raise ModelError unless the value of an argument is one of these names, of which the first is the default."""
    if value not in known:
        names = ", ".join(map(repr, known))
        raise ModelError.expected(field, value, f"one of {names}", f"Leave it out for {known[0]!r}.")


def fits_memory(n: int, field: str) -> None:
    """Raise ModelError if one step of n states would take more memory than `MEMORY`."""
    need = _MATRICES_PER_STEP * 8.0 * n * n
    if need > MEMORY:
        raise ModelError(
            f"{field} has {n} states: one step needs {need / 2**30:.1f} GiB, more than {MEMORY / 2**30:.0f}. "
            "Split the model into parts that do not share states.",
            field=field,
            value=n,
        )


def brief(value: Any) -> str:
    """The repr of a value, shortened to fit in a message."""
    text = repr(value)
    return text if len(text) <= LONGEST_NAME else text[:LONGEST_NAME] + "…"


def called(dtype: np.dtype[Any]) -> str:
    """The name of a type in messages."""
    return "text" if dtype.kind in "US" else dtype.name


def bare(index: tuple[int, ...] | None) -> int | tuple[int, ...] | None:
    """The index as an error holds it: (i, j), i, or None for a scalar."""
    return index[0] if index is not None and len(index) == 1 else index or None


def at(field: str, index: tuple[int, ...]) -> str:
    """A field with its index, such as `R[1,1]`."""
    return field + (f"[{','.join(map(str, index))}]" if index else "")
