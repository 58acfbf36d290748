"""`comparison`: which filter explains a log best, and which forecast is worth more than a naive one."""

from typing import Any

import numpy as np

from foglight.diagnostics.backtest import Backtest
from foglight.diagnostics.compare.compare import Comparison
from foglight.pictures.colours import BOUND, FILTERED, MEASURED, WRONG, of_series
from foglight.pictures.plot.canvas import finish, label, panels, ticks, whole_numbers, write
from foglight.pictures.plot.results import refusal

_SAME = 1e-9  # relative difference of log-likelihoods that is rounding


def comparison(result: Any, *, ax: Any = None) -> Any:
    """Draw the methods of a comparison by their NIS and its band, with their log-likelihoods; of a backtest the CRPS of
    the model and of the naive forecast by step.

    Parameters
    ----------
    result : Comparison or Backtest
        What to draw.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        The panel.

    Raises
    ------
    ModelError
        If result compares nothing.

    Examples
    --------
    >>> ax = fog.plot.comparison(fog.compare(model, log, [fog.EKF(), fog.UKF()]))
    >>> [tick.get_text() for tick in ax.get_yticklabels()]
    ['EKF()', 'UKF()']
    """
    if isinstance(result, Comparison):
        return _methods(result, ax)
    if isinstance(result, Backtest):
        return _against_naive(result, ax)
    raise refusal("comparison", result, "a Comparison or a Backtest: fog.compare(model, log)")


def _methods(found: Comparison, ax: Any) -> Any:
    """One line a method: its mean NIS within the band, and its log-likelihood less that of the best one in words."""
    [panel] = panels(1, ax, "comparison")
    rows = found.rows
    best = max((row.loglik for row in rows if np.isfinite(row.loglik)), default=np.nan)
    for k, row in enumerate(rows):
        if row.refused:
            panel.plot([1.0], [k], "x", color=WRONG, label="refused")
            continue
        panel.hlines(k, row.nis.low, row.nis.high, color=BOUND, lw=6, alpha=0.5, label="95 % band")
        inside = row.nis.low <= row.nis.mean <= row.nis.high
        panel.plot([row.nis.mean], [k], "o", color=FILTERED if inside else WRONG, ms=7,
                   label="NIS" if inside else "NIS, outside its band")  # fmt: skip
        less = best - row.loglik
        words = f"log-likelihood {row.loglik:.6g}"
        words += f", {less:.3g} less" if less > _SAME * max(abs(best), 1.0) else ""
        panel.annotate(
            words, (row.nis.mean, k), (0, 9), textcoords="offset points", fontsize="small", ha="center"
        )
    ticks(panel, [row.name for row in rows])
    panel.set_ylim(len(rows) - 0.5, -0.6)
    panel.margins(x=0.25)
    refused = [f"{row.name} is refused: {row.refused}" for row in rows if row.refused]
    advice = found.advice[0].upper() + found.advice[1:]
    write(panel, "Methods on one log", [advice, *refused])
    label(panel, x="NIS per component")
    finish([panel], ax)
    return panel


def _against_naive(found: Backtest, ax: Any) -> Any:
    """The CRPS by step, of the model and of the naive forecast."""
    [panel] = panels(1, ax, "comparison")
    steps = np.arange(1, found.mean.shape[1] + 1)
    worse = []
    many = len(found.measures) > 1
    for j, measure in enumerate(found.measures):
        mine, naive = found.scores.crps[:, j], found.naive.crps[:, j]
        colour = of_series(j) if many else FILTERED
        panel.plot(steps, mine, ".-", color=colour, label=f"{measure}, model")
        panel.plot(steps, naive, ".--", color=colour if many else MEASURED, label=f"{measure}, naive")
        behind = steps[mine > naive]
        if len(behind):
            worse.append(f"{measure}: the model is worse than the naive forecast {_ahead(behind)}.")
    write(panel, "Forecasts against the naive one", worse)
    label(panel, x="steps ahead", y="CRPS")
    panel.set_ylim(bottom=0.0)
    whole_numbers(panel)
    finish([panel], ax)
    return panel


def _ahead(steps: Any) -> str:
    if len(steps) == 1:
        return f"{steps[0]} steps ahead"
    return f"at {len(steps)} steps ahead, the first of them {steps[0]}"
