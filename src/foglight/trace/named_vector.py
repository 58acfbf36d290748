"""The arguments of a model function: named scalars in a fixed order, read-only.

The same class serves the state x, the parameters p and the controls u. It holds symbols while a model is
traced and floats otherwise.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray

from foglight.core.checks import is_whole
from foglight.core.errors import ModelError
from foglight.trace.source_location import here


class Vector(NDArrayOperatorsMixin):
    """Scalars, read by name (`x.gap`), index (`x[0]`), slice or unpacking; an array where NumPy expects one.

    names (n,), values (n,): symbols, floats, or arrays over tracks.
    kind: the word for an entry in messages: "state", "parameter", "control".

    Unknown names, indices beyond the end and item assignment are ModelErrors.

    >>> gap, speed = x = Vector(("gap", "speed"), (5.0, -1.0))
    >>> x.gap + 2.0 * x[1], [[1.0, 2.0]] @ x
    (3.0, array([3.]))
    """

    __slots__ = ("_kind", "_names", "_values")

    def __init__(self, names: Sequence[str], values: Iterable[Any], kind: str = "state") -> None:
        put = object.__setattr__
        put(self, "_names", tuple(names))
        put(self, "_values", tuple(values))
        put(self, "_kind", kind)

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __repr__(self) -> str:
        return ", ".join(f"{name}={value}" for name, value in zip(self._names, self._values, strict=True))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # a protocol of NumPy or copy, not an entry
        if name in self._names:
            return self._values[self._names.index(name)]
        raise ModelError(f"{here()}: there is no {self._kind} '{name}'. {self._known()}", field=name)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return _array(self._values[index])
        if isinstance(index, str):
            return self.__getattr__(index)
        if not is_whole(index):
            raise ModelError(
                f"{here()}: a {self._kind} is read by name, whole number or slice, not {index!r}."
            )
        if not -len(self) <= index < len(self):
            raise ModelError(
                f"{here()}: there is no {self._kind} number {index}. {self._known()}", index=index
            )
        return self._values[index]

    def __setattr__(self, name: str, value: Any) -> None:
        raise ModelError(f"{here()}: a {self._kind} cannot be set. Return the new values: `return [a, b]`.")

    def __setitem__(self, index: Any, value: Any) -> None:
        self.__setattr__(str(index), value)

    def __copy__(self) -> "Vector":
        return self  # read-only

    def __deepcopy__(self, memo: Any) -> "Vector":
        return self

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return _array(self._values)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if any(isinstance(target, Vector) for target in kwargs.get("out", ())):
            self.__setattr__("", None)
        return getattr(ufunc, method)(*_plain(inputs), **kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return function(*_plain(args), **{name: _plain(value) for name, value in kwargs.items()})

    def _known(self) -> str:
        if not self._names:
            return "There are none."
        return "There are: " + ", ".join(self._names) + "."


def names_of(vector: "Vector") -> tuple[str, ...]:
    """The names of its entries, in order."""
    return tuple(vector._names)


def kind_of(vector: "Vector") -> str:
    """The word for one of its entries: "state", "parameter" or "control"."""
    kind: str = vector._kind
    return kind


def _plain(value: Any) -> Any:
    """The value with each Vector in it, at any depth of nested lists, converted to an array."""
    if isinstance(value, Vector):
        return _array(value._values)
    return type(value)(map(_plain, value)) if type(value) in (list, tuple) else value


def _array(values: Sequence[Any]) -> NDArray[Any]:
    """The scalars as an array: of floats if all are numbers, else of objects."""
    if all(issubclass(kind, (float, int, np.number, np.ndarray)) for kind in {*map(type, values)}):
        return np.array(values, dtype=float)
    boxed = np.empty(len(values), dtype=object)
    boxed[:] = values
    return boxed
