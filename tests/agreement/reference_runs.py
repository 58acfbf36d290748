"""The models of the reference set put to Foglight: one kernel a shape, fed with each model's matrices as data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

import foglight as fog
from foglight.compiler.backends.llvm_engine import CompiledEngine, LlvmBackend
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel
from foglight.compiler.kernels.filter import filter_recipe, make_kernel
from foglight.compiler.recipe import traced
from foglight.equations.gaussian import Belief as Factors
from foglight.equations.gaussian import FullBelief
from foglight.methods.layout import carried, upper
from foglight.methods.method import Method
from foglight.model.covariance import factor_rows
from oracle import strategy
from oracle.metrics import u
from oracle.reference_set import EARLY, SETTLED, Group

Array = NDArray[Any]
Feed = Callable[[strategy.Varying, Method], Arrays]
Scans = Callable[[tuple[int, int], Method], Callable[[Arrays], tuple[Array, Array]]]
NEVER = 1e-11  # what no error may exceed from the n-th update on


def as_model(given: strategy.Varying) -> fog.Model:
    """The model as a user would write it."""
    start = fog.Belief(given.mean, factor=(given.U, given.D))
    return fog.linear_model(given.F, given.Q, given.H, given.R, b=given.b, d=given.d, start=start)


@cache
def kernel_of(shape: tuple[int, int], method: Method, dtype: str = "float64") -> Kernel:
    """The kernel of every model of this shape: its matrices are inputs, so any of them will do."""
    return make_kernel(as_model(strategy.model(strategy.shapes().index(shape))), method, dtype)


@cache
def compiled(shape: tuple[int, int], method: Method) -> Callable[[Arrays], tuple[Array, Array]]:
    """The scan of this shape in machine code."""
    return CompiledEngine(kernel_of(shape, method)).run


@cache
def compiled_on_arrays(shape: tuple[int, int], method: Method) -> Callable[[Arrays], tuple[Array, Array]]:
    """The scan of this shape in machine code, on whole arrays."""
    recipe = filter_recipe(as_model(strategy.model(strategy.shapes().index(shape))), method)
    return LlvmBackend().engine(traced(recipe, arrays=True), brief=False).run


def fed(given: strategy.Varying, method: Method, dtype: str = "float64", full_start: bool = False) -> Arrays:
    """What a scan of this model reads, made as `linear_model` makes it from full Q.

    The start is given by its factor, or in full, as `fog.Belief(cov=)` takes it. In float32 the noise, too, is
    given by its factor, which fits 24 bits.
    """
    Q_G, Q_v = factor_rows(given.Q, "Q") if dtype == "float64" else (given.Q_G, given.Q_v)
    U, D = fog.Belief(given.mean, cov=given.cov).factor if full_start else (given.U, given.D)
    start = Factors(given.mean, U, D) if method.factored else FullBelief(given.mean, given.cov)
    rows = len(given.z)
    parts = [given.F, given.H, given.R, given.b, given.d, Q_G, Q_v]  # in the order of Model.rows
    row = np.hstack([part.reshape(rows, -1) for part in parts])
    seconds = np.ones(rows)
    seconds[0] = 0.0
    return Arrays(
        dt=seconds.astype(dtype),
        u=np.zeros((1, rows, 0), dtype),
        row=np.ascontiguousarray(row[None], dtype),
        z=np.ascontiguousarray(given.z[None], dtype),
        params=np.zeros(0, dtype),
        carry=np.array([[*carried(start), 0.0, 0.0]], dtype),
    )


@dataclass(frozen=True)
class Answers:
    """The recorded rows of several models by one method: arrays run over models, then rows."""

    mean: Array
    U: Array
    D: Array
    cov: Array | None  # in place of U and D, where the method carries covariances
    loglik: Array


def answers(
    group: Group,
    models: Sequence[strategy.Varying],
    method: Method,
    feed: Feed = fed,
    scans: Scans = compiled,
) -> Answers:
    """Each model through the scan of its shape."""
    n, count = group.n, len(models)
    mean, U, D = np.empty((count, 3, n)), np.tile(np.eye(n), (count, 3, 1, 1)), np.empty((count, 3, n))
    cov, loglik = np.empty((count, 3, n, n)), np.empty(count)
    columns = upper(n)
    for k, given in enumerate(models):
        carry, records = scans(given.shape, method)(feed(given, method))
        kept = records[0, group.rows[k]].astype(float)
        mean[k], loglik[k] = kept[:, :n], carry[0, -2]
        for place, (i, j) in enumerate(columns, n):
            cov[k, :, i, j] = cov[k, :, j, i] = kept[:, place]
            if i == j:
                D[k, :, i] = kept[:, place]
            else:
                U[k, :, i, j] = kept[:, place]
    return Answers(mean, U, D, None if method.factored else cov, loglik)


@dataclass(frozen=True)
class Figures:
    """Errors of every model: settled (models, rows, ex or eP), early eP over its bar, log-likelihood, relative."""

    settled: Array
    early: Array
    loglik: Array

    def within(self) -> bool:
        """Whether all models are within what is asked; NaN is not."""
        kept = (self.settled.max((1, 2)) <= NEVER).all() and (self.loglik <= NEVER).all()
        return bool(kept and (self.early <= 1.0).all())

    @property
    def median(self) -> float:
        return float(np.median(self.settled.max((1, 2))))

    def told(self, name: str, asked: float = NEVER) -> str:
        worst = self.settled.max()
        early = f"{self.early.max():.2f}" if self.early.size else "nothing"
        return (
            f"{name}: {len(self.loglik)} models, max {worst:.1e} (asked {asked:.0e}: headroom {asked / worst:.1f}), "
            f"median {self.median:.1e}; early eP {early} of its bar; loglik max {self.loglik.max():.1e}"
        )


def figures(group: Group, found: Answers, rounding: float = u) -> Figures:
    """The errors of answers computed to `rounding`, that of float64 unless told."""
    if found.cov is None:
        ex, eP = group.factor_errors(found.mean, found.U, found.D)
    else:
        ex, eP = group.errors(found.mean, found.cov)
    early = (eP[:, EARLY] / (group.bar * (rounding / u)))[group.there[:, EARLY]]
    return Figures(np.stack([ex, eP], 2)[:, SETTLED:], early, group.loglik_error(found.loglik))


def chosen(group: Group, places: Any) -> tuple[Group, list[strategy.Varying]]:
    """The models at these places of a group, with their references."""
    part = group.of(np.arange(len(group.indices))[places])
    return part, [strategy.model(int(index)) for index in part.indices]


def start_condition(given: strategy.Varying) -> float:
    """The condition number of the start's correlation matrix, on the range of that matrix."""
    columns = (given.U * np.sqrt(given.D))[:, given.D > 0]
    scale = np.sqrt((columns**2).sum(1))
    values = np.linalg.svd(columns[scale > 0] / scale[scale > 0, None], compute_uv=False)
    return float((values[0] / values[-1]) ** 2) if values.size else 1.0


def one_quiet(given: strategy.Varying, row: int) -> strategy.Varying:
    v = given.Q_v.copy()
    v[row] = 0.0
    return replace(given, Q_v=v)


# What a wrong filter would make of a model whose process noise last acts in this row.
DEFECTS: dict[str, Callable[[strategy.Varying, int], strategy.Varying]] = {
    "start 1.05": lambda given, row: replace(given, D=given.D * 1.05),
    "R 0.9": lambda given, row: replace(given, R=given.R * 0.9),
    "one Q missing": one_quiet,
    "one row late": lambda given, row: replace(given, z=np.roll(given.z, 1, axis=0)),
    "H of the row before": lambda given, row: replace(given, H=np.roll(given.H, 1, axis=0)),
    "F transposed": lambda given, row: replace(given, F=np.ascontiguousarray(given.F.swapaxes(1, 2))),
    "b left out": lambda given, row: replace(given, b=0.0 * given.b),
    "d left out": lambda given, row: replace(given, d=0.0 * given.d),
}


def prior_gain(given: strategy.Varying) -> float:
    """How many times the start's variance of what is measured exceeds R, at most, in the first 20 rows."""
    spread = given.H @ given.cov @ given.H.swapaxes(1, 2)
    L = np.linalg.cholesky(given.R)
    whole = np.linalg.solve(L, np.linalg.solve(L, spread).swapaxes(1, 2))
    return float(np.linalg.eigvalsh(whole[:20]).max())


def well_conditioned(group: Group, models: Sequence[strategy.Varying]) -> NDArray[np.bool_]:
    """Of full rank throughout, weakly correlated, and no measurement says very much more than the start."""
    known = group.condition.max(1) <= 2.0**7
    full = [(given.D > 0).all() and (given.Q_v > 0).all() for given in models]
    mild = [start_condition(given) <= 100 and prior_gain(given) <= 1000 for given in models]
    return np.array(full) & np.array(mild) & known
