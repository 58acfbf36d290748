"""`bend`: points of a Gaussian through a curve, and the Gaussians that filters make of them."""

from typing import Any

import numpy as np

from foglight.core.checks import is_whole
from foglight.core.errors import ModelError
from foglight.diagnostics.compare.push import Pushed
from foglight.pictures.colours import GREY, TRUTH, of_series
from foglight.pictures.plot.canvas import finish, label, panels, write
from foglight.pictures.plot.planar import ellipse
from foglight.pictures.plot.results import refusal

_SHOWN = 0.95
_SLIGHT = 0.05  # standard deviations: an error that nobody would notice
_STYLES = ("-", "--", "-.", ":")


def bend(result: Any, *, values: Any = (0, 1), points: int = 1000, seed: int = 1, ax: Any = None) -> Any:
    """Draw points of a Gaussian after a curved function, their true moments, and those that each method assumes.

    Parameters
    ----------
    result : Pushed
        What `fog.push` returned.
    values : tuple of int, default (0, 1)
        Which two values of the function to draw, as a plane with 95 % ellipses; of a function of one value its density.
    points : int, default 1000
        How many random points.
    seed : int, default 1
        Of these points.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        The panel.

    Raises
    ------
    ModelError
        If an argument is invalid, or result is not what `fog.push` returned.

    Examples
    --------
    >>> polar = fog.Belief([1.0, 1.571], std=[0.02, 0.262], names=("range", "bearing"))
    >>> ax = fog.plot.bend(fog.push(polar, lambda x: [x.range * np.cos(x.bearing), x.range * np.sin(x.bearing)]))
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('f[0]', 'f[1]')
    """
    if not isinstance(result, Pushed):
        raise refusal("bend", result, "what fog.push returned: fog.push(belief, f)")
    m = len(result.true.mean)
    _, y = result.samples(points, seed)
    [panel] = panels(1, ax, "bend")
    if m == 1:
        _density(panel, result, y[:, 0])
    else:
        chosen = list(values) if isinstance(values, tuple | list) else [values]
        if len(chosen) != 2 or not all(is_whole(v) and 0 <= v < m for v in chosen):
            raise ModelError.expected(
                "values", values, f"two numbers from 0 to {m - 1}", "Write values=(0, 1)."
            )
        _plane(panel, result, y, chosen)
    worst = max(part.worst for part in result.methods.values())
    write(panel, "Points through a curve", [result.finding] if worst > _SLIGHT else [])
    finish([panel], ax)
    return panel


def _plane(panel: Any, result: Pushed, y: Any, chosen: list[int]) -> None:
    """Two values of the function, with the ellipses of the true moments and of each method."""
    panel.plot(y[:, chosen[0]], y[:, chosen[1]], ".", color=GREY, ms=2, alpha=0.6, label="points")
    parts = {"true": result.true, **result.methods}
    for k, (name, part) in enumerate(parts.items()):
        mean, cov = part.mean[chosen], part.cov[np.ix_(chosen, chosen)]
        colour, style = (TRUTH, "-") if k == 0 else (of_series(k - 1 if k < 4 else k), _STYLES[(k - 1) % 4])
        ring = ellipse(mean, cov, _SHOWN)
        panel.plot(ring[:, 0], ring[:, 1], color=colour, ls=style, lw=2.4 if k == 0 else 1.5, label=name)
        panel.plot(*mean, "o", color=colour, ms=5)
    label(panel, x=f"f[{chosen[0]}]", y=f"f[{chosen[1]}]")
    panel.set_aspect("equal", adjustable="datalim")


def _density(panel: Any, result: Pushed, y: Any) -> None:
    """The density of one value of the function, and the Gaussians of each method."""
    panel.hist(y, bins=min(60, max(len(y) // 15, 5)), density=True, color=GREY, alpha=0.5, label="points")
    for k, (name, part) in enumerate({"true": result.true, **result.methods}.items()):
        mean, std = float(part.mean[0]), float(part.std[0])
        colour, style = (TRUTH, "-") if k == 0 else (of_series(k - 1 if k < 4 else k), _STYLES[(k - 1) % 4])
        if std > 0.0:
            x = mean + std * np.linspace(-4.0, 4.0, 201)
            density = np.exp(-0.5 * ((x - mean) / std) ** 2) / (std * np.sqrt(2.0 * np.pi))
            panel.plot(x, density, color=colour, ls=style, lw=2.4 if k == 0 else 1.5, label=name)
        else:
            panel.axvline(mean, color=colour, ls=style, label=name)
    label(panel, x="f[0]", y="density")
