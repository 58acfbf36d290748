"""`profile`: how the likelihood falls off on both sides of a tuned parameter."""

from itertools import pairwise
from typing import Any

import numpy as np

from foglight.core.errors import ModelError
from foglight.model.parameters import full_name
from foglight.pictures.colours import BOUND, FILTERED
from foglight.pictures.plot.canvas import finish, label, logarithmic, panels, with_unit, write
from foglight.pictures.plot.results import refusal, unit_of
from foglight.tuning.fit import Fit
from foglight.tuning.profile import Profile

_DROP = 1.920729410347062  # half the 95 % quantile of χ² with one degree of freedom
_WIDE = 4.0  # the ratio of the ends from which the axis is logarithmic


def profile(result: Any, name: str | None = None, *, points: int = 21, ax: Any = None) -> Any:
    """Draw the profile likelihood of a parameter: the log-likelihood with all others refitted, and its 95 % interval.

    Parameters
    ----------
    result : Fit or Profile
        What to draw. A Fit is refitted at each point; `fit.profile(name)` does it once for several pictures.
    name : str, default the first parameter
        The parameter of a Fit, by full or bare name.
    points : int, default 21
        The number of values of a Fit.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        The panel.

    Raises
    ------
    ModelError
        If an argument is invalid, or result is no fit.

    Notes
    -----
    The interval holds the values whose log-likelihood is at most 1.92 lower than the highest, half the 95 % quantile of
    χ² with one degree of freedom (Wilks 1938).

    Examples
    --------
    >>> ax = fog.plot.profile(fit, "accel", points=5)
    >>> ax.get_xlabel()
    'motion.accel'
    """
    said, unit, best = [], "", None
    if isinstance(result, Fit):
        if not result.names:
            raise ModelError(
                "profile: the fit has no free parameter: expected at least one. Write std=fog.param(0.8).",
                field="result", value=0,
            )  # fmt: skip
        full = full_name(result.names[0] if name is None else name, result.names)
        said = [] if result.converged else ["The fit has not converged."]
        unit, best = unit_of(result.model, full), result.params[full]
        result = result.profile(full, points)
    if not isinstance(result, Profile):
        raise refusal("profile", result, "a Fit or its profile: fit.profile('accel')")
    full = result.name
    values = result.values[:, result.names.index(full)]
    order = np.argsort(values)
    x, y = values[order], (result.logliks - np.nanmax(result.logliks))[order]
    [panel] = panels(1, ax, "profile")
    panel.plot(x, y, ".-", color=FILTERED, lw=1.4, label="log-likelihood")
    panel.axhline(-_DROP, color=BOUND, lw=1.0, ls="--", label="95 % interval")
    low, high = interval(x, y)
    inside = [low if np.isfinite(low) else x[0], high if np.isfinite(high) else x[-1]]
    panel.axvspan(*inside, color=BOUND, alpha=0.15, lw=0)
    if best is not None:
        panel.axvline(best, color=FILTERED, lw=1.0, ls=":", label=f"estimate {best:.4g}")
    if x[0] > 0.0 and x[-1] > _WIDE * x[0]:
        logarithmic(panel, "x")
    panel.set_ylim(bottom=max(float(np.nanmin(y)), -8.0) - 0.3)
    write(panel, f"{full}, profile likelihood", said + _open(low, high, full))
    label(panel, x=with_unit(full, unit), y="log-likelihood − maximum")
    finish([panel], ax)
    return panel


def interval(x: Any, y: Any) -> tuple[float, float]:
    """Where a profile (ascending x, y at most 0) crosses the drop on either side of its top; NaN where it does not."""
    top = int(np.nanargmax(y))

    def crossing(side: Any) -> float:
        for k, after in pairwise(side):
            if y[after] < -_DROP <= y[k]:
                return float(x[k] + (x[after] - x[k]) * (y[k] + _DROP) / (y[k] - y[after]))
        return float("nan")

    return crossing(range(top, -1, -1)), crossing(range(top, len(x)))


def _open(low: float, high: float, name: str) -> list[str]:
    """That the log does not bound the parameter within the values drawn."""
    sides = [side for end, side in ((low, "below"), (high, "above")) if np.isnan(end)]
    return [f"Within these values the log does not bound {name} from {' or '.join(sides)}."] if sides else []
