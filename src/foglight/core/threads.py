"""How many threads a call may use, and work that is shared out among them.

Only compiled code gains from threads: it runs without the interpreter's lock. They are started for each call and end
with it, so that nothing is left behind for a fork or for the end of the process to meet.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

from foglight.core.checks import is_whole
from foglight.core.errors import ModelError

P = ParamSpec("P")
T = TypeVar("T")
_asked: ContextVar[int | None] = ContextVar("threads", default=None)


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def allowed() -> int:
    """How many threads the present call may use."""
    asked = _asked.get()
    return cores() if asked is None else asked


@contextmanager
def at_most(threads: int | None) -> Iterator[None]:
    """What is called inside uses no more threads than this; None for what the call outside may use, else all cores.

    ModelError unless it is a whole number of at least 1."""
    if threads is None:
        yield
        return
    if not is_whole(threads) or threads < 1:
        raise ModelError.expected("threads", threads, "a whole number >= 1", "Leave it out to use all cores.")
    token = _asked.set(int(threads))
    try:
        yield
    finally:
        _asked.reset(token)


def with_threads(verb: Callable[P, T]) -> Callable[P, T]:
    """A verb whose keyword `threads` holds for all that it calls."""

    @wraps(verb)
    def call(*arguments: P.args, **options: P.kwargs) -> T:
        if options.get("threads") is None:
            return verb(*arguments, **options)
        with at_most(options["threads"]):  # type: ignore[arg-type]
            return verb(*arguments, **options)

    return call


def share_out(work: Callable[[Iterator[T]], None], parts: Sequence[T], threads: int) -> None:
    """Call `work` in this many threads at once, this one among them; each takes parts until none is left."""
    left = iter(parts)
    if threads <= 1:
        work(left)
        return
    from concurrent.futures import ThreadPoolExecutor  # 6 ms that a run of one track need not wait for

    with ThreadPoolExecutor(threads - 1, thread_name_prefix="foglight") as pool:
        others = [pool.submit(work, left) for _ in range(threads - 1)]
        try:
            work(left)
            for other in others:
                other.result()
        finally:
            for _ in left:  # after an error: nothing more to do for the other threads
                pass
