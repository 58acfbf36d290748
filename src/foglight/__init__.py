"""See through the noise: a Kalman-filter compiler for Python.

A model written once in plain Python goes through a compiled scan over a log and gives a run. This is the one
door: a name is imported when it is first used, so that `import foglight` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from foglight.core.pictured import DRAWN_BY as _DRAWN_BY
from foglight.core.version import __version__ as __version__

if TYPE_CHECKING:
    from foglight import motion, noise, rotation, sensing
    from foglight.adapters.targets.export import export_c
    from foglight.core.errors import (
        DataError,
        FoglightError,
        FoglightWarning,
        ModelError,
        NumericalError,
        StateError,
        Status,
        TimeError,
    )
    from foglight.data.log import Log
    from foglight.data.parts import open_log
    from foglight.diagnostics.anomalies import Anomalies, anomalies
    from foglight.diagnostics.backtest import Backtest, backtest
    from foglight.diagnostics.check.check import check
    from foglight.diagnostics.check.health import Code, Health
    from foglight.diagnostics.compare.compare import Comparison, compare
    from foglight.diagnostics.compare.push import push
    from foglight.diagnostics.explain import explain
    from foglight.diagnostics.faults import suspects
    from foglight.inference.batches.batches import batches
    from foglight.inference.components import Components, Decomposition
    from foglight.inference.fault_evidence import Suspect, Suspects
    from foglight.inference.forecast import Forecast, forecast
    from foglight.inference.fuse import fuse
    from foglight.inference.news import News, news
    from foglight.inference.run import Run, run
    from foglight.inference.sample import sample
    from foglight.inference.simulate import simulate
    from foglight.inference.smooth import Smoothed, smooth
    from foglight.inference.steady_state import steady_state
    from foglight.inference.step import predict, update
    from foglight.live.filter import Live
    from foglight.live.many import restore_many, save_many
    from foglight.live.online import online, restore
    from foglight.live.results import Info
    from foglight.live.watch import Watch, watch
    from foglight.methods.adaptation import adapt
    from foglight.methods.ekf import EKF, KF
    from foglight.methods.ukf import CKF, UKF
    from foglight.model.belief import Belief
    from foglight.model.cross_noise import with_cross_noise
    from foglight.model.helper_states import bias, coloured, delay, facing, lever_arm, scale
    from foglight.model.linear_model import linear_model
    from foglight.model.model import Model, Motion, Sensor, opaque
    from foglight.model.model_file import load_model
    from foglight.model.parameters import param, shared
    from foglight.model.series.arima import arima
    from foglight.model.series.dynamic_factor import dynamic_factor
    from foglight.model.series.intervention import intervention
    from foglight.model.series.seasonal import fourier
    from foglight.model.series.structural import structural
    from foglight.model.series.vector_autoregression import vector_autoregression
    from foglight.model.table import table
    from foglight.pictures import plot
    from foglight.pictures.report.report import report
    from foglight.tuning.choose_components import ComponentChoice, choose_components
    from foglight.tuning.each.fits import Fits
    from foglight.tuning.each.tune_each import tune_each
    from foglight.tuning.em import EMFit
    from foglight.tuning.fit import Fit
    from foglight.tuning.tune import tune

__all__ = [
    "CKF",
    "EKF",
    "KF",
    "UKF",
    "Anomalies",
    "Backtest",
    "Belief",
    "Code",
    "Comparison",
    "ComponentChoice",
    "Components",
    "DataError",
    "Decomposition",
    "EMFit",
    "Fit",
    "Fits",
    "FoglightError",
    "FoglightWarning",
    "Forecast",
    "Health",
    "Info",
    "Live",
    "Log",
    "Model",
    "ModelError",
    "Motion",
    "News",
    "NumericalError",
    "Run",
    "Sensor",
    "Smoothed",
    "StateError",
    "Status",
    "Suspect",
    "Suspects",
    "TimeError",
    "Watch",
    "adapt",
    "anomalies",
    "arima",
    "backtest",
    "batches",
    "bias",
    "check",
    "choose_components",
    "coloured",
    "compare",
    "delay",
    "dynamic_factor",
    "explain",
    "export_c",
    "facing",
    "forecast",
    "fourier",
    "fuse",
    "intervention",
    "lever_arm",
    "linear_model",
    "load_model",
    "motion",
    "news",
    "noise",
    "online",
    "opaque",
    "open_log",
    "param",
    "plot",
    "predict",
    "push",
    "report",
    "restore",
    "restore_many",
    "rotation",
    "run",
    "sample",
    "save_many",
    "scale",
    "sensing",
    "shared",
    "simulate",
    "smooth",
    "steady_state",
    "structural",
    "suspects",
    "table",
    "tune",
    "tune_each",
    "update",
    "vector_autoregression",
    "watch",
    "with_cross_noise",
]

# Which module holds which public names; ready-made parts and pictures are modules themselves.
_PARTS = {
    "motion": "motion",
    "noise": "noise",
    "plot": "pictures.plot",
    "rotation": "rotation",
    "sensing": "sensing",
}
_HOMES = {
    "core.errors": "DataError FoglightError FoglightWarning ModelError NumericalError StateError Status TimeError",
    "data.log": "Log",
    "data.parts": "open_log",
    "methods.adaptation": "adapt",
    "methods.ekf": "EKF KF",
    "methods.ukf": "CKF UKF",
    "model.belief": "Belief",
    "model.cross_noise": "with_cross_noise",
    "model.helper_states": "bias coloured delay facing lever_arm scale",
    "model.linear_model": "linear_model",
    "model.model": "Model Motion Sensor opaque",
    "model.model_file": "load_model",
    "model.parameters": "param shared",
    "model.series.arima": "arima",
    "model.series.dynamic_factor": "dynamic_factor",
    "model.series.intervention": "intervention",
    "model.series.seasonal": "fourier",
    "model.series.structural": "structural",
    "model.series.vector_autoregression": "vector_autoregression",
    "model.table": "table",
    "inference.batches.batches": "batches",
    "inference.components": "Components Decomposition",
    "inference.forecast": "Forecast forecast",
    "inference.fuse": "fuse",
    "inference.news": "News news",
    "inference.run": "Run run",
    "inference.sample": "sample",
    "inference.simulate": "simulate",
    "inference.smooth": "Smoothed smooth",
    "inference.steady_state": "steady_state",
    "inference.step": "predict update",
    "live.filter": "Live",
    "live.many": "restore_many save_many",
    "live.online": "online restore",
    "live.results": "Info",
    "live.watch": "Watch watch",
    "diagnostics.anomalies": "Anomalies anomalies",
    "diagnostics.backtest": "Backtest backtest",
    "diagnostics.check.check": "check",
    "diagnostics.check.health": "Code Health",
    "diagnostics.compare.compare": "Comparison compare",
    "diagnostics.compare.push": "push",
    "diagnostics.explain": "explain",
    "diagnostics.faults": "suspects",
    "inference.fault_evidence": "Suspect Suspects",
    "pictures.report.report": "report",
    "adapters.targets.export": "export_c",
    "tuning.choose_components": "ComponentChoice choose_components",
    "tuning.each.fits": "Fits",
    "tuning.each.tune_each": "tune_each",
    "tuning.em": "EMFit",
    "tuning.fit": "Fit",
    "tuning.tune": "tune",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

if not TYPE_CHECKING:  # type checkers take the imports above, and refuse what is not among them

    def __getattr__(name: str) -> Any:
        if name in _PARTS:
            globals()[name] = import_module(f"foglight.{_PARTS[name]}")
            return globals()[name]
        if name not in _HOME:
            raise AttributeError(f"module 'foglight' has no attribute {name!r}")
        found = getattr(import_module(f"foglight.{_HOME[name]}"), name)
        globals()[name] = found  # from now on without this call
        return found


def _plotted(result: Any, *args: Any, **options: Any) -> Any:
    """Draw a result, with what draws imported when the first picture is asked for."""
    return import_module("foglight.pictures.plot.choice").plotted(result, *args, **options)


def _reported(result: Any, path: Any, **options: Any) -> Any:
    """Write the report of a result, likewise."""
    return import_module("foglight.pictures.report.report").report(result, path, **options)


def _tabulated(result: Any) -> Any:
    """What a notebook shows of a result, likewise."""
    return import_module("foglight.pictures.notebook.views").view_of(result)


_DRAWN_BY.update(plot=_plotted, report=_reported, html=_tabulated)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
