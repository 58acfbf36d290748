"""Memory for results, used again once the run that held it is gone.

Fresh memory is zeroed by the operating system, page by page, which takes as long as filtering into it does.
So the block of the last large result that was dropped is kept for the next one.
"""

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

_WORTH = 1 << 20  # bytes; the allocator does well with less
_KEPT_AT_MOST = 1 << 29
_lock = threading.Lock()
_spare: list[NDArray[np.uint8]] = []


class _Block:
    """The owner of one block: when the last array on it is gone, the block is spare."""

    def __init__(self, size: int) -> None:
        with _lock:
            fits = bool(_spare) and size <= len(_spare[0]) <= 2 * size
            self.bytes = _spare.pop() if fits else np.empty(size, np.uint8)
        self.__array_interface__ = self.bytes.__array_interface__

    def __del__(self) -> None:
        if len(self.bytes) <= _KEPT_AT_MOST and _lock.acquire(blocking=False):
            _spare[:] = [self.bytes]
            _lock.release()


def empty(shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """An uninitialised array, on a block that was used before where one fits."""
    kind = np.dtype(dtype)
    size = int(np.prod(shape)) * kind.itemsize
    if size < _WORTH:
        return np.empty(shape, kind)
    block: NDArray[Any] = np.asarray(_Block(size))[:size]
    result: NDArray[Any] = block.view(kind).reshape(shape)
    return result
