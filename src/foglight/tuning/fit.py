"""The result of tuning: the optimum with its advice, tables and text. To show it computes nothing."""

from functools import cached_property
from typing import Any

import numpy as np

from foglight.core.pictured import Reported
from foglight.core.text import counted
from foglight.core.types import Array
from foglight.data.log import Log
from foglight.data.table import Table, for_json
from foglight.model.model import Model
from foglight.tuning.advice import advice_on
from foglight.tuning.coefficients import Estimate, estimates
from foglight.tuning.fit_check import FitCheck, checked
from foglight.tuning.objective import Objective, Progress
from foglight.tuning.optimum import HeldOut, Optimum
from foglight.tuning.profile import Profile, profile_of
from foglight.tuning.search import Found


class Fit(Optimum, Table, Reported):
    """A tuned model and the uncertainty of its parameters, as `fog.tune` returns them; prints as a table and advice.

    Attributes
    ----------
    model : Model
        The model with the parameters that make all logs together most likely.
    params : dict of str to float
        The estimates of the free parameters, by full name.
    std_errors : dict of str to float
        Their standard errors; NaN at a bound, and for all of them if the filter is lost.
    intervals : dict of str to (float, float)
        Their 95 % intervals; none where there is no standard error.
    cov : array (p, p)
        The covariance of the estimates, of log θ for a parameter θ bounded below by 0.
    coefficients : dict of str to (value, std_error)
        What the parameters stand for, such as `ar_1` of `fog.arima`, by the delta method; {} in most models.
    loglik : float
        The log-likelihood of the data, without priors.
    decrement : float
        gᵀ H⁻¹ g, twice what the log-likelihood can still gain.
    converged : bool
        Whether the decrement is at most 1e-10, `is_maximum`, and the filter is not lost.
    is_maximum : bool
        Whether the second derivative is that of a maximum: no combination of parameters, and no variance at 0, makes
        the log more likely nearby. False at a saddle, and where the filter breaks nearby.
    other_maxima : list of OtherMaximum
        Other maxima that the search found and whose log-likelihood is at most 5 lower, the highest first: `params` and
        `loglik` of each.
    iterations : int
        The number of steps of the search.
    heldout : HeldOut or None
        Mean log-likelihoods per row of the last 20 % of the rows: `tuned` by a second fit on the first 80 %, and
        `before` tuning; and their number, `rows`.
    lost : list of str
        Empty, or one sentence if the filter at these parameters no longer follows its readings, and from which row on.
    advice : list of str
        What the data can and cannot determine. What no parameter can mend is said by `check`.
    names : tuple of str
        The full names of the free parameters.
    log : Log
        The log, or the first of several.

    Examples
    --------
    >>> fit = fog.tune(model, log)
    >>> fit.converged, round(fit.params["radar.std"], 2)
    (True, 0.81)
    """

    def __init__(
        self, objective: Objective, found: Found, heldout: HeldOut | None, logs: tuple[Log, ...], model: Model
    ) -> None:
        super().__init__(objective, found, heldout, logs, model)
        self.advice: list[str] = advice_on(self)

    def check(self, *, effort: str = "normal", progress: Progress | None = None) -> FitCheck:
        """Check the tuned model on the logs that it was tuned on: what no choice of its parameters can mend.

        It looks better there than on a log that it has not seen: `fog.check(fog.run(fit.model, other))`.

        Parameters
        ----------
        effort : {"normal", "quick", "full"}, default "normal"
            As in `fog.check`.
        progress : callable, default None
            Called with the number of rows filtered so far.

        Returns
        -------
        FitCheck
            Prints as one sentence a line; `ok`, `sentences`, and in `healths` the result of `fog.check` for each log.

        Raises
        ------
        ModelError
            If `effort` is unknown.

        Examples
        --------
        >>> print(fit.check())
        OK: nothing speaks against the tuned model.
        """
        return checked(self, effort, progress)

    @cached_property
    def coefficients(self) -> dict[str, Estimate]:
        """What the parameters stand for, by name."""
        return estimates(self)

    def columns(self) -> dict[str, Array]:
        """The path of the search, one row per iteration.

        Returns
        -------
        dict of str to array
            iteration, loglik, decrement, and the value of each free parameter by its full name.
        """
        logliks, decrements, values = zip(*self.ascent.path, strict=True)
        found = {
            "iteration": np.arange(len(logliks)),
            "loglik": np.array(logliks),
            "decrement": np.array(decrements),
        }
        return found | dict(zip(self.names, np.array(values).T, strict=True))

    def _stamps(self) -> None:
        return None  # the rows are not the log's

    def profile(self, name: str, points: int = 21, reach: float = 3.0) -> Profile:
        """The profile likelihood: the log-likelihood along one parameter, with all others refitted at each value.

        Parameters
        ----------
        name : str
            The parameter, by full or bare name.
        points : int, default 21
            The number of values.
        reach : float, default 3.0
            The values lie within this many standard errors of the estimate; beside a bound, on one side of it.

        Returns
        -------
        Profile
            A table with `columns()` and `to_frame()`: loglik, and the value of each parameter.

        Raises
        ------
        ModelError
            If there is no such free parameter, or `points` or `reach` is invalid.

        Examples
        --------
        >>> fit.profile("accel", points=5).columns()["motion.accel"].round(2)
        array([0.15, 0.22, 0.32, 0.46, 0.67])
        """
        return profile_of(self, name, points, reach)

    def as_dict(self) -> dict[str, Any]:
        """The fit in plain numbers, texts and lists, for JSON; None for NaN and infinity.

        Returns
        -------
        dict
            params, std_errors, intervals, coefficients, loglik, decrement, converged, is_maximum, other_maxima,
            iterations, heldout and advice.
        """
        plain: dict[str, Any] = for_json({
            "params": self.params,
            "std_errors": self.std_errors,
            "intervals": self.intervals,
            "coefficients": {name: one._asdict() for name, one in self.coefficients.items()},
            "loglik": self.loglik,
            "decrement": self.decrement,
            "converged": self.converged,
            "is_maximum": self.is_maximum,
            "other_maxima": [other._asdict() for other in self.other_maxima],
            "iterations": self.iterations,
            "heldout": None if self.heldout is None else self.heldout._asdict(),
            "advice": self.advice,
        })  # fmt: skip
        return plain

    def __str__(self) -> str:
        return report(self)

    __repr__ = __str__


def report(fit: Fit, found: FitCheck | None = None) -> str:
    """A summary, a table of parameters, the held-out score, the advice, and what its check found, if that is given."""
    why = f"decrement {fit.decrement:.1e}" if fit.is_maximum else "not a maximum"
    if fit.lost:
        why = "the filter is lost"
    outcome = "Tuned" if fit.converged else f"NOT CONVERGED, {why}"
    lines = [f"{outcome}: log-likelihood {fit.loglik:.10g} after {counted(fit.iterations, 'iteration')}."]
    rows = [("parameter", "value", "std error", "95 % interval")]
    errors, intervals = fit.std_errors, fit.intervals
    for name, value in fit.params.items():
        low, high = intervals.get(name, (np.nan, np.nan))
        i = fit.names.index(name)
        reason = "at its bound" if value in (fit.objective.low[i], fit.objective.high[i]) else "not known"
        interval = f"{low:.5g} to {high:.5g}" if name in intervals else reason
        error = f"{errors[name]:.3g}" if np.isfinite(errors[name]) else "-"
        rows.append((name, f"{value:.6g}", error, interval))
    for name, (value, std_error) in fit.coefficients.items():
        rows.append(
            (name, f"{value:.6g}", f"{std_error:.3g}" if np.isfinite(std_error) else "-", "from the above")
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines += [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    if fit.heldout is not None:
        tuned, before, count = fit.heldout
        lines.append(
            f"Held out, last {counted(count, 'row')}: log-likelihood {tuned:.5g} per row, {before:.5g} before tuning."
        )
    lines += [f"- {sentence}" for sentence in fit.advice]
    if found is not None:
        lines.append(str(found))
    elif fit.converged:
        lines.append("Not checked: fit.check() says whether the tuned model fits its log.")
    return "\n".join(lines)
