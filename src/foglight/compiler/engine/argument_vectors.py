"""The arguments of functions that are called in every row: a `Vector` that is made and read in less time."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from foglight.trace.named_vector import Vector

_set_values: Callable[[Any, tuple[Any, ...]], None] = Vector._values.__set__  # type: ignore[attr-defined]


def vectors_of(names: Sequence[str], kind: str) -> Callable[[Iterable[Any]], Vector]:
    """A function from values to a Vector of these names, whose entries are read as the attributes of an object are."""

    def entry(index: int) -> property:
        return property(lambda self: self._values[index])

    members: dict[str, Any] = {name: entry(k) for k, name in enumerate(names) if not hasattr(Vector, name)}
    members |= {"__slots__": (), "_names": tuple(names), "_kind": kind, "__getitem__": _item}
    made = type("Vector", (Vector,), members)
    new: Callable[[type[Vector]], Vector] = made.__new__  # type: ignore[assignment]

    def vector(values: Iterable[Any]) -> Vector:
        found = new(made)
        _set_values(found, tuple(values))
        return found

    return vector


def _item(self: Any, index: Any) -> Any:
    if type(index) is int:
        try:
            return self._values[index]
        except IndexError:
            pass  # the error of a Vector names the entries that there are
    return Vector.__getitem__(self, index)
