"""Memory for results, reused once the run that held it is gone.

The operating system zeroes fresh memory page by page, which takes as long as filtering into it does.
So the blocks of the last few large results that were dropped are kept for the next ones. Very large ones are lent to
the system meanwhile, where it can take them back: it may use their memory whenever it has no other.
"""

import math
import os
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import DataError
from foglight.core.locks import RESULTS

_SMALLEST = 1 << 20  # bytes; the allocator is fast enough for less
_KEPT = 4  # blocks: a run, its details, and their covariances
_KEPT_BYTES = 1 << 29
_LENT = 1 << 27  # bytes from which a block is lent
_LENT_SHARE = 8  # at most one in so many bytes of the machine
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
        self.lend = None if len(self.bytes) < _LENT else _lender()
        self.__array_interface__ = self.bytes.__array_interface__

    def __del__(self) -> None:
        block = getattr(self, "bytes", None)  # None if the allocation failed
        if block is None or sys.is_finalizing() or not RESULTS.acquire(blocking=False):
            return
        try:
            if self.lend is not None:
                self.lend(block)
            _spare.append(block)
            while len(_spare) > _KEPT or _too_many_bytes():
                del _spare[0]
        finally:
            RESULTS.release()


def _too_many_bytes() -> bool:
    """Whether the spare blocks take too much memory, where what is lent takes none."""
    sizes = [len(block) for block in _spare]
    held = sum(size for size in sizes if size < _LENT or _lender() is None)
    return held > _KEPT_BYTES or sum(sizes) > max(_KEPT_BYTES, available_memory() // _LENT_SHARE)


@cache
def _lender() -> Callable[[NDArray[np.uint8]], None] | None:
    """What lends a block to the system; None where there is no such call. Until a page is written to again, the system
    may take it, and give back zeros."""
    if sys.platform != "linux":
        return None
    import ctypes
    import mmap

    try:
        madvise, advice = ctypes.CDLL(None).madvise, mmap.MADV_FREE
    except (AttributeError, OSError):
        return None
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)

    def lend(block: NDArray[np.uint8]) -> None:
        address = block.ctypes.data
        first = -(-address // mmap.PAGESIZE) * mmap.PAGESIZE
        last = (address + len(block)) // mmap.PAGESIZE * mmap.PAGESIZE
        madvise(first, last - first, advice)

    return lend


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
