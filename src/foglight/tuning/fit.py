"""What tuning found: the optimum with its sentences, tables and text."""

from functools import cached_property
from typing import Any

import numpy as np

from foglight.core.text import counted
from foglight.core.types import Array
from foglight.data.table import Table, for_json
from foglight.tuning.advice import advice_on
from foglight.tuning.optimum import Optimum
from foglight.tuning.profile import Profile, profile_of


class Fit(Optimum, Table):
    """A tuned model, and how well the data know its parameters.

    model: with the parameters that make all logs together most likely.  params, std_errors: {full name: float} of those
    that were free.  intervals: {full name: (low, high)}, 95 %; not for a parameter at a bound.  loglik: of the data,
    without priors.  decrement: gᵀ H⁻¹ g, twice what the log-likelihood can still gain.  converged: whether that is
    below 1e-10.  heldout: a second fit on the first 80 % of the rows, scored on the others, or None.  iterations.
    advice: sentences on what the data can and cannot tell; computed when first asked for, by a few more fits.
    columns(), to_frame(): one row an iteration.  profile(name): the likelihood along one parameter.
    """

    @cached_property
    def advice(self) -> list[str]:
        """What the data can and cannot tell of these parameters."""
        return advice_on(self)

    def columns(self) -> dict[str, Array]:
        """One row an iteration: iteration, loglik, decrement, and the value of each parameter."""
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
        """The log-likelihood at values of one parameter, the others at their best for each.

        points values within `reach` standard errors; about a bound, from there.

        >>> fit.profile("accel").to_frame("pandas")
        """
        return profile_of(self, name, points, reach)

    def as_dict(self) -> dict[str, Any]:
        """All of it as numbers, texts and lists; None for what is not finite."""
        told = {
            "params": self.params,
            "std_errors": self.std_errors,
            "intervals": self.intervals,
            "loglik": self.loglik,
            "decrement": self.decrement,
            "converged": self.converged,
            "iterations": self.iterations,
            "heldout": None if self.heldout is None else self.heldout._asdict(),
            "advice": self.advice,
        }
        found: dict[str, Any] = for_json(told)
        return found

    def __str__(self) -> str:
        return _report(self)

    __repr__ = __str__


def _report(fit: Fit) -> str:
    """The verdict, a table of parameters, the held-out score, the advice."""
    verdict = "Tuned" if fit.converged else f"NOT CONVERGED, decrement {fit.decrement:.1e}"
    lines = [f"{verdict}: log-likelihood {fit.loglik:.10g} after {counted(fit.iterations, 'iteration')}."]
    rows = [("parameter", "value", "std error", "95 % interval")]
    errors, intervals = fit.std_errors, fit.intervals
    for name, value in fit.params.items():
        low, high = intervals.get(name, (np.nan, np.nan))
        bounds = fit.objective.likelihood.model.bounds[name]
        nothing = "at its bound" if value in bounds else "not known"
        told = f"{low:.5g} to {high:.5g}" if name in intervals else nothing
        error = f"{errors[name]:.3g}" if np.isfinite(errors[name]) else "-"
        rows.append((name, f"{value:.6g}", error, told))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines += [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    if fit.heldout is not None:
        tuned, before, count = fit.heldout
        lines.append(
            f"Held out, last {counted(count, 'row')}: log-likelihood {tuned:.5g} a row, {before:.5g} before tuning."
        )
    lines += [f"- {sentence}" for sentence in fit.advice]
    return "\n".join(lines)
