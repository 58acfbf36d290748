"""Lines, points and bands over time, thinned so that millions of rows stay quick and no spike is hidden."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from foglight.pictures.decimation import decimated

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Values = NDArray[Any]
_NEARLY_ALL, _SILENCE = 0.9, 20.0  # share of steps, and how many times longer a silence is than these


def line(ax: "Axes", t: Values, y: Values, colour: str, name: str = "", **style: Any) -> None:
    """A line through y, broken where it is missing and in silences; a value between two missing ones is a dot."""
    t, y = _with_silences(t, y)
    at = decimated(t, y)
    t, y = t[at], np.where(np.isfinite(y[at]), y[at], np.nan)
    gone = np.isnan(np.concatenate([[np.nan], y, [np.nan]]))
    alone = ~gone[1:-1] & gone[:-2] & gone[2:]
    style = {"lw": 1.4, **style}
    shown: dict[str, Any] = {"label": name} if name else {}
    if alone.all() or (alone.sum() > 0.5 * (~gone).sum()):  # a line of dots
        ax.plot(t, y, ".", color=colour, ms=5, **shown)
        return
    ax.plot(t, y, color=colour, **style, **shown)
    if alone.any():
        ax.plot(t[alone], y[alone], ".", color=colour, ms=4)


def points(ax: "Axes", t: Values, y: Values, colour: str, name: str = "", **style: Any) -> None:
    """Dots, smaller where there are many; none where y is missing."""
    there = np.flatnonzero(np.isfinite(y))
    at = there[decimated(t[there], y[there])] if len(there) else there
    size = 5.0 if len(at) <= 100 else 3.5 if len(at) <= 1000 else 2.0
    shown: dict[str, Any] = {"label": name} if name else {}
    ax.plot(
        t[at], y[at], color=colour, **{"ls": "", "marker": ".", "ms": size, "zorder": 1.9, **style}, **shown
    )


def band(
    ax: "Axes", t: Values, low: Values, high: Values, colour: str, name: str = "", alpha: float = 0.25
) -> None:
    """The area from low to high; none where either is not finite. A single row has a bar."""
    known = np.isfinite(low) & np.isfinite(high)
    t, low, high = _with_silences(t, np.where(known, low, np.nan), np.where(known, high, np.nan))
    known = np.isfinite(low)
    at = np.union1d(decimated(t, low), decimated(t, high))
    t, low, high, known = t[at], low[at], high[at], known[at]
    shown: dict[str, Any] = {"label": name} if name else {}
    beside = np.concatenate([[False], known, [False]])
    alone = known & ~beside[:-2] & ~beside[2:]
    if not (known & ~alone).any():
        ax.vlines(t[alone], low[alone], high[alone], color=colour, alpha=2 * alpha, lw=4, **shown)
        return
    ax.fill_between(t, low, high, where=list(known), color=colour, alpha=alpha, lw=0, **shown)
    if alone.any():
        ax.vlines(t[alone], low[alone], high[alone], color=colour, alpha=2 * alpha, lw=2)


def _with_silences(t: Values, *series: Values) -> tuple[Values, ...]:
    """Times and series with a missing row in each silence: a step much longer than nearly all others."""
    steps = np.diff(t).astype(float)
    usual = float(np.quantile(steps, _NEARLY_ALL)) if len(steps) else 0.0
    at = np.flatnonzero(steps > _SILENCE * usual) + 1 if usual > 0.0 else np.zeros(0, np.int64)
    if not len(at):
        return t, *series
    return np.insert(t, at, t[at]), *(np.insert(y, at, np.nan) for y in series)


def unbroken(y: Values) -> Values:
    """An angle without jumps of whole turns from one row to the next, missing ones skipped."""
    found = np.array(y, float)
    there = np.isfinite(found)
    found[there] = np.unwrap(found[there])
    return found
