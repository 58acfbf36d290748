"""A fit in plain text."""

from typing import TYPE_CHECKING

import numpy as np

from foglight.core.text import counted

if TYPE_CHECKING:
    from foglight.tuning.fit import Fit


def report_of(fit: "Fit") -> str:
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
