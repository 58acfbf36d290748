"""LLVM text to a callable of this process; the call releases the interpreter's lock."""

import ctypes
import functools
import weakref
from collections.abc import Callable
from typing import Any

from foglight.core.locks import COMPILING

_left: list[Any] = []  # engines to be closed by the next compilation


class _Code:
    """Holds machine code, which is freed when nothing refers to it any more."""

    def __init__(self, engine: Any) -> None:
        self.freed = weakref.finalize(self, _close, engine)
        self.freed.atexit = False  # at its exit the process frees the code anyway


def _close(engine: Any) -> None:
    """Close an engine. That takes llvmlite's own lock, which a fork in another thread would leave locked in the child.
    So it is done under our lock: now if that is free, else by the next compilation."""
    if COMPILING.acquire(blocking=False):
        try:
            engine.close()
        finally:
            COMPILING.release()
    else:
        _left.append(engine)


def compile_scan(text: str, effort: int = 2) -> Callable[[int], None]:
    """The function `scan` of an LLVM module as `scan(address of a frame)`. effort: the optimisation level
    of the code generator, 0 to 3; no bit of a result depends on it."""
    import llvmlite.binding as llvm

    with COMPILING:
        while _left:
            _left.pop().close()
        machine = _target(effort)
        module = llvm.parse_assembly(text)
        module.triple = machine.triple
        module.data_layout = str(machine.target_data)
        module.verify()
        engine = llvm.create_mcjit_compiler(module, machine)
        engine.finalize_object()
        address = engine.get_function_address("scan")
    scan: Any = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(address)
    scan.code = _Code(engine)
    return scan  # type: ignore[no-any-return]


@functools.cache
def best_lanes() -> int:
    """How many float64 lanes one vector register of this machine holds, at least 2."""
    import llvmlite.binding as llvm

    with COMPILING:
        features = llvm.get_host_cpu_features()
    return 8 if features.get("avx512f") else 4 if features.get("avx2") or features.get("avx") else 2


def _target(effort: int) -> Any:
    """A target machine for one engine, which takes ownership of it."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    features = llvm.get_host_cpu_features().flatten()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(cpu=llvm.get_host_cpu_name(), features=features, opt=effort, jit=True)
