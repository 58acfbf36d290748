"""Full Q and R matrices of a linear model by expectation–maximisation (Shumway & Stoffer 1982).

The E-step smooths the states and, in factored form, the process noise of every step; the M-step averages squares. So Q
and R are always sums of squares, and no iteration lowers the likelihood. Q and R are inputs of the kernels, which are
compiled once.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.checks import is_whole
from foglight.core.errors import DataError, ModelError
from foglight.core.pictured import Pictured
from foglight.core.types import Floats, Time
from foglight.data.log import Log
from foglight.data.table import Table, for_json
from foglight.equations import ud
from foglight.model.linear_model import linear_model
from foglight.model.model import Model
from foglight.tuning.em_expectation import FilteredLog

Progress = Callable[[int], None]


class EMFit(Table, Pictured):
    """Q and R fitted by expectation–maximisation, as `fog.tune(..., method="em")` returns them.

    Attributes
    ----------
    model : Model
        The linear model with the fitted Q and R.
    Q : array (n, n)
        The covariance of the process noise of a step.
    R : array (m, m)
        The covariance of the measurement noise.
    loglik : float
        The log-likelihood of the fitted model.
    logliks : array (K + 1,)
        The log-likelihood at the start and after each of K iterations.
    iterations : int
        The number K of iterations.
    converged : bool
        Whether the last iteration gained less than the tolerance.
    advice : list of str
        What to do next, if anything.
    log : Log
        The log, or the first of several.

    Examples
    --------
    >>> linear = fog.linear_model(F=1.0, Q=1.0, H=1.0, R=1.0, start=fog.Belief([0.0], std=[1.0]))
    >>> log, _ = fog.simulate(linear, steps=200, dt=1.0, seed=1)
    >>> fit = fog.tune(linear, log, method="em", iterations=20)
    >>> fit.iterations, fit.Q.shape, fit.R.shape
    (20, (1, 1), (1, 1))
    """

    def __init__(self, before: Model, Q: Floats, R: Floats, logliks: Floats, least: float, log: Log) -> None:
        self.Q = Q
        self.R = R
        self.logliks = logliks
        self.log = log
        self._before = before
        self._least_gain = least

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
        """The log-likelihood of the fitted model."""
        return float(self.logliks[-1])

    @property
    def iterations(self) -> int:
        """The number of iterations."""
        return len(self.logliks) - 1

    @property
    def converged(self) -> bool:
        """Whether the last iteration gained less than the tolerance."""
        return bool(self.logliks[-1] - self.logliks[-2] < self._least_gain)

    @property
    def advice(self) -> list[str]:
        """What to do next, if anything."""
        if self.converged:
            return []
        return [
            f"Not at the maximum yet: the last of {self.iterations} iterations gained "
            f"{self.logliks[-1] - self.logliks[-2]:.2g}. Allow more iterations, or write the noises with parameters "
            "and use fog.tune without method, which converges quickly near the maximum."
        ]

    def columns(self) -> dict[str, NDArray[Any]]:
        """The path of the likelihood, one row per iteration.

        Returns
        -------
        dict of str to array
            iteration and loglik.
        """
        return {"iteration": np.arange(len(self.logliks)), "loglik": self.logliks}

    def _stamps(self) -> None:
        return None

    def as_dict(self) -> dict[str, Any]:
        """The result in plain numbers, texts and lists, for JSON.

        Returns
        -------
        dict
            Q, R, loglik, logliks, iterations, converged and advice.
        """
        plain: dict[str, Any] = for_json({
            "Q": self.Q, "R": self.R, "loglik": self.loglik, "logliks": self.logliks, "iterations": self.iterations,
            "converged": self.converged, "advice": self.advice,
        })  # fmt: skip
        return plain

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
    start_time: Time | None = None,
    iterations: int = 200,
    tolerance: float = 1e-9,
    progress: Progress | None = None,
) -> EMFit:
    """Full matrices Q and R that make the logs more likely with every iteration; F, H, b, d and the start stay fixed.

    model: a `fog.linear_model` with one Q and one R for all rows, from which the iterations begin. A direction in which
    Q or R is 0 stays 0.  logs: one or several.  start_time: as in `fog.run`; the step to the first row then counts too.
    iterations: the largest number.  tolerance: stop when an iteration gains less than this times the number of
    readings; 0 to do all iterations.  progress: called with the number of iterations done.
    The start may be unknown: the first steps are then smoothed by differences of covariances.
    If components of a row are missing, their noise is estimated from that of the others by their correlation in R.
    Raises ModelError for another kind of model, and whatever `fog.run` raises.
    """
    _check(model, iterations, tolerance)
    filtered = [FilteredLog(model, log, start_time) for log in logs]
    readings = sum(one.readings for one in filtered)
    if not readings:
        raise DataError(
            "the log has 0 readings: expected some to tune by. Check its columns.", field="log", value=0
        )
    given = model.matrices
    Q, R = given["Q"], given["R"]
    U, D = ud.combine(np.array(given["Q_G"]), np.array(given["Q_v"]))
    path = []
    for done in range(iterations + 1):
        path.append(sum(one.filter(U, D, R) for one in filtered))
        gained = path[-1] - path[-2] if done else np.inf
        if done == iterations or (tolerance and gained < tolerance * readings):
            break
        U, D, R = _maximised(filtered)
        Q = ud.covariance(U, D)
        if progress is not None:
            progress(done + 1)
    return EMFit(model, Q, R, np.array(path), tolerance * readings, logs[0])


def _maximised(filtered: Sequence[FilteredLog]) -> tuple[Floats, Floats, Floats]:
    """The M-step: the factor of the mean of E[w wᵀ] over all steps, and the mean of E[v vᵀ] over rows with readings."""
    columns, weights, noises, rows = zip(*[one.expected() for one in filtered], strict=True)
    steps = sum(one.steps for one in filtered)
    U, D = filtered[0].U, filtered[0].D
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
                f'{name} has {len(model.rows[key])} entries, one per row: method="em" fits one for all rows. '
                f"Give one {name}.",
                field=name,
                value=len(model.rows[key]),
            )
    if not is_whole(iterations) or iterations < 1:
        raise ModelError.expected("iterations", iterations, "a whole number from 1", "Try iterations=100.")
    if not isinstance(tolerance, (int, float)) or not 0.0 <= tolerance < np.inf:
        raise ModelError.expected("tolerance", tolerance, "a number >= 0", "Try tolerance=1e-9.")
