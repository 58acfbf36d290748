"""The names of the series so far: whether a series comes back after it ended."""

from typing import Any


class Seen:
    """Names in the order of the stream.

    While they ascend, each is new if it is greater than the last one: they are then kept as Arrow arrays, which take
    no more than the names themselves. Only where one does not, they become a set.
    """

    def __init__(self) -> None:
        self._arrays: list[Any] = []
        self._greatest: Any = None
        self._names: set[Any] | None = None

    def any_known(self, names: Any) -> bool:
        """Whether one of these names, an Arrow array, is known or stands twice among them."""
        if self._names is None and self._ascend(names):
            return False
        values = names.to_pylist()
        return len(set(values)) < len(values) or not self.names.isdisjoint(values)

    def add(self, names: Any) -> None:
        """Add names of which none is known."""
        if not len(names):
            return
        if self._names is None and self._ascend(names):
            self._arrays.append(names)
            self._greatest = names[-1].as_py()
        else:
            self.names.update(names.to_pylist())

    @property
    def names(self) -> set[Any]:
        """All names as a set, which from now on is kept."""
        if self._names is None:
            self._names = {name for array in self._arrays for name in array.to_pylist()}
            self._arrays = []
        return self._names

    def _ascend(self, names: Any) -> bool:
        import pyarrow.compute as pc

        if not len(names):
            return True
        if self._greatest is not None and not names[0].as_py() > self._greatest:
            return False
        return len(names) == 1 or bool(pc.all(pc.less(names[:-1], names[1:])).as_py())
