"""The loops of array operations in machine code, compiled once in a process and called by every scan."""

from collections.abc import Iterable
from typing import Any

from foglight.compiler.backends import jit
from foglight.compiler.backends.llvm_loops import ATTRIBUTES, loops
from foglight.core.locks import COMPILING

_addresses: dict[tuple[str, int], int] = {}  # of each loop and effort
_code: list[Any] = []  # is kept as long as the process


def missing(names: Iterable[str], effort: int) -> set[str]:
    """Those of these loops that are not compiled with this effort yet."""
    return {name for name in names if (name, effort) not in _addresses}


def addresses(names: Iterable[str], effort: int) -> dict[str, int]:
    """Where these loops are in memory, compiled with this effort of the code generator, 0 to 3."""
    names = set(names)
    with COMPILING:
        new = missing(names, effort)
        if new:
            engine = jit.machine_code(f"{loops(new)}\n{ATTRIBUTES}\n", effort)
            _code.append(engine)
            _addresses.update({(name, effort): engine.get_function_address(name) for name in new})
        return {name: _addresses[name, effort] for name in names}
