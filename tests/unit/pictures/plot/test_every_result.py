"""Every function of fog.plot on every kind of result, of logs that are hard to draw: it draws, or it refuses in a
sentence of its own, and never with a traceback of NumPy or matplotlib."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from tests.unit.pictures.plot.scenes import FUNCTIONS, KINDS, SCENES, call, prepared, result_of

import foglight as fog

DRAWS = {  # what draws where the log is plain; all else refuses
    "states": "Run, Smoothed, Forecast, Comparison, Fit, Log",
    "innovations": "Run, Smoothed, Comparison, Fit",
    "nis": "Run, last row only, Smoothed, Health, Comparison, Fit",
    "nees": "Run, Smoothed, Comparison, Fit",
    "gain": "Run, Smoothed, Comparison, Fit",
    "map": "Run, Smoothed, Forecast, Comparison, Fit",
    "components": "Run, Smoothed, Forecast, Components, Decomposition, Comparison, Fit",
    "forecast": "Forecast, Backtest",
    "autocorrelation": "Run, last row only, Smoothed, Health, Comparison, Fit",
    "profile": "Fit, Profile",
    "comparison": "Comparison, Backtest",
    "coverage": "Run, last row only, Smoothed, Health, Comparison, Fit, Backtest",
    "belief": "Run, Smoothed, Belief, Fused, Comparison, Fit",
    "bend": "Pushed",
}
QUICK = (
    "Run",
    "last row only",
    "Smoothed",
    "Components",
    "Log",
    "Belief",
    "Fused",
    "Model",
    "nothing",
    "number",
)


def attempted(scene: str, kind: str, function: str, render: bool) -> str:
    """ "" if it draws; else its refusal."""
    try:
        result = result_of(scene, kind)
    except fog.FoglightError as error:
        return str(error)
    try:
        axes = call(function, result, prepared(scene)[2])
    except fog.FoglightError as error:
        return str(error)
    if render:
        first = axes.ravel()[0] if isinstance(axes, np.ndarray) else axes
        first.figure.canvas.draw()
    return ""


def sound(refusal: str) -> bool:
    """Whether a refusal says what was expected, and what to do."""
    return refusal == "" or (refusal.endswith(".") and ("xpected" in refusal or "Run again" in refusal))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_one_row_draws_or_is_refused(function: str) -> None:
    for kind in QUICK:
        assert sound(attempted("one row", kind, function, render=False)), (kind, function)


@pytest.mark.campaign
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scene", SCENES)
def test_everything_draws_or_refuses(scene: str, kind: str) -> None:
    for function in FUNCTIONS:
        refusal = attempted(scene, kind, function, render=True)
        assert sound(refusal), (function, refusal)
        if scene == "plain":
            assert (refusal == "") == (kind in DRAWS[function].split(", ")), (function, refusal)
        plt.close("all")


@pytest.mark.campaign
@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind not in ("last row only", "Model", "nothing", "number")]
)
def test_plot_of_every_result_draws(kind: str) -> None:
    axes: Any = result_of("plain", kind).plot()
    first = axes.ravel()[0] if isinstance(axes, np.ndarray) else axes
    first.figure.canvas.draw()
    assert first.has_data()
