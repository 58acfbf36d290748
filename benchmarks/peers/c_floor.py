"""The hand-written C loop (floor/cv4.c), compiled by gcc when asked for and called through ctypes."""

import ctypes
import functools
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from answers import Answer
from contender import Contender
from models import Array, Linear

NAME = "C floor"
SOURCE = Path(__file__).resolve().parent.parent / "floor" / "cv4.c"
# gcc's vectoriser makes this latency-bound loop 5 % slower, so the floor goes without it.
FLAGS = [
    "-O3",
    "-march=native",
    "-ffp-contract=off",
    "-fno-tree-vectorize",
    "-std=c99",
    "-Wall",
    "-Wextra",
    "-Werror",
]
Pointer = ctypes.c_void_p


def version() -> str:
    line = subprocess.run(["gcc", "--version"], capture_output=True, text=True, check=True).stdout
    return line.splitlines()[0].split()[-1]


@functools.cache
def library() -> ctypes.CDLL:
    """Compile; the file is gone once it is loaded."""
    with tempfile.TemporaryDirectory() as folder:
        built = os.path.join(folder, "cv4.so")
        subprocess.run(["gcc", *FLAGS, "-shared", "-fPIC", str(SOURCE), "-o", built, "-lm"], check=True)
        lib = ctypes.CDLL(built)
    outputs = [Pointer] * 6
    lib.kf_run.restype = ctypes.c_double
    lib.kf_run.argtypes = [
        ctypes.c_int64, ctypes.c_int, Pointer, Pointer, ctypes.c_double, Pointer, Pointer, *outputs,
    ]  # fmt: skip
    lib.kf_many.restype = None
    lib.kf_many.argtypes = [
        ctypes.c_int64, ctypes.c_int64, Pointer, Pointer, ctypes.c_double, Pointer, Pointer, *outputs,
    ]  # fmt: skip
    return lib


def factor(cov: Array) -> tuple[Array, Array]:
    """U (n, n) unit upper triangular and D (n,) with cov = U D U'; for a positive definite cov."""
    lower = np.linalg.cholesky(cov[::-1, ::-1])[::-1, ::-1]
    return lower / np.diag(lower), np.diag(lower) ** 2


def start(model: Linear) -> Array:
    """The carry of the C code: mean, strict upper part of U by columns, D."""
    U, D = factor(model.cov)
    return np.concatenate([model.mean, *(U[:j, j] for j in range(1, model.n)), D])


def outputs(model: Linear, shape: tuple[int, ...]) -> list[np.ndarray[Any, Any]]:
    n, m = model.n, model.axes
    widths = [(n,), (n * (n + 1) // 2,), (m,), (), ()]
    return [np.empty(shape + width) for width in widths] + [np.empty(shape, np.int32)]


def covariances(factors: Array, n: int) -> Array:
    """P = U D U' from the stored rows (…, n(n+1)/2)."""
    U = np.zeros((*factors.shape[:-1], n, n)) + np.eye(n)
    rows, columns = zip(*((i, j) for j in range(n) for i in range(j)), strict=True)
    U[..., rows, columns] = factors[..., : len(rows)]
    return np.asarray((U * factors[..., None, len(rows) :]) @ np.swapaxes(U, -1, -2))


def pointers(arrays: list[Any]) -> list[int]:
    return [array.ctypes.data for array in arrays]


def contender(name: str, model: Linear, call: Callable[[], Any]) -> Contender:
    def read(out: Any) -> Answer:
        return Answer(out[0], covariances(out[1], model.n), out[4])

    return Contender(name, model.z[..., 0].size, call, read)


def series(model: Linear, *, fresh: bool = True) -> Contender:
    """Filter one series. With `fresh` every call allocates what it returns, as any function of a library does."""
    kernel, carry, r = library().kf_run, start(model), model.sigmas**2
    dt = np.full(len(model.z), model.dt)
    kept = None if fresh else outputs(model, (len(model.z),))

    def call() -> Any:
        out = outputs(model, (len(model.z),)) if kept is None else kept
        state = carry.copy()
        kernel(len(dt), 0, *pointers([state, dt]), model.accel**2, *pointers([r, model.z, *out]))
        return out

    return contender(NAME if fresh else f"{NAME}, outputs reused", model, call)


def batch(model: Linear, *, fresh: bool = True) -> Contender:
    """Filter all series, one after another; `fresh` as above."""
    kernel, carry, r = library().kf_many, start(model), model.sigmas**2
    tracks, rows, _ = model.z.shape
    dt = np.full(rows, model.dt)
    kept = None if fresh else outputs(model, (tracks, rows))

    def call() -> Any:
        out = outputs(model, (tracks, rows)) if kept is None else kept
        kernel(tracks, rows, *pointers([carry, dt]), model.accel**2, *pointers([r, model.z, *out]))
        return out

    return contender(NAME if fresh else f"{NAME}, outputs reused", model, call)


def online(model: Linear) -> Contender:
    """One ctypes call per row, in place on one carry, pointers made beforehand."""
    kernel, fresh, r = library().kf_run, start(model), model.sigmas**2
    state, dt, row = fresh.copy(), np.full(1, model.dt), np.empty(model.axes)
    out = outputs(model, (1,))
    before, after = pointers([state, dt]), pointers([r, row, *out])

    def call(kept_alive: Any = (dt, r)) -> Any:  # the pointers above lead to these
        state[:] = fresh
        kept = outputs(model, (len(model.z),))
        for k, z in enumerate(model.z):
            row[:] = z
            kernel(1, k > 0, *before, model.accel**2, *after)
            for whole, part in zip(kept, out, strict=True):
                whole[k] = part[0]
        return kept

    return contender(f"{NAME} by ctypes", model, call)
