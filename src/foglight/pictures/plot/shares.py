"""`coverage`: the share of readings within regions that should hold a stated share of them."""

from typing import Any

import numpy as np

from foglight.diagnostics.backtest import Backtest
from foglight.diagnostics.check.statistics import share_bounds
from foglight.diagnostics.forecast_scores import COVERED
from foglight.pictures.colours import BOUND, of_series
from foglight.pictures.plot import sentences
from foglight.pictures.plot.canvas import finish, label, panels, whole_numbers, write
from foglight.pictures.plot.results import statistics_of


def coverage(result: Any, *, ax: Any = None) -> Any:
    """Draw the share of readings within regions that hold 50, 90 and 95 % of them if the model is right, by sensor.

    Parameters
    ----------
    result : Run, Health, Backtest, Smoothed, Comparison, Fit or EMFit
        What to draw; of a Comparison its best run, of a fit the run of the tuned model; of a Backtest the shares within
        80 and 95 % by step. All tracks count together.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        The panel.

    Raises
    ------
    ModelError
        If result has no run.

    Examples
    --------
    >>> ax = fog.plot.coverage(run)
    >>> ax.get_xlabel()
    'stated (%)'
    """
    if isinstance(result, Backtest):
        return _by_step(result, ax)
    found, _ = statistics_of(result, "coverage")
    columns, nis = found["coverage"].columns(), found["nis"].columns()
    sensors = list(dict.fromkeys(map(str, columns["sensor"])))
    [panel] = panels(1, ax, "coverage")
    panel.plot([40.0, 100.0], [40.0, 100.0], color=BOUND, lw=1.0, ls="--", label="as stated")
    said = []
    for k, sensor in enumerate(sensors):
        rows = columns["sensor"] == sensor
        stated, share = columns["expected"][rows], columns["share"][rows]
        count = int(np.isfinite(nis[f"nis.{sensor}"]).sum())
        if not count:
            said.append(f"No reading of {sensor} was used.")
            continue
        panel.plot(100.0 * stated, 100.0 * share, "o-", color=of_series(k), lw=1.2, label=sensor)
        ends = np.array([share_bounds(float(p), count, sentences.LEVEL) for p in stated])
        panel.vlines(100.0 * stated, *(100.0 * ends.T), color=BOUND, alpha=0.5, lw=5, label="by chance")
        said += _outside(sensor, stated, share, ends)
    write(panel, "Readings within their regions", said)
    label(panel, x="stated (%)", y="found (%)")
    finish([panel], ax)
    return panel


def _outside(sensor: str, stated: Any, share: Any, ends: Any) -> list[str]:
    """The region whose share is farthest from what is stated, if chance does not explain it."""
    beyond = (share < ends[:, 0]) | (share > ends[:, 1])
    if not beyond.any():
        return []
    k = int(np.argmax(np.where(beyond, np.abs(share - stated), -1.0)))
    size = "too small" if share[k] < stated[k] else "too large"
    return [
        f"{100 * share[k]:.3g} % of {sensor} are in the region that should hold {100 * stated[k]:g} %: it is {size}."
    ]


def _by_step(found: Backtest, ax: Any) -> Any:
    """Of a backtest, the shares within intervals by step."""
    [panel] = panels(1, ax, "coverage")
    steps = np.arange(1, found.mean.shape[1] + 1)
    said = []
    for i, p in enumerate(COVERED):
        panel.axhline(100.0 * p, color=BOUND, lw=1.0, ls="--")
        for j, measure in enumerate(found.measures):
            share = found.scores.covered[i, :, j]
            shown = f"{measure} in {100 * p:g} %"
            panel.plot(steps, 100.0 * share, ".-" if i else ".-.", color=of_series(j), label=shown)
            said += off_share(found, share - p, p, j)
    write(panel, "Readings within intervals of the forecast", said[:2])
    label(panel, x="steps ahead", y="found (%)")
    whole_numbers(panel)
    finish([panel], ax)
    return panel


def off_share(found: Backtest, off: Any, p: float, j: int) -> list[str]:
    """The step whose share of a measure is farthest off, if chance does not explain it.

    Forecasts of h steps from origins that are nearer to one another than h err alike, and count as fewer.
    """
    if not np.isfinite(off).any():
        return []
    k = int(np.nanargmax(np.abs(off)))
    count = found.scores.count[k, j] * min(1.0, found._every / (k + 1))
    if abs(off[k]) <= sentences.chance(p * (1.0 - p) / max(count, 1.0)):
        return []
    size = "narrow" if off[k] < 0 else "wide"
    return [
        f"{100 * (p + off[k]):.3g} % of {found.measures[j]} are within {100 * p:g} % intervals {k + 1} steps ahead: "
        f"these are too {size}."
    ]
