"""Linear problems through compiled kernels, one for each shape: every matrix comes as a row of data.

So that all orders and units of a problem cost one compilation, in float64 by LLVM and in float32 by exported C.
What a float32 kernel reads is rounded first; its exact answer starts from the rounded numbers.
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import foglight as fog
from agreement.generated_c import Compiled
from foglight.compiler.backends.llvm_engine import CompiledEngine, LlvmBackend
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel
from foglight.compiler.kernels.filter import filter_recipe, make_kernel
from foglight.compiler.recipe import traced
from foglight.core.errors import REFUSED, Status
from foglight.inference.prepare import row_values, start_carry
from foglight.methods.layout import upper
from oracle import recursion
from oracle.matrices import exact
from oracle.metrics import Reference

from .torture import Answer, Array, Problem

UNIT = {"float64": 2.0**-53, "float32": 2.0**-24}


@cache
def kernel(n: int, m: int, method: Any, dtype: str) -> Kernel:
    """The kernel of any linear problem with n states and m measurements."""
    return make_kernel(any_model(n, m), method, dtype)


def any_model(n: int, m: int) -> fog.Model:
    """A linear problem that is given row by row."""
    A = np.tile(np.eye(n) + 0.1, (2, 1, 1))
    R = np.tile(np.eye(m) + 0.1, (2, 1, 1))
    return fog.linear_model(A, A, np.ones((2, m, n)), R, start=fog.Belief(np.zeros(n), std=np.ones(n)))


@cache
def engine(n: int, m: int, method: Any) -> CompiledEngine:
    return CompiledEngine(kernel(n, m, method, "float64"), lanes=1)


@cache
def engine_on_arrays(n: int, m: int, method: Any) -> CompiledEngine:
    """The same on whole arrays."""
    return LlvmBackend().engine(traced(filter_recipe(any_model(n, m), method), arrays=True), brief=False)


def arrays(p: Problem, of: Kernel, method: Any) -> Arrays:
    """What the kernel reads; in float32, rounded here once."""
    rows = len(p.z)
    model = fog.linear_model(
        *[np.broadcast_to(a, (rows, *a.shape[-2:])) for a in (p.F, p.Q, p.H, p.R)],
        start=fog.Belief(p.mean, cov=p.cov),
    )
    kind = np.dtype(of.dtype)
    nothing = np.zeros((1, rows, 0), kind)
    return Arrays(
        dt=np.array([0.0] + [1.0] * (rows - 1), kind),
        u=nothing,
        row=row_values(model, rows)[None].astype(kind),
        z=np.ascontiguousarray(p.z)[None].astype(kind),
        params=np.zeros(0, kind),
        carry=np.array([[*start_carry(model, method), 0.0, 0.0]]).astype(kind),
    )


def through_rows(p: Problem, method: Any = None) -> list[Answer]:
    """Filtered mean and factor of every row in float64, by LLVM."""
    method = fog.KF() if method is None else method
    scan = engine(len(p.mean), p.z.shape[1], method)
    return answers(scan.kernel, scan.run(arrays(p, scan.kernel, method)), len(p.mean))


def through_arrays(p: Problem, method: Any = None) -> list[Answer]:
    """The same with a kernel on whole arrays."""
    method = fog.KF() if method is None else method
    scan = engine_on_arrays(len(p.mean), p.z.shape[1], method)
    return answers(scan.kernel, scan.run(arrays(p, scan.kernel, method)), len(p.mean))


class InC:
    """The same in float32 by exported C: one library for each shape, in this folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.libraries: dict[Any, Compiled] = {}

    def __call__(self, p: Problem, method: Any = None) -> list[Answer]:
        return self.run(self.read(p, method), len(p.mean), method)

    def read(self, p: Problem, method: Any = None) -> Arrays:
        method = fog.KF() if method is None else method
        return arrays(p, kernel(len(p.mean), p.z.shape[1], method, "float32"), method)

    def run(self, given: Arrays, n: int, method: Any = None) -> list[Answer]:
        method = fog.KF() if method is None else method
        m = given.z.shape[2]
        key = (n, m, method)
        if key not in self.libraries:
            self.libraries[key] = Compiled(kernel(n, m, method, "float32"), self.folder, ("-O0",))
        library = self.libraries[key]
        return answers(library.kernel, library.run(given), n)


def answers(of: Kernel, result: tuple[Array, Array], n: int) -> list[Answer]:
    """Mean and factor of every row; a row that was left out fails here."""
    records = result[1][0].astype(float)
    status = records[:, of.status].astype(int)
    assert not (status & int(REFUSED)).any(), [Status(int(s)) for s in status]
    assert (status & int(Status.USED)).all()
    return [unpacked(record, n) for record in records]


def unpacked(carry: Array, n: int) -> Answer:
    """x, (U, D) from what a factored filter carries."""
    U, D = np.eye(n), np.empty(n)
    for (i, j), value in zip(upper(n), carry[n:], strict=False):
        if i == j:
            D[i] = value
        else:
            U[i, j] = value
    return carry[:n], (U, D)


def references(given: Arrays, n: int, digits: int) -> list[Reference]:
    """The exact beliefs after each row, from the very numbers that the kernel reads."""
    rows, m = given.z.shape[1:]
    U, D = (exact(a) for a in unpacked(given.carry[0].astype(float), n)[1])
    sizes = np.cumsum([n * n, m * n, m * m, n * n])  # F, H, R, and Q = G diag(v) G'
    F, H, R, G, v = np.split(given.row[0].astype(float), sizes, axis=1)
    F, H, R, G = (a.reshape(rows, *s) for a, s in ((F, (n, n)), (H, (m, n)), (R, (m, m)), (G, (n, n))))
    Q = np.array([(exact(g) * exact(w)) @ exact(g).T for g, w in zip(G, v, strict=True)])
    found = recursion.filter_rows(
        F, Q, H, R, given.carry[0, :n].astype(float), (U * D) @ U.T, given.z[0].astype(float), digits=digits
    )
    assert len(found) == rows
    unit = UNIT[given.z.dtype.name]
    return [Reference(row.mean, row.cov, row.predicted_cov, digits, unit) for row in found]
