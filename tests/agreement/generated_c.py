"""C that Foglight wrote, compiled by gcc and called."""

import ctypes
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from foglight.compiler.backends import c99
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel

STRICT = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off")
FLAGS = {"gcc -O0": ("-O0",), "gcc -O2": ("-O2",), "gcc -O3 native": ("-O3", "-march=native")}


def need_gcc() -> None:
    """Skip, visibly, where there is no gcc."""
    if shutil.which("gcc") is None:
        pytest.skip("gcc absent: generated C is not compiled")


class Compiled:
    """The scan of a kernel as C, compiled with these flags in this folder."""

    def __init__(self, kernel: Kernel, folder: Path, flags: tuple[str, ...]) -> None:
        self.kernel = kernel
        source, library = folder / "filter.c", folder / f"filter{len(list(folder.glob('*.so')))}.so"
        source.write_text(c99.text(kernel, "filter"))
        command = ["gcc", *STRICT, *flags, "-shared", "-fPIC", str(source), "-o", str(library), "-lm"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[:2000]
        self._scan = ctypes.CDLL(str(library)).filter_scan
        self._scan.restype = None

    def run(self, arrays: Arrays) -> tuple[NDArray[Any], NDArray[Any]]:
        """carry_out and records, track by track."""
        kernel, rows = self.kernel, len(arrays.dt)
        carry = np.array(np.broadcast_to(arrays.carry, (arrays.tracks, kernel.carried)), order="C")
        out = np.empty((arrays.tracks, rows, kernel.width), kernel.dtype)
        for track in range(arrays.tracks):
            u, z = (np.ascontiguousarray(a[track % len(a)]) for a in (arrays.u, arrays.z))
            self._scan(
                ctypes.c_long(rows), _at(carry[track]), _at(arrays.dt),
                _at(u), ctypes.c_long(kernel.widths["u"]),
                _at(arrays.row), ctypes.c_long(kernel.widths["row"]),
                _at(z), ctypes.c_long(kernel.widths["z"]),
                _at(arrays.params), _at(out[track]),
            )  # fmt: skip
        return carry, out


def _at(array: NDArray[Any]) -> ctypes.c_void_p:
    return array.ctypes.data_as(ctypes.c_void_p)


def cpu_flags() -> str:
    """What the processor can do, as Linux says; "" elsewhere."""
    path = Path("/proc/cpuinfo")
    return path.read_text() if path.exists() else ""
