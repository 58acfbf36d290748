"""LLVM text to a callable of this process; the call releases the interpreter's lock."""

import ctypes
import functools
import weakref
from collections.abc import Mapping
from typing import Any, Protocol

from foglight.compiler.kernel import FRAME
from foglight.core.locks import COMPILING

# The scan of several frames, one after another in memory, without coming back for each.
_EACH = f"""
define void @each(ptr %frames, i64 %count) nounwind {{
entry:
  br label %next
next:
  %k = phi i64 [ 0, %entry ], [ %after, %next ]
  %bytes = mul i64 %k, {8 * len(FRAME)}
  %frame = getelementptr i8, ptr %frames, i64 %bytes
  call void @scan(ptr %frame)
  %after = add i64 %k, 1
  %more = icmp slt i64 %after, %count
  br i1 %more, label %next, label %end
end:
  ret void
}}
"""
_left: list[Any] = []  # engines to be closed by the next compilation


class Scan(Protocol):
    """A compiled scan."""

    def __call__(self, frame: int, /) -> None:
        """Run the frame at this address."""

    def each(self, frames: int, count: int, /) -> None:
        """Run `count` frames, at least one, that follow one another from this address."""


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


def compile_scan(text: str, effort: int = 2, called: Mapping[str, int] | None = None) -> Scan:
    """The function `scan` of an LLVM module. effort: the optimisation level of the code generator, 0 to 3; no bit of a
    result depends on it.  called: the addresses of functions that it declares."""
    with COMPILING:
        engine = machine_code(text + _EACH, effort, called)
        one, each = (engine.get_function_address(name) for name in ("scan", "each"))
    scan: Any = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(one)
    scan.each = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)(each)
    scan.code = scan.each.code = _Code(engine)
    return scan  # type: ignore[no-any-return]


def machine_code(text: str, effort: int, called: Mapping[str, int] | None = None) -> Any:
    """The machine code of an LLVM module, as llvmlite's engine; see `compile_scan`."""
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
        for name, address in (called or {}).items():
            engine.add_global_mapping(module.get_function(name), address)
        engine.finalize_object()
        return engine


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
