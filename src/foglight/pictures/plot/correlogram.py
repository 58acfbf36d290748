"""`autocorrelation`: whether the innovations of a component know anything of those before them."""

from typing import Any

import numpy as np

from foglight.pictures.colours import BOUND, FILTERED, WRONG
from foglight.pictures.plot import sentences
from foglight.pictures.plot.canvas import Panels, finish, label, panels, some, whole_numbers, write
from foglight.pictures.plot.results import statistics_of

_LEVEL = 1e-3


def autocorrelation(result: Any, names: Any = None, *, ax: Any = None) -> Panels:
    """Draw the autocorrelation of the innovations of each component by lag, with 95 % bounds.

    Parameters
    ----------
    result : Run, Health, Smoothed, Comparison, Fit or EMFit
        What to draw; of a Comparison its best run, of a fit the run of the tuned model. All tracks count together.
    names : str or sequence of str, default the first six
        The components, such as "radar.range".
    ax : Axes or sequence of Axes, optional
        One for each component.

    Returns
    -------
    ndarray of Axes
        The panels, from the top.

    Raises
    ------
    ModelError
        If an argument is invalid, or result has no run.

    Examples
    --------
    >>> axes = fog.plot.autocorrelation(run)
    >>> axes[0].get_title(loc="left")
    'radar.gap, autocorrelation of innovations'
    """
    found, _ = statistics_of(result, "autocorrelation")
    columns = found["whiteness"].columns()
    own = columns["first"] == columns["second"]
    every = list(dict.fromkeys([*map(str, columns["first"]), *map(str, columns["second"])]))
    every = every or [name.removeprefix("nis.") for name in found["nis"].columns() if name.startswith("nis.")]
    drawn, notes = some(every, names, "autocorrelation")
    axes = panels(len(drawn), ax, "autocorrelation")
    for k, (panel, name) in enumerate(zip(axes, drawn, strict=True)):
        rows = own & (columns["first"] == name)
        lag, r, bound = (columns[key][rows] for key in ("lag", "correlation", "bound"))
        panel.axhline(0.0, color=BOUND, lw=0.8)
        if not len(lag):
            write(panel, name, [f"Too few readings of {name} for an autocorrelation."])
            panel.set_ylim(-1.0, 1.0)
            continue
        panel.fill_between(lag, -bound, bound, color=BOUND, alpha=0.25, lw=0, label="95 % bounds")
        beyond = np.abs(r) > bound
        for which, colour, text in ((~beyond, FILTERED, "correlation"), (beyond, WRONG, "beyond the bounds")):
            if which.any():
                panel.vlines(lag[which], 0.0, r[which], color=colour, lw=1.6)
                panel.plot(lag[which], r[which], "o", color=colour, ms=4, label=text)
        write(
            panel,
            f"{name}, autocorrelation of innovations",
            _coloured(lag, beyond, r, name),
            notes if k == 0 else (),
        )
        label(panel, y="correlation")
        whole_numbers(panel)
    label(axes[-1], x="lag (readings)")
    return finish(axes, ax)


def _coloured(lag: Any, beyond: Any, r: Any, name: str) -> list[str]:
    """That more lags are beyond their bounds than chance puts there."""
    from foglight.diagnostics.check.statistics import share_bounds

    _, most = share_bounds(0.05, len(lag), sentences.LEVEL)
    if beyond.mean() <= most:
        return []
    k = int(np.argmax(np.abs(r)))
    return [
        f"{int(beyond.sum())} of {len(lag)} lags are beyond their bounds, most of all lag {lag[k]} with {r[k]:+.2g}: "
        f"the innovations of {name} are correlated."
    ]  # fmt: skip
