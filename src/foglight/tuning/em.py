"""Free-form Q and R of a linear model by expectation–maximisation (Shumway & Stoffer 1982).

The E-step smooths the states and, in factors, the process noise of every step; the M-step averages squares. So Q and R
are sums of squares throughout, and no iteration lowers the likelihood. Q and R are inputs of the kernels: nothing is
compiled twice.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import DataError, ModelError
from foglight.core.types import Floats
from foglight.data.log import Log
from foglight.data.table import Table, for_json
from foglight.equations import ud
from foglight.model.linear_model import linear_model
from foglight.model.model import Model
from foglight.tuning.em_expectation import FilteredLog

Progress = Callable[[int], None]


class EMFit(Table):
    """What expectation–maximisation found.

    model: with the new Q (n, n) and R (m, m).  logliks (K + 1,): at the start and after each of K iterations; loglik:
    the last.  converged: whether the last iteration gained less than the tolerance.  advice: sentences.
    columns(), to_frame(): one row an iteration.
    """

    def __init__(self, before: Model, Q: Floats, R: Floats, logliks: Floats, enough: float, log: Log) -> None:
        self.Q = Q
        self.R = R
        self.logliks = logliks
        self.log = log
        self._before = before
        self._enough = enough

    @property
    def model(self) -> Model:
        """The linear model with the fitted Q and R."""
        before = self._before
        given = {**before.rows, **before.matrices}
        return linear_model(
            given["F"], self.Q, given["H"], self.R, start=before.start, b=given["b"], d=given["d"],
            limits=before.motion.limits,
        )  # fmt: skip

    @property
    def loglik(self) -> float:
        """Of the fitted model."""
        return float(self.logliks[-1])

    @property
    def iterations(self) -> int:
        """How many were done."""
        return len(self.logliks) - 1

    @property
    def converged(self) -> bool:
        """Whether the last iteration gained less than the tolerance."""
        return bool(self.logliks[-1] - self.logliks[-2] < self._enough)

    @property
    def advice(self) -> list[str]:
        """What to do next, if anything."""
        if self.converged:
            return []
        return [
            f"Not at the maximum yet: the last of {self.iterations} iterations gained "
            f"{self.logliks[-1] - self.logliks[-2]:.2g}. Allow more iterations, or write the noises with parameters "
            "and use fog.tune without method, which is quick near the maximum."
        ]

    def columns(self) -> dict[str, NDArray[Any]]:
        """iteration, loglik."""
        return {"iteration": np.arange(len(self.logliks)), "loglik": self.logliks}

    def _stamps(self) -> None:
        return None

    def as_dict(self) -> dict[str, Any]:
        """All of it as numbers, texts and lists."""
        told = {
            "Q": self.Q, "R": self.R, "loglik": self.loglik, "logliks": self.logliks, "iterations": self.iterations,
            "converged": self.converged, "advice": self.advice,
        }  # fmt: skip
        found: dict[str, Any] = for_json(told)
        return found

    def __repr__(self) -> str:
        how = "converged" if self.converged else "not converged"
        lines = [
            f"EM: log-likelihood {self.logliks[0]:.6f} -> {self.loglik:.6f} in {self.iterations} iterations, {how}",
            f"Q = {np.array2string(self.Q, precision=6, prefix='Q = ')}",
            f"R = {np.array2string(self.R, precision=6, prefix='R = ')}",
        ]
        return "\n".join([*lines, *self.advice])


def fit(
    model: Model,
    logs: Sequence[Log],
    *,
    start_time: float | None = None,
    iterations: int = 200,
    tolerance: float = 1e-9,
    progress: Progress | None = None,
) -> EMFit:
    """Q and R, full matrices, that make logs more likely with every iteration; F, H, b, d and the start stay.

    model: a `fog.linear_model` with one Q and one R for all rows; where the iterations begin. A direction in which Q or
    R is 0 stays 0. logs: one or several.  start_time: as in `fog.run`; the step to the first row then counts, too.
    iterations: at most so many.  tolerance: stop when an iteration gains less than this times the number of readings;
    0 for all iterations, come what may.  progress: called with the iterations done.
    The start may be unknown: the first steps are then smoothed by differences of covariances.
    Where components of a row are missing, their noise is known from the others', as R says they go together.
    Raises ModelError for a model that is none of these, and what `fog.run` raises.
    """
    _check(model, iterations, tolerance)
    series = [FilteredLog(model, log, start_time) for log in logs]
    readings = sum(one.readings for one in series)
    if not readings:
        raise DataError(
            "the log has 0 readings: expected some to tune by. Check its columns.", field="log", value=0
        )
    given = model.matrices
    Q, R = given["Q"], given["R"]
    U, D = ud.combine(np.array(given["Q_G"]), np.array(given["Q_v"]))
    path = []
    for done in range(iterations + 1):
        path.append(sum(one.filter(U, D, R) for one in series))
        gained = path[-1] - path[-2] if done else np.inf
        if done == iterations or (tolerance and gained < tolerance * readings):
            break
        U, D, R = _maximised(series)
        Q = ud.covariance(U, D)
        if progress is not None:
            progress(done + 1)
    return EMFit(model, Q, R, np.array(path), tolerance * readings, logs[0])


def _maximised(series: Sequence[FilteredLog]) -> tuple[Floats, Floats, Floats]:
    """The factor of the mean of E[w wᵀ] over all steps, and the mean of E[v vᵀ] over all rows with readings."""
    columns, weights, noises, rows = zip(*[one.expected() for one in series], strict=True)
    steps = sum(one.steps for one in series)
    U, D = series[0].U, series[0].D
    if steps:
        U, D = ud.combine(np.hstack(columns), np.concatenate(weights) / steps)
    return U, D, np.sum(noises, axis=0) / sum(rows)


def _check(model: Model, iterations: Any, tolerance: Any) -> None:
    if not {"F", "H", "b", "d", "Q_G", "R"} <= model.matrices.keys() | model.rows.keys():
        raise ModelError(
            f'method="em" takes a fog.linear_model, with Q and R as matrices, but the model is {model.motion!r}. Leave '
            "method out to tune its parameters.",
            field="model",
            value=repr(model.motion),
        )
    for name, key in (("Q", "Q_G"), ("R", "R")):
        if key in model.rows:
            raise ModelError(
                f'{name} has {len(model.rows[key])} entries, one a row: method="em" fits one for all rows. '
                f"Give one {name}.",
                field=name,
                value=len(model.rows[key]),
            )
    if isinstance(iterations, bool) or not isinstance(iterations, int | np.integer) or iterations < 1:
        raise ModelError(
            f"iterations = {iterations!r}: expected a whole number from 1. Try iterations=100.",
            field="iterations",
            value=iterations,
        )
    if not isinstance(tolerance, (int, float)) or not 0.0 <= tolerance < np.inf:
        raise ModelError(
            f"tolerance = {tolerance!r}: expected a number >= 0. Try tolerance=1e-9.",
            field="tolerance",
            value=tolerance,
        )
