"""The locks of the process, and how they survive a fork.

A forked child has one thread, and inherits every lock in its current state: a lock that another thread held would
stay locked for ever. So a fork waits until nothing is being compiled, and holds the locks itself while it happens.
"""

import os
import threading

# For models' kernels, engines' scans and LLVM. Re-entrant, because a user's function may run a model of its own.
COMPILING = threading.RLock()
RESULTS = threading.Lock()  # the memory of results


def _hold() -> None:
    COMPILING.acquire()
    RESULTS.acquire()


def _let_go() -> None:
    RESULTS.release()
    COMPILING.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_hold, after_in_parent=_let_go, after_in_child=_let_go)
