"""Memory for results, reused once the run that held it is gone.

The operating system zeroes fresh memory page by page, which takes as long as filtering into it does.
So the blocks of the last few large results that were dropped are kept for the next ones.
"""

import math
import os
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import DataError
from foglight.core.locks import RESULTS

_SMALLEST = 1 << 20  # bytes; the allocator is fast enough for less
_KEPT = 4  # blocks: a run, its details, and their covariances
_KEPT_BYTES = 1 << 29
_LIMITS = (
    "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes",
)  # of a container on Linux
_spare: list[NDArray[np.uint8]] = []  # the most recent last


class _Block:
    """Holds one block of memory, and returns it to the spare blocks when the last array on it is gone."""

    def __init__(self, size: int) -> None:
        with RESULTS:
            fitting = [k for k, block in enumerate(_spare) if size <= len(block) <= 2 * size]
            best = min(fitting, key=lambda k: len(_spare[k]), default=None)
            self.bytes = np.empty(size, np.uint8) if best is None else _spare.pop(best)
        self.__array_interface__ = self.bytes.__array_interface__

    def __del__(self) -> None:
        block = getattr(self, "bytes", None)  # None if the allocation failed
        if block is not None and RESULTS.acquire(blocking=False):
            _spare.append(block)
            while len(_spare) > _KEPT or sum(map(len, _spare)) > _KEPT_BYTES:
                del _spare[0]
            RESULTS.release()


def empty(shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """An uninitialised array, in a spare block if one fits. DataError if it exceeds the memory of the machine."""
    kind = np.dtype(dtype)
    size = math.prod(shape) * kind.itemsize
    if size < _SMALLEST:
        return np.empty(shape, kind)
    rows = math.prod(shape[:2])
    what = f"the results of {rows} rows, {size // rows} bytes each,"
    check_fits(size, what, "Use a part of the log, or fewer tracks at a time.", "log", rows)
    block: NDArray[Any] = np.asarray(_Block(size))[:size]
    result: NDArray[Any] = block.view(kind).reshape(shape)
    return result


def available_memory() -> int:
    """The bytes of memory that this process may have: those of the machine, or of its container if that has fewer. If
    unknown, more than any machine has."""
    try:
        machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        machine = 1 << 60
    return min(machine, _of_container())


@cache
def _of_container() -> int:
    for path in _LIMITS:
        try:
            with open(path) as file:
                return int(file.read())
        except (OSError, ValueError):  # no such file, or "max"
            continue
    return 1 << 60


def check_fits(size: int, what: str, remedy: str, field: str, value: Any) -> None:
    """Raise DataError, before anything is allocated, if results of `size` bytes exceed the memory of the machine."""
    memory = available_memory()
    if size > memory:
        raise DataError(
            f"{what} take {size / 2**30:.1f} GiB, more than the {memory / 2**30:.1f} GiB of this machine. {remedy}",
            field=field,
            value=value,
        )
