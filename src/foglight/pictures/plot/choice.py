"""Which picture fits a result: what `plot()` of results draws."""

from collections.abc import Callable
from typing import Any

from foglight.data.log import Log
from foglight.diagnostics.backtest import Backtest
from foglight.diagnostics.check.health import Health
from foglight.diagnostics.compare.compare import Comparison
from foglight.diagnostics.compare.push import Pushed
from foglight.inference.components import Components, Decomposition
from foglight.inference.forecast import Forecast
from foglight.inference.fuse import Fused
from foglight.inference.run import Run
from foglight.inference.smooth import Smoothed
from foglight.model.belief import Belief
from foglight.pictures.plot.component_panels import components
from foglight.pictures.plot.densities import belief
from foglight.pictures.plot.fan import forecast
from foglight.pictures.plot.likelihood import profile
from foglight.pictures.plot.methods_compared import comparison
from foglight.pictures.plot.pushed_points import bend
from foglight.pictures.plot.results import refusal
from foglight.pictures.plot.shares import coverage
from foglight.pictures.plot.squares import nis
from foglight.pictures.plot.state_panels import states
from foglight.tuning.em import EMFit
from foglight.tuning.fit import Fit
from foglight.tuning.profile import Profile

_PICTURES: list[tuple[tuple[type, ...], Callable[..., Any]]] = [
    ((Run, Smoothed, EMFit, Log), states),
    ((Forecast,), forecast),
    ((Health,), nis),
    ((Fit, Profile), profile),
    ((Comparison,), comparison),
    ((Backtest,), coverage),
    ((Components, Decomposition), components),
    ((Belief, Fused), belief),
    ((Pushed,), bend),
]


def plotted(result: Any, *args: Any, **options: Any) -> Any:
    """The picture of a result; see `Pictured.plot`."""
    for kinds, draw in _PICTURES:
        if isinstance(result, kinds):
            return draw(result, *args, **options)
    raise refusal("plot", result, "a result of Foglight")
